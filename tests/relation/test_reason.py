from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance, ImageOps

from fapfav.relation.judge import relation
from fapfav.relation.picture import traits_of
from fapfav.words import Label
from tests.relation.pictures import (
    NAMES,
    bordered,
    captioned,
    cropped,
    framed,
    jpeg,
    marked,
    photo,
    scaled,
    text_page,
    traits,
)

Change = Callable[[Image.Image], Image.Image]

WORDS: dict[str, Change] = {
    "same picture, 2.1x larger, recompressed": lambda one: jpeg(scaled(one, 2.1), 60),
    "same picture, 2.0x smaller, recompressed": lambda one: jpeg(scaled(one, 0.5), 60),
    "same picture, recompressed": lambda one: jpeg(one, 50),
    "same picture, lighter, recompressed": lambda one: ImageEnhance.Brightness(one).enhance(1.2),
    "same picture, darker, recompressed": lambda one: ImageEnhance.Brightness(one).enhance(0.8),
    "cropped by": lambda one: cropped(one, 0.08),
    "same picture, with a border, recompressed": lambda one: bordered(one, 0.05),
    "same picture, with a caption": captioned,
    "something written over it": lambda one: marked(one, 9),
    "turned by 3 degrees": lambda one: cropped(one.rotate(3, Image.Resampling.BICUBIC), 0.08),
    "mirrored left to right": ImageOps.mirror,
    "mirrored top to bottom": ImageOps.flip,
    "turned upside down": lambda one: one.rotate(180),
    "turned a quarter to the right": lambda one: one.transpose(Image.Transpose.ROTATE_270),
    "turned a quarter to the left": lambda one: one.transpose(Image.Transpose.ROTATE_90),
    "cut out of it: 5": lambda one: cropped(one, 0.25),
    "shows it within more: it fills 5": framed,
    "in other colours": lambda one: Image.merge("RGB", one.split()[::-1]),
    "without colours": lambda one: one.convert("L"),
    "nothing in common": lambda one: text_page(3),
}


@pytest.mark.parametrize("reason", WORDS)
def test_the_reason_says_what_was_done(reason: str) -> None:
    changed = WORDS[reason](photo("coffee"))

    assert reason in relation(traits("coffee"), traits_of(changed)).reason


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (lambda one: scaled(one, 0.5), "2.0x larger"),
        (lambda one: cropped(one, 0.25), "shows it within more: it fills 5"),
        (framed, "cut out of it: 5"),
        (lambda one: one.transpose(Image.Transpose.ROTATE_90), "a quarter to the right"),
        (lambda one: ImageEnhance.Brightness(one).enhance(0.8), "lighter"),
        (lambda one: bordered(one, 0.05), "same picture, without the border, recompressed"),
        (captioned, "same picture, without the caption"),
        (lambda one: cropped(one, 0.08), "same picture, shows more at the edges: 1"),
    ],
)
def test_it_is_said_as_seen_from_the_first(change: Change, back: str) -> None:
    assert back in relation(traits_of(change(photo("coffee"))), traits("coffee")).reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.02, 0.05])
@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_border_is_told_from_more_of_the_picture(name: str, share: float, colour: str) -> None:
    whole = traits(name)
    more = traits_of(bordered(photo(name), share, colour))
    less = traits_of(cropped(photo(name), share))

    assert "with a border" in relation(whole, more).reason
    assert "without the border" in relation(more, whole).reason
    assert "cropped by" in relation(whole, less).reason
    assert "shows more at the edges" in relation(less, whole).reason


def test_where_a_plain_ground_goes_on_it_counts_as_picture() -> None:
    narrow, wide = (traits_of(bordered(photo("chelsea"), share)) for share in (0.03, 0.06))

    assert "shows more at the edges" in relation(narrow, wide).reason


def test_one_colour_and_another_have_words_of_their_own() -> None:
    one, other = (traits_of(Image.new("RGB", (90, 90), name)) for name in ("navy", "gold"))

    found = relation(one, other)

    assert found.kind is Label.DIFFERENT
    assert found.reason == "other colours or light, and no detail to tell more by"
