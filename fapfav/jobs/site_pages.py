"""Where a site shows what the archive has of it: addresses for people to follow, never fetched.

Made from ids alone, and only where an id looks as the site's ids do: nothing that a stranger named
becomes part of an address. Empty for a source that is no site.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from fapfav.model import AlbumKey, PlaceKey, UserKey

_NUMBER = re.compile(r"[0-9]{1,20}", re.ASCII)
_IMAGEFAP = "https://www.imagefap.com"


def user_page(user: Sequence[str]) -> str:
    """The page of a user's favourites; takes the key of a user, an album or a place."""
    key = UserKey(*user[:2])
    if key.source != "imagefap" or not _are_numbers(key.user):
        return ""
    return f"{_IMAGEFAP}/showfavorites.php?userid={key.user}&page=0"


def album_page(album: Sequence[str]) -> str:
    """The first page of an album; takes the key of an album or a place."""
    key = AlbumKey(*album[:3])
    page = user_page(key)
    return f"{page}&folderid={key.album}" if page and _are_numbers(key.album) else ""


def picture_page(place: PlaceKey) -> str:
    """The page of a picture."""
    if place.source != "imagefap" or not _are_numbers(place.image):
        return ""
    return f"{_IMAGEFAP}/photo/{place.image}/"


def _are_numbers(*ids: str) -> bool:
    return all(_NUMBER.fullmatch(each) for each in ids)
