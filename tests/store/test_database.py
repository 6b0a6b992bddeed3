"""fapfav/store/database.py: following what others wrote, and a disk that refuses."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, NoArchive, OlderArchive
from fapfav.model import Config
from fapfav.store import compact, disk
from fapfav.store.archive import Archive
from tests.store.archives import (
    PATIENCE,
    add_pictures,
    add_vectors,
    blob,
    child,
    database,
    digest,
    make,
    picture,
    reopened,
    tables,
)
from tests.store.crash import Recorder, is_database


def put(archive: Archive, value: object, name: str = "value") -> None:
    with archive.write("tag") as tx:
        tx.put(Config(name, value))


def no_configs(archive: Archive) -> dict[str, object]:
    return tables(archive, "configs", "changes")


COMPACTOR = """
from fapfav.model import Config
archive = reopened(Path(sys.argv[1]), True)
for number in range(6):
    with archive.write("tag") as tx:
        tx.put(Config(f"child {number}", number))
        add_vectors(tx, {number: (number,) * 4})
        tx.put(blob(number))
    archive.compact()
    print(number, flush=True)
    sys.stdin.readline()
"""


def test_a_reader_keeps_up_over_compactions_by_another_process(tmp_path: Path) -> None:
    archive = make(tmp_path, sealed=True)
    writer = child(COMPACTOR, tmp_path)
    assert writer.stdin is not None
    assert writer.stdout is not None
    for number in range(6):
        assert writer.stdout.readline() == f"{number}\n"
        if number % 2:
            # Without a refresh: what was skipped lies in a file that is gone.
            assert len(archive.vectors("cnn").digests) == number + 1
        archive.refresh()
        assert archive.config(f"child {number}", None) == number
        assert tables(archive) == tables(reopened(tmp_path, True))
        put(archive, number, f"parent {number}")
        writer.stdin.write("\n")
        writer.stdin.flush()
    _, errors = writer.communicate(timeout=PATIENCE)
    assert writer.returncode == 0, errors
    assert len(archive.configs) == 6 + 6 + 1
    assert list(archive.values_before(2)) == [("configs", "parent 0")]


def test_who_waited_for_a_compaction_writes_into_the_new_file(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    waiting = child(
        "from fapfav.model import Config\n"
        "archive = reopened(Path(sys.argv[1]))\n"
        "print('opened', flush=True)\n"
        "with archive.write('tag') as tx:\n"
        "    tx.put(Config('late', tx.configs['value'].value + 1))\n",
        tmp_path,
    )
    assert waiting.stdout is not None
    with archive.writing("compact"):
        assert waiting.stdout.readline() == "opened\n"
        compact.compact(archive._database, archive._folder, archive._header_block(), None)
    _, errors = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0, errors
    archive.refresh()
    assert archive.config("late", 0) == 2
    assert tables(reopened(tmp_path)) == tables(archive)


def test_a_failed_sync_is_not_acknowledged_and_ends_all_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    before, raw = tables(archive), database(tmp_path).read_bytes()
    readers: list[Archive] = []
    syncs = 0

    def failing(fd: int) -> None:
        nonlocal syncs
        if is_database(fd):
            syncs += 1
            readers.append(reopened(tmp_path))
            raise OSError(errno.EIO, "lost")

    monkeypatch.setattr(disk, "sync", failing)
    with pytest.raises(ArchiveError, match="disk reports an error"):
        put(archive, 2)
    monkeypatch.undo()

    assert syncs == 1
    assert tables(archive) == before
    assert database(tmp_path).read_bytes() == raw
    for write in (lambda: put(archive, 3), archive.compact, archive.undo):
        with pytest.raises(ArchiveError, match="this process writes no more"):
            write()
    assert database(tmp_path).read_bytes() == raw

    (reader,) = readers  # it saw what was then taken back
    assert reader.config("value", 0) == 2
    put(reopened(tmp_path), 7)
    reader.refresh()
    archive.refresh()
    assert tables(reader) == tables(archive) == tables(reopened(tmp_path))
    assert reader.config("value", 0) == 7


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_failed_sync_of_what_others_wrote_ends_all_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    archive, other = make(tmp_path), reopened(tmp_path)
    put(other, 1)
    raw = database(tmp_path).read_bytes()
    real = disk.sync

    def failing(fd: int) -> None:
        name = os.readlink(f"/proc/self/fd/{fd}")
        if name == str(database(tmp_path) if what == "file" else tmp_path):
            raise OSError(errno.EIO, "lost")
        real(fd)

    monkeypatch.setattr(disk, "sync", failing)
    with pytest.raises(ArchiveError, match="disk reports an error"):
        put(archive, 2)
    monkeypatch.undo()
    with pytest.raises(ArchiveError, match="this process writes no more"):
        put(archive, 3)
    assert database(tmp_path).read_bytes() == raw


def test_others_writes_are_synced_before_ours_and_our_own_are_not_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, other = make(tmp_path), reopened(tmp_path)
    put(other, 1)
    recorder = Recorder().install(monkeypatch)

    def whats() -> list[str]:
        found = [what for what, _, _ in recorder.events]
        recorder.events.clear()
        return found

    put(archive, 2)
    assert whats() == ["sync", "write", "sync"]
    put(archive, 3)
    assert whats() == ["write", "sync"]
    put(other, 4)
    put(archive, 5)
    assert whats() == ["sync", "write", "sync"] * 2


def test_an_interrupted_write_is_taken_over_or_cut_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    real = disk.write

    def half(fd: int, data: disk.Buffer, offset: int) -> int:
        if is_database(fd):
            real(fd, bytes(data[:100]), offset)
            raise KeyboardInterrupt
        return real(fd, data, offset)

    monkeypatch.setattr(disk, "write", half)
    with pytest.raises(KeyboardInterrupt):
        put(archive, 2)
    monkeypatch.undo()

    assert archive.config("value", 0) == 1
    put(archive, 3)
    assert tables(reopened(tmp_path)) == tables(archive)
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


FULL_DISK = """
import resource, signal
from fapfav.errors import ArchiveError
from fapfav.model import Config
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

