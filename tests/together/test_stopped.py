"""Others at work between the moment a read names its files and the one it writes their rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.jobs.removal import remove_picture
from fapfav.jobs.verify import verify
from fapfav.store import opening
from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
from tests.bad_input.trouble import children, digests, kept, opened, until
from tests.cli.running import ROOT, Home
from tests.support import PASSWORD, album, new_archive, read_folder

PICTURES = 20


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@contextmanager
def halted(archive: Path, folder: Path, password: str | None) -> Iterator[subprocess.Popen[str]]:
    """A read that has named the files of its batch, and has not written their rows."""
    sealed = "sealed" if password else ""
    words = [sys.executable, "-m", "tests.together.halting", str(archive), str(folder), sealed]
    with subprocess.Popen(words, cwd=ROOT, text=True, stdout=subprocess.PIPE) as reading:
        try:
            until(lambda: state_of(reading.pid) in ("T", "Z"))
            assert state_of(reading.pid) == "T", "it ended before it named anything"
            yield reading
        finally:
            if reading.poll() is None:
                reading.kill()


def state_of(pid: int) -> str:
    """A process's state by its letter."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize(
    ("words", "password"),
    [
        (("repair", "--apply"), PASSWORD),
        (("trash", "empty", "--yes"), None),
        (("backup", "../copy"), PASSWORD),
    ],
    ids=["repair", "trash", "backup"],
)
def test_what_others_do_between_names_and_rows_leaves_no_row_without_a_file(
    home: Home, tmp_path: Path, words: tuple[str, ...], password: str | None
) -> None:
    made = album(tmp_path / "hills", PICTURES)
    archive = tmp_path / "archive"
    with new_archive(archive, sealed=password is not None) as filled:
        read_folder(filled, tmp_path / "hills")
        remove_picture(filled, min(filled.blobs).hex())
        gone = set(filled.trash)
    made += album(tmp_path / "more", PICTURES, start=100)
    given = {} if password is None else {"FAPFAV_PASSWORD": password}

    with halted(archive, tmp_path / "more", password) as reading:
        done = home.run("process", *words, "-d", archive, **given)
        reading.send_signal(signal.SIGCONT)
        out = reading.communicate()[0]

    assert done.code == 0, (done.out, done.err)
    assert reading.returncode == 0
    saved, taken_away = map(int, out.split())
    assert saved + taken_away == PICTURES
    if words[0] == "repair":
        assert taken_away == PICTURES  # it took them for files of nobody, which they were
    else:
        assert taken_away == 0
    with opened(archive, password) as again:
        assert read_folder(again, tmp_path / "more").saved == taken_away
    assert kept(archive, password) == digests(made) - gone
    assert home.run("process", "verify", "-d", archive, **given).code == 0


def test_what_a_read_named_is_nothing_wrong_though_who_wrote_last_has_ended(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    album(tmp_path / "hills", PICTURES)
    archive = tmp_path / "archive"
    new_archive(archive, sealed=False).close()

    with halted(archive, tmp_path / "hills", None) as reading:
        assert home.run("process", "tag", "add", "Best", "-d", archive).code == 0

        def wait(_seconds: float) -> None:
            if reading.poll() is None:
                reading.send_signal(signal.SIGCONT)
                reading.wait()

        monkeypatch.setattr("fapfav.jobs.verify.time.sleep", wait)
        found = verify(opening.unlock(archive, None))

    assert found.found == []
    assert found.pictures == PICTURES


@pytest.mark.parametrize("words", [("read", "-l", "hills"), ("verify",)], ids=["read", "verify"])
def test_a_killed_command_leaves_no_process_and_no_lock(
    home: Home, tmp_path: Path, words: tuple[str, ...]
) -> None:
    album(tmp_path / "hills", PICTURES)
    archive = tmp_path / "archive"
    with new_archive(archive, sealed=False) as filled:
        read_folder(filled, tmp_path / "hills")
    album(tmp_path / "hills", 2 * PICTURES)
    given = [str(tmp_path / word) if word == "hills" else word for word in words]
    off = ("--model", "off") if words[0] == "read" else ()
    command = [sys.executable, "-m", "tests.together.halted_command"]
    command += [*given, "-d", str(archive), *off]

    with subprocess.Popen(command, cwd=ROOT, env=home.environment()) as running:
        try:
            until(lambda: state_of(running.pid) in ("T", "Z"))
            threads, begun = os.listdir(f"/proc/{running.pid}/task"), children(running.pid)
        finally:
            running.kill()
    assert running.returncode == -signal.SIGKILL

    # Its work is done by threads: there is nobody who could hold a lock, or a key, any longer.
    assert len(threads) > 1
    assert begun == []
    with ArchiveLock(Folder(archive), timeout=0).hold("tag"):
        pass
    assert home.run("process", "tag", "add", "Best", "-d", archive).code == 0
