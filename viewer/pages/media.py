"""The bytes of pictures and thumbnails: whole, in ranges, small, and as a browser can show them.

Nothing of a picture can run as a page: only known types are named as what they are, every answer is
sandboxed, and the rest is a download. Files are read beside the pages, without their lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from fapfav.errors import BadPicture, FapfavError
from fapfav.model import Digest
from fapfav.store.blobs import BlobStore, Kind
from viewer.addresses import digest_of
from viewer.ranges import WHOLE, Range, chunks, range_of
from viewer.state import Locked, Viewer, the_viewer

TYPES = {
    "jpg": "image/jpeg",
    "mpo": "image/jpeg",  # begins with a JPEG, which is what is shown of it
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "avif": "image/avif",
}
"""What browsers show; everything else is a download."""

MAGIC = {
    "jpg": (0, b"\xff\xd8\xff"),
    "mpo": (0, b"\xff\xd8\xff"),
    "png": (0, b"\x89PNG\r\n\x1a\n"),
    "gif": (0, b"GIF8"),
    "webp": (8, b"WEBP"),
    "bmp": (0, b"BM"),
    "avif": (4, b"ftyp"),
}
"""Where a file of each type says what it is, and how."""

MOST_PIXELS = 40_000_000
"""Larger pictures are shown smaller: browsers get slow, or show nothing at all."""

SIDES = (480, 1600)
"""Sides that `show` makes a picture small to, in pixels: rows of a large grid, a phone's screen."""

R = TypeVar("R", bound=HttpResponseBase)

# Styles, because browsers lay a picture out by some of their own when it has a tab to itself; there
# is nothing that they could load.
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_DOWNLOAD = "application/octet-stream"
_IN_ONE = 2**20  # bytes; what is larger is sent in parts

_rendering = threading.BoundedSemaphore(2)  # a decoded picture takes hundreds of megabytes


@dataclass(frozen=True, slots=True)
class Picture:
    """What it takes to read a picture's files, without the archive's rows."""

    name: str
    digest: Digest
    size: int
    ext: str
    thumb_size: int
    thumb_ext: str
    pixels: int
    files: BlobStore
    sealed: bool


def answer(request: HttpRequest, kind: str, name: str) -> HttpResponseBase:
    """The bytes asked for; what goes wrong in a few words, since no page is shown."""
    try:
        return _FOR[kind](request, _found(the_viewer(), name))
    except Http404 as error:
        return _said(str(error), 404)
    except Locked:
        return refused(the_viewer())
    except FapfavError as error:
        return _said(str(error), 500)


def refused(viewer: Viewer) -> HttpResponse:
    """For whoever was not let in."""
    return _said("Open the viewer first.", 403 if viewer.is_open else 423)


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, "text/plain; charset=utf-8", status=status)


def _found(viewer: Viewer, name: str) -> Picture:
    """A picture of the archive or its trash. Raises Http404, Locked."""
    archive = viewer.peek()
    digest = digest_of(archive, name)
    blob = archive.blobs.get(digest)
    pixels = 0 if blob is None else blob.width * blob.height
    found = blob or archive.trash.get(digest)
    if found is None:
        raise Http404("There is no such picture in this archive.")
    return Picture(
        name,
        digest,
        found.size,
        found.ext,
        found.thumb_size,
        found.thumb_ext,
        pixels,
        archive.files,
        archive.sealed,
    )


def _blob(request: HttpRequest, picture: Picture) -> HttpResponseBase:
    """A picture as it was read; whole or in a range."""
    if (known := _unchanged(request, picture, "blob")) is not None:
        return known
    wanted = range_of(request, picture.size, _tag(picture, "blob"))
    if wanted is None:
        response: HttpResponseBase = _said("There are no such bytes.", 416)
        response["Content-Range"] = f"bytes */{picture.size}"
        return _finished(response, picture, "")
    if wanted is WHOLE and picture.size <= _IN_ONE:
        data = _whole(picture)
        content_type = type_of(picture.ext, data)
        response = HttpResponse(data, content_type)
    else:
        start = min(picture.size, 16)
        begun = picture.files.read_range(picture.digest, picture.ext, picture.size, 0, start)
        content_type = type_of(picture.ext, begun)
        response = _in_parts(request, picture, wanted, content_type)
    response["Accept-Ranges"] = "bytes"
    as_file = content_type == _DOWNLOAD or "download" in request.GET
    shown = "attachment" if as_file else "inline"
    name = file_name(picture.name, picture.ext)
    response["Content-Disposition"] = f'{shown}; filename="{name}"'
    return _finished(response, picture, "blob")


