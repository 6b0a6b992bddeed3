"""The page of an album."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from fapfav.jobs.gallery import album_size, at_places, failed_of, gone_of
from fapfav.jobs.library import Archive
from fapfav.jobs.site_pages import album_page, picture_page
from fapfav.model import AlbumKey, Place, UserKey
from viewer.addresses import album_address, album_of, user_address
from viewer.cells import Cell, Cells, history
from viewer.gallery import Container, gallery_get, gallery_post
from viewer.page import page
from viewer.params import ViewParams
from viewer.state import the_viewer

MOST_GONE = 200
"""Disappeared pictures that an album's page lists."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A place without a picture: its page at the site and its file's address, if there are."""

    place: Place
    page: str
    file: str


@page
def favorite(request: HttpRequest, archive: Archive, /, **parts: str) -> HttpResponse:
    """An album: its pictures, those that disappeared, those that could not be got."""
    key = album_of(archive, *parts.values())
    container = Container(album_address(archive, key).removeprefix(reverse("home")), album=key)
    if request.method == "POST":
        return gallery_post(request, archive, container)
    return gallery_get(
        request,
        archive,
        container,
        "viewer/favorite.html",
        lambda: _album(archive, key, container.path, ViewParams.parse(request.GET)),
    )


def _album(archive: Archive, key: AlbumKey, path: str, params: ViewParams) -> dict[str, Any]:
    owner = UserKey(*key[:2])
    user = archive.users.get(owner)
    version = archive.version("places", "checks")
    remembered = the_viewer().remembered
    gone = remembered(("gone", key), version, lambda: gone_of(archive, key))
    failed = remembered(("failed", key), version, lambda: failed_of(archive, key))
    return {
        "album": archive.albums[key],
        "user_name": user.name if user else key.user,
        "user_address": user_address(archive, owner),
        "places": album_size(archive, key),
        "site": album_page(key),
        "gone": _gone(Cells(archive, path, params), archive, gone),
        "gone_total": len(gone),
        "failed": [_failed(place) for place in failed],
        "can_retry": bool(picture_page(failed[0].key)) if failed else False,
        "retry_user": key.user,
    }


def _gone(cells: Cells, archive: Archive, places: Any) -> list[tuple[Cell, list[str]]]:
    pictures = at_places(archive, places[:MOST_GONE])
    found = cells.cells(pictures)
    checks = (archive.checks[place] for place in places[:MOST_GONE])
    return [(cell, list(history(check.history))) for cell, check in zip(found, checks, strict=True)]


def _failed(place: Place) -> Failed:
    file = place.failure.url or "" if place.failure else ""
    is_web = urlsplit(file).scheme in ("http", "https")
    return Failed(place, picture_page(place.key), file if is_web else "")


urlpatterns = [
    path("favorite/<str:user>/<str:album>/", favorite, name="favorite"),
    path("favorite/<str:source>/<str:user>/<str:album>/", favorite, name="favorite"),
]
