"""What was found of a pair, in words for people, as seen from the first of the two."""

from __future__ import annotations

import math
from typing import Final

from fapfav.relation.finding import Finding
from fapfav.relation.orientation import Orientation
from fapfav.relation.placement import Placement
from fapfav.relation.rules import Rule
from fapfav.relation.tilt import turn
from fapfav.relation.traits import Traits
from fapfav.words import Label

_TURNED: Final = {
    Orientation.MIRRORED: "mirrored left to right",
    Orientation.FLIPPED: "mirrored top to bottom",
    Orientation.UPSIDE_DOWN: "turned upside down",
    Orientation.QUARTER_RIGHT: "turned a quarter to the right",
    Orientation.QUARTER_LEFT: "turned a quarter to the left",
    Orientation.TRANSPOSED: "mirrored and turned a quarter to the left",
    Orientation.TRANSVERSED: "mirrored and turned a quarter to the right",
}
DIFFERENT: Final = {
    Rule.UNALIKE: "nothing in common",
    Rule.SMOOTH: "other colours or light, and no detail to tell more by",
    Rule.CONFLICT: "other text or objects in places",
    Rule.STRUCTURE: "alike, but other details",
    Rule.SHAPE: "alike, but of another shape",
    Rule.TURNED: "alike, but other details",
    Rule.MOTION: "begins alike, but moves in another way",
}
"""Why two pictures are different, by the rule that refused them."""


def words(found: Finding, one: Traits, other: Traits) -> str:
    """A sentence without a full stop, such as "same picture, 2.1x larger, recompressed"."""
    if found.kind is Label.DIFFERENT:
        return DIFFERENT[found.rule]
    if found.kind is Label.SAME:
        same = "same animation" if one.animated else "same picture"
        return ", ".join([same, *_changes(found, one, other)])
    return _related(found, one, other)


def _related(found: Finding, one: Traits, other: Traits) -> str:
    if found.rule is Rule.TURNED:
        return _TURNED[found.transform.orientation]
    if found.rule is Rule.GREY:
        return "same drawing or photograph, one of them without colours"
    if found.rule is Rule.COLOUR:
        return "same drawing or photograph in other colours"
    if found.rule is Rule.STILL:
        return "a still of the animation" if one.animated else "an animation that shows it"
    if found.rule is Rule.SPEED:
        faster = one.duration / max(1, other.duration)
        way = f"{faster:.1f}x faster" if faster > 1 else f"{1 / faster:.1f}x slower"
        return f"same animation, {way}"
    if found.rule is Rule.PART:
        return "parts of the same animation"
    return _place(found.transform.placement)


def _place(placement: Placement) -> str:
    covered = placement.covered
    back = placement.inverse().covered
    if covered < 0.95 and back > 0.95:
        return f"cut out of it: {covered:.0%} of its area".replace("%", " %")
    if back < 0.95 and covered > 0.95:
        return f"shows it within more: it fills {back:.0%} of the area".replace("%", " %")
    return f"shares {covered:.0%} of its area".replace("%", " %")


def _changes(found: Finding, one: Traits, other: Traits) -> list[str]:
    """What was done to the first to make the second, as far as it shows."""
    said = [_size(one, other), *_edges(found.transform.placement, one)]
    if found.structure is not None and found.structure.one_sided > 0.001:
        said.append("something written over it")
    return [word for word in (*said, _light(found), _rest(found)) if word]


def _size(one: Traits, other: Traits) -> str:
    scale = math.sqrt(other.width * other.height / (one.width * one.height))
    if scale > 1.05:
        return f"{scale:.1f}x larger"
    return f"{1 / scale:.1f}x smaller" if scale < 0.95 else ""


def _edges(placement: Placement, one: Traits) -> list[str]:
    said = []
    covered, back = placement.covered, placement.inverse().covered
    if covered < 0.985:
        said.append(f"cropped by {1 - covered:.0%}".replace("%", " %"))
    if back < 0.985:
        said.append("with a border or caption")
    if placement.tilted:
        angle = math.degrees(turn(placement, (one.width, one.height))[0])
        if abs(angle) > 0.3:
            said.append(f"turned by {abs(angle):.0f} degrees")
    return said


def _light(found: Finding) -> str:
    middle = found.transform.gain * 128 + found.transform.offset - 128
    if middle > 8:
        return "lighter"
    if middle < -8:
        return "darker"
    if not 0.9 < found.transform.gain < 1.1:
        return "more contrast" if found.transform.gain > 1 else "less contrast"
    return ""


def _rest(found: Finding) -> str:
    return "recompressed" if found.rest > 0.05 else ""