def _in_parts(
    request: HttpRequest, picture: Picture, wanted: Range, content_type: str
) -> HttpResponseBase:
    """So many bytes at a time that none of it ever lies in a file on its way."""
    first, last = (0, picture.size) if wanted is WHOLE else wanted
    parts = chunks(picture.files, picture.digest, picture.ext, picture.size, wanted)
    response = StreamingHttpResponse(
        parts if request.method == "GET" else (),
        content_type=content_type,
        status=200 if wanted is WHOLE else 206,
    )
    response["Content-Length"] = str(last - first)
    if wanted is not WHOLE:
        response["Content-Range"] = f"bytes {first}-{last - 1}/{picture.size}"
    return response


def _thumb(request: HttpRequest, picture: Picture) -> HttpResponseBase:
    """A thumbnail; with `still=1` the first frame of one that moves."""
    if not picture.thumb_size:
        raise Http404("This picture has no thumbnail.")
    still = picture.thumb_ext == "webp" and request.GET.get("still") == "1"
    kind = "still" if still else "thumb"
    if (known := _unchanged(request, picture, kind)) is not None:
        return known
    if still:
        data, ext = _made(picture, "still", lambda: _render(_small(picture), 0))
    else:
        data, ext = _small(picture), picture.thumb_ext
    return _finished(HttpResponse(data, type_of(ext, data)), picture, kind)


def _small(picture: Picture) -> bytes:
    shelf = the_viewer().shelf
    name, turn = ("thumb", picture.digest), shelf.turn
    data = shelf.get(name)
    if data is None:
        data = picture.files.read(Kind.THUMB, picture.digest, picture.thumb_ext, picture.thumb_size)
        shelf.put(name, data, turn)
    return data


def _show(request: HttpRequest, picture: Picture) -> HttpResponseBase:
    """A picture as a browser can show it: as it is, or made so; with `side` small."""
    asked = request.GET.get("side", "")
    side = int(asked) if asked in map(str, SIDES) else 0
    if not side and picture.ext in TYPES and picture.pixels <= MOST_PIXELS:
        return _blob(request, picture)
    kind = f"show{side}"
    if (known := _unchanged(request, picture, kind)) is not None:
        return known
    try:
        data, ext = _made(picture, kind, lambda: _render(_whole(picture), side))
    except BadPicture as error:
        return _said(f"This picture cannot be shown: {error}", 500)
    return _finished(HttpResponse(data, TYPES[ext]), picture, kind)


def _whole(picture: Picture) -> bytes:
    return picture.files.read(Kind.BLOB, picture.digest, picture.ext, picture.size)


def _render(data: bytes, side: int) -> tuple[bytes, str]:
    from fapfav.images.rendition import render

    return render(data, side)


def _made(picture: Picture, kind: str, make: Callable[[], tuple[bytes, str]]) -> tuple[bytes, str]:
    """What is made of a picture in memory, or was a moment ago; a few at a time."""
    shelf = the_viewer().shelf
    name, turn = (kind, picture.digest), shelf.turn
    if (data := shelf.get(name)) is None:
        with _rendering:
            if (data := shelf.get(name)) is None:  # another thread made it meanwhile
                data, _ = make()
                shelf.put(name, data, turn)
    return data, "png" if data.startswith(b"\x89PNG") else "jpg"


def type_of(ext: str, start: bytes) -> str:
    """The type of a known picture whose bytes say the same; a download's for all else."""
    at, magic = MAGIC.get(ext, (0, b"?"))
    known = ext in TYPES and start.startswith(magic, at)
    return TYPES[ext] if known else _DOWNLOAD


def file_name(name: str, ext: str) -> str:
    """What a download is called: nothing of it comes from elsewhere, and nothing can hide in it."""
    plain = ext.isascii() and ext.isalnum() and len(ext) <= 8
    return f"{name[:16]}.{ext if plain else 'bin'}"


def _tag(picture: Picture, kind: str) -> str:
    return f'"{kind}-{picture.digest.hex()[:32]}"'


def _unchanged(request: HttpRequest, picture: Picture, kind: str) -> HttpResponse | None:
    """For a browser that has it already; it may keep what is in the clear on disk anyway."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    if picture.sealed or not given:
        return None
    tag = _tag(picture, kind)
    if tag not in (each.strip().removeprefix("W/") for each in given.split(",")):
        return None
    response = HttpResponse(status=304)
    del response.headers["Content-Type"]
    return _finished(response, picture, kind)


def _finished(response: R, picture: Picture, kind: str) -> R:
    """What every answer with a picture has; with a kind it may be kept if the archive is plain."""
    response.headers["Content-Security-Policy"] = _SANDBOX
    if kind and not picture.sealed:
        response.headers["Cache-Control"] = "private, max-age=3600"
        response.headers["ETag"] = _tag(picture, kind)
    return response


_FOR: dict[str, Callable[[HttpRequest, Picture], HttpResponseBase]] = {
    "blob": _blob,
    "show": _show,
    "thumb": _thumb,
}


def _view(kind: str) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """For addresses; a picture is answered for before, on its short way."""
    return lambda request, name: answer(request, kind, name)


urlpatterns = [path(f"{kind}/<name:name>/", _view(kind), name=kind) for kind in _FOR]
