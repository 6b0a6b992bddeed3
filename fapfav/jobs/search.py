"""Finding users, albums, tags and pictures by a few letters of their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from fapfav import tags
from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, Digest, UserKey

K = TypeVar("K")

MOST = 50
"""Of each kind at most."""

_HEX = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Names:
    """Every name as it is compared, with what it is of; made once and asked often."""

    users: tuple[tuple[str, UserKey], ...]
    albums: tuple[tuple[str, AlbumKey], ...]
    tags: tuple[tuple[str, int], ...]
    pictures: tuple[tuple[str, Digest, str], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: of a tag `name` is the way to it through the tree."""

    name: str
    key: UserKey | AlbumKey | int
    beside: str = ""


@dataclass(frozen=True, slots=True)
class PictureHit:
    """A picture found, with the name that fits or the beginning of its digest."""

    name: str
    digest: Digest
    beside: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of each kind; `is_cut` when there is more of one than `MOST`."""

    users: tuple[Hit, ...] = ()
    albums: tuple[Hit, ...] = ()
    tags: tuple[Hit, ...] = ()
    pictures: tuple[PictureHit, ...] = ()
    is_cut: bool = False

    @property
    def count(self) -> int:
        """Of all kinds together."""
        return len(self.users) + len(self.albums) + len(self.tags) + len(self.pictures)


TABLES = ("users", "albums", "places", "tags", "blobs")
"""Names are other ones when one of these has changed."""


def names(archive: Archive) -> Names:
    """All names of the archive."""
    return Names(
        users=tuple(
            (tags.key_of(u.name), UserKey(u.source, u.user)) for u in archive.users.records()
        ),
        albums=tuple(
            (tags.key_of(a.name), AlbumKey(a.source, a.user, a.album))
            for a in archive.albums.records()
        ),
        tags=tuple((tags.key_of(tag.name), tag.number) for tag in archive.tags.records()),
        pictures=tuple(
            (tags.key_of(place.name), place.holds, place.name)
            for place in archive.places.records()
            if place.holds is not None
        ),
    )


def search(archive: Archive, known: Names, text: str, most: int = MOST) -> Found:
    """What has the text in its name, by name; pictures by the beginning of their digest as well."""
    wanted = tags.key_of(text.strip())
    if not wanted:
        return Found()
    users, more_users = _first(known.users, wanted, most)
    albums, more_albums = _first(known.albums, wanted, most)
    found_tags, more_tags = _first(known.tags, wanted, most)
    pictures = list(islice(_pictures(archive, known, wanted), most + 1))
    tree = dict(archive.tags.items())
    return Found(
        users=tuple(Hit(archive.users[key].name, key, key.source) for key in users),
        albums=tuple(Hit(archive.albums[key].name, key, _owner(archive, key)) for key in albums),
        tags=tuple(Hit(tags.lineage_text(tree, number), number) for number in found_tags),
        pictures=tuple(pictures[:most]),
        is_cut=more_users or more_albums or more_tags or len(pictures) > most,
    )


def _first(rows: Iterable[tuple[str, K]], wanted: str, most: int) -> tuple[list[K], bool]:
    """Those that begin with it come before those that have it somewhere."""
    found = [(not name.startswith(wanted), name, key) for name, key in rows if wanted in name]
    found.sort(key=lambda hit: hit[:2])
    return [key for _, _, key in found[:most]], len(found) > most


def _owner(archive: Archive, album: AlbumKey) -> str:
    user = archive.users.get(UserKey(*album[:2]))
    return user.name if user is not None else album.user


def _pictures(archive: Archive, known: Names, wanted: str) -> Iterator[PictureHit]:
    """Each picture once: by digest first, then by the names it has."""
    seen: set[Digest] = set()
    for digest, name in (*_by_digest(archive, wanted), *_by_name(known, wanted)):
        blob = archive.blobs.get(digest)
        if blob is not None and digest not in seen:
            seen.add(digest)
            yield PictureHit(name, digest, f"{blob.width} x {blob.height}")


def _by_digest(archive: Archive, wanted: str) -> Iterator[tuple[Digest, str]]:
    if not _HEX.fullmatch(wanted):
        return
    whole = bytes.fromhex(wanted[: len(wanted) & ~1])
    for key in archive.rows_of("blobs"):
        if isinstance(key, bytes) and key.startswith(whole) and key.hex().startswith(wanted):
            yield Digest(key), key.hex()[:16]


def _by_name(known: Names, wanted: str) -> Iterator[tuple[Digest, str]]:
    return ((digest, name) for folded, digest, name in known.pictures if wanted in folded)
