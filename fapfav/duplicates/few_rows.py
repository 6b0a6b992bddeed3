"""A few new int8 rows against very many: exact, and every row is looked at once.

Gives what `search.similar_vectors` gives. That first measures all rows and finds those that are
equal, which pays where many are new; here whoever is near a new row is looked at for that alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import FEW, Flags, Indices
from fapfav.duplicates.cosine import Watch
from fapfav.duplicates.dots import EXACT, Block, Rows, tile
from fapfav.duplicates.parallel import in_order, products_alone

MOST = 150
"""So many new rows at the most: with more, sketches of all rows pay."""

_BLOCK = 4096  # rows at once: 20 MB where they have 1280 columns


def near_few(
    rows: Rows,
    entries: Indices,
    limit: float,
    new: Flags,
    kinds: Flags,
    *,
    watch: Watch | None = None,
) -> tuple[Indices, Indices]:
    """Entries i < j whose rows (n, w) are at least `limit` alike, sorted, at least one of them new.

    `entries` (k,), rising, are those that count; `new` and `kinds` (n,) go with the rows. Rows that
    are equal and of one kind speak through the first few of them, and every further one is paired
    with the first. A row of zeros is like nothing. Stopped by `watch`, it gives what it has found.
    """
    asked = entries[new[entries]]
    left = _measured(rows, asked)
    asked, left = asked[left.squares > 0], _usable(left)
    if not asked.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)

    def near(low: int) -> tuple[Indices, Indices]:
        part = entries[low : low + _BLOCK]
        right = _measured(rows, part)
        if not right.squares.all():
            part, right = part[right.squares > 0], _usable(right)
        at, to, _ = tile(left, right, limit)
        return at, part[to]

    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    lows = range(0, entries.size, _BLOCK)
    with products_alone(), closing(in_order(near, lows)) as results:
        for low in lows:
            if watch is not None and watch(low / entries.size):
                break
            found.append(next(results))
    at, to = (np.concatenate(part) for part in zip(*found, strict=True))
    codes = [np.zeros(0, np.int64)]
    for number in np.unique(at).tolist():
        one = int(asked[number])
        others = _told(rows, kinds, one, np.sort(to[at == number]))
        codes.append(np.minimum(one, others) * len(rows) + np.maximum(one, others))
    i, j = np.divmod(np.unique(np.concatenate(codes)), len(rows))
    return i, j


def _measured(rows: Rows, which: Indices) -> Block:
    """Some rows as float32, with their squared lengths."""
    wide = rows[which].astype(np.float32)
    squares = np.zeros(which.size)
    for column in range(0, wide.shape[1], EXACT):
        part = wide[:, column : column + EXACT]
        squares += np.einsum("ij,ij->i", part, part)
    return Block(wide, squares)


def _usable(block: Block) -> Block:
    kept = block.squares > 0
    return Block(block.rows[kept], block.squares[kept])


def _told(rows: Rows, kinds: Flags, one: int, near: Indices) -> Indices:
    """Whom a row is paired with, of those that are near it, itself among them; all rise."""
    if near.size <= FEW:
        return np.delete(near, np.searchsorted(near, one))
    alike = [*_alike(rows, kinds, near)]
    own = next(members for members in alike if one in members)
    if own.index(one) >= FEW:
        return np.array(own[:1], np.int64)
    others = [entry for members in alike for entry in members[:FEW] if entry != one]
    if own[0] == one:
        others += own[FEW:]
    return np.array(others, np.int64)


def _alike(rows: Rows, kinds: Flags, near: NDArray[np.int64]) -> Iterator[Sequence[int]]:
    """Entries with equal rows, of one kind."""
    found: dict[tuple[bytes, bool], list[int]] = {}
    for entry in near.tolist():
        found.setdefault((rows[entry].tobytes(), bool(kinds[entry])), []).append(entry)
    yield from found.values()
