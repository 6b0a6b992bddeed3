"""fapfav/jobs/read.py: a folder comes in once, whole, and never more than it should."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest

from fapfav.errors import DamagedFile, UsageError
from fapfav.jobs.library import open_archive
from fapfav.model import PlaceState, Progress
from fapfav.sources.local import LocalFolder
from fapfav.store.blobs import Kind
from tests.support import (
    PASSWORD,
    album,
    encoded,
    landscape,
    new_archive,
    read_folder,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve hills in two folders, one of them three times, and two that are no pictures."""
    made = album(tmp_path / "pictures" / "north", 6)
    album(tmp_path / "pictures" / "south", 6, start=6)
    (tmp_path / "pictures" / "south" / "again.jpg").write_bytes(made[0])
    (tmp_path / "pictures" / "zoo.jpg").write_bytes(made[0])
    (tmp_path / "pictures" / "empty.png").write_bytes(b"")
    (tmp_path / "pictures" / "page.jpg").write_bytes(b"<!DOCTYPE html><title>gone</title>")
    (tmp_path / "pictures" / "notes.txt").write_text("no picture at all")
    return tmp_path / "pictures"


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "plain"])
def test_every_picture_comes_in_once_and_is_read_back(
    tmp_path: Path, folder: Path, sealed: bool
) -> None:
    with new_archive(tmp_path / "archive", sealed=sealed) as archive:
        report = read_folder(archive, folder)

    assert (report.saved, report.existing, report.failed, report.known) == (12, 2, 2, 0)
    assert report.bytes == sum(path.stat().st_size for path in folder.glob("*/hill-*.jpg"))
    with open_archive(tmp_path / "archive", PASSWORD if sealed else None) as archive:
        wanted = {hashlib.sha256(path.read_bytes()).digest() for path in folder.glob("*/*.jpg")}
        assert set(archive.blobs) == wanted
        for digest, blob in archive.blobs.items():
            assert hashlib.sha256(archive.blob_bytes(digest)).digest() == digest
            assert (blob.width, blob.height, blob.ext) == (96, 64, "jpg")
            assert archive.thumbnail(digest)
        assert {a.name for a in archive.albums.records()} == {
            "pictures",
            "pictures/north",
            "pictures/south",
        }
        (user,) = archive.users.records()
        assert user.name == "LOCAL DISK"
        assert user.date_finished >= user.date_albums > 0


