"""Users in numbers, with the albums each has."""

from __future__ import annotations

from dataclasses import dataclass

from fapfav.browse.sums import Spread
from fapfav.model import User


@dataclass(frozen=True, slots=True)
class UserNumbers:
    """A user in numbers; each picture is counted once, in however many of the albums it is.

    `images` are places, `disappeared` those whose picture has vanished there.
    """

    user: User
    albums: int
    images: int
    failed: int
    disappeared: int
    animated: int
    sizes: Spread
    thumbnails: Spread
