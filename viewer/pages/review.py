"""One set of duplicates, the queue through all of them, and the summary of a run."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.errors import UsageError
from fapfav.jobs import steps
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import (
    Changed,
    SetLine,
    SetView,
    judge_pair,
    judge_set,
    quick,
    set_lines,
    set_view,
)
from fapfav.model import Digest
from viewer import also, forms, setpage, sets, verdicts
from viewer.addresses import digest_of, name_of
from viewer.page import BY, page, refuse, see_other, success
from viewer.pages import entry
from viewer.reviewing import Step, the_run
from viewer.verdicts import VerdictForm

PREVIEWED = 12
"""Sets that the start page shows of those that come first."""


@page
def duplicate(request: HttpRequest, archive: Archive, /, name: str) -> HttpResponse:
    """One set; a POST decides it and goes on."""
    digest = digest_of(archive, name)
    try:
        view = set_view(archive, digest)
    except UsageError as error:
        raise Http404("This picture is in no set of duplicates.") from error
    if request.method == "POST":
        return _decide(request, archive, digest, view)
    if not entry.is_background(request):
        the_run().look(view.key)
    return _show(request, archive, view, verdicts.shown(view))


def _show(
    request: HttpRequest, archive: Archive, view: SetView, form: VerdictForm, status: int = 200
) -> HttpResponse:
    way = sets.Way.parse(request.GET)
    queue = sets.Queue(archive, way, the_run().postponed)
    where = setpage.bar(archive, queue, view.key, the_run())
    links = setpage.links(archive, queue, view.key)
    context = {
        "name": name_of(archive, view.key),
        "view": view,
        "form": form,
        "members": setpage.members(archive, view, form),
        "also": also.shown(archive, [one.blob.digest for one in view.members], view.revision),
        "pairs": setpage.pairs(view, sets.compared(request.GET)),
        "quick": setpage.quick_buttons(view),
        "verdicts": setpage.RADIOS,
        "bar": where,
        "way": way,
        "shown": way.view or "side",
        "orders": sets.ORDERS,
        "scopes": sets.SCOPES,
        "address": way.address(archive, view.key),
        "next": links.next,
        "after": links.after,
        "previous": links.previous,
        "title": setpage.title(view, where),
    }
    return render(request, "viewer/duplicate.html", context, status=status)


def _decide(request: HttpRequest, archive: Archive, digest: Digest, view: SetView) -> HttpResponse:
    """Does what a form or a button asked, or says why not; then nothing was changed."""
    fields = request.POST.dict()
    if fields.get("seen") != view.revision:
        return _changed(request, archive, view)
    if also.FIELD in fields:
        return _relate(request, archive, view)
    line = sets.line_of(archive, view.key)
    try:
        form = _asked(archive, view, fields)
    except UsageError as error:
        form = VerdictForm({}, {}, summary=(verdicts.sentence(str(error)),))
    if not form.is_fine:
        return _show(request, archive, view, form, status=400)
    if fields.get("quick") == "later":
        return _later(request, archive, view)
    try:
        report = judge_set(archive, digest, view.revision, form.pictures, form.places, by=BY)
    except Changed as error:
        return _changed(request, archive, error.view)
    except UsageError as error:
        named = verdicts.with_named(form, view, error)
        return _show(request, archive, view, named, status=400)
    words = [verdicts.as_words(view, form), *(verdicts.in_names(view, w) for w in report.warnings)]
    if not report.change:
        words = ["That is how it was: nothing changed"]
    success(request, " ".join(map(verdicts.sentence, words)), change=report.change)
    done = not sets.needs_action(archive, view.key)
    _remember(request, archive, view, form, (report.change, done))
    return see_other(_following(request, archive, line) if done else _here(request, archive, view))


def _relate(request: HttpRequest, archive: Archive, view: SetView) -> HttpResponse:
    """Says what a picture of the set and one listed beside it are to each other."""
    fields = request.POST.dict()
    try:
        pair, label = also.asked(archive, fields)
        if view.member(pair[0]) is None:
            raise UsageError("it speaks of what is not in this set, and nothing was changed")
        report = judge_pair(archive, pair, view.revision, label, by=BY)
    except Changed as error:
        return _changed(request, archive, error.view)
    except UsageError as error:
        form = VerdictForm({}, {}, summary=(verdicts.sentence(str(error)),))
        return _show(request, archive, view, form, status=400)
    here = sets.Way.parse(request.GET).address(archive, pair[0])
    success(request, also.SAID[fields[also.FIELD]][1], change=report.change)
    the_run().decide(report.change, Step(view.key, here, 0, is_done=False))
    return see_other(here)


def _asked(archive: Archive, view: SetView, fields: dict[str, str]) -> VerdictForm:
    """What is asked for. Raises UsageError for a button that makes no sense of this set."""
    action = fields.get("quick")
    if action is None:
        return verdicts.parse(archive, view, fields)
    verdicts.refuse_both(archive, view, fields)
    if action == "later":
        return verdicts.shown(view)
    return VerdictForm(*quick(view, action, forms.number(fields, "keep")))


def _changed(request: HttpRequest, archive: Archive, view: SetView) -> HttpResponse:
    """What was asked beside how the set is by now."""
    fields = request.POST.dict()
    context = {
        "rows": setpage.both_states(archive, view, fields),
        "asked": verdicts.quick_words(fields) or also.words(fields),
        "address": request.get_full_path(),
    }
    return render(request, "viewer/changed.html", context, status=409)


def _later(request: HttpRequest, archive: Archive, view: SetView) -> HttpResponse:
    line = sets.line_of(archive, view.key)
    queue = sets.Queue(archive, sets.Way.parse(request.GET), the_run().postponed)
    following = queue.next(line)
    the_run().postpone(view.key)
    if following is None:
        refuse(request, "This is the only set that is left.")
        return see_other(_here(request, archive, view))
    success(request, "Put off: it comes again at the end.")
    return see_other(queue.way.address(archive, following.key))


def _here(request: HttpRequest, archive: Archive, view: SetView) -> str:
    return sets.Way.parse(request.GET).address(archive, view.key)


def _following(request: HttpRequest, archive: Archive, line: SetLine | Digest) -> str:
    """Where to go from a set that is decided."""
    way = sets.Way.parse(request.GET)
    following = sets.Queue(archive, way, the_run().postponed).next(line)
    if following is None:
        return reverse("review") + way.query
    return way.address(archive, following.key)


def _remember(
    request: HttpRequest,
    archive: Archive,
    view: SetView,
    form: VerdictForm,
    outcome: tuple[int, bool],
) -> None:
    """Notes a decision for the queue's bar, and where undo goes back to."""
    change, is_done = outcome
    saved = verdicts.hidden_bytes(view.members, form.pictures)
    step = Step(view.key, _here(request, archive, view), saved, is_done)
    the_run().decide(change, step)


