"""Undo, redo, and the history of every change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs import steps
from fapfav.jobs.library import Archive
from fapfav.jobs.review import VERB
from fapfav.model import ChangeRecord, Digest
from viewer import forms, history
from viewer.page import BY, next_address, page, refuse, see_other, success
from viewer.reviewing import the_run


@page
def undo(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """Takes back a step, the latest of pages unless a number is given."""
    return _back(request, archive, redo=False)


@page
def redo(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """Takes back the latest undo."""
    return _back(request, archive, redo=True)


def _back(request: HttpRequest, archive: Archive, *, redo: bool) -> HttpResponse:
    if request.method != "POST":
        return see_other(reverse("history"))
    step = forms.number(request.POST, "step")
    try:
        report = steps.redo_step(archive, by=BY) if redo else steps.undo_step(archive, step, by=BY)
    except UsageError as error:
        if step is not None:
            raise
        refuse(request, f"{str(error).capitalize()}.")
        return see_other(next_address(request, "history"))
    if report.conflicts:
        return _conflict(request, archive, report.number, report.conflicts)
    base = _base(archive, report.number)
    pictures = _pictures(archive, base)
    was_undo = base.state == "undone"
    words = _words(archive, base, pictures)
    success(request, words, change=report.redo, was_undo=was_undo)
    known = the_run().steps.get(base.number)
    where = known.address if known else history.set_address(archive, pictures)
    return see_other(where or next_address(request, "history"))


def _conflict(
    request: HttpRequest, archive: Archive, number: int, conflicts: Sequence[str]
) -> HttpResponse:
    """What stands in the way, and when that was done."""
    found = [(words, _named(archive, words)) for words in conflicts]
    context = {"change": archive.changes[number], "conflicts": found}
    return render(request, "viewer/conflict.html", context, status=409)


def _named(archive: Archive, words: str) -> ChangeRecord | None:
    """The change that a conflict names."""
    found = re.match(r"change (\d+) ", words)
    return archive.changes.get(int(found[1])) if found else None


def _base(archive: Archive, number: int) -> ChangeRecord:
    """The change itself, where an undo was undone."""
    record = archive.changes[number]
    # A change takes back an earlier one: a log that says otherwise would be followed for ever.
    while record.verb == "undo" and record.undoes in archive.changes:
        if record.undoes >= record.number:
            break
        record = archive.changes[record.undoes]
    return record


def _pictures(archive: Archive, base: ChangeRecord) -> tuple[Digest, ...]:
    """Those a verdict was about; after a restart only the log knows them."""
    step = the_run().steps.get(base.number)
    if step is not None:
        return (step.key,)
    return steps.pictures_of(archive, base.number) if base.verb == VERB else ()


def _words(archive: Archive, base: ChangeRecord, pictures: Sequence[Digest]) -> str:
    """What was taken back, and how the set it was about is now."""
    done = "Undone" if base.state == "undone" else "Done again"
    if base.verb != VERB:
        about = f" ({text.shown(base.what)})" if base.what else ""
        return f"{done}: {history.described(base)}{about}."
    shown = history.now_shown(archive, pictures)
    after = f" It is now: {shown}." if shown else ""
    return f"{done}: {'what you decided on this set' if shown else 'decisions on sets'}.{after}"


@page
def all_changes(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What was done, the latest first; with `undo_to` it takes back all from there on."""
    if request.method == "POST":
        return _undo_to(request, archive)
    kind = forms.choice(request.GET, "kind", history.KINDS, history.ALL)
    lines = history.lines(archive.changes.records(), kind, BY)
    shown = forms.page_of(request.GET, lines, history.PAGE)
    return render(
        request,
        "viewer/history.html",
        {"page": shown, "kind": kind, "kinds": history.KINDS, "rest": f"kind={kind}"},
    )


def _undo_to(request: HttpRequest, archive: Archive) -> HttpResponse:
    """Shows how much would be taken back, then takes it back."""
    number = forms.number(request.POST, "undo_to")
    kind = forms.choice(request.POST, "kind", ("duplicates",), "")
    only = bool(kind)
    changes = archive.changes.records()
    found = () if number is None else steps.since(changes, number, BY, verdicts=only)
    if number is None or not found:
        raise UsageError("there is nothing to undo from there on")
    if not request.POST.get("confirm"):
        context = {
            "steps": found,
            "lines": history.lines(found[:20], history.ALL, BY),
            "number": number,
            "kind": kind,
            "next": next_address(request, "history"),
        }
        return render(request, "viewer/undo_to.html", context)
    report = steps.undo_to(archive, number, by=BY, verdicts=only)
    if report.undone:
        success(request, f"Undone: {forms.counted(len(report.undone), 'step')}.")
    if report.conflicts:
        return _conflict(request, archive, report.at, report.conflicts)
    return see_other(next_address(request, "history"))


urlpatterns = [
    path("undo/", undo, name="undo"),
    path("redo/", redo, name="redo"),
    path("history/", all_changes, name="history"),
]
