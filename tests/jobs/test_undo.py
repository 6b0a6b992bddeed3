"""Undo across the parts: what comes back needs what it hangs on, whatever happened since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_album, remove_picture, remove_user
from fapfav.jobs.review import forget, judge_places
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.model import PlaceKey, Verdict
from tests.jobs.holding import Shelves, digest
from tests.store.archives import tables
from tests.support import album, new_archive, read_folder


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Picture 1 in two albums, 2 beside it in the first, and a tag within a tag."""
    made = Shelves(tmp_path / "archive")
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"))
    made.album("b", "Bay", (1, "eins.jpg"))
    tagging.add(made.archive, "Places")
    tagging.add(made.archive, "North", "Places")
    return made


@pytest.fixture
def archive(shelves: Shelves) -> Archive:
    return shelves.archive


def refused(archive: Archive, number: int) -> str:
    """Why a change cannot be undone; nothing was written."""
    before = tables(archive)
    report = archive.undo(number)
    assert report.conflicts
    assert report.redo == 0
    assert tables(archive) == before
    return "; ".join(report.conflicts)


def test_a_tag_does_not_come_back_under_a_name_that_another_has_now(archive: Archive) -> None:
    removed = tagging.remove(archive, "North").change
    tagging.add(archive, "NORTH")

    assert "would both be 'North'" in refused(archive, removed)


def test_a_name_does_not_come_back_that_another_tag_has_now(archive: Archive) -> None:
    renamed = tagging.rename(archive, "North", "South").change
    tagging.add(archive, "North")

    assert "'North'" in refused(archive, renamed)


def test_a_tag_does_not_go_back_below_one_that_is_gone(archive: Archive) -> None:
    moved = tagging.move(archive, "North", None).change
    tagging.remove(archive, "Places")

    assert "hang on nothing" in refused(archive, moved)


def test_a_tag_does_not_go_back_below_one_that_hangs_on_it_now(archive: Archive) -> None:
    moved = tagging.move(archive, "North", None).change
    tagging.move(archive, "Places", "North")

    assert "hang on nothing" in refused(archive, moved)


def test_pictures_do_not_get_back_a_tag_that_is_gone(archive: Archive) -> None:
    tagging.apply(archive, "North", [digest(1)])
    cleared = tagging.clear(archive, "North", None).change
    tagging.remove(archive, "North")

    assert "1 tagged that need tags" in refused(archive, cleared)


def test_a_place_does_not_come_back_for_a_picture_that_was_destroyed(archive: Archive) -> None:
    places = [place.key for place in archive.places.records() if place.holds == digest(1)]
    said = judge_places(archive, digest(1), {places[0]: Verdict.SKIP}).change
    remove_user(archive, "LOCAL DISK")
    trash_empty(archive)

    conflicts = refused(archive, said)
    assert "1 places that need pictures" in conflicts
    assert "1 places that need albums" in conflicts


def test_evidence_of_a_picture_that_was_destroyed_stays_away(shelves: Shelves) -> None:
    archive = shelves.archive
    shelves.alike(1, 2)
    forgotten = forget(archive, everything=True).change
    remove_picture(archive, digest(2).hex())
    trash_empty(archive)

    assert archive.undo(forgotten).conflicts == ()
    assert not archive.pairs
    assert list(archive.blobs) == [digest(1)]


@pytest.mark.parametrize("meanwhile", [lambda archive: None, lambda archive: archive.compact()])
def test_a_picture_read_again_elsewhere_is_not_in_the_trash_as_well(
    tmp_path: Path, meanwhile: Callable[[Archive], object]
) -> None:
    album(tmp_path / "one", 1)
    album(tmp_path / "two", 1)
    archive = new_archive(tmp_path / "archive")
    archive.undo(read_folder(archive, tmp_path / "one").change)
    again = read_folder(archive, tmp_path / "one").change
    read_folder(archive, tmp_path / "two")
    meanwhile(archive)

    assert archive.undo(again).conflicts == ()

    (only,) = archive.blobs
    assert not archive.trash
    assert [place.holds for place in archive.places.records()] == [only]
    assert archive.blob_bytes(only)


def test_a_picture_goes_with_the_last_place_that_an_undo_takes(tmp_path: Path) -> None:
    album(tmp_path / "one", 2)
    album(tmp_path / "two", 1)
    archive = new_archive(tmp_path / "archive")
    first = read_folder(archive, tmp_path / "one").change
    second = read_folder(archive, tmp_path / "two").change
    archive.undo(first)
    assert len(archive.blobs) == 1

    gone = archive.undo(second)

    assert not archive.blobs
    assert len(archive.trash) == 2
    archive.undo(gone.redo)
    assert len(archive.blobs) == 1
    assert archive.blob_bytes(next(iter(archive.blobs)))


def test_a_picture_restored_is_not_hidden_at_all_its_places(archive: Archive) -> None:
    keys = [PlaceKey("local", "1", each, "i1") for each in ("a", "b")]
    judge_places(archive, digest(1), {keys[0]: Verdict.SKIP, keys[1]: Verdict.KEEP})
    remove_album(archive, "Bay")
    assert archive.places[keys[0]].verdict is Verdict.NEW
    with archive.write("duplicates verdict") as tx:
        tx.put(replace(archive.places[keys[0]], verdict=Verdict.SKIP))
    remove_album(archive, "Alps")

    trash_restore(archive, [digest(1).hex()])

    assert archive.places[keys[0]].verdict is Verdict.NEW
