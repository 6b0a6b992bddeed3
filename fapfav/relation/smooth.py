"""Pictures without detail (flat colours, gradients, fog): they are held against each other as they
are, because anything smooth can be aligned, brightened and shaded into anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fapfav.relation.planes import Values, averaged
from fapfav.relation.traits import Plane

SMOOTH: Final = 2.0  # deviation from the surroundings, of 255

_WINDOW: Final = 9


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two pictures are apart, of 255: of luma, and of Cb and Cr together.

    `mean` and `worst` (the twentieth of places where it is largest) are of luma, `colour` and
    `worst_colour` of chroma.
    """

    mean: float
    worst: float
    colour: float
    worst_colour: float


def detail(plane: Plane) -> float:
    """How much a luma deviates from its surroundings, of 255."""
    inner = slice(_WINDOW // 2, -(_WINDOW // 2))  # windows at the edge are lopsided
    return float((plane - averaged(plane, _WINDOW))[inner, inner].std())


def difference(one: Plane, other: Plane, colours: tuple[Values, Values]) -> Difference:
    """How far two pictures are apart as they are; `colours` is the chroma of both."""
    luma = np.abs(one - other).ravel()
    chroma = np.abs(colours[0] - colours[1]).sum(axis=2).ravel()
    return Difference(float(luma.mean()), _worst(luma), float(chroma.mean()), _worst(chroma))


def _worst(values: Values) -> float:
    return float(np.partition(values, -len(values) // 20)[-len(values) // 20])
