"""Users and albums as tables show them, and what would go if one were removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fapfav.browse import AlbumNumbers, per_album
from fapfav.browse.numbers import spread
from fapfav.browse.people import UserNumbers, per_user
from fapfav.jobs.gone import gone_places
from fapfav.jobs.library import Archive
from fapfav.model import Album, AlbumKey, Digest, UserKey
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR, TABLES

_HOLDS = [column.name for column in TABLES["places"].columns].index("holds")


@dataclass(frozen=True, slots=True)
class Removal:
    """What a removal would take out; nothing was changed.

    `pictures` of `bytes` would go into the trash, `kept` pictures lose a place and have others;
    `sets` of duplicates lose a picture. `protected` names what must not go, if anything.
    """

    albums: int
    places: int
    pictures: int
    bytes: int
    thumbnails: int
    kept: int
    tagged: int
    sets: int
    protected: str


def users_in_numbers(archive: Archive) -> tuple[UserNumbers, ...]:
    """Every user, and last all of them together."""
    return per_user(
        archive.users.records(),
        archive.albums.records(),
        archive.places.records(),
        dict(archive.blobs.items()),
        gone_places(archive),
    )


def albums_in_numbers(archive: Archive, user: UserKey) -> tuple[AlbumNumbers, ...]:
    """Every album of a user, and last all of them together; each counts a picture once."""
    albums = {key: archive.albums[key] for key in _albums_of(archive, user)}
    index = archive.index("places", lookups.album_of_place)
    places = [
        place for key in albums for place in archive.places.picked(index[SEPARATOR.join(key)])
    ]
    held = {place.holds for place in places if place.holds is not None}
    blobs = {digest: blob for digest in held if (blob := archive.blobs.get(digest)) is not None}
    users = (archive.users[user],)
    lines = tuple(per_album(albums.values(), places, blobs, users, gone_places(archive)))
    total = AlbumNumbers(
        album=Album(*user, album="", name="", pages=sum(each.pages for each in albums.values())),
        images=sum(line.images for line in lines),
        failed=sum(line.failed for line in lines),
        disappeared=sum(line.disappeared for line in lines),
        animated=sum(blob.animated for blob in blobs.values()),
        sizes=spread(blob.size for blob in blobs.values()),
        thumbnails=spread(blob.thumb_size for blob in blobs.values() if blob.thumb_size),
    )
    return (*lines, total)


def _albums_of(archive: Archive, user: UserKey) -> list[AlbumKey]:
    packed = archive.index("albums", lookups.user_of_album)[SEPARATOR.join(user)]
    return [AlbumKey(a.source, a.user, a.album) for a in archive.albums.picked(packed)]


def user_removal(archive: Archive, user: UserKey) -> Removal:
    """What removing a user would take out."""
    record = archive.users[user]
    protected = record.name if record.protected else ""
    return _removal(archive, _albums_of(archive, user), protected)


def album_removal(archive: Archive, album: AlbumKey) -> Removal:
    """What removing an album would take out."""
    owner = archive.users.get(UserKey(*album[:2]))
    protected = owner.name if owner is not None and owner.protected else ""
    return _removal(archive, [album], protected)


def _removal(archive: Archive, albums: Collection[AlbumKey], protected: str) -> Removal:
    going = frozenset(SEPARATOR.join(key) for key in albums)
    index = archive.index("places", lookups.album_of_place)
    keys = [key for album in going for key in index[album]]
    rows = archive.rows_of("places")
    held = {row[_HOLDS] for key in keys if (row := rows[key])[_HOLDS] is not None}
    homeless = frozenset(digest for digest in held if _is_nowhere_else(archive, digest, going))
    blobs = [blob for d in homeless if (blob := archive.blobs.get(d)) is not None]
    names = (archive.albums[key].name for key in albums if archive.albums[key].protected)
    return Removal(
        albums=len(albums),
        places=len(keys),
        pictures=len(blobs),
        bytes=sum(blob.size for blob in blobs),
        thumbnails=sum(blob.thumb_size for blob in blobs),
        kept=len(held) - len(homeless),
        tagged=len({key[:32] for key in archive.rows_of("tagged")} & homeless),
        sets=sum(1 for group in archive.groups if not homeless.isdisjoint(group.members)),
        protected=protected or next(names, ""),
    )


def _is_nowhere_else(archive: Archive, digest: Digest, going: Collection[str]) -> bool:
    # By their keys alone: a user may have a hundred thousand places.
    keys = archive.index("places", lookups.blob_of_place)[digest]
    return all(str(key).rpartition(SEPARATOR)[0] in going for key in keys)
