from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from fapfav.relation.closer import closer
from fapfav.relation.finding import Relation
from fapfav.relation.judge import relation
from fapfav.relation.picture import close_luma, traits_of
from fapfav.words import Label
from tests.relation.pictures import (
    NAMES,
    bordered,
    card,
    cropped,
    font,
    jpeg,
    marked,
    photo,
    scaled,
)


def looked_at(one: Image.Image, other: Image.Image, before: Relation | None = None) -> Relation:
    before = before or relation(traits_of(one), traits_of(other))
    return closer(close_luma(one), close_luma(other), before)


@pytest.mark.parametrize("name", NAMES[:4])
def test_changed_copies_are_still_the_same(name: str) -> None:
    one = photo(name)
    for other in (marked(one), jpeg(scaled(cropped(one, 0.05), 0.6), 60), bordered(one, 0.04)):
        found = looked_at(one, other)

        assert found.kind is Label.SAME
        assert not found.doubtful


def test_words_on_a_card_tell_two_apart() -> None:
    one, other = card("the quick/brown fox/jumps"), card("the quiet/brave cat/sleeps")
    alike = relation(traits_of(one), traits_of(one))

    there, back = looked_at(one, other, alike), looked_at(other, one, alike)

    assert there == back
    assert there.kind is Label.DIFFERENT
    assert there.reason in ("other text or objects in places", "alike, but other details")


def test_a_pair_that_is_not_the_same_stays_what_it_is() -> None:
    one = photo("chelsea")
    before = relation(traits_of(one), traits_of(one.rotate(180)))

    assert looked_at(one, one.rotate(180), before) is before


def test_a_closer_look_makes_nothing_more_likely() -> None:
    one = photo("coffee")
    before = relation(traits_of(one), traits_of(marked(one)))
    unsure = replace(before, probability=0.6, doubtful=True)

    assert looked_at(one, marked(one), unsure).probability <= 0.6


def recoloured(words: str, ground: str, ink: str) -> Image.Image:
    """Black and white above; below words in colours, light on dark or dark on light."""
    result = Image.new("RGB", (480, 480), "white")
    draw = ImageDraw.Draw(result)
    draw.ellipse((40, 30, 200, 190), "black")
    draw.rectangle((280, 40, 430, 180), outline="black", width=30)
    draw.rectangle((0, 240, 480, 480), ground)
    for row, line in enumerate(words.split("/")):
        draw.text((240, 290 + row * 70), line, ink, font(56), anchor="mm")
    return result


COLOURS = ("#707090", "#e0e0ff"), ("#909030", "#503000")
WORDS, OTHERS = "quick foxes/jump over/lazy dogs", "brown cows/walk under/my old tree"


def test_the_same_drawing_in_other_colours_is_looked_at_and_stays_related() -> None:
    one, other = recoloured(WORDS, *COLOURS[0]), recoloured(WORDS, *COLOURS[1])
    before = relation(traits_of(one), traits_of(other))
    after = looked_at(one, other)

    assert (before.kind, before.doubtful) == (Label.RELATED, True)
    assert (after.kind, after.doubtful) == (Label.RELATED, False)
    assert after.reason == "same drawing or photograph in other colours"


def test_other_words_in_other_colours_are_not_related() -> None:
    one, other = recoloured(WORDS, *COLOURS[0]), recoloured(OTHERS, *COLOURS[1])
    alike = relation(traits_of(one), traits_of(recoloured(WORDS, *COLOURS[1])))

    there, back = looked_at(one, other, alike), looked_at(other, one, alike)

    assert there == back
    assert there.kind is Label.DIFFERENT


def with_ball(picture: Image.Image, x: float, part: float) -> Image.Image:
    """A ball on it, at a share of the width; it covers a part of the area."""
    result = picture.copy()
    radius = (part * picture.width * picture.height / 3.14) ** 0.5
    left, top = x * picture.width - radius, 0.5 * picture.height - radius
    draw = ImageDraw.Draw(result)
    draw.ellipse((left, top, left + 2 * radius, top + 2 * radius), "white", "black", 3)
    return result


@pytest.mark.parametrize("name", NAMES)
def test_a_small_thing_that_moved_makes_another_picture(name: str) -> None:
    one = photo(name)
    here, there = with_ball(one, 0.25, 0.003), with_ball(one, 0.7, 0.003)

    assert looked_at(here, there).kind is Label.DIFFERENT


@pytest.mark.parametrize("name", NAMES)
def test_a_small_thing_that_was_added_to_one_does_not(name: str) -> None:
    one = photo(name)

    assert looked_at(one, with_ball(one, 0.25, 0.003)).kind is Label.SAME
