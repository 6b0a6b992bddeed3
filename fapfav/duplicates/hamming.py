"""64-bit values within a Hamming distance: exact, in bounded memory, new against all.

Two values that differ in t bits, cut into t + 2 chunks, agree in at least two of them. So for each
two chunks the values are sorted by these, and only neighbours under one key are compared. Large
distances make short chunks and long runs; then comparing all is cheaper, and is what happens.
What is found depends on neither the number of threads nor the way taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.parallel import in_order

Values = NDArray[np.uint64]
Distances = NDArray[np.uint8]
_Found = tuple[Indices, Indices, Distances]

BITS = 64
_BLOCK = 1 << 16  # candidates at once: their arrays take some 5 MB
_ROWS, _COLUMNS = 32, 4096  # one tile of the comparison of all with all: 1 MB
_STRETCH = 1024  # rows that a thread compares at once
_LONG = 1024  # places of a run that is compared by tiles
# Measured costs in units of one comparison inside a tile, .55 ns.
_PER_SORTED = 60
_PER_CANDIDATE = 16
_PATIENCE = 1.0  # times what comparing all costs, after which sorting by chunks is given up


def near_values(values: Values, limit: int, fresh: Flags, threads: int = 0) -> _Found:
    """Positions (a, b) of values that differ in 1 to `limit` bits, and in how many.

    Each pair comes once, in no promised order, and at least one of its two is fresh. 0 threads are
    as many as there are cores.
    """
    order = np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh)])
    count = int(np.count_nonzero(fresh))
    if limit < 1 or count == 0 or values.size < 2:
        return _joined([])
    a, b, distance = _Search(values[order], count, limit, across=False).found(threads)
    different = distance > 0
    return order[a[different]], order[b[different]], distance[different]


def between(values: Values, others: Values, limit: int, threads: int = 0) -> _Found:
    """Positions (i, j) where values[i] and others[j] differ in 0 to `limit` bits, and in how many.

    In no promised order. 0 threads are as many as there are cores.
    """
    if limit < 0 or not values.size or not others.size:
        return _joined([])
    both = np.concatenate([values, others])
    i, j, distance = _Search(both, values.size, limit, across=True).found(threads)
    return i, j - values.size, distance


@dataclass(frozen=True, slots=True)
class _Search:
    """Pairs of places in `values` (n,) that differ in up to `limit` bits, equal ones among them.

    The first place is one of the first `count`. The second is any later one, or, if `across`, one
    that is none of these.
    """

    values: Values
    count: int
    limit: int
    across: bool

    def found(self, threads: int) -> _Found:
        """By the cheaper way; by the other when it was not."""
        found = self.by_chunks(threads) if self.pays() else None
        return self.by_all(threads) if found is None else found

    @property
    def pairs(self) -> int:
        """How many there are to compare."""
        rest = self.values.size - self.count
        return self.count * (rest if self.across else rest + self.count // 2)

    def pays(self) -> bool:
        """Whether sorting by chunks is likely cheaper than comparing all."""
        chunks = self.limit + 2
        together = self.pairs / 2 ** (2 * BITS / chunks)
        each = _PER_SORTED * self.values.size + _PER_CANDIDATE * together
        return bool(comb(chunks, 2) * each < self.pairs)

    def by_chunks(self, threads: int = 1) -> _Found | None:
        """The pairs; None once that costs more than comparing all."""
        cost = 0
        found: list[_Found] = []
        twos = combinations(range(self.limit + 2), 2)
        with closing(in_order(self._of_key, twos, threads)) as results:
            for more, parts in results:
                cost += more
                if parts is None or cost > _PATIENCE * self.pairs:
                    return None
                found += parts
        return _joined(found)

    def by_all(self, threads: int = 1) -> _Found:
        """The pairs, by comparing every one."""

        def near(low: int) -> _Found:
            return self._by_tiles(self.values, low, min(low + _STRETCH, self.count), self.count)

        return _joined(list(in_order(near, range(0, self.count, _STRETCH), threads)))

    def _of_key(self, chosen: tuple[int, int]) -> tuple[int, list[_Found] | None]:
        """What comparing costs under the key of two chunks, and the pairs, if that is not too much.

        A pair agrees in several twos of chunks: only under the first of these it is given.
        """
        one, other = chosen
        edges = [BITS * chunk // (self.limit + 2) for chunk in range(self.limit + 3)]
        masks = [np.uint64((1 << high) - (1 << low)) for low, high in pairwise(edges)]
        before = [masks[chunk] for chunk in range(other) if chunk != one]
        key = _key(self.values, (edges[one], edges[one + 1]), (edges[other], edges[other + 1]))
        index = _sort(key, self.values.size)
        runs = self._runs(key, index)
        cost = runs.cost(across=self.across)
        if cost > _PATIENCE * self.pairs:
            return cost, None
        ordered = self.values[index]
        found = []
        for left, right, distance in self._within(runs, ordered):
            differing = ordered[left] ^ ordered[right]
            mine = np.ones(left.size, dtype=np.bool_)
            for mask in before:
                mine &= (differing & mask) != 0
            if mine.any():
                found.append((index[left[mine]], index[right[mine]], distance[mine]))
        return cost, found

    def _runs(self, key: Values, index: Indices) -> _Runs:
        """The stretches of equal keys; in each the first `count` values stand before the others."""
        changes = np.flatnonzero(key[1:] != key[:-1]) + 1
        starts = np.concatenate([[0], changes])
        ends = np.append(changes, key.size)
        sums = np.concatenate([[0], np.cumsum(index < self.count)])
        middles = starts + sums[ends] - sums[starts]
        useful = (middles > starts) & (ends > (middles if self.across else starts + 1))
        starts, middles, ends = starts[useful], middles[useful], ends[useful]
        long = ends - starts > _LONG
        short = ~long
        leaders = (middles - starts)[short]
        run = np.repeat(np.flatnonzero(short), leaders)
        firsts = starts[run] + _ranks(leaders)
        begins = middles[run] if self.across else firsts + 1
        tiled = np.stack([starts[long], middles[long], ends[long]], axis=1)
        return _Runs(firsts, begins, ends[run] - begins, tiled)

    def _within(self, runs: _Runs, ordered: Values) -> Iterator[_Found]:
        """The near pairs of places under one key."""
        for left, right in _neighbours(runs.firsts, runs.begins, runs.counts):
            distance = np.bitwise_count(ordered[left] ^ ordered[right])
            near = np.flatnonzero(distance <= self.limit)
            yield left[near], right[near], distance[near]
        for start, middle, end in runs.tiled.tolist():
            for low in range(start, middle, _STRETCH):
                high = min(low + _STRETCH, middle)
                yield self._by_tiles(ordered[:end], low, high, middle)

    def _by_tiles(self, values: Values, low: int, high: int, middle: int) -> _Found:
        """The near pairs of the places from `low` to `high` with those they are to be paired with:
        the ones from `middle` on, or later than themselves."""
        found = []
        begin = middle if self.across else low
        distance = np.empty((_ROWS, _COLUMNS), np.uint8)
        differing = np.empty((_ROWS, _COLUMNS), np.uint64)
        near = np.empty((_ROWS, _COLUMNS), np.bool_)
        for top in range(low, high, _ROWS):
            rows = values[top : min(top + _ROWS, high), None]
            for start in range(begin if self.across else top, values.size, _COLUMNS):
                columns = values[None, start : start + _COLUMNS]
                part = np.s_[: rows.size, : columns.size]
                np.bitwise_xor(rows, columns, out=differing[part])
                np.bitwise_count(differing[part], out=distance[part])
                np.less_equal(distance[part], self.limit, out=near[part])
                hits = np.flatnonzero(near[part])
                if not hits.size:
                    continue
                at, to = np.divmod(hits, columns.size)
                bits = distance[at, to]
                at, to = at + top, to + start
                if not self.across:
                    later = to > at
                    at, to, bits = at[later], to[later], bits[later]
                found.append((at, to, bits))
        return _joined(found)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Places under one key to pair: each of `firsts` with `counts` places from `begins` on, (k,).

    `tiled` (m, 3) are longer runs: where one begins, its leaders end, and all of it ends.
    """

    firsts: Indices
    begins: Indices
    counts: Indices
    tiled: Indices

    def cost(self, *, across: bool) -> int:
        """What comparing them takes."""
        leaders, rest = np.diff(self.tiled, axis=1).T
        pairs = leaders * (rest if across else rest + leaders // 2)
        return _PER_CANDIDATE * int(self.counts.sum()) + int(pairs.sum())


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


def _ranks(counts: Indices) -> Indices:
    """0, 1, 2 and so on, for each of the counts anew."""
    ranks: Indices = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return ranks


def _neighbours(
    firsts: Indices, begins: Indices, counts: Indices
) -> Iterator[tuple[Indices, Indices]]:
    """Each first place with the `counts` places from `begins` on, a block at a time."""
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
        right = np.repeat(begins[begin:end], part) + _ranks(part)
        right[: part[0]] += done
        yield left, right


def _joined(found: list[_Found]) -> _Found:
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)
    a, b, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    return a, b, distance
