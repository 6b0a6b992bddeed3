"""Looking for duplicates from a page: a job of its own, which goes on when the page is closed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from viewer import forms
from viewer.page import BY, see_other, success


def start(request: HttpRequest, archive: Archive, *, again: bool) -> HttpResponse:
    """Begins a search, and goes where its progress is."""
    report = find_duplicates(archive, again=again, by=BY)
    found = f"{forms.counted(report.new_pairs, 'new pair')}, {forms.counted(report.groups, 'set')}"
    success(request, f"Looked for duplicates: {found} now.", change=report.change)
    return see_other(reverse("duplicates"))
