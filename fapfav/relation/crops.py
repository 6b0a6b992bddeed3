"""Where one picture lies within another: cut out of it, or framed by something in it.

A part has pixels of one scale along both sides, so its shape in the whole follows from how large it
is there. Every size is tried at every place by normalised cross-correlation of small lumas
(Lewis, 1995), and the best place is then made exact. It may come out wrong where little is to be
seen: whoever asks checks what the two show there.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fapfav.relation.align import refined
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Mask, Values, averaging, reduced
from fapfav.relation.traits import Plane

_SIDE: Final = 32
_SIZES: Final = tuple(float(0.92**step) for step in range(1, 10))
"""Longer side of a part as a share of the whole, from .92 to .47."""

_LEAST: Final = 0.6  # correlation of small lumas from which a place is looked at
_CERTAIN: Final = 0.999
_AGREED: Final = 0.75  # robust correlation after it was made exact
_FLAT: Final = 25.0  # variance below which a part shows too little to be looked for

Sizes = tuple[tuple[int, int], tuple[int, int]]


def cut_out(one: Plane, other: Plane, sizes: Sizes) -> Placement | None:
    """How `one` is placed on `other` if either is a part of the other; None if neither is.

    `sizes` are width and height of both in pixels.
    """
    small = reduced(one, _SIDE), reduced(other, _SIDE)
    found = [
        (*_best(small[0], small[1], sizes), False),
        (*_best(small[1], small[0], sizes[::-1]), True),
    ]
    score, start, exchanged = max(found, key=_telling)
    if score < _LEAST or start is None:
        return None
    whole, part = (other, one) if exchanged else (one, other)
    alignment = refined(whole, part, start)
    if alignment.agreement < _AGREED:
        return None
    return alignment.placement.inverse() if exchanged else alignment.placement


def _telling(found: tuple[float, Placement | None, bool]) -> float:
    """How much a correlation tells, by Fisher's transformation: less of a smaller part."""
    score, start, _ = found
    area = 0.0 if start is None else start.zoom_x * start.zoom_y
    return math.atanh(max(0.0, min(score, _CERTAIN))) * math.sqrt(area)


def _best(whole: Plane, part: Plane, sizes: Sizes) -> tuple[float, Placement | None]:
    """The best correlation of `part` anywhere in `whole`, both small, and where it is."""
    (width, height), (part_width, part_height) = sizes
    windows = _windows((part_width / width) / (part_height / height))
    if float(part.var()) < _FLAT or not windows:
        return 0.0, None
    scores = _correlations(whole, part, windows)
    at = int(scores.argmax())
    score = float(scores.ravel()[at])
    if score <= 0:
        return 0.0, None
    which, top, left = (int(each) for each in np.unravel_index(at, scores.shape))
    rows, columns = windows[which]
    shift_x = (left * 2 + columns) / _SIDE - 1
    shift_y = (top * 2 + rows) / _SIDE - 1
    return score, Placement(columns / _SIDE, shift_x, rows / _SIDE, shift_y)


def _windows(shape: float) -> tuple[tuple[int, int], ...]:
    """Rows and columns that a part may have in the whole; `shape` is its width by its height
    there."""
    found = []
    for share in _SIZES:
        across, down = (share, share / shape) if shape > 1 else (share * shape, share)
        columns, rows = round(across * _SIDE), round(down * _SIDE)
        if min(columns, rows) < _SIDE // 4:
            break
        found.append((rows, columns))
    return tuple(found)


def _correlations(whole: Plane, part: Plane, windows: tuple[tuple[int, int], ...]) -> Values:
    """Pearson's of a part with all places in a whole, for each size: n x side x side.

    Sums of products at all places at once are a product of Fourier transforms; what would reach
    past the edge, and come in again on the other side, is -1.
    """
    boxes, fits, counts = _boxes(windows)
    patterns = np.zeros((len(windows), _SIDE, _SIDE), np.float32)
    for pattern, (rows, columns) in zip(patterns, windows, strict=True):
        small = averaging(len(part), rows) @ part @ averaging(len(part), columns).T
        pattern[:rows, :columns] = small - small.mean()
    energy = np.einsum("ijk,ijk->i", patterns, patterns)[:, None, None]
    about = whole - whole.mean()
    first, squares = np.fft.rfft2(about), np.fft.rfft2(about * about)
    products = np.concatenate([first * np.fft.rfft2(patterns).conj(), first * boxes])
    sums = np.fft.irfft2(np.concatenate([products, squares * boxes]), s=(_SIDE, _SIDE))
    shared, mean, square = sums.reshape(3, len(windows), _SIDE, _SIDE)
    square -= mean * mean / counts
    np.maximum(square, counts, out=square)  # a variance of 1 at least
    square *= energy + 1  # a part that is small may be flat
    scores: Values = shared / np.sqrt(square)
    return np.where(fits, scores, np.float32(-1))


@lru_cache(maxsize=256)
def _boxes(
    windows: tuple[tuple[int, int], ...],
) -> tuple[NDArray[np.complexfloating[Any, Any]], Mask, Values]:
    """What sums over windows of each size, transformed; where such a window fits; its places."""
    boxes = np.zeros((len(windows), _SIDE, _SIDE), np.float32)
    fits = np.zeros(boxes.shape, np.bool_)
    for box, fit, (rows, columns) in zip(boxes, fits, windows, strict=True):
        box[:rows, :columns] = 1
        fit[: _SIDE - rows + 1, : _SIDE - columns + 1] = True
    counts = boxes.sum(axis=(1, 2), keepdims=True)
    return np.fft.rfft2(boxes).conj(), fits, counts
