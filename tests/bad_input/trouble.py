"""What tests of bad input share: running under a handicap, and what is right afterwards."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fapfav.jobs.library import Archive
from fapfav.store import opening
from tests.cli.running import LIMIT, ROOT, Home, Ran, command
from tests.support import PASSWORD

OPEN = "--no-password", "--model", "off"
OFF = "--model", "off"


def handicapped(home: Home, handicap: str, script: str, *arguments: object) -> Ran:
    """Runs a script under a handicap: see `child`."""
    words = [sys.executable, "-m", "tests.bad_input.child", handicap, script]
    done = subprocess.run(
        [*words, *(str(argument) for argument in arguments)],
        cwd=ROOT,
        env=home.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(home: Home, script: str, *arguments: object, **environment: str) -> subprocess.Popen:  # type: ignore[type-arg]
    """Starts a script and does not wait for it; coverage is not asked of what may be killed."""
    plain = {k: v for k, v in home.environment(**environment).items() if "COVERAGE" not in k}
    with _hanging_up():
        return subprocess.Popen(
            command(script, arguments),
            cwd=home.path,
            env=plain,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


@contextmanager
def _hanging_up() -> Iterator[None]:
    """What is started in here hears a SIGHUP, although whoever runs the tests ignores it.

    That is so below `nohup`: what is ignored stays so in a child, and what has a handler does not.
    """
    before = signal.getsignal(signal.SIGHUP)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def ended(process: subprocess.Popen) -> Ran:  # type: ignore[type-arg]
    """Waits for a script that was started."""
    out, err = process.communicate(timeout=LIMIT)
    return Ran(process.returncode, out.decode(), err.decode())


def until(true: Callable[[], bool]) -> None:
    """Waits for something to become true; fails when it does not."""
    deadline = time.monotonic() + LIMIT
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def in_place(archive: Path) -> set[str]:
    """The files of pictures that have their names, whether there are rows of them or not."""
    return {name for name in os.listdir(archive / "blobs") if ".new-" not in name}


def until_it_waits(archive: Path, before: set[str]) -> None:
    """Waits until a read would commit pictures, and cannot: somebody else holds the lock.

    By then it has given those their names, and has others in hand. How many they are depends on
    how much it could do within the seconds that a batch may take. `before` was `in_place` then.
    """

    def waits() -> bool:
        looks.append(set(os.listdir(archive / "blobs")))
        names = looks[-1]
        beside = any(".new-" in name for name in names)
        return looks[-2] == names and beside and in_place(archive) > before

    looks: list[set[str]] = [set()]
    until(waits)


def refused(ran: Ran, code: int, *words: object) -> None:
    """Asserts that a command failed in order: its code, one line that says it, no traceback."""
    assert ran.code == code, (ran.code, ran.err)
    assert "Traceback" not in ran.err
    assert "unexpected error" not in ran.err
    (line,) = [line for line in ran.err.splitlines() if line.startswith("THE END: error: ")]
    for word in words:
        assert str(word) in line, line


def opened(path: Path, password: str | None = None) -> Archive:
    """An archive for looking into."""
    return opening.open_archive(path, password, kind=Archive)


def kept(path: Path, password: str | None = None) -> set[bytes]:
    """The digests of all pictures, each read whole, and every place's picture among them."""
    with opened(path, password) as archive:
        for digest, blob in archive.blobs.items():
            assert hashlib.sha256(archive.blob_bytes(digest)).digest() == digest
            assert not blob.thumb_size or archive.thumbnail(digest)
        held = [place.holds for place in archive.places.records() if place.holds is not None]
        assert set(held) <= set(archive.blobs)
        return set(archive.blobs)


def digests(pictures: Iterable[bytes]) -> set[bytes]:
    """What pictures are known by."""
    return {hashlib.sha256(raw).digest() for raw in pictures}


def secret(folder: Path, password: str = PASSWORD) -> Path:
    """A password file as it should be."""
    file = folder / "password"
    file.write_text(password + "\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def binding(folder: Path, *, write: bool = False) -> None:
    """Lets everybody read a tree, and nobody but root write there."""
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o755 if path.is_dir() else 0o644) if write else _only_read(path))


def _only_read(path: Path) -> int:
    return 0o555 if path.is_dir() else 0o444


def children(pid: int) -> list[str]:
    """The processes that a process has started and not yet seen end."""
    found: list[str] = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended since
            found += Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii").split()
    return found
