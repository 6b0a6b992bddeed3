"""What pages share: the archive they are given, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from fapfav.jobs.library import Archive
from viewer.state import the_viewer

P = ParamSpec("P")

BY = "viewer"
"""Who makes the changes of pages, in the log."""


def page(
    view: Callable[Concatenate[HttpRequest, Archive, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Gives a page the archive as it is now; pages run one at a time."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        with the_viewer().archive() as archive:
            return view(request, archive, *args, **kwargs)

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


def success(request: HttpRequest, words: str, change: int = 0) -> None:
    """Says what was done; with the number of a change it can be undone from the message."""
    messages.success(request, words, extra_tags=f"change-{change}" if change else "")


def refuse(request: HttpRequest, words: str) -> None:
    """Says in red why nothing was changed."""
    messages.error(request, words)
