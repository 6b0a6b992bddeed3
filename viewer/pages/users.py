"""Users and their albums as tables, and the removal of either, with its effect shown first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.people import (
    Removal,
    album_removal,
    albums_in_numbers,
    user_removal,
    users_in_numbers,
)
from fapfav.jobs.removal import remove_album, remove_user
from fapfav.jobs.site_pages import user_page
from fapfav.model import UserKey
from viewer import people
from viewer.addresses import user_address, user_of
from viewer.page import BY, page, refuse, see_other, success

A_PAGE = 60
"""Albums of a user that are shown at once."""


@page
def users(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """Every user with numbers; or what the deletion of one would come to."""
    if request.method == "POST":
        return _delete_user(request, archive)
    if "delete" in request.GET:
        key = people.user_named(archive, request.GET["delete"])
        return _ask(request, archive.users[key].name, user_removal(archive, key), reverse("users"))
    found = users_in_numbers(archive)
    order = people.Order.parse(request.GET, people.USER_COLUMNS)
    rows = [people.user_row(archive, numbers) for numbers in found[:-1]]
    return render(
        request,
        "viewer/users.html",
        {"rows": order.sorted(rows), "total": found[-1], "heads": order.heads()},
    )


def _delete_user(request: HttpRequest, archive: Archive) -> HttpResponse:
    key = people.user_named(archive, request.POST.get("delete_input", ""))
    name = people.user_input(archive, key)
    if "confirm" not in request.POST:
        return see_other(f"{reverse('users')}?{urlencode({'delete': name})}")
    record = archive.users[key]
    try:
        report = remove_user(archive, key, by=BY)
    except UsageError as error:
        refuse(request, str(error))
        return see_other(reverse("users"))
    success(request, f"User {record.name} is deleted: {people.done(report)}", report.change)
    return see_other(reverse("users"))


@page
def favorites(request: HttpRequest, archive: Archive, /, **parts: str) -> HttpResponse:
    """The albums of a user with numbers; or what the deletion of one would come to."""
    key = user_of(archive, *parts.values())
    address = user_address(archive, key)
    if request.method == "POST":
        return _delete_album(request, archive, key)
    if "delete" in request.GET:
        album = people.album_named(archive, key, request.GET["delete"])
        return _ask(request, archive.albums[album].name, album_removal(archive, album), address)
    return render(request, "viewer/favorites.html", _albums(request, archive, key))


def _albums(request: HttpRequest, archive: Archive, key: UserKey) -> dict[str, Any]:
    found = albums_in_numbers(archive, key)
    order = people.Order.parse(request.GET, people.ALBUM_COLUMNS)
    rows = order.sorted([people.album_row(archive, numbers) for numbers in found[:-1]])
    sheet = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return {
        "user": archive.users[key],
        "rows": sheet,
        "sheet": sheet,
        "rest": order.query,
        "total": found[-1],
        "count": len(rows),
        "heads": order.heads(),
        "site": user_page(key),
        "is_sealed": archive.sealed,
    }


def _delete_album(request: HttpRequest, archive: Archive, user: UserKey) -> HttpResponse:
    key = people.album_named(archive, user, request.POST.get("delete_input", ""))
    address = user_address(archive, user)
    if "confirm" not in request.POST:
        return see_other(f"{address}?{urlencode({'delete': people.album_input(archive, key)})}")
    name = archive.albums[key].name
    try:
        report = remove_album(archive, key, by=BY)
    except UsageError as error:
        refuse(request, str(error))
        return see_other(address)
    success(request, f"Album {name} is deleted: {people.done(report)}", report.change)
    return see_other(address)


def _ask(request: HttpRequest, name: str, effect: Removal, back: str) -> HttpResponse:
    """What a deletion would come to, before anything is done."""
    asked = {"name": name, "effect": effect, "back": back, "delete": request.GET["delete"]}
    return render(request, "viewer/delete.html", asked)


urlpatterns = [
    path("users/", users, name="users"),
    path("favorites/<str:user>/", favorites, name="favorites"),
    path("favorites/<str:source>/<str:user>/", favorites, name="favorites"),
]
