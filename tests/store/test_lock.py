"""fapfav/store/lock.py: one writer at a time, and none left locked out by the dead."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, ArchiveInUse
from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock

HOLDER = """
import sys
from pathlib import Path
from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
with ArchiveLock(Folder(Path(sys.argv[1]))).hold("read"):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""

COUNTER = """
import sys
from pathlib import Path
from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
root = Path(sys.argv[1])
lock = ArchiveLock(Folder(root))
for _ in range(25):
    with lock.hold("count"):
        number = int((root / "number").read_text())
        (root / "number").write_text(str(number + 1))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "archive")
    made.create()
    return made


def started(program: str, folder: Folder) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held_elsewhere(folder: Folder) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is told to stop, or is killed."""
    with started(HOLDER, folder) as process:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 120)[0]
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_lock_is_held_signed_and_let_go(folder: Folder) -> None:
    lock = ArchiveLock(folder, now=lambda: 1_700_000_000.9)
    with lock.hold("key change"):
        line = f"{os.getpid()} 1700000000 key change\n"
        assert (folder.path / "lock").read_text() == line
    with lock.hold("read"):
        assert (folder.path / "lock").read_text() == f"{os.getpid()} 1700000000 read\n"

    found = (folder.path / "lock").stat()
    assert stat.S_IMODE(found.st_mode) == 0o600


def test_another_process_that_holds_it_is_named(folder: Folder) -> None:
    with held_elsewhere(folder) as process:
        with pytest.raises(ArchiveInUse) as caught, ArchiveLock(folder, timeout=0.1).hold("tag"):
            pass

        assert re.search(
            rf"in use by process {process.pid} \(read\) since \d\d:\d\d:\d\d; try again",
            str(caught.value),
        )


def test_a_killed_holder_frees_the_lock_at_once(folder: Folder) -> None:
    with held_elsewhere(folder) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with ArchiveLock(folder, timeout=0).hold("tag"):
            assert (folder.path / "lock").read_text().endswith(" tag\n")


def test_a_waiting_process_gets_the_lock_once_it_is_free(folder: Folder) -> None:
    with held_elsewhere(folder) as process:
        assert process.stdin is not None
        threading.Timer(0.1, process.stdin.close).start()
        with ArchiveLock(folder, timeout=120).hold("tag"):
            assert process.wait() == 0


def test_no_two_processes_hold_it_at_once(folder: Folder) -> None:
    (folder.path / "number").write_text("0")
    processes = [started(COUNTER, folder) for _ in range(3)]
    for process in processes:
        process.communicate()

    assert (folder.path / "number").read_text() == "75"


def test_no_two_threads_hold_it_at_once_with_one_lock_or_several(folder: Folder) -> None:
    shared = ArchiveLock(folder)
    inside, most = 0, 0

    def work(lock: ArchiveLock) -> None:
        nonlocal inside, most
        for _ in range(10):
            with lock.hold("count"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    locks = [shared, shared, ArchiveLock(folder), ArchiveLock(folder)]
    threads = [threading.Thread(target=work, args=(lock,)) for lock in locks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (inside, most) == (0, 1)


def test_a_thread_that_waits_too_long_learns_who_holds_it(folder: Folder) -> None:
    lock = ArchiveLock(folder, timeout=0.05)
    said: list[str] = []

    def wait() -> None:
        try:
            with lock.hold("tag"):
                pass
        except ArchiveInUse as error:
            said.append(str(error))

    with lock.hold("read"):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()

    assert len(said) == 1
    assert f"by process {os.getpid()} (read)" in said[0]


def test_the_lock_does_not_nest(folder: Folder) -> None:
    lock = ArchiveLock(folder, timeout=30)
    with lock.hold("read"):
        with pytest.raises(ArchiveError, match="this very thread"), lock.hold("tag"):
            pass
        with (
            pytest.raises(ArchiveInUse),
            ArchiveLock(folder, timeout=0).hold("tag"),
        ):
            pass


def test_an_error_within_lets_the_lock_go(folder: Folder) -> None:
    lock = ArchiveLock(folder, timeout=0)
    for error in (RuntimeError(), KeyboardInterrupt()):
        with pytest.raises(type(error)), lock.hold("read"):
            raise error

    with lock.hold("read"), pytest.raises(ArchiveInUse), ArchiveLock(folder, 0).hold("read"):
        pass


@pytest.mark.parametrize("verb", ["", "Read", "read --password x", "read\n", "päd", "r" * 33])
def test_only_a_verb_is_written_into_the_file(folder: Folder, verb: str) -> None:
    with pytest.raises(ValueError, match="lower-case"), ArchiveLock(folder).hold(verb):
        pass
    assert not (folder.path / "lock").exists()


@pytest.mark.parametrize("plant", ["link", "dangling link", "pipe", "folder", "hard link"])
def test_what_is_planted_as_the_lock_is_refused(folder: Folder, tmp_path: Path, plant: str) -> None:
    outside, path = tmp_path / "private", folder.path / "lock"
    outside.write_bytes(b"bytes")
    plants: dict[str, Callable[[], None]] = {
        "link": lambda: path.symlink_to(outside),
        "dangling link": lambda: path.symlink_to(tmp_path / "nowhere"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "hard link": lambda: path.hardlink_to(outside),
    }
    plants[plant]()

    with pytest.raises(ArchiveError, match="move it away"), ArchiveLock(folder, 0).hold("read"):
        pass
    assert outside.read_bytes() == b"bytes"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"", b"\xff" * 5000, b"1 2 rm -rf\n", b"x" * 100, b"1 2 a"])
def test_a_lock_file_with_something_else_in_it_locks_all_the_same(
    folder: Folder, content: bytes
) -> None:
    (folder.path / "lock").write_bytes(content)
    lock = ArchiveLock(folder, timeout=0)
    with (folder.path / "lock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ArchiveInUse, match="by another process"), lock.hold("read"):
            pass

    with lock.hold("read"):
        assert (folder.path / "lock").read_text().startswith(f"{os.getpid()} ")


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_refused_and_not_guessed_at(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(fd: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(ArchiveError, match="has no file locks"), ArchiveLock(folder).hold("read"):
        pass


def test_a_disk_that_fails_is_said_to_fail(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, operation: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(ArchiveError, match="disk reports an error"), ArchiveLock(folder).hold("a"):
        pass


def test_a_full_disk_keeps_nobody_from_locking(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int, written: bytes, offset: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", refuse)

    with (
        ArchiveLock(folder).hold("trash empty"),
        pytest.raises(ArchiveInUse, match="another process"),
        ArchiveLock(folder, 0).hold("read"),
    ):
        pass


def test_the_file_stays_when_the_lock_is_let_go(folder: Folder) -> None:
    lock = ArchiveLock(folder)
    with lock.hold("read"):
        before = (folder.path / "lock").stat().st_ino
    with lock.hold("read"):
        pass

    assert (folder.path / "lock").stat().st_ino == before


def test_where_there_is_no_archive_there_is_no_lock(tmp_path: Path) -> None:
    with (
        pytest.raises(ArchiveError, match="no archive"),
        ArchiveLock(Folder(tmp_path / "nowhere")).hold("read"),
    ):
        pass
