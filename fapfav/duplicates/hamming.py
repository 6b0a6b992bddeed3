"""64-bit values within a Hamming distance: exact, in bounded memory, new against all.

Two values that differ in t bits, cut into t + 2 chunks, agree in at least two of them. So for each
two chunks the values are sorted by these, and only neighbours under one key are compared. Large
distances make short chunks and long runs; then comparing all is cheaper, and is what happens.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices

Values = NDArray[np.uint64]
Distances = NDArray[np.uint8]
_Found = tuple[Indices, Indices, Distances]

BITS = 64
_BLOCK = 1 << 18  # candidates at once: their arrays take some 20 MB
_ROWS, _COLUMNS = 64, 4096  # one tile of the comparison of all with all: 2 MB
# Measured costs in units of one comparison inside a tile.
_PER_SORTED = 30
_PER_CANDIDATE = 8


def near_values(values: Values, limit: int, fresh: Flags) -> _Found:
    """Positions (a, b) of values that differ in 1 to `limit` bits, and in how many.

    Each pair comes once, in no promised order, and at least one of its two is fresh.
    """
    order = np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh)])
    count = int(np.count_nonzero(fresh))
    if limit < 1 or count == 0 or values.size < 2:
        return _joined([])
    ordered = values[order]
    found = _by_chunks(ordered, count, limit) if _pays(values.size, count, limit) else None
    if found is None:
        found = _by_all(ordered, count, limit)
    a, b, distance = found
    return order[a], order[b], distance


def _pays(size: int, count: int, limit: int) -> bool:
    """Whether sorting by chunks is cheaper than comparing `count` with `size` values."""
    chunks = limit + 2
    spread = float(2 ** (2 * BITS // chunks))
    chunked = comb(chunks, 2) * (_PER_SORTED * size + _PER_CANDIDATE * count * size / spread)
    return chunked < count * size


def _by_chunks(values: Values, count: int, limit: int) -> _Found | None:
    """The pairs whose smaller position is below `count`; None once it costs more than all."""
    edges = [BITS * chunk // (limit + 2) for chunk in range(limit + 3)]
    masks = [np.uint64((1 << high) - (1 << low)) for low, high in pairwise(edges)]
    found: list[_Found] = []
    candidates = 0
    for one, other in combinations(range(limit + 2), 2):
        key = _key(values, (edges[one], edges[one + 1]), (edges[other], edges[other + 1]))
        index = _sort(key, values.size)
        firsts, counts = _runs(key, index, count)
        candidates += int(counts.sum())
        if candidates * _PER_CANDIDATE > count * values.size:
            return None
        ordered = values[index]
        for left, right in _neighbours(firsts, counts):
            differing = ordered[left] ^ ordered[right]
            near = np.flatnonzero(_within(np.bitwise_count(differing), limit))
            differing = differing[near]
            # A pair agrees in several twos of chunks: only the first of these reports it.
            mine = np.ones(near.size, dtype=np.bool_)
            for chunk in range(other):
                if chunk != one:
                    mine &= (differing & masks[chunk]) != 0
            near, differing = near[mine], differing[mine]
            found.append((index[left[near]], index[right[near]], np.bitwise_count(differing)))
    return _joined(found)


def _key(values: Values, one: tuple[int, int], other: tuple[int, int]) -> Values:
    """The bits of two chunks, given as (lowest bit, end), side by side."""
    width = other[1] - other[0]
    high = (values >> np.uint64(one[0])) & np.uint64((1 << (one[1] - one[0])) - 1)
    low = (values >> np.uint64(other[0])) & np.uint64((1 << width) - 1)
    return (high << np.uint64(width)) | low


def _sort(key: Values, size: int) -> Indices:
    """Sorts the keys in place and gives the position each had; equal keys keep their order.

    Key and position share one word, which sorts several times faster than an argsort. Where both
    do not fit, the key loses its low bits: more candidates, none lost.
    """
    place_bits = max(1, (size - 1).bit_length())
    highest = int(key.max()).bit_length()
    key >>= np.uint64(max(0, highest + place_bits - BITS))
    key <<= np.uint64(place_bits)
    key |= np.arange(size, dtype=np.uint64)
    key.sort()
    index = (key & np.uint64((1 << place_bits) - 1)).astype(np.int64)
    key >>= np.uint64(place_bits)
    return index


def _runs(key: Values, index: Indices, count: int) -> tuple[Indices, Indices]:
    """Places of fresh values (index below `count`), and how many places of its run follow each.

    A run is a stretch of equal keys; the fresh ones come first in it, so each pair with a fresh
    one is counted once.
    """
    changes = np.flatnonzero(key[1:] != key[:-1]) + 1
    starts = np.concatenate([[0], changes])
    sizes = np.diff(starts, append=key.size)
    after = np.repeat(starts + sizes, sizes) - np.arange(1, key.size + 1)
    firsts = np.flatnonzero((after > 0) & (index < count))
    return firsts, after[firsts]


def _neighbours(firsts: Indices, counts: Indices) -> Iterator[tuple[Indices, Indices]]:
    """Each first place with each of the `counts` places after it, a block at a time."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if ends.size else 0
    for low in range(0, total, _BLOCK):
        high = min(low + _BLOCK, total)
        begin = int(np.searchsorted(ends, low, side="right"))
        end = int(np.searchsorted(ends, high - 1, side="right")) + 1
        part = counts[begin:end].copy()
        done = low - int(ends[begin] - counts[begin])  # of the first one, in the block before
        part[0] -= done
        part[-1] -= int(ends[end - 1]) - high
        left = np.repeat(firsts[begin:end], part)
        rank = np.arange(left.size) - np.repeat(np.cumsum(part) - part, part)
        rank[: part[0]] += done
        yield left, left + 1 + rank


def _by_all(values: Values, count: int, limit: int) -> _Found:
    """The pairs whose smaller position is below `count`, by comparing every one."""
    found: list[_Found] = []
    for low in range(0, count, _ROWS):
        rows = values[low : min(low + _ROWS, count), None]
        for start in range(low, values.size, _COLUMNS):
            distance = np.bitwise_count(rows ^ values[None, start : start + _COLUMNS])
            left, right = np.nonzero(_within(distance, limit))
            distance = distance[left, right]
            left, right = left + low, right + start
            later = right > left
            found.append((left[later], right[later], distance[later]))
    return _joined(found)


def _within(distance: Distances, limit: int) -> Flags:
    return (distance <= limit) & (distance > 0)


def _joined(found: list[_Found]) -> _Found:
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)
    a, b, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return a, b, distance
