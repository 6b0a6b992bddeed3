from __future__ import annotations

import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageOps

from benchmarks.quality import animations, bases, changes, dataset, drawn, negatives, sheets
from benchmarks.quality.bases import Base
from benchmarks.quality.changes import CHANGES, Change
from fapfav.model import Label

PIXELS = {"mark", "tone", "sharpness"}
NAMED = {change.name: change for change in CHANGES}


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    """A lively picture with colours, nothing about it symmetric."""
    return drawn.comic(Random(3)).crop((24, 24, 424, 324))


def opened(file: changes.File) -> Image.Image:
    return Image.open(io.BytesIO(file.data))


def copy(name: str, picture: Image.Image) -> Image.Image:
    return opened(changes.changed(NAMED[name], picture, "a base")).convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    pair = [np.asarray(each.convert("RGB").resize((64, 64)), np.float64) for each in (one, other)]
    return float(np.abs(pair[0] - pair[1]).mean())


def test_names_of_changes_are_their_own() -> None:
    assert len(NAMED) == len(CHANGES)
    assert NAMED["original"] is CHANGES[0]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_gives_the_same_bytes_for_the_same_name(
    change: Change, picture: Image.Image
) -> None:
    small = picture.resize((200, 150))
    first = changes.changed(change, small, "one")

    assert changes.changed(change, small, "one") == first
    assert opened(first).format == {"jpg": "JPEG"}.get(first.ending, first.ending.upper())


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("mirrored", ImageOps.mirror),
        ("turned by 90", lambda image: image.rotate(-90, expand=True)),
        ("turned by 180", lambda image: image.rotate(180)),
        ("turned by 270", lambda image: image.rotate(90, expand=True)),
        ("on a phone", lambda image: image.crop((0, 66, 400, 366))),
        ("in a browser", lambda image: image.crop((12, 60, 412, 360))),
        ("white border", lambda image: image.crop((9, 9, 409, 309))),
        ("caption", lambda image: image.crop((0, 0, 400, 300))),
    ],
)
def test_what_was_turned_or_framed_is_whole_inside(
    name: str, back: Callable[[Image.Image], Image.Image], picture: Image.Image
) -> None:
    made = copy(name, picture)

    assert made.size != picture.size or difference(picture, made) > 20
    assert difference(picture, back(made)) < 4


def test_changes_of_colour_leave_no_hue_or_another_one(picture: Image.Image) -> None:
    grey, other = (
        np.asarray(NAMED[name].make(picture, Random(1)).convert("HSV"), np.int64)
        for name in ("grey", "other hue")
    )
    before = np.asarray(picture.convert("HSV"), np.int64)
    coloured = (before[..., 1] > 90) & (before[..., 2] > 90)
    turned = (other[..., 0] - before[..., 0])[coloured] % 256

    assert grey[..., 1].max() == 0
    assert abs(other[..., 2] - before[..., 2]).max() <= 2
    assert 50 < np.median(turned) < 206


@pytest.mark.parametrize("name", [each.name for each in CHANGES if each.family in PIXELS])
def test_a_change_that_keeps_the_place_changes_few_values_much(
    name: str, picture: Image.Image
) -> None:
    made = NAMED[name].make(picture, Random(2))
    left = difference(picture, made)

    assert made.size == picture.size
    assert 0.1 < left < 45


@pytest.mark.parametrize("percent", [1, 2, 5, 10, 25])
def test_a_crop_takes_its_share_of_both_sides(percent: int, picture: Image.Image) -> None:
    width, height = copy(f"cropped {percent} %", picture).size

    assert width == picture.width - round(picture.width * percent / 100)
    assert height == picture.height - round(picture.height * percent / 100)


def test_a_tilted_copy_has_no_corners_without_picture() -> None:
    white = Image.new("RGB", (400, 240), "white")
    tilted = NAMED["turned by 2 degrees"].make(white, Random(1))

    assert tilted.getextrema() == ((255, 255),) * 3
    assert 0.85 < tilted.width / white.width < 1


@pytest.mark.parametrize(
    ("image", "families"),
    [
        (Image.new("RGB", (300, 200), "teal"), {"geometry", "large crop"}),
        (drawn.die(4, (250, 250, 250)), {"geometry", "colour"}),
        (drawn.comic(Random(1)).convert("L").convert("RGB"), {"colour"}),
        (drawn.comic(Random(1)), set()),
    ],
    ids=["flat", "symmetric and grey", "grey", "lively"],
)
def test_changes_that_would_change_nothing_are_left_out(
    image: Image.Image, families: set[str]
) -> None:
    made = {change.family for change in changes.applicable(image)}

    assert {change.family for change in CHANGES} - made == families


def test_plain_pictures_are_only_saved_and_resized() -> None:
    made = changes.applicable(Image.new("RGB", (300, 300), "teal"), plain=True)

    assert {change.family for change in made} == {"original", "jpeg", "resize", "format"}
    assert all(change.truth is Label.SAME for change in made)


@pytest.fixture(scope="module")
def moving() -> animations.Animation:
    frames = [drawn.clock(60 * hour, (250, 240, 200), 96) for hour in range(10)]
    return animations.Animation(tuple(frames), (40,) * 10)


def played(file: changes.File) -> tuple[int, int]:
    """Frames, and milliseconds in all."""
    with opened(file) as image:
        count = getattr(image, "n_frames", 1)
        times = []
        for number in range(count):
            image.seek(number)
            times.append(int(image.info.get("duration", 0)))
    return count, sum(times)


