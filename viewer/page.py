"""What pages share: the archive they are given, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from fapfav.errors import ArchiveInUse
from fapfav.jobs.library import Archive
from viewer import forms
from viewer.state import awake, the_viewer

P = ParamSpec("P")

WAIT = 8.0
"""Seconds that a form waits until other programs have written."""

BY = "viewer"
"""Who makes the changes of pages, in the log."""


def page(
    view: Callable[Concatenate[HttpRequest, Archive, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Gives a page the archive as it is now; pages run one at a time.

    While another program writes for long, others get their turn, and it is tried again. Raises
    UsageError for a form that contradicts itself, ArchiveInUse after some seconds.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST":
            forms.refuse_contradictions(request.POST)
        viewer, ends = the_viewer(), awake() + WAIT
        while True:
            before: object = None
            try:
                with viewer.archive() as archive:
                    before = archive.last
                    return view(request, archive, *args, **kwargs)
            except ArchiveInUse:
                left = ends - awake()
                if left <= 0 or before not in (None, viewer.peek().last):
                    raise  # what was done already must not be done twice
            viewer.peek().wait_to_write(left)

    return wrapped


def see_other(address: str) -> HttpResponse:
    """What a form is answered with: look there now."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def next_address(request: HttpRequest, default: str = "home") -> str:
    """Where a form wants to go on, if that is a page of the viewer; else the default page."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    local = wanted.startswith("/viewer/") and wanted.isprintable() and "\\" not in wanted
    return wanted if local and "//" not in urlsplit(wanted).path else reverse(default)


def success(request: HttpRequest, words: str, change: int = 0, *, was_undo: bool = False) -> None:
    """Says what was done; with the number of a change it can be taken back from the message."""
    tags = f"change-{change}{' was-undo' * was_undo}" if change else ""
    messages.success(request, words, extra_tags=tags)


def refuse(request: HttpRequest, words: str) -> None:
    """Says in red why nothing was changed."""
    messages.error(request, words)
