"""fapfav/jobs/reasons.py: what was found of a pair, said from its other side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance, ImageOps

from fapfav.jobs.reasons import changes_beside_size, how_sure, seen_from, sure, turned_round
from fapfav.model import Judged, Label, pair_of
from fapfav.relation.judge import relation
from fapfav.relation.picture import traits_of
from tests.jobs.alike import digest
from tests.relation.pictures import (
    bordered,
    captioned,
    cropped,
    framed,
    jpeg,
    photo,
    scaled,
    text_page,
    traits,
)

Change = Callable[[Image.Image], Image.Image]

CHANGES: dict[str, Change] = {
    "smaller": lambda one: jpeg(scaled(one, 0.5), 60),
    "lighter": lambda one: ImageEnhance.Brightness(one).enhance(1.2),
    "mirrored": ImageOps.mirror,
    "turned left": lambda one: one.transpose(Image.Transpose.ROTATE_90),
    "mirrored and turned": lambda one: one.transpose(Image.Transpose.TRANSPOSE),
    "cut out": lambda one: cropped(one, 0.25),
    "framed": framed,
    "in other colours": lambda one: Image.merge("RGB", one.split()[::-1]),
    "cropped": lambda one: cropped(one, 0.05),
    "bordered": lambda one: bordered(one, 0.05),
    "captioned": captioned,
    "another": lambda one: text_page(3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_turned_round_it_is_what_is_found_the_other_way_round(change: str) -> None:
    changed = traits_of(CHANGES[change](photo("coffee")))
    there, back = relation(traits("coffee"), changed), relation(changed, traits("coffee"))

    assert turned_round(there.reason) == back.reason
    assert turned_round(back.reason) == there.reason


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("same picture, cropped by 6 %", "same picture, shows more at the edges: 6 %"),
        ("same picture, shows more at the edges: 6 %", "same picture, cropped by 6 %"),
        (
            "same picture, 1.5x larger, with a border, recompressed",
            "same picture, 1.5x smaller, without the border, recompressed",
        ),
        (
            "same picture, without the caption, recompressed",
            "same picture, with a caption, recompressed",
        ),
        (
            "same picture, with a border or caption",  # as it was said before
            "same picture, without the border or caption",
        ),
        (
            "same picture, something written over it, more contrast",
            "same picture, something written over one of the two, less contrast",
        ),
        ("same animation, 1.5x faster", "same animation, 1.5x slower"),
        ("a still of the animation", "an animation that shows it"),
        ("shares 60 % of its area", "shares a part of its area"),
        ("words of another program", "words of another program"),
    ],
)
def test_what_is_not_the_same_from_both_sides_is_told_otherwise(said: str, back: str) -> None:
    assert turned_round(said) == back


def test_a_reason_is_as_seen_from_the_picture_one_stands_at() -> None:
    pair = pair_of(digest(1), digest(2))
    judged = Judged(Label.SAME, 0.97, "same picture, 2.0x larger", {}, 1)

    assert seen_from(pair.first, pair, judged) == "same picture, 2.0x larger"
    assert seen_from(pair.second, pair, judged) == "same picture, 2.0x smaller"


def test_another_size_and_compression_are_no_changes() -> None:
    assert changes_beside_size("same picture, 2.1x larger, recompressed") == ()
    assert changes_beside_size("same animation, 10.0x smaller") == ()
    assert changes_beside_size("same picture, cropped by 6 %, recompressed") == ("cropped by 6 %",)


def test_what_is_no_probability_is_not_called_sure() -> None:
    assert how_sure(0.973, is_probability=True) == "97 % sure"
    assert how_sure(0.973, is_probability=False) == "near 0.973"
    assert how_sure(1.0, is_probability=True) == "more than 99 % sure"


def test_nothing_is_quite_sure() -> None:
    assert sure(1.0) == "more than 99 % sure"
    assert sure(0.9995) == "more than 99 % sure"
    assert sure(0.99) == "99 % sure"
    assert sure(0.9781) == "97 % sure"
    assert sure(0.58) == "58 % sure"
