"""Where to begin aligning: rows and columns of two pictures held against each other by their means.

The means of all rows are 64 numbers, and so are those of all columns; each is tried at every zoom
and shift that a border, a caption or a crop brings about. That is quicker than aligning small
pictures from several starts, and it finds patterns that small pictures no longer show.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fapfav.relation.placement import Placement
from fapfav.relation.planes import Values, positions
from fapfav.relation.traits import Plane

_ZOOMS: Final = np.exp(np.linspace(-0.18, 0.18, 31))
_SHIFT: Final = 0.02  # of half a side, between two tries
_SLACK: Final = 0.021  # how far two pictures may go past each other's edges on opposite sides
_LEAST: Final = 0.8  # correlation of rows and of columns


def start_of(moving: Plane, still: Plane) -> Placement | None:
    """A placement within a pixel or two, None where none has rows and columns agree."""
    across = _best(moving.mean(axis=0), still.mean(axis=0))
    down = _best(moving.mean(axis=1), still.mean(axis=1))
    if min(across[0], down[0]) < _LEAST:
        return None
    return Placement(across[1], across[2], down[1], down[2])


def _best(moving: Values, still: Values) -> tuple[float, float, float]:
    """The highest correlation of two profiles, and the zoom and shift it is at."""
    tries, index, share, seen, counts = _tries(len(still))
    # About their means: sums of small numbers keep more of their places.
    first, second = moving - moving.mean(), still - still.mean()
    sampled = first.take(index)
    sampled += np.diff(first).take(index) * share
    sampled *= seen
    sums = sampled.sum(axis=1), seen @ second
    energies = (
        np.einsum("ij,ij->i", sampled, sampled) - sums[0] * sums[0] / counts,
        seen @ (second * second) - sums[1] * sums[1] / counts,
    )
    shared = sampled @ second - sums[0] * sums[1] / counts
    scores = shared / np.sqrt(np.maximum(energies[0] * energies[1], 0) + 1)
    best = int(scores.argmax())
    return float(scores[best]), float(tries[best, 0]), float(tries[best, 1])


@cache
def _tries(side: int) -> tuple[Values, NDArray[np.intp], Values, Values, Values]:
    """All zooms and shifts (n x 2), and how each samples a profile: where, between, and whether,
    and at how many places."""
    tries = np.array(
        [
            (zoom, shift)
            for zoom in _ZOOMS
            for shift in np.arange(-0.3, 0.3, _SHIFT)
            if abs(shift) <= abs(1 - zoom) + _SLACK
        ],
        np.float32,
    )
    at = tries[:, :1] * positions(side) + tries[:, 1:]
    exact = np.clip((at + 1) * (side / 2) - 0.5, 0, side - 1.001)
    index = exact.astype(np.intp)
    seen = (np.abs(at) <= 1).astype(np.float32)
    return tries, index, (exact - index).astype(np.float32), seen, seen.sum(axis=1)
