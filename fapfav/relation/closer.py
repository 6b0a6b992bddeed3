"""The closest look: two pictures the same by their traits, at 320 pixels of their own.

For pairs where something small may tell two apart: other words on a card, another pip on a die.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from fapfav.relation.align import refined
from fapfav.relation.finding import Relation, Transform
from fapfav.relation.overlap import overlapping
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import as_plane
from fapfav.relation.probability import probability
from fapfav.relation.reason import DIFFERENT
from fapfav.relation.rules import (
    Rule,
    closer_margins,
    closer_outline_margin,
    letters_margin,
    smallest,
)
from fapfav.relation.structure import Structure, compare_structure
from fapfav.relation.tilt import looks_tilted, tilted
from fapfav.relation.traits import Bytes2D, Plane
from fapfav.words import Label

_FINER: Final = 20
"""Windows of a twentieth of the side: half as wide as in the look before."""

_ALIGNED: Final = 80  # pixels a side: a tenth of one is less than half of one of 320
_EXACT: Final = 160  # the same where fine lines or a turn keep two from agreeing
_MOVED: Final = 0.0015  # of half a side: a quarter of a pixel
_CLEAR: Final = 0.5  # margin from which nothing more exact is asked for


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
    rules = _rules_of(before, recoloured)
    margins = _margins(first, second, transform.placement, rules)
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


def _rules_of(before: Relation, recoloured: bool) -> Callable[[Structure], dict[Rule, float]]:
    """What has to hold in the closest look; what is not doubtful is not asked again."""
    if recoloured:
        return lambda found: {Rule.CONFLICT: closer_outline_margin(found)}
    if before.only_letters:
        return lambda found: {Rule.CONFLICT: letters_margin(found)}
    return closer_margins


def _margins(
    one: Bytes2D,
    other: Bytes2D,
    placement: Placement,
    rules: Callable[[Structure], dict[Rule, float]],
) -> dict[Rule, float]:
    """The best of some placements: a cheap one, and more exact ones only where it does not do."""
    planes = as_plane(one), as_plane(other)
    best: dict[Rule, float] = {}
    for each in _placements(*planes, placement):
        both = overlapping(*planes, each) or planes
        margins = rules(compare_structure(*both, parts=_FINER, lettered=True))
        if not best or smallest(margins)[1] > smallest(best)[1]:
            best = margins
        if smallest(best)[1] >= _CLEAR:
            break
    return best


def _placements(one: Plane, other: Plane, start: Placement) -> Iterator[Placement]:
    """The placement made exact, then more so and either way round where that makes it another."""
    if start.tilted:
        yield start
        yield from _both_ways(one, other, start, tilted)
        return
    if start != UNMOVED:
        start = refined(one, other, start, _ALIGNED).placement
    yield start
    if start != UNMOVED:
        yield from _both_ways(one, other, start, _refined)
    if looks_tilted(one, other, start, (len(one), len(one))) is not None:
        yield tilted(one, other, start, _EXACT)


def _both_ways(
    one: Plane, other: Plane, start: Placement, exact: Callable[..., Placement]
) -> Iterator[Placement]:
    """`start` made exact with one laid on the other, and with the other laid on the one."""
    first = exact(one, other, start, _EXACT)
    if not first.near(start, _MOVED):
        yield first
    second = exact(other, one, first.inverse(), _EXACT).inverse()
    if not second.near(first, _MOVED):
        yield second


def _refined(one: Plane, other: Plane, start: Placement, side: int) -> Placement:
    return refined(one, other, start, side).placement
