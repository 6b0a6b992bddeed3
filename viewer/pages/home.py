"""The first page: the archive in numbers and charts, what waits to be done, what is being done."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from fapfav.jobs.attention import attention
from fapfav.jobs.charts import Charts, charts, saving
from fapfav.jobs.library import Archive
from fapfav.jobs.numbers import statistics_now
from viewer import charts as drawn
from viewer import reports
from viewer.context import running_jobs
from viewer.page import page


@page
def home(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The page, or only what is running when that asks for itself anew."""
    running = [(job, reports.title(job), reports.state(job)) for job in running_jobs()]
    if request.GET.get("part") == "running":
        return render(request, "viewer/parts/running.html", {"running": running})
    groups = archive.groups
    saved = saving(archive, groups)
    return render(
        request,
        "viewer/home.html",
        {
            "numbers": statistics_now(archive, groups),
            "waits": attention(archive, groups),
            "tags": len(archive.tags),
            "running": running,
            "charts": _drawn(archive, charts(archive)),
            "saving": saved,
            "saving_parts": drawn.saving_parts(saved),
        },
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
    }


urlpatterns = [
    path("", home, name="home"),
]
