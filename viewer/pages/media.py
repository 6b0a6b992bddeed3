"""The bytes of pictures and thumbnails."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from fapfav.store.blobs import Kind
from viewer.addresses import digest_of
from viewer.state import the_viewer

_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "avif": "image/avif",
}


def blob(_request: HttpRequest, name: str) -> HttpResponse:
    """A picture as it was read."""
    with the_viewer().archive(refresh=False) as archive:
        record = archive.blobs[digest_of(archive, name)]
        files = archive.files
    data = files.read(Kind.BLOB, record.digest, record.ext, record.size)
    return HttpResponse(data, content_type=_TYPES.get(record.ext, "application/octet-stream"))


def thumb(_request: HttpRequest, name: str) -> HttpResponse:
    """A thumbnail."""
    with the_viewer().archive(refresh=False) as archive:
        record = archive.blobs[digest_of(archive, name)]
        files = archive.files
    if not record.thumb_size:
        raise Http404("This picture has no thumbnail.")
    data = files.read(Kind.THUMB, record.digest, record.thumb_ext, record.thumb_size)
    return HttpResponse(data, content_type=_TYPES[record.thumb_ext])


urlpatterns = [
    path("blob/<name:name>/", blob, name="blob"),
    path("show/<name:name>/", blob, name="show"),
    path("thumb/<name:name>/", thumb, name="thumb"),
]
