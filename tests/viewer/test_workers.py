"""viewer/workers.py: jobs in processes of their own, watched, stopped, and kept count of."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.http import Http404

from fapfav.errors import UsageError
from fapfav.jobs import journal, tagging
from fapfav.practice.child import Child
from tests.cli.running import ROOT
from tests.support import PASSWORD, album
from tests.viewer.working import LIMIT, alone, at_home, over, pictures, practice, until, working
from viewer import job_process, workers
from viewer.state import Viewer, the_viewer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with practice(tmp_path_factory.mktemp("site")) as child:
        yield child


@pytest.fixture(autouse=True)
def home(tmp_path: Path, site: Child) -> Iterator[pytest.MonkeyPatch]:
    """Where jobs find the practice site: a read of it goes on until it is told to end."""
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home") as patch:
        patch.setenv("FAPFAV_IMAGEFAP_URL", site.url)
        patch.setenv("FAPFAV_PACE", "60,60")
        yield patch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "pictures" / "Hills", 4)
    return tmp_path / "pictures"


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Viewer]:
    with working(tmp_path / "archive", sealed=False) as found:
        yield found


@pytest.fixture
def sealed_viewer(tmp_path: Path) -> Iterator[Viewer]:
    with working(tmp_path / "archive", sealed=True) as found:
        yield found


def runs(number: int) -> bool:
    """Whether a job's process has begun to work."""
    found = workers.job(number)
    assert not found.is_over, found
    return found.progress is not None


def slowly(home: pytest.MonkeyPatch) -> None:
    """From now on a read gets somewhere, and takes half a minute: longer than its test."""
    home.setenv("FAPFAV_PACE", "0.2,0.2")


def reading() -> int:
    """A read of the site that has begun."""
    number = workers.start("read", {"user": "practice"})
    until(lambda: runs(number))
    return number


def process_of(number: int) -> int:
    """The process of a job that runs."""
    job = workers.of(the_viewer())._jobs[number]
    assert job._process is not None
    return job._process.pid


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_sealed_archive_is_read_into_and_a_row_says_so(
    sealed_viewer: Viewer, folder: Path
) -> None:
    number = workers.start("read", {"local": str(folder)})
    done = over(number)

    assert (done.state, done.error) == ("done", "")
    assert done.report is not None
    assert done.report["saved"] == pictures(sealed_viewer) == 4
    assert "reading" in done.log
    with alone(sealed_viewer) as archive:
        assert archive.jobs[number].change == done.change
        assert archive.changes[done.change].by == "worker"


def test_pages_go_on_while_a_job_runs(viewer: Viewer, home: pytest.MonkeyPatch) -> None:
    slowly(home)
    number = reading()
    with viewer.archive() as archive:
        tagging.add(archive, "meanwhile", by="viewer")
    assert not workers.job(number).is_over
    until(lambda: pictures(viewer) > 3 or workers.job(number).is_over)

    workers.cancel(number)
    over(number)
    with viewer.archive() as archive:
        assert [tag.name for tag in archive.tags.records()] == ["meanwhile"]


def test_a_cancelled_job_keeps_what_it_did(viewer: Viewer, home: pytest.MonkeyPatch) -> None:
    slowly(home)
    number = reading()
    until(lambda: pictures(viewer) or workers.job(number).is_over)
    workers.cancel(number)
    assert workers.job(number).stopping or workers.job(number).is_over
    done = over(number)

    assert done.state == "cancelled"
    with alone(viewer) as archive:
        assert archive.jobs[number].state == "cancelled"
        assert len(archive.users) == 1


def test_a_job_that_is_over_cannot_be_cancelled(viewer: Viewer) -> None:
    number = workers.start("find", {})
    over(number)
    workers.cancel(number)

    assert workers.job(number).state == "done"


def test_a_second_cancel_ends_it_at_once(viewer: Viewer) -> None:
    number = reading()
    pid = process_of(number)
    workers.cancel(number)
    workers.cancel(number)

    assert over(number).state == "cancelled"
    assert is_gone(pid)


def test_a_killed_process_is_a_failed_job_and_the_archive_is_whole(viewer: Viewer) -> None:
    number = reading()
    os.kill(process_of(number), signal.SIGKILL)
    done = over(number)

    assert done.state == "failed"
    assert "signal 9" in done.error
    assert "what it had committed stays" in done.error
    with alone(viewer) as archive:
        assert archive.jobs[number].state == "failed"
    assert over(workers.start("find", {})).state == "done"


