"""Pictures that agree once they are laid on each other with care, or but for a line of words."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fapfav.relation.closer import closer
from fapfav.relation.finding import Relation
from fapfav.relation.judge import relation
from fapfav.relation.picture import close_luma, traits_of
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import as_plane
from fapfav.relation.structure import Structure, compare_structure
from fapfav.relation.tilt import turn
from fapfav.words import Label
from tests.relation.pictures import NAMES, bordered, font, jpeg, photo, scaled, template, text_page

ZOOMS, SHIFTS = st.floats(0.8, 1.25), st.floats(-0.2, 0.2)
PLACEMENTS = st.builds(Placement, ZOOMS, SHIFTS, ZOOMS, SHIFTS, SHIFTS, SHIFTS)


def judged(one: Image.Image, other: Image.Image) -> Relation:
    """What both looks say, either way round."""
    there, back = (_judged(*both) for both in ((one, other), (other, one)))
    assert (there.kind, there.probability) == (back.kind, back.probability)
    return there


def _judged(one: Image.Image, other: Image.Image) -> Relation:
    before = relation(traits_of(one), traits_of(other))
    return closer(close_luma(one), close_luma(other), before) if before.doubtful else before


def worded(picture: Image.Image, words: str, at: float = 0.9, part: int = 16) -> Image.Image:
    """A line of words over it, as a subtitle is."""
    result = picture.copy()
    draw = ImageDraw.Draw(result)
    where = picture.width / 2, picture.height * at
    face = font(picture.height / part)
    draw.text(where, words, "white", face, anchor="mm", stroke_width=2, stroke_fill="black")
    return result


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    """Turned, and cut to where there are pixels."""
    result = picture.rotate(degrees, Image.Resampling.BICUBIC)
    across, down = picture.width // 20, picture.height // 20
    return result.crop((across, down, picture.width - across, picture.height - down))


def rings(side: int = 400) -> Image.Image:
    """Thin rings, light and dark, about two points: an icon that is full of edges."""
    at = np.mgrid[0:side, 0:side].astype(float)
    values = sum(np.sin(np.hypot(at[0] - y, at[1] - x) / 5) for y, x in ((90, 60), (300, 340)))
    return Image.fromarray(np.clip(127 + 60 * values, 0, 255).astype(np.uint8)).convert("RGB")


def tiles(count: int = 12, side: int = 32) -> Image.Image:
    """Quarters of circles in every tile, either way by chance: alike all over, and never again."""
    chance = Random(3)
    result = Image.new("RGB", (count * side, count * side), (40, 60, 90))
    draw = ImageDraw.Draw(result)
    half = side // 2
    for number in range(count * count):
        left, top = number % count * side, number // count * side
        right, below = left + side, top + side
        ends = (left, top), (right, below)
        if chance.random() < 0.5:
            ends = (right, top), (left, below)
        for x, y in ends:
            draw.arc((x - half, y - half, x + half, y + half), 0, 360, (230, 220, 180), 7)
    return result


@pytest.mark.parametrize(("colour", "share"), [("black", 0.03), ("black", 0.06), ("white", 0.06)])
def test_a_page_of_words_with_a_border_is_the_same(colour: str, share: float) -> None:
    page = text_page(3)

    found = judged(scaled(page, 2), jpeg(bordered(page, share, colour), 80))

    assert found.kind is Label.SAME


@pytest.mark.parametrize("make", [rings, tiles, lambda: photo("coffee")])
@pytest.mark.parametrize("degrees", [-2, 2])
def test_what_is_full_of_lines_is_found_turned_a_little(
    make: Callable[[], Image.Image], degrees: int
) -> None:
    found = judged(scaled(make(), 1.5), jpeg(turned(make(), degrees), 85))

    assert found.kind is Label.SAME
    angle, _ = turn(found.transform.placement, (1, 1))
    assert angle != 0


@pytest.mark.parametrize("at", [0.1, 0.9])
@pytest.mark.parametrize("name", ["rings", *NAMES])
def test_a_line_of_words_over_one_of_two_leaves_them_the_same(name: str, at: float) -> None:
    picture = rings() if name == "rings" else photo(name)

    found = judged(picture, jpeg(worded(picture, "sinevave voki mipe", at), 85))

    assert found.kind is Label.SAME


@pytest.mark.parametrize("name", NAMES)
def test_words_above_and_below_are_those_of_another_picture(name: str) -> None:
    one = template(photo(name), "WHEN IT RAINS", "IT POURS")

    for other in (
        template(photo(name), "NO IDEA", "WHAT THIS IS"),
        template(photo(name), "HELLO THERE", "GENERAL"),
        template(photo(name), "WHEN IT RAINS", "WE DANCE ALL OF US"),
    ):
        assert judged(one, other).kind is Label.DIFFERENT


def structure(one: Image.Image, other: Image.Image) -> Structure:
    return compare_structure(as_plane(close_luma(one)), as_plane(close_luma(other)), parts=20)


def test_where_two_differ_is_told_by_rows_and_by_who_shows_more() -> None:
    plain = Image.new("RGB", (400, 400), (70, 110, 90))
    below, above = worded(plain, "below it", 0.9), worded(plain, "above it", 0.1)

    one = structure(plain, below)
    both = structure(above, below)

    assert one.bad > 0.01
    assert (one.lopsided, one.ends) == (1.0, 0.0)
    assert both.ends > 0.01
    assert 0.5 <= both.lopsided < 0.75
    assert structure(plain, plain).lopsided == 1.0


@given(PLACEMENTS)
def test_a_placement_is_near_itself_and_not_far_away(one: Placement) -> None:
    assert one.near(one, 1e-9)
    assert one.near(UNMOVED, 0.5) == UNMOVED.near(one, 0.5)
    assert not one.near(Placement(one.zoom_x + 0.1, one.shift_x), 0.09)
