"""What hangs together with some pictures, by whatever may tie: pairs, decisions, equal hashes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.find import Bucket, Prints, equal_buckets
from fapfav.duplicates.limits import OFF, Rule
from fapfav.jobs.library import Archive
from fapfav.jobs.reach import reach
from fapfav.model import HASHES, Decision, Digest, Method, Pair


@dataclass(frozen=True, slots=True)
class Part:
    """The rows and the equal hashes of pictures that hang together with each other only."""

    pairs: tuple[Pair, ...]
    decisions: tuple[Decision, ...]
    buckets: tuple[Bucket, ...]


def hanging_together(
    archive: Archive, prints: Prints, rule: Rule, seeds: Iterable[Digest] | None
) -> Part:
    """What hangs together with any of the seeds; without seeds all there is."""
    if seeds is None:
        buckets = equal_buckets(prints, rule.regular, rule.animated)
        return Part((*archive.pairs.records(),), (*archive.decisions.records(),), (*buckets,))
    found = reach(archive, seeds, _EqualTo(prints, rule).of)
    return Part(
        (*archive.pairs.picked(found.pairs),),
        (*archive.decisions.picked(found.decisions),),
        tuple(found.buckets[name] for name in sorted(found.buckets)),
    )


class _EqualTo:
    """The buckets of single pictures; one sort a hash, whatever is asked."""

    def __init__(self, prints: Prints, rule: Rule) -> None:
        self._prints = prints
        self._columns: list[tuple[Method, NDArray[np.uint64], NDArray[np.int64]]] = []
        for at, method in enumerate(HASHES):
            if rule.regular.of(method) == OFF:
                continue
            still_only = rule.animated.of(method) == OFF
            entries = np.flatnonzero(~prints.animated | (not still_only))
            values = prints.hashes[entries, at]
            order = np.argsort(values, kind="stable")
            self._columns.append((method, values[order], entries[order]))

    def of(self, digest: Digest) -> Iterator[tuple[tuple[Method, Digest], Bucket]]:
        """Where others have the same hash, by method and first member."""
        digests = self._prints.digests
        at = bisect_left(digests, digest)
        if at == len(digests) or digests[at] != digest:
            return
        for method, values, entries in self._columns:
            value = self._prints.hashes[at, HASHES.index(method)]
            low, high = (int(np.searchsorted(values, value, side)) for side in ("left", "right"))
            here = entries[low:high]
            if here.size > 1 and at in here:
                bucket = Bucket(method, tuple(digests[entry] for entry in here.tolist()))
                yield (method, bucket.members[0]), bucket
