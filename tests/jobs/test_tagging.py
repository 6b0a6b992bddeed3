"""fapfav/jobs/tagging.py: the tree and what pictures carry, each verb a change of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive, open_archive
from fapfav.model import Tagged
from tests.jobs.holding import Shelves, blob, digest
from tests.support import PASSWORD


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Four pictures; the tags Places, Places/North and Moods."""
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "album", *((number, f"{number}.jpg") for number in range(1, 5)))
    tagging.add(shelves.archive, "Places")
    tagging.add(shelves.archive, "North", "places")
    tagging.add(shelves.archive, "Moods")
    return shelves.archive


def tree(archive: Archive) -> dict[str, int]:
    """Path to number of pictures that carry the very tag."""
    return {line.path: line.images for line in tagging.listing(archive).tags}


def test_tags_are_there_in_the_next_process(archive: Archive) -> None:
    report = tagging.apply(archive, "places/NORTH", [digest(1), digest(2), digest(1)])

    assert (report.path, report.pictures, report.already) == ("Places/North", 2, 0)
    with open_archive(archive.path, PASSWORD) as again:
        assert tree(again) == {"Moods": 0, "Places": 0, "Places/North": 2}


def test_each_verb_is_one_entry_of_the_log_that_undo_takes_back(archive: Archive) -> None:
    before = tree(archive)
    verbs: list[Callable[[], tagging.TagReport]] = [
        lambda: tagging.add(archive, "New", "Moods"),
        lambda: tagging.rename(archive, "Moods", "Feelings"),
        lambda: tagging.move(archive, "North", None),
        lambda: tagging.merge(archive, "North", "Moods"),
        lambda: tagging.remove(archive, "Moods"),
        lambda: tagging.apply(archive, "North", [digest(1)]),
    ]
    for verb in verbs:
        report = verb()
        assert archive.changes[report.change].verb.startswith("tag ")
        assert archive.changes[report.change].what
        assert tree(archive) != before

        assert archive.undo().number == report.change
        assert tree(archive) == before


def test_a_tag_removed_is_off_every_picture_and_the_report_says_how_many(archive: Archive) -> None:
    tagging.apply(archive, "North", [digest(1), digest(2), digest(3)])
    tagging.apply(archive, "Moods", [digest(3)])

    report = tagging.remove(archive, "north")

    assert (report.path, report.pictures) == ("Places/North", 3)
    assert tree(archive) == {"Moods": 1, "Places": 0}
    # A row that says nothing is not kept.
    assert {row.digest for row in archive.tagged.records()} == {digest(3)}


def test_a_tag_with_others_below_it_stays(archive: Archive) -> None:
    before = len(archive.changes)

    with pytest.raises(UsageError, match="has tags below it: 'North'"):
        tagging.remove(archive, "Places")

    assert len(archive.changes) == before


def test_merging_hands_on_pictures_and_children(archive: Archive) -> None:
    tagging.apply(archive, "Places", [digest(1), digest(2)])
    tagging.apply(archive, "Moods", [digest(2), digest(3)])

    report = tagging.merge(archive, "Places", "Moods")

    assert (report.path, report.pictures) == ("Moods", 2)
    assert tree(archive) == {"Moods": 3, "Moods/North": 0}


def test_numbers_of_tags_are_never_used_again(archive: Archive) -> None:
    number = tagging.add(archive, "Short").number
    tagging.remove(archive, "Short")

    assert tagging.add(archive, "Short").number > number


def test_what_is_so_already_is_no_change(archive: Archive) -> None:
    tagging.apply(archive, "Moods", [digest(1)])
    entries = len(archive.changes)

    again = tagging.apply(archive, "Moods", [digest(1)])
    assert (again.change, again.pictures, again.already) == (0, 0, 1)
    assert tagging.rename(archive, "Moods", "Moods").change == 0
    assert tagging.move(archive, "Moods", None).change == 0
    assert tagging.clear(archive, "Moods", [digest(2)]).already == 1
    assert len(archive.changes) == entries


def test_clearing_takes_the_tag_alone_or_with_those_below(archive: Archive) -> None:
    tagging.apply(archive, "Places", [digest(1), digest(2)])
    tagging.apply(archive, "North", [digest(1), digest(3)])

    assert tagging.clear(archive, "Places", [digest(1)]).pictures == 1
    assert tree(archive) == {"Moods": 0, "Places": 1, "Places/North": 2}

    assert tagging.clear(archive, "Places", None, below=True).pictures == 3
    assert tree(archive) == {"Moods": 0, "Places": 0, "Places/North": 0}
    assert not archive.tagged


def test_nothing_is_tagged_when_one_picture_is_not_here(archive: Archive) -> None:
    with pytest.raises(UsageError, match=f"no picture {digest(9).hex()}"):
        tagging.apply(archive, "Moods", [digest(1), digest(9)])

    assert not archive.tagged


@pytest.mark.parametrize(
    "refused",
    [
        lambda archive: tagging.add(archive, "pLACES"),
        lambda archive: tagging.add(archive, "a/b"),
        lambda archive: tagging.add(archive, "New", "Nowhere"),
        lambda archive: tagging.rename(archive, "Moods", "North"),
        lambda archive: tagging.move(archive, "Places", "North"),
        lambda archive: tagging.merge(archive, "Moods", "moods"),
        lambda archive: tagging.apply(archive, "Nowhere", []),
    ],
)
def test_what_the_tree_refuses_writes_nothing(archive: Archive, refused: object) -> None:
    entries = len(archive.changes)

    with pytest.raises(UsageError):
        refused(archive)  # type: ignore[operator]

    assert len(archive.changes) == entries


def test_counts_and_sizes_include_those_below_once_each(archive: Archive) -> None:
    tagging.apply(archive, "Places", [digest(1), digest(2)])
    tagging.apply(archive, "North", [digest(2), digest(3)])

    found = tagging.listing(archive)
    places = next(line for line in found.tags if line.path == "Places")

    assert [(line.path, line.depth) for line in found.tags] == [
        ("Moods", 0),
        ("Places", 0),
        ("Places/North", 1),
    ]
    assert (places.images, places.images_below, found.images) == (2, 3, 3)
    assert places.size == blob(1).size + blob(2).size
    assert places.size_below == found.size == sum(blob(number).size for number in (1, 2, 3))
    assert found.to_json()["tags"][2]["name"] == "North"


def test_tags_from_others_count_but_are_not_cleared_as_ones_own(archive: Archive) -> None:
    number = next(line.number for line in tagging.listing(archive).tags if line.name == "Moods")
    with archive.write("tag apply") as tx:
        tx.put(Tagged(digest(1), "model:1", (number,)))

    assert tree(archive)["Moods"] == 1
    assert tagging.clear(archive, "Moods", None).pictures == 0
    assert tagging.remove(archive, "Moods").pictures == 1
