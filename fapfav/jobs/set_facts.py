"""What the archive knows of the pictures of one set after another, gathered for the pure parts.

Looks rows up by their keys and indexes and never walks a table, so that one set costs the same in
an archive of any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fapfav import browse, tags
from fapfav.duplicates.comparison import Facts
from fapfav.duplicates.evidence import Known, Looks
from fapfav.jobs.library import HASHES_SPACE, Archive
from fapfav.model import (
    HASHES,
    Album,
    AlbumKey,
    Blob,
    Decision,
    Digest,
    Limits,
    Method,
    PairKey,
    Place,
    PlaceState,
    User,
    UserKey,
    pair_of,
)
from fapfav.sources.local import LocalFolder
from fapfav.store import lookups

FOLDERS = (LocalFolder.name,)
"""The sources that are no sites."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with the names of where it is; `level` says how gone it is, `since` when it went."""

    place: Place
    user_name: str
    album_name: str
    level: int
    since: int


class Gathering:
    """Looks up what is asked of pictures; good until the archive's next change."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.limits: tuple[Limits, Limits] = archive.limits()
        prefix = f"{HASHES_SPACE}{archive.preparation}/"
        self._spaces = [name for name in archive.spaces if name.startswith(prefix)]
        self._packed = [name.encode() for name in self._spaces]
        self._users: dict[UserKey, User] = {}
        self._albums: dict[AlbumKey, Album] = {}
        self._names = browse.Names({}, {})
        self._paths: dict[int, str] = {}

    def looks(self, blob: Blob) -> Looks:
        """What evidence of a picture rests on."""
        width, height = blob.width, blob.height
        if blob.orientation > 4:
            width, height = height, width
        return Looks(self.hashes(blob.digest), blob.animated, width, height)

    def hashes(self, digest: Digest) -> Mapping[Method, int]:
        """Its four hashes, or none."""
        rows = self.archive.rows_of("prints")
        for space in self._packed:
            row = rows.get(digest + space)
            if row is not None:
                raw = row[0]
                return {
                    method: int.from_bytes(raw[8 * at : 8 * at + 8])
                    for at, method in enumerate(HASHES)
                }
        return {}

    def decisions(self, members: Sequence[Digest]) -> dict[PairKey, Decision]:
        """What was said of pairs within a set."""
        inside = set(members)
        index = self.archive.index("decisions", lookups.blobs_of_pair)
        keys = {
            key
            for one in members
            for key in index[one]
            if isinstance(key, bytes) and key[:32] in inside and key[32:] in inside
        }
        found = self.archive.decisions.picked(keys)
        return {PairKey(each.first, each.second): each for each in found}

    def known(
        self, one: Digest, other: Digest, decisions: Mapping[PairKey, Decision] | None = None
    ) -> Known:
        """What is recorded and decided of a pair."""
        key = pair_of(one, other)
        pair = self.archive.pairs.get(key)
        said = decisions.get(key) if decisions is not None else None
        return Known(pair.scores if pair else None, said.label if said else None)

    def places(self, digest: Digest) -> list[Place]:
        """Where a picture is, as it is shown: the album of highest priority first, then by name."""
        keys = self.archive.index("places", lookups.blob_of_place)[digest]
        found = [p for p in self.archive.places.picked(keys) if p.state is PlaceState.STORED]
        return sorted(found, key=self.order)

    def order(self, place: Place) -> tuple[int, tuple[str, ...], int, str]:
        """What places of one picture sort by."""
        return -self.priority(place), self.album_order(place), place.position, place.image

    def album_order(self, place: Place) -> tuple[str, ...]:
        """What a place's album sorts by."""
        key = AlbumKey(*place.key[:3])
        user, album = self._user(key), self._album(key)
        owner = (user.name.casefold(), user.name, key.source, key.user)
        return (*owner, album.name.casefold(), album.name, key.album)

    def priority(self, place: Place) -> int:
        """That of its album, or of its user where the album has none."""
        key = AlbumKey(*place.key[:3])
        return self._album(key).priority or self._user(key).priority

    def spots(self, digest: Digest) -> tuple[Spot, ...]:
        """The places of a picture in the order of `places`, with names and how gone they are."""
        return tuple(self._spot(place) for place in self.places(digest))

    def facts(self, blob: Blob, spots: Sequence[Spot], tagged: int = 0) -> Facts:
        """What is compared of a picture."""
        places = [spot.place for spot in spots]
        gone = {spot.place.key for spot in spots if spot.level}
        posted = [place.posted for place in places if place.posted > 0]
        return Facts(
            blob,
            tags=tagged,
            places=len(places),
            posted=min(posted, default=0),
            priority=max((self.priority(place) for place in places), default=0),
            gone=len(gone),
            is_only_copy=bool(gone) and bool(browse.only_copies(places, gone, FOLDERS)),
            is_protected=self.is_protected(places),
        )

    def is_protected(self, places: Iterable[Place]) -> bool:
        """Whether one of them is in an album that keeps what it has."""
        keys = {AlbumKey(*place.key[:3]) for place in places}
        return any(self._album(key).protected or self._user(key).protected for key in keys)

    def tags(self, digest: Digest) -> tuple[tuple[int, str], ...]:
        """What a picture carries: numbers with paths `A/B/C`, by path."""
        keys = self.archive.index("tagged", lookups.blob_of_tagged)[digest]
        numbers = browse.tags_of(self.archive.tagged.picked(keys)) if keys else ()
        return tuple(
            sorted(((n, self._path(n)) for n in numbers), key=lambda tag: (tag[1], tag[0]))
        )

    def _path(self, number: int) -> str:
        if number not in self._paths:
            self._paths[number] = tags.path_of(self.archive.tags, number)
        return self._paths[number]

    def _spot(self, place: Place) -> Spot:
        key = AlbumKey(*place.key[:3])
        check = self.archive.checks.get(place.key)
        level = 0 if check is None else check.level
        since = check.history[-1].time if check is not None and level else 0
        return Spot(place, self._user(key).name, self._album(key).name, level, since)

    def _user(self, key: AlbumKey) -> User:
        owner = UserKey(key.source, key.user)
        if owner not in self._users:
            found = self.archive.users.get(owner)
            self._users[owner] = found or User(*owner, owner.user)
        return self._users[owner]

    def _album(self, key: AlbumKey) -> Album:
        if key not in self._albums:
            self._albums[key] = self.archive.albums.get(key) or Album(*key, key.album)
        return self._albums[key]
