"""The pictures of an album, of a tag and those below it, or of any list: filtered and in order.

What all of a gallery's pictures need to be filtered is light and kept; the pictures that pass are
kept by the caller's `remember`, which makes them anew only when their version is another one. What
a page shows of each is looked up for those on that page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fapfav import browse, tags
from fapfav.browse.filters import Facts, Filtered, Note, Wanted, filtered, notes_of
from fapfav.errors import UsageError
from fapfav.jobs.following import at
from fapfav.jobs.gallery_facts import Galleries, OfAlbum, Reader
from fapfav.jobs.library import Archive
from fapfav.model import (
    AlbumKey,
    Blob,
    Digest,
    Group,
    Place,
    PlaceKey,
    PlaceState,
    Sighting,
    UserKey,
)
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR

T = TypeVar("T")


class Remember(Protocol):
    """Gives what `make` makes, anew only when the version is another one."""

    def __call__(self, name: Hashable, version: Hashable, make: Callable[[], T], /) -> T: ...


def remember_nothing(_name: Hashable, _version: Hashable, make: Callable[[], T], /) -> T:
    """For callers who ask once."""
    return make()


@dataclass(frozen=True, slots=True)
class Of:
    """What a gallery is of: an album, a tag with those below it, or pictures in their order."""

    album: AlbumKey | None = None
    tag: int | None = None
    digests: tuple[Digest, ...] | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A place of a picture, or of one that looks like it (then it is not exact)."""

    place: PlaceKey
    user_name: str
    album_name: str
    name: str
    is_exact: bool
    is_this: bool


@dataclass(frozen=True, slots=True)
class Item:
    """All that a page shows of a picture.

    `tags` are numbers and paths, `gone` the history of a place that is gone, `copies` all places
    when there is more than this one.
    """

    facts: Facts
    animated: bool
    has_thumb: bool
    tags: tuple[tuple[int, str], ...]
    notes: tuple[Note, ...]
    gone: tuple[Sighting, ...]
    copies: tuple[Copy, ...]


def gallery(
    archive: Archive, of: Of, wanted: Wanted, remember: Remember = remember_nothing
) -> Filtered:
    """The pictures that are shown, in order. Raises UsageError for a tag that is not there."""
    if of.digests is not None:
        reader = Reader(archive)
        pictures = [reader.at_home(one) for one in of.digests if one in reader.blobs]
        return filtered(pictures, wanted)
    galleries = archive.kept(Galleries)
    found = galleries.tag(of.tag) if of.tag is not None else _of_album(galleries, of.album)
    return remember(("gallery", of, wanted), found.revision, lambda: filtered(found.now(), wanted))


def _of_album(galleries: Galleries, album: AlbumKey | None) -> OfAlbum:
    if album is None:
        raise UsageError("a gallery is of an album, a tag or pictures")
    return galleries.album(SEPARATOR.join(album))


def tags_with_below(archive: Archive, number: int) -> frozenset[int]:
    """A tag's number with those below it; none when there is no such tag."""
    tree = dict(archive.tags.items())
    return tags.descendants(tree, number) if number in tree else frozenset()


def items(archive: Archive, pictures: Iterable[Facts]) -> tuple[Item, ...]:
    """What a page shows of each picture."""
    about = _About(archive)
    return tuple(about.item(picture) for picture in pictures)


def album_size(archive: Archive, album: AlbumKey) -> int:
    """How many places of an album hold a picture."""
    rows = archive.rows_of("places")
    keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
    return sum(1 for key in keys if rows[key][_HOLDS] is not None)


def gone_of(archive: Archive, album: AlbumKey) -> tuple[PlaceKey, ...]:
    """The places of an album whose pictures are gone there, in the album's order."""
    found = []
    keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
    checks = archive.rows_of("checks")
    for place in archive.places.picked(key for key in keys if key in checks):
        if place.holds in archive.rows_of("blobs") and archive.checks[place.key].level:
            found.append(place)
    return tuple(place.key for place in browse.in_album(found, album))


def failed_of(archive: Archive, album: AlbumKey) -> tuple[Place, ...]:
    """The places of an album whose pictures could not be got, in the album's order."""
    keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
    rows = archive.rows_of("places")
    failed = [key for key in keys if rows[key][_STATE] is PlaceState.FAILED]
    return tuple(browse.in_album(archive.places.picked(failed), album))


def at_places(archive: Archive, places: Iterable[PlaceKey]) -> tuple[Facts, ...]:
    """What is shown of the pictures at some places."""
    reader = Reader(archive)
    table = archive.rows_of("places")
    packed = (SEPARATOR.join(place) for place in places)
    return tuple(reader.at(key, table[key]) for key in packed)


def find_in(pictures: Sequence[Facts], wanted: str | Digest) -> int | None:
    """Where a picture is among others, by its digest or the id its source has for it."""
    for number, picture in enumerate(pictures):
        if picture.digest == wanted or (picture.place and picture.place.image == wanted):
            return number
    return None


_HOLDS, _STATE = at("places", "holds", "state")


class _About:
    """Looks up what a page shows of its pictures."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._tree = dict(archive.tags.items())
        self._held = archive.index("places", lookups.blob_of_place)
        self._paths: dict[int, str] = {}
        self._albums: dict[AlbumKey, tuple[str, str]] = {}

    def item(self, picture: Facts) -> Item:
        """All of one picture."""
        group = self._group(picture.digest)
        verdict = group.verdicts[picture.digest] if group else None
        places = self._places(picture.digest)
        gone = self._history(picture.place)
        is_gone = bool(gone and gone[-1].level)
        notes = notes_of(picture.place, (place.key for place in places), verdict, is_gone=is_gone)
        blob: Blob = self._archive.blobs[picture.digest]
        kept = tuple(notes)
        return Item(
            facts=picture,
            animated=blob.animated,
            has_thumb=bool(blob.thumb_size),
            tags=tuple(sorted(((n, self._path(n)) for n in picture.tags), key=lambda t: t[1])),
            notes=kept,
            gone=gone if is_gone else (),
            copies=self._copies(picture, places, group, Note.SIMILAR in kept),
        )

    def _group(self, digest: Digest) -> Group | None:
        try:
            return self._archive.group_of(digest)
        except UsageError:
            return None

    def _places(self, digest: Digest) -> list[Place]:
        return list(self._archive.places.picked(sorted(self._held[digest], key=str)))

    def _history(self, place: PlaceKey | None) -> tuple[Sighting, ...]:
        check = None if place is None else self._archive.checks.get(place)
        return check.history if check else ()

    def _path(self, number: int) -> str:
        if number not in self._paths:
            known = number in self._tree
            self._paths[number] = tags.path_of(self._tree, number) if known else str(number)
        return self._paths[number]

    def _copies(
        self, picture: Facts, places: list[Place], group: Group | None, is_similar: bool
    ) -> tuple[Copy, ...]:
        found = [(place, True) for place in places]
        if group is not None and is_similar:
            others = (other for other in group.members if other != picture.digest)
            found += [(place, False) for other in others for place in self._places(other)]
        if len(found) < 2:
            return ()
        return tuple(self._copy(place, is_exact, picture.place) for place, is_exact in found)

    def _copy(self, place: Place, is_exact: bool, this: PlaceKey | None) -> Copy:
        album = AlbumKey(*place.key[:3])
        if album not in self._albums:
            user = self._archive.users.get(UserKey(*album[:2]))
            record = self._archive.albums.get(album)
            self._albums[album] = (
                user.name if user else album.user,
                record.name if record else album.album,
            )
        return Copy(place.key, *self._albums[album], place.name, is_exact, place.key == this)
