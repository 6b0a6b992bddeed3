from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from fapfav.relation.judge import relation
from fapfav.relation.orientation import TURNS, Orientation, oriented
from fapfav.relation.picture import traits_of
from fapfav.words import Label
from tests.relation.pictures import (
    NAMES,
    bordered,
    cropped,
    font,
    framed,
    gradient,
    jpeg,
    marked,
    on_a_phone,
    photo,
    printed,
    scaled,
    template,
    text_page,
    traits,
)

Change = Callable[[Image.Image], Image.Image]


def captioned(picture: Image.Image) -> Image.Image:
    strip = picture.height // 15
    result = Image.new("RGB", (picture.width, picture.height + strip), "white")
    result.paste(picture)
    ImageDraw.Draw(result).text((4, picture.height + 2), "some words about it", "black")
    return result


def lit(factor: float, picture: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(factor)


SAME: dict[str, Change] = {
    "jpeg 20": partial(jpeg, quality=20),
    "a third as large": lambda picture: jpeg(scaled(picture, 0.33), 80),
    "twice as large": lambda picture: scaled(picture, 2),
    "cropped by 4 %": lambda picture: cropped(picture, 0.04),
    "cropped by 9 %": lambda picture: cropped(picture, 0.09),
    "border": lambda picture: bordered(picture, 0.04),
    "caption": captioned,
    "mark": marked,
    "darker": partial(lit, 0.75),
    "lighter": partial(lit, 1.25),
    "less contrast": lambda picture: ImageEnhance.Contrast(picture).enhance(0.75),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(1)),
    "palette": lambda picture: picture.quantize(64).convert("RGB"),
    "tilted": lambda picture: cropped(picture.rotate(2, Image.Resampling.BICUBIC), 0.06),
}
RELATED: dict[str, Change] = {
    "mirrored": ImageOps.mirror,
    "upside down": lambda picture: picture.rotate(180),
    "a quarter": lambda picture: jpeg(picture.transpose(Image.Transpose.ROTATE_90), 75),
    "a quarter cut away": lambda picture: cropped(picture, 0.25),
    "framed": framed,
    "other colours": lambda picture: Image.merge("RGB", picture.split()[::-1]),
}


@pytest.mark.parametrize("change", SAME)
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_copy_is_the_same(name: str, change: str) -> None:
    found = relation(traits(name), traits_of(SAME[change](photo(name))))

    assert found.kind is Label.SAME, found.reason
    assert found.reason.startswith("same picture")


@pytest.mark.parametrize("change", RELATED)
@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut", "motorcycle_left"])
def test_a_copy_that_shows_something_else_too_is_related(name: str, change: str) -> None:
    found = relation(traits(name), traits_of(RELATED[change](photo(name))))

    assert found.kind is Label.RELATED, found.reason


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_a_copy_without_colours_is_related(name: str) -> None:
    found = relation(traits(name), traits_of(photo(name).convert("L")))

    assert found.kind is Label.RELATED
    assert "without colours" in found.reason


def test_photographs_of_other_things_are_different() -> None:
    for one in NAMES:
        for other in NAMES:
            if one < other:
                assert relation(traits(one), traits(other)).kind is Label.DIFFERENT


@pytest.mark.parametrize(("seed", "rows"), [(2, 24), (1, 30), (1, 36)])
def test_a_page_of_words_on_a_phone_is_related_and_one_with_other_words_is_not(
    seed: int, rows: int
) -> None:
    page, other = printed(seed, rows), printed(seed + 10, rows)

    assert relation(traits_of(page), traits_of(on_a_phone(page))).kind is Label.RELATED
    assert relation(traits_of(other), traits_of(on_a_phone(page))).kind is Label.DIFFERENT


@pytest.mark.parametrize("rows", [24, 30, 36])
@pytest.mark.parametrize("seed", [0, 3, 4])
def test_light_words_on_a_dark_page_in_a_light_window_are_related(seed: int, rows: int) -> None:
    page, other = (ImageOps.invert(printed(each, rows)) for each in (seed, seed + 10))

    assert relation(traits_of(page), traits_of(framed(page))).kind is Label.RELATED
    assert relation(traits_of(other), traits_of(framed(page))).kind is Label.DIFFERENT


