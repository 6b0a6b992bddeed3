"""Which zoom and shift bring one picture onto another, by robust Gauss-Newton.

The picture `moving` is sampled at zoom * u + shift, u from -1 to 1 along each side, and multiplied
and offset, to come out like `still`. Zoom and shift along the two sides are independent, so that a
caption below a picture or another shape of it is no matter. Values far off (a watermark, another
object) count less: Tukey's biweight on residuals against their median.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

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
    slopes = slope(moving), slope(moving.T).T
    tones = np.zeros((len(starts), 2), np.float32)
    states, agreements = starts, np.zeros(len(starts), np.float32)
    for number in range(count):
        sampled = _sampled(moving, slopes, still, states)
        if number == 0:
            tones = _tones(sampled.values, still, sampled.seen)
        residual, weights = _weighted(sampled, still, tones)
        change = _change(sampled, residual, weights, tones[:, 0])
        moved = states + change[:, :4]
        stays = np.abs(moved - _STARTS[0]).max(axis=1, keepdims=True) > far
        change[:, :4] = np.where(stays, 0, change[:, :4])
        states = states + change[:, :4]
        tones = np.clip(tones + change[:, 4:], _DARKEST, _LIGHTEST)
        if number == count - 1 or float(np.abs(change[:, :4]).max()) < _STEADY:
            agreements = _agreement(sampled.values, still, weights)
            break
    return states, agreements


class _Sampled(NamedTuple):
    """A picture and its slopes as states place them, n x side x side, and where it has values."""

    values: Values
    along_x: Values
    along_y: Values
    seen: Values


def _sampled(moving: Plane, slopes: tuple[Plane, Plane], still: Plane, states: Values) -> _Sampled:
    side = len(still)
    over = sampling(states[:, 0], states[:, 1], side).transpose(0, 2, 1)
    rows = sampling(states[:, 2], states[:, 3], side)
    seen = inside(states[:, 2], states[:, 3], side)[:, :, None]
    seen = seen * inside(states[:, 0], states[:, 1], side)[:, None, :]
    along_x, along_y = rows @ slopes[0] @ over, rows @ slopes[1] @ over
    return _Sampled(rows @ moving @ over, along_x, along_y, seen)


def _weighted(sampled: _Sampled, still: Plane, tones: Values) -> tuple[Values, Values]:
    """What is left at every pixel, and how much the pixel counts."""
    residual = still - tones[:, :1, None] * sampled.values - tones[:, 1:, None]
    off = np.abs(residual) * sampled.seen
    # The mean stands for the median: it is a quarter larger, and no sorting is needed.
    scale = off.sum((1, 2), keepdims=True) / (sampled.seen.sum((1, 2), keepdims=True) + 1e-3)
    ratio = np.minimum(1, off / (6 * scale + 3))
    return residual, sampled.seen * (1 - ratio * ratio) ** 2


def _change(sampled: _Sampled, residual: Values, weights: Values, gain: Values) -> Values:
    """What to add to zooms, shifts, gain and offset: n x 6."""
    count, side = len(residual), residual.shape[1]
    at = positions(side)
    terms = np.empty((count, 6, side, side), np.float32)
    np.multiply(sampled.along_x, gain[:, None, None], out=terms[:, 1])
    np.multiply(terms[:, 1], at, out=terms[:, 0])
    np.multiply(sampled.along_y, gain[:, None, None], out=terms[:, 3])
    np.multiply(terms[:, 3], at[:, None], out=terms[:, 2])
    terms[:, 4], terms[:, 5] = sampled.values, 1
    flat = terms.reshape(count, 6, -1)
    weighted = flat * weights.reshape(count, 1, -1)
    normal = (weighted @ flat.transpose(0, 2, 1)).astype(np.float64)
    right = weighted @ residual.reshape(count, -1, 1)
    # A flat picture has no slopes: the ridge keeps its placement where it is.
    traces = normal.reshape(count, 36)[:, ::7].mean(axis=1)
    ridge = (traces[:, None, None] * 1e-5 + 1e-3) * np.eye(6)
    change: Values = np.linalg.solve(normal + ridge, right)[:, :, 0].astype(np.float32)
    return change


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
