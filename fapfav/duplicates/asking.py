"""A few 64-bit values asked of very many: exact, by leaving out at once what cannot be near.

Two values that differ in t bits, cut into t + 2 chunks, agree in at least two of them. So for each
two chunks it is noted which values the asking ones have there, and only those of the many that have
one of these are compared. As `hamming` else, which sorts the many instead.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.hamming import BITS, Distances, Values, between
from fapfav.duplicates.parallel import in_order

_BLOCK = 1 << 15  # values at once: their arrays stay in the cache
_WIDEST = 24  # bits of two chunks: what is noted takes a byte for each of their values
_MARKED = 1 / 64  # of what may be had in two chunks: with more of it asked too much is compared
# Measured in comparisons inside a tile of `hamming`: looking one value up under one key.
_PER_LOOK = 8


def near_asked(
    asked: Values, values: Values, limit: int, threads: int = 0
) -> tuple[Indices, Indices, Distances]:
    """Positions (i, j) where asked[i] and values[j] differ in 0 to `limit` bits, and in how many.

    In no promised order, exactly as `hamming.between`, which does it where this is not cheaper.
    """
    if not _pays(asked.size, values.size, limit):
        return between(asked, values, limit, threads)
    keys = _keys(limit)
    marks = [_marked(asked, key) for key in keys]

    def candidates(low: int) -> Indices:
        block = values[low : low + _BLOCK]
        maybe = np.zeros(block.size, np.bool_)
        for key, marked in zip(keys, marks, strict=True):
            maybe |= marked[_under(block, key)]
        return np.flatnonzero(maybe) + low

    found = list(in_order(candidates, range(0, values.size, _BLOCK), threads))
    places = np.concatenate([np.zeros(0, np.int64), *found])
    i, j, distance = between(asked, values[places], limit, threads)
    return i, places[j], distance


_TwoChunks = tuple[int, int, int, int]  # lowest bit and width, twice


def _pays(asked: int, size: int, limit: int) -> bool:
    """Whether what is left to compare, and finding it, is likely cheaper than comparing all."""
    if limit < 0 or asked == 0 or size == 0:
        return False
    widths = [one + other for _, one, _, other in _keys(limit)]
    share = sum(asked / 2**width for width in widths)
    each = _PER_LOOK * len(widths) + share * asked
    return max(widths) <= _WIDEST and share <= len(widths) * _MARKED and each < asked


def _keys(limit: int) -> list[_TwoChunks]:
    """Every two chunks."""
    edges = [BITS * chunk // (limit + 2) for chunk in range(limit + 3)]
    widths = np.diff(edges).tolist()
    return [
        (edges[one], widths[one], edges[other], widths[other])
        for one, other in combinations(range(limit + 2), 2)
    ]


def _marked(asked: Values, key: _TwoChunks) -> Flags:
    """Which values of two chunks any of the asked have."""
    found = np.zeros(1 << (key[1] + key[3]), np.bool_)
    found[_under(asked, key)] = True
    return found


def _under(values: Values, key: _TwoChunks) -> Indices:
    """The bits of two chunks, side by side."""
    low, width, other, wide = key
    one = (values >> np.uint64(low)) & np.uint64((1 << width) - 1)
    two = (values >> np.uint64(other)) & np.uint64((1 << wide) - 1)
    return ((one << np.uint64(wide)) | two).view(np.int64)