def test_a_sign_on_a_ground_of_its_own_in_a_window_is_related() -> None:
    sign = Image.new("RGB", (300, 300), "black")
    draw = ImageDraw.Draw(sign)
    draw.polygon([(150, 30), (230, 260), (70, 260)], "white")
    draw.ellipse((120, 150, 180, 210), (130, 130, 130))
    mirrored = ImageOps.flip(sign)

    assert relation(traits_of(sign), traits_of(framed(sign))).kind is Label.RELATED
    assert relation(traits_of(mirrored), traits_of(framed(sign))).kind is Label.DIFFERENT


@pytest.mark.parametrize("seed", range(4))
def test_pages_with_other_words_are_different(seed: int) -> None:
    one, other = traits_of(text_page(seed)), traits_of(text_page(seed + 10))

    assert relation(one, other).kind is Label.DIFFERENT


@pytest.mark.parametrize("name", NAMES)
def test_other_words_over_one_picture_are_different(name: str) -> None:
    one = traits_of(template(photo(name), "WHEN IT RAINS", "IT POURS"))
    other = traits_of(template(photo(name), "NO IDEA", "WHAT THIS IS"))

    found = relation(one, other)

    assert found.kind is Label.DIFFERENT
    assert found.reason in ("other text or objects in places", "alike, but other details")


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ((200, 30, 30), (30, 160, 60), Label.DIFFERENT),
        ((120, 120, 120), (145, 145, 145), Label.DIFFERENT),
        ((90, 60, 30), (91, 60, 31), Label.SAME),
    ],
)
def test_flat_pictures_are_told_apart_by_their_colour(
    one: tuple[int, int, int], other: tuple[int, int, int], kind: Label
) -> None:
    first = traits_of(Image.new("RGB", (300, 200), one))
    second = traits_of(jpeg(Image.new("RGB", (240, 160), other), 80))

    assert relation(first, second).kind is kind


def test_gradients_are_the_same_only_with_the_same_colours() -> None:
    one = traits_of(gradient((240, 200, 120), (20, 40, 90)))
    copy = traits_of(jpeg(gradient((240, 200, 120), (20, 40, 90)).resize((200, 150)), 70))
    other = traits_of(gradient((200, 240, 120), (60, 20, 90)))

    assert relation(one, copy).kind is Label.SAME
    assert relation(one, other).kind is Label.DIFFERENT


@pytest.mark.parametrize("turn", TURNS)
def test_a_turn_is_named_and_found_without_being_told(turn: Orientation) -> None:
    turned = Image.fromarray(np.ascontiguousarray(oriented(np.asarray(photo("coffee")), turn)))

    found = relation(traits("coffee"), traits_of(turned))
    told = relation(traits("coffee"), traits_of(turned), [turn])
    mistold = relation(traits("coffee"), traits_of(turned), [])

    assert found.transform.orientation is turn
    assert found.reason.startswith(("mirrored", "turned"))
    assert told == found
    assert mistold.kind is not Label.SAME
    assert mistold.transform.orientation is Orientation.UPRIGHT


def test_the_tint_of_paper_that_became_white_tells_nothing() -> None:
    page = text_page(3)
    tinted = Image.composite(Image.new("RGB", page.size, "#f6f2ea"), page, page.convert("L"))

    found = relation(traits_of(tinted), traits_of(lit(1.15, tinted)))

    assert found.kind is Label.SAME, found.reason


def test_a_subtitle_does_not_speak_for_a_pale_picture() -> None:
    noise = np.random.default_rng(6).normal(128, 30, (36, 48)).clip(0, 255).astype(np.uint8)
    pale = Image.fromarray(noise).resize((480, 360), Image.Resampling.BICUBIC).convert("RGB")
    pale = ImageEnhance.Contrast(pale).enhance(0.3)
    written = pale.copy()
    draw = ImageDraw.Draw(written)
    at, face = (240, 330), font(30)
    draw.text(at, "a few words", "white", face, anchor="mm", stroke_width=2, stroke_fill="black")

    found = relation(traits_of(pale), traits_of(written))

    assert found.kind is Label.SAME, found.reason
    assert "something written over it" in found.reason


@pytest.mark.parametrize("name", NAMES[:3])
def test_a_picture_within_a_page_is_found_where_it_is(name: str) -> None:
    one = photo(name)
    page = Image.new("RGB", (one.width * 2, one.height * 2), "white")
    page.paste(one, (one.width // 8, one.height // 2))

    found = relation(traits_of(one), traits_of(page))

    assert found.kind is Label.RELATED
    assert found.transform.placement.zoom_x == pytest.approx(0.5, abs=0.03) or (
        found.transform.placement.zoom_x == pytest.approx(2, abs=0.08)
    )
    assert found.reason.startswith("shows it within more: it fills 2")
