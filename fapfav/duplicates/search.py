"""Which entries of a column of prints are within a limit of each other: new against all.

Entries are given in the order of their digests, so that the smallest digests speak for a crowd and
the same pictures, found in any order, are tied in the same way. Results are arrays (i, j, score)
with i < j, sorted by i then j, each pair once, at least one of the two new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Alike, Flags, Indices, by_key
from fapfav.duplicates.cosine import Cosines, Drop, Rows, Watch, measured, near_rows
from fapfav.duplicates.hamming import Distances, Values, near_values
from fapfav.duplicates.limits import OFF
from fapfav.duplicates.parallel import in_order

_BLOCK = 1024  # rows at once


Near = Callable[[Values, int, Flags], tuple[Indices, Indices, Distances]]


@dataclass(frozen=True, slots=True)
class Scope:
    """What else is known of the n entries, each (n,).

    `kinds`: entries of two kinds never speak for each other, because other limits may hold for
    them. `crowds`: two entries of one crowd other than 0 are tied already and not looked for.
    `near` compares hashes, as `hamming.near_values` does.
    """

    kinds: Indices | None = None
    crowds: Indices | None = None
    watch: Watch | None = None
    near: Near = near_values


_WHOLE = Scope()
_Score = TypeVar("_Score", bound=np.generic)


def similar_hashes(
    values: Values, limit: int, new: Flags, scope: Scope = _WHOLE
) -> tuple[Indices, Indices, Distances]:
    """Entries whose 64-bit values differ in 1 to `limit` bits, and in how many; -1 gives none.

    Equal values are a bucket, not pairs. Of a value that more than `alike.FEW` entries have only
    the first ones are paired with entries of other values; the bucket ties the rest to them.
    """
    keys = by_key(values) if scope.kinds is None else by_key(values, scope.kinds)
    a, b, distance = scope.near(values[keys.firsts], limit, keys.any_of(new))
    i, j, source = keys.between(a, b)
    return _tidy(i, j, distance[source], new)


def similar_vectors(
    rows: Rows, scales: NDArray[np.float32], limit: float, new: Flags, scope: Scope = _WHOLE
) -> tuple[Indices, Indices, Cosines]:
    """Entries whose int8 rows (n, w), each times its scale, are at least `limit` alike by cosine.

    -1 gives none. Equal rows are pairs too, with cosine 1: the first `alike.FEW` of them each with
    each, every further one with the first, and these few stand for all against other rows. A row
    without direction (all zero, or a scale that is no positive number) is like nothing.
    """
    vectors = measured(rows)
    usable = np.flatnonzero((vectors.squares > 0) & np.isfinite(scales) & (scales > 0))
    if limit == OFF or usable.size < 2 or not new.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    keys = _equal_rows(rows, usable, scope.kinds)
    drop = None if scope.crowds is None else _inside(keys.common(scope.crowds[usable]))
    fresh = keys.any_of(new[usable])
    a, b, cosine = near_rows(
        vectors, usable[keys.firsts], limit, fresh, drop=drop, watch=scope.watch
    )
    i, j, source = keys.between(a, b)
    same_i, same_j = keys.within()
    return _tidy(
        usable[np.concatenate([i, same_i])],
        usable[np.concatenate([j, same_j])],
        np.concatenate([cosine[source], np.ones(same_i.size)]),
        new,
    )


def _equal_rows(rows: Rows, usable: Indices, kinds: Indices | None) -> Alike:
    """Which of the usable rows are equal, and of one kind."""
    sums = _sums(rows, usable)
    # Rows with one sum are mostly equal; whoever makes unequal ones with one sum gains nothing.
    apart = np.zeros(usable.size, dtype=np.int64)
    alike = by_key(sums)
    for key in np.flatnonzero(alike.sizes > 1):
        members = alike.order[alike.starts[key] : alike.starts[key] + alike.sizes[key]]
        first = rows[usable[members[0]]]
        if all((rows[usable[part]] == first).all() for part in _blocks(members)):
            continue
        seen: dict[bytes, int] = {}
        for member in members:
            apart[member] = seen.setdefault(rows[usable[member]].tobytes(), len(seen))
    keys = (sums, apart) if kinds is None else (sums, apart, kinds[usable])
    return by_key(*keys)


def _sums(rows: Rows, usable: Indices) -> NDArray[np.uint64]:
    """A number for each usable row, in which all its bytes count: equal rows have equal ones."""
    width = -(-rows.shape[1] // 8) * 8
    factors = np.random.default_rng(0).integers(0, 2**63, width // 8, dtype=np.uint64) * 2 + 1
    sums = np.empty(usable.size, dtype=np.uint64)

    def fill(low: int) -> None:
        part = rows[usable[low : low + _BLOCK]]
        words = np.zeros((len(part), width), dtype=np.int8)
        words[:, : part.shape[1]] = part
        sums[low : low + _BLOCK] = (words.view(np.uint64) * factors).sum(axis=1)

    for _ in in_order(fill, range(0, usable.size, _BLOCK)):
        pass
    return sums


def _blocks(members: Indices) -> Iterator[Indices]:
    return (members[low : low + _BLOCK] for low in range(0, members.size, _BLOCK))


def _inside(crowds: Indices) -> Drop:
    """Tells the pairs of keys that lie in one crowd."""
    return lambda a, b: (crowds[a] == crowds[b]) & (crowds[a] != 0)


def _tidy(
    i: Indices, j: Indices, score: NDArray[_Score], new: Flags
) -> tuple[Indices, Indices, NDArray[_Score]]:
    """Only pairs with a new one, i < j, in order."""
    wanted = new[i] | new[j]
    low, high = np.minimum(i, j)[wanted], np.maximum(i, j)[wanted]
    order = np.lexsort((high, low))
    return low[order], high[order], score[wanted][order]
