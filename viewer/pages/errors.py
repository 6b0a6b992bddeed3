"""The pages for what goes wrong outside of a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_MISTAKE = "The viewer made a mistake; the shell says more if it was started with --debug."
_STALE = "This form is from before the viewer was started or locked: open the page again."


def _error(request: HttpRequest, status: int, words: str) -> HttpResponse:
    return render(request, "viewer/error.html", {"status": status, "words": words}, status=status)


def _plain(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, "text/plain; charset=utf-8", status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """A form without this run's secret."""
    return _error(
        request,
        403,
        _STALE,
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing is at this address."""
    words = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    return _error(request, 404, words or "There is no such page.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """A request that makes no sense."""
    return _error(request, 400, "This request makes no sense.")


def failed(request: HttpRequest) -> HttpResponse:
    """A mistake of the viewer's own; maybe of the very template that would say so."""
    try:
        return _error(request, 500, _MISTAKE)
    except Exception:
        return _plain(500, _MISTAKE)
