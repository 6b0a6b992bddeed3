"""Sizes, pixels, formats and times of all pictures, counted once and following the archive."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from fapfav.browse.sums import Sums
from fapfav.jobs.following import Following, at
from fapfav.store import lookups
from fapfav.store.tables import Key, Row

SIZES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)  # kb
PIXELS = (0.25, 0.5, 1, 2, 4, 8, 16, 32)  # millions
DAY = 24 * 60 * 60
_LATEST = 7_258_118_400  # the year 2200

_SIZE, _EXT, _WIDTH, _HEIGHT, _ANIMATED, _THUMB, _ADDED = at(
    "blobs", "size", "ext", "width", "height", "animated", "thumb_size", "added"
)
_HOLDS, _POSTED = at("places", "holds", "posted")
_BYTES = tuple(limit * 1024 for limit in SIZES)
_POINTS = tuple(int(limit * 1_000_000) for limit in PIXELS)


def day_of(seconds: int) -> int | None:
    """The day of a time; None for no time, or one that no picture can be of."""
    return seconds // DAY if 0 < seconds < _LATEST else None


class Shapes:
    """Every picture in numbers. `fewest` and `most` are width and height.

    By the number of the limit they are below: how many have so many bytes or pixels; how many
    there are of a format; with the bytes of each.
    """

    def __init__(self, following: Following) -> None:
        self._rows = rows = following.archive.rows_of("blobs")
        self.sizes = Sums.of(row[_SIZE] for row in rows.values())
        self.pixels = Sums.of(row[_WIDTH] * row[_HEIGHT] for row in rows.values())
        self.thumbnails = Sums.of(row[_THUMB] for row in rows.values() if row[_THUMB])
        self.animated = sum(row[_ANIMATED] for row in rows.values())
        self.by_size, self.by_size_bytes = Counter[int](), Counter[int]()
        self.by_pixels, self.by_pixels_bytes = Counter[int](), Counter[int]()
        self.formats, self.formats_bytes = Counter[str](), Counter[str]()
        self.added = Counter[int | None](day_of(row[_ADDED]) for row in rows.values())
        self._shapes: tuple[tuple[int, int], tuple[int, int]] | None = None
        for row in rows.values():
            self._count(row, 1)

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Width and height of the picture with the fewest pixels, and of that with the most."""
        if self._shapes is None:
            found = {(row[_WIDTH] * row[_HEIGHT], row[_WIDTH], row[_HEIGHT]) for row in self._all()}
            least, most = min(found, default=(0, 0, 0)), max(found, default=(0, 0, 0))
            self._shapes = least[1:], most[1:]
        return self._shapes

    def settle(self) -> None:
        """Looks again for what was the least or largest and went."""
        if self.sizes.is_stale:
            self.sizes = Sums.of(row[_SIZE] for row in self._all())
        if self.thumbnails.is_stale:
            self.thumbnails = Sums.of(row[_THUMB] for row in self._all() if row[_THUMB])
        if self.pixels.is_stale:
            self.pixels = Sums.of(row[_WIDTH] * row[_HEIGHT] for row in self._all())

    def _all(self) -> list[Row]:
        return list(self._rows.values())

    def change(self, table: str, _key: Key, old: Row | None, new: Row | None) -> None:
        """Follows blobs."""
        if table != "blobs":
            return
        if old is not None:
            self.sizes.take_out(old[_SIZE])
            self.pixels.take_out(old[_WIDTH] * old[_HEIGHT])
            if old[_THUMB]:
                self.thumbnails.take_out(old[_THUMB])
            self._step(old, -1)
        if new is not None:
            self.sizes.add(new[_SIZE])
            self.pixels.add(new[_WIDTH] * new[_HEIGHT])
            if new[_THUMB]:
                self.thumbnails.add(new[_THUMB])
            self._step(new, 1)

    def _step(self, row: Row, step: int) -> None:
        self.animated += step * row[_ANIMATED]
        self.added[day_of(row[_ADDED])] += step
        self._count(row, step)
        if self._shapes is not None and self._may_end(row):
            self._shapes = None

    def _may_end(self, row: Row) -> bool:
        """Whether a picture that came or went has as few or many pixels as any."""
        assert self._shapes is not None
        (width, height), (wide, high) = self._shapes
        return not width * height < row[_WIDTH] * row[_HEIGHT] < wide * high

    def _count(self, row: Row, step: int) -> None:
        size = row[_SIZE]
        bytes_ = step * size
        at_size = bisect_right(_BYTES, size)
        self.by_size[at_size] += step
        self.by_size_bytes[at_size] += bytes_
        at_pixels = bisect_right(_POINTS, row[_WIDTH] * row[_HEIGHT])
        self.by_pixels[at_pixels] += step
        self.by_pixels_bytes[at_pixels] += bytes_
        label = row[_EXT].upper() + (", moving" if row[_ANIMATED] else "")
        self.formats[label] += step
        self.formats_bytes[label] += bytes_


class Posted:
    """How many pictures were first posted on which day, None for no day that is known."""

    def __init__(self, following: Following) -> None:
        self._past = following.past
        self._places = places = following.archive.rows_of("places")
        self._index = following.archive.index("places", lookups.blob_of_place)
        self._first: dict[Key, int] = {}
        first = self._first
        for row in places.values():
            posted, holds = row[_POSTED], row[_HOLDS]
            if posted and holds is not None:
                first[holds] = min(posted, first.get(holds, posted))
        blobs = following.archive.rows_of("blobs")
        self.days = Counter[int | None](day_of(first.get(one, 0)) for one in blobs)

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows places and blobs."""
        if table == "places":
            for row in (old, new):
                if row is not None and row[_HOLDS] is not None:
                    self._look(row[_HOLDS])
        elif table == "blobs":
            step = (new is not None) - (old is not None)
            self.days[day_of(self._first.get(key, 0))] += step

    def _look(self, one: Key) -> None:
        posted = [when for key in self._index[one] if (when := self._places[key][_POSTED])]
        before, after = self._first.get(one, 0), min(posted, default=0)
        if before == after:
            return
        if after:
            self._first[one] = after
        else:
            del self._first[one]
        if one in self._past["blobs"]:
            self.days[day_of(before)] -= 1
            self.days[day_of(after)] += 1