def at_most(size, action):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        action()
    except ArchiveError as error:
        return str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

def write():
    with archive.write("tag") as tx:
        tx.put(*(Config(f"{n} {digest(n).hex()}", n) for n in range(9000)))

sealed = sys.argv[2] == "True"
archive = reopened(Path(sys.argv[1]), sealed)
before = tables(archive)
size = archive.database_size
actions = {
    "write": (write, (size, size + 1, size + 70, size + 5000, size + 200_000)),
    "compact": (archive.compact, (4000, 16384, 16500, 20000, 200_000)),
    "file": (lambda: add_files(archive, 7, size=70_000), (0, 30, 4096, 69_000)),
}
action, limits = actions[sys.argv[3]]
if sys.argv[3] == "compact":
    write()
    before = tables(archive)
for limit in limits:
    message = at_most(limit, action)
    assert message is not None and "the disk is full; free some space" in message, (limit, message)
    assert tables(archive) == before == tables(reopened(Path(sys.argv[1]), sealed)), limit
    names = sorted(path.name for path in Path(sys.argv[1]).rglob("*.new-*"))
    assert names == [], names
action()
assert tables(reopened(Path(sys.argv[1]), sealed)) == tables(archive)
"""


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
@pytest.mark.parametrize("what", ["write", "compact", "file"])
def test_a_full_disk_is_said_and_harms_nothing(tmp_path: Path, sealed: bool, what: str) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, 2)
    running = child(FULL_DISK, tmp_path, sealed, what)
    _, errors = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, errors
    archive.refresh()
    assert archive.blob_bytes(digest(1)) == picture(1)
    put(archive, "after")


def test_a_database_replaced_by_another_archives_is_refused(tmp_path: Path) -> None:
    archive, other = make(tmp_path / "one"), make(tmp_path / "two")
    put(archive, 1)
    put(other, 2)
    database(tmp_path / "one").write_bytes(database(tmp_path / "two").read_bytes())
    with pytest.raises(OlderArchive, match="replaced by another"):
        archive.refresh()

    database(tmp_path / "one").unlink()
    with pytest.raises(NoArchive):
        archive.refresh()


def test_an_older_copy_put_back_under_an_open_archive_is_read_anew(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, 1)
    old = database(tmp_path).read_bytes()
    with archive.write("tag") as tx:
        add_vectors(tx, {1: (1, 2, 3, 4)})
        tx.put(blob(1))
    database(tmp_path).write_bytes(old)
    archive.refresh()
    assert tables(archive) == tables(reopened(tmp_path))
    put(archive, 2)
    assert no_configs(archive) == no_configs(reopened(tmp_path))
