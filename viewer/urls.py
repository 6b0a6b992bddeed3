"""Every address, by the pages that have them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse

from viewer.page import see_other
from viewer.pages import (
    archive,
    duplicates,
    entry,
    export,
    gallery,
    home,
    jobs,
    keys,
    media,
    picture,
    plan,
    preferences,
    review,
    rules,
    search,
    tags,
    trash,
    undoing,
    users,
)


def root(_request: HttpRequest) -> HttpResponse:
    """The way from the bare address."""
    return see_other(reverse("home"))


_SUBJECTS = (
    entry,
    home,
    users,
    gallery,
    picture,
    media,
    tags,
    duplicates,
    plan,
    rules,
    review,
    undoing,
    trash,
    export,
    jobs,
    archive,
    keys,
    preferences,
    search,
)

urlpatterns = [
    path("", root),
    *(path("viewer/", include(subject.urlpatterns)) for subject in _SUBJECTS),
]

handler400 = "viewer.pages.errors.bad_request"
handler404 = "viewer.pages.errors.not_found"
handler500 = "viewer.pages.errors.failed"
