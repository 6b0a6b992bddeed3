"""fapfav/store/compact.py: the file is new, what it says is not."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, DamagedArchive
from fapfav.model import Config, Fresh
from fapfav.store import compact, disk
from fapfav.store.archive import Archive
from tests.store.archives import (
    PATIENCE,
    add_pictures,
    add_vectors,
    child,
    database,
    delete,
    digest,
    make,
    reopened,
    tables,
)
from tests.store.crash import is_database

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def put(archive: Archive, value: object) -> None:
    with archive.write("tag") as tx:
        tx.put(Config("value", value))


@BOTH
def test_compaction_keeps_rows_vectors_and_undo_and_goes_on_counting(
    tmp_path: Path, sealed: bool
) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, 2, 3)
    with archive.write("tag") as tx:
        add_vectors(tx, {1: (1, 2, 3, 4), 2: (5, 6, 7, 8)})
    for value in range(30):
        put(archive, value)
    before, size, last = tables(archive), archive.database_size, archive.last
    vectors = archive.vectors("cnn")
    undo = {number: archive.values_before(number) for number in archive.changes}

    assert archive.compact()

    for found in (archive, reopened(tmp_path, sealed)):
        assert tables(found) == before
        assert found.vectors("cnn").digests == vectors.digests
        assert found.vectors("cnn").rows.tolist() == vectors.rows.tolist()
        assert {number: found.values_before(number) for number in found.changes} == undo
        assert found.last[0] > last[0]
        assert found.tag_of(last[0]) == last[1]
        assert found.database_size < size
    archive.undo()
    assert archive.config("value", None) == 28


def test_compaction_drops_the_vectors_of_pictures_that_are_gone(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1, 2, 3)
    with archive.write("tag") as tx:
        add_vectors(tx, {1: (1, 1, 1, 1), 2: (2, 2, 2, 2), 3: (3, 3, 3, 3), 9: (9, 9, 9, 9)})
    with archive.write("trash") as tx:
        delete(tx, 2, 3)
    with archive.write("trash empty") as tx:
        tx.delete("trash", digest(3))

    archive.compact()

    assert set(archive.vectors("cnn").digests) == {digest(1), digest(2)}
    (payload,) = (raw for _, raw in archive._database.vector_frames())
    assert [payload.count(digest(number)) for number in (1, 2, 3, 9)] == [1, 1, 0, 0]


def test_compaction_drops_the_undo_of_changes_that_are_final(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    put(archive, 2)
    with archive.write("trash empty") as tx:
        tx.put(replace(tx.changes[1], state="final"))
    archive.compact()
    assert archive.values_before(1) == {}
    assert archive.values_before(2) == {("configs", "value"): (1,)}


def test_compaction_is_due_when_changes_outweigh_the_snapshot(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    assert not archive.compact(only_if_due=True)
    with archive.write("tag") as tx:
        tx.put(Config("value", os.urandom(9_000_000)))
    assert archive.compact(only_if_due=True)
    assert not archive.compact(only_if_due=True)
    for at in range(0, 32_000, 16_000):
        with archive.write("tag") as tx:
            tx.put(*(Fresh(digest(n, 32), at) for n in range(16_000)))
    assert archive.compact(only_if_due=True)


KILLED = """
import os
from fapfav.store import disk
archive = reopened(Path(sys.argv[1]))
left = [int(sys.argv[2])]
def stopping(real):
    def stand_in(*arguments, **named):
        if left[0] == 0:
            os.kill(os.getpid(), 9)
        left[0] -= 1
        return real(*arguments, **named)
    return stand_in
with archive._lock.hold("compact"):
    archive._database.catch_up(writing=True)
    for name in ("write", "sync", "create", "rename", "unlink"):
        setattr(disk, name, stopping(getattr(disk, name)))
    from fapfav.store.compact import compact
    compact(archive._database, archive._folder, archive._header_block(), None)
"""


def test_a_compaction_killed_anywhere_leaves_the_same_content(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_pictures(archive, 1)
    put(archive, 1)
    expected = tables(archive)
    code = None
    for touches in range(0, 30, 2):
        killed = child(KILLED, tmp_path, touches)
        _, errors = killed.communicate(timeout=PATIENCE)
        code = killed.returncode
        assert code in (0, -9), errors
        assert tables(reopened(tmp_path)) == expected
        archive.refresh()
        assert tables(archive) == expected
        if code == 0:
            break
    assert code == 0
    put(archive, 2)


def test_what_does_not_read_back_never_takes_the_old_files_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    raw = database(tmp_path).read_bytes()
    real = disk.write

    def lossy(fd: int, data: disk.Buffer, offset: int) -> int:
        return real(fd, bytes(len(data)) if offset > 16_500 else data, offset)

    monkeypatch.setattr(disk, "write", lossy)
    with pytest.raises(DamagedArchive):
        archive.compact()
    monkeypatch.undo()
    assert database(tmp_path).read_bytes() == raw
    assert list(tmp_path.glob("*.new-*")) == []
    put(archive, 2)


def test_a_folder_that_does_not_sync_ends_all_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    real = disk.sync

    def failing(fd: int) -> None:
        if os.readlink(f"/proc/self/fd/{fd}") == str(tmp_path):
            raise OSError(errno.EIO, "lost")
        assert not is_database(fd)
        real(fd)

    monkeypatch.setattr(disk, "sync", failing)
    with pytest.raises(ArchiveError, match="disk reports an error"):
        archive.compact()
    monkeypatch.undo()
    with pytest.raises(ArchiveError, match="writes no more"):
        put(archive, 2)
    archive.refresh()
    assert archive.config("value", 0) == 1
    assert tables(archive) == tables(reopened(tmp_path))


def test_rows_too_large_for_one_frame_are_spread_over_several(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(*(Config(f"large {n}", os.urandom(3_000_000)) for n in range(6)))
        tx.put(*(Config(f"long {n}", list(range(200))) for n in range(1000)))
    expected = tables(archive)
    archive.compact()
    assert tables(reopened(tmp_path)) == expected


def test_an_empty_snapshot_and_a_fresh_log_are_new_each_time() -> None:
    assert compact.fresh_log().log_id != compact.fresh_log().log_id
    assert len(list(compact.empty_snapshot())) == 1
