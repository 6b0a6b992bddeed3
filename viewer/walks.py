"""From one picture to the next: the pictures of the page one came from, in the order it has them.

The address of a picture's page says with `in` which page that is, and with the parameters of a
gallery how it was filtered and ordered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve, reverse

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.model import Digest
from viewer.addresses import album_of, digest_of, name_of
from viewer.gallery_view import Container, view_of
from viewer.params import ViewParams

LEAP = 10
"""Pictures that one key goes back or on at once."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Pictures in order and where one is among them; `at` is None when it is not one of them.

    `path` is the container's, below `/viewer/`, and empty when there is none.
    """

    archive: Archive
    path: str
    kind: str
    params: ViewParams
    digests: Sequence[Digest]
    at: int | None

    @property
    def up(self) -> str:
        """Back to the container, where this picture is; or to the first page of all."""
        if not self.path:
            return reverse("home")
        if self.kind not in ("favorite", "tag") or self.at is None:
            return reverse("home") + self.path
        name = name_of(self.archive, self.digests[self.at])
        return reverse("home") + self.path + self.params.query(page=1, at=name)

    @property
    def position(self) -> int:
        """Which one it is, from 1; 0 for none of them."""
        return 0 if self.at is None else self.at + 1

    @property
    def set_name(self) -> str:
        """What the set is called in addresses, if the pictures are those of a set."""
        return self.path.split("/")[1] if self.kind == "duplicate" else ""

    @property
    def previous(self) -> str:
        """The picture before."""
        return self._near(-1)

    @property
    def next(self) -> str:
        """The picture after."""
        return self._near(1)

    @property
    def back(self) -> str:
        """The picture a leap before, or the first."""
        return self._within(-LEAP)

    @property
    def on(self) -> str:
        """The picture a leap after, or the last."""
        return self._within(LEAP)

    @property
    def first(self) -> str:
        """The first picture."""
        return self._within(-len(self.digests))

    @property
    def last(self) -> str:
        """The last picture."""
        return self._within(len(self.digests))

    def address(self, digest: Digest) -> str:
        """The page of a picture, with the same way through."""
        return reverse("picture", args=[name_of(self.archive, digest)]) + self.query

    @property
    def query(self) -> str:
        """What an address of a picture has to have so that the way goes on."""
        if not self.path:
            return ""
        kept = self.params.query(page=1, at="").removeprefix("?")
        return "?" + urlencode({"in": self.path}, safe="/") + (f"&{kept}" if kept else "")

    def _near(self, step: int) -> str:
        to = -1 if self.at is None else self.at + step
        return self.address(self.digests[to]) if 0 <= to < len(self.digests) else ""

    def _within(self, step: int) -> str:
        if self.at is None:
            return ""
        to = min(max(self.at + step, 0), len(self.digests) - 1)
        return self.address(self.digests[to]) if to != self.at else ""


def walk_of(request: HttpRequest, archive: Archive, digest: Digest) -> Walk:
    """The way that a request for a picture is on; what makes no sense is none."""
    path = request.GET.get("in", "")
    kind, found = _pictures(request, archive, path)
    # A picture that is shown twice is met once: from its second showing one came back to its first.
    digests = tuple(dict.fromkeys(found))
    at = digests.index(digest) if digest in digests else None
    return Walk(archive, path if kind else "", kind, ViewParams.parse(request.GET), digests, at)


def _pictures(request: HttpRequest, archive: Archive, path: str) -> tuple[str, Sequence[Digest]]:
    try:
        match = resolve(reverse("home") + unquote(path))
        of = _KINDS.get(match.url_name or "")
        if of is not None and path:
            return match.url_name or "", of(request, archive, path, match.kwargs)
    except (Resolver404, Http404, UsageError):
        pass
    return "", ()


Parts = Mapping[str, Any]


def _album(request: HttpRequest, archive: Archive, path: str, parts: Parts) -> list[Digest]:
    return _gallery(request, archive, Container(path, album=album_of(archive, *parts.values())))


def _tag(request: HttpRequest, archive: Archive, path: str, parts: Parts) -> list[Digest]:
    number = int(parts["number"])
    if not 0 < number < 2**63 or number not in archive.tags:
        raise Http404
    return _gallery(request, archive, Container(path, tag=number))


def _gallery(request: HttpRequest, archive: Archive, container: Container) -> list[Digest]:
    return [picture.digest for picture in view_of(request, archive, container).found.shown]


def _set(_request: HttpRequest, archive: Archive, _path: str, parts: Parts) -> list[Digest]:
    digest = digest_of(archive, parts["name"])
    try:
        members = [archive.blobs[member] for member in archive.group_of(digest).members]
    except UsageError:
        return [digest]
    members.sort(key=lambda blob: (-blob.width * blob.height, -blob.size, blob.digest))
    return [blob.digest for blob in members]


def _trash(_request: HttpRequest, archive: Archive, _path: str, _parts: Parts) -> list[Digest]:
    rows = sorted(archive.trash.records(), key=lambda row: (-row.at, -row.change, row.digest))
    return [row.digest for row in rows]


_KINDS: Mapping[str, Callable[[HttpRequest, Archive, str, Parts], Sequence[Digest]]] = {
    "favorite": _album,
    "tag": _tag,
    "duplicate": _set,
    "trash": _trash,
}
"""By the name of a page with pictures, what they are."""
