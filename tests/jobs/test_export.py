"""fapfav/jobs/export.py: files as the user expects them, and nothing else touched."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, UsageError
from fapfav.jobs import tagging
from fapfav.jobs.export import ExportReport, Wanted, export
from fapfav.model import Choice, Digest, Progress, Verdict
from tests.jobs.holding import Shelves, digest, picture
from tests.support import read_folder


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Two albums of the tags Best, Best/Old and Other; two pictures share the name sea.jpg."""
    made = Shelves(tmp_path / "archive")
    made.album("b", "Beach", (1, "sea.jpg"), (2, "dune.png"), (3, "pier.jpg"))
    made.album("c", "Coast", (4, "sea.jpg"), (3, "again.jpg"))
    for name, parent in (("Best", None), ("Old", "Best"), ("Other", None)):
        tagging.add(made.archive, name, parent)
    tagging.apply(made.archive, "Best", [digest(n) for n in (4, 3, 1)])
    tagging.apply(made.archive, "Old", [digest(2)])
    tagging.apply(made.archive, "Other", [digest(1)])
    return made


def run(shelves: Shelves, tag: str | None = None, **options: object) -> ExportReport:
    return export(shelves.archive, Wanted(tag, **options))  # type: ignore[arg-type]


def top(shelves: Shelves) -> Path:
    return shelves.archive.path / "tag_export"


def files(folder: Path) -> dict[str, int]:
    """Every file below a folder, and which picture it is."""
    known = {digest(number): number for number in range(1, 10)}
    return {
        path.relative_to(folder).as_posix(): known[
            Digest(hashlib.sha256(path.read_bytes()).digest())
        ]
        for path in folder.rglob("*")
        if path.is_file()
    }


def clash(number: int, name: str) -> str:
    return f"{digest(number).hex()[:10]}-{name}"


def test_all_tags_are_exported_each_to_its_folder_in_the_tree(shelves: Shelves) -> None:
    report = run(shelves)

    assert files(top(shelves)) == {
        "Best/sea.jpg": 1,
        "Best/pier.jpg": 3,
        "Best/" + clash(4, "sea.jpg"): 4,
        "Best/Old/dune.jpg": 2,
        "Other/sea.jpg": 1,
    }
    assert (report.written, report.renamed, report.same, report.failed) == (5, 1, 0, 0)
    assert report.bytes == sum(len(picture(number)) for number in (1, 3, 4, 2, 1))
    assert report.folder == str(top(shelves))


def test_one_tag_is_exported_without_those_below_it(shelves: Shelves) -> None:
    run(shelves, "best")
    assert not (top(shelves) / "Best" / "Old").exists()

    run(shelves, "best/OLD")
    assert files(top(shelves) / "Best" / "Old") == {"dune.jpg": 2}
    assert not (top(shelves) / "Other").exists()


def test_what_is_there_already_is_left_as_it_is(shelves: Shelves) -> None:
    run(shelves)
    sea = top(shelves) / "Best" / "sea.jpg"
    before = sea.stat()

    report = run(shelves)

    assert (report.written, report.same) == (0, 5)
    after = sea.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_content_of_the_name_is_never_overwritten(shelves: Shelves) -> None:
    folder = top(shelves) / "Other"
    folder.mkdir(parents=True)
    (folder / "SEA.jpg").write_bytes(b"the user's own")

    report = run(shelves, "Other")

    assert (folder / "SEA.jpg").read_bytes() == b"the user's own"
    assert (folder / clash(1, "sea.jpg")).read_bytes() == picture(1)
    assert report.renamed == 1


def test_a_name_taken_three_times_is_a_failure_that_says_which(shelves: Shelves) -> None:
    folder = top(shelves) / "Other"
    folder.mkdir(parents=True)
    taken = ["sea.jpg", clash(1, "sea.jpg"), f"{digest(1).hex()}-sea.jpg"]
    for name in taken:
        (folder / name).write_bytes(b"mine")

    report = run(shelves, "Other")

    assert report.failed == 1
    assert report.failures[0][:2] == (str(folder), digest(1).hex())
    assert "in the way" in report.failures[0][2]
    assert all((folder / name).read_bytes() == b"mine" for name in taken)


def test_renumbering_keeps_the_order_of_user_album_and_position(shelves: Shelves) -> None:
    run(shelves, "Best", renumber=True)

    assert files(top(shelves) / "Best") == {
        "00001-sea.jpg": 1,
        "00002-pier.jpg": 3,
        "00003-sea.jpg": 4,
    }


def test_renumbering_again_works_with_folders_below_and_deletes_files_only(
    shelves: Shelves,
) -> None:
    run(shelves, renumber=True)
    folder = top(shelves) / "Best"
    (folder / "stray.txt").write_text("old")
    (folder / "own folder").mkdir()
    (folder / "own folder" / "kept.txt").write_text("kept")
    outside = shelves.archive.path.parent / "outside.txt"
    outside.write_text("kept")
    (folder / "link").symlink_to(outside)

    tagging.clear(shelves.archive, "Best", [digest(1)])
    report = run(shelves, "Best", renumber=True)

    assert sorted(path.name for path in folder.iterdir()) == [
        "00001-pier.jpg",
        "00002-sea.jpg",
        "Old",
        "link",
        "own folder",
    ]
    assert report.emptied == 4
    assert (folder / "own folder" / "kept.txt").read_text() == "kept"
    assert outside.read_text() == "kept"
    assert (folder / "Old" / "00001-dune.jpg").exists()


