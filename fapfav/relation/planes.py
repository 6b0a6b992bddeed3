"""Arithmetic on small square pictures that more than one rule needs.

Everything separable is a product with a small matrix: for 96 pixels that is quicker in numpy than
anything with indices.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fapfav.relation.traits import Bytes2D, Plane

Values = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

_SMALL: Final = 128  # pixels a side up to which windows are averaged by products


def as_plane(values: Bytes2D) -> Plane:
    """The values to compute with."""
    return values.astype(np.float32)


@cache
def positions(side: int) -> Values:
    """Where the pixels' centres lie, from -1 to 1."""
    return ((np.arange(side, dtype=np.float32) + 0.5) * 2 / side - 1).astype(np.float32)


@cache
def _indices(side: int) -> Values:
    return np.arange(side, dtype=np.float32)


def sampling(zoom: Values, shift: Values, side: int) -> Values:
    """Matrices that interpolate a row of `side` pixels at zoom * u + shift, linearly.

    `zoom` and `shift` have one value a matrix: ... x side x side. Beyond the edge the outermost
    pixel is repeated.
    """
    at = zoom[..., None] * positions(side) + shift[..., None]
    index = np.clip((at + 1) * (side / 2) - 0.5, 0, side - 1)
    matrices: Values = np.maximum(0, 1 - np.abs(index[..., None] - _indices(side)))
    return matrices


def inside(zoom: Values, shift: Values, side: int) -> Values:
    """1 for positions that `sampling` takes from within the picture, else 0: ... x side."""
    at = zoom[..., None] * positions(side) + shift[..., None]
    return (np.abs(at) <= 1).astype(np.float32)


@cache
def averaging(size: int, side: int) -> Values:
    """The matrix that brings `size` pixels to `side` by averaging, side x size."""
    edges = np.linspace(0, size, side + 1)
    low = np.maximum(edges[:-1, None], np.arange(size))
    high = np.minimum(edges[1:, None], np.arange(size) + 1)
    matrix: Values = (np.maximum(0, high - low) * side / size).astype(np.float32)
    return matrix


_ALONE: Final = 1 << 18
"""Multiplications in a product up to which OpenBLAS, in numpy's wheels, starts no threads."""


def product(one: Plane, other: Plane) -> Plane:
    """The matrix product, in blocks of rows that one thread computes.

    Threads for so little take many times as long to wake as they save, all the more beside others.
    """
    rows = max(1, _ALONE // other.size)
    if len(one) <= rows:
        return one @ other
    result = np.empty((len(one), other.shape[1]), np.float32)
    for start in range(0, len(one), rows):
        np.matmul(one[start : start + rows], other, out=result[start : start + rows])
    return result


def _summed(plane: Plane, factor: int) -> Plane:
    """Sums of so many neighbouring columns."""
    sums = plane[:, ::factor].copy()
    for start in range(1, factor):
        sums += plane[:, start::factor]
    return sums


def reduced(plane: Plane, side: int) -> Plane:
    """The picture with `side` pixels a side, by averaging."""
    factor = plane.shape[0] // side
    if factor * side == plane.shape[0]:
        return _summed(_summed(plane, factor).T, factor).T / np.float32(factor * factor)
    matrix = averaging(plane.shape[0], side)
    return product(product(matrix, plane), matrix.T)


@cache
def _window(size: int, width: int) -> Values:
    """The matrix that averages over `width` neighbours, fewer at the edges, size x size."""
    apart = np.abs(np.arange(size)[:, None] - np.arange(size))
    near = (apart <= width // 2).astype(np.float32)
    matrix: Values = near / near.sum(axis=1, keepdims=True)
    return matrix


def averaged(plane: Plane, width: int) -> Plane:
    """Every value's mean over a `width` x `width` window, an odd number; smaller at the edges."""
    rows, columns = plane.shape
    if max(rows, columns) > _SMALL:
        return _rolled(_rolled(plane, width).T, width).T
    return product(product(_window(rows, width), plane), _window(columns, width).T)


def _rolled(plane: Plane, width: int) -> Plane:
    """Means along the rows by running sums, quicker than a product where there is much."""
    size = plane.shape[1]
    sums = np.zeros((plane.shape[0], size + 1))
    np.cumsum(plane, axis=1, dtype=np.float64, out=sums[:, 1:])
    low = np.maximum(np.arange(size) - width // 2, 0)
    high = np.minimum(np.arange(size) + width // 2 + 1, size)
    means: Plane = ((sums[:, high] - sums[:, low]) / (high - low)).astype(np.float32)
    return means


def blurred(plane: Plane) -> Plane:
    """Weights of 1, 2 and 1 along both axes: hides what interpolating and sharpening differ in."""
    for _ in range(2):
        wide = np.concatenate([plane[:1], plane, plane[-1:]])
        plane = (np.float32(0.25) * (wide[:-2] + wide[2:]) + np.float32(0.5) * wide[1:-1]).T
    return plane


def slope(plane: Plane) -> Plane:
    """Central differences along the columns, in values a unit of `positions`."""
    result = np.empty_like(plane)
    result[:, 1:-1] = plane[:, 2:] - plane[:, :-2]
    result[:, 0], result[:, -1] = plane[:, 1] - plane[:, 0], plane[:, -1] - plane[:, -2]
    return result * np.float32(plane.shape[1] / 4)
