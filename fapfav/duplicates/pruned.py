"""Near rows among very many: exact, and most pairs never multiplied in full.

Rows are sorted so that like lie beside like. Sketches, whose products bound the cosines, tell which
pairs may be near; these are then multiplied in full, a square of them at a time where there are
many, pair by pair elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.dots import Block, Found, Vectors, cosines_of, tile, widened
from fapfav.duplicates.sketch import (
    SLACK,
    Sketches,
    best_length,
    cluster_order,
    principal_axes,
    sketches_of,
)

ROWS = 1024
"""Rows that are searched for at once: their sketches stay in the cache."""

_COLUMNS = 512  # of a tile: 2 MB of products
_SQUARE = 64  # rows and columns of a square
# Of 4096 pairs in a square, how many take as long one by one as all together.
_CROWDED = 300


@dataclass(frozen=True, slots=True)
class Pruned:
    """n rows in an order of their own, the `count` fresh ones first.

    `order` (n,) are their positions as they were given, `places` (n,) their numbers in `vectors`.
    """

    vectors: Vectors
    order: Indices
    places: Indices
    sketches: Sketches
    count: int
    limit: float

    def near(self, low: int) -> Iterator[Found]:
        """The pairs (a, b) of which a is one of ROWS fresh rows from `low` on, b a later row."""
        for at, to, cosine in self._found(low, min(low + ROWS, self.count)):
            yield self.order[at], self.order[to], cosine

    def _found(self, low: int, high: int) -> Iterator[Found]:
        """By positions in the order."""
        squares = _Squares(self, low, high)
        few: list[tuple[Indices, Indices]] = []
        for start, end, at, to in self._candidates(low, high):
            crowded, alone = squares.split(at, to, start, end)
            yield from squares.compared(crowded, start, end)
            few.append((at[alone], to[alone]))
        if few:
            at, to = (np.concatenate(part) for part in zip(*few, strict=True))
            cosine = cosines_of(self.vectors, self.places[at], self.places[to])
            near = cosine >= self.limit
            yield at[near], to[near], cosine[near]

    def _candidates(self, low: int, high: int) -> Iterator[tuple[int, int, Indices, Indices]]:
        """By tile, from its first to its last column: pairs whose sketches say they may be near."""
        rows = self.sketches[low:high]
        product = np.empty(len(rows) * _COLUMNS, np.float32)
        passing = np.empty(len(rows) * _COLUMNS, np.bool_)
        least = np.float32(self.limit - SLACK)
        for start in range(low, len(self.sketches), _COLUMNS):
            columns = self.sketches[start : start + _COLUMNS]
            size = len(rows) * len(columns)
            np.matmul(rows, columns.T, out=product[:size].reshape(len(rows), len(columns)))
            np.greater_equal(product[:size], least, out=passing[:size])
            at, to = np.divmod(np.flatnonzero(passing[:size]), len(columns))
            at, to = at + low, to + start
            if start < high:
                later = to > at
                at, to = at[later], to[later]
            if at.size:
                yield start, start + len(columns), at, to


class _Squares:
    """The squares of one stretch of rows; its rows are widened once, when first needed."""

    def __init__(self, pruned: Pruned, low: int, high: int) -> None:
        self._pruned = pruned
        self._low, self._high = low, high
        self._left: Block | None = None

    def split(self, at: Indices, to: Indices, start: int, end: int) -> tuple[Flags, Flags]:
        """Which squares (r, c) of this stretch and a block are crowded; which pairs lie in none."""
        across = -(-(end - start) // _SQUARE)
        down = -(-(self._high - self._low) // _SQUARE)
        square = (at - self._low) // _SQUARE * across + (to - start) // _SQUARE
        crowded = np.bincount(square, minlength=down * across) >= _CROWDED
        return crowded.reshape(down, across), ~crowded[square]

    def compared(self, crowded: Flags, start: int, end: int) -> Iterator[Found]:
        """The near pairs in the crowded squares."""
        if not crowded.any():
            return
        pruned = self._pruned
        if self._left is None:
            self._left = widened(pruned.vectors, pruned.places[self._low : self._high])
        right = widened(pruned.vectors, pruned.places[start:end])
        for down, across in np.argwhere(crowded):
            left_at, right_at = int(down) * _SQUARE, int(across) * _SQUARE
            at, to, cosine = tile(
                self._left.part(left_at, left_at + _SQUARE),
                right.part(right_at, right_at + _SQUARE),
                pruned.limit,
            )
            at, to = at + self._low + left_at, to + start + right_at
            later = to > at
            yield at[later], to[later], cosine[later]


def pruned(vectors: Vectors, which: Indices, limit: float, fresh: Flags) -> Pruned:
    """Prepares the search among the rows `which` (k,), none all zero; `fresh` (k,) go with them."""

    def unit(numbers: Indices) -> NDArray[np.float64]:
        at = which[numbers]
        return vectors.rows[at] / np.sqrt(vectors.squares[at])[:, None]

    axes = principal_axes(unit, which.size)
    length = best_length(unit, which.size, axes, limit)
    sketches = sketches_of(unit, which.size, np.ascontiguousarray(axes[:, : length - 1]))
    order = cluster_order(sketches, fresh)
    return Pruned(
        vectors, order, which[order], sketches[order], int(np.count_nonzero(fresh)), limit
    )
