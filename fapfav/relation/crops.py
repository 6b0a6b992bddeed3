"""Where one picture lies within another: cut out of it, or framed by something in it.

A part has pixels of one scale along both sides, so its shape in the whole follows from how large it
is there. Every size is tried at every place by normalised cross-correlation of small lumas
(Lewis, 1995), and the best place is then made exact. It may come out wrong where little is to be
seen: whoever asks checks what the two show there.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fapfav.relation.align import refined
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Values, averaging, reduced
from fapfav.relation.traits import Plane

_SIDE: Final = 32
_SIZES: Final = tuple(float(0.92**step) for step in range(1, 10))
"""Longer side of a part as a share of the whole, from .92 to .47."""

_LEAST: Final = 0.65  # correlation of small lumas from which a place is looked at
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
    score, start, exchanged = max(found, key=lambda each: each[0])
    if score < _LEAST or start is None:
        return None
    whole, part = (other, one) if exchanged else (one, other)
    alignment = refined(whole, part, start)
    if alignment.agreement < _AGREED:
        return None
    return alignment.placement.inverse() if exchanged else alignment.placement


def _best(whole: Plane, part: Plane, sizes: Sizes) -> tuple[float, Placement | None]:
    """The best correlation of `part` anywhere in `whole`, both small, and where it is."""
    (width, height), (part_width, part_height) = sizes
    shape = (part_width / width) / (part_height / height)
    best: tuple[float, Placement | None] = (0.0, None)
    if float(part.var()) < _FLAT:
        return best
    for share in _SIZES:
        across, down = (share, share / shape) if shape > 1 else (share * shape, share)
        columns, rows = round(across * _SIDE), round(down * _SIDE)
        if min(columns, rows) < _SIDE // 4:
            break
        scores = _correlations(whole, _resized(part, rows, columns))
        at = int(scores.argmax())
        top, left = divmod(at, scores.shape[1])
        if (score := float(scores.ravel()[at])) > best[0]:
            zoom_x, zoom_y = columns / _SIDE, rows / _SIDE
            shift_x = (left * 2 + columns) / _SIDE - 1
            shift_y = (top * 2 + rows) / _SIDE - 1
            best = score, Placement(zoom_x, shift_x, zoom_y, shift_y)
    return best


def _resized(part: Plane, rows: int, columns: int) -> Plane:
    return averaging(len(part), rows) @ part @ averaging(len(part), columns).T


def _correlations(whole: Plane, part: Plane) -> Values:
    """Pearson's of a part with every window of its size."""
    windows = sliding_window_view(whole, part.shape)
    rows, columns = windows.shape[:2]
    flat = windows.reshape(rows * columns, -1)
    pattern = (part - part.mean()).ravel()
    variance = np.maximum(
        np.einsum("ij,ij->i", flat, flat) / flat.shape[1] - flat.mean(axis=1) ** 2, 1.0
    )
    energy = np.sqrt(variance * (pattern @ pattern) * flat.shape[1])
    scores: Values = ((flat @ pattern) / (energy + 1e-3)).reshape(rows, columns)
    return scores
