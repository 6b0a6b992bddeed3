"""The trash: what was removed, brought back or destroyed for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.trash import TrashItem, trash_empty, trash_list, trash_restore
from viewer import forms
from viewer.addresses import digest_of, name_of
from viewer.page import BY, page, refuse, see_other, success
from viewer.state import the_viewer

PAGE = 100
WORD = "empty"
"""What has to be typed to empty the trash."""

_WHY = {
    "remove user": "its user was deleted",
    "remove album": "its album was deleted",
    "remove picture": "deleted",
    "undo": "a read that brought it was undone",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A picture in the trash, with its words."""

    name: str
    shown: str
    item: TrashItem
    why: str
    has_thumb: bool


@page
def trash(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What is in the trash; to bring back, or to empty."""
    if request.method == "POST":
        return _changed(request, archive)
    return _shown(request, archive)


def _changed(request: HttpRequest, archive: Archive) -> HttpResponse:
    wanted = request.POST.get("do", "")
    if wanted == "empty":
        return _empty(request, archive)
    if wanted not in ("restore", "restore-all"):
        raise UsageError("say what to do: bring back, or empty")
    picks = [digest_of(archive, name).hex() for name in _picked(request)]
    if wanted == "restore" and not picks:
        refuse(request, "Nothing was brought back: no picture is chosen.")
        return see_other(request.get_full_path())
    report = trash_restore(archive, picks if wanted == "restore" else None, by=BY)
    if report.failures:
        reasons = sorted({reason for _, reason in report.failures})
        lost = text.many(len(report.failures), "picture")
        refuse(request, f"{lost} could not be brought back: {'; '.join(reasons)}.")
    if report.pictures:
        words = f"{text.many(report.pictures, 'picture')} brought back"
        success(request, f"{words} to {text.many(report.places, 'place')}.", change=report.change)
    return see_other(reverse("trash"))


def _picked(request: HttpRequest) -> list[str]:
    names = dict.fromkeys(request.POST.getlist("pick"))
    if any(len(name) != 64 or set(name) - set("0123456789abcdef") for name in names):
        raise UsageError("a picture is chosen by its name of 64 hex digits")
    return list(names)


def _empty(request: HttpRequest, archive: Archive) -> HttpResponse:
    """Destroys what was shown, and nothing that came into the trash since."""
    if request.POST.get("word", "").strip().lower() != WORD:
        return _shown(request, archive, wrong=f"Nothing was destroyed: type the word {WORD}.")
    newest = forms.number(request.POST, "newest") or 0
    only = {row.digest for row in archive.trash.records() if row.change <= newest}
    if not only:
        refuse(request, "Nothing was destroyed: the trash is empty.")
        return see_other(reverse("trash"))
    report = trash_empty(archive, only, by=BY)
    words = f"{text.many(report.pictures, 'picture')}, {text.size(report.bytes)}, destroyed."
    if report.again:
        words += f" {report.again} of them may be read again."
    success(request, words)
    return see_other(reverse("trash"))


def _shown(request: HttpRequest, archive: Archive, wrong: str = "") -> HttpResponse:
    version = archive.version("trash", "changes", "places")
    listing = the_viewer().remembered("trash", version, lambda: trash_list(archive))
    sheet = forms.page_of(request.GET, listing.items, PAGE)
    context = {
        "listing": listing,
        "sheet": sheet,
        "lines": _lines(archive, list(sheet.object_list)),
        "newest": max((item.change for item in listing.items), default=0),
        "word": WORD,
        "wrong": wrong,
    }
    return render(request, "viewer/trash.html", context, status=400 if wrong else 200)


def _lines(archive: Archive, items: Sequence[TrashItem]) -> list[Line]:
    rows = archive.trash
    return [
        Line(
            name=name_of(archive, item.digest),
            shown=text.shown(", ".join(item.names)) or "without a name",
            item=item,
            why=_WHY.get(item.verb, item.verb),
            has_thumb=bool(rows[item.digest].thumb_size),
        )
        for item in items
    ]


urlpatterns = [
    path("trash/", trash, name="trash"),
]
