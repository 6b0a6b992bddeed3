"""What galleries filter and sort by: made of rows as they lie in memory, and following them.

Records would take several times as long. An album or tag that was looked at is kept with all its
pictures, and after a change only those that it touched are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from fapfav import browse, tags
from fapfav.browse.filters import Facts
from fapfav.jobs.following import Follower, Following, at
from fapfav.jobs.library import Archive
from fapfav.model import Choice, Digest, PlaceKey, Verdict
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR, Key, Row

_POSITION, _NAME, _HOLDS, _VERDICT, _ADDED, _POSTED = at(
    "places", "position", "name", "holds", "verdict", "added", "posted"
)
_SIZE, _EXT, _WIDTH, _HEIGHT, _ORIENTATION, _BLOB_ADDED, _DATE = at(
    "blobs", "size", "ext", "width", "height", "orientation", "added", "date"
)
_TAGS, _REJECTED = at("tagged", "tags", "rejected")
(_CHOICE,) = at("choices", "choice")
_NAMES = {"users": at("users", "name")[0], "albums": at("albums", "name")[0]}

_MOST_GALLERIES = 12
_MOST_FACTS = 200_000

_NONE: frozenset[int] = frozenset()
_REVISIONS = count(1)


class Reader:
    """Makes facts of rows."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.blobs = archive.rows_of("blobs")
        self.places = archive.rows_of("places")
        self._choices = archive.rows_of("choices")
        self._tagged = archive.rows_of("tagged")
        self._tags_of = archive.index("tagged", lookups.blob_of_tagged)
        self._held = archive.index("places", lookups.blob_of_place)
        self._albums: dict[str, tuple[str, str, str]] = {}
        self._names: browse.Names | None = None

    def tags_of(self, digest: Key) -> frozenset[int]:
        """The tags a picture has."""
        keys = self._tags_of[digest]
        if not keys:
            return _NONE
        if len(keys) == 1:
            (key,) = keys
            row = self._tagged[key]
            if not row[_REJECTED]:
                return frozenset(row[_TAGS])
        return browse.tags_of(self._archive.tagged.picked(keys))

    def at(self, key: Key, row: Row) -> Facts:
        """The picture at a place, which a verdict on the place may hide as well."""
        facts = self._facts(row[_HOLDS], key, row)
        return facts if row[_VERDICT] is not Verdict.SKIP else facts._replace(is_skipped=True)

    def at_home(self, digest: Digest) -> Facts:
        """A picture at the place it is shown at among all."""
        key = self._home(digest)
        return self._facts(digest, key, None if key is None else self.places[key])

    def order(self, digest: Digest) -> tuple[Any, ...]:
        """What pictures sort by: the place each is shown at, and those at none last."""
        key = self._home(digest)
        return (1, digest) if key is None else (0, *self._order(key))

    def forget_names(self) -> None:
        """Looks anew for what users and albums are called."""
        self._names = None

    def held(self, digest: Key) -> Iterable[Key]:
        """The places that hold a picture."""
        return self._held[digest]

    def _home(self, digest: Digest) -> Key | None:
        keys = self._held[digest]
        if len(keys) > 1:
            return min(keys, key=self._preferred)
        return next(iter(keys), None)

    def _preferred(self, key: Key) -> tuple[bool, tuple[Any, ...]]:
        return self.places[key][_VERDICT] is not Verdict.KEEP, self._order(key)

    def _order(self, key: Key) -> tuple[Any, ...]:
        if self._names is None:
            archive = self._archive
            self._names = browse.Names.of(archive.users.records(), archive.albums.records())
        album, _, image = str(key).rpartition(SEPARATOR)
        return self._names.order(*self._ids(album)), self.places[key][_POSITION], image

    def _ids(self, album: str) -> tuple[str, str, str]:
        found = self._albums.get(album)
        if found is None:
            source, user, name = album.split(SEPARATOR)
            found = self._albums[album] = source, user, name
        return found

    def _facts(self, digest: Digest, key: Key | None, place: Row | None) -> Facts:
        row = self.blobs[digest]
        width, height = row[_WIDTH], row[_HEIGHT]
        if row[_ORIENTATION] >= 5:  # it lies on its side
            width, height = height, width
        where, name, added = None, "", 0
        if key is not None and place is not None:
            album, _, image = str(key).rpartition(SEPARATOR)
            where = PlaceKey(*self._ids(album), image)
            name, added = place[_NAME], place[_POSTED] or place[_ADDED]
        chosen = self._choices.get(digest)
        return Facts(
            digest,
            where,
            name or f"{digest.hex()[:16]}.{row[_EXT]}",
            width,
            height,
            row[_SIZE],
            row[_DATE] or added or row[_BLOB_ADDED],
            self.tags_of(digest),
            chosen is not None and chosen[_CHOICE] is Choice.SKIP,
        )


class Pictures(Protocol):
    """The pictures of a gallery; `revision` is another one when any of them is."""

    revision: int

    def now(self) -> Sequence[Facts]:
        """All of them in order."""

    def __len__(self) -> int: ...


