"""Jobs that pages start: each in a process of its own, watched by a thread of this one.

A page that is closed stops nothing. Locking the viewer lets running jobs finish; those that wait
go on waiting until it is unlocked, because they need its keys. When the viewer ends, jobs are asked
to, and a moment later made to.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.http import Http404

from fapfav.errors import FapfavError
from fapfav.jobs import journal, orders
from fapfav.jobs.library import Archive
from fapfav.model import Job
from viewer.job_process import JobProcess, JobState
from viewer.state import PATIENCE, Locked, Viewer, the_viewer

AT_ONCE = 2
"""Jobs that run at the same time; further ones wait."""

GRACE = 0.8
"""Seconds that jobs have to finish when the viewer ends."""

BROKEN_OFF = "broken off: the viewer ended before the job did; start it again to go on"

COPIED = "broken off, or this archive was restored from the very copy that was being made"

_LARGEST = 2**63
_LOOK = 0.25  # seconds between two looks whether it is a waiting job's turn


class Workers:
    """The jobs of one viewer.

    Whoever holds the viewer's lock may ask for `_changed`, never the other way round.
    """

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._changed = threading.Condition()
        self._jobs: dict[int, JobProcess] = {}
        self._unwritten: dict[int, tuple[str, str]] = {}
        self._ended = False
        viewer.on_lock.append(self.forget)

    def start(self, verb: str, arguments: Mapping[str, Any]) -> int:
        """Begins a job; returns its number. Raises BadField, UsageError, Locked."""
        with self._viewer.archive() as archive:
            checked = orders.check(archive, verb, arguments)
            noted = orders.noted(archive, verb, checked)
            number = journal.begin(archive, verb, noted)
            job = JobProcess(number, verb, noted, archive.path)
            job.started = archive.time()
            job.asks_site = orders.asks_site(verb, checked)
            archive.refresh()
        with self._changed:
            self._jobs[number] = job
        threading.Thread(
            target=self._see_through, args=(job, checked), name=f"job {number}", daemon=True
        ).start()
        return number

    def running(self) -> tuple[JobState, ...]:
        """What runs or waits, the oldest first."""
        with self._changed:
            jobs = [job for job in self._jobs.values() if not job.is_over]
        return tuple(job.state() for job in jobs)

    def state(self, number: int) -> JobState | None:
        """A job of this run of the viewer, None for others."""
        with self._changed:
            job = self._jobs.get(number)
        return None if job is None else job.state()

    def cancel(self, number: int) -> None:
        """Asks a job to finish early; asked again, ends it. What is over stays as it is."""
        with self._changed:
            job = self._jobs.get(number)
            if job is not None:
                job.cancel()
            self._changed.notify_all()

    def forget(self) -> None:
        """Drops what is known of jobs that are over: the archive has it, under its key."""
        with self._changed:
            self._jobs = {number: job for number, job in self._jobs.items() if not job.is_over}

    def shut_down(self, grace: float = GRACE) -> None:
        """Ends all jobs: asks them first, then does not."""
        with self._changed:
            self._ended = True
            jobs = [job for job in self._jobs.values() if not job.is_over]
            for job in jobs:
                job.close()
            self._changed.notify_all()
        until = time.monotonic() + grace
        for job in jobs:
            job.wait(max(0.0, until - time.monotonic()))
            job.terminate()

    # In the thread of a job

    def _see_through(self, job: JobProcess, arguments: Mapping[str, Any]) -> None:
        try:
            handover = self._turn(job)
            if handover is not None:
                job.run(handover, arguments)
        except OSError as error:
            job.fail(f"the job's process did not start: {error.strerror}")
        finally:
            if not job.was_noted:
                self._note(job)
            with self._changed:
                job.is_over = True
                if not self._viewer.is_open and job.was_noted:
                    self._jobs.pop(job.number, None)
                self._changed.notify_all()

    def _turn(self, job: JobProcess) -> Any:
        """Waits until a job may run; returns what opens the archive, None if it shall not run."""
        while True:
            with self._changed:
                while not (job.is_cancelled or self._ended or self._may_run(job)):
                    self._changed.wait(_LOOK)
                if job.is_cancelled or self._ended:
                    job.leave()
                    return None
                job.now = "running"
            try:
                return self._viewer.peek().handover()
            except Locked:
                job.now = "waiting"

    def _may_run(self, job: JobProcess) -> bool:
        active = [each for each in self._jobs.values() if each.now == "running"]
        if not self._viewer.is_open:
            job.waits_for = "the archive to be unlocked"
        elif job.asks_site and any(each.asks_site for each in active):
            job.waits_for = "another job that asks the same site"
        elif len(active) >= AT_ONCE:
            job.waits_for = "another job to end"
        else:
            job.waits_for = ""
        return not job.waits_for

    def _note(self, job: JobProcess) -> None:
        """Writes how a job ended that could not do so itself; when locked, later."""
        with self._changed:
            self._unwritten[job.number] = job.now, job.error
        self.note_all()

    def note_all(self) -> None:
        """Writes what could not be written before."""
        if not self._unwritten:
            return
        try:
            # Pages wait for whoever holds the viewer's lock: not while others write for long.
            self._viewer.peek().wait_to_write(PATIENCE)
            with self._viewer.archive(refresh=False) as archive:
                for number, (state, error) in list(self._unwritten.items()):
                    journal.finish(archive, number, state, {"error": error} if error else None)
                    self._unwritten.pop(number, None)
        except FapfavError:
            return  # locked, or the disk refuses: it will be said again


_WORKERS: WeakKeyDictionary[Viewer, Workers] = WeakKeyDictionary()
_MAKING = threading.Lock()


def of(viewer: Viewer) -> Workers:
    """The jobs of a viewer."""
    with _MAKING:
        found = _WORKERS.get(viewer)
        if found is None:
            found = _WORKERS[viewer] = Workers(viewer)
        return found


def start(verb: str, arguments: Mapping[str, Any]) -> int:
    """Begins a job; returns its number. Raises BadField, UsageError, Locked."""
    return of(the_viewer()).start(verb, arguments)


def running() -> tuple[JobState, ...]:
    """What runs or waits, the oldest first."""
    return of(the_viewer()).running()


def job(number: int) -> JobState:
    """A job, running or over. Raises Http404."""
    found = of(the_viewer()).state(number)
    if found is None:
        with the_viewer().archive(refresh=False) as archive:
            row = archive.jobs.get(number) if number < _LARGEST else None
        if row is None:
            raise Http404("There is no such job.")
        found = _from_row(row)
    return found


def ended(archive: Archive, limit: int) -> tuple[JobState, ...]:
    """What is over, the latest first."""
    workers = of(the_viewer())
    workers.note_all()
    active = {each.number for each in workers.running()}
    rows = sorted(archive.jobs.records(), key=lambda row: -row.number)
    past = [row for row in rows if row.number not in active][:limit]
    return tuple(workers.state(row.number) or _from_row(row) for row in past)


def cancel(number: int) -> None:
    """Asks a job to finish early; asked again, ends it."""
    of(the_viewer()).cancel(number)


def shut_down() -> None:
    """Ends the jobs of all viewers of this process; done by itself when the process ends."""
    for workers in list(_WORKERS.values()):
        workers.shut_down()


atexit.register(shut_down)


def _from_row(row: Job) -> JobState:
    """A job as the archive has it. One that nobody runs any more was broken off."""
    report = dict(row.report) if row.report is not None else None
    error = str(report.get("error", "")) if report else ""
    state = row.state
    if state == "running":
        state, error = "failed", COPIED if row.verb == "backup" else BROKEN_OFF
    return JobState(
        number=row.number,
        verb=row.verb,
        arguments=row.arguments,
        state=state,
        progress=None,
        report=report,
        error=error,
        started=row.started,
        ended=row.ended,
        log=(),
    )
