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
    first, second = float(np.vdot(one, one)) / one.size, float(np.vdot(other, other)) / one.size
    shared = float(np.vdot(one, other)) / one.size
    strength = first**0.5, second**0.5
    gain = (shared + _PULL) / (first + _PULL)
    gain = min(2.5, max(0.4, gain))
    # In the tones of the stronger, so that the result does not depend on their order.
    weaker = max(strength) / (min(strength) + 1e-6)
    apart = _distance(gain * one, other) * min(weaker if gain < 1 else 1.0, 2.5)
    return Colours(
        correlation=(shared + 1) / ((first + 1) * (second + 1)) ** 0.5,
        rest=float(apart.mean()),
        worst=_worst(apart),
        tint=_worst(_distance(one, other)),
        gain=gain,
        strength=strength,
    )


def _distance(one: Values, other: Values) -> Values:
    """Of Cb and Cr together, at every place."""
    apart = np.abs(one - other)
    return apart[..., 0] + apart[..., 1]


def _worst(apart: Values) -> float:
    """The mean over the tenth of places where it is largest."""
    count = max(1, apart.size // 10)
    return float(np.partition(apart.ravel(), -count)[-count:].sum()) / count
