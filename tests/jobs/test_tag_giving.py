"""fapfav/jobs/tag_giving.py: what typed letters are offered, and tags made while they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.tag_giving import MOST, give, offer
from tests.jobs.holding import Shelves, digest


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Four pictures; nature above forest and seaside forest, and stone."""
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "album", *((number, f"{number}.jpg") for number in range(1, 5)))
    made = shelves.archive
    tagging.add(made, "Nature")
    tagging.add(made, "forest", "Nature")
    tagging.add(made, "old forest", "Nature")
    tagging.add(made, "rainforest", "Nature")
    tagging.add(made, "stone")
    tagging.apply(made, "stone", [digest(1), digest(2)])
    tagging.apply(made, "forest", [digest(1)])
    return made


def names(archive: Archive, text: str) -> list[str]:
    return [each.name for each in offer(archive, text).tags]


def test_a_prefix_of_the_name_comes_before_one_of_a_word_before_any_other_part(
    archive: Archive,
) -> None:
    assert names(archive, "FOR") == ["forest", "old forest", "rainforest"]


def test_no_text_is_offered_what_is_used_most(archive: Archive) -> None:
    assert names(archive, "")[:2] == ["stone", "forest"]


def test_a_number_means_its_tag(archive: Archive) -> None:
    assert names(archive, "5") == ["stone"]


def test_a_path_asks_for_what_is_above_as_well(archive: Archive) -> None:
    assert names(archive, "nat/rain") == ["rainforest"]
    assert names(archive, "stone/rain") == []


def test_what_is_offered_says_what_is_above_and_how_many_carry_it(archive: Archive) -> None:
    (found,) = offer(archive, "stone").tags
    assert (found.above, found.path, found.pictures) == ((), "stone", 2)
    assert offer(archive, "rain").tags[0].above == ("Nature",)
    assert offer(archive, "rain").tags[0].path == "Nature/rainforest"


def test_only_a_few_are_offered_however_many_fit(archive: Archive) -> None:
    for number in range(20):
        tagging.add(archive, f"many {number}")

    assert len(offer(archive, "many").tags) == MOST


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("for", "for"),
        ("nature/lake", "Nature/lake"),
        ("forest", ""),
        ("nobody/lake", ""),
        ("stone/forest", ""),
        ("12", ""),
        ("", ""),
        ("a\\b", ""),
    ],
)
def test_a_new_tag_is_offered_only_where_it_can_be_made(
    archive: Archive, text: str, new: str
) -> None:
    assert offer(archive, text).new == new


def test_a_known_tag_is_given_as_ever(archive: Archive) -> None:
    report = give(archive, "nature/forest", [digest(1), digest(2)])

    assert (report.path, report.pictures, report.already) == ("Nature/forest", 1, 1)


def test_an_unknown_tag_is_refused_unless_it_may_be_made(archive: Archive) -> None:
    before = archive.last

    with pytest.raises(UsageError, match="no tag 'lake'"):
        give(archive, "lake", [digest(1)])

    assert archive.last == before


def test_a_new_tag_is_made_and_given_in_one_change_that_one_undo_takes_back(
    archive: Archive,
) -> None:
    report = give(archive, "nature/lake", [digest(1), digest(2)], create=True)

    assert (report.path, report.pictures) == ("Nature/lake", 2)
    assert archive.tags[report.number].parent == 1
    assert report.number in archive.tagged[digest(2), "user"].tags
    archive.undo(report.change)
    assert report.number not in archive.tags
    assert archive.tagged.get((digest(2), "user")).tags == (5,)  # type: ignore[union-attr]


def test_a_picture_that_is_not_here_makes_no_tag_either(archive: Archive) -> None:
    with pytest.raises(UsageError, match="nothing is tagged"):
        give(archive, "lake", [digest(1), digest(99)], create=True)

    assert [tag.name for tag in archive.tags.records() if tag.name == "lake"] == []
