from __future__ import annotations

from itertools import combinations
from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from benchmarks.quality import drawn, marks, numbered, written
from benchmarks.quality.negatives import Group
from benchmarks.quality.written import Lettering, Place, Style
from fapfav.model import Label

SCENE = Image.new("RGB", (480, 360), (90, 110, 130))


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    """Two groups of every family."""
    return made("test")


def scene(number: int) -> Image.Image:
    """Shades on which white can be read everywhere, and so can black; other ones in each half."""
    shade = Image.linear_gradient("L").rotate(90 * number).resize((640 + 8 * number, 480))
    return Image.merge("RGB", [shade.point([level // 3 + 75 for level in range(256)])] * 3)


def made(seed: str) -> list[Group]:
    photographs = [scene(number) for number in range(4)]
    return list(written.groups(written.Material(photographs), seed, 2, 3))


def changed(one: Image.Image, other: Image.Image) -> NDArray[np.bool_]:
    first, second = (np.asarray(each, np.int16) for each in (one, other))
    return np.asarray(np.abs(first - second).max(axis=2) > 60)


def test_every_family_has_its_groups_of_different_pictures(groups: list[Group]) -> None:
    assert {group.family for group in groups} == set(written.FAMILIES)
    assert len({group.name for group in groups}) == len(groups) == 2 * len(written.FAMILIES)
    assert {len(group.members) for group in groups} == {3}
    assert {group.within for group in groups} == {Label.DIFFERENT}


def test_members_differ_plainly_and_in_few_places(groups: list[Group]) -> None:
    for group in groups:
        for one, other in combinations(group.members, 2):
            assert one.size == other.size, group.name
            assert 0.0004 < changed(one, other).mean() < 0.1, group.name


def test_both_of_two_members_carry_something(groups: list[Group]) -> None:
    for group in groups:
        for one, other in combinations(group.members, 2):
            places = changed(one, other)
            first, second = (np.asarray(each.convert("L")) for each in (one, other))
            lighter = (first > second)[places].mean()
            assert 0.02 < lighter < 0.98, group.name


def test_groups_follow_from_the_seed(groups: list[Group]) -> None:
    assert made("test") == groups
    assert all(
        mine.members != theirs.members for mine, theirs in zip(groups, made("another"), strict=True)
    )


def test_skies_take_the_place_of_missing_photographs(groups: list[Group]) -> None:
    few = list(written.groups(written.Material([]), "test", 1, 3))
    named = {group.name: group for group in groups}

    assert [group.family for group in few] == list(written.FAMILIES)
    for group in few:
        assert (group == named[group.name]) == (group.family in numbered.NUMBERED)


@pytest.mark.parametrize("style", written.STYLES)
@pytest.mark.parametrize("place", written.PLACES)
@pytest.mark.parametrize("height", [0.04, 0.12])
def test_words_are_as_high_as_said_and_where_said(
    style: Style, place: Place, height: float
) -> None:
    how = Lettering(style, place, height, marks.font, left=True)
    lettered = written.lettered(SCENE, "HEH", how)
    bright = np.asarray(lettered.convert("L")) > 245
    rows, columns = (np.flatnonzero(bright.any(axis=axis)) for axis in (1, 0))
    high = (rows[-1] - rows[0] + 1) / SCENE.height
    middle = (rows[0] + rows[-1]) / 2 / SCENE.height

    assert lettered.size == SCENE.size
    assert height * 0.8 < high < height * 1.25
    least = {"top": 0.02, "middle": 0.45, "bottom": 0.8, "corner": 0.8}[place]
    assert least < middle < least + 0.2
    assert columns[-1] < SCENE.width * 0.4 or place != "corner"


def test_plain_words_are_dark_where_white_could_not_be_read() -> None:
    light = Image.new("RGB", (480, 360), (235, 240, 245))
    how = Lettering("plain", "top", 0.08, marks.font)

    assert changed(written.lettered(light, "MONDAY", how), light).any()
    assert changed(written.lettered(SCENE, "MONDAY", how), SCENE).any()


@pytest.mark.parametrize("size", [(300, 200), (200, 300)])
def test_halves_of_a_scene_make_it_up(size: tuple[int, int]) -> None:
    image = drawn.sky(Random(5)).resize(size)
    one, other = (np.asarray(each) for each in written.halves(image))

    assert np.array_equal(
        np.concatenate([one, other], axis=int(size[0] > size[1])), np.asarray(image)
    )


def test_others_are_all_different() -> None:
    chance = Random(1)

    assert sorted(numbered.others(lambda: str(chance.randrange(5)), 5)) == list("01234")
