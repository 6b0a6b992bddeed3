"""What every page knows: how it should look, and the counts in its header."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest

from fapfav.jobs.library import Archive
from viewer import workers
from viewer.job_process import JobState
from viewer.pages import entry
from viewer.preferences import in_effect
from viewer.state import the_viewer


def header(request: HttpRequest) -> dict[str, Any]:
    """Counts beside the links; nothing at all for whoever was not let in."""
    viewer = the_viewer()
    if not (viewer.is_open and entry.was_let_in(request)):
        return {"is_in": False}
    with viewer.archive(refresh=False) as archive:
        return {
            "is_in": True,
            "is_sealed": viewer.is_sealed,
            "preferences": in_effect(viewer, archive),
            "duplicates_waiting": viewer.remembered(
                "waiting", archive.last, lambda: _waiting(archive)
            ),
            "jobs_running": len(running_jobs()),
        }


def messages(request: HttpRequest) -> dict[str, Any]:
    """What there is to say, to whoever reads it: a page asked for ahead leaves it to be said."""
    return {"messages": () if entry.is_background(request) else get_messages(request)}


def _waiting(archive: Archive) -> int:
    return sum(1 for each in archive.groups if each.needs_action)


def running_jobs() -> tuple[JobState, ...]:
    """What is being done beside the pages."""
    return workers.running()
