"""Cosines of int8 rows, exact whatever the blocks they are made in.

A product of two int8 rows is a whole number. Over at most 1024 columns every partial sum fits the
24 bits of a float32, so a fast matrix product is exact in any order of adding; the parts are then
added in float64. So adding pictures one by one finds what a full run finds. The scale of a row
cancels out of a cosine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Indices
from fapfav.duplicates.parallel import in_order

Rows = NDArray[np.int8]
Cosines = NDArray[np.float64]
Found = tuple[Indices, Indices, Cosines]

EXACT = 1024
"""Columns: 1024 * 128 * 128 is 2**24, the last whole number float32 counts up to."""

_BLOCK = 1024  # rows at once: 5 MB where they have 1280 columns
_SLACK = 1e-5  # above what rounding lengths and adding float32 parts can lose


@dataclass(frozen=True, slots=True)
class Vectors:
    """int8 rows (n, w) with the squared length of each, exact, as float64 (n,)."""

    rows: Rows
    squares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows as float32 (k, w), and their squared lengths (k,)."""

    rows: NDArray[np.float32]
    squares: NDArray[np.float64]

    def part(self, low: int, high: int) -> Block:
        """The rows from `low` up to, not including, `high`."""
        return Block(self.rows[low:high], self.squares[low:high])


def measured(rows: Rows) -> Vectors:
    """The rows (n, w) with their squared lengths."""
    squares = np.empty(len(rows), dtype=np.float64)

    def fill(low: int) -> None:
        block = rows[low : low + _BLOCK].astype(np.float32)
        squares[low : low + _BLOCK] = _paired(block, block)

    for _ in in_order(fill, range(0, len(rows), _BLOCK)):
        pass
    return Vectors(rows, squares)


def widened(vectors: Vectors, which: Indices) -> Block:
    """The rows of these numbers, ready to be multiplied."""
    return Block(vectors.rows[which].astype(np.float32), vectors.squares[which])


def tile(left: Block, right: Block, limit: float) -> Found:
    """Places in the two blocks of rows at least `limit` alike, and their cosines."""
    one, other = left.rows, right.rows
    parts = [
        one[:, column : column + EXACT] @ other[:, column : column + EXACT].T
        for column in range(0, one.shape[1], EXACT)
    ]
    likely = np.add.reduce(parts) if len(parts) > 1 else parts[0]
    least = np.sqrt(left.squares).astype(np.float32)[:, None] * np.float32(limit - _SLACK)
    at, to = np.nonzero(likely >= least * np.sqrt(right.squares).astype(np.float32))
    dots = np.zeros(at.size, dtype=np.float64)
    for part in parts:
        dots += part[at, to]
    cosine = dots / np.sqrt(left.squares[at] * right.squares[to])
    passing = cosine >= limit
    return at[passing], to[passing], cosine[passing]


def cosines(rows: Rows, i: Indices, j: Indices) -> Cosines:
    """The cosine of rows i and j, pair by pair; 0 where a row is all zero."""
    out = np.zeros(i.size, dtype=np.float64)
    for low in range(0, i.size, _BLOCK):
        one, other = (rows[at[low : low + _BLOCK]].astype(np.float32) for at in (i, j))
        lengths = _paired(one, one) * _paired(other, other)
        dots = _paired(one, other)
        np.divide(dots, np.sqrt(lengths), out=out[low : low + _BLOCK], where=lengths > 0)
    return out


def cosines_of(vectors: Vectors, i: Indices, j: Indices) -> Cosines:
    """The same of rows whose lengths are known and not 0."""
    out = np.empty(i.size, dtype=np.float64)
    for low in range(0, i.size, _BLOCK):
        at, to = i[low : low + _BLOCK], j[low : low + _BLOCK]
        one, other = (vectors.rows[each].astype(np.float32) for each in (at, to))
        lengths = np.sqrt(vectors.squares[at] * vectors.squares[to])
        out[low : low + _BLOCK] = _paired(one, other) / lengths
    return out


def _paired(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """The inner products, row by row."""
    dots = np.zeros(len(one), dtype=np.float64)
    for column in range(0, one.shape[1], EXACT):
        dots += np.einsum(
            "ij,ij->i", one[:, column : column + EXACT], other[:, column : column + EXACT]
        )
    return dots