def test_failures_say_why_and_do_not_stop_the_rest(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        report = read_folder(archive, folder)

        reasons = {name: reason for _, name, reason in report.failures}
        assert set(reasons) == {"empty.png", "page.jpg"}
        assert "empty" in reasons["empty.png"]
        assert "web page" in reasons["page.jpg"]
        failed = [p for p in archive.places.records() if p.state is PlaceState.FAILED]
        assert {p.name for p in failed} == {"empty.png", "page.jpg"}
        assert all(p.failure and p.failure.tries == 1 and p.holds is None for p in failed)


def test_a_second_run_changes_nothing(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        before = (archive.last, archive.database_size, sorted(archive.places))
        report = read_folder(archive, folder)

        assert (archive.last, archive.database_size, sorted(archive.places)) == before
    assert (report.saved, report.known, report.failed, report.left_alone) == (0, 14, 0, 2)
    assert report.change == 0


def test_failures_are_tried_again_when_forced_or_when_the_file_changed(
    tmp_path: Path, folder: Path
) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        forced = read_folder(archive, folder, force=True)
        assert (forced.failed, forced.known) == (2, 12 + 2)
        (folder / "empty.png").write_bytes(encoded(landscape(99)))
        mended = read_folder(archive, folder)

        assert (mended.saved, mended.left_alone) == (1, 1)
        failed = [p.name for p in archive.places.records() if p.state is PlaceState.FAILED]
        assert failed == ["page.jpg"]
        tries = [p.failure.tries for p in archive.places.records() if p.failure]
        assert tries == [2]


def test_a_file_edited_in_place_is_a_new_picture_and_the_old_one_stays(
    tmp_path: Path, folder: Path
) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        old = hashlib.sha256((folder / "zoo.jpg").read_bytes()).digest()
        (folder / "zoo.jpg").write_bytes(encoded(landscape(77), "JPEG"))
        report = read_folder(archive, folder)

        assert report.saved == 1
        zoo = [p for p in archive.places.records() if p.name == "zoo.jpg"]
        assert len(zoo) == 2
        assert old in {p.holds for p in zoo}


def test_a_moved_folder_keeps_its_places(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        (tmp_path / "elsewhere").mkdir()
        moved = shutil.move(folder, tmp_path / "elsewhere" / "pictures")
        report = read_folder(archive, Path(moved))

    assert (report.saved, report.existing, report.known) == (0, 0, 14)


def test_positions_follow_the_order_of_names_and_stay(tmp_path: Path, folder: Path) -> None:
    def order(name: str) -> list[str]:
        (key,) = [a for a in archive.albums if archive.albums[a].name == name]
        places = [p for p in archive.places.records() if p.key[:3] == tuple(key)]
        return [p.name for p in sorted(places, key=lambda place: place.position)]

    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        first = order("pictures/north")
        assert first == sorted(first)
        (folder / "north" / "a-new-one.jpg").write_bytes(encoded(landscape(50), "JPEG"))
        read_folder(archive, folder)

        assert order("pictures/north") == [*first, "a-new-one.jpg"]


def test_stopping_keeps_what_is_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    album(tmp_path / "pictures", 40)
    told: list[Progress] = []
    with new_archive(tmp_path / "archive") as archive:
        from fapfav.jobs.model_in_use import ModelInUse
        from fapfav.jobs.read import Settings, read

        source = LocalFolder(tmp_path / "pictures")
        asked = iter(range(100))
        report = read(
            archive,
            source,
            Settings(ModelInUse()),
            tell=told.append,
            stop=lambda: next(asked) >= 9,
        )
        assert report.stopped
        assert 0 < report.saved < 40
        again = read_folder(archive, tmp_path / "pictures")

        assert again.saved + report.saved == 40
        assert again.known == report.saved
    assert max(one.done for one in told if one.doing == "reading") == report.saved


def test_two_reads_at_once_lose_nothing(tmp_path: Path) -> None:
    album(tmp_path / "one", 30)
    album(tmp_path / "two", 30, start=20)
    new_archive(tmp_path / "archive").close()
    reports = []

    def run(name: str) -> None:
        with open_archive(tmp_path / "archive", PASSWORD) as archive:
            reports.append(read_folder(archive, tmp_path / name))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(report.saved for report in reports) == 50
    assert sum(report.existing for report in reports) == 10
    with open_archive(tmp_path / "archive", PASSWORD) as archive:
        assert len(archive.blobs) == 50
        assert len(archive.places) == 60
        for digest in archive.blobs:
            archive.blob_bytes(digest)


def test_the_preparation_of_an_archive_is_kept(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder, preparation="exact")
        assert archive.preparation == "exact"
        with pytest.raises(UsageError, match="exact"):
            read_folder(archive, folder, preparation="scaled")


def test_the_archive_within_the_folder_is_not_read(tmp_path: Path, folder: Path) -> None:
    with new_archive(folder / "archive", sealed=False) as archive:
        first = read_folder(archive, folder)
        second = read_folder(archive, folder)

    assert (first.saved, second.saved, second.known) == (12, 0, 14)


def test_an_undone_read_can_be_read_again(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        report = read_folder(archive, folder)
        assert not archive.undo(report.change).conflicts
        assert not archive.blobs
        assert len(archive.trash) == 12
        again = read_folder(archive, folder)

        assert again.saved == 12
        assert not archive.trash
        for digest in archive.blobs:
            archive.blob_bytes(digest)


def test_a_picture_whose_file_vanished_is_named(tmp_path: Path, folder: Path) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        digest = next(iter(archive.blobs))
        os.unlink(archive.path / "blobs" / archive.files.name(Kind.BLOB, digest, "jpg"))

        with pytest.raises(DamagedFile, match=digest.hex()[:12]):
            archive.blob_bytes(digest)
