"""The picture inside of a picture: without the border, caption, bars or window around it.

What is around is found by its ground, the one level that most of the outermost pixels have. Rows
and columns that show little else are cut away in turn until one block is left, as the X-Y cut does
with the blocks of a page (Nagy and Seth, 1984). A picture that reaches its own edges stays whole;
one on a plain ground loses it with and without a frame, so two copies come out the same.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from fapfav.relation.overlap import overlapping
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Mask, Values, averaging, reduced
from fapfav.relation.traits import Bytes2D, Plane

SIDE: Final = 32
"""Pixels of a side of what `shown` returns, which a hash is made of."""

_RING: Final = 2  # outermost rows and columns of 96 that tell the ground
_BIN: Final = 4  # levels; two neighbouring bins are one ground
_FAR: Final = 24  # levels from the ground that are something else
_LITTLE: Final = 0.06  # share of a row or column that lines of text around a picture may take
_LEAST: Final = 12  # pixels; less is no picture
_WHOLE: Final = 0.97  # share of both sides from which there is nothing around
_ROUNDS: Final = 3


class Box(NamedTuple):
    """Rows `top` to `bottom` and columns `left` to `right`, the ends not among them."""

    top: int
    bottom: int
    left: int
    right: int


def inner_box(luma: Bytes2D) -> Box | None:
    """Where the picture is in a luma, side x side; None where nothing is around it."""
    far = np.abs(luma.astype(np.int16) - _ground(luma)) > _FAR
    side = len(luma)
    top, bottom, left, right = 0, side, 0, side
    for _ in range(_ROUNDS):
        start, end = _largest_block(far[top:bottom, left:right].mean(axis=0))
        left, right = left + start, left + end
        if right - left < _LEAST:
            return None
        start, end = _largest_block(far[top:bottom, left:right].mean(axis=1))
        top, bottom = top + start, top + end
        if bottom - top < _LEAST:
            return None
    if min(bottom - top, right - left) > _WHOLE * side:
        return None
    return Box(top, bottom, left, right)


def shown(luma: Bytes2D) -> Bytes2D:
    """What is inside of a luma, or all of it where nothing is around, as SIDE x SIDE."""
    box = inner_box(luma) or Box(0, len(luma), 0, len(luma))
    part = luma[box.top : box.bottom, box.left : box.right].astype(np.float32)
    small = averaging(part.shape[0], SIDE) @ part @ averaging(part.shape[1], SIDE).T
    return np.asarray(np.clip(small + 0.5, 0, 255).astype(np.uint8))


def boxes_laid(moving: Bytes2D, still: Bytes2D) -> tuple[Placement, ...]:
    """The placements that lay what is inside of the one on that of the other; none without both
    being whole.

    After the first, which takes the boxes of both, come those that take one of the two as a whole:
    a picture on a ground of its own has a box by itself, and has none in a window.
    """
    whole = Box(0, len(moving), 0, len(moving))
    one, other = inner_box(moving) or whole, inner_box(still) or whole
    pairs = dict.fromkeys([(one, other), (whole, other), (one, whole)])
    return tuple(_box_laid(*pair, len(moving)) for pair in pairs if pair != (whole, whole))


def _box_laid(one: Box, other: Box, side: int) -> Placement:
    zoom_x, shift_x = _laid((one.left, one.right), (other.left, other.right), side)
    zoom_y, shift_y = _laid((one.top, one.bottom), (other.top, other.bottom), side)
    return Placement(zoom_x, shift_x, zoom_y, shift_y)


def correlated(moving: Plane, still: Plane, placement: Placement) -> float:
    """The correlation of two lumas, brought to SIDE, where a placement lays them on each other."""
    small = reduced(moving, SIDE), reduced(still, SIDE)
    both = overlapping(*small, placement)
    if both is None:
        return 0.0
    one, other = (each - each.mean() for each in both)
    energy = float((one * one).sum() * (other * other).sum())
    return float((one * other).sum()) / (math.sqrt(energy) + 1)


def _ground(luma: Bytes2D) -> int:
    """The level that most of the outermost pixels are near."""
    edges = (luma[:_RING], luma[-_RING:], luma[:, :_RING], luma[:, -_RING:])
    levels = np.concatenate([edge.ravel() for edge in edges]) // _BIN
    counts = np.bincount(levels, minlength=256 // _BIN)
    return int((counts[:-1] + counts[1:]).argmax()) * _BIN + _BIN


def _largest_block(shares: Values) -> tuple[int, int]:
    """Where the block begins and ends that shows most, of those that gaps set apart; 0, 0 without
    any."""
    filled: Mask = shares > _LITTLE
    ends = np.flatnonzero(np.diff(filled.astype(np.int8), prepend=0, append=0))
    sums = np.concatenate([np.zeros(1), np.cumsum(shares)])
    blocks = ends.reshape(-1, 2)
    if not len(blocks):
        return 0, 0
    best = int((sums[blocks[:, 1]] - sums[blocks[:, 0]]).argmax())
    return int(blocks[best, 0]), int(blocks[best, 1])


def _laid(one: tuple[int, int], other: tuple[int, int], side: int) -> tuple[float, float]:
    """Zoom and shift along one side."""
    zoom = (one[1] - one[0]) / (other[1] - other[0])
    middles = [(start + end) / side - 1 for start, end in (one, other)]
    return zoom, middles[0] - zoom * middles[1]
