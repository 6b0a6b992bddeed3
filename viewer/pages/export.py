"""Export: choose pictures, see what would be written and deleted, then write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import tags, text
from fapfav.errors import UsageError
from fapfav.jobs import orders
from fapfav.jobs.export import FOLDER
from fapfav.jobs.export_preview import preview
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import BadField
from viewer import forms, reports, workers
from viewer.job_process import JobState
from viewer.page import page, see_other, success

WHATS = ("tags", "tag", "album", "all")
_FIELDS = ("what", "tag", "album", "target", "renumber")
_LISTED = 500  # folders of a preview
_RUNS, _AMONG = 5, 200  # exports that were made before, among so many of the last jobs


@page
def export(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The choice; with a choice sent, what it comes to; once that was seen, the job."""
    if request.method != "POST":
        return _shown(request, archive, {"what": request.GET.get("what", "")})
    given = request.POST
    try:
        checked = orders.check(archive, "export", _arguments(archive, given))
        effect = _effect(archive, checked)
        # What would be deleted is what was shown, or it is shown again.
        if given.get("go") != str(effect["found"].emptied):
            return _shown(request, archive, given, effect=effect)
        number = workers.start("export", checked)
    except UsageError as error:
        return _shown(request, archive, given, wrong=error)
    success(request, "Started: the export. It goes on if you close this page.")
    return see_other(reverse("job", args=[number]))


def _arguments(archive: Archive, given: Mapping[str, str]) -> dict[str, Any]:
    """What an export is asked for by a form."""
    what = forms.choice(given, "what", WHATS, "tags")
    return {
        "tag": _chosen(given, "tag") if what == "tag" else "",
        "album": _album(archive, given) if what == "album" else "",
        "all": what == "all",
        "renumber": given.get("renumber") == "1",
        "target": given.get("target", ""),
    }


def _chosen(given: Mapping[str, str], what: str) -> str:
    found = given.get(what, "").strip()
    if not found:
        raise BadField(what, f"which {what}? choose one")
    return found


def _album(archive: Archive, given: Mapping[str, str]) -> list[str] | str:
    """The ids of the chosen album, which may be anything; what names none is said to."""
    chosen = _chosen(given, "album")
    return next(
        ([*key] for key in archive.albums if archive.keyed("album", *key) == chosen), chosen
    )


def _effect(archive: Archive, checked: Mapping[str, Any]) -> dict[str, Any]:
    found = preview(archive, orders.wanted_of(checked))
    shown = [
        {"path": " / ".join(map(text.shown, line.parts)), "line": line}
        for line in found.lines[:_LISTED]
    ]
    return {"found": found, "shown": shown, "more": len(found.lines) - len(shown)}


def _shown(
    request: HttpRequest,
    archive: Archive,
    given: Mapping[str, str],
    *,
    effect: Mapping[str, Any] | None = None,
    wrong: UsageError | None = None,
) -> HttpResponse:
    known = _tags(archive)
    context = {
        "given": given,
        "what": forms.choice(given, "what", WHATS, "tags" if known else "all"),
        "hidden": [(name, given.get(name, "")) for name in _FIELDS],
        "tags": known,
        "users": _albums(archive),
        "folder": archive.path / FOLDER,
        "effect": effect,
        "runs": _runs(archive),
        "wrong": str(wrong) if wrong else "",
        "wrong_at": getattr(wrong, "field", ""),
    }
    return render(request, "viewer/export.html", context, status=400 if wrong else 200)


def _runs(archive: Archive) -> list[tuple[JobState, str, str]]:
    """The last exports, with how they went in words."""
    past = [job for job in workers.ended(archive, _AMONG) if job.verb == "export"]
    return [(job, reports.state(job), reports.summary(job)) for job in past[:_RUNS]]


def _tags(archive: Archive) -> list[tuple[str, str]]:
    """Every tag by its number, with the tree it stands in."""
    tree = dict(archive.tags.items())
    return [
        (str(tag.number), text.shown(tags.lineage_text(tree, tag.number)))
        for _, tag in tags.walk(tree)
    ]


def _albums(archive: Archive) -> list[tuple[str, list[tuple[str, str]]]]:
    """Albums by names that any form can carry, under the names of their users."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for album in sorted(archive.albums.records(), key=lambda album: album.name.casefold()):
        key = (album.source, album.user)
        called = archive.keyed("album", *key, album.album)
        found.setdefault(key, []).append((called, text.shown(album.name)))
    names = {(user.source, user.user): user.name for user in archive.users.records()}
    return [(text.shown(names.get(key, key[1])), albums) for key, albums in found.items()]


urlpatterns = [
    path("export/", export, name="export"),
]
