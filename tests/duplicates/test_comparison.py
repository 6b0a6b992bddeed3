from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.comparison import (
    Chip,
    Facts,
    compare,
    difference,
    frames_over,
    pixels_over,
    quality_over,
    same,
    size_order,
)
from tests.duplicates.facts import DAY, facts, several


def chip(chips: tuple[Chip, ...], fact: str) -> Chip | None:
    found = [each for each in chips if each.fact == fact]
    assert len(found) <= 1
    return found[0] if found else None


def pair(one: Facts, other: Facts, fact: str) -> tuple[str, str]:
    """Trend and words of a fact of the first, `-` where it has none."""
    first, _ = compare([one, other])
    found = chip(first, fact)
    return (found.trend, found.words) if found else ("-", "")


def test_pixels_tell_from_two_percent_on() -> None:
    big, small = facts(1, width=1740, height=1160), facts(2, width=1200, height=800)

    assert pair(big, small, "pixels") == ("better", "2.1x the pixels")
    assert pair(small, big, "pixels") == ("worse", "0.5x the pixels")
    assert pair(facts(1, width=1300), small, "pixels") == ("better", "8 % more pixels")
    assert pair(small, facts(1, width=1300), "pixels") == ("worse", "8 % fewer pixels")
    assert pair(facts(1, width=1210), small, "pixels") == ("fact", "1210 x 800")
    assert pair(facts(1), small, "pixels") == ("-", "")


@pytest.mark.parametrize(("quality", "trend"), [(86, "fact"), (85, "better"), (90, "-")])
def test_quality_tells_from_five_points_on(quality: int, trend: str) -> None:
    assert pair(facts(1), facts(2, quality=quality), "quality")[0] == trend


def test_quality_is_compared_with_those_that_have_one() -> None:
    chips = compare([facts(1), facts(2, quality=60), facts(3, ext="png", quality=0)])

    assert chip(chips[0], "quality") == Chip("quality", "better", "quality 90")
    assert chip(chips[1], "quality") == Chip("quality", "worse", "quality 60")
    assert chip(chips[2], "quality") is None


def test_bytes_tell_only_where_nothing_else_does() -> None:
    png = {"ext": "png", "quality": 0}
    big, small = facts(1, size=1050, **png), facts(2, size=1000, **png)

    assert pair(big, small, "bytes")[0] == "better"
    assert pair(small, big, "bytes")[0] == "worse"
    assert pair(facts(1, size=1049, **png), small, "bytes")[0] == "fact"
    assert pair(facts(1, size=9000), facts(2, size=1000), "bytes")[0] == "fact"
    assert pair(facts(1, size=9000, width=1201, **png), small, "bytes")[0] == "fact"
    assert pair(facts(1, size=9000, ext="bmp", quality=0), small, "bytes")[0] == "fact"


def test_one_frame_of_an_animation_is_worse() -> None:
    moving = facts(1, ext="gif", animated=True, frames=24, duration=1200, quality=0)

    assert pair(moving, facts(2), "frames") == ("better", "24 frames, 1.20 s")
    assert pair(facts(2), moving, "frames") == ("worse", "one frame only")
    assert pair(facts(1), facts(2), "frames") == ("-", "")


def test_age_speaks_for_the_oldest_and_against_nobody() -> None:
    old, young = facts(1, posted=DAY), facts(2, posted=2 * DAY)

    assert pair(old, young, "age") == ("better", "posted 1970/01/02")
    assert pair(young, old, "age") == ("fact", "posted 1970/01/03")
    assert pair(old, facts(2), "age") == ("fact", "posted 1970/01/02")
    assert pair(old, facts(2, posted=DAY + 5), "age") == ("-", "")


def test_shapes_that_differ_may_be_crops() -> None:
    assert pair(facts(1, width=1000), facts(2), "shape") == ("fact", "shapes differ: cropped?")
    assert pair(facts(2), facts(1, width=1000), "shape") == ("-", "")
    turned = facts(1, width=800, height=1200, orientation=6)
    assert pair(turned, facts(2), "shape") == ("-", "")
    assert pair(facts(1, width=601, height=400), facts(2), "shape") == ("-", "")


def test_tags_and_places_are_facts_and_what_cannot_come_back_a_warning() -> None:
    one = facts(1, tags=3, places=2, gone=2, is_only_copy=True, is_protected=True)

    assert pair(one, facts(2), "tags") == ("fact", "3 tags")
    assert pair(facts(2), one, "tags") == ("fact", "no tags")
    assert pair(one, facts(2), "places") == ("fact", "2 places")
    warned = [each.words for each in compare([one, facts(2)])[0] if each.trend == "warning"]
    assert warned == ["gone from the site: cannot be fetched again", "protected album"]
    assert pair(facts(1, gone=1, places=3), facts(2), "gone")[1] == "gone from 1 of 3 places"


def test_what_is_the_same_is_said_once() -> None:
    assert same([facts(1), facts(2)]) == "JPEG, 1200 x 800, quality 90, 390.62 kb"
    assert same([facts(1), facts(2, width=600, height=400, size=5, quality=70)]) == "JPEG, shape"
    assert same([facts(1), facts(2, ext="png", quality=0, width=700, size=5)]) == ""
    assert same([facts(1)]) == ""


def test_how_files_differ_is_said_in_words() -> None:
    small = facts(2, width=828, height=552, size=9)
    assert difference([facts(1), small]) == "recompressed and 2.1x larger"
    assert difference([facts(1), facts(2, width=1100)]) == "9 % larger"
    assert difference([facts(1), facts(2, ext="png", quality=0)]) == "in another format"
    assert difference([facts(1), facts(2)]) == ""


def test_members_stand_by_pixels_then_bytes() -> None:
    big, heavy, light = facts(3, width=1300), facts(2, size=500_000), facts(1)
    ordered = sorted((each.blob for each in (light, big, heavy)), key=size_order)

    assert ordered == [big.blob, heavy.blob, light.blob]


@settings(deadline=None)
@given(several(), st.integers())
def test_order_means_nothing(pictures: list[Facts], seed: int) -> None:
    order = list(range(len(pictures)))
    random.Random(seed).shuffle(order)

    before, after = compare(pictures), compare([pictures[at] for at in order])

    assert [before[at] for at in order] == list(after)


@settings(deadline=None)
@given(several())
def test_a_fact_is_said_once_of_a_picture_and_never_better_of_two(pictures: list[Facts]) -> None:
    chips = compare(pictures)

    for each in chips:
        said = [one.fact for one in each if one.fact != "warning"]
        assert len(said) == len(set(said))
        assert all(one.words for one in each)
    for fact in {one.fact for each in chips for one in each} - {"warning"}:
        trends = [found.trend for each in chips if (found := chip(each, fact)) is not None]
        assert trends.count("better") <= 1


@settings(deadline=None)
@given(several())
def test_of_two_pictures_one_is_better_where_the_other_is_worse(pictures: list[Facts]) -> None:
    first, second = compare(pictures[:2])
    for fact in ("pixels", "quality", "frames", "bytes"):
        one, other = chip(first, fact), chip(second, fact)
        trends = {one.trend if one else "", other.trend if other else ""}
        assert ("better" in trends) == ("worse" in trends)


@pytest.mark.parametrize("is_over", [frames_over, quality_over, pixels_over])
@settings(deadline=None)
@given(pictures=several())
def test_no_picture_is_over_one_that_is_over_it(is_over: object, pictures: list[Facts]) -> None:
    assert callable(is_over)
    one, other = pictures[:2]

    assert not (is_over(one, other) and is_over(other, one))
    assert not is_over(one, one)