def test_a_place_to_keep_gives_the_name_and_the_order(shelves: Shelves) -> None:
    archive = shelves.archive
    kept = next(place for place in archive.places.records() if place.name == "again.jpg")
    with archive.write("duplicates verdict") as tx:
        tx.put(replace(kept, verdict=Verdict.KEEP))

    run(shelves, "Best", renumber=True)

    assert sorted(files(top(shelves) / "Best")) == [
        "00001-sea.jpg",
        "00002-sea.jpg",
        "00003-again.jpg",
    ]


def test_what_is_skipped_is_left_out_and_counted(shelves: Shelves) -> None:
    shelves.choose(Choice.SKIP, 3)

    report = run(shelves, "Best")

    assert 3 not in files(top(shelves)).values()
    assert (report.written, report.skipped) == (2, 1)
    assert run(shelves, everything=True).skipped == 2


def test_an_album_is_exported_by_name_each_picture_once(shelves: Shelves) -> None:
    shelves.album("b", "Beach", (5, "late.jpg"))

    report = run(shelves, album="beach")

    assert files(top(shelves) / "@albums" / "LOCAL DISK" / "Beach") == {
        "sea.jpg": 1,
        "dune.jpg": 2,
        "pier.jpg": 3,
        "late.jpg": 5,
    }
    assert report.written == 4


def test_everything_is_every_picture_album_by_album(shelves: Shelves) -> None:
    shelves.album("c2", "coast", (6, "cliff.jpg"))
    run(shelves, everything=True)

    found = files(top(shelves) / "@albums" / "LOCAL DISK")
    assert set(found.values()) == {1, 2, 3, 4, 6}
    # Two albums of one name stay apart, and neither has the plain one.
    assert len({path.split("/")[0] for path in found}) == 3
    assert "Coast" not in {path.split("/")[0] for path in found}


def test_an_export_read_again_is_the_same_pictures(shelves: Shelves, tmp_path: Path) -> None:
    target = tmp_path / "given" / "deep"
    run(shelves, everything=True, target=target)
    again = Shelves(tmp_path / "second", sealed=False).archive

    read_folder(again, target)

    assert set(again.blobs) == set(shelves.archive.blobs)


def test_the_database_is_not_changed_and_files_are_the_owners_alone(shelves: Shelves) -> None:
    database = shelves.archive.path / "imagefap.database"
    before = database.read_bytes()

    run(shelves)

    assert database.read_bytes() == before
    for path in [top(shelves), *top(shelves).rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("where", ["tag_export", "tag_export/Best", "tag_export/Best/Old"])
@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_link_or_file_in_a_folders_place_is_refused(
    shelves: Shelves, tmp_path: Path, where: str, kind: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.jpg").write_bytes(b"mine")
    planted = shelves.archive.path / where
    planted.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        planted.symlink_to(outside)
    else:
        planted.write_bytes(b"mine")

    with pytest.raises(ArchiveError, match="a link or a file where a folder belongs"):
        run(shelves, "Old", renumber=True)

    assert [path.name for path in outside.iterdir()] == ["mine.jpg"]


def test_a_link_in_a_files_place_is_never_written_through(shelves: Shelves, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(picture(1))  # even with the very content
    folder = top(shelves) / "Other"
    folder.mkdir(parents=True)
    (folder / "sea.jpg").symlink_to(outside)
    os.mkfifo(folder / clash(1, "sea.jpg"))

    report = run(shelves, "Other")

    assert (folder / "sea.jpg").is_symlink()
    assert outside.read_bytes() == picture(1)
    assert (folder / f"{digest(1).hex()}-sea.jpg").read_bytes() == picture(1)
    assert report.written == 1


def test_a_damaged_picture_fails_and_the_rest_is_exported(shelves: Shelves) -> None:
    damaged = next((shelves.archive.path / "blobs").iterdir())
    raw = damaged.read_bytes()
    damaged.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))

    report = run(shelves, everything=True)

    assert report.failed >= 1
    assert report.written + report.failed == 5
    assert {"damaged" in reason for _, _, reason in report.failures} == {True}


def test_a_full_disk_is_said_and_leaves_no_half_file(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_fd: int, _data: object, _offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("fapfav.store.disk.write", full)

    with pytest.raises(ArchiveError, match=r"sea.jpg: the disk is full"):
        run(shelves, "Other")

    assert list((top(shelves) / "Other").iterdir()) == []


def test_asked_to_stop_it_stops_between_pictures(shelves: Shelves) -> None:
    told: list[Progress] = []

    report = export(
        shelves.archive, Wanted(everything=True), tell=told.append, stop=lambda: bool(told)
    )

    assert report.stopped
    assert report.written == 1
    assert told[0].total == 5


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted("Nothing"), "no tag 'Nothing'"),
        (Wanted(album="Nothing"), "no album 'Nothing'"),
        (Wanted("Best", "Beach"), "one of"),
        (Wanted("Best", everything=True), "one of"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_made(
    shelves: Shelves, wanted: Wanted, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        export(shelves.archive, wanted)

    assert not top(shelves).exists()


def test_an_export_of_nothing_says_so(tmp_path: Path) -> None:
    report = run(Shelves(tmp_path / "empty"))

    assert report.warnings == ("there are no tagged pictures to export",)
