"""Sources of sites, ready to be asked over the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fapfav.model import User
from fapfav.sources.imagefap import RULES, Imagefap
from fapfav.sources.web import Seconds


@contextmanager
def imagefap(
    known: tuple[User, ...] = (),
    *,
    base: str = "",
    pace: Seconds | None = None,
    contact: str = "",
    turns: Path | None = None,
) -> Iterator[Imagefap]:
    """Imagefap over HTTP, asked politely; what is under way at the end of the block ends at once.

    Its own among the `known` accounts need not be asked for. `base` is another address of the site,
    `pace` the least and the most seconds between two requests, `contact` is shown to it, and in the
    folder `turns` programs of one user share whose turn it is. Raises UsageError for a setting that
    makes no sense.
    """
    from fapfav.sources.http import open_session

    with open_session(RULES, base=base, pace=pace, contact=contact, turns=turns) as web:
        yield Imagefap(web, tuple(user for user in known if user.source == RULES.name))
