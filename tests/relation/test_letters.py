"""fapfav/relation/letters.py: a mark is over one picture, other words are over two."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fapfav.relation.closer import closer
from fapfav.relation.finding import Relation
from fapfav.relation.judge import relation
from fapfav.relation.letters import other_letters
from fapfav.relation.picture import close_luma, traits_of
from fapfav.relation.planes import Values
from fapfav.words import Label
from tests.relation.pictures import font, jpeg, marked, photo, text_page


def told(one: Image.Image, other: Image.Image) -> Relation:
    found = relation(traits_of(one), traits_of(other))
    return closer(close_luma(one), close_luma(other), found) if found.doubtful else found


def form(total: str) -> Image.Image:
    """A page of print with an amount below it."""
    page = text_page(3)
    draw = ImageDraw.Draw(page)
    draw.rectangle((page.width * 0.5, page.height * 0.82, page.width, page.height * 0.92), "white")
    draw.text((page.width * 0.6, page.height * 0.83), total, (20, 20, 20), font(page.height / 16))
    return page


def over(picture: Image.Image, words: str) -> Image.Image:
    """White words in the lower left corner."""
    result = picture.copy()
    at = 10, picture.height - 10
    face = font(picture.height / 14)
    draw = ImageDraw.Draw(result)
    draw.text(at, words, "white", face, anchor="lb", stroke_width=2, stroke_fill="black")
    return result


def plane(*places: tuple[int, int]) -> Values:
    """Grey with light bars, two pixels wide, from some places on."""
    found = np.full((60, 60), 90.0, np.float32)
    for row, column in places:
        found[row : row + 12, column : column + 2] = 220
    return found


def test_what_one_has_alone_is_no_letter_of_the_other() -> None:
    everywhere = np.ones((60, 60), np.bool_)
    one, other = plane((10, 10), (10, 20)), plane((10, 15), (10, 25))

    assert other_letters(one, one, everywhere) == 0
    assert other_letters(one, plane(), everywhere) == 0
    assert other_letters(one, other, everywhere) > 13
    assert other_letters(one, other, everywhere) == other_letters(other, one, everywhere)
    assert other_letters(one, other, ~everywhere) == 0


def test_what_goes_on_beyond_a_mark_is_hidden_by_it() -> None:
    line, mark = plane(), plane()
    line[:, 30:32] = 220  # from the top to the bottom, and a plate over the middle of it
    mark[:, 30:32] = 220
    mark[28:32, 20:44] = 90
    mark[28:32, 38:40] = 220
    places = np.zeros((60, 60), np.bool_)
    places[28:32, 20:44] = True

    assert other_letters(line, mark, places) == 0
    short, beside = plane(), plane()
    short[28:32, 30:32] = beside[28:32, 38:40] = 220
    assert other_letters(short, beside, places) > 0  # what ends there is not hidden


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_other_words_over_one_picture_make_two_pictures(name: str) -> None:
    picture = photo(name)
    one, other = over(picture, "what a day"), over(picture, "never again")

    assert told(jpeg(one, 85), jpeg(one, 60)).kind is Label.SAME
    assert told(picture, jpeg(one, 85)).kind is Label.SAME
    assert told(one, jpeg(other, 85)).kind is Label.DIFFERENT
    assert told(picture, marked(picture)).kind is Label.SAME


def test_another_total_makes_another_form() -> None:
    one = form("84.20")

    assert told(one, jpeg(one, 70)).kind is Label.SAME
    found = told(one, jpeg(form("19.75"), 85))
    assert found.kind is Label.DIFFERENT
    assert "other text" in found.reason
