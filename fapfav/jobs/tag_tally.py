"""How many pictures carry each tag itself, and it or one below it; following the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from fapfav import browse
from fapfav.jobs.following import Following, at
from fapfav.store import lookups
from fapfav.store.tables import Key, Row

_TAGS, _REJECTED = at("tagged", "tags", "rejected")
(_PARENT,) = at("tags", "parent")
(_SIZE,) = at("blobs", "size")


class Tally:
    """Pictures and their bytes, by tag number."""

    def __init__(self) -> None:
        self.pictures = Counter[int]()
        self.bytes = Counter[int]()

    def count(self, numbers: Collection[int], pictures: int, size: int) -> None:
        """Adds to each of the tags."""
        for number in numbers:
            self.pictures[number] += pictures
            self.bytes[number] += size


class TagTally:
    """Of all tags: `own` of the very tag, `below` with those below it; 0 stands for any tag."""

    def __init__(self, following: Following) -> None:
        self._archive = archive = following.archive
        self._blobs = following.past["blobs"]
        self._rows = archive.rows_of("tagged")
        self._index = archive.index("tagged", lookups.blob_of_tagged)
        self._carried = {one: found for one in self._index if (found := self._tags_of(one))}
        self.own, self._below = Tally(), Tally()
        self._parents: dict[int, int] = {}
        self._begin()

    @property
    def below(self) -> Tally:
        """Of each tag with those below it."""
        if not self._parents:
            self._begin()
        return self._below

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows tagged, blobs and tags."""
        if table == "tagged":
            one = key[:32]
            self._count(one, self._blobs.get(one), -1)
            self._carried.pop(one, None)
            if found := self._tags_of(one):
                self._carried[one] = found
            self._count(one, self._blobs.get(one), 1)
        elif table == "blobs":
            self._count(key, old, -1)
            self._count(key, new, 1)
        elif table == "tags" and self._parents:
            assert isinstance(key, bytes)
            number = int.from_bytes(key, "big")
            parent = None if new is None else new[_PARENT]
            if self._parents.get(number) == parent:
                return
            if self._below.pictures[number]:
                self._parents = {}  # what is below what is another matter now
            elif parent is None:
                del self._parents[number]
            else:
                self._parents[number] = parent

    def _tags_of(self, one: Key) -> Collection[int]:
        keys = self._index[one]
        if len(keys) == 1:
            (key,) = keys
            row = self._rows[key]
            if not row[_REJECTED]:
                return row[_TAGS]  # type: ignore[no-any-return]
        return browse.tags_of(self._archive.tagged.picked(keys))

    def _begin(self) -> None:
        tree = self._archive.rows_of("tags").items()
        self._parents = {int.from_bytes(_raw(key), "big"): row[_PARENT] for key, row in tree}
        self._parents[0] = -1  # so that it is never empty
        self.own, self._below = Tally(), Tally()
        pictures, sizes = Counter[Collection[int]](), Counter[Collection[int]]()
        for one, found in self._carried.items():
            blob = self._blobs.get(one)
            if blob is not None:
                pictures[found] += 1
                sizes[found] += blob[_SIZE]
        for found, number in pictures.items():
            self._add(found, number, sizes[found])

    def _count(self, one: Key, blob: Row | None, step: int) -> None:
        found = self._carried.get(one)
        if found and blob is not None:
            self._add(found, step, step * blob[_SIZE])

    def _add(self, found: Collection[int], pictures: int, size: int) -> None:
        self.own.count({*found, 0}, pictures, size)
        if self._parents:
            above = {number for each in set(found) for number in self._up(each)}
            self._below.count(above, pictures, size)

    def _up(self, number: int) -> Iterator[int]:
        """A tag and those it is below."""
        while number > 0:
            yield number
            number = self._parents.get(number, 0)


def _raw(key: Key) -> bytes:
    assert isinstance(key, bytes)
    return key
