"""What the processes that hold keys show of them: to others, in a crash, in logs, in any text."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

import fapfav
from fapfav.cli.passwords import Passwords
from fapfav.jobs import keys, removal, verify
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import open_archive
from fapfav.jobs.look_process import LookProcesses
from fapfav.jobs.looks import materials
from fapfav.model import Judged, pair_of
from fapfav.store.folder import Folder
from fapfav.store.keyring import open_keyring
from fapfav.store.lock import ArchiveLock
from tests.bad_input.trouble import children, secret, until
from tests.cli.running import LIMIT, Home, Terminal
from tests.leaks.canaries import Canaries
from tests.leaks.visiting import visiting
from tests.leaks.world import keys_of
from tests.support import PASSWORD, album, new_archive, read_folder
from viewer.job_process import JobProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

_POWERS = 19, 21, 38  # CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON: to look into any process
_DROP = 24  # PR_CAPBSET_DROP


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """An encrypted archive."""
    album(tmp_path / "pictures", 3)
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, tmp_path / "pictures")
    (tmp_path / "home").mkdir()
    return tmp_path / "archive"


@pytest.fixture
def secrets(where: Path) -> Canaries:
    """The password and all keys."""
    found = Canaries(())
    found.hide(PASSWORD, "password")
    with open_keyring(where, PASSWORD) as ring:
        for key in keys_of(ring):
            found.hide_key(key)
    return found


def powerless() -> None:
    """Gives up, for what this thread starts, what only root has anyway."""
    for power in _POWERS:
        ctypes.CDLL(None).prctl(_DROP, power, 0, 0, 0)


def ordinary(look: Callable[[], None]) -> None:
    """Calls it where whatever it starts has no more powers than anybody's processes."""
    with ThreadPoolExecutor(1, initializer=powerless) as thread:
        thread.submit(look).result()


def is_open_to_its_user(pid: int) -> bool:
    """Whether others of the same user may look into a process."""
    look = f"open('/proc/{pid}/environ', 'rb').read(1)"
    words = [sys.executable, "-I", "-S", "-c", look]
    done = subprocess.run(words, capture_output=True, check=False, timeout=LIMIT)
    assert done.returncode == 0 or b"PermissionError" in done.stderr
    return done.returncode == 0


def shown_by(pid: int) -> bytes:
    """Its words and, where the system lets us see it, its environment."""
    found = Path(f"/proc/{pid}/cmdline").read_bytes()
    if os.geteuid() == 0:
        found += Path(f"/proc/{pid}/environ").read_bytes()
    return found


def assert_guarded(pid: int, archive: Path) -> None:
    limits = Path(f"/proc/{pid}/limits").read_text()
    (core,) = [line.split() for line in limits.splitlines() if line.startswith("Max core")]
    assert core[4:6] == ["0", "0"]
    assert not is_open_to_its_user(pid)
    if os.geteuid() == 0:
        assert str(archive) not in Path(f"/proc/{pid}/maps").read_text()


def test_what_is_looked_for_is_seen_where_nothing_is_guarded(secrets: Canaries) -> None:
    def look() -> None:
        words = [sys.executable, "-I", "-S", "-c", "input()", PASSWORD]
        with subprocess.Popen(words, stdin=subprocess.PIPE) as open_one:
            until(lambda: PASSWORD.encode() in Path(f"/proc/{open_one.pid}/cmdline").read_bytes())
            assert is_open_to_its_user(open_one.pid)
            assert secrets.found(shown_by(open_one.pid)) == {"password"}
            open_one.communicate(b"\n")

    ordinary(look)


@pytest.mark.parametrize("words", [("key", "change"), ("trash", "empty")], ids=" ".join)
def test_a_command_that_holds_keys_is_guarded(
    where: Path, secrets: Canaries, tmp_path: Path, words: tuple[str, ...]
) -> None:
    password = secret(tmp_path, PASSWORD)
    with open_archive(where, PASSWORD) as archive:
        removal.remove_picture(archive, next(iter(archive.blobs)).hex())

    def look() -> None:
        given = ("--dir", where, "--password-file", password)
        asked = Terminal(Home(tmp_path / "home"), "process", *words, *given)
        asked.expect("(New password|to go on): ?")
        assert_guarded(asked.pid, where)
        assert secrets.found(shown_by(asked.pid)) == frozenset()
        asked.interrupt()
        asked.end()

    ordinary(look)


def test_the_viewer_is_guarded(where: Path, tmp_path: Path) -> None:
    def look() -> None:
        home = Home(tmp_path / "home")
        with visiting(home, "--dir", where, FAPFAV_PASSWORD=PASSWORD) as guest:
            assert guest.walk(10) == 10
            assert_guarded(guest.pid, where)
            assert PASSWORD.encode() not in Path(f"/proc/{guest.pid}/cmdline").read_bytes()

    ordinary(look)


