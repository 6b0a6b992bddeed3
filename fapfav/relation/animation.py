"""Whether two animations play the same: every frame, the motion between them, and the length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fapfav.relation.overlap import overlapping_frames
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Values
from fapfav.relation.traits import Traits

_NOISE: Final = 16.0  # variance of what compression leaves; keeps stills from correlating
_MOVES: Final = 4.0  # variance over time from which a place moves


@dataclass(frozen=True, slots=True)
class Playing:
    """How two animations agree, -1 to 1.

    `frames` is the correlation of the worst frame with the best one of the other that is shown at
    about the same share of the time, `motion` that of what changes over time. `found` is the share
    of frames that are in the other at any time, the smaller of both ways. `length` is the shorter
    playing time by the longer.
    """

    frames: float
    motion: float
    found: float
    length: float


def compare_playing(one: Traits, other: Traits, placement: Placement) -> Playing:
    """Compares two animations whose first frames lie on each other as `placement` says."""
    first, second = overlapping_frames(one.frames, other.frames, placement)
    matrix = _correlations(first, second)
    moved_one, moved_two = first - first.mean(axis=0), second - second.mean(axis=0)
    variances = moved_one.var(axis=0), moved_two.var(axis=0)
    moving = np.maximum(*variances) > _MOVES
    motion = 1.0
    if moving.any():
        shared = float((moved_one * moved_two)[:, moving].mean())
        energies = (float((each**2)[:, moving].mean()) for each in (moved_one, moved_two))
        motion = (shared + 1) / float(np.prod([energy + 1 for energy in energies])) ** 0.5
    near = matrix > SAME_FRAME
    apart = np.abs(np.arange(len(matrix))[:, None] - np.arange(len(matrix)))
    # Rounded times may show the frame before or after.
    about = np.where(apart <= 1, matrix, -1)
    return Playing(
        frames=float(min(about.max(axis=0).min(), about.max(axis=1).min())),
        motion=motion,
        found=float(min(near.any(axis=0).mean(), near.any(axis=1).mean())),
        length=min(one.duration, other.duration) / max(one.duration, other.duration, 1),
    )


def shows_still(animation: Traits, still: Traits) -> float:
    """The correlation of the frame that is most like a still."""
    small = still.luma.reshape(1, 32, 3, 32, 3).mean(axis=(2, 4), dtype=np.float32)
    return float(_correlations(animation.frames.astype(np.float32), small).max())


SAME_FRAME: Final = 0.95
"""Correlation from which two frames are the same."""


def _correlations(one: Values, other: Values) -> Values:
    """Pearson's of every frame with every frame, damped by noise."""
    first, second = one.reshape(len(one), -1), other.reshape(len(other), -1)
    first = first - first.mean(axis=1, keepdims=True)
    second = second - second.mean(axis=1, keepdims=True)
    size = first.shape[1]
    shared = first @ second.T / size + _NOISE
    energy = (first**2).mean(axis=1) + _NOISE, (second**2).mean(axis=1) + _NOISE
    correlations: Values = shared / np.sqrt(np.outer(*energy))
    return correlations
