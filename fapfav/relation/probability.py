"""From how far a pair is inside the limits to how likely it is what it is called."""

from __future__ import annotations

import math
from typing import Final

from fapfav.words import Label

_CURVES: Final = {
    Label.SAME: (3.0, 2.0),
    Label.RELATED: (2.5, 1.4),
    Label.DIFFERENT: (1.5, 0.1),
}
"""Start and slope of each kind's curve."""


def probability(kind: Label, margin: float) -> float:
    """How often a pair with this margin is what it is called: 1 / (1 + exp(-(a + b * margin))).

    A logistic curve grows with the margin and has two constants (Platt, 1999). They were fitted by
    maximum likelihood, drawn towards a gentle curve where mistakes are few, and rounded. The pairs
    were labelled by how they were made: photographs, drawings, game art and screens of text, each
    changed in forty ways, and pictures that are merely alike. So they are of pictures that are
    already candidates, not of any two. What is called different is at times a related picture after
    all, whatever the margin: mirrored and without colours, say.
    """
    start, slope = _CURVES[kind]
    return 1 / (1 + math.exp(-(start + slope * margin)))
