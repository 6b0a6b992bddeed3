"""What albums, users and all of them together hold, in numbers that follow the archive.

Each counts a picture once, in however many of its places it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from fapfav.browse.sums import Sums
from fapfav.jobs.following import Following, at
from fapfav.model import PlaceState
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR, Key, Row

_HOLDS, _STATE = at("places", "holds", "state")
_SIZE, _ANIMATED, _THUMB = at("blobs", "size", "animated", "thumb_size")
(_HISTORY,) = at("checks", "history")

EVERYONE = ""
"""Stands for the ids of a user where all are meant."""


def is_gone(check: Row | None) -> bool:
    """Whether a check's row says that a place's picture has vanished there."""
    return check is not None and bool(check[_HISTORY]) and bool(check[_HISTORY][-1].level)


class Holding:
    """Places and pictures of one album or user.

    `copies` says of each picture at how many of the places it is; `images` are places with a
    picture, `gone` those where it has vanished, `failed` those where it could not be got.
    """

    __slots__ = ("animated", "copies", "failed", "gone", "images", "sizes", "thumbnails")

    def __init__(self) -> None:
        self.copies: dict[Key, int] = {}
        self.images = self.gone = self.failed = self.animated = 0
        self.sizes = Sums()
        self.thumbnails = Sums()

    def begin(self, blobs: Mapping[Key, Row]) -> None:
        """Sums up all pictures anew."""
        rows = [row for one in self.copies if (row := blobs.get(one)) is not None]
        self.animated = sum(row[_ANIMATED] for row in rows)
        self.sizes = Sums.of(row[_SIZE] for row in rows)
        self.thumbnails = Sums.of(row[_THUMB] for row in rows if row[_THUMB])

    def add(self, blob: Row | None) -> None:
        """Counts a picture in."""
        if blob is not None:
            self.animated += blob[_ANIMATED]
            self.sizes.add(blob[_SIZE])
            if blob[_THUMB]:
                self.thumbnails.add(blob[_THUMB])

    def take_out(self, blob: Row | None) -> None:
        """Counts a picture out."""
        if blob is not None:
            self.animated -= blob[_ANIMATED]
            self.sizes.take_out(blob[_SIZE])
            if blob[_THUMB]:
                self.thumbnails.take_out(blob[_THUMB])

    @property
    def is_stale(self) -> bool:
        """Whether its least or largest is no longer known."""
        return self.sizes.is_stale or self.thumbnails.is_stale

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left that would tell it from a new one."""
        return not self.copies and not self.failed


