"""The pictures of an album, of a tag and those below it, or of any list: filtered and in order.

What all of a gallery's pictures need to be filtered is light and kept by the caller's `remember`,
which makes it anew only when its version is another one; what a page shows of each is looked up for
those on that page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from fapfav import browse, tags
from fapfav.browse.filters import Facts, Filtered, Note, Wanted, filtered, notes_of
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.model import (
    AlbumKey,
    Blob,
    Choice,
    Digest,
    Group,
    Place,
    PlaceKey,
    PlaceState,
    Sighting,
    UserKey,
    Verdict,
)
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR, TABLES, Key, Row

T = TypeVar("T")

_TABLES = ("places", "blobs", "choices", "tagged", "tags", "users", "albums")
"""What decides which pictures a gallery has, and in which order."""


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
    version = archive.version(*_TABLES)

    def make() -> Filtered:
        return filtered(_pictures(archive, of, remember), wanted)

    return remember(("gallery", of, wanted), version, make)


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
        if place.holds is not None and archive.checks[place.key].level:
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
    reader = _Reader(archive)
    table = archive.rows_of("places")
    packed = (SEPARATOR.join(place) for place in places)
    return tuple(reader.at(key, table[key]) for key in packed)


def find_in(pictures: Sequence[Facts], wanted: str | Digest) -> int | None:
    """Where a picture is among others, by its digest or the id its source has for it."""
    for number, picture in enumerate(pictures):
        if picture.digest == wanted or (picture.place and picture.place.image == wanted):
            return number
    return None


def _pictures(archive: Archive, of: Of, remember: Remember) -> Sequence[Facts]:
    if of.album is not None:
        album = of.album
        version = archive.version("places", "blobs", "choices", "tagged")
        return remember(("album", album), version, lambda: _of_album(archive, album))
    digests = _carrying(archive, of.tag) if of.tag is not None else list(of.digests or ())
    version = archive.version("places", "blobs", "choices", "users", "albums")
    homes = remember("homes", version, lambda: _homes(archive))
    reader = _Reader(archive)
    if of.tag is not None:
        digests.sort(key=lambda digest: homes[digest][0])
    return [
        homes[digest][1]._replace(tags=reader.tags_of(digest))
        for digest in digests
        if digest in homes
    ]


def _of_album(archive: Archive, album: AlbumKey) -> list[Facts]:
    """Every picture of an album at its place, by position."""
    reader = _Reader(archive)
    table = archive.rows_of("places")
    keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
    held = [(table[key], key) for key in keys if table[key][_HOLDS] in reader.blobs]
    held.sort(key=lambda one: (one[0][_POSITION], str(one[1])))
    return [reader.at(key, row) for row, key in held]


def _homes(archive: Archive) -> dict[Digest, tuple[int, Facts]]:
    """Every picture of the archive at the place it is shown at, with its number in that order."""
    reader = _Reader(archive)
    names = browse.Names.of(archive.users.records(), archive.albums.records())
    places: dict[Digest, list[Place]] = {}
    for place in archive.places.records():
        if place.holds is not None:
            places.setdefault(place.holds, []).append(place)
    found = {}
    for number, (digest, at) in enumerate(browse.in_order(archive.blobs, places, names)):
        if at is None:
            facts = reader.facts(digest, None, "", 0)
        else:
            facts = reader.facts(digest, at.key, at.name, at.posted or at.added)
        found[digest] = number, facts
    return found


def _carrying(archive: Archive, number: int) -> list[Digest]:
    tree = dict(archive.tags.items())
    wanted = tags.descendants(tree, number)
    index = archive.index("tagged", lookups.tags_of_row)
    keys = {key[:32] for tag in wanted for key in index[tag.to_bytes(8, "big")]}
    reader = _Reader(archive)
    digests = (Digest(key) for key in keys if isinstance(key, bytes) and key in reader.blobs)
    return [digest for digest in digests if not wanted.isdisjoint(reader.tags_of(digest))]


def picture_of_tagged(key: Key, _row: Row) -> Iterable[Key]:
    """The picture that a row of tags is about; the name of an index."""
    return (key[:32],)


def _columns(table: str, *names: str) -> tuple[int, ...]:
    known = [column.name for column in TABLES[table].columns]
    return tuple(known.index(name) for name in names)


_POSITION, _NAME, _STATE, _HOLDS, _VERDICT, _ADDED, _POSTED = _columns(
    "places", "position", "name", "state", "holds", "verdict", "added", "posted"
)
_SIZE, _EXT, _WIDTH, _HEIGHT, _ORIENTATION, _BLOB_ADDED, _DATE = _columns(
    "blobs", "size", "ext", "width", "height", "orientation", "added", "date"
)
(_CHOICE,) = _columns("choices", "choice")


class _Reader:
    """Makes facts of rows as they lie in memory: records would take several times as long."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.blobs = archive.rows_of("blobs")
        self._choices = archive.rows_of("choices")
        self._tagged = archive.index("tagged", picture_of_tagged)

    def tags_of(self, digest: Digest) -> frozenset[int]:
        """The tags a picture has."""
        keys = self._tagged[digest]
        return browse.tags_of(self._archive.tagged.picked(keys)) if keys else _NONE

    def at(self, key: Key, row: Row) -> Facts:
        """The picture at a place."""
        source, user, album, image = str(key).split(SEPARATOR)
        facts = self.facts(
            row[_HOLDS],
            PlaceKey(source, user, album, image),
            row[_NAME],
            row[_POSTED] or row[_ADDED],
        )
        is_skipped = facts.is_skipped or row[_VERDICT] is Verdict.SKIP
        return facts._replace(tags=self.tags_of(row[_HOLDS]), is_skipped=is_skipped)

    def facts(self, digest: Digest, place: PlaceKey | None, name: str, added: int) -> Facts:
        """A picture at a place, or at none; without its tags."""
        row = self.blobs[digest]
        width, height = row[_WIDTH], row[_HEIGHT]
        if row[_ORIENTATION] >= 5:  # it lies on its side
            width, height = height, width
        chosen = self._choices.get(digest)
        return Facts(
            digest,
            place,
            name or f"{digest.hex()[:16]}.{row[_EXT]}",
            width,
            height,
            row[_SIZE],
            row[_DATE] or added or row[_BLOB_ADDED],
            _NONE,
            chosen is not None and chosen[_CHOICE] is Choice.SKIP,
        )


_NONE: frozenset[int] = frozenset()


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
