"""int8 rows within a cosine: exact, in bounded memory, new against all.

Few new rows are multiplied with all others; many are searched by way of sketches, which gives the
same pairs and the same cosines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.dots import (
    Cosines,
    Found,
    Rows,
    Vectors,
    cosines,
    measured,
    tile,
    widened,
)
from fapfav.duplicates.parallel import in_order, products_alone
from fapfav.duplicates.pruned import ROWS, Pruned, pruned

__all__ = ["Cosines", "Drop", "Rows", "Vectors", "Watch", "cosines", "measured", "near_rows"]

Watch = Callable[[float], bool]
"""Told the share done so far, 0 to 1; answers whether to stop."""

Drop = Callable[[Indices, Indices], Flags]
"""Told pairs of positions; answers which of them are not wanted."""

_Part = tuple[int, int]  # its first row and its first column

_LEFT, _RIGHT = 512, 4096  # rows of a block: 8 MB of products, 20 MB of widened rows
_SPAN = 8 * _RIGHT  # columns of a part
_WIDE = 128  # columns of rows that sketches are made of
# Measured costs in nanoseconds: of one column of a product; of sketches for one number of a row,
# for the axes by the cube of the width, and for a pair that is compared.
_PER_PRODUCT, _PER_NUMBER, _PER_CUBE, _PER_PAIR = 0.02, 3.0, 1.0, 2.0


def near_rows(
    vectors: Vectors,
    which: Indices,
    limit: float,
    fresh: Flags,
    *,
    drop: Drop | None = None,
    watch: Watch | None = None,
) -> Found:
    """Positions (a, b) in `which`, rows at least `limit` alike, and their cosines.

    `fresh` (k,) goes with `which`; a pair has a fresh one and comes once, in no promised order.
    No row of them may be all zero. `drop(a, b)` tells which pairs are not wanted, block by block,
    so that these never gather. Stopped by `watch`, it gives what it has found so far.
    """
    count = int(np.count_nonzero(fresh))
    if count == 0 or which.size < 2:
        return _joined([])
    if _pays(which.size, count, vectors.rows.shape[1]):
        search: _Search = _BySketches(pruned(vectors, which, limit, fresh), drop)
    else:
        order = np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh)])
        search = _ByAll(vectors, order, which[order], count, limit, drop)
    found: list[Found] = []
    with products_alone(), closing(in_order(search.near, search.parts())) as results:
        for low, start in search.parts():
            if watch is not None and watch(_share(low, start, count, which.size)):
                break
            found.append(next(results))
    return _joined(found)


def _pays(size: int, count: int, width: int) -> bool:
    """Whether preparing sketches of all is cheaper than multiplying `count` with `size` rows."""
    whole = _PER_PRODUCT * width * count * (size - count / 2)
    prepared = _PER_NUMBER * width * size + _PER_CUBE * width**3 + _PER_PAIR * count * size
    return width >= _WIDE and prepared < whole


def _share(low: int, start: int, count: int, size: int) -> float:
    """How much of all is done before the part that begins with these rows and columns."""
    done = low * (2 * size - low) + 2 * min(_LEFT, count - low) * (start - low)
    return min(1.0, done / (count * (2 * size - count)))


class _Search(Protocol):
    def parts(self) -> Iterator[_Part]:
        """The parts of the work, each the same whatever came before."""

    def near(self, part: _Part) -> Found:
        """What one part finds, as positions."""


@dataclass(frozen=True, slots=True)
class _ByAll:
    """Every fresh row with every later one, a tile at a time."""

    vectors: Vectors
    order: Indices
    places: Indices
    count: int
    limit: float
    drop: Drop | None

    def parts(self) -> Iterator[_Part]:
        for low in range(0, self.count, _LEFT):
            for start in range(low, self.order.size, _SPAN):
                yield low, start

    def near(self, part: _Part) -> Found:
        low, first = part
        high = min(low + _LEFT, self.count)
        left = widened(self.vectors, self.places[low:high])
        found: list[Found] = []
        last = min(first + _SPAN, self.order.size)
        for start in range(first, last, _RIGHT):
            right = widened(self.vectors, self.places[start : min(start + _RIGHT, last)])
            at, to, cosine = tile(left, right, self.limit)
            at, to = at + low, to + start
            later = to > at
            found.append(
                _wanted((self.order[at[later]], self.order[to[later]], cosine[later]), self.drop)
            )
        return _joined(found)


@dataclass(frozen=True, slots=True)
class _BySketches:
    """Fresh rows, like beside like, with the later blocks that may hold what is near them."""

    pruned: Pruned
    drop: Drop | None

    def parts(self) -> Iterator[_Part]:
        for low in range(0, self.pruned.count, ROWS):
            yield low, low

    def near(self, part: _Part) -> Found:
        return _joined([_wanted(each, self.drop) for each in self.pruned.near(part[0])])


def _wanted(found: Found, drop: Drop | None) -> Found:
    a, b, cosine = found
    if drop is None or not a.size:
        return found
    wanted = ~drop(a, b)
    return a[wanted], b[wanted], cosine[wanted]


def _joined(found: list[Found]) -> Found:
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    a, b, cosine = (np.concatenate(part) for part in zip(*found, strict=True))
    return a, b, cosine
