"""What a closer look found of two pictures, in words as seen from either of them; pure.

A reason is written down once, as seen from the first of a pair to the second. Pages speak of a
picture as seen from another one, whichever of the two comes first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from fapfav.duplicates.keepers import BLIND
from fapfav.model import Digest, Judged, Pair, PairKey

_SEPARATOR: Final = ", "
_WHOLE: Final = re.compile(r"same (picture|animation)|[\d.]+x (larger|smaller)|recompressed")

_SWAPPED: Final = (
    ("larger", "smaller"),
    ("lighter", "darker"),
    ("more contrast", "less contrast"),
    ("faster", "slower"),
    ("turned a quarter to the right", "turned a quarter to the left"),
    ("a still of the animation", "an animation that shows it"),
)
"""Words that are each other's, seen from the other side."""

_OTHERWISE: Final[Mapping[str, Callable[[str], str]]] = {
    r"cropped by .*": lambda _: "shows more at the edges",
    r"with a border or caption": lambda _: "without the border or caption",
    r"something written over it": lambda _: "something written over one of the two",
    r"shares .* of its area": lambda _: "shares a part of its area",
    r"shows it within more: it fills (.*) of the area": lambda share: (
        f"cut out of it: {share} of its area"
    ),
    r"cut out of it: (.*) of its area": lambda share: (
        f"shows it within more: it fills {share} of the area"
    ),
}
"""Words that are told otherwise from the other side; what is in brackets stays."""


def seen(row: Pair | None) -> Judged | None:
    """What a closer look found of a recorded pair; None where nobody looked, or nobody could."""
    judged = row.judged if row is not None else None
    return None if judged is None or judged.version == BLIND else judged


def seen_from(one: Digest, pair: PairKey, judged: Judged) -> str:
    """What the other picture of a pair is to this one."""
    return judged.reason if one == pair.first else turned_round(judged.reason)


def turned_round(reason: str) -> str:
    """What is said of the second picture to the first, said of the first to the second.

    What does not depend on the side stays as it is; so does what nobody knows here.
    """
    return _SEPARATOR.join(_part(part) for part in reason.split(_SEPARATOR))


def _part(part: str) -> str:
    for pattern, words in _OTHERWISE.items():
        if found := re.fullmatch(pattern, part):
            return words("".join(found.groups()))
    for one, other in _SWAPPED:
        for this, that in ((one, other), (other, one)):
            if part == this or part.endswith(f"x {this}"):
                return part.removesuffix(this) + that
    return part


def changes_beside_size(reason: str) -> tuple[str, ...]:
    """What was done to a picture besides making it larger, smaller, or compressing it anew."""
    return tuple(part for part in reason.split(_SEPARATOR) if not _WHOLE.fullmatch(part))


def sure(probability: float) -> str:
    """`97 % sure`, rounded down: nothing of this kind is ever quite sure."""
    if probability > 0.99:
        return "more than 99 % sure"
    return f"{math.floor(probability * 100 + 1e-9)} % sure"
