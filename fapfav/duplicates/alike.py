"""Entries with equal prints, taken as one: a key is compared once, however many share it.

Without this a thousand flat pictures would be half a million pairs. A key speaks through its first
few members; what ties the others to these is known anyway (an equal hash is a bucket, and equal
vectors are linked here), so no connection is lost and a pair of keys costs the same at any size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEW = 16
"""How many members speak for a key: the first ones, so with sorted digests the smallest."""

_FEW_EQUAL = 4  # one entry in so many has an equal one, at the most: more are sorted at once


@dataclass(frozen=True, slots=True)
class Alike:
    """k keys over n entries: `order` (n,) sorts entries by key, each keeping its first at `starts`
    and `sizes` many, in rising order; both are (k,)."""

    order: Indices
    starts: Indices
    sizes: Indices

    @property
    def firsts(self) -> Indices:
        """The first entry of each key (k,)."""
        return self.order[self.starts]

    def any_of(self, flags: Flags) -> Flags:
        """For each key (k,) whether any of its entries has the flag, given as (n,)."""
        if not self.starts.size:
            return np.zeros(0, dtype=np.bool_)
        return np.logical_or.reduceat(flags[self.order], self.starts)

    def common(self, numbers: Indices) -> Indices:
        """For each key (k,) the number all its entries have, given as (n,), or 0 if they differ."""
        if not self.starts.size:
            return np.zeros(0, dtype=np.int64)
        ordered = numbers[self.order]
        lowest = np.minimum.reduceat(ordered, self.starts)
        return np.where(lowest == np.maximum.reduceat(ordered, self.starts), lowest, 0)

    def between(self, a: Indices, b: Indices) -> tuple[Indices, Indices, Indices]:
        """Entry pairs (i, j) for pairs of keys (a, b), and which pair of keys each comes from.

        Every speaker of the one is paired with every speaker of the other, so there are at most
        FEW * FEW for a pair of keys.
        """
        few_a, few_b = np.minimum(self.sizes[a], FEW), np.minimum(self.sizes[b], FEW)
        counts = few_a * few_b
        source = np.repeat(np.arange(a.size), counts)
        rank = np.arange(source.size) - np.repeat(np.cumsum(counts) - counts, counts)
        per_row = few_b[source]
        i = self.order[self.starts[a][source] + rank // per_row]
        j = self.order[self.starts[b][source] + rank % per_row]
        return i, j, source

    def within(self) -> tuple[Indices, Indices]:
        """Entry pairs (i, j), i < j, that connect each key's entries at a cost linear in them.

        The speakers are paired with each other, every further entry with the first.
        """
        rank = np.arange(self.order.size) - np.repeat(self.starts, self.sizes)
        counts = np.where(rank < FEW, rank, 1)
        place = np.repeat(np.arange(self.order.size), counts)
        offset = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.order[place - rank[place] + offset], self.order[place]


def by_key(*keys: NDArray[np.generic]) -> Alike:
    """Entries alike in all of these arrays, each (n,); at least one is given."""
    count = keys[0].size
    order = np.arange(count)
    for key in keys:  # as np.lexsort, which takes several times as long
        if count and (key != key[0]).any():
            order = order[_sorting(key[order])]
    differs = np.zeros(count, dtype=np.bool_)
    for key in keys:
        ordered = key[order]
        differs[1:] |= ordered[1:] != ordered[:-1]
    if count:
        differs[0] = True
    starts = np.flatnonzero(differs)
    return Alike(order, starts, np.diff(starts, append=count))


def _sorting(key: NDArray[np.generic]) -> Indices:
    """The numbers of entries (n,) that sort a key (n,); equal ones keep their order."""
    if key.dtype == np.bool_:
        return np.concatenate([np.flatnonzero(key == 0), np.flatnonzero(key)])
    order = np.argsort(key)  # vectorised, but equal ones come in any order
    ordered = key[order]
    equal = ordered[1:] == ordered[:-1]
    places = np.flatnonzero(np.append(equal, False) | np.append(False, equal))
    if places.size > key.size // _FEW_EQUAL:
        return np.argsort(key, kind="stable")
    order[places] = order[places][np.lexsort((order[places], ordered[places]))]
    return order
