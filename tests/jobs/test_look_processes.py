"""fapfav/jobs/look_process.py: processes that judge find what this one does, whatever ends them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from fapfav.duplicates.keepers import BLIND
from fapfav.jobs import closer_look, look_process
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.look_process import LookProcesses
from fapfav.jobs.looks import Material, materials
from fapfav.model import Digest, Judged, Label, PairKey
from tests.bad_input.trouble import children
from tests.cli.running import LIMIT, ROOT
from tests.jobs.looking import Here, archive_of_pictures, ended, never, none_is_left, pairs
from tests.support import new_archive, read_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with archive_of_pictures(tmp_path) as made:
        yield made


@pytest.fixture
def here(archive: Archive) -> Here:
    return Here(archive)


@pytest.fixture(autouse=True)
def running() -> Iterator[Callable[[], list[int]]]:
    with none_is_left() as running:
        yield running


def searched(
    archive: Archive, *, worth: int, stop: Callable[[], bool] = bool
) -> dict[object, Judged | None]:
    """All pairs looked at anew, in processes from so many pictures on."""
    with archive.write("settings") as tx:
        tx.put(*(replace(row, judged=None) for row in archive.pairs.records()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closer_look, "WORTH", worth)
        find_duplicates(archive, again=True, stop=stop)
    return {pair: row.judged for pair, row in archive.pairs.items()}


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two, and something for each of them to do."""
    monkeypatch.setattr(closer_look, "cores", lambda: 2)
    monkeypatch.setattr(closer_look, "_PIECE", 1)


def test_a_process_finds_of_every_pair_what_this_one_finds(
    archive: Archive, tmp_path: Path
) -> None:
    with new_archive(tmp_path / "plain", sealed=False) as plain:
        read_folder(plain, tmp_path / "private")
        bare, spoilt, lost = sorted(plain.blobs)[:3]  # of which only a file is left, or nothing
        for one, folder in (
            (bare, "thumbs"),
            (spoilt, "thumbs"),
            (lost, "thumbs"),
            (lost, "blobs"),
        ):
            (file,) = (plain.path / folder).glob(f"{one.hex()}*")
            file.write_bytes(bytes(file.stat().st_size))
            if one == bare:
                file.unlink()
        gone = Digest(bytes(32))
        here = Here(plain)
        labels = set()
        with LookProcesses(partial(materials, plain), never) as processes:
            for pair in [*pairs(plain), PairKey(gone, bare)]:
                found = processes.judge(pair)
                assert repr(found) == repr(here(pair))
                assert (found.version == BLIND) == (lost in pair or gone in pair)
                labels.add(found.label)
    assert labels == set(Label)


def test_a_search_finds_the_same_in_processes(
    archive: Archive, cores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_threads = searched(archive, worth=1000)
    with monkeypatch.context() as patch:
        patch.setattr(closer_look, "judge", never)
        in_processes = searched(archive, worth=1)

    assert in_processes == in_threads
    assert {found.label for found in in_threads.values() if found} >= {Label.SAME, Label.RELATED}


def test_few_pictures_and_a_single_core_start_no_process(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closer_look, "LookProcesses", never)
    searched(archive, worth=1000)
    monkeypatch.setattr(closer_look, "cores", lambda: 1)
    searched(archive, worth=1)


# Processes that end


def killed_between(archive: Archive, running: Callable[[], list[int]], here: Here) -> list[int]:
    """How often this process judged by itself, after each pair; before the second one is killed."""
    asked = []
    with LookProcesses(partial(materials, archive), here) as processes:
        for number, pair in enumerate(pairs(archive)[:4]):
            if number == 1:
                (pid,) = running()
                os.kill(pid, signal.SIGKILL)
            assert processes.judge(pair) == Here(archive)(pair)
            asked.append(here.asked)
    return asked


def test_after_a_process_was_killed_another_takes_its_place(
    archive: Archive, running: Callable[[], list[int]], here: Here
) -> None:
    assert killed_between(archive, running, here) == [0, 1, 1, 1]


def test_killed_while_it_asks_the_pair_is_judged_here_and_after_some_all_are(
    archive: Archive, running: Callable[[], list[int]], here: Here
) -> None:
    killed: set[int] = set()

    def deadly(one: Digest) -> Iterator[Material]:
        for pid in running():
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
        return materials(archive, one)

    some = pairs(archive)[:8]
    with LookProcesses(deadly, here) as processes:
        found = [processes.judge(pair) for pair in some]

    assert found == [Here(archive)(pair) for pair in some]
    assert here.asked == len(some)
    assert len(killed) == look_process._DEATHS


def test_a_search_whose_processes_are_killed_finds_the_same(
    archive: Archive,
    cores: None,
    running: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = searched(archive, worth=1000)
    times = 0

    def deadly(of: Archive, one: Digest) -> Iterator[Material]:
        nonlocal times
        times += 1
        if times % 3 == 0:
            for pid in running():
                os.kill(pid, signal.SIGKILL)
        return materials(of, one)

    monkeypatch.setattr(closer_look, "materials", deadly)
    assert searched(archive, worth=1) == expected
    assert times >= 3


@pytest.mark.parametrize("how", ["asked", "interrupted"])
def test_stopped_in_the_midst_it_leaves_no_process_and_goes_on_later(
    archive: Archive,
    cores: None,
    running: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    expected = searched(archive, worth=1000)
    asking, stopping, seen = threading.Event(), threading.Event(), set[int]()

    def waiting(of: Archive, one: Digest) -> Iterator[Material]:
        asking.set()
        assert stopping.wait(LIMIT)
        return materials(of, one)

    def stop() -> bool:
        if asking.is_set():
            seen.update(running())
            stopping.set()
            if how == "interrupted":
                raise KeyboardInterrupt
        return stopping.is_set()

    with monkeypatch.context() as patch:
        patch.setattr(closer_look, "materials", waiting)
        with suppress(KeyboardInterrupt):
            searched(archive, worth=1, stop=stop)

    assert seen
    assert running() == []
    assert any(row.judged is None for row in archive.pairs.records())
    assert searched(archive, worth=1) == expected


def test_what_reading_a_picture_raises_ends_the_search_and_the_processes(
    archive: Archive,
    cores: None,
    running: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(of: Archive, one: Digest) -> Iterator[Material]:
        raise OSError("the disk is gone")

    monkeypatch.setattr(closer_look, "materials", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        searched(archive, worth=1)
    assert running() == []


STARTER = """
import sys
from fapfav.jobs.look_process import LookProcesses
from fapfav.model import Digest, PairKey

def materials(one):
    print("asked", flush=True)
    sys.stdin.read()

with LookProcesses(materials, None) as processes:
    processes.judge(PairKey(Digest(bytes(32)), Digest(bytes(31) + b"1")))
"""


def test_when_the_search_is_killed_its_processes_end() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"asked\n"
        (pid,) = children(starter.pid)
        watch = os.pidfd_open(int(pid))
        starter.kill()
        assert ended(watch)


def test_a_process_ends_with_the_thread_that_started_it(
    archive: Archive, running: Callable[[], list[int]]
) -> None:
    with LookProcesses(partial(materials, archive), never) as processes:
        thread = threading.Thread(target=processes.judge, args=[pairs(archive)[0]])
        thread.start()
        thread.join(LIMIT)
        (pid,) = running()
        assert ended(os.pidfd_open(pid))  # although nobody hung up
