"""Which zoom and shift bring one picture onto another, by robust Gauss-Newton.

The picture `moving` is sampled at zoom * u + shift, u from -1 to 1 along each side, and multiplied
and offset, to come out like `still`. Zoom and shift along the two sides are independent, so that a
caption below a picture or another shape of it is no matter. Values far off (a watermark, another
object) count less: Tukey's biweight on residuals against their median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import (
    Values,
    inside,
    positions,
    reduced,
    sampling,
    slope,
)
from fapfav.relation.profile import start_of
from fapfav.relation.traits import Plane

COARSE: Final = 32
FINE: Final = 64

_STARTS: Final = np.array(
    # zoom and shift along x, then along y
    [[1, 0, 1, 0], [0.9, 0, 0.9, 0], [1.11, 0, 1.11, 0], [1, 0, 0.9, -0.1], [1, 0, 1.1, 0.1]],
    np.float32,
)
_COARSE_STEPS: Final = 8
_LOOK: Final = 3  # steps after which starts are compared
_FINE_STEPS: Final = 4
HOPELESS: Final = 0.7  # robust correlation at COARSE below which no pair came to agree
_EARLY: Final = 0.62  # the same after the first look
_SURE: Final = 0.9  # the same of a start from profiles that needs no other tries
_STEADY: Final = 0.0008  # of a side; smaller steps change nothing that is measured later
_DARKEST: Final = np.array([0.3, -400], np.float32)
_LIGHTEST: Final = np.array([3, 400], np.float32)
"""Bounds of gain and offset."""

_FAR: Final = 0.35
"""The most that zoom and shift may stray; Gauss-Newton does not come back from further off."""

_FAR_CUT: Final = 0.85  # where a part was looked for and found


@dataclass(frozen=True, slots=True)
class Alignment:
    """A placement, and how well it came out: robust correlation at the finest side reached."""

    placement: Placement
    agreement: float


def align(moving: Plane, still: Plane) -> Alignment:
    """Brings `moving` onto `still`; both of one size and at least FINE.

    Hopeless pairs end after the coarse steps.
    """
    large = reduced(moving, FINE), reduced(still, FINE)
    if (start := start_of(*large)) is not None:
        found = _ended(*_steps(*large, _state(start), _FINE_STEPS + 1))
        if found.agreement >= _SURE:
            return found
    small = reduced(moving, COARSE), reduced(still, COARSE)
    states, agreements = _steps(*small, _STARTS, _LOOK)
    if float(agreements.max()) < _EARLY:
        return Alignment(UNMOVED, float(agreements.max()))
    # Two are enough to go on with: others lead to the same place or nowhere.
    best = np.argsort(-agreements, kind="stable")[:2]
    states, agreements = _steps(*small, states[best], _COARSE_STEPS - _LOOK)
    first = int(np.argmax(agreements))
    if agreements[first] >= HOPELESS:
        states, agreements = _steps(*large, states[first : first + 1], _FINE_STEPS)
        first = 0
    return _ended(states[first:], agreements[first:])


def _state(placement: Placement) -> Values:
    """One state, 1 x 4."""
    sides = placement.zoom_x, placement.shift_x, placement.zoom_y, placement.shift_y
    return np.array([sides], np.float32)


def _ended(states: Values, agreements: Values) -> Alignment:
    zoom_x, shift_x, zoom_y, shift_y = (float(value) for value in states[0])
    return Alignment(Placement(zoom_x, shift_x, zoom_y, shift_y), float(agreements[0]))


def _steps(
    moving: Plane, still: Plane, starts: Values, count: int, far: float = _FAR
) -> tuple[Values, Values]:
    """States (n x 4) after so many steps, and the robust correlation each began its last with."""
    planes = np.stack([moving, slope(moving), slope(moving.T).T])
    tones = np.zeros((len(starts), 2), np.float32)
    states, agreements = starts, np.zeros(len(starts), np.float32)
    for number in range(count):
        terms, seen = _terms(planes, states)
        if number == 0:
            tones = _tones(terms[:, _VALUES], still, seen)
        weights = _weighted(terms, seen, still, tones)
        change = _change(terms, weights, tones[:, 0])
        moved = states + change[:, :4]
        stays = np.abs(moved - _STARTS[0]).max(axis=1, keepdims=True) > far
        change[:, :4] = np.where(stays, 0, change[:, :4])
        states = states + change[:, :4]
        tones = np.clip(tones + change[:, 4:], _DARKEST, _LIGHTEST)
        if number == count - 1 or float(np.abs(change[:, :4]).max()) < _STEADY:
            agreements = _agreement(terms[:, _VALUES], still, weights)
            break
    return states, agreements


_VALUES, _ALONG_X, _ALONG_Y, _TIMES_X, _TIMES_Y, _ONE, _LEFT = range(7)
"""What is known at every pixel: the value and its slopes, slopes by where it lies, 1, and how much
is left over."""

_SIXTHS: Final = np.full(6, 1 / 6)
_UNKNOWNS: Final = np.array([_TIMES_X, _ALONG_X, _TIMES_Y, _ALONG_Y, _VALUES, _ONE])
"""The terms of zoom and shift along x, the same along y, gain and offset."""


def _terms(planes: Values, states: Values) -> tuple[Values, Values]:
    """A picture and its slopes (3 x side x side) as states place them, n x 7 x side x side with
    room for what is left over, and which pixels have values, n x side x side."""
    side = planes.shape[1]
    at = positions(side)
    zooms, shifts = states[:, ::2], states[:, 1::2]
    matrices = sampling(zooms, shifts, side)
    within = inside(zooms, shifts, side)
    terms = np.empty((len(states), 7, side, side), np.float32)
    over = matrices[:, :1].swapaxes(2, 3)
    np.matmul(matrices[:, 1:] @ planes, over, out=terms[:, :3])
    np.multiply(terms[:, _ALONG_X], at, out=terms[:, _TIMES_X])
    np.multiply(terms[:, _ALONG_Y], at[:, None], out=terms[:, _TIMES_Y])
    terms[:, _ONE] = 1
    return terms, within[:, 1, :, None] * within[:, 0, None, :]


def _weighted(terms: Values, seen: Values, still: Plane, tones: Values) -> Values:
    """How much every pixel counts; what is left at it is put among the terms."""
    residual = terms[:, _LEFT]
    np.multiply(terms[:, _VALUES], -tones[:, :1, None], out=residual)
    residual += still
    residual -= tones[:, 1:, None]
    off = np.abs(residual) * seen
    # The mean stands for the median: it is a quarter larger, and no sorting is needed.
    scale = off.sum((1, 2), keepdims=True) / (seen.sum((1, 2), keepdims=True) + 1e-3)
    off /= 6 * scale + 3
    np.minimum(off, 1, out=off)
    off *= off
    np.subtract(1, off, out=off)
    off *= off
    off *= seen
    return off


def _change(terms: Values, weights: Values, gain: Values) -> Values:
    """What to add to zooms, shifts, gain and offset: n x 6."""
    count = len(terms)
    flat = terms.reshape(count, 7, -1)
    products = (flat * weights.reshape(count, 1, -1)) @ flat.transpose(0, 2, 1)
    # Slopes are of the picture as it is, the residual is in the other's tones.
    factors = np.ones((count, 6))
    factors[:, :4] = gain[:, None]
    normal = products[:, _UNKNOWNS[:, None], _UNKNOWNS] * factors[:, None] * factors[:, :, None]
    right = products[:, _UNKNOWNS, _LEFT] * factors
    # A flat picture has no slopes: the ridge keeps its placement where it is.
    traces = normal.reshape(count, 36)[:, ::7] @ _SIXTHS
    ridge = (traces[:, None, None] * 1e-5 + 1e-3) * np.eye(6)
    change = np.linalg.solve(normal + ridge, right[:, :, None])[:, :, 0]
    return change.astype(np.float32)


def _tones(values: Values, still: Plane, seen: Values) -> Values:
    """Gain and offset by least squares, n x 2."""
    total = seen.sum((1, 2), keepdims=True) + 1e-3
    mean_one = (seen * values).sum((1, 2), keepdims=True) / total
    mean_two = (seen * still).sum((1, 2), keepdims=True) / total
    first = (values - mean_one) * seen
    shared = (first * (still - mean_two)).sum((1, 2), keepdims=True) + total
    gain = np.clip(shared / ((first * first).sum((1, 2), keepdims=True) + total), 0.3, 3)
    tones: Values = np.concatenate([gain, mean_two - gain * mean_one], axis=1)[:, :, 0]
    return tones


def _agreement(sampled: Values, still: Plane, weights: Values) -> Values:
    total = weights.sum((1, 2), keepdims=True) + 1e-3
    first = sampled - (weights * sampled).sum((1, 2), keepdims=True) / total
    second = still - (weights * still).sum((1, 2), keepdims=True) / total
    shared = (weights * first * second).sum((1, 2))
    energy = (weights * first * first).sum((1, 2)) * (weights * second * second).sum((1, 2))
    # What the weights leave out counts against it: otherwise any two would agree somewhere.
    kept = np.minimum(1, total[:, 0, 0] / (0.7 * still.size))
    agreement: Values = kept * shared / np.sqrt(energy + 1)
    return agreement


def refined(moving: Plane, still: Plane, start: Placement, side: int = FINE) -> Alignment:
    """The placement made exact, at a side of so many pixels, from one that is off by a few."""
    large = reduced(moving, side), reduced(still, side)
    return _ended(*_steps(*large, _state(start), _COARSE_STEPS, _FAR_CUT))
