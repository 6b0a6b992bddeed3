"""fapfav/store/trash.py: rows say where files lie, and the next writer sees to it."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError
from fapfav.model import Config
from fapfav.store import disk
from fapfav.store.archive import Archive
from tests.store.archives import (
    PATIENCE,
    add_files,
    add_pictures,
    blob,
    child,
    delete,
    digest,
    make,
    picture,
    reopened,
)

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def counts(path: Path) -> tuple[int, int, int, int]:
    """Files in blobs, thumbs and their trash."""
    names = ("blobs", "thumbs", "trash/blobs", "trash/thumbs")
    return tuple(len(list((path / name).iterdir())) for name in names)  # type: ignore[return-value]


def touch(archive: Archive) -> None:
    """Any write."""
    with archive.write("tag") as tx:
        count = tx.configs["n"].value if "n" in tx.configs else 0
        tx.put(Config("n", count + 1))


@BOTH
def test_files_follow_their_rows_into_the_trash_and_back(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, 2, thumb=True)
    assert counts(tmp_path) == (2, 2, 0, 0)
    with archive.write("trash") as tx:
        delete(tx, 1)
    assert counts(tmp_path) == (1, 1, 1, 1)
    with archive.write("restore") as tx:
        tx.delete("trash", digest(1))
        tx.put(blob(1, thumb=True))
    assert counts(tmp_path) == (2, 2, 0, 0)
    assert archive.blob_bytes(digest(1)) == picture(1)


KILLED = """
import os
from fapfav.store import disk
archive = reopened(Path(sys.argv[1]))
left = [int(sys.argv[3])]
real = disk.rename
def rename(*arguments):
    if left[0] == 0:
        os.kill(os.getpid(), 9)
    left[0] -= 1
    real(*arguments)
disk.rename = rename
if sys.argv[2] == "trash":
    with archive.write("trash") as tx:
        delete(tx, 1, 2)
else:
    archive.undo()
"""


@pytest.mark.parametrize("verb", ["trash", "undo"])
@pytest.mark.parametrize("renames", range(4))
def test_a_picture_is_readable_and_moved_by_the_next_writer_though_a_rename_was_killed(
    tmp_path: Path, verb: str, renames: int
) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1, 2, thumb=True)
    if verb == "undo":
        with archive.write("trash") as tx:
            delete(tx, 1, 2)
    killed = child(KILLED, tmp_path, verb, renames)
    killed.communicate(timeout=PATIENCE)
    assert killed.returncode == -9

    other = reopened(tmp_path)
    if verb == "undo":
        assert other.blob_bytes(digest(1)) == picture(1)
        assert other.thumbnail(digest(2)) == picture(1002)
    touch(other)
    blobs, _, trashed, _ = counts(tmp_path)
    assert (blobs, trashed) == ((0, 2) if verb == "trash" else (2, 0))
    if verb == "trash":
        other.undo(2)
    assert [other.blob_bytes(digest(n)) for n in (1, 2)] == [picture(1), picture(2)]
    assert [other.thumbnail(digest(n)) for n in (1, 2)] == [picture(1001), picture(1002)]


def test_a_picture_brought_back_outlives_the_emptying_of_the_trash(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1, 2, 3)
    with archive.write("trash") as tx:
        delete(tx, 1, 3)
    killed = child(KILLED, tmp_path, "undo", 0)
    killed.communicate(timeout=PATIENCE)
    archive.refresh()
    assert not archive.trash
    with archive.write("trash") as tx:
        delete(tx, 3)
    with archive.write("trash empty") as tx:  # rows first, then the files of those rows only
        doomed = list(tx.trash.records())
        tx.delete("trash", *(row.digest for row in doomed))
    for row in doomed:
        archive.files.purge(row.digest, row.ext, row.thumb_ext)
    assert [row.digest for row in doomed] == [digest(3)]
    assert archive.blob_bytes(digest(1)) == picture(1)
    assert counts(tmp_path) == (2, 0, 0, 0)


def test_a_rename_the_disk_refused_is_made_up_for_by_the_same_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1, 2)

    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "no")

    def trash() -> None:
        with archive.write("trash") as tx:
            delete(tx, 1)

    monkeypatch.setattr(disk, "rename", refused)
    with pytest.raises(ArchiveError, match="moving"):
        trash()
    monkeypatch.undo()
    assert digest(1) in archive.trash
    assert counts(tmp_path) == (2, 0, 0, 0)
    touch(archive)
    assert counts(tmp_path) == (1, 0, 1, 0)


def test_a_file_written_anew_for_a_trashed_picture_stays(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1)
    with archive.write("trash") as tx:
        delete(tx, 1)
    add_files(archive, 1)
    with archive.write("read") as tx:
        tx.delete("trash", digest(1))
        tx.put(blob(1))
    assert counts(tmp_path) == (1, 0, 0, 0)
    assert archive.blob_bytes(digest(1)) == picture(1)