def test_changes_of_animations_do_what_they_are_called(moving: animations.Animation) -> None:
    made = {each.name: each.make(moving, Random(1)) for each in animations.CHANGES}
    frames = {name: played(file)[0] for name, file in made.items()}

    assert frames["original"] == frames["as webp"] == frames["48 colours"] == 10
    assert (frames["first half"], frames["last two thirds"]) == (5, 7)
    assert frames["first frame"] == frames["later frame"] == 1
    assert played(made["original"]) == (10, 400)
    assert played(made["re-timed 1.1"]) == (10, 440)
    assert played(made["re-timed 1.7"]) == (10, 680)
    assert opened(made["animation resized 0.5"]).size == (48, 48)


def reserve() -> negatives.Reserve:
    photographs = [drawn.sky(Random(seed)).resize((240, 160)) for seed in range(6)]
    drawings = [drawn.shape(Random(seed), 120) for seed in range(12)]
    return negatives.Reserve(photographs, drawings, [drawings[:3]])


@pytest.fixture(scope="module")
def groups() -> list[negatives.Group]:
    return list(negatives.groups(reserve(), "test", 2, 2))


def test_every_family_of_negatives_has_its_groups(groups: list[negatives.Group]) -> None:
    assert {group.family for group in groups} == set(negatives.FAMILIES)
    assert len({group.name for group in groups}) == len(groups)
    assert {g.family for g in groups if g.within is Label.RELATED} == {"colour variants"}


def test_members_of_a_group_and_of_a_family_are_not_one_picture(
    groups: list[negatives.Group],
) -> None:
    for family in negatives.FAMILIES:
        members = [one for group in groups if group.family == family for one in group.members]
        for one, other in combinations(members, 2):
            first, second = (np.asarray(each.resize((160, 160)), np.int64) for each in (one, other))
            changed = (np.abs(first - second).max(axis=2) > 30).mean()
            assert changed > 0.005, family


def test_negatives_follow_from_the_chance_they_are_given() -> None:
    one, same, other = (
        [
            list(negatives.DRAWN[family](Random(seed), 0, 2))
            for family in ("dialogs", "dice and clocks")
        ]
        for seed in ("a", "a", "b")
    )

    assert one == same
    assert one[0] != other[0]


def test_plain_colours_of_all_groups_are_far_apart() -> None:
    made = (negatives.DRAWN["flat"](Random(number), number, 6) for number in range(8))
    found = [image.getpixel((0, 0)) for images in made for image in images]

    assert len(found) == 48
    for one, other in combinations(found, 2):
        assert isinstance(one, tuple)
        assert isinstance(other, tuple)
        assert max(abs(a - b) for a, b in zip(one, other, strict=True)) >= 58


def drawn_base(number: int, kind: bases.Kind = "text screen") -> Base:
    return Base(f"drawn/A {kind} {number:03}", "drawn", kind, None)


def chosen() -> bases.Chosen:
    return bases.Chosen((drawn_base(0), drawn_base(1, "gradient")), (), (), ())


def test_a_data_set_is_made_once_and_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "choose", lambda *_: chosen())
    monkeypatch.setitem(dataset.SIZES, "small", dataset.Size(1, 1, 1))
    made = dataset.build("A", "small", tmp_path, 1)
    times = {
        entry.path: made.folder.joinpath(entry.path).stat().st_mtime_ns for entry in made.entries
    }

    assert dataset.load(made.folder) == made
    assert dataset.build("A", "small", tmp_path, 1) == made
    assert len(times) == len(made.entries)
    for path, time in times.items():
        assert (made.folder / path).stat().st_mtime_ns == time
    shown = sheets.sheets(made)
    assert len(shown["originals"]) == 2
    assert len(shown["negatives"]) == sum(bool(entry.negative) for entry in made.entries) / 2
    assert sheets.contact_sheet(shown["gradient"]).size == (1580, 352)


def test_a_run_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    calls = []

    def make(folder: Path, name: str) -> list[dataset.Entry]:
        calls.append(name)
        return [
            dataset.Entry(
                f"{folder.name}/{name}",
                name,
                "drawing",
                "png",
                "format",
                Label.SAME,
                "u",
                Label.SAME,
            )
        ]

    (tmp_path / "made").mkdir()
    first = dataset.once("one", tmp_path, make, "x")

    assert dataset.once("one", tmp_path, make, "x") == first
    assert calls == ["x"]
    assert dataset.once("two", tmp_path, make, "y") != first


def entry(base: str, told: Label, unit: str, within: Label) -> dataset.Entry:
    return dataset.Entry("", base, "drawing", "", "", told, unit, within)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (("a", Label.SAME, "a"), ("a", Label.SAME, "a"), Label.SAME),
        (("a", Label.SAME, "a"), ("a", Label.RELATED, "a"), Label.RELATED),
        (("a", Label.RELATED, "a"), ("a", Label.RELATED, "a"), Label.RELATED),
        (("a", Label.SAME, "u"), ("b", Label.SAME, "u"), Label.RELATED),
        (("a", Label.SAME, "a"), ("b", Label.SAME, "b"), Label.DIFFERENT),
    ],
)
def test_truth_of_two_pictures(
    one: tuple[str, Label, str], other: tuple[str, Label, str], told: Label
) -> None:
    pair = [entry(*each, Label.RELATED) for each in (one, other)]

    assert dataset.truth(*pair) is told
    assert dataset.truth(*reversed(pair)) is told


def test_no_package_is_in_both_halves() -> None:
    halves: dict[str, set[str]] = {}
    for source in (*bases.SOURCES, *bases.ALIKE, *bases.FONTS):
        halves.setdefault(source.package, set()).add(source.half)

    assert all(len(found) == 1 for found in halves.values())
