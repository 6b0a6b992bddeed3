"""Whether two aligned pictures have the same colours, apart from how strong they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fapfav.relation.planes import Values

_COLOURLESS: Final = 4.0  # deviation from grey, of 255, that compression alone brings about
_PULL: Final = 4.0  # keeps the gain of nearly grey pictures near one


@dataclass(frozen=True, slots=True)
class Colours:
    """How the colours of two pictures agree; deviations and rests are of 255.

    `correlation` is of Cb and Cr together, about grey; `rest` the mean difference after one gain
    for both, `worst` the same over the tenth of places where it is largest; `strength` is how
    colourful each is. `tint` is `worst` as it is, without a gain.
    """

    correlation: float
    rest: float
    worst: float
    tint: float
    gain: float
    strength: tuple[float, float]

    @property
    def grey(self) -> tuple[bool, bool]:
        """Which of the two has no colours to speak of."""
        return self.strength[0] < _COLOURLESS, self.strength[1] < _COLOURLESS


def compare_colours(one: Values, other: Values) -> Colours:
    """Compares chroma (n x m x 2, about 0) of two pictures that show the same part."""
    first, second = float((one * one).mean()), float((other * other).mean())
    shared = float((one * other).mean())
    strength = first**0.5, second**0.5
    gain = (shared + _PULL) / (first + _PULL)
    gain = min(2.5, max(0.4, gain))
    # In the tones of the stronger, so that the result does not depend on their order.
    weaker = max(strength) / (min(strength) + 1e-6)
    apart = np.abs(gain * one - other).sum(axis=2) * min(weaker if gain < 1 else 1.0, 2.5)
    return Colours(
        correlation=(shared + 1) / ((first + 1) * (second + 1)) ** 0.5,
        rest=float(apart.mean()),
        worst=_worst(apart),
        tint=_worst(np.abs(one - other).sum(axis=2)),
        gain=gain,
        strength=strength,
    )


def _worst(apart: Values) -> float:
    """The mean over the tenth of places where it is largest."""
    places = np.sort(apart.ravel())
    return float(places[-max(1, len(places) // 10) :].mean())
