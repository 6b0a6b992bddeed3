"""What was found of a pair, in words for people, as seen from the first of the two."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from fapfav.relation.finding import Finding
from fapfav.relation.orientation import Orientation
from fapfav.relation.placement import Placement
from fapfav.relation.planes import as_plane
from fapfav.relation.rules import Rule
from fapfav.relation.tilt import turn
from fapfav.relation.traits import SIDE, Plane, Traits
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

_WHOLE: Final = 0.985  # share of an area from which nothing is said to be missing
_UNLIKE: Final = 0.004  # share of places that are unlike, from which something is to be said of it
_NEAR: Final = 16  # levels of 255 up to which a pixel is of the colour of a border
_PLAIN: Final = 0.6  # share of a border's pixels that are: a line of words leaves seven tenths
_WORDLESS: Final = 0.95
_STEP: Final = (
    0.5  # share of the picture's edge that is of another colour than the border beside it
)


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
        faster = max(1, one.duration) / max(1, other.duration)
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
    placement = found.transform.placement
    said = [_size(one, other, placement), *_edges(placement, one, other)]
    structure = found.structure
    if structure is not None and (structure.one_sided > 0.001 or structure.bad > _UNLIKE):
        said.append("something written over it")
    return [word for word in (*said, _light(found), _rest(found)) if word]


def _size(one: Traits, other: Traits, placement: Placement) -> str:
    """How much larger the second shows what both show: a border makes nothing larger."""
    areas = (
        other.width * other.height * placement.inverse().covered,
        one.width * one.height * placement.covered,
    )
    scale = math.sqrt(areas[0] / areas[1]) if min(areas) > 0 else 1.0
    if scale > 1.05:
        return f"{scale:.1f}x larger"
    return f"{1 / scale:.1f}x smaller" if scale < 0.95 else ""


def _edges(placement: Placement, one: Traits, other: Traits) -> list[str]:
    said = []
    back = placement.inverse()
    if placement.covered < _WHOLE:
        added = _added(as_plane(one.luma), placement)
        said.append(f"without the {added}" if added else f"cropped by {_missing(placement)}")
    if back.covered < _WHOLE:
        added = _added(as_plane(other.luma), back)
        more = f"shows more at the edges: {_missing(back)}"
        said.append(f"with a {added}" if added else more)
    if placement.tilted:
        angle = math.degrees(turn(placement, (one.width, one.height))[0])
        if abs(angle) > 0.3:
            said.append(f"turned by {abs(angle):.0f} degrees")
    return said


def _missing(placement: Placement) -> str:
    return f"{1 - placement.covered:.0%}".replace("%", " %")


def _added(luma: Plane, placement: Placement) -> str:
    """What is around the part of a picture that the other shows: a border, a caption, or empty
    where it is more of the picture.

    A border is of one colour along its length, and the picture ends at it. Where a plain ground
    goes on beyond the other's edge nobody can tell, and it counts as picture.
    """
    strips = list(_strips(luma, placement))
    if not strips or min(strip.plain for strip in strips) < _PLAIN:
        return ""
    if sum(strip.step for strip in strips) < _STEP * len(strips):
        return ""
    worded = min(strip.plain for strip in strips) < _WORDLESS and len(strips) <= 2
    return "caption" if worded else "border"


class _Strip(NamedTuple):
    """One side: how much of it is of its colour, and of the picture's edge beside it is not."""

    plain: float
    step: float


def _strips(luma: Plane, placement: Placement) -> Iterator[_Strip]:
    """What lies beyond the part that the other picture shows, on each side that has a row of it."""
    left, top, right, bottom = (SIDE * share for share in placement.box())
    rows = slice(math.ceil(top), math.floor(bottom))
    columns = slice(math.ceil(left), math.floor(right))
    turned = luma.T
    sides = (
        (luma[:, columns], top),
        (luma[::-1, columns], SIDE - bottom),
        (turned[:, rows], left),
        (turned[::-1, rows], SIDE - right),
    )
    for side, width in sides:
        # A narrow border has no row of its own, but one that is three quarters border.
        count = math.floor(width) or math.floor(width + 0.25)
        edge = math.ceil(width) + 1
        if count and edge < SIDE and side.shape[1]:
            colour = np.median(side[:count])
            near = np.abs(side[:count] - colour) <= _NEAR
            # All the way to the picture: a border around more of the picture is not all of it.
            plain = min(float(near.mean()), float(near[-1].mean()))
            yield _Strip(plain, float((np.abs(side[edge] - colour) > _NEAR).mean()))


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
