"""fapfav/store/both_kinds.py: files of both kinds side by side, while an archive is converted."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.errors import ArchiveChanged, DamagedFile, UsageError
from fapfav.model import Config
from fapfav.store import switching
from fapfav.store.archive import Archive
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.both_kinds import CONVERTING, DECRYPT, ENCRYPT
from fapfav.store.folder import Folder
from fapfav.store.keys import new_root
from fapfav.store.slots import password_slot
from fapfav.store.undo import choose
from tests.store.archives import (
    COST,
    PASSWORD,
    add_pictures,
    blob,
    delete,
    digest,
    make,
    picture,
    reopened,
    tables,
)


def switched(path: Path, verb: str = ENCRYPT) -> Archive:
    """An archive of three plain pictures whose database alone is sealed by now."""
    archive = make(path)
    add_pictures(archive, 1, 2, 3)
    root = new_root()
    slot = password_slot(root, archive.archive_id, 1, PASSWORD, COST)
    with switching.to_sealed(archive, ENCRYPT, root, (slot,)).transaction(last=True) as tx:
        tx.put(Config(CONVERTING, verb))
    return archive


def files(path: Path, sub: str) -> set[str]:
    return {file.name for file in (path / sub).iterdir()}


def test_the_database_is_switched_by_one_commit_that_keeps_everything(tmp_path: Path) -> None:
    before = make(tmp_path / "other")
    add_pictures(before, 1, 2, 3)
    archive = switched(tmp_path / "archive")

    assert archive.sealed
    again = reopened(tmp_path / "archive", sealed=True)
    assert tables(again, "undo") == tables(archive, "undo")
    assert tables(again)["blobs"].keys() == tables(before)["blobs"].keys()
    assert again.archive_id == archive.archive_id
    assert again.config(CONVERTING, "") == ENCRYPT
    assert choose(again.changes.records(), 1).verb == "read"
    for number in (1, 2, 3):
        assert again.blob_bytes(digest(number)) == picture(number)
    add_pictures(again, 4)
    archive.refresh()
    assert archive.blob_bytes(digest(4)) == picture(4)


@pytest.mark.parametrize("verb", [ENCRYPT, DECRYPT])
def test_the_name_to_be_counts_first_and_a_damaged_one_not_at_all(
    tmp_path: Path, verb: str
) -> None:
    archive = switched(tmp_path, verb)
    sealed = archive.files.stage(Kind.BLOB, digest(1), "jpg", picture(1))
    archive.files.publish([sealed])
    plain = tmp_path / "blobs" / f"{digest(1).hex()}.jpg"

    plain.write_bytes(b"x" * 300)
    assert archive.blob_bytes(digest(1)) == picture(1)
    assert archive.files.read_range(digest(1), "jpg", 300, 7, 20) == picture(1)[7:20]
    plain.write_bytes(picture(1))
    (tmp_path / "blobs" / sealed.name).write_bytes(b"x" * 400)
    assert archive.blob_bytes(digest(1)) == picture(1)
    assert archive.files.read_range(digest(1), "jpg", 300, 7, 20) == picture(1)[7:20]
    plain.write_bytes(b"x" * 300)
    with pytest.raises(DamagedFile):
        archive.blob_bytes(digest(1))
    with pytest.raises(UsageError):
        archive.files.read_range(digest(2), "jpg", 300, 7, 301)


def test_a_plain_file_counts_only_while_the_archive_is_converted(tmp_path: Path) -> None:
    archive = switched(tmp_path)
    with archive.write("tag") as tx:
        tx.delete("configs", CONVERTING)

    with pytest.raises(DamagedFile, match="has no file any more"):
        archive.blob_bytes(digest(1))
    assert not archive.files.present(Kind.BLOB, digest(1), "jpg", 300)


def test_the_trash_takes_gives_back_and_destroys_files_of_either_kind(tmp_path: Path) -> None:
    archive = switched(tmp_path)
    add_pictures(archive, 4)
    names = files(tmp_path, "blobs")
    assert len(names) == 4

    with archive.write("remove picture") as tx:
        delete(tx, 1, 4)
    assert len(files(tmp_path, "trash/blobs")) == 2
    assert archive.undo().conflicts == ()
    assert files(tmp_path, "blobs") == names

    # As one who was killed between a commit and its renames leaves it.
    archive.files.to_trash(digest(2), "jpg", "")
    late = reopened(tmp_path, sealed=True)
    with late.write("tag") as tx:
        tx.put(Config("value", 1))
    assert files(tmp_path, "blobs") == names
    archive.files.purge(digest(2), "jpg", "")
    assert f"{digest(2).hex()}.jpg" not in files(tmp_path, "blobs") | files(tmp_path, "trash/blobs")


def test_a_plain_thumbnail_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    archive = switched(tmp_path)
    plain = BlobStore(Folder(tmp_path), None)
    plain.publish([plain.stage(Kind.THUMB, digest(5), "webp", picture(1005))])
    plain.publish([plain.stage(Kind.BLOB, digest(5), "jpg", picture(5))])
    with archive.write("read") as tx:
        tx.put(blob(5, thumb=True))

    assert archive.thumbnail(digest(5)) is None
    assert archive.blob_bytes(digest(5)) == picture(5)
    archive.files.publish([archive.files.stage(Kind.THUMB, digest(5), "webp", picture(1005))])
    assert archive.thumbnail(digest(5)) == picture(1005)


def test_two_who_encrypt_at_once_make_one(tmp_path: Path) -> None:
    make(tmp_path)
    first, second = reopened(tmp_path), reopened(tmp_path)

    def switch(archive: Archive) -> None:
        root = new_root()
        slot = password_slot(root, archive.archive_id, 1, PASSWORD, COST)
        with switching.to_sealed(archive, ENCRYPT, root, (slot,)).transaction(last=True) as tx:
            tx.put(Config(CONVERTING, ENCRYPT))

    switch(first)
    with pytest.raises(ArchiveChanged, match="was encrypted meanwhile"):
        switch(second)
    assert reopened(tmp_path, sealed=True).last == first.last