@page
def review(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """Where reviewing starts: how much waits, in which order to go; `go=1` goes to the next set."""
    way, run = sets.Way.parse(request.GET), the_run()
    queue = sets.Queue(archive, way, run.postponed)
    waiting = queue.waiting
    first = queue.first(run.last)
    if request.GET.get("go") and first is not None:
        return see_other(way.address(archive, first.key))
    context = {
        "way": way,
        "waiting": waiting,
        "bytes": sum(line.saves for line in waiting),
        "go": forms.query(**way.given, go=1),
        "ways": sets.orders(way),
        "scopes": sets.scopes(archive, way),
        "rows": sets.rows(archive, waiting[:PREVIEWED], way),
        "goes_on": run.last is not None,
        "summary": None if waiting else steps.summary(archive, _since(request, archive), BY),
    }
    return render(request, "viewer/review.html", context)


@page
def summary(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What was decided since a change, or in this run."""
    since = _since(request, archive)
    context = {
        "since": since,
        "change": archive.changes.get(since),
        "summary": steps.summary(archive, since, BY),
        "left": sum(line.needs_action for line in set_lines(archive)),
        "seconds": the_run().seconds_a_set(),
    }
    return render(request, "viewer/summary.html", context)


def _since(request: HttpRequest, archive: Archive) -> int:
    """The change that is asked for, else the first of this run, else of all."""
    given = forms.number(request.GET, "since")
    if given is not None:
        return given
    return min(the_run().steps, default=0) or steps.first_verdict(archive, BY)


urlpatterns = [
    path("duplicate/<name:name>/", duplicate, name="duplicate"),
    path("review/", review, name="review"),
    path("review/summary/", summary, name="summary"),
]