def test_a_process_that_cannot_start_is_a_failed_job(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    done = over(workers.start("find", {}))

    assert (done.state, done.error[:36]) == ("failed", "the job's process did not start: No ")


# It has closed its input when it says how far it is, so nothing reaches it from then on.
DEAF = """#!/bin/sh
exec 0<&-
echo '{"kind": "progress", "doing": "reading"}'
while [ ! -e "$0.go" ]; do sleep 0.01; done
echo '{"kind": "end", "state": "done"}'
"""


def test_what_a_job_is_told_too_late_makes_no_failure_of_it(
    viewer: Viewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text(DEAF)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    number = workers.start("find", {})
    until(lambda: runs(number))
    workers.cancel(number)
    (tmp_path / "program.go").touch()
    done = over(number)

    assert (done.state, done.error) == ("done", "")


def test_one_job_at_a_time_asks_the_site(viewer: Viewer, folder: Path) -> None:
    first = reading()
    second = workers.start("retry", {})
    third = workers.start("read", {"local": str(folder)})

    assert over(third).state == "done"
    waiting = workers.job(second)
    assert (waiting.state, waiting.waits_for) == ("waiting", "another job that asks the same site")
    assert [job.number for job in workers.running()] == [first, second]
    workers.cancel(first)
    over(first)
    assert over(second).state == "done"


def test_more_than_may_run_wait(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "AT_ONCE", 1)
    first = reading()
    second = workers.start("find", {})
    until(lambda: workers.job(second).waits_for)

    assert workers.job(second).waits_for == "another job to end"
    third = workers.start("find", {})
    workers.cancel(third)
    assert over(third).state == "cancelled"
    workers.cancel(first)
    assert over(second).state == "done"


def test_locking_lets_a_job_finish_and_keeps_others_waiting(sealed_viewer: Viewer) -> None:
    number = reading()
    waiting = workers.start("retry", {})
    sealed_viewer.lock()
    jobs = workers.of(sealed_viewer)
    workers.cancel(number)
    until(lambda: [job.number for job in workers.running()] == [waiting])
    until(lambda: jobs.state(waiting).waits_for == "the archive to be unlocked")  # type: ignore[union-attr]

    assert jobs.state(number) is None, "what it did is known with the password only"
    sealed_viewer.unlock(PASSWORD)
    assert over(waiting).state == "done"
    assert workers.job(number).state == "cancelled"


def test_locking_forgets_what_jobs_came_to(sealed_viewer: Viewer) -> None:
    number = workers.start("find", {})
    over(number)
    sealed_viewer.lock()

    assert workers.of(sealed_viewer).state(number) is None


def test_a_killed_job_is_noted_once_the_archive_is_open_again(sealed_viewer: Viewer) -> None:
    number = reading()
    pid = process_of(number)
    sealed_viewer.lock()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not workers.running())
    sealed_viewer.unlock(PASSWORD)
    with sealed_viewer.archive() as archive:
        listed = workers.ended(archive, 10)

    assert [(job.number, job.state) for job in listed] == [(number, "failed")]
    with alone(sealed_viewer) as archive:
        assert archive.jobs[number].state == "failed"


def test_the_viewers_end_ends_its_jobs(viewer: Viewer) -> None:
    number = reading()
    pid = process_of(number)
    waiting = workers.start("retry", {})
    workers.of(viewer).shut_down()

    until(lambda: is_gone(pid))
    assert over(waiting).state == "cancelled"
    assert over(number).is_over


PROGRAM = """
import sys, time
from pathlib import Path
from tests.viewer.working import until
from tests.viewer.test_workers import process_of, runs
from tests.viewer.archives import opened
from viewer import workers
from viewer.state import Viewer, install
where = Path(sys.argv[1])
viewer = Viewer(where, lambda _: opened(where, sealed=False), is_sealed=False)
viewer.unlock(None)
install(viewer)
number = workers.start("read", {"user": "practice"})
until(lambda: runs(number))
print(process_of(number), flush=True)
sys.stdin.read()
"""


def is_over(pid: int) -> bool:
    """Whether a process, whose parent is no more, works no longer."""
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return is_gone(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_no_job_outlives_a_viewers_process(viewer: Viewer, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(viewer.directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        process.send_signal(number)
        process.wait(LIMIT)
    until(lambda: is_over(pid))

    with alone(viewer) as archive:
        assert [job.verb for job in archive.jobs.records()] == ["read"]
    assert over(workers.start("find", {})).state == "done"


def test_a_job_of_a_killed_viewer_was_broken_off(viewer: Viewer) -> None:
    with viewer.archive() as archive:
        number = journal.begin(archive, "read", {"user": "alice"})
    with viewer.archive() as archive:
        (listed,) = workers.ended(archive, 10)

    assert listed == workers.job(number)
    assert (listed.state, listed.error) == ("failed", workers.BROKEN_OFF)


def test_bad_arguments_start_nothing(viewer: Viewer) -> None:
    for verb, arguments in (("dance", {}), ("read", {}), ("read", {"local": "here"})):
        with pytest.raises(UsageError):
            workers.start(verb, arguments)

    assert workers.running() == ()
    with viewer.archive() as archive:
        assert len(archive.jobs) == 0
    with pytest.raises(Http404):
        workers.job(7)


def test_a_job_keeps_so_many_lines_of_its_log() -> None:
    job = job_process.JobProcess(1, "read", {}, Path("/"))
    for number in range(3 * job_process.LOG):
        line = f'{{"kind": "progress", "doing": "step {number}", "new": 1}}\n'
        job._hear(line.encode())
    job._hear(b"no line of ours\n")
    job._hear(b"[]\n")

    log = job.state().log
    assert len(log) == job_process.LOG
    assert log[-1] == f"step {3 * job_process.LOG - 1}"


def test_a_process_inherits_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAPFAV_PASSWORD", PASSWORD)

    assert PASSWORD not in job_process._environment().values()
