"""jobs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from fapfav.jobs.library import Archive
from viewer.page import page


@page
def not_yet(request: HttpRequest, _archive: Archive, /, **_parts: object) -> HttpResponse:
    """Stands here until the page does."""
    return render(request, "viewer/base.html")


urlpatterns = [
    path("jobs/", not_yet, name="jobs"),
    path("jobs/<int:number>/", not_yet, name="job"),
]
