"""fapfav/worker.py: one job in a process of its own, which tells no key and ends when asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import journal
from fapfav.jobs.library import Archive
from fapfav.model import Config
from fapfav.practice.child import Child
from fapfav.worker import request_of
from tests.cli.running import Home
from tests.support import album, new_archive
from tests.viewer.working import practice

LIMIT = 180.0


class Worker:
    """A worker and what it said so far."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fapfav.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=Home(home).environment(**environment),
        )
        # Whatever hangs, hangs a test no longer than this.
        self._limit = threading.Timer(LIMIT, self.process.kill)
        self._limit.daemon = True
        self._limit.start()
        self.said: list[dict[str, Any]] = []
        self.errors = b""

    def send(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, archive: Archive, verb: str, row: int = 0, **arguments: Any) -> None:
        request = {
            "directory": str(archive.path),
            "handover": archive.handover().secret.hex(),
            "verb": verb,
            "arguments": arguments,
            "number": row,
        }
        self.send(json.dumps(request).encode())

    def hear(self, kind: str) -> dict[str, Any]:
        """The next line of a kind."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if self.said[-1]["kind"] == kind:
                return self.said[-1]
        raise AssertionError(f"it ended without {kind}: {self.said}")

    def hang_up(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def end(self) -> int:
        """Its exit code; `errors` is what it wrote to standard error."""
        assert self.process.stdout
        assert self.process.stderr
        with self.process:
            self.said += [json.loads(line) for line in self.process.stdout]
            self.errors = self.process.stderr.read()
        self._limit.cancel()
        return self.process.returncode


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "pictures" / "Hills", 5)
    return tmp_path / "pictures"


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Archive:
    return made(tmp_path / "archive", sealed=request.param)


@pytest.fixture
def sealed(tmp_path: Path) -> Archive:
    return made(tmp_path / "archive", sealed=True)


def made(path: Path, *, sealed: bool) -> Archive:
    found = new_archive(path, sealed=sealed)
    with found.write("settings") as tx:
        tx.put(Config("model", "off"))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with practice(tmp_path_factory.mktemp("site")) as child:
        yield child


def test_a_job_is_done_told_of_and_noted(home: Path, folder: Path, archive: Archive) -> None:
    number = journal.begin(archive, "read", {"local": str(folder)})
    worker = Worker(home)
    worker.ask(archive, "read", number, local=str(folder))

    assert worker.end() == 0
    archive.refresh()
    kinds = [said["kind"] for said in worker.said]
    assert kinds[0] == "progress"
    assert kinds[-2:] == ["report", "end"]
    assert worker.said[-2]["report"]["saved"] == len(archive.blobs) == 5
    assert worker.said[-1]["state"] == "done"
    row = archive.jobs[number]
    assert (row.state, row.change) == ("done", worker.said[-1]["change"])
    assert row.report is not None
    assert row.report["saved"] == 5
    assert archive.changes[row.change].by == "worker"


def slow(home: Path, site: Child) -> Worker:
    """A worker whose read of the site takes minutes: it is not over before it is told to end."""
    return Worker(home, FAPFAV_IMAGEFAP_URL=site.url, FAPFAV_PACE="1,1")


def test_the_keys_are_nowhere_but_in_the_pipe(home: Path, site: Child, tmp_path: Path) -> None:
    archive = made(tmp_path / "archive", sealed=True)
    whole = archive.handover().secret
    keys = [whole[at : at + 32] for at in range(16, len(whole), 32)]
    worker = slow(home, site)
    where = Path("/proc", str(worker.process.pid))
    worker.ask(archive, "read", user="practice")
    worker.hear("progress")
    seen = [(where / name).read_bytes() for name in ("environ", "cmdline") if where.exists()]
    worker.send(b"stop")
    worker.end()
    seen += [json.dumps(worker.said).encode(), worker.errors]
    seen += [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    archive.refresh()
    seen += [repr(row).encode() for row in archive.jobs.records()]

    for key in keys:
        assert not any(key in each or key.hex().encode() in each for each in seen)
        assert key.hex() not in repr(archive.handover())


def test_a_line_stop_lets_it_finish_what_is_in_hand(
    home: Path, site: Child, sealed: Archive
) -> None:
    number = journal.begin(sealed, "read", {"user": "practice"})
    worker = slow(home, site)
    worker.ask(sealed, "read", number, user="practice")
    worker.hear("progress")
    worker.send(b"stop")

    assert worker.end() in (0, 1, 130)
    assert worker.said[-1]["state"] == "cancelled"
    sealed.refresh()
    assert sealed.jobs[number].state == "cancelled"


def test_it_ends_with_the_program_that_started_it(home: Path, site: Child, sealed: Archive) -> None:
    number = journal.begin(sealed, "read", {"user": "practice"})
    worker = slow(home, site)
    worker.ask(sealed, "read", number, user="practice")
    worker.hear("progress")
    worker.hang_up()

    worker.end()
    sealed.refresh()
    assert sealed.jobs[number].state == "cancelled"


def test_ctrl_c_in_the_terminal_is_not_for_it(home: Path, folder: Path, sealed: Archive) -> None:
    worker = Worker(home)
    worker.ask(sealed, "read", local=str(folder))
    worker.hear("progress")
    worker.process.send_signal(signal.SIGINT)

    assert worker.end() == 0
    assert worker.said[-1]["state"] == "done"


def test_what_makes_no_sense_is_an_error_in_words(home: Path, archive: Archive) -> None:
    worker = Worker(home)
    worker.ask(archive, "read", local="here")

    assert worker.end() == 2
    assert [said["kind"] for said in worker.said] == ["error", "end"]
    assert "give the whole path" in worker.said[0]["words"]
    assert worker.said[0]["field"] == "local"
    assert worker.errors == b""


def test_what_is_no_request_is_an_error_in_words(home: Path) -> None:
    worker = Worker(home)
    worker.send(b"read, please")

    assert worker.end() == 2
    assert [said["kind"] for said in worker.said] == ["error"]
    assert worker.errors == b""


GOOD = {"directory": "/a", "handover": "00" * 16, "verb": "find", "arguments": {}, "number": 0}


def test_a_request_is_taken() -> None:
    request = request_of(json.dumps(GOOD).encode())

    assert (request.directory, request.verb, request.number) == (Path("/a"), "find", 0)
    assert request.handover.keys() is None


@pytest.mark.parametrize(
    "change",
    [
        {"directory": "a"},
        {"directory": 3},
        {"handover": "zz"},
        {"handover": "00" * 17},
        {"handover": None},
        {"verb": 1},
        {"arguments": []},
        {"number": True},
    ],
    ids=str,
)
def test_a_request_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        request_of(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize(
    "line", [b"", b"read", b"[]", b"3", b'{"handover": "0a0b0c0d"}', b"\xff\xfe"]
)
def test_a_line_that_is_no_request_is_refused_and_not_quoted(line: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        request_of(line)

    shown = "".join(traceback.format_exception(caught.value))
    assert "0a0b0c0d" not in shown
    assert caught.value.__context__ is None


def test_another_archive_in_its_place_is_not_opened(home: Path, tmp_path: Path) -> None:
    for sealed in (False, True):
        archive = made(tmp_path / f"asked {sealed}", sealed=True)
        other = made(tmp_path / f"other {sealed}", sealed=sealed)
        os.rename(archive.path, tmp_path / f"away {sealed}")
        os.rename(other.path, archive.path)
        worker = Worker(home)
        worker.ask(archive, "find")

        assert worker.end() == 3
        assert "another archive" in worker.said[0]["words"]
