"""The way in and out: the code of the shell or the password, locking, and whether it is locked."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from fapfav.errors import FapfavError, UsageError, WrongPassword
from viewer.page import next_address, see_other
from viewer.state import Viewer, the_viewer

_LET_IN = "let_in"
_LOG = logging.getLogger("viewer")

_WRONG_CODE = "This is not the code that the shell shows."
_WRONG_PASSWORD = "This is not the password."  # noqa: S105 - what is said of one
_WRONG_EITHER = "This is neither the code that the shell shows nor the password."
_STALE = "This page is from an earlier run of the viewer: try again."
_TROUBLE = "The archive cannot be opened; the shell says why."


def was_let_in(request: HttpRequest) -> bool:
    """Whether this browser gave the code or the password since it was last locked."""
    viewer = the_viewer()
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    session = viewer.sessions.get(cookie)
    return session is not None and session.get(_LET_IN) == viewer.epoch


def is_public(request: HttpRequest) -> bool:
    """Whether a page tells nothing of the archive, and so is for everyone."""
    return request.path in (reverse("unlock"), reverse("pulse"))


def is_lock(request: HttpRequest) -> bool:
    """Whether this is the very form that locks."""
    return request.path == reverse("lock")


def is_background(request: HttpRequest) -> bool:
    """Whether the page asks by itself, and nobody need be there."""
    return request.path == reverse("pulse") or request.headers.get("X-Background") == "1"


def let_in(request: HttpRequest) -> HttpResponse:
    """Gives the browser a new session, and the wanted address without the code."""
    request.session.flush()
    request.session[_LET_IN] = the_viewer().epoch
    the_viewer().visit()
    return see_other(_wanted(request))


def by_link(request: HttpRequest, code: str) -> HttpResponse | None:
    """Lets in who opened the link of the shell; None if the code is not of this run.

    A locked archive without encryption has no key to ask for: the code opens it again.
    """
    viewer = the_viewer()
    if not viewer.is_open and viewer.is_sealed:
        return None
    if not viewer.takes(code):
        return None
    if not viewer.is_open and (trouble := _opened(viewer, None)):
        return ask(request, trouble)
    return let_in(request)


def _wanted(request: HttpRequest) -> str:
    """The address that was asked for, less the code; of a form, the one it names."""
    if request.method not in ("GET", "HEAD") or is_public(request):
        return next_address(request)
    if not request.path.startswith("/viewer/"):
        return reverse("home")
    query = request.GET.copy()
    query.pop("code", None)
    rest = query.urlencode()
    return escape_uri_path(request.path) + (f"?{rest}" if rest else "")


def ask(request: HttpRequest, words: str = "", wait: int = 0) -> HttpResponse:
    """The page that asks for the code or the password; the wanted address comes along."""
    viewer = the_viewer()
    asked = "code"
    if viewer.is_sealed:
        asked = "either" if viewer.is_open else "password"
    status = 403 if viewer.is_open or not viewer.is_sealed else 423
    response = render(
        request,
        "viewer/unlock.html",
        {
            "next": _wanted(request),
            "words": words,
            "asked": asked,
            "secret": viewer.form_secret,
            "is_in": False,
        },
        status=429 if wait else status,
    )
    if wait:
        response["Retry-After"] = str(wait)
    return response


# Whoever sends this form has no session yet that its secret could be in; it has the run's own.
@csrf_exempt
def unlock(request: HttpRequest) -> HttpResponse:
    """Takes the code or the password."""
    viewer = the_viewer()
    if request.method != "POST":
        return see_other(_wanted(request)) if was_let_in(request) else ask(request)
    secret = request.POST.get("secret", "")
    if not secrets.compare_digest(secret.encode(), viewer.form_secret.encode()):
        return ask(request, _STALE)
    given = request.POST.get("password", "")
    if wait := viewer.attempts.begin():
        return ask(request, f"Too many wrong answers: try again in {wait} s.", wait)
    right: bool | None = None
    try:
        right, words = _judged(viewer, given)
    finally:
        viewer.attempts.end(wrong=None if right is None else not right)
    return let_in(request) if right else ask(request, words)


def _judged(viewer: Viewer, given: str) -> tuple[bool | None, str]:
    """Whether an answer opens or lets in, None if that cannot be said; if not, why in words."""
    if viewer.is_open or not viewer.is_sealed:
        if viewer.takes(given):
            trouble = "" if viewer.is_open else _opened(viewer, None)
            return (None if trouble else True), trouble
        if not viewer.is_sealed:
            return False, _WRONG_CODE
    wrong = _WRONG_EITHER if viewer.is_open else _WRONG_PASSWORD
    try:
        viewer.unlock(given)
    except (WrongPassword, UsageError):
        return False, wrong
    except FapfavError as error:
        return None, _said(error)
    return True, ""


def _opened(viewer: Viewer, password: str | None) -> str:
    """Opens the archive; what went wrong, in words that tell nothing of it."""
    try:
        viewer.unlock(password)
    except FapfavError as error:
        return _said(error)
    return ""


def _said(error: FapfavError) -> str:
    _LOG.error("%s", error)
    return _TROUBLE


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Forgets the key, and every browser."""
    the_viewer().lock()
    request.session.flush()
    back = next_address(request)
    asked = f"?{urlencode({'next': back}, safe='/')}" if back != reverse("home") else ""
    return see_other(reverse("unlock") + asked)


def pulse(request: HttpRequest) -> HttpResponse:
    """Whether pages may stay: 204 and for how long, or 423 once it is locked."""
    viewer = the_viewer()
    if not (viewer.is_open and was_let_in(request)):
        return HttpResponse(status=423)
    response = HttpResponse(status=204)
    left = viewer.seconds_left
    if left is not None:
        response["X-Locks-In"] = str(int(left))
    return response


urlpatterns = [
    path("unlock/", unlock, name="unlock"),
    path("lock/", lock, name="lock"),
    path("pulse/", pulse, name="pulse"),
]
