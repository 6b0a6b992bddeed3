"""The limits of what is the same picture, each as a margin: how far inside (above 0) or outside.

A margin is counted in steps of its own that tell a clear case from a doubtful one, so that margins
of different rules can be held against each other and the smallest one speaks for a pair.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

from fapfav.relation.animation import Playing
from fapfav.relation.colour import Colours
from fapfav.relation.placement import Placement
from fapfav.relation.smooth import Difference
from fapfav.relation.structure import Structure
from fapfav.relation.tilt import MOST, turn


class Rule(StrEnum):
    """What accepted or refused a pair."""

    STRUCTURE = "structure"
    CONFLICT = "conflict"
    SMOOTH = "smooth"
    COLOUR = "colour"
    GREY = "grey"
    PLACE = "place"
    SHAPE = "shape"
    TURNED = "turned"
    STILL = "still"
    MOTION = "motion"
    SPEED = "speed"
    PART = "part"
    UNALIKE = "unalike"


LARGEST_ZOOM: Final = 0.165
"""Logarithm: the same picture may lack 15 % of a side; a quarter cut away is another matter."""

LARGEST_BORDER: Final = 0.2
"""The same of a border as wide on all sides; on a long picture it takes more of the short side."""

FURTHEST: Final = 0.2
"""Of half a side: two copies cut on opposite sides, a tenth each. Further off patterns repeat."""

_LONGEST: Final = 4.0
"""Margins end here: more is no more certain."""


def structure_margins(found: Structure) -> dict[Rule, float]:
    """Of what is shown, place by place.

    Marks and words that are added to a picture stand above or below; what differs in the middle
    makes it another picture sooner.
    """
    # Of rules that are broken as badly the first speaks: this one tells more.
    margins = {
        Rule.CONFLICT: min(
            _below(found.conflict_middle, 0.012, 0.005),
            _below(found.conflict, 0.035, 0.012),
            _below(found.equal, 0.015, 0.005),
        ),
        Rule.STRUCTURE: min(
            _above(found.mean, 0.86, 0.05),
            _below(found.poor, 0.25, 0.1),
            _below(found.bad, 0.07, 0.03),
            _below(found.middle, 0.014, 0.006),
        ),
    }
    subtitled = min(
        _in_one_place(found),
        _above(found.mean, 0.86, 0.05),
        _below(found.poor, 0.25, 0.1),
        _below(found.bad, 0.135, 0.03),
        _below(found.conflict, 0.06, 0.02),
        _below(found.equal, 0.03, 0.01),
    )
    return {rule: max(margin, subtitled) for rule, margin in margins.items()}


def closer_margins(found: Structure) -> dict[Rule, float]:
    """Of what is shown, place by place, in the closest look."""
    margins = {
        Rule.STRUCTURE: min(
            _above(found.mean, 0.8, 0.05),
            _below(found.bad, 0.09, 0.03),
            _below(found.middle, 0.015, 0.006),
        ),
        Rule.CONFLICT: min(
            _below(found.conflict, 0.03, 0.01),
            _below(found.conflict_middle + found.equal, 0.0235, 0.006),
            # What moved is missing in both, each in its place; a mark is added to one.
            _below(found.exchanged, 0.0015, 0.0005),
            # Other words are scattered all over; a subtitle is in one place, a watermark is pale.
            max(_below(found.bad_cells, 0.195, 0.03), _below(found.conflict_cells, 0.07, 0.03)),
        ),
    }
    subtitled = min(
        _in_one_place(found),
        _above(found.lopsided, 0.95, 0.02),
        _above(found.mean, 0.88, 0.03),
        _below(found.bad, 0.12, 0.02),
        _below(found.conflict, 0.045, 0.015),
        _below(found.equal, 0.02, 0.01),
    )
    margins = {rule: max(margin, subtitled) for rule, margin in margins.items()}
    # Words in one place are those of one of the two, wherever they are.
    margins[Rule.CONFLICT] = min(margins[Rule.CONFLICT], letters_margin(found))
    return margins


def letters_margin(found: Structure) -> float:
    """Of letters, or other sharp detail, that each of two pictures has alone."""
    return _below(found.letters, 13.0, 3.0)


def _in_one_place(found: Structure) -> float:
    """Of pictures that differ above alone or below alone, as by a line of words over one of them.

    Words above and below are those of two pictures made of one.
    """
    return min(
        _below(found.middle, 0.003, 0.001),
        _below(found.conflict_middle, 0.003, 0.001),
        _below(found.ends, 0.003, 0.001),
    )


def outline_margin(found: Structure, colours: Colours) -> float:
    """Of drawings in other colours all over: what is lighter in one may be darker in the other."""
    return min(
        _above(found.outlines, 0.8, 0.04),
        _below(found.one_sided, 0.07, 0.02),
        _below(colours.correlation, 0.5, 0.2),
    )


def closer_outline_margin(found: Structure) -> float:
    """The same in the closest look, where other words no longer pass for words in other colours."""
    return _below(found.unlike, 0.025, 0.01)


def colour_margins(found: Colours, strict: bool = False) -> dict[Rule, float]:
    """Of colours; one picture without any against one with many is a case of its own.

    `strict` for pictures that do not agree everywhere in what they show: colours that brightening
    has cut off are no excuse for those.
    """
    grey = found.grey
    # Brightening cuts strong colours off, all over the picture, and they go on corresponding.
    more = 1 + 0.5 * min(1.0, max(0.0, (found.correlation - 0.85) / 0.07))
    margin = min(
        _below(found.rest, 18.0 * more, 6.0),
        _below(found.worst, 40.0 * min(more, 1.2), 12.0),
        _above(found.correlation, 0.6, 0.1),
    )
    if strict:
        share = found.worst / (max(found.strength) + 4)
        margin = min(margin, max(_below(found.worst, 18.0, 6.0), _below(share, 1.25, 0.2)))
    # The tint of a paper is white after a little more light, and tells nothing.
    margin = max(margin, _below(found.tint, 16.0, 4.0))
    if grey[0] and grey[1]:
        return {Rule.COLOUR: _LONGEST}
    return {Rule.GREY if grey[0] or grey[1] else Rule.COLOUR: margin}


def placement_margins(
    placement: Placement, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> dict[Rule, float]:
    """Of zoom, shift and shape. `sizes` are width and height of the one placed and of the other.

    Cutting, framing and resizing leave pixels square; a picture squeezed to another shape is still
    seen as a whole. A pair that needs both was made to agree by aligning it.
    """
    (width, height), (other_width, other_height) = sizes
    across, down = placement.zoom_x * width / other_width, placement.zoom_y * height / other_height
    squeezed = min(abs(math.log(across / down)), placement.zoomed)
    largest = LARGEST_BORDER if _bordered(placement, (width, height)) else LARGEST_ZOOM
    margins = {
        Rule.PLACE: min(
            _below(placement.zoomed, largest, 0.02), _below(placement.passing, FURTHEST, 0.04)
        ),
        Rule.SHAPE: _below(squeezed, 0.06, 0.02),
    }
    if placement.tilted:
        angle, sheared = turn(placement, (width, height))
        margins[Rule.TURNED] = min(_below(abs(angle), MOST, 0.01), _below(sheared, 0.03, 0.01))
    return margins


def _bordered(placement: Placement, size: tuple[int, int]) -> bool:
    """Whether one lies in the middle of the other, as far from the edge on all four sides."""
    across, down = (placement.zoom_x - 1) * size[0], (placement.zoom_y - 1) * size[1]
    centred = abs(placement.shift_x) < 0.01 and abs(placement.shift_y) < 0.01
    return centred and across * down > 0 and 0.8 < across / down < 1.25


def smooth_margins(found: Difference) -> dict[Rule, float]:
    """Of pictures without detail, as they are."""
    return {
        Rule.SMOOTH: min(
            _below(found.mean, 4.0, 1.5),
            _below(found.worst, 8.0, 3.0),
            _below(found.colour, 6.0, 2.0),
            _below(found.worst_colour, 14.0, 5.0),
        )
    }


def playing_margins(found: Playing) -> dict[Rule, float]:
    """Of animations."""
    return {
        Rule.MOTION: min(_above(found.frames, 0.85, 0.05), _above(found.motion, 0.7, 0.1)),
        Rule.SPEED: _above(found.length, 0.85, 0.05),
    }


def smallest(margins: dict[Rule, float]) -> tuple[Rule, float]:
    """The rule that speaks for a pair, and its margin."""
    rule = min(margins, key=lambda each: margins[each])
    return rule, margins[rule]


def _above(value: float, limit: float, step: float) -> float:
    return max(-_LONGEST, min(_LONGEST, (value - limit) / step))


def _below(value: float, limit: float, step: float) -> float:
    return max(-_LONGEST, min(_LONGEST, (limit - value) / step))
