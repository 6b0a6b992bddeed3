"""The part that both of two aligned pictures show, brought to one grid."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import Mask, Values, positions
from fapfav.relation.traits import Bytes2D, Plane

_LEAST: Final = 6  # rows or columns that there is anything to say about


def overlapping(moving: Plane, still: Plane, placement: Placement) -> tuple[Plane, Plane] | None:
    """Both pictures where `still` is covered by `moving`; None where that is next to nothing."""
    rows, columns = _covered(placement, len(still))
    if min(rows.sum(), columns.sum()) < _LEAST:
        return None
    shown = _stretch(rows), _stretch(columns)
    return _sampled(moving, placement, shown), still[shown]


def overlapping_planes(
    moving: Values, still: Values, placement: Placement
) -> tuple[Values, Values]:
    """The same of several planes, side x side x count; at least one value of each."""
    side = len(still)
    rows, columns = _covered(placement, side)
    if not (rows.any() and columns.any()):
        rows[side // 2] = columns[side // 2] = True
    shown = _stretch(rows), _stretch(columns)
    return _sampled(moving, placement, shown), still[shown]


def overlapping_frames(
    moving: Bytes2D, still: Bytes2D, placement: Placement
) -> tuple[Values, Values]:
    """The same of frames, count x side x side."""
    layers = [each.transpose(1, 2, 0).astype(np.float32) for each in (moving, still)]
    first, second = overlapping_planes(layers[0], layers[1], placement)
    return first.transpose(2, 0, 1), second.transpose(2, 0, 1)


def _stretch(places: Mask) -> slice:
    """From the first to the last, between which all are meant."""
    start = int(places.argmax())
    return slice(start, start + int(np.count_nonzero(places)))


def _sampled(planes: Values, placement: Placement, shown: tuple[slice, slice]) -> Values:
    """A part of one plane, side x side, or of several, side x side x count."""
    side = len(planes)
    if placement.tilted:
        across, down = tilted_positions(placement, side)
        first = planes if planes.ndim == 2 else planes.transpose(2, 0, 1)
        found = interpolated(first, across[shown], down[shown])
        return found if planes.ndim == 2 else found.transpose(1, 2, 0)
    at, rows, columns = positions(side), *shown
    top, low = _between(placement.zoom_y * at[rows] + placement.shift_y, side)
    left, right = _between(placement.zoom_x * at[columns] + placement.shift_x, side)
    more = (1,) * (planes.ndim - 1)
    low, right = low.reshape(-1, *more), right.reshape(-1, *more[1:])
    tall = planes[top] * (1 - low) + planes[top + 1] * low
    return tall.take(left, axis=1) * (1 - right) + tall.take(left + 1, axis=1) * right


def _between(at: Values, side: int) -> tuple[NDArray[np.intp], Values]:
    """Before which pixel positions lie, and how far from it towards the next."""
    exact = np.maximum((at + 1) * np.float32(side / 2) - np.float32(0.5), 0)
    np.minimum(exact, np.float32(side - 1.001), out=exact)
    before = exact.astype(np.intp)
    exact -= before
    return before, exact


def tilted_positions(placement: Placement, side: int) -> tuple[Values, Values]:
    """Where every pixel of one picture lies in the other, across and down, from -1 to 1."""
    at = positions(side)
    across = placement.zoom_x * at + placement.tilt_x * at[:, None] + placement.shift_x
    down = placement.zoom_y * at[:, None] + placement.tilt_y * at + placement.shift_y
    return across, down


def interpolated(planes: Values, across: Values, down: Values) -> Values:
    """The values at positions (rows x columns) from -1 to 1, linearly; the outermost ones are
    repeated. Of one plane, side x side, or of several, count x side x side."""
    side = planes.shape[-1]
    (left, x), (top, y) = _between(across, side), _between(down, side)
    flat, at = planes.reshape(*planes.shape[:-2], side * side), top * side + left
    upper = flat.take(at, axis=-1) * (1 - x) + flat.take(at + 1, axis=-1) * x
    lower = flat.take(at + side, axis=-1) * (1 - x) + flat.take(at + side + 1, axis=-1) * x
    values: Values = upper * (1 - y) + lower * y
    return values


def _covered(placement: Placement, side: int) -> tuple[Mask, Mask]:
    """Which rows and which columns lie within the other picture, over all their length.

    Where one goes on past the other's edge, the pixel on the edge and half of the next are left
    out: they are mixed with what lies beyond.
    """
    at = positions(side)
    limit = 1 + _ROUNDING if placement == UNMOVED else 1 - 0.5 / side
    across = np.abs(placement.zoom_x * at + placement.shift_x) + placement.zoom_x / side
    down = np.abs(placement.zoom_y * at + placement.shift_y) + placement.zoom_y / side
    rows = down + abs(placement.tilt_y) * _CORNERS <= limit
    return rows, across + abs(placement.tilt_x) * _CORNERS <= limit


_ROUNDING: Final = 1e-4
_CORNERS: Final = 0.9  # what is left beyond by a turn is a sliver in two corners
