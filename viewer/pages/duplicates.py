"""All sets of duplicates; what counts as alike; finding again and forgetting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.duplicates.limits import ANIMATED, REGULAR
from fapfav.jobs import effects
from fapfav.jobs.library import Archive
from fapfav.jobs.limit_effects import Bounds, limits_effect
from fapfav.jobs.review import forget, set_limits
from viewer import also, finding, forms, learning, limits, sets
from viewer.page import BY, page, see_other, success

PAGE = 100
"""Sets on a page."""

STATES = {"waiting": "need action", "decided": "decided", "all": "all"}
_SUGGESTED = REGULAR, ANIMATED
_COMPARED = Bounds(hashes=50_000, vectors=10_000)
"""Pictures that a page compares itself, in a second or two; of more it says what is known."""
_OPERATIONS = (limits.USED, "re_run", "delete_pending", "delete_all")


@page
def duplicates(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The list; a POST shows what it would come to, and does it once that was confirmed."""
    if request.method != "POST":
        return _list(request, archive)
    asked = forms.pressed(request.POST, *_OPERATIONS)
    if asked == limits.USED:
        return _limits(request, archive)
    if not _is_confirmed(request):
        return _effect(request, archive, asked)
    if asked == "re_run":
        return finding.start(again="again" in request.POST)
    return _forget(request, archive, everything=asked == "delete_all")


def _is_confirmed(request: HttpRequest) -> bool:
    return bool(request.POST.get("confirm")) and not request.POST.get("preview")


def _list(
    request: HttpRequest,
    archive: Archive,
    form: limits.LimitsForm | None = None,
) -> HttpResponse:
    given = request.GET
    if tab := forms.choice(given, "related", tuple(also.TABS), ""):
        return _related(request, archive, tab)
    way = sets.Way.parse({**given.dict(), "scope": given.get("kind", "")})
    state = forms.choice(given, "state", tuple(STATES), "all")
    found = sets.every(archive, way.order, way.scope, state)
    sheet = forms.page_of(given, found, PAGE)
    has_vectors = bool(archive.vector_space)
    totals = sets.totals(archive)
    context = {
        "sheet": sheet,
        "tabs": also.tabs(archive, "", sum(total.sets for total in totals)),
        "rows": sets.rows(archive, sheet.object_list, way),
        "rest": forms.query(kind=way.scope, state=state, order=way.order)[1:],
        "way": way,
        "state": state,
        "states": STATES,
        "orders": sets.ORDERS,
        "scopes": sets.SCOPES,
        "totals": totals,
        "form": form or _shown(archive),
        "has_vectors": has_vectors,
        "search": effects.search_effect(archive),
        "learned": learning.shown(archive) if given.get("learned") else None,
    }
    return render(request, "viewer/duplicates.html", context, status=400 if form else 200)


def _related(request: HttpRequest, archive: Archive, tab: str) -> HttpResponse:
    """The pairs that are in no set and listed beside sets and pictures, all of them."""
    sheet = forms.page_of(request.GET, also.pairs(archive, tab), also.PAGE)
    every = sum(total.sets for total in sets.totals(archive))
    context = {
        "sheet": sheet,
        "rows": also.rows(archive, sheet.object_list),
        "rest": forms.query(related=tab)[1:],
        "tabs": also.tabs(archive, tab, every),
        "words": also.TABS[tab],
    }
    return render(request, "viewer/duplicates_related.html", context)


def _shown(archive: Archive) -> limits.LimitsForm:
    return limits.shown(
        archive.limits(),
        _SUGGESTED,
        has_vectors=bool(archive.vector_space),
        closer=archive.looks_closer,
    )


def _limits(request: HttpRequest, archive: Archive) -> HttpResponse:
    now, looks = archive.limits(), archive.looks_closer
    has_vectors = bool(archive.vector_space)
    form = limits.parsed(request.POST, now, _SUGGESTED, has_vectors=has_vectors)
    if form.wrong:
        return _list(request, archive, form)
    then = form.applied_to(now)
    if not _is_confirmed(request):
        context = {
            "form": form,
            "effect": limits_effect(archive, then, closer=form.closer, bounds=_COMPARED),
            "looser": effects.is_looser(now, then),
            "turned": form.closer is not looks,
            "has_looked": effects.has_looked(archive),
            "unchanged": now == then and form.closer is looks,
        }
        return render(request, "viewer/limits_effect.html", context)
    report = set_limits(archive, form.regular, form.animated, closer=form.closer, by=BY)
    if report.change:
        words = f"The sensitivity was set: {forms.counted(report.groups, 'set')} now."
        more = ""
        if form.closer and not looks:
            more = " Find again: the next search looks closer."
        elif effects.is_looser(now, then):
            more = " Find again to see what else it lets through."
        success(request, words + more, change=report.change)
    return see_other(reverse("duplicates"))


def _effect(request: HttpRequest, archive: Archive, operation: str) -> HttpResponse:
    """What finding again or forgetting would come to."""
    everything = operation == "delete_all"
    again = "again" in request.POST
    context = {
        "operation": operation,
        "again": again,
        "search": effects.search_effect(archive, again=again),
        "effect": None
        if operation == "re_run"
        else effects.forget_effect(archive, everything=everything),
    }
    return render(request, "viewer/duplicates_effect.html", context)


def _forget(request: HttpRequest, archive: Archive, *, everything: bool) -> HttpResponse:
    report = forget(archive, everything=everything, by=BY)
    gone = f"{forms.counted(report.sets, 'set')} and {forms.counted(report.pictures, 'picture')}"
    success(request, f"Taken out of the duplicates: {gone}.", change=report.change)
    return see_other(reverse("duplicates"))


urlpatterns = [
    path("duplicates/", duplicates, name="duplicates"),
]
