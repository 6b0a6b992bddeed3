"""Which pictures are each other's mirrored, turned by quarters or in a frame: by the first hash.

The cosine coefficients of a mirrored picture are the same but for the sign of every second one, and
those of a transposed one are exchanged, so a picture's hash in all ways comes from one transform.
Only those of new pictures are asked of all: two pictures are each other's in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import FEW, Alike, Flags, Indices, by_key
from fapfav.duplicates.asking import near_asked

_BLOCK = 1 << 14  # pairs of values at once, each up to FEW * FEW pairs of entries
_ASKED = 1 << 13  # values that are asked of all at once, where so few are

TURNS = 7
"""The ways a picture can be mirrored and turned by quarters, besides as it is."""


def turned_pairs(
    values: NDArray[np.uint64], turned: NDArray[np.uint64], new: Flags, limit: int
) -> Iterator[tuple[Indices, Indices]]:
    """Entries (i, j), i < j, of which one turned is within so many bits of the other as it is.

    `values` is (n,), `turned` (n, TURNS), `new` (n,); a pair has a new one and may come again. A
    picture that looks the same turned is passed over: its copies are found as they are. Of entries
    with one value only the first few are paired.
    """
    upright, which = _all(values), np.flatnonzero(new)
    at_once = max(1, _ASKED // max(which.size, 1))
    for column in range(0, turned.shape[1], at_once):
        theirs = turned[which, column : column + at_once]
        entries, ways = np.nonzero(theirs != values[which, None])
        yield from _between((which[entries], theirs[entries, ways]), upright, limit)


def framed_pairs(
    values: NDArray[np.uint64], inner: NDArray[np.uint64], new: Flags, limit: int
) -> Iterator[tuple[Indices, Indices]]:
    """Entries (i, j), i < j, of which what is inside of one is near the other, or inside of that.

    `inner` (n,) is the hash of what is inside a border or frame, or that of the whole where there
    is none. As `turned_pairs` else.
    """
    framed = inner != values
    if not framed.any():
        return
    asked, every = np.flatnonzero(new & framed), np.flatnonzero(new)
    within, known = np.flatnonzero(framed), np.flatnonzero(framed & ~new)
    if asked.size:
        asking = asked, inner[asked]
        yield from _between(asking, _all(values), limit)
        yield from _between(asking, _Asked(within, inner[within], by_key(inner[within])), limit)
    # What is inside of new ones was asked about already.
    if known.size:
        others = _Asked(known, inner[known], by_key(inner[known]))
        yield from _between((every, values[every]), others, limit)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Some entries (k,) with a value each (k,), and which of these values are equal."""

    entries: Indices
    values: NDArray[np.uint64]
    keys: Alike


def _all(values: NDArray[np.uint64]) -> _Asked:
    return _Asked(np.arange(values.size), values, by_key(values))


def _between(
    asking: tuple[Indices, NDArray[np.uint64]], asked: _Asked, limit: int
) -> Iterator[tuple[Indices, Indices]]:
    """Some entries with values of theirs, and the entries that have values near those."""
    entries, theirs = asking
    if not entries.size:
        return
    own, keys = by_key(theirs), asked.keys
    one, other, _ = near_asked(theirs[own.firsts], asked.values[keys.firsts], limit)
    for low in range(0, one.size, _BLOCK):
        left, right = one[low : low + _BLOCK], other[low : low + _BLOCK]
        few, many = np.minimum(own.sizes[left], FEW), np.minimum(keys.sizes[right], FEW)
        counts = few * many
        source = np.repeat(np.arange(left.size), counts)
        rank = np.arange(source.size) - np.repeat(np.cumsum(counts) - counts, counts)
        i = entries[own.order[own.starts[left][source] + rank // many[source]]]
        j = asked.entries[keys.order[keys.starts[right][source] + rank % many[source]]]
        apart = i != j
        yield np.minimum(i, j)[apart], np.maximum(i, j)[apart]
