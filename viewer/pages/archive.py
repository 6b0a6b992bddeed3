"""The archive itself: looked through, repaired, copied to another disk and back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs import convert, keys, orders
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import BadField, path_in
from fapfav.jobs.safety_orders import databases_of
from fapfav.store.backing import DATABASES
from fapfav.store.database import NAME
from viewer import reports, safety_reports, workers
from viewer.job_process import JobState
from viewer.page import page, see_other, success

VERBS = tuple(safety_reports.TITLES)
_AMONG = 500  # jobs of the past that are looked at


def _yes(given: Mapping[str, str], name: str) -> bool:
    return given.get(name) == "1"


def _nothing(_given: Mapping[str, str]) -> dict[str, Any]:
    return {}


_ARGUMENTS: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "verify": lambda given: {"fast": given.get("how") == "fast"},
    "repair_plan": lambda given: {"fetch": _yes(given, "fetch"), "lost": given.get("lost", "")},
    "repair": lambda given: {"fetch": _yes(given, "fetch"), "lost": given.get("lost", "")},
    "backup": lambda given: {"target": given.get("target", ""), "check": _yes(given, "check")},
    "restore": lambda given: {
        name: given.get(name, "") for name in ("source", "target", "database")
    },
}
"""By job, what its form says."""


@page
def archive_page(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What can be done for the archive, how it went the last time, and the forms that start it."""
    if request.method != "POST":
        return _shown(request, archive)
    verb = request.POST.get("do", "")
    if verb == "go-on":
        verb = convert.under_way(archive)
    elif verb not in ("verify", "repair_plan", "repair", "backup"):
        raise UsageError("this form starts no job")
    try:
        number = _started(request, verb)
    except UsageError as error:
        return _shown(request, archive, error)
    return see_other(reverse("job", args=[number]))


def _started(request: HttpRequest, verb: str) -> int:
    """Begins a job; returns its number. Raises BadField, and UsageError while there is one."""
    if any(job.verb == verb for job in workers.running()):
        raise UsageError("this is being done just now: see the list of jobs")
    arguments = _ARGUMENTS.get(verb, _nothing)
    number = workers.start(verb, arguments(request.POST))
    success(request, f"Started: {reports.title(workers.job(number))}.")
    return number


def _shown(request: HttpRequest, archive: Archive, wrong: UsageError | None = None) -> HttpResponse:
    now = [job for job in workers.running() if job.verb in VERBS]
    last = _last(archive)
    under_way = convert.under_way(archive)
    given = request.POST if wrong else _remembered(last)
    context = {
        "now": [(job, reports.title(job), reports.state(job)) for job in now],
        "last": {verb: _line(job) for verb, job in last.items()},
        "converting": "" if any(job.verb in ("encrypt", "decrypt") for job in now) else under_way,
        "keys": keys.key_list(archive).keys if archive.sealed else (),
        "given": given,
        "free": _free(str(given.get("target", ""))),
        "sealed": archive.sealed,
        "wrong": str(wrong) if wrong else "",
        "wrong_at": getattr(wrong, "field", ""),
        "wrong_in": request.POST.get("do", "") if wrong else "",
    }
    return render(request, "viewer/archive.html", context, status=400 if wrong else 200)


def _last(archive: Archive) -> dict[str, JobState]:
    """The last job of each kind that is over."""
    found: dict[str, JobState] = {}
    for job in workers.ended(archive, _AMONG):
        if job.verb in VERBS:
            found.setdefault(job.verb, job)
    return found


def _line(job: JobState) -> dict[str, Any]:
    return {
        "job": job,
        "words": reports.summary(job) or reports.state(job),
        "facts": [fact for fact in reports.facts(job) if fact.label != "Time"],
        "is_well": safety_reports.context(job).get("is_well", False),
    }


def _remembered(last: Mapping[str, JobState]) -> Mapping[str, Any]:
    """The folder of the last backup: the archive has it among its jobs, under its key if any."""
    backup = last.get("backup")
    return {} if backup is None else {"target": str(backup.arguments.get("target", ""))}


def _free(folder: str) -> str:
    """What is free on the disk of a folder, which need not be there yet; empty if unknown."""
    if not os.path.isabs(folder) or "\0" in folder:
        return ""
    for place in (Path(folder), *Path(folder).parents):
        try:
            return text.size(shutil.disk_usage(place).free)
        except OSError:
            continue
    return ""


# Restore


@page
def restore(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """A backup's databases to choose from, and the folder that it is restored into."""
    given = request.POST
    if request.method != "POST":
        return _restore(request, _source(_last(archive)))
    if given.get("do") != "restore":
        try:
            if not given.get("source", "").strip():
                raise BadField("source", "which backup? give its whole path")
            folder = path_in(given, "source")
            return _restore(request, given, known=_databases(folder, databases_of(folder)))
        except UsageError as error:
            return _restore(request, given, error)
    try:
        orders.check(archive, "restore", _ARGUMENTS["restore"](given))
        number = _started(request, "restore")
    except UsageError as error:
        return _restore(request, given, error, _known(given))
    return see_other(reverse("job", args=[number]))


def _source(last: Mapping[str, JobState]) -> Mapping[str, str]:
    return {"source": _remembered(last).get("target", "")}


def _known(given: Mapping[str, str]) -> list[tuple[str, str]]:
    try:
        folder = path_in(given, "source")
        return _databases(folder, databases_of(folder))
    except UsageError:
        return []


def _databases(folder: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """The databases of a backup with words about their age.

    A kept one was copied there, with its date, when a newer one took its place.
    """
    found = []
    for name in names:
        where = Path(folder, name) if name == NAME else Path(folder, DATABASES, name)
        try:
            date = text.date(int(where.stat().st_mtime))
        except OSError:
            continue
        words = "the newest, of" if name == NAME else "as it was until"
        found.append((name, f"{words} {date}"))
    return found


def _restore(
    request: HttpRequest,
    given: Mapping[str, str],
    wrong: UsageError | None = None,
    known: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    target = given.get("target", "")
    context = {
        "given": given,
        "databases": known or [],
        "chosen": given.get("database") or NAME,
        "free": _free(target),
        "wrong": str(wrong) if wrong else "",
        "wrong_at": getattr(wrong, "field", ""),
    }
    return render(request, "viewer/restore.html", context, status=400 if wrong else 200)


urlpatterns = [
    path("archive/", archive_page, name="archive"),
    path("archive/restore/", restore, name="restore"),
]
