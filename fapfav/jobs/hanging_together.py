"""What hangs together with some pictures, by whatever may tie: pairs, decisions, equal hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.find import Bucket, Prints, equal_buckets
from fapfav.duplicates.limits import OFF, Rule
from fapfav.duplicates.parallel import in_order
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
    """The buckets of single pictures; one quick sort a hash, whatever is asked."""

    def __init__(self, prints: Prints, rule: Rule) -> None:
        self._prints = prints
        on = [method for method in HASHES if rule.regular.of(method) != OFF]
        still = ~prints.animated

        def column(method: Method) -> tuple[Method, NDArray[np.uint64], NDArray[np.int64]]:
            still_only = rule.animated.of(method) == OFF
            entries = np.flatnonzero(still) if still_only else np.arange(still.size)
            values = prints.hashes[entries, HASHES.index(method)]
            order = np.argsort(values)  # equal ones in any order
            return method, values[order], entries[order]

        self._columns = list(in_order(column, on))

    def of(self, digest: Digest) -> Iterator[tuple[tuple[Method, Digest], Bucket]]:
        """Where others have the same hash, by method and first member."""
        digests, at = self._prints.digests, self._prints.place_of(digest)
        if at is None:
            return
        for method, values, entries in self._columns:
            value = self._prints.hashes[at, HASHES.index(method)]
            low, high = (int(np.searchsorted(values, value, side)) for side in ("left", "right"))
            here = np.sort(entries[low:high])
            if here.size > 1 and at in here:
                bucket = Bucket(method, tuple(digests[entry] for entry in here.tolist()))
                yield (method, bucket.members[0]), bucket
