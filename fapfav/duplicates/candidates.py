"""Which pairs are worth a second look: limits of the searches that find them, and a rule after.

Each search is wide, so that a copy that one method no longer knows is still found by another; most
of what they find is unrelated. What can be told from the numbers alone is told here: two pictures
that have nothing to do with each other may be near by one method, and are far apart by the others.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fapfav.model import Limits

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

WIDE: Final = Limits(percept=10, average=2, diff=6, wavelet=2, cnn=0.78)
"""What the searches find; wider limits of the hashes add hardly a copy that the cosine misses.
Of large crops of lone pictures a third have a cosine below .85, a tenth below .78."""

TURNED: Final = 4
"""Bits of `percept` within which one picture is the other mirrored or turned. Always worth a look:
turned copies are within 2, and of a million unrelated pairs one or two are within 4."""

FRAMED: Final = 14
"""Bits of `percept` between what is inside a border or frame and another picture, or what is inside
of that. Worth a look unless the cosine is below FRAMED_COSINE."""

FRAMED_COSINE: Final = 0.35
"""Framed copies had .44 and more; half of the unrelated pairs have less."""

_POINTS: Final = np.array([4, 0, 1, 1])
"""What a bit counts, in the order of HASHES. `average` says nothing that the others do not."""

_POINTS_FRAMED: Final = 4
"""The same of what is inside a frame."""

_POINTS_OF_COSINE: Final = 300.0
"""What a cosine counts that is lower by 1."""

_UNKNOWN: Final = 0.65
"""The cosine taken where there is no vector: half the points are left for the hashes."""

_MOST: Final = 240.0
"""The most points of a pair worth a look."""

_NEAR: Final = 160.0
_NEAREST: Final = 6
"""Points from which only large crops and framed copies are gained, and mostly unrelated pairs
found: the more, the more pictures there are. So only this many of a picture are looked at, its
nearest: of clip art, the picture that a large crop was made of came first for 97 of 100 of them."""

_NEAR_FRAMED: Final = 100.0
"""The same of pairs of which one may be in a frame; of them as many nearest."""


def likely(distances: NDArray[np.uint8], cosine: NDArray[np.float64]) -> Flags:
    """Which of k pairs are worth a second look by themselves, (k,).

    `distances` (k, 4) are bits in the order of HASHES, `cosine` (k,) is not a number where there is
    no vector. The points are the weights of a logistic regression of copies against unrelated
    pairs, rounded; a pair that is nearer by any method has no more of them.
    """
    return np.asarray(points(distances, cosine) <= _MOST)


def points(distances: NDArray[np.uint8], cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far k pairs are apart by all their prints together, (k,); see `likely`."""
    return np.asarray(distances.astype(np.float64) @ _POINTS + _unlike(cosine))


def _unlike(cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.where(np.isnan(cosine), _UNKNOWN, cosine)
    return np.asarray(_POINTS_OF_COSINE * (1 - known))


def worth_a_look(i: Indices, j: Indices, apart: NDArray[np.float64]) -> Flags:
    """Which of k pairs that a wide search found are worth a second look, (k,), by their points.

    Of those far apart only the nearest of each picture are; found by several searches instead of
    one they may be a few more, never fewer.
    """
    return _with_nearest(i, j, apart, apart <= _MOST, _NEAR)


def worth_unframed(
    i: Indices, j: Indices, bits: NDArray[np.uint8], cosine: NDArray[np.float64]
) -> Flags:
    """The same of pairs of which one may be in a frame; `bits` (k,) are without what is around."""
    apart = np.asarray(_POINTS_FRAMED * bits.astype(np.float64) + _unlike(cosine))
    return _with_nearest(i, j, apart, ~(cosine < FRAMED_COSINE), _NEAR_FRAMED)


def _with_nearest(
    i: Indices, j: Indices, apart: NDArray[np.float64], worth: Flags, near: float
) -> Flags:
    """Of pairs `worth` (k,) a look all up to so many points, and the nearest beyond."""
    found = worth & (apart <= near)
    far = np.flatnonzero(worth & (apart > near))
    found[far] = strongest(i[far], j[far], apart[far], _NEAREST)
    return found


def strongest(i: Indices, j: Indices, apart: NDArray[np.float64], most: int) -> Flags:
    """Which of k pairs of entries are among the nearest of one of their two, so many each, (k,).

    Pictures of one template, or all but flat, are near each other by the thousand.
    """
    entries = np.concatenate([i, j])
    order = np.lexsort((np.concatenate([apart, apart]), entries))
    ordered = entries[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.arange(order.size) - np.repeat(starts, np.diff(starts, append=order.size))
    kept = np.zeros(i.size, dtype=np.bool_)
    kept[order[rank < most] % max(i.size, 1)] = True
    return kept
