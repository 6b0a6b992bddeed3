"""The files that pages are made of besides themselves: read once, joined, compressed, kept.

Their address changes whenever one of them does, so browsers keep them for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django_htmx
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from viewer.joining import joined, joined_sheet, reached

_OWN = Path(__file__).resolve().parent / "static" / "viewer"
_HTMX = Path(django_htmx.__file__).resolve().parent / "static" / "django_htmx" / "htmx-2.min.js"

FIRST = "main.js"
"""The module of every page: what it uses is there once, and joined to no other."""

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_READING = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: plainly, and to browsers that take it so, compressed."""

    kind: str
    plain: bytes
    packed: bytes


def _asset(name: str, plain: bytes) -> Asset:
    return Asset(_KINDS[Path(name).suffix], plain, gzip.compress(plain, 9, mtime=0))


def gathered() -> dict[str, Asset]:
    """Every file by its name."""
    pictures = {path.name: path.read_bytes() for path in _OWN.glob("*.svg")}
    sheets = {path.name: path.read_text("utf-8") for path in _OWN.glob("*.css")}
    modules = {path.name: path.read_text("utf-8") for path in _OWN.glob("js/*.js")}
    shared = reached(modules, FIRST)
    found = {name: joined_sheet(sheets, name).encode() for name in sheets}
    for name, text in modules.items():
        own = text if name in shared else joined(modules, name, shared)
        found[f"js/{name}"] = own.encode()
    found["js/htmx.js"] = _HTMX.read_bytes()
    return {name: _asset(name, plain) for name, plain in (found | pictures).items()}


def fingerprint(assets: dict[str, Asset]) -> str:
    """Another one for every other content of the files."""
    found = hashlib.sha256()
    for name, asset in sorted(assets.items()):
        found.update(b"%s\0%d\0%s" % (name.encode(), len(asset.plain), asset.plain))
    return found.hexdigest()[:16]


_ALL = gathered()

ADDRESS = f"/static/{fingerprint(_ALL)}/"
"""What stands before their names."""


def serve(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answers for these files, before all that only pages need."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        asset = _ALL.get(path.removeprefix(ADDRESS)) if path.startswith(ADDRESS) else None
        return get_response(request) if asset is None else _answer(request, asset)

    return answer


def _answer(request: HttpRequest, asset: Asset) -> HttpResponse:
    if request.method not in _READING:
        return HttpResponse(status=405, headers={"Allow": ", ".join(sorted(_READING))})
    accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    packs = any(each.strip() == "gzip" for each in accepted.split(","))
    response = HttpResponse(asset.packed if packs else asset.plain, asset.kind)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
