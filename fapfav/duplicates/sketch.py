"""Short vectors that bound the cosines of long ones, and an order that has like beside like.

A row x of length 1 is projected on a few orthonormal axes, Px; what is left of it has the length
r(x) = sqrt(1 - |Px|^2). By Cauchy-Schwarz <x, y> <= <Px, Py> + r(x) r(y), which is the inner
product of the sketches (Px, r(x)) and (Py, r(y)).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.parallel import in_order

Sketches = NDArray[np.float32]
Axes = NDArray[np.float64]

Unit = Callable[[Indices], NDArray[np.float64]]
"""Gives rows (n, w) of length 1 for their places (n,)."""

LENGTHS = (32, 64, 128, 256)
"""How long a sketch may be."""

SLACK = 5e-5
"""Above what float32 loses in an inner product of 256 numbers, of vectors of length 1."""

_SAMPLE = 4096
_BLOCK = 4096
_CLUSTER = 512  # rows in one, on average
_MOST_CLUSTERS = 4096
_ROUNDS = 2
# Measured, in nanoseconds: one column of a sketch, and a candidate that is looked at closer.
_PER_COLUMN, _PER_CANDIDATE = 0.02, 150.0


def principal_axes(unit: Unit, size: int) -> Axes:
    """The eigenvectors (w, w) of the second moments of a sample of `size` rows, largest first."""
    sample = unit(_spread(size, _SAMPLE))
    _, vectors = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(vectors[:, ::-1])


def best_length(unit: Unit, size: int, axes: Axes, limit: float) -> int:
    """Which of LENGTHS costs least: short ones leave more candidates, measured on a sample."""
    sample = unit(_spread(size, _SAMPLE))
    costs = {}
    for length in LENGTHS:
        if length <= axes.shape[1]:
            sketches = _sketched(sample, axes[:, : length - 1])
            bound = sketches[:: _SAMPLE // 512] @ sketches.T
            costs[length] = _PER_COLUMN * length + _PER_CANDIDATE * float(np.mean(bound >= limit))
    return min(costs, key=lambda length: costs[length])


def sketches_of(unit: Unit, size: int, axes: Axes) -> Sketches:
    """The sketches (size, k + 1) on k axes (w, k)."""
    out = np.empty((size, axes.shape[1] + 1), np.float32)

    def fill(low: int) -> None:
        high = min(low + _BLOCK, size)
        out[low:high] = _sketched(unit(np.arange(low, high)), axes)

    for _ in in_order(fill, range(0, size, _BLOCK)):
        pass
    return out


def _sketched(rows: NDArray[np.float64], axes: Axes) -> Sketches:
    shares = rows @ axes
    rest = 1.0 - np.einsum("ij,ij->i", shares, shares)
    # Rounded up, by more than the sum of squares can have lost.
    shares = np.column_stack([shares, np.sqrt(np.maximum(rest, 0.0) + 1e-12)])
    return shares.astype(np.float32)


def cluster_order(sketches: Sketches, fresh: Flags) -> Indices:
    """Places with like beside like, all fresh ones first.

    Spherical k-means from a sample, a few rounds. Nothing found depends on it but the time.
    """
    count = min(_MOST_CLUSTERS, max(1, len(sketches) // _CLUSTER))
    centres = sketches[_spread(len(sketches), count)].copy()
    for _ in range(_ROUNDS):
        centres = _means(sketches, _nearest(sketches, centres)[0], centres)
    # Clusters of like centres come one after the other.
    rank = np.argsort(_nearest(centres, centres[:: max(1, round(count**0.5))])[0], kind="stable")
    owner, cosine = _nearest(sketches, centres[rank])
    return np.lexsort((cosine, owner, ~fresh)).astype(np.int64, copy=False)


def _nearest(sketches: Sketches, centres: Sketches) -> tuple[Indices, Sketches]:
    """The nearest centre of each sketch, and the cosine to it."""

    def of_block(low: int) -> tuple[Indices, Sketches]:
        product = sketches[low : low + _BLOCK] @ centres.T
        owner = product.argmax(axis=1)
        return owner, product[np.arange(owner.size), owner]

    found = list(in_order(of_block, range(0, len(sketches), _BLOCK)))
    return np.concatenate([one for one, _ in found]), np.concatenate([two for _, two in found])


def _means(sketches: Sketches, owner: Indices, before: Sketches) -> Sketches:
    """The direction of each cluster; one without members stays where it was."""
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    sums = before.copy()
    for start, end in zip(starts, [*starts[1:], owner.size], strict=True):
        members = order[start:end]
        sums[owner[members[0]]] = sketches[members].sum(axis=0)
    return _direction(sums)


def _direction(vectors: Sketches) -> Sketches:
    """The vectors (n, d) at length 1."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    units: Sketches = (vectors / np.maximum(lengths, 1e-30)[:, None]).astype(np.float32)
    return units


def _spread(size: int, most: int) -> Indices:
    """At most so many places of `size`, evenly spread."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).astype(np.int64))
