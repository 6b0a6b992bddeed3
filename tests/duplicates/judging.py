"""Judged pairs, and what is said of one method."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fapfav.duplicates.learning import Judged, Learned, MethodSays
from fapfav.duplicates.limits import ANIMATED, REGULAR, Rule
from fapfav.model import Method

RULE = Rule(REGULAR, ANIMATED)
Row = tuple[int, int, bool, bool, tuple[float, ...]]


def judged(rows: Sequence[Row], linked: Sequence[bool] = ()) -> Judged:
    """Pairs as (first, second, same, moving, scores); NaN where a method says nothing."""
    return Judged(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.bool_),
        np.array([row[3] for row in rows], np.bool_),
        np.array(linked or [False] * len(rows), np.bool_),
        np.array([row[4] for row in rows], np.float64).reshape(-1, len(Method)),
    )


def apart(
    count: int, bits: float, *, same: bool, start: int = 0, moving: bool = False
) -> list[Row]:
    """Pairs that have no picture in common, of which only percept says anything."""
    scores = (bits, math.nan, math.nan, math.nan, math.nan)
    return [(start + 2 * n, start + 2 * n + 1, same, moving, scores) for n in range(count)]


def of(found: Learned, method: Method = Method.PERCEPT, *, moving: bool = False) -> MethodSays:
    (says,) = (each for each in found.methods if (each.method, each.moving) == (method, moving))
    return says
