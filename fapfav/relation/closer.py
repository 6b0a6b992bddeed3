"""The closest look: two pictures the same by their traits, at 320 pixels of their own.

For pairs where something small may tell two apart: other words on a card, another pip on a die.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fapfav.relation.align import refined
from fapfav.relation.finding import Relation, Transform
from fapfav.relation.overlap import overlapping
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import as_plane
from fapfav.relation.probability import probability
from fapfav.relation.reason import DIFFERENT
from fapfav.relation.rules import Rule, closer_margins, closer_outline_margin, smallest
from fapfav.relation.structure import Structure, compare_structure
from fapfav.relation.tilt import tilted
from fapfav.relation.traits import Bytes2D
from fapfav.words import Label

_FINER: Final = 20
"""Windows of a twentieth of the side: half as wide as in the look before."""

_ALIGNED: Final = 80  # pixels a side: a tenth of one is less than half of one of 320


def closer(one: Bytes2D, other: Bytes2D, before: Relation) -> Relation:
    """What `other` is to `one` after all, where `before` called them the same or is doubtful.

    Both are what `fapfav.relation.picture.close_luma` makes of the pictures. Other pairs are
    returned as they are; these stay so or become different.
    """
    recoloured = before.kind is Label.RELATED and before.doubtful
    if before.kind is not Label.SAME and not recoloured:
        return before
    exchanged = one.tobytes() > other.tobytes()
    transform = before.transform.inverse() if exchanged else before.transform
    first, second = (other, one) if exchanged else (one, other)
    structure = _structure(first, second, transform.placement)
    margins = closer_margins(structure)
    if recoloured:
        margins = {Rule.CONFLICT: closer_outline_margin(structure)}
    rule, margin = smallest(margins)
    if margin < 0:
        why = DIFFERENT[rule]
        return Relation(
            Label.DIFFERENT, probability(Label.DIFFERENT, -margin), why, Transform(), rule
        )
    # Both looks have to be right.
    return replace(
        before,
        probability=min(before.probability, probability(before.kind, margin)),
        doubtful=False,
    )


def _structure(one: Bytes2D, other: Bytes2D, placement: Placement) -> Structure:
    planes = as_plane(one), as_plane(other)
    if placement.tilted:
        placement = tilted(*planes, placement, 2 * _ALIGNED)
    elif placement != UNMOVED:
        placement = refined(*planes, placement, _ALIGNED).placement
    return compare_structure(*(overlapping(*planes, placement) or planes), parts=_FINER)