class Holdings:
    """By the ids of albums, of users and of everyone, what each holds.

    `failed` counts the places of images that could not be got, by source and image.
    """

    def __init__(self, following: Following) -> None:
        self._archive = following.archive
        self._past = following.past
        self._found: dict[str, Holding] = {}
        self.failed: dict[str, int] = {}
        self.revision = 0
        self._begin()

    def of(self, *ids: str) -> Holding:
        """What an album or a user holds; EVERYONE for all."""
        key = SEPARATOR.join(ids)
        found = self._found.get(key)
        if found is None:
            return Holding()
        if found.is_stale:
            found.begin(self._archive.rows_of("blobs"))
        return found

    def users(self) -> dict[str, Holding]:
        """By the packed ids of users."""
        return {key: each for key, each in self._found.items() if key.count(SEPARATOR) == 1}

    def albums(self) -> dict[str, Holding]:
        """By the packed ids of albums."""
        return {key: each for key, each in self._found.items() if key.count(SEPARATOR) == 2}

    def _begin(self) -> None:
        checks = self._archive.rows_of("checks")
        gone = {key for key, row in checks.items() if is_gone(row)}
        for key, row in self._archive.rows_of("places").items():
            if row[_STATE] is PlaceState.FAILED:
                self._count_failed(str(key), 1)
            holds = row[_HOLDS]
            if holds is None:
                continue
            album = str(key).rpartition(SEPARATOR)[0]
            holding = self._found.get(album)
            if holding is None:
                holding = self._found[album] = Holding()
            holding.images += 1
            holding.gone += key in gone
            holding.copies[holds] = holding.copies.get(holds, 0) + 1
        for album, holding in self.albums().items():
            for above in (album.rpartition(SEPARATOR)[0], EVERYONE):
                self._merge(above, holding)
        blobs = self._archive.rows_of("blobs")
        for holding in self._found.values():
            holding.begin(blobs)

    def _merge(self, above: str, album: Holding) -> None:
        whole = self._found.setdefault(above, Holding())
        whole.images += album.images
        whole.gone += album.gone
        copies = whole.copies
        for one, count in album.copies.items():
            copies[one] = copies.get(one, 0) + count

    def _count_failed(self, key: str, step: int) -> None:
        for holding in self._holdings(key):
            holding.failed += step
        source, _, _, image = key.split(SEPARATOR)
        name = source + SEPARATOR + image
        self.failed[name] = self.failed.get(name, 0) + step
        if not self.failed[name]:
            del self.failed[name]

    def _holdings(self, key: str) -> list[Holding]:
        """What a place is part of."""
        album = key.rpartition(SEPARATOR)[0]
        user = album.rpartition(SEPARATOR)[0]
        return [self._found.setdefault(each, Holding()) for each in (album, user, EVERYONE)]

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows places, checks and blobs."""
        if table == "places":
            self._place(str(key), old, new)
        elif table == "checks":
            row = self._past["places"].get(key)
            step = is_gone(new) - is_gone(old)
            if step and row is not None and row[_HOLDS] is not None:
                self.revision += 1
                for holding in self._holdings(str(key)):
                    holding.gone += step
        elif table == "blobs":
            self._blob(key, old, new)

    def _place(self, key: str, old: Row | None, new: Row | None) -> None:
        before = (None, None) if old is None else (old[_HOLDS], old[_STATE])
        after = (None, None) if new is None else (new[_HOLDS], new[_STATE])
        if before == after:
            return
        self.revision += 1
        lost = is_gone(self._past["checks"].get(key))
        step = (after[1] is PlaceState.FAILED) - (before[1] is PlaceState.FAILED)
        if step:
            self._count_failed(key, step)
        for holding in self._holdings(key):
            if before[0] is not None:
                self._let_go(holding, before[0], lost)
            if after[0] is not None:
                self._take(holding, after[0], lost)
        self._forget(key)

    def _take(self, holding: Holding, picture: Key, lost: bool) -> None:
        holding.images += 1
        holding.gone += lost
        count = holding.copies.get(picture, 0)
        holding.copies[picture] = count + 1
        if not count:
            holding.add(self._past["blobs"].get(picture))

    def _let_go(self, holding: Holding, picture: Key, lost: bool) -> None:
        holding.images -= 1
        holding.gone -= lost
        count = holding.copies[picture] - 1
        if count:
            holding.copies[picture] = count
            return
        del holding.copies[picture]
        holding.take_out(self._past["blobs"].get(picture))

    def _forget(self, key: str) -> None:
        """An album without any place is as one that never was."""
        album = key.rpartition(SEPARATOR)[0]
        for each in (album, album.rpartition(SEPARATOR)[0]):
            if self._found[each].is_empty:
                del self._found[each]

    def _blob(self, key: Key, old: Row | None, new: Row | None) -> None:
        # Places were told before: where a picture is now, every holding knows of it.
        self.revision += 1
        places = self._archive.index("places", lookups.blob_of_place)[key]
        albums = {str(place).rpartition(SEPARATOR)[0] for place in places}
        users = {album.rpartition(SEPARATOR)[0] for album in albums}
        for each in (*albums, *users, *([EVERYONE] if places else ())):
            self._found[each].take_out(old)
            self._found[each].add(new)