def test_a_worker_is_guarded_and_inherits_no_secret(
    where: Path, secrets: Canaries, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAPFAV_PASSWORD", PASSWORD)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with open_archive(where, PASSWORD) as archive:
        handover = archive.handover()
    before = set(children(os.getpid()))
    album(tmp_path / "more", 200, start=50)
    arguments = {"local": str(tmp_path / "more"), "model": "off"}
    job = JobProcess(0, "read", arguments, where)

    def look() -> None:
        running = threading.Thread(target=job.run, args=(handover, arguments))
        running.start()
        until(lambda: job.state().progress is not None or job.is_over)
        assert not job.error
        (pid,) = new_ones(before)
        assert_guarded(pid, where)
        assert secrets.found(shown_by(pid)) == frozenset()
        job.terminate()
        running.join(LIMIT)

    with ArchiveLock(Folder(where)).hold("read"):
        ordinary(look)


def test_a_process_that_looks_is_guarded_and_inherits_no_secret(
    where: Path, secrets: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAPFAV_PASSWORD", PASSWORD)
    before = set(children(os.getpid()))

    def refused(_: object) -> Judged:
        raise AssertionError("this process was to judge nothing")

    def look() -> None:
        with (
            open_archive(where, PASSWORD) as archive,
            LookProcesses(partial(materials, archive), refused) as processes,
        ):
            processes.judge(pair_of(*sorted(archive.blobs)[:2]))
            (pid,) = new_ones(before)
            assert_guarded(pid, where)
            assert secrets.found(shown_by(pid)) == frozenset()
            if os.geteuid() == 0:
                assert secrets.found(memory_of(pid)) == frozenset()

    ordinary(look)


def memory_of(pid: int) -> bytes:
    """All that a process may write to, but for what the system keeps there."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            if line.split()[1].startswith("rw") and not line.endswith(("[vvar]", "[vsyscall]")):
                start, end = (int(at, 16) for at in line.split()[0].split("-"))
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


def new_ones(before: set[str]) -> list[int]:
    return [int(pid) for pid in set(children(os.getpid())) - before]


# Texts


def objects(roots: list[object]) -> Iterator[object]:
    """Everything of ours that hangs on some objects."""
    todo, seen = list(roots), set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        module = type(one).__module__
        if module.partition(".")[0] in ("fapfav", "viewer"):
            yield one
        if module.partition(".")[0] in ("fapfav", "viewer") or isinstance(one, dict | list | tuple):
            todo += gc.get_referents(one)


def test_no_object_shows_a_key_or_the_password(where: Path, secrets: Canaries) -> None:
    with keys.open_keys(where, PASSWORD) as ring, open_archive(where, PASSWORD) as archive:
        found = find_duplicates(archive)
        checked = verify.verify(archive)
        with pytest.raises(fapfav.WrongPassword) as wrong:
            open_archive(where, f"{PASSWORD}x")
        roots = [ring, archive, archive.handover(), found, checked, Passwords(None, PASSWORD),
                 keys.key_list(ring), wrong.value]  # fmt: skip
        told = list(objects(roots))
        for one in told:
            assert secrets.found(f"{one!r}\n{one!s}".encode()) == frozenset(), type(one)

    assert len({type(one) for one in told}) > 25


CRASH = """
import faulthandler, logging, os, sys
faulthandler.enable()
logging.basicConfig(level=logging.DEBUG)
from fapfav.cli.process import main
from fapfav.store import {module}
def crash(*given, **named):
    {how}
{module}.{name} = crash
sys.argv = ["process.py", *sys.argv[1:]]
main()
"""

CRASHES = (
    ("log", "log_header", "raise RuntimeError"),
    ("log", "log_header", "os.abort()"),
    ("keys", "ArchiveKeys.log_keys", "raise ZeroDivisionError(given[0])"),
    ("keys", "ArchiveKeys.log_keys", "raise MemoryError(named)"),
    ("keys", "hkdf", "os.kill(os.getpid(), 11)"),
)


@pytest.mark.parametrize(("module", "name", "how"), CRASHES)
def test_a_crash_shows_no_key_and_leaves_no_core(
    where: Path, secrets: Canaries, tmp_path: Path, module: str, name: str, how: str
) -> None:
    code = CRASH.format(module=module, name=name, how=how)
    done = subprocess.run(
        [sys.executable, "-c", code, "stats", "--debug", "--dir", str(where)],
        cwd=tmp_path / "home", capture_output=True, check=False, timeout=LIMIT,
        env=Home(tmp_path / "home").environment(FAPFAV_PASSWORD=PASSWORD, TMPDIR=str(tmp_path)),
    )  # fmt: skip

    assert done.returncode != 0
    assert b"crash" in done.stderr  # it says where
    assert secrets.found(done.stdout + done.stderr) == frozenset()
    assert [path for path in (tmp_path / "home").rglob("*core*") if path.is_file()] == []


def test_no_memory_is_a_view_of_the_database(where: Path) -> None:
    with open_archive(where, PASSWORD) as archive:
        find_duplicates(archive)
        archive.compact()
        verify.verify(archive)

        assert str(where) not in Path("/proc/self/maps").read_text()
