"""Jobs: starting one, watching what runs, and what became of those before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from fapfav.errors import FapfavError, UsageError
from fapfav.jobs.library import Archive
from viewer import job_forms, reports, safety_reports, workers
from viewer.history import can_be_undone
from viewer.job_process import JobState
from viewer.page import page, see_other, success
from viewer.state import Locked

LISTED = 50
"""Jobs that are over and listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A job with its words."""

    job: JobState
    title: str
    state: str
    steps: list[str]
    summary: str
    can_undo: bool


def _line(archive: Archive, job: JobState) -> Line:
    change = archive.changes.get(job.change) if job.is_over and job.change else None
    can_undo = change is not None and can_be_undone(change)
    return Line(
        job,
        reports.title(job),
        reports.state(job),
        reports.steps(job.progress),
        reports.summary(job) if job.is_over else "",
        can_undo,
    )


@page
def jobs(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """All jobs, and the forms that start one."""
    if request.method == "POST":
        return _start(request, archive)
    return _shown(request, archive)


def _start(request: HttpRequest, archive: Archive) -> HttpResponse:
    order = job_forms.order_of(request.POST)
    if order is None:
        raise UsageError("this form starts no job")
    try:
        number = workers.start(*order)
    except Locked:
        raise
    except UsageError as error:
        return _shown(request, archive, error)
    success(request, f"Started: {reports.title(workers.job(number))}.")
    return see_other(reverse("jobs"))


def _shown(
    request: HttpRequest, archive: Archive, wrong: FapfavError | None = None
) -> HttpResponse:
    given = None if wrong is None else request.POST
    context = {
        **_now(archive),
        **_past(archive),
        "forms": job_forms.forms(archive, given, wrong),
        "is_wrong": wrong is not None,
    }
    return render(request, "viewer/jobs.html", context, status=200 if wrong is None else 400)


def _now(archive: Archive) -> dict[str, Any]:
    now = [_line(archive, job) for job in workers.running()]
    return {"now": now, "numbers": ",".join(str(line.job.number) for line in now)}


def _past(archive: Archive) -> dict[str, Any]:
    return {"past": [_line(archive, job) for job in workers.ended(archive, LISTED)]}


@require_GET
@page
def running(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What runs now; with what is over, if something ended since `seen`."""
    context = _now(archive)
    if request.GET.get("seen", "") != context["numbers"]:
        context |= {**_past(archive), "anew": True}
    return render(request, "viewer/parts/jobs_now.html", context)


@page
def job(request: HttpRequest, archive: Archive, /, number: int) -> HttpResponse:
    """One job: how far it is, or what it came to."""
    found = workers.job(number)
    context = {
        "line": _line(archive, found),
        "choices": reports.choices(found),
        "facts": reports.facts(found),
        "failures": reports.failures(found),
        "failed_in_all": reports.failed_in_all(found),
        "found": reports.found(found),
        "warnings": reports.warnings(found),
        "albums": reports.albums(found),
        **safety_reports.context(found),
        "of_archive": found.verb in safety_reports.TITLES,
        "can_repair": _can_repair(archive, found),
    }
    return render(request, "viewer/job.html", context)


def _can_repair(archive: Archive, job: JobState) -> bool:
    """Whether a plan found something, and nothing was repaired since."""
    later = (row.number for row in archive.jobs.records() if row.verb == "repair")
    steps = (job.report or {}).get("steps")
    return job.verb == "repair_plan" and bool(steps) and all(job.number > each for each in later)


@require_GET
@page
def progress(request: HttpRequest, archive: Archive, /, number: int) -> HttpResponse:
    """How far one job is; once it is over, the page is asked for anew."""
    line = _line(archive, workers.job(number))
    response = render(request, "viewer/parts/job_now.html", {"line": line})
    if line.job.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@page
def cancel(request: HttpRequest, archive: Archive, /, number: int) -> HttpResponse:
    """Asks a job to finish early; asked twice, ends it at once."""
    found = workers.job(number)
    if not found.is_over:
        workers.cancel(number)
        at_once = " at once" if found.stopping else ", and keeps what is done"
        success(request, f"{_line(archive, found).title}: it ends{at_once}.")
    back = "job" if request.POST.get("from") == "job" else "jobs"
    return see_other(reverse(back, args=[number] if back == "job" else []))


urlpatterns = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/running/", running, name="jobs_running"),
    path("jobs/<int:number>/", job, name="job"),
    path("jobs/<int:number>/progress/", progress, name="job_progress"),
    path("jobs/<int:number>/cancel/", cancel, name="job_cancel"),
]
