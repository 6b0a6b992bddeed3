"""Looking for duplicates from a page: a job of its own, which goes on when the page is closed."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse

from viewer import workers
from viewer.page import see_other


def start(*, again: bool) -> HttpResponse:
    """Begins a search, or shows the one that runs, where its progress is."""
    running = [job.number for job in workers.running() if job.verb == "find"]
    number = running[0] if running else workers.start("find", {"again": again})
    return see_other(reverse("job", args=[number]))
