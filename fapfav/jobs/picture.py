"""Everything the archive knows of one picture: what its page shows."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from fapfav import browse, tags
from fapfav.errors import UsageError
from fapfav.jobs.library import HASHES_SPACE, Archive
from fapfav.model import (
    HASHES,
    AlbumKey,
    Blob,
    Digest,
    Method,
    Place,
    Sighting,
    UserKey,
    Verdict,
)
from fapfav.store import lookups


@dataclass(frozen=True, slots=True)
class Carried:
    """A tag of a picture; `is_own` when the user gave it, not only another party."""

    number: int
    name: str
    path: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a picture with the names around it, and how it fared there.

    `history` has each change that a check found, the latest last; `checked` is 0 for never.
    """

    place: Place
    user_name: str
    album_name: str
    history: tuple[Sighting, ...] = ()
    checked: int = 0
    protected: bool = False

    @property
    def level(self) -> int:
        """How gone it is there: 0 not, 1 its page, 2 its file's address, 3 its file."""
        return self.history[-1].level if self.history else 0


@dataclass(frozen=True, slots=True)
class Alike:
    """Another member of the set a picture is in."""

    blob: Blob
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture. `verdict` is what is shown for it in its set, None when it is in none."""

    blob: Blob
    hashes: Mapping[Method, int]
    tags: tuple[Carried, ...]
    spots: tuple[Spot, ...]
    alike: tuple[Alike, ...]
    verdict: Verdict | None
    needs_action: bool

    @property
    def name(self) -> str:
        """What it is called: as at the place it is preferably shown at."""
        kept = [spot.place for spot in self.spots if spot.place.verdict is Verdict.KEEP]
        first = kept[0] if kept else self.spots[0].place if self.spots else None
        return browse.name_of(self.blob, first)

    @property
    def is_gone(self) -> bool:
        """Whether it has vanished from one of its places at least."""
        return any(spot.level for spot in self.spots)

    @property
    def is_protected(self) -> bool:
        """Whether a protected user or album keeps it in the archive."""
        return any(spot.protected for spot in self.spots)

    @property
    def is_in_a_set(self) -> bool:
        """Whether it has duplicates of either kind, which have a page."""
        return bool(self.alike) or len(self.spots) > 1


def picture_facts(archive: Archive, digest: Digest) -> PictureFacts:
    """All of a picture. Raises UsageError when it is not in the archive."""
    blob = archive.blobs.get(digest)
    if blob is None:
        raise UsageError(f"no picture {digest.hex()} is in this archive")
    alike, verdict, needs_action = _alike(archive, digest)
    return PictureFacts(
        blob=blob,
        hashes=hashes_of(archive, digest),
        tags=carried(archive, digest),
        spots=_spots(archive, digest),
        alike=alike,
        verdict=verdict,
        needs_action=needs_action,
    )


def hashes_of(archive: Archive, digest: Digest) -> dict[Method, int]:
    """The four hashes, by the archive's own preparation; none of a picture that was not decoded."""
    prefix = f"{HASHES_SPACE}{archive.preparation}/"
    for space in sorted(name for name in archive.spaces if name.startswith(prefix)):
        if (found := archive.prints.get((space, digest))) is not None:
            return dict(zip(HASHES, struct.unpack(">4Q", found.value), strict=True))
    return {}


def carried(archive: Archive, digest: Digest) -> tuple[Carried, ...]:
    """The tags of a picture, by their paths."""
    tree = dict(archive.tags.items())
    rows = list(archive.tagged.picked(archive.index("tagged", lookups.blob_of_tagged)[digest]))
    own = {number for row in rows if row.by == "user" for number in row.tags}
    found = [
        Carried(number, tree[number].name, tags.path_of(tree, number), number in own)
        for number in browse.tags_of(rows)
        if number in tree
    ]
    return tuple(sorted(found, key=lambda each: (tags.key_of(each.path), each.number)))


def _spots(archive: Archive, digest: Digest) -> tuple[Spot, ...]:
    keys = archive.index("places", lookups.blob_of_place)[digest]
    spots = [_spot(archive, place) for place in archive.places.picked(keys)]
    return tuple(sorted(spots, key=_order))


def _spot(archive: Archive, place: Place) -> Spot:
    user = archive.users.get(UserKey(place.source, place.user))
    album = archive.albums.get(AlbumKey(*place.key[:3]))
    check = archive.checks.get(place.key)
    return Spot(
        place=place,
        user_name=user.name if user else place.user,
        album_name=album.name if album else place.album,
        history=check.history if check else (),
        checked=check.checked if check else 0,
        protected=bool((user and user.protected) or (album and album.protected)),
    )


def _order(spot: Spot) -> tuple[str, str, str, int, str]:
    place = spot.place
    names = spot.user_name.casefold(), spot.album_name.casefold()
    return (*names, "/".join(place.key[:3]), place.position, place.image)


def _alike(archive: Archive, digest: Digest) -> tuple[tuple[Alike, ...], Verdict | None, bool]:
    try:
        group = archive.group_of(digest)
    except UsageError:
        return (), None, False
    others = [
        Alike(blob, group.verdicts[other])
        for other in group.members
        if other != digest and (blob := archive.blobs.get(other)) is not None
    ]
    others.sort(key=lambda each: (-each.blob.width * each.blob.height, -each.blob.size))
    return tuple(others), group.verdicts[digest], group.needs_action
