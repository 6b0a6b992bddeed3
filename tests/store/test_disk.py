"""fapfav/store/disk.py: whatever the system takes, gives or refuses, files stay whole."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError
from fapfav.store.disk import disk_error, read_at, write_all
from fapfav.store.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "archive")
    made.create()
    return made


def temporaries(folder: Folder) -> list[Path]:
    return [path for path in folder.path.rglob("*") if ".new-" in path.name]


def test_bytes_are_written_at_their_offset_and_a_hole_is_left_before(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    write_all(fd, memoryview(b"bytes"), 3)

    assert os.pread(fd, 99, 0) == b"\0\0\0bytes"
    os.close(fd)


def test_what_fails_or_is_broken_off_while_writing_leaves_the_old_file(folder: Folder) -> None:
    folder.write_new("blobs", "name", [b"old"])

    def breaking(error: BaseException) -> Iterator[bytes]:
        yield b"half"
        raise error

    for error in (KeyboardInterrupt(), RuntimeError("no")):
        with pytest.raises(type(error)):
            folder.write_new("blobs", "name", breaking(error))

    assert folder.read("blobs", "name", 9) == b"old"
    assert temporaries(folder) == []


def test_a_system_that_takes_few_bytes_at_a_time_gets_all_of_them(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: write(fd, bytes(data[:7]), at))
    chunks = [os.urandom(20), b"", os.urandom(1), os.urandom(50)]
    folder.write_new("blobs", "name", chunks)

    assert folder.read("blobs", "name", 71) == b"".join(chunks)


def test_a_system_that_gives_few_bytes_at_a_time_is_asked_for_all(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_new("blobs", "name", [bytes(range(100))])
    pread, preadv = os.pread, os.preadv
    monkeypatch.setattr(os, "pread", lambda fd, size, at: pread(fd, min(size, 7), at))
    monkeypatch.setattr(os, "preadv", lambda fd, rooms, at: preadv(fd, [rooms[0][:7]], at))
    fd = folder.open_read("blobs", "name")

    assert folder.read("blobs", "name", 100) == bytes(range(100))
    assert read_at(fd, 90, 50) == bytes(range(90, 100))
    assert read_at(fd, 200, 5) == b""
    os.close(fd)


def test_a_system_that_writes_nothing_is_an_error_and_no_endless_loop(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: 0)

    with pytest.raises(ArchiveError, match="writing name"):
        folder.write_new("blobs", "name", [b"bytes"])
    assert temporaries(folder) == []


@pytest.mark.parametrize("call", ["fsync", "rename"])
def test_a_refused_sync_or_rename_leaves_the_old_file(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    folder.write_new("blobs", "name", [b"old"])

    def refuse(*args: object, **options: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(ArchiveError, match="the disk reports an error"):
        folder.write_new("blobs", "name", [b"new"])

    assert folder.read("blobs", "name", 9) == b"old"
    assert temporaries(folder) == []


def test_a_disk_that_fails_to_read_is_said_to_fail(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_new("blobs", "name", [b"bytes"])

    def refuse(fd: int, size: int, at: int) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", refuse)

    with pytest.raises(ArchiveError, match="reading name: the disk reports an error"):
        folder.read("blobs", "name", 9)


@pytest.mark.parametrize(
    ("refusal", "asked"),
    [(None, ["full"]), (errno.ENOTSUP, ["full", "plain"]), (errno.EIO, ["full"])],
    ids=["works", "unknown", "fails"],
)
def test_a_mac_syncs_to_the_platter_and_never_asks_again_after_a_failure(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, refusal: int | None, asked: list[str]
) -> None:
    calls: list[str] = []

    def full(fd: int, call: int) -> int:
        calls.append("full")
        if refusal is not None:
            raise OSError(refusal, os.strerror(refusal))
        return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", full)
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append("plain"))

    if refusal == errno.EIO:
        with pytest.raises(ArchiveError, match="reports an error"):
            folder.sync("blobs")
    else:
        folder.sync("blobs")
    assert calls == asked


LIMITED = """
import resource, sys
from pathlib import Path
from fapfav.errors import ArchiveError
from fapfav.store.folder import Folder
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    Folder(Path(sys.argv[1])).write_new("blobs", "name", [bytes(60_000), bytes(60_000)])
except ArchiveError as error:
    sys.exit(str(error))
"""


def test_a_file_the_system_cuts_short_is_a_full_disk(folder: Folder) -> None:
    folder.write_new("blobs", "name", [b"old"])
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder.path)],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr.strip() == (
        "writing name: the disk is full; free some space, then run it again"
    )
    assert folder.read("blobs", "name", 9) == b"old"
    assert temporaries(folder) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EFBIG, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "not yours to write"),
        (errno.EIO, "reports an error"),
        (errno.EMFILE, "Too many open files"),
    ],
)
def test_a_refusal_says_what_which_and_what_next(number: int, words: str) -> None:
    error = disk_error(OSError(number, os.strerror(number)), "writing name")

    assert str(error).startswith("writing name: ")
    assert words in str(error)
    assert error.exit_code == 3
