"""The plan: all obvious sets, looked over and decided in one step."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.jobs.library import Archive
from fapfav.jobs.plan import PlanRow, apply_plan
from fapfav.jobs.plan_rows import to_plain
from viewer import forms, planning, sets, workers
from viewer.page import BY, page, refuse, see_other, success
from viewer.planning import ALL_LEFT_OUT, NOT_SEEN, Asked

PAGE = 50
"""Sets on a page."""

AT_ONCE = 200
"""From so many sets on it is a job of its own."""


@page
def plan(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The plan at a bar; a POST leaves sets out, or applies it."""
    asked = Asked.parse(request.GET)
    if request.method == "POST":
        return _post(request, archive, asked)
    found = planning.plan(archive, asked)
    chosen = planning.chosen(found, asked)
    sheet = forms.page_of(request.GET, chosen, PAGE)
    context = {
        "asked": asked,
        "plan": found,
        "bars": planning.bars(archive, asked),
        "sheet": sheet,
        "rows": planning.rows(archive, sheet.object_list),
        "dropped": planning.dropped(found),
        "scopes": sets.SCOPES,
        "sampled": planning.sampled(chosen) if asked.sample is not None else None,
        "another": planning.another(asked),
        "rest": asked.query[1:],
        "left_out": planning.left_out(archive),
    }
    return render(request, "viewer/plan.html", context)


def _post(request: HttpRequest, archive: Archive, asked: Asked) -> HttpResponse:
    here = request.get_full_path()
    wanted = forms.pressed(request.POST, "apply", "leave_out")
    planning.drop(archive, request.POST.getlist("row"), request.POST.getlist("drop"))
    if wanted == "leave_out":
        return see_other(here)
    rows = planning.seen(request.POST["apply"])
    if not rows:
        refuse(request, NOT_SEEN if rows is None else ALL_LEFT_OUT)
        return see_other(here)
    if len(rows) >= AT_ONCE:
        return see_other(reverse("job", args=[workers.start("plan", {"rows": to_plain(rows)})]))
    return _apply(request, archive, rows, reverse("plan") + asked.query)


def _apply(
    request: HttpRequest, archive: Archive, rows: tuple[PlanRow, ...], here: str
) -> HttpResponse:
    report = apply_plan(archive, rows, by=BY)
    planning.remember_left_out(report.changed)
    skipped = forms.counted(report.pictures, "picture")
    words = f"Decided {forms.counted(report.sets, 'set')}: {skipped} skipped."
    if report.change:
        success(request, words, change=report.change)
    if report.changed:
        changed = forms.counted(len(report.changed), "set")
        refuse(request, f"{changed} changed since you saw the plan: left as they are, named below.")
    return see_other(here)


urlpatterns = [
    path("review/plan/", plan, name="plan"),
]
