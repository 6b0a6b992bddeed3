"""Settings: how the viewer looks, when it locks itself, and which keys do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.jobs import preferences as job
from fapfav.jobs.library import Archive
from fapfav.jobs.preferences import ACTIONS, LONGEST, Density, Motion, Preferences, Theme
from viewer.page import BY, page, see_other, success
from viewer.preferences import Wanted
from viewer.state import the_viewer


@page
def settings(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The form, and what it is sent to; what is wrong is named at its field, nothing is saved."""
    now = job.read(archive)
    if request.method != "POST":
        return render(request, "viewer/settings.html", _context(Wanted.of(now)))
    if "reset_keys" in request.POST:
        wanted = Wanted.of(replace(now, keys={}, single_keys=True))
    else:
        wanted = Wanted.parse(request.POST)
    if wanted.wrong:
        return render(request, "viewer/settings.html", _context(wanted), status=400)
    number = job.save(archive, wanted.preferences, by=BY)
    success(request, "Settings are saved." if number else "Nothing is new.")
    return see_other(reverse("settings"))


def _context(wanted: Wanted) -> dict[str, Any]:
    found: Preferences = wanted.preferences
    return {
        "wanted": found,
        "wrong": wanted.wrong,
        "look_at": [_anchor(name) for name in wanted.wrong],
        "themes": [(each, _WORDS[each]) for each in Theme],
        "densities": [(each, _WORDS[each]) for each in Density],
        "motions": [(each, _WORDS[each]) for each in Motion],
        "minutes": wanted.minutes,
        "longest": LONGEST,
        "started_with": round(the_viewer().lock_after / 60),
        "keys": [
            (at, key, words, found.keys.get(key, key), wanted.wrong.get(key, ""))
            for at, (key, words) in enumerate(ACTIONS.items())
        ],
    }


def _anchor(name: str) -> tuple[str, str]:
    """Where a field is on the page, and what its link is called."""
    if name in ACTIONS:
        return f"key-{list(ACTIONS).index(name)}", ACTIONS[name]
    return name, "Minutes"


_WORDS = {
    Theme.AUTO: "As the system",
    Theme.LIGHT: "Light",
    Theme.DARK: "Dark",
    Density.COMFORTABLE: "Comfortable",
    Density.COMPACT: "Compact",
    Motion.AUTO: "As the system",
    Motion.LESS: "Less",
}

urlpatterns = [
    path("settings/", settings, name="settings"),
]
