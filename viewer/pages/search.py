"""The search box: users, albums, tags and pictures by a few letters.

What is looked for is sent by POST: addresses stay in the browser's history, words should not.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav.jobs import search as job
from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, UserKey
from viewer.addresses import album_address, name_of, user_address
from viewer.gallery_forms import PART
from viewer.page import page
from viewer.state import the_viewer

LONGEST = 100
"""Letters that are looked at."""

_AT_ONCE = 6  # of each kind, while one types


@page
def search(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The whole page, or while one types a short list under the box."""
    text = request.POST.get("q", "").strip()[:LONGEST]
    known = the_viewer().remembered(
        "names to search", archive.version(*job.TABLES), lambda: job.names(archive)
    )
    is_typing = request.headers.get(PART) == "found"
    found = job.search(archive, known, text, _AT_ONCE if is_typing else job.MOST)
    lists = [
        ("Users", "user", [(hit, _address(archive, hit)) for hit in found.users]),
        ("Albums", "images", [(hit, _address(archive, hit)) for hit in found.albums]),
        ("Tags", "tag", [(hit, _address(archive, hit)) for hit in found.tags]),
    ]
    pictures = [(hit, name_of(archive, hit.digest)) for hit in found.pictures]
    template = "viewer/parts/found.html" if is_typing else "viewer/search.html"
    return render(
        request,
        template,
        {
            "text": text,
            "found": found,
            "lists": lists,
            "pictures": pictures,
            "most": job.MOST,
            "is_typing": is_typing,
        },
    )


def _address(archive: Archive, hit: job.Hit) -> str:
    if isinstance(hit.key, AlbumKey):
        return album_address(archive, hit.key)
    if isinstance(hit.key, UserKey):
        return user_address(archive, hit.key)
    return reverse("tag", args=[hit.key])


urlpatterns = [
    path("search/", search, name="search"),
]
