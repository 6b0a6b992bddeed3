"""One set of duplicates, the queue through all of them, and the summary of a run."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import Changed, SetView, judge_set, quick, set_lines, set_view
from fapfav.model import Digest
from viewer import forms, setpage, sets, verdicts
from viewer.addresses import digest_of
from viewer.page import BY, page, refuse, see_other, success
from viewer.pages import entry
from viewer.reviewing import Step, the_run
from viewer.verdicts import VerdictForm


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
        the_run().look()
    return _show(request, archive, view, verdicts.shown(view))


def _show(
    request: HttpRequest, archive: Archive, view: SetView, form: VerdictForm, status: int = 200
) -> HttpResponse:
    way = sets.Way.parse(request.GET)
    queue = sets.Queue.of(archive, way, the_run())
    where = setpage.bar(archive, queue, view.key, the_run())
    links = setpage.links(archive, queue, view.key)
    context = {
        "name": setpage.name_of(archive, view.key),
        "view": view,
        "form": form,
        "members": setpage.members(archive, view, form),
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


def _decide(
    request: HttpRequest, archive: Archive, digest: Digest, view: SetView
) -> HttpResponse:
    """Does what a form or a button asked, or says why not; then nothing was changed."""
    fields = request.POST.dict()
    if fields.get("seen") != view.revision:
        return _changed(request, archive, view)
    try:
        form = _asked(archive, view, fields)
    except UsageError as error:
        form = VerdictForm({}, {}, summary=(verdicts.sentence(str(error)),))
    if not form.is_fine:
        return _show(request, archive, view, form, status=400)
    if fields.get("quick") == "later":
        return _later(request, archive, view)
    try:
        report = judge_set(
            archive, digest, view.revision, form.pictures, form.places, by=BY
        )
    except Changed as error:
        return _changed(request, archive, error.view)
    except UsageError as error:
        named = verdicts.with_named(form, view, error)
        return _show(request, archive, view, named, status=400)
    words = [verdicts.as_words(view, form), *report.warnings]
    success(request, ". ".join(map(verdicts.sentence, words)) , change=report.change)
    return _go_on(request, archive, view, form, report.change)


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
        "asked": verdicts.quick_words(fields),
        "address": request.get_full_path(),
    }
    return render(request, "viewer/changed.html", context, status=409)


def _later(request: HttpRequest, archive: Archive, view: SetView) -> HttpResponse:
    run = the_run()
    run.postpone(view.key)
    queue = sets.Queue.of(archive, sets.Way.parse(request.GET), run)
    following = queue.first_after_postponing(view.key)
    if following is None:
        refuse(request, "This is the only set that is left.")
        return see_other(request.get_full_path())
    success(request, "Put off: this set comes again at the end.")
    return see_other(queue.way.address(archive, following.key))


def _go_on(
    request: HttpRequest, archive: Archive, view: SetView, form: VerdictForm, change: int
) -> HttpResponse:
    """To the next set once this one is decided, else back to it."""
    run, way = the_run(), sets.Way.parse(request.GET)
    here = way.address(archive, view.key)
    is_done = not sets.needs_action(archive, view)
    saved = verdicts.hidden_bytes(view.members, form.pictures)
    run.decide(change, Step(view.key, here, saved, is_done))
    if not is_done:
        return see_other(here)
    run.postponed.pop(view.key, None)
    following = sets.Queue.of(archive, way, run).next(view.key)
    if following is None:
        return see_other(reverse("review") + way.query)
    return see_other(way.address(archive, following.key))
