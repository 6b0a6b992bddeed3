"""The way in and out: the code of the shell or the password, locking, and whether it is locked."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.errors import FapfavError
from viewer.page import next_address, see_other
from viewer.state import the_viewer

_LET_IN = "let_in"


def was_let_in(request: HttpRequest) -> bool:
    """Whether this browser gave the code or the password since it was last locked."""
    return bool(request.session.get(_LET_IN) == the_viewer().epoch)


def is_public(request: HttpRequest) -> bool:
    """Whether a page tells nothing of the archive, and so is for everyone."""
    return request.path in (reverse("unlock"), reverse("pulse"))


def is_background(request: HttpRequest) -> bool:
    """Whether the page asks by itself, and nobody need be there."""
    return request.path == reverse("pulse") or request.headers.get("X-Background") == "1"


def let_in(request: HttpRequest) -> HttpResponse:
    """Gives the browser a new session, and the wanted address without the code."""
    request.session.flush()
    request.session[_LET_IN] = the_viewer().epoch
    query = request.GET.copy()
    query.pop("code", None)
    query.pop("next", None)
    if request.path == reverse("unlock"):
        return see_other(next_address(request))
    rest = query.urlencode()
    return see_other(request.path + (f"?{rest}" if rest else ""))


def ask(request: HttpRequest, words: str = "") -> HttpResponse:
    """The page that asks for the code or the password; the wanted address comes along."""
    wanted = next_address(request) if is_public(request) else request.get_full_path()
    viewer = the_viewer()
    return render(
        request,
        "viewer/unlock.html",
        {"next": wanted, "words": words, "by_password": viewer.is_sealed and not viewer.is_open},
        status=403 if viewer.is_open else 423,
    )


def unlock(request: HttpRequest) -> HttpResponse:
    """Takes the code or the password."""
    viewer = the_viewer()
    if request.method != "POST":
        return ask(request)
    given = request.POST.get("password", "")
    if viewer.is_open and secrets.compare_digest(given.strip().encode(), viewer.code.encode()):
        return let_in(request)
    if viewer.is_open:
        return ask(request, "This is not the code that the shell shows.")
    try:
        viewer.unlock(given)
    except FapfavError as error:
        return ask(request, str(error))
    return let_in(request)


def lock(request: HttpRequest) -> HttpResponse:
    """Forgets the key."""
    if request.method == "POST":
        the_viewer().lock()
        request.session.flush()
    return see_other(reverse("unlock"))


def pulse(request: HttpRequest) -> HttpResponse:
    """Whether pages may stay: 204, or 423 once it is locked."""
    viewer = the_viewer()
    return HttpResponse(status=204 if viewer.is_open and was_let_in(request) else 423)


urlpatterns = [
    path("unlock/", unlock, name="unlock"),
    path("lock/", lock, name="lock"),
    path("pulse/", pulse, name="pulse"),
]
