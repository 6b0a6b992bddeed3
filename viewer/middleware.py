"""What stands before and after every page: who may ask, what an answer may do, what goes wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render

from fapfav.errors import ArchiveError, ArchiveInUse, FapfavError, UsageError
from viewer.pages import entry
from viewer.state import Locked, the_viewer

Answer = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page may load and run: files of its own, and nothing that stands in the page itself."""

_READING = {"GET", "HEAD", "OPTIONS"}


def guard(get_response: Answer) -> Answer:
    """Refuses what another site, port or name asks for; gives every answer its policy."""

    def answer(request: HttpRequest) -> HttpResponse:
        refused = _refused(request)
        response = HttpResponseForbidden(refused) if refused else get_response(request)
        if refused:
            response["Content-Type"] = "text/plain; charset=utf-8"
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer


def _refused(request: HttpRequest) -> str:
    """Why a request is not answered, or nothing."""
    if request.method not in _READING:
        origin = request.headers.get("Origin")
        own = f"http://{request.get_host()}"
        if origin is not None and origin != own:
            return "This form was sent by another page."
        if origin is None and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "This form was sent by another page."
    return ""


def way_in(get_response: Answer) -> Answer:
    """Shows who was not let in one page only, which tells nothing of the archive."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not urlsplit(request.path).path.startswith("/viewer/"):
            return get_response(request)
        viewer = the_viewer()
        code = request.GET.get("code")
        if (
            code is not None
            and viewer.is_open
            and secrets.compare_digest(code.encode(), viewer.code.encode())
        ):
            return entry.let_in(request)
        if entry.is_public(request) or (viewer.is_open and entry.was_let_in(request)):
            if not entry.is_background(request):
                viewer.visit()
            return get_response(request)
        return entry.ask(request)

    return answer


class Troubles:
    """Shows what goes wrong as a page with one next step, never as a traceback."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for an error that a view raised; None for what Django knows itself."""
        if isinstance(error, Http404) or not isinstance(error, FapfavError):
            return None
        if isinstance(error, Locked):
            return entry.ask(request)
        status = 500
        if isinstance(error, UsageError):
            status = 400
        elif isinstance(error, ArchiveInUse):
            status = 503
        elif isinstance(error, ArchiveError):
            status = 500
        return render(
            request, "viewer/error.html", {"status": status, "words": str(error)}, status=status
        )
