"""What the header of every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from viewer.pages import entry
from viewer.state import the_viewer


def header(request: HttpRequest) -> dict[str, Any]:
    """Counts beside the links; nothing at all for whoever was not let in."""
    viewer = the_viewer()
    if not (viewer.is_open and entry.was_let_in(request)):
        return {"is_in": False}
    with viewer.archive(refresh=False) as archive:
        waiting = viewer.remembered(
            "header", archive.last, lambda: sum(1 for each in archive.groups if each.needs_action)
        )
    return {"is_in": True, "duplicates_waiting": waiting, "is_sealed": viewer.is_sealed}
