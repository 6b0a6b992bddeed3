from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from fapfav.relation.judge import relation
from fapfav.relation.orientation import Orientation, oriented, oriented_placement
from fapfav.relation.picture import traits_of
from fapfav.relation.placement import Placement
from fapfav.relation.traits import Traits, no_frames
from fapfav.words import Label
from tests.relation.pictures import (
    NAMES,
    bordered,
    card,
    cropped,
    framed,
    jpeg,
    photo,
    scaled,
    template,
    text_page,
    traits,
)


def some_pictures() -> list[Traits]:
    cat = photo("chelsea")
    made = [
        cat,
        jpeg(scaled(cat, 0.6), 60),
        cropped(cat, 0.08),
        cropped(cat, 0.25),
        bordered(cat, 0.06),
        framed(cat),
        ImageOps.mirror(cat),
        cat.convert("L"),
        cat.rotate(2),
        template(cat, "ONE", "TWO"),
        photo("coffee"),
        text_page(1),
        text_page(2),
        card("fair/words"),
        Image.new("RGB", (64, 64), (12, 90, 120)),
    ]
    return [traits_of(picture) for picture in made]


def test_a_relation_is_the_same_both_ways_round() -> None:
    for one, other in itertools.combinations(some_pictures(), 2):
        there, back = relation(one, other), relation(other, one)

        assert (there.kind, there.rule) == (back.kind, back.rule)
        assert there.probability == back.probability
        assert there.doubtful == back.doubtful


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_is_both_ways_round_for_any_values(data: st.DataObject) -> None:
    def made() -> Traits:
        rng = np.random.default_rng(data.draw(st.integers(0, 99)))
        cells = data.draw(st.sampled_from([1, 2, 8, 32, 96]))
        levels = rng.integers(0, 256, (cells, cells), np.uint8)
        luma = np.kron(levels, np.ones((96 // cells, 96 // cells), np.uint8))
        chroma = np.full((32, 32, 2), data.draw(st.integers(0, 255)), np.uint8)
        size = data.draw(st.integers(1, 5000)), data.draw(st.integers(1, 5000))
        if data.draw(st.booleans()):
            return Traits(*size, luma, chroma, no_frames())
        times = np.linspace(0, data.draw(st.sampled_from([0, 1, 12])), 12).astype(int)
        small = luma[::3, ::3]
        frames = np.stack([np.roll(small, time, axis=1) for time in times])
        return Traits(*size, luma, chroma, frames, data.draw(st.integers(1, 9000)))

    one, other = made(), made()

    there, back = relation(one, other), relation(other, one)

    assert (there.kind, there.probability) == (back.kind, back.probability)
    assert 0 < there.probability <= 1
    assert there.reason


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_itself_with_the_highest_probability(name: str) -> None:
    itself = relation(traits(name), traits(name))
    copy = relation(traits(name), traits_of(jpeg(scaled(cropped(photo(name), 0.05), 0.5), 40)))

    assert itself.kind is Label.SAME
    assert itself.reason == "same picture"
    assert itself.probability >= copy.probability
    assert itself.probability > 0.99
    assert not itself.doubtful


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("gain", "offset"), [(0.7, 0.0), (1.0, 20.0), (0.8, 30.0), (1.1, -10.0)])
def test_light_is_no_matter(name: str, gain: float, offset: float) -> None:
    known = traits(name)
    luma = np.clip(known.luma * gain + offset, 0, 255).astype(np.uint8)
    other = Traits(known.width, known.height, luma, known.chroma, known.frames)

    found = relation(known, other)

    assert found.kind is Label.SAME
    assert found.transform.gain == pytest.approx(gain, abs=0.08)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_a_crop_is_placed_where_it_was_cut(share: float) -> None:
    found = relation(traits("coffee"), traits_of(cropped(photo("coffee"), share)))

    left, top, right, bottom = found.transform.placement.box()
    assert (left, top) == pytest.approx((share * 0.7, share * 0.7), abs=0.012)
    assert (right - left, bottom - top) == pytest.approx((1 - share, 1 - share), abs=0.015)


def test_the_same_pair_is_judged_the_same_again() -> None:
    one, other = traits("coffee"), traits_of(cropped(photo("coffee"), 0.07))

    assert relation(one, other) == relation(one, other)


zooms, shifts = st.floats(0.5, 2), st.floats(-0.4, 0.4)
placements = st.builds(
    Placement, zooms, shifts, zooms, shifts, st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)
)


def shown(placement: Placement, u: float, v: float) -> tuple[float, float]:
    return (
        placement.zoom_x * u + placement.tilt_x * v + placement.shift_x,
        placement.zoom_y * v + placement.tilt_y * u + placement.shift_y,
    )


@settings(deadline=None)
@given(placements, st.floats(-1, 1), st.floats(-1, 1))
def test_an_inverse_placement_leads_back(placement: Placement, u: float, v: float) -> None:
    assert shown(placement.inverse(), *shown(placement, u, v)) == pytest.approx((u, v), abs=1e-9)


@settings(deadline=None)
@given(placements, st.sampled_from(Orientation))
def test_turning_there_and_back_leaves_a_placement(placement: Placement, turn: Orientation) -> None:
    assert oriented_placement(oriented_placement(placement, turn), turn.inverse) == placement


@pytest.mark.parametrize("turn", Orientation)
def test_turning_there_and_back_leaves_a_picture(turn: Orientation) -> None:
    values = np.arange(12).reshape(3, 4)

    assert np.array_equal(oriented(oriented(values, turn), turn.inverse), values)
