"""Users and albums as tables show them, and what would go if one were removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from fapfav.browse import AlbumNumbers, Names
from fapfav.browse.people import UserNumbers
from fapfav.jobs.following import Following
from fapfav.jobs.holdings import EVERYONE, Holding, Holdings
from fapfav.jobs.library import Archive
from fapfav.model import Album, AlbumKey, Digest, User, UserKey
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
    """Every user, and last all of them together as a user without a name."""
    holdings = archive.kept(Following).the(Holdings, Holdings)
    index = archive.index("albums", lookups.user_of_album)
    users = list(archive.users.records())
    lines = [(user, (user.source, user.user)) for user in users]
    found = [
        _user_numbers(user, len(index[SEPARATOR.join(key)]), holdings.of(*key))
        for user, key in lines
    ]
    everyone = holdings.of(EVERYONE)
    return (*found, _user_numbers(User("", "", ""), len(archive.albums), everyone))


def _user_numbers(user: User, albums: int, holding: Holding) -> UserNumbers:
    return UserNumbers(
        user=user,
        albums=albums,
        images=holding.images,
        failed=holding.failed,
        disappeared=holding.gone,
        animated=holding.animated,
        sizes=holding.sizes.spread(),
        thumbnails=holding.thumbnails.spread(),
    )


def albums_in_numbers(archive: Archive, user: UserKey) -> tuple[AlbumNumbers, ...]:
    """Every album of a user, and last all of them together; each counts a picture once."""
    holdings = archive.kept(Following).the(Holdings, Holdings)
    albums = {key: archive.albums[key] for key in _albums_of(archive, user)}
    names = Names.of((archive.users[user],), albums.values())
    order = sorted(albums, key=lambda key: names.order(*key))
    lines = tuple(_album_numbers(albums[key], holdings.of(*key)) for key in order)
    whole = Album(*user, album="", name="", pages=sum(each.pages for each in albums.values()))
    return (*lines, _album_numbers(whole, holdings.of(*user)))


def _album_numbers(album: Album, holding: Holding) -> AlbumNumbers:
    return AlbumNumbers(
        album=album,
        images=holding.images,
        failed=holding.failed,
        disappeared=holding.gone,
        animated=holding.animated,
        sizes=holding.sizes.spread(),
        thumbnails=holding.thumbnails.spread(),
    )


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
