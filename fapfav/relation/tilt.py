"""Which small turn brings one picture onto another, by robust Gauss-Newton from a placement."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from fapfav.relation.align import refined
from fapfav.relation.overlap import interpolated, tilted_positions
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Values, positions, product, reduced, slope
from fapfav.relation.traits import SIDE, Plane

MOST: Final = math.radians(4)
"""The largest turn that is looked for: what a scanner or a hand leaves."""

_STEPS: Final = 6
_FEW_STEPS: Final = 2
_COARSE: Final = 32
_LEAST: Final = math.radians(0.5)
_STEADY: Final = 0.001  # of a side
_MOVED: Final = 0.005  # of half a side: a quarter of a pixel


def looks_tilted(
    moving: Plane, still: Plane, start: Placement, size: tuple[int, int]
) -> Placement | None:
    """The placement with a small turn as a few coarse steps see it; None if they see none.

    `size` is width and height of the picture that is placed.
    """
    found = tilted(moving, still, start, _COARSE, _FEW_STEPS)
    return found if _LEAST < abs(turn(found, size)[0]) < 1.5 * MOST else None


def tilted(
    moving: Plane, still: Plane, start: Placement, side: int = 64, steps: int = _STEPS
) -> Placement:
    """The placement with tilts of its own for both sides, made exact at so many pixels a side."""
    first, second = reduced(moving, side), reduced(still, side)
    planes = np.stack([first, slope(first), slope(first.T).T])
    at = positions(side)
    u, v = np.broadcast_to(at, (side, side)), np.broadcast_to(at[:, None], (side, side))
    found = start
    for _ in range(steps):
        across, down = tilted_positions(found, side)
        seen = (np.abs(across) <= 1) & (np.abs(down) <= 1)
        sampled, x, y = interpolated(planes, across, down)
        terms = np.stack([x * u, x, x * v, y * v, y, y * u, sampled, np.ones_like(x)])
        change = _solved(terms, second, seen.astype(np.float32), sampled)
        moved = _moved(found, change)
        if abs(moved.tilt_x) > 0.2 or abs(moved.tilt_y) > 0.2 or moved.zoomed > 0.4:
            break
        found = moved
        if float(np.abs(change).max()) < _STEADY:
            break
    return found


def more_exact(
    moving: Plane, still: Plane, start: Placement, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> Iterator[Placement]:
    """Placements other than `start` at all the pixels there are, the likeliest first.

    Either way round, since the smaller of two renditions has lost what the other is laid on by;
    then with a small turn if there seems to be one. `sizes` are those of the pictures in pixels.
    """
    one = refined(moving, still, start, SIDE).placement
    if not one.near(start, _MOVED):
        yield one
    other = refined(still, moving, start.inverse(), SIDE).placement
    if not other.inverse().near(one, _MOVED):
        yield other.inverse()
    if looks_tilted(moving, still, one, sizes[0]) is not None:
        yield tilted(moving, still, one, SIDE)
        yield tilted(still, moving, other, SIDE).inverse()


def turn(placement: Placement, size: tuple[int, int]) -> tuple[float, float]:
    """The angle in radians, to the right, and how far from a turn the tilts are.

    `size` is width and height of the picture that is placed; its pixels are square.
    """
    width, height = size
    down, across = placement.tilt_y * height / width, -placement.tilt_x * width / height
    return (down + across) / 2, abs(down - across) / 2


def _solved(terms: Values, still: Plane, seen: Values, sampled: Plane) -> Values:
    """The change of all eight terms' factors; weights are Tukey's biweight on what is left."""
    weights = seen
    gain, offset = 1.0, 0.0
    for _ in range(2):
        total = float(weights.sum()) + 1e-3
        mean_one = float((weights * sampled).sum()) / total
        mean_two = float((weights * still).sum()) / total
        apart = sampled - mean_one
        gain = (float((weights * apart * (still - mean_two)).sum()) + total) / (
            float((weights * apart * apart).sum()) + total
        )
        gain = min(3.0, max(0.3, gain))
        offset = mean_two - gain * mean_one
        off = np.abs(still - gain * sampled - offset)
        limit = 6 * float((off * weights).sum()) / total + 3
        ratio = np.minimum(1, off / limit)
        weights = seen * (1 - ratio * ratio) ** 2
    rows = terms.reshape(8, -1).copy()
    rows[:6] *= gain
    weighted = rows * weights.ravel()
    normal = product(weighted, rows.T).astype(np.float64)
    ridge = np.eye(8) * (1e-3 + 1e-5 * float(np.trace(normal)) / 8)
    residual = (still - gain * sampled - offset).ravel()
    change: Values = np.linalg.solve(normal + ridge, weighted @ residual)[:6]
    return change


def _moved(placement: Placement, change: Values) -> Placement:
    zoom_x, shift_x, tilt_x, zoom_y, shift_y, tilt_y = (float(value) for value in change)
    return replace(
        placement,
        zoom_x=max(0.3, placement.zoom_x + zoom_x),
        shift_x=placement.shift_x + shift_x,
        tilt_x=placement.tilt_x + tilt_x,
        zoom_y=max(0.3, placement.zoom_y + zoom_y),
        shift_y=placement.shift_y + shift_y,
        tilt_y=placement.tilt_y + tilt_y,
    )
