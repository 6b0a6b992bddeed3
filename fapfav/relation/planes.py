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


def averaged(plane: Plane, width: int) -> Plane:
    """Every value's mean over a `width` x `width` window, an odd number; smaller at the edges."""
    means: Plane = _slid(plane[None], width)[0]
    return means


def windowed(planes: Values, width: float) -> Values:
    """Means over windows about `width` wide, count x rows x columns, of so many planes at once.

    They are as far apart as a quarter of their width, or next to each other where that is little:
    windows that share more tell nothing of their own. At the edges they are smaller.
    """
    step = max(1, int(width / 4))
    return _slid(gathered(planes, step), max(3, round(width / step)))


def gathered(planes: Values, step: int) -> Values:
    """Means of `step` x `step` values; what is left over at the end is left out."""
    if step == 1:
        return planes
    _, rows, columns = planes.shape
    rows, columns = rows // step * step, columns // step * step
    sums = planes[:, :rows:step].copy()
    for start in range(1, step):
        sums += planes[:, start:rows:step]
    wide = sums[:, :, :columns:step].copy()
    for start in range(1, step):
        wide += sums[:, :, start:columns:step]
    wide *= np.float32(1 / step**2)
    return wide


def _slid(planes: Values, width: int) -> Values:
    """Means over `width` x `width` windows around every place, or between all of them where the
    width is even, of each plane; smaller at the edges."""
    count, rows, columns = planes.shape
    half = width // 2
    padded = np.zeros((count, rows + 2 * half, columns + 2 * half), np.float32)
    padded[:, half : half + rows, half : half + columns] = planes
    sums = _run(_run(padded, width, 1), width, 2)
    sums *= _shares(rows, width)[:, None] * _shares(columns, width)
    return sums


def _run(planes: Values, width: int, axis: int) -> Values:
    """Sums of `width` neighbours along an axis, by sums of one, two, four ... of them."""

    def part(values: Values, start: int, size: int) -> Values:
        return values[:, start : start + size] if axis == 1 else values[:, :, start : start + size]

    size = planes.shape[axis] - width + 1
    total: Values | None = None
    at, length = 0, 1
    while True:
        if width & length:
            piece = part(planes, at, size)
            total = piece.copy() if total is None else np.add(total, piece, out=total)
            at += length
        length *= 2
        if length > width:
            assert total is not None
            return total
        rest = planes.shape[axis] - length // 2
        planes = part(planes, 0, rest) + part(planes, length // 2, rest)


@cache
def _shares(size: int, width: int) -> Values:
    """One by how many of `size` places each window has."""
    at = np.arange(size + 1 - width % 2)
    low, high = np.maximum(at - width // 2, 0), np.minimum(at + (width + 1) // 2, size)
    return (1 / (high - low)).astype(np.float32)


def blurred(plane: Plane) -> Plane:
    """Weights of 1, 2 and 1 along both axes: hides what interpolating and sharpening differ in."""
    rows, columns = plane.shape
    wide = np.empty((rows + 2, columns), np.float32)
    wide[1:-1], wide[0], wide[-1] = plane, plane[0], plane[-1]
    pairs = wide[1:] + wide[:-1]
    long = np.empty((rows, columns + 2), np.float32)
    np.add(pairs[1:], pairs[:-1], out=long[:, 1:-1])
    long[:, 0], long[:, -1] = long[:, 1], long[:, -2]
    pairs = long[:, 1:] + long[:, :-1]
    result: Plane = pairs[:, 1:] + pairs[:, :-1]
    result *= np.float32(1 / 16)
    return result


def slope(plane: Plane) -> Plane:
    """Central differences along the columns, in values a unit of `positions`."""
    result = np.empty_like(plane)
    result[:, 1:-1] = plane[:, 2:] - plane[:, :-2]
    result[:, 0], result[:, -1] = plane[:, 1] - plane[:, 0], plane[:, -1] - plane[:, -2]
    return result * np.float32(plane.shape[1] / 4)
