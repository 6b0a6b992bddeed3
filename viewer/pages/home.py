"""The first page: the archive in numbers and charts, what waits to be done, what is being done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from fapfav.browse import Statistics
from fapfav.jobs.attention import attention
from fapfav.jobs.charts import Charts, charts, saving
from fapfav.jobs.library import Archive
from fapfav.jobs.numbers import statistics
from fapfav.model import Group
from viewer import charts as drawn
from viewer import reports
from viewer.context import running_jobs
from viewer.page import page
from viewer.state import the_viewer

T = TypeVar("T")

_TABLES = ("users", "albums", "places", "blobs")
_WHILE_BUSY = 15
"""Seconds that numbers are shown for while a job makes them others all the time."""


@page
def home(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The page, or only what is running when that asks for itself anew."""
    running = [(job, reports.title(job), reports.state(job)) for job in running_jobs()]
    if request.GET.get("part") == "running":
        return render(request, "viewer/parts/running.html", {"running": running})
    kept = partial(_kept, archive, bool(running))
    groups = archive.groups
    numbers = kept("statistics", (*_TABLES, "checks"), lambda: statistics(archive, ()))
    saved = kept("saving", (), lambda: saving(archive, groups))
    return render(
        request,
        "viewer/home.html",
        {
            "numbers": _with_sets(numbers, groups),
            "waits": kept("attention", (), lambda: attention(archive, groups)),
            "tags": len(archive.tags),
            "running": running,
            "charts": _drawn(archive, kept("charts", _TABLES, lambda: charts(archive))),
            "saving": saved,
            "saving_parts": drawn.saving_parts(saved),
        },
    )


def _kept(
    archive: Archive, is_busy: bool, name: str, tables: tuple[str, ...], make: Callable[[], T]
) -> T:
    """What takes a walk through all pictures, until one of the tables changes; no tables: all.

    While a job changes them all the time, for some seconds.
    """
    version = archive.version(*tables) if tables else archive.last
    at = int(time.monotonic() // _WHILE_BUSY) if is_busy else version
    return the_viewer().remembered(f"home {name}", at, make)


def _with_sets(numbers: Statistics, groups: Sequence[Group]) -> Statistics:
    """Sets change with every decision, the rest does not."""
    members = sum(len(group.members) for group in groups)
    return replace(numbers, perceptual_images=members, perceptual_sets=len(groups))


def _drawn(archive: Archive, found: Charts) -> dict[str, Any]:
    return {
        "times": [
            chart
            for chart in (
                drawn.over_time("posted", "Posted", found.posted),
                drawn.over_time("added", "Added here", found.added),
            )
            if chart.columns
        ],
        "shapes": [
            drawn.columns("sizes", "Sizes of files", found.sizes),
            drawn.columns("pixels", "Pixels", found.pixels),
        ],
        "users": drawn.share_rows(archive, found.users),
        "albums": drawn.share_rows(archive, found.albums),
        "formats": drawn.rows(found.formats),
    }


urlpatterns = [
    path("", home, name="home"),
]
