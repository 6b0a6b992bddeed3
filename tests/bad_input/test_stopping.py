"""Reads that are broken off: by Ctrl-C, by a signal, by a reader that leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
from tests.bad_input.trouble import (
    OFF,
    children,
    digests,
    ended,
    in_place,
    kept,
    opened,
    refused,
    secret,
    started,
    until,
    until_it_waits,
)
from tests.cli.running import ROOT, Home, Ran, command
from tests.support import PASSWORD, album, new_archive

PICTURES = 400


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with so many pictures that a read of it takes several batches."""
    folder = tmp_path_factory.mktemp("pictures") / "hills"
    album(folder, PICTURES)
    return folder


def whole(pictures: Path) -> set[bytes]:
    """The digests of all of them."""
    return digests(path.read_bytes() for path in pictures.iterdir())


@contextmanager
def in_midst(
    home: Home, archive: Path, pictures: Path, *more: object
) -> Iterator[subprocess.Popen]:  # type: ignore[type-arg]
    """A read that has work in hand and waits to commit a batch, as long as this is entered."""
    given = ("read", "-l", pictures, "-o", archive, *OFF, *more)
    before = in_place(archive)
    with ArchiveLock(Folder(archive)).hold("read"):
        reading = started(home, "favorites", *given)
        until_it_waits(archive, before)
        yield reading


@pytest.fixture
def archive(home: Home) -> Path:
    """A new archive."""
    path = home.path / "archive"
    new_archive(path, sealed=False).close()
    return path


def read(home: Home, archive: Path, pictures: Path) -> Ran:
    """Reads to the end."""
    return home.run("favorites", "read", "-l", pictures, "-o", archive, *OFF, "--json")


def test_ctrl_c_commits_what_is_in_hand_and_the_next_read_goes_on(
    home: Home, archive: Path, pictures: Path
) -> None:
    with in_midst(home, archive, pictures) as reading:
        reading.send_signal(signal.SIGINT)
    stopped = ended(reading)
    first = kept(archive)
    again = read(home, archive, pictures)

    assert stopped.code == 130, stopped.err
    assert "stopping after this batch" in stopped.err
    assert "Traceback" not in stopped.err
    assert 0 < len(first) < PICTURES
    assert again.code == 0, again.err
    assert again.object["known"] == len(first)
    assert again.object["saved"] == PICTURES - len(first)
    assert kept(archive) == whole(pictures)


def test_a_stopped_read_is_one_change_that_can_be_undone(
    home: Home, archive: Path, pictures: Path
) -> None:
    with in_midst(home, archive, pictures) as reading:
        reading.send_signal(signal.SIGINT)
    assert ended(reading).code == 130
    with opened(archive) as changed:
        (number,) = changed.changes

    undone = home.run("process", "undo", number, "-d", archive)

    assert undone.code == 0, undone.err
    assert kept(archive) == set()
    assert read(home, archive, pictures).code == 0
    assert kept(archive) == whole(pictures)


@pytest.mark.parametrize(
    ("signals", "codes"),
    [
        ((signal.SIGINT, signal.SIGINT), (130,)),
        ((signal.SIGTERM,), (-signal.SIGTERM, 143)),
        ((signal.SIGHUP,), (-signal.SIGHUP, 129)),
        ((signal.SIGKILL,), (-signal.SIGKILL,)),
    ],
    ids=["int-twice", "term", "hup", "kill"],
)
def test_what_was_committed_outlives_any_signal(
    home: Home,
    archive: Path,
    pictures: Path,
    tmp_path: Path,
    signals: tuple[int, ...],
    codes: tuple[int, ...],
) -> None:
    before = album(tmp_path / "before", 5, start=5000)
    assert read(home, archive, tmp_path / "before").code == 0
    with in_midst(home, archive, pictures) as reading:
        assert children(reading.pid) == []
        for number in signals:
            reading.send_signal(number)
            if number != signals[-1]:
                until(lambda: _noticed(reading.pid))
        if signals[-1] == signal.SIGKILL:
            reading.wait()
    stopped = ended(reading)

    assert stopped.code in codes, stopped.err
    assert "Traceback" not in stopped.err
    assert digests(before) <= kept(archive)
    again = read(home, archive, pictures)
    assert again.code == 0, again.err
    assert kept(archive) == whole(pictures) | digests(before)


def _noticed(pid: int) -> bool:
    """Whether no signal waits for a process any more."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return all(
        int(status.split(f"{name}:")[1].split()[0], 16) == 0 for name in ("SigPnd", "ShdPnd")
    )


def left(process: subprocess.Popen, lines: int) -> Ran:  # type: ignore[type-arg]
    """Reads so many lines of a script's output, leaves, and waits for its end."""
    assert process.stdout is not None
    head = b"".join(process.stdout.readline() for _ in range(lines))
    process.stdout.close()
    _, err = process.communicate()
    return Ran(process.returncode, head.decode(), err.decode())


def test_output_whose_reader_left_does_not_stop_the_work(
    home: Home, archive: Path, pictures: Path
) -> None:
    reading = started(home, "favorites", "read", "-l", pictures, "-o", archive, *OFF)

    done = left(reading, lines=0)

    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert "Broken" not in done.err
    assert kept(archive) == whole(pictures)


@pytest.mark.parametrize("verb", [("print", "--blobs"), ("print", "--json"), ("log",)])
def test_the_head_of_an_output_can_be_taken(
    home: Home, archive: Path, pictures: Path, verb: tuple[str, ...]
) -> None:
    assert read(home, archive, pictures).code == 0

    done = left(started(home, "process", *verb, "-d", archive), lines=1)

    assert done.code == 0, done.err
    assert done.out
    assert "Traceback" not in done.err
    assert "Broken" not in done.err


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_streams_that_are_closed_do_not_stop_the_work(home: Home, plain: Path, closed: str) -> None:
    words = command("process", ("tag", "add", "Hills", "-d", plain))

    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *words],
        cwd=home.path,
        env=home.environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    with opened(plain) as archive:
        assert [tag.name for tag in archive.tags.values()] == ["Hills"]


def test_a_reader_of_json_that_is_full_gets_an_error_and_no_traceback(
    home: Home, plain: Path
) -> None:
    words = command("process", ("print", "--json", "-d", plain))

    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            words, cwd=home.path, env=home.environment(), stdout=full, stderr=-1, check=False
        )

    assert done.returncode != 0
    assert b"Traceback" not in done.stderr


def test_no_child_ever_inherits_the_password(home: Home, sealed: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "from fapfav.cli.process import process\n"
        "from fapfav.cli.session import run\n"
        "code = run(process, 'process.py', sys.argv[1:])\n"
        "print(subprocess.run(['env'], capture_output=True, text=True).stdout)\n"
        "sys.exit(code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "stats", "-d", str(sealed)],
        cwd=ROOT,
        env=home.environment(FAPFAV_PASSWORD=PASSWORD),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "HOME=" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_a_password_is_in_no_error_even_with_debug(home: Home, sealed: Path) -> None:
    file = secret(home.path, "wrong horse battery")

    done = home.run("process", "stats", "-d", sealed, "--password-file", file, "--debug")

    assert done.code == 3
    assert "Traceback" in done.err
    assert "horse battery" not in done.out + done.err
    refused(home.run("process", "stats", "-d", sealed, "--password-file", file), 3)
