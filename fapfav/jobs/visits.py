"""When something is due again. Pure: times in seconds UTC, 0 is never."""

from __future__ import annotations

from fapfav.model import Album, Place, PlaceState

FRESH = 72 * 3600
"""Seconds for which a list of albums, or an album, is not read again."""

SMALL = 5
"""Folders of so many pages are walked whole each time: pictures that moved are found so."""

TRIES = 3
"""Visits on which a failed picture is tried; then it takes `retry`."""


def is_fresh(then: int, now: int, seconds: int) -> bool:
    """Whether it was done less than `seconds` ago; a time in the future is a wrong clock's."""
    return then > 0 and 0 <= now - then < seconds


def is_read(album: Album, now: int) -> bool:
    """Whether nothing of an album was missing a short time ago."""
    return is_fresh(album.date_blobs, now, FRESH) and album.date_blobs >= album.date_listed


def is_listed(album: Album, now: int) -> bool:
    """Whether the listing reached its end a short time ago, and fetching was broken off since."""
    return album.date_listed > album.date_blobs and is_fresh(album.date_listed, now, FRESH)


def start(album: Album, *, force: bool) -> str:
    """The cursor to list an album from.

    A walk that was broken off goes on. A new visit goes on from the end of the last one, but walks
    small folders whole, and all when forced: there alone pictures are found that slipped by while
    others were taken out of the folder.
    """
    ended = album.date_listed > 0
    whole = force or album.pages <= SMALL
    return "" if ended and whole else album.cursor


def is_due(place: Place, *, force: bool) -> bool:
    """Whether a picture that is not here yet is to be fetched."""
    if place.state is PlaceState.WANTED:
        return True
    if place.state is not PlaceState.FAILED:
        return False
    return force or place.failure is None or place.failure.tries < TRIES