class OfAlbum:
    """The pictures of an album at their places, by position."""

    def __init__(self, following: Following, album: str) -> None:
        archive = following.archive
        self._begins = album + SEPARATOR
        self._reader = Reader(archive)
        self._found: dict[Key, Facts] = {}
        self._pictures: set[Key] = set()
        self._dirty: set[Key] = set(archive.index("places", lookups.album_of_place)[album])
        self._shown: Sequence[Facts] = ()
        self.revision = 0

    def __len__(self) -> int:
        return len(self._found)

    def change(self, table: str, key: Key, _old: Row | None, _new: Row | None) -> None:
        """Notes what is to be looked at again."""
        if table == "places":
            if str(key).startswith(self._begins):
                self._dirty.add(key)
        elif table in ("blobs", "choices", "tagged"):
            self._pictures.add(key[:32])

    def now(self) -> Sequence[Facts]:
        """All of them in order."""
        reader = self._reader
        for one in self._pictures:
            self._dirty.update(k for k in reader.held(one) if str(k).startswith(self._begins))
        if self._dirty or not self.revision:
            for key in self._dirty:
                row = reader.places.get(key)
                if row is not None and row[_HOLDS] in reader.blobs:
                    self._found[key] = reader.at(key, row)
                else:
                    self._found.pop(key, None)
            places = reader.places
            order = sorted(self._found, key=lambda key: (places[key][_POSITION], key))
            self._shown = [self._found[key] for key in order]
            self.revision = next(_REVISIONS)
        self._pictures.clear()
        self._dirty.clear()
        return self._shown


class OfTag:
    """The pictures that carry a tag or one below it, in the order of where each is shown."""

    def __init__(self, following: Following, number: int) -> None:
        self._archive = archive = following.archive
        self._number = number
        self._reader = Reader(archive)
        self._found: dict[Key, tuple[tuple[Any, ...], Facts]] = {}
        self._dirty: set[Key] = set()
        self._wanted: frozenset[int] | None = None
        self._shown: Sequence[Facts] = ()
        self.revision = 0

    def __len__(self) -> int:
        return len(self._found)

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Notes what is to be looked at again."""
        if table == "places":
            rows = (row for row in (old, new) if row is not None)
            self._dirty.update(row[_HOLDS] for row in rows if row[_HOLDS] is not None)
        elif table in ("blobs", "choices", "tagged"):
            self._dirty.add(key[:32])
        elif table == "tags":
            self._wanted = None
        elif table in _NAMES and _name(table, old) != _name(table, new):
            self._reader.forget_names()
            if table == "users":
                self._wanted = None
            else:
                keys = self._archive.index("places", lookups.album_of_place)[key]
                self._dirty.update(self._reader.places[each][_HOLDS] for each in keys)

    def now(self) -> Sequence[Facts]:
        """All of them in order. Raises UsageError when there is no such tag."""
        if self._wanted is None:
            self._begin()
        reader, wanted = self._reader, self._wanted or _NONE
        is_other = not self.revision
        for one in self._dirty:
            if one in reader.blobs and not wanted.isdisjoint(reader.tags_of(one)):
                assert isinstance(one, bytes)
                digest = Digest(one)
                self._found[one] = reader.order(digest), reader.at_home(digest)
                is_other = True
            elif self._found.pop(one, None) is not None:
                is_other = True
        self._dirty.clear()
        if is_other:
            self._shown = [facts for _, facts in sorted(self._found.values(), key=itemgetter(0))]
            self.revision = next(_REVISIONS)
        return self._shown

    def _begin(self) -> None:
        """The tree is another one: all that carry the tag are looked for anew."""
        self._wanted = tags.descendants(dict(self._archive.tags.items()), self._number)
        self._found.clear()
        self.revision = 0
        index = self._archive.index("tagged", lookups.tags_of_row)
        self._dirty = {key[:32] for tag in self._wanted for key in index[tag.to_bytes(8, "big")]}


def _name(table: str, row: Row | None) -> str | None:
    return None if row is None else row[_NAMES[table]]


P = TypeVar("P", OfAlbum, OfTag)


class Galleries:
    """The galleries looked at last, up to date."""

    def __init__(self, archive: Archive) -> None:
        self._following = archive.kept(Following)
        self._recent: dict[tuple[type[Follower], str | int], OfAlbum | OfTag] = {}

    def album(self, album: str) -> OfAlbum:
        """Of an album, by its packed ids."""
        return self._kept(OfAlbum, album, lambda following: OfAlbum(following, album))

    def tag(self, number: int) -> OfTag:
        """Of a tag and those below it."""
        return self._kept(OfTag, number, lambda following: OfTag(following, number))

    def _kept(self, kind: type[P], of: str | int, make: Callable[[Following], P]) -> P:
        name = (kind, of)
        found = self._following.the(name, make)
        found.now()
        self._recent.pop(name, None)
        self._recent[name] = found
        held = sum(map(len, self._recent.values()))
        while len(self._recent) > 1 and (len(self._recent) > _MOST_GALLERIES or held > _MOST_FACTS):
            oldest = next(iter(self._recent))
            held -= len(self._recent.pop(oldest))
            self._following.drop(oldest)
        return found
