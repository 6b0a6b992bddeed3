"""The first page: the archive in numbers and charts, what waits to be done, what is being done."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from fapfav.browse import Statistics
from fapfav.jobs.attention import Attention, attention
from fapfav.jobs.charts import Charts, charts
from fapfav.jobs.library import Archive
from fapfav.jobs.numbers import statistics
from viewer import charts as drawn
from viewer.context import running_jobs
from viewer.page import page
from viewer.state import the_viewer

_WHILE_BUSY = 15
"""Seconds that numbers are shown for while a job makes them others all the time."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Everything that takes a walk through all pictures."""

    statistics: Statistics
    attention: Attention
    charts: Charts


@page
def home(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The page, or only what is running when that asks for itself anew."""
    running = running_jobs()
    if request.GET.get("part") == "running":
        return render(request, "viewer/parts/running.html", {"running": running})
    version = int(time.monotonic() // _WHILE_BUSY) if running else archive.last
    found = the_viewer().remembered("home", version, lambda: _numbers(archive))
    return render(
        request,
        "viewer/home.html",
        {
            "numbers": found.statistics,
            "waits": found.attention,
            "tags": len(archive.tags),
            "running": running,
            "charts": _drawn(archive, found.charts),
        },
    )


def _numbers(archive: Archive) -> _Numbers:
    groups = archive.groups
    return _Numbers(
        statistics(archive, groups), attention(archive, groups), charts(archive, groups)
    )


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
        "saving": found.saving,
        "saving_parts": drawn.saving_parts(found.saving),
    }


urlpatterns = [
    path("", home, name="home"),
]
