from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.relation.colour import compare_colours
from fapfav.relation.placement import Placement
from fapfav.relation.planes import as_plane
from fapfav.relation.probability import probability
from fapfav.relation.rules import Rule, colour_margins, placement_margins, smallest
from fapfav.relation.structure import compare_structure
from fapfav.words import Label
from tests.relation.pictures import traits

SQUARE = (100, 100)


@settings(deadline=None)
@given(st.sampled_from(Label), st.floats(-4, 4), st.floats(-4, 4))
def test_more_margin_is_never_less_likely(kind: Label, one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0 < probability(kind, low) <= probability(kind, high) < 1


@pytest.mark.parametrize(("zoom", "inside"), [(0.9, True), (1.12, True), (0.8, False)])
def test_a_crop_may_take_so_much_and_no_more(zoom: float, inside: bool) -> None:
    margins = placement_margins(Placement(zoom, 0.05, zoom, 0.02), (SQUARE, SQUARE))

    assert (margins[Rule.PLACE] >= 0) is inside


def test_a_border_of_one_width_may_take_more_of_the_short_side() -> None:
    size, framed = (200, 100), (220, 120)

    margins = placement_margins(Placement(1.1, 0, 1.2, 0), (size, framed))

    assert smallest(margins)[1] > 0
    assert placement_margins(Placement(1.1, 0, 1.2, 0.1), (size, framed))[Rule.PLACE] < 0


def test_a_picture_is_squeezed_or_cropped_but_not_both() -> None:
    wide, cut = (200, 100), Placement(0.9, 0.0, 1.0, 0.0)

    assert placement_margins(Placement(), (wide, SQUARE))[Rule.SHAPE] > 0
    assert placement_margins(cut, (SQUARE, (90, 100)))[Rule.SHAPE] > 0
    assert placement_margins(cut, (SQUARE, SQUARE))[Rule.SHAPE] < 0


def test_colours_that_are_only_paler_are_no_other_colours() -> None:
    chroma = as_plane(traits("coffee").chroma) - 128

    for one, other in ((chroma, 0.7 * chroma), (0.7 * chroma, chroma)):
        assert smallest(colour_margins(compare_colours(one, other)))[1] > 0


def test_turned_hues_and_missing_colours_are_told_apart() -> None:
    chroma = as_plane(traits("coffee").chroma) - 128

    turned = smallest(colour_margins(compare_colours(chroma, -chroma)))
    missing = smallest(colour_margins(compare_colours(chroma, 0 * chroma)))

    assert (turned[0], missing[0]) == (Rule.COLOUR, Rule.GREY)
    assert max(turned[1], missing[1]) < 0


def test_structure_counts_where_one_or_both_show_something() -> None:
    rng = np.random.default_rng(3)
    flat = np.full((96, 96), 120, np.float32)
    ground = (flat + np.linspace(-60, 60, 96)).astype(np.float32)
    one, other = ground.copy(), ground.copy()
    one[36:60, 36:60] += rng.normal(0, 60, (24, 24)).astype(np.float32)
    other[36:60, 36:60] += rng.normal(0, 60, (24, 24)).astype(np.float32)

    same, added, changed = (compare_structure(one, each) for each in (one, ground, other))

    assert (same.bad, same.conflict, same.one_sided) == (0, 0, 0)
    assert added.one_sided > 0.03 > added.conflict
    assert changed.conflict > 0.03 > changed.one_sided
    assert changed.conflict == changed.conflict_middle


def test_two_that_go_past_each_other_far_on_opposite_sides_are_parts_at_most() -> None:
    cut_apart = Placement(1, 0.15, 1, 0)  # two copies, each without 7 % on another side
    a_period_off = Placement(1.03, -0.32, 1.02, 0.15)
    inside = Placement(0.86, 0.14, 1, 0)

    assert placement_margins(cut_apart, (SQUARE, SQUARE))[Rule.PLACE] > 0
    assert placement_margins(inside, (SQUARE, SQUARE))[Rule.PLACE] > 0
    assert placement_margins(a_period_off, (SQUARE, SQUARE))[Rule.PLACE] < 0
