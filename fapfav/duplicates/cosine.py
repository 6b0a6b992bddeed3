"""int8 rows within a cosine: exact, in bounded memory, new against all.

A product of two int8 rows is a whole number. Over at most 1024 columns every partial sum fits the
24 bits of a float32, so a fast matrix product is exact in any order of adding; the parts are then
added in float64. A cosine so made is the same whatever the blocks, so that adding pictures one by
one finds what a full run finds. The scale of a row cancels out of a cosine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices

Rows = NDArray[np.int8]
Cosines = NDArray[np.float64]
_Found = tuple[Indices, Indices, Cosines]
_Block = tuple[NDArray[np.float32], NDArray[np.float64]]

Watch = Callable[[float], bool]
"""Told the share done so far, 0 to 1; answers whether to stop."""

Drop = Callable[[Indices, Indices], Flags]
"""Told pairs of positions; answers which of them are not wanted."""

_EXACT = 1024  # columns: 1024 * 128 * 128 is 2**24, the last whole number float32 counts up to
_LEFT, _RIGHT = 512, 4096  # rows of a block: 8 MB of products, 20 MB of widened rows
_SLACK = 1e-5  # above what rounding lengths and adding float32 parts can lose


@dataclass(frozen=True, slots=True)
class Vectors:
    """int8 rows (n, w) with the squared length of each, exact, as float64 (n,)."""

    rows: Rows
    squares: NDArray[np.float64]


def measured(rows: Rows) -> Vectors:
    """The rows (n, w) with their squared lengths."""
    squares = np.empty(len(rows), dtype=np.float64)
    for low in range(0, len(rows), _RIGHT):
        block = rows[low : low + _RIGHT].astype(np.int32)
        squares[low : low + _RIGHT] = np.einsum("ij,ij->i", block, block)
    return Vectors(rows, squares)


def cosines(rows: Rows, i: Indices, j: Indices) -> Cosines:
    """The cosine of rows i and j, pair by pair; 0 where a row is all zero."""
    out = np.zeros(i.size, dtype=np.float64)
    for low in range(0, i.size, _RIGHT):
        one, other = (rows[at[low : low + _RIGHT]].astype(np.int32) for at in (i, j))
        dots = np.einsum("ij,ij->i", one, other).astype(np.float64)
        lengths = np.einsum("ij,ij->i", one, one).astype(np.float64)
        lengths *= np.einsum("ij,ij->i", other, other)
        np.divide(dots, np.sqrt(lengths), out=out[low : low + _RIGHT], where=lengths > 0)
    return out


def near_rows(
    vectors: Vectors,
    which: Indices,
    limit: float,
    fresh: Flags,
    *,
    drop: Drop | None = None,
    watch: Watch | None = None,
) -> _Found:
    """Positions (a, b) in `which`, rows at least `limit` alike, and their cosines.

    `fresh` (k,) goes with `which`; a pair has a fresh one and comes once, in no promised order.
    No row of them may be all zero. `drop(a, b)` tells which pairs are not wanted, block by block,
    so that these never gather. Stopped by `watch`, it gives what it has found so far.
    """
    order = np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh)])
    count = int(np.count_nonzero(fresh))
    found: list[_Found] = []
    for low in range(0, count, _LEFT):
        if watch is not None and watch(low / count):
            break
        left = order[low : min(low + _LEFT, count)]
        left_block = _widened(vectors, which[left])
        for start in range(low, order.size, _RIGHT):
            right = order[start : start + _RIGHT]
            at, to, cosine = _tile(left_block, _widened(vectors, which[right]), limit)
            wanted = to + start > at + low
            at, to, cosine = left[at[wanted]], right[to[wanted]], cosine[wanted]
            if drop is not None and at.size:
                wanted = ~drop(at, to)
                at, to, cosine = at[wanted], to[wanted], cosine[wanted]
            found.append((at, to, cosine))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    a, b, cosine = (np.concatenate(part) for part in zip(*found, strict=True))
    return a, b, cosine


def _widened(vectors: Vectors, which: Indices) -> _Block:
    return vectors.rows[which].astype(np.float32), vectors.squares[which]


def _tile(left: _Block, right: _Block, limit: float) -> _Found:
    """Places in the two blocks of rows at least `limit` alike, and their cosines."""
    (one, one_squares), (other, other_squares) = left, right
    parts = [
        one[:, column : column + _EXACT] @ other[:, column : column + _EXACT].T
        for column in range(0, one.shape[1], _EXACT)
    ]
    likely = np.add.reduce(parts) if len(parts) > 1 else parts[0]
    least = np.sqrt(one_squares).astype(np.float32)[:, None] * np.float32(limit - _SLACK)
    at, to = np.nonzero(likely >= least * np.sqrt(other_squares).astype(np.float32))
    dots = np.zeros(at.size, dtype=np.float64)
    for part in parts:
        dots += part[at, to]
    cosine = dots / np.sqrt(one_squares[at] * other_squares[to])
    passing = cosine >= limit
    return at[passing], to[passing], cosine[passing]
