"""Which pictures have equal hashes, kept while pictures come and go one by one.

Sorting the hashes of a hundred thousand pictures takes a while, and a removal that is undone or a
search that ends changes few of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from fapfav.duplicates.find import Bucket, Prints, equal_buckets
from fapfav.duplicates.limits import OFF
from fapfav.model import HASHES, Digest, Limits


class Hashed(NamedTuple):
    """What a picture's place among the buckets rests on; `values` in the order of HASHES."""

    values: tuple[int, ...]
    animated: bool


_Key = tuple[int, int]  # which of HASHES, and the hash


class Equals:
    """The buckets of some prints and of what was put since. A bucket may be left with one member.

    A picture may lie in a bucket whose method is off for animations although it is one, when it was
    put: who reads buckets knows which pictures move.
    """

    def __init__(self, prints: Prints, regular: Limits, animated: Limits) -> None:
        self._prints = prints
        self._columns = [at for at, method in enumerate(HASHES) if regular.of(method) != OFF]
        self._orders = {at: np.argsort(prints.hashes[:, at], kind="stable") for at in self._columns}
        self._sorted = {at: prints.hashes[self._orders[at], at] for at in self._columns}
        self._since: dict[Digest, Hashed | None] = {}
        self._alone: dict[_Key, Digest] = {}  # of those put since, which have no equal
        self._buckets = equal_buckets(prints, regular, animated)
        self._numbers: dict[_Key, int] = {}
        self._of: dict[Digest, list[int]] = {}
        for number, bucket in enumerate(self._buckets):
            at = HASHES.index(bucket.method)
            first = self._begun(bucket.members[0])
            assert first is not None
            self._numbers[at, first.values[at]] = number
            for member in bucket.members:
                self._of.setdefault(member, []).append(number)

    @property
    def all(self) -> Sequence[Bucket]:
        """Every bucket."""
        return self._buckets

    def of(self, digest: Digest) -> Iterable[tuple[int, Bucket]]:
        """The buckets a picture lies in, each with its number."""
        return ((number, self._buckets[number]) for number in self._of.get(digest, ()))

    def put(self, digest: Digest, now: Hashed | None) -> Collection[Digest]:
        """A picture's hashes as they are now, None for none; gives whom it was and is equal to."""
        before = self._since[digest] if digest in self._since else self._begun(digest)
        if before == now:
            return ()
        near = set(self._taken_out(digest, before))
        self._since[digest] = now
        if now is not None:
            for at in self._columns:
                near.update(self._put_into(digest, at, now.values[at]))
        near.discard(digest)
        return near

    def _begun(self, digest: Digest) -> Hashed | None:
        """What a picture had at the beginning."""
        prints = self._prints
        at = bisect_left(prints.digests, digest)
        if at == len(prints.digests) or prints.digests[at] != digest:
            return None
        return Hashed(tuple(prints.hashes[at].tolist()), bool(prints.animated[at]))

    def _taken_out(self, digest: Digest, before: Hashed | None) -> Iterator[Digest]:
        for number in self._of.pop(digest, ()):
            method, members = self._buckets[number].method, self._buckets[number].members
            left = tuple(member for member in members if member != digest)
            self._buckets[number] = Bucket(method, left)
            yield from left
        for at in self._columns if before is not None else ():
            assert before is not None
            if self._alone.get((at, before.values[at])) == digest:
                del self._alone[at, before.values[at]]

    def _put_into(self, digest: Digest, at: int, value: int) -> Collection[Digest]:
        key = at, value
        number = self._numbers.get(key)
        if number is None:
            others = [*self._alike(at, value)]
            if key in self._alone:
                others.append(self._alone.pop(key))
            if not others:
                self._alone[key] = digest
                return ()
            number = self._numbers[key] = len(self._buckets)
            self._buckets.append(Bucket(HASHES[at], tuple(others)))
            for other in others:
                self._of.setdefault(other, []).append(number)
        members = (*self._buckets[number].members, digest)
        self._buckets[number] = Bucket(HASHES[at], tuple(sorted(members)))
        self._of.setdefault(digest, []).append(number)
        return members

    def _alike(self, at: int, value: int) -> Iterator[Digest]:
        """Those who had this hash at the beginning, and nothing was put of since."""
        found = self._sorted[at]
        first = np.searchsorted(found, np.uint64(value), "left")
        last = np.searchsorted(found, np.uint64(value), "right")
        for entry in self._orders[at][first:last].tolist():
            digest = self._prints.digests[entry]
            if digest not in self._since:
                yield digest
