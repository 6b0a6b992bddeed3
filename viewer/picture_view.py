"""What the page of a picture shows: where it leads from there, and its facts in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.picture import Alike, PictureFacts, Spot
from fapfav.jobs.sets import Kind, Member, SetView, revision_of, set_view
from fapfav.jobs.site_pages import picture_page
from fapfav.model import AlbumKey, Blob, Digest, Verdict
from viewer import also
from viewer.addresses import album_address, name_of
from viewer.also import Also
from viewer.cells import history
from viewer.params import ViewParams
from viewer.recent import recent_tags
from viewer.walks import Walk

TYPES = {
    "jpg": "JPEG",
    "mpo": "JPEG, stereo (MPO)",
    "png": "PNG",
    "gif": "GIF",
    "webp": "WebP",
    "bmp": "BMP",
    "avif": "AVIF",
    "tif": "TIFF",
}

TURNED = {
    2: "mirrored",
    3: "turned by 180 degrees",
    4: "upside down, mirrored",
    5: "mirrored, turned to the left",
    6: "turned to the right",
    7: "mirrored, turned to the right",
    8: "turned to the left",
}
"""What EXIF says a viewer has to do before it shows the picture."""

VERDICTS = (
    (Verdict.KEEP, "Keep", "k"),
    (Verdict.SKIP, "Skip (hide)", "s"),
    (Verdict.FALSE, "Not a duplicate", "f"),
    (Verdict.NEW, "Undecided", "n"),
)

DIGITS = 9
"""Pictures of a set that have a key of their own."""


@dataclass(frozen=True, slots=True)
class Where:
    """A place with the ways from there: its album here, its page at the site."""

    spot: Spot
    album: str
    site: str
    went: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Another picture of the set, with its page."""

    name: str
    address: str
    alike: Alike


@dataclass(frozen=True, slots=True)
class Judging:
    """The set a picture was opened from: what may be said of it there."""

    view: SetView
    member: Member
    verdicts: tuple[tuple[Verdict, str, str], ...] = VERDICTS

    @property
    def keepable(self) -> tuple[Member, ...]:
        """Those that a digit keeps, and skips the others."""
        return self.view.members[:DIGITS]


def shape_of(blob: Blob) -> tuple[int, int]:
    """Width and height as it is looked at."""
    if blob.orientation >= 5:  # it lies on its side
        return blob.height, blob.width
    return blob.width, blob.height


def context_of(
    request: HttpRequest, archive: Archive, facts: PictureFacts, walk: Walk
) -> dict[str, Any]:
    """All that the page of a picture shows."""
    blob = facts.blob
    width, height = shape_of(blob)
    name = name_of(archive, blob.digest)
    position = f"Picture {walk.position} of {len(walk.digests)}" if walk.position else "Picture"
    called = text.shown(facts.name)
    judging = _judging(archive, blob.digest, walk)
    return {
        "facts": facts,
        "blob": blob,
        "name": name,
        "width": width,
        "height": height,
        "walk": walk,
        "address": walk.address(blob.digest),
        "title": position if archive.sealed else f"{called}, {position.lower()}",
        "heading": position if archive.sealed else called,
        "position": position,
        "details": tuple(details(facts)),
        "hashes": [(method.value, f"{value:016x}") for method, value in facts.hashes.items()],
        "where": [_where(archive, spot, name) for spot in facts.spots],
        "also": _also(archive, blob.digest),
        "others": [_other(archive, each, name) for each in facts.alike],
        "judging": judging,
        "recent": () if judging else recent_tags(request, archive),
        "is_sealed": archive.sealed,
    }


def details(facts: PictureFacts) -> Iterator[tuple[str, str]]:
    """The facts of a picture as names and words."""
    blob = facts.blob
    width, height = shape_of(blob)
    yield "Dimensions", f"{width} x {height}, {width * height / 1e6:.2f} megapixels"
    yield "Size", f"{text.size(blob.size)} ({blob.size:,} bytes)"
    yield "Type", TYPES.get(blob.ext, blob.ext.upper())
    if blob.animated:
        lasts = f", {text.duration(blob.duration / 1000)}" if blob.duration else ""
        yield "Animation", f"{text.many(blob.frames, 'frame')}{lasts}"
    if blob.quality:
        yield "JPEG quality", f"{blob.quality} of 100, as its tables say"
    if blob.orientation in TURNED:
        yield "Orientation", f"{TURNED[blob.orientation]} (EXIF {blob.orientation})"
    posted = [spot.place.posted for spot in facts.spots if spot.place.posted]
    if posted:
        yield "Posted", text.date(min(posted))
    yield "Added", text.date(blob.added)
    if facts.is_protected:
        yield "Protected", "a user or album that is protected keeps it"


def _also(archive: Archive, digest: Digest) -> Also:
    """What is listed beside it; what a form has to have seen, only where there is a form."""
    found = also.shown(archive, [digest], "")
    return replace(found, revision=revision_of(archive, digest)) if found.listed else found


def _where(archive: Archive, spot: Spot, name: str) -> Where:
    place = spot.place
    query = ViewParams(dup=1, at=name if archive.sealed else place.image).query()
    return Where(
        spot,
        album_address(archive, AlbumKey(*place.key[:3])) + query,
        picture_page(place.key),
        tuple(history(spot.history)),
    )


def _other(archive: Archive, alike: Alike, name: str) -> Other:
    other = name_of(archive, alike.blob.digest)
    address = reverse("picture", args=[other]) + f"?in=duplicate/{name}/"
    return Other(other, address, alike)


def _judging(archive: Archive, digest: Digest, walk: Walk) -> Judging | None:
    """What may be said of a picture that was opened from its set; of exact copies nothing here."""
    if not walk.set_name:
        return None
    try:
        view = set_view(archive, digest)
    except UsageError:
        return None
    member = view.member(digest)
    return Judging(view, member) if member and view.kind is Kind.PERCEPTUAL else None
