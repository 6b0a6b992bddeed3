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
from fapfav.relation.placement import UNMOVED, Placement

WITH: Final = ("with a border", "with a caption")
"""What is added to a picture around it; pixels of that are none of the picture."""

WITHOUT: Final = ("without the border", "without the caption")
"""The same, of the other of the two."""

CROPPED: Final = "cropped"
MORE: Final = "shows more at the edges"
"""How it begins to say that a picture shows less or more of what is shown than the other."""

WRITTEN: Final = "something written over"
"""How it begins to say that one of the two has words or a mark, which of them is for the eye."""

_SEPARATOR: Final = ", "
_WHOLE: Final = re.compile(r"same (picture|animation)|[\d.]+x (larger|smaller)|recompressed")

_SIDES: Final = {"zoom_x": 1.0, "shift_x": 0.0, "zoom_y": 1.0, "shift_y": 0.0}
_FARTHEST: Final = 20.0

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
    f"{CROPPED} by (.*)": lambda share: f"{MORE}: {share}",
    f"{MORE}: (.*)": lambda share: f"{CROPPED} by {share}",
    r"with a (border.*|caption)": lambda what: f"without the {what}",
    r"without the (border.*|caption)": lambda what: f"with a {what}",
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


def lies_from(one: Digest, pair: PairKey, judged: Judged) -> Placement:
    """Which point of this picture the other one of a pair shows at each of its own points.

    Tilt is left out; so is what no closer look of ours would say.
    """
    named = {name: judged.transform.get(name, plain) for name, plain in _SIDES.items()}
    if not all(type(value) in (int, float) and abs(value) < _FARTHEST for value in named.values()):
        return UNMOVED
    placement = Placement(**named)
    if min(placement.zoom_x, placement.zoom_y) < 1 / _FARTHEST:
        return UNMOVED
    return placement if one == pair.first else placement.inverse()


def turned_round(reason: str) -> str:
    """What is said of the second picture to the first, said of the first to the second.

    What does not depend on the side stays as it is; so does what nobody knows here.
    """
    return _SEPARATOR.join(_part(part) for part in parts_of(reason))


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
    return tuple(part for part in parts_of(reason) if not _WHOLE.fullmatch(part))


def is_known_edge(change: str) -> bool:
    """Whether what was done is a border or a crop, and nothing that would have to be read."""
    return change in (WITH[0], WITHOUT[0]) or change.startswith((CROPPED, MORE))


def parts_of(reason: str) -> tuple[str, ...]:
    """What was found, each by itself: what it is, then what was done to it."""
    return tuple(reason.split(_SEPARATOR))


def how_sure(certainty: float, *, is_probability: bool) -> str:
    """`97 % sure` of a probability; else how near prints and shapes are, which is none."""
    return sure(certainty) if is_probability else f"near {certainty:.3f}"


def sure(probability: float) -> str:
    """`97 % sure`, rounded down: nothing of this kind is ever quite sure."""
    if probability > 0.99:
        return "more than 99 % sure"
    return f"{math.floor(probability * 100 + 1e-9)} % sure"
