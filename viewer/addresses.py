"""What pictures, users and albums are called in addresses.

Browsers write addresses to disk. So an encrypted archive's pages name pictures, users and albums by
keyed names that tell nothing; digests and ids are understood as well, and never printed. The
`imagefap` source has its ids bare, other sources stand before theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from django.http import Http404
from django.urls import reverse

from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, Digest, PlaceKey, UserKey
from fapfav.store.blobs import Kind
from viewer.state import the_viewer

BARE = "imagefap"
"""The source whose users and albums need no source before them."""

_KEYED = "k"  # stands in the place of a source: no source is called so
_LONGEST = 200  # characters of an id that stands in an address


def name_of(archive: Archive, digest: Digest) -> str:
    """64 hex digits: what a picture is called in addresses."""
    return archive.files.name(Kind.BLOB, digest, "jpg")[:64]


def digest_of(archive: Archive, name: str) -> Digest:
    """The picture meant, in the archive or its trash, by keyed name or digest. Raises Http404.

    Waits for no page that runs, unless pictures came that nobody asked for by name before.
    """
    raw = bytes.fromhex(name)
    if _is_there(archive, raw):
        return Digest(raw)
    if archive.sealed:
        names = the_viewer().remembered("names", archive.archive_id, _Names)
        found = names.get(raw)
        if found is None and names.version != _pictures(archive):
            with the_viewer().archive(refresh=False):
                names.learn(archive)
            found = names.get(raw)
        if found is not None and _is_there(archive, found):
            return found
    raise Http404("There is no such picture in this archive.")


def learn_names(archive: Archive) -> None:
    """Makes the keyed names of all pictures before the first is asked for by its name."""
    if archive.sealed:
        the_viewer().remembered("names", archive.archive_id, _Names).learn(archive)


def _is_there(archive: Archive, raw: bytes) -> bool:
    return raw in archive.rows_of("blobs") or raw in archive.rows_of("trash")


def _pictures(archive: Archive) -> tuple[int, ...]:
    return archive.version("blobs", "trash")


class _Names:
    """Pictures by their keyed names, which cannot be turned back: all are made, each once."""

    def __init__(self) -> None:
        self.version: tuple[int, ...] = ()
        self._known: set[Digest] = set()
        self._found: dict[bytes, Digest] = {}

    def get(self, name: bytes) -> Digest | None:
        return self._found.get(name)

    def learn(self, archive: Archive) -> None:
        """Adds what came since; what went stays known, and is looked for in the archive."""
        version = _pictures(archive)
        for table in ("blobs", "trash"):
            for key in archive.rows_of(table):
                if isinstance(key, bytes) and key not in self._known:
                    digest = Digest(key)
                    self._known.add(digest)
                    self._found[bytes.fromhex(name_of(archive, digest))] = digest
        self.version = version


def user_address(archive: Archive, user: UserKey) -> str:
    """The path of a user's page."""
    if not can_be_spelled(archive, *user):
        return reverse("favorites", args=[_KEYED, archive.keyed("user", *user)])
    if user.source == BARE:
        return reverse("favorites", args=[user.user])
    return reverse("favorites", args=[*user])


def album_address(archive: Archive, album: AlbumKey) -> str:
    """The path of an album's page."""
    if not can_be_spelled(archive, *album):
        return reverse("favorite", args=[_KEYED, archive.keyed("album", *album)])
    if album.source == BARE:
        return reverse("favorite", args=[album.user, album.album])
    return reverse("favorite", args=[*album])


def can_be_spelled(archive: Archive, *ids: str) -> bool:
    """Whether ids may stand in an address, and come back from there as they were.

    Never those of an encrypted archive, nor what would be another path, or too long for one.
    """
    return not archive.sealed and not any(map(_is_odd, ids))


def _is_odd(part: str) -> bool:
    strange = not part.isprintable() or any(character in part for character in "/\\")
    return strange or part in ("", ".", "..", _KEYED) or len(part) > _LONGEST


def digests_of(archive: Archive, names: Iterable[str]) -> Iterator[Digest]:
    """The pictures that forms name, without those that are gone by now and what is no name."""
    for name in names:
        if len(name) == 64 and set(name) <= set("0123456789abcdef"):
            with suppress(Http404):
                yield digest_of(archive, name)


def user_of(archive: Archive, *parts: str) -> UserKey:
    """The user that the parts of a path mean. Raises Http404."""
    if len(parts) == 2 and parts[0] == _KEYED:
        for key in archive.users:
            if archive.keyed("user", *key) == parts[1]:
                return UserKey(*key)
    key = UserKey(*parts) if len(parts) == 2 else UserKey(BARE, *parts)
    if key in archive.users:
        return key
    raise Http404("There is no such user in this archive.")


def album_of(archive: Archive, *parts: str) -> AlbumKey:
    """The album that the parts of a path mean. Raises Http404."""
    if len(parts) == 2 and parts[0] == _KEYED:
        found = (
            the_viewer()
            .remembered("albums", archive.version("albums"), lambda: _albums(archive))
            .get(parts[1])
        )
        if found is not None:
            return found
    key = AlbumKey(*parts) if len(parts) == 3 else AlbumKey(BARE, *parts)
    if key in archive.albums:
        return key
    raise Http404("There is no such album in this archive.")


def _albums(archive: Archive) -> Mapping[str, AlbumKey]:
    return {archive.keyed("album", *key): AlbumKey(*key) for key in archive.albums}


def place_name(archive: Archive, place: PlaceKey) -> str:
    """What a place is called in forms: keyed, or its ids with the source first unless bare."""
    if archive.sealed:
        return archive.keyed("place", *place)
    return "_".join(place[1:] if place.source == BARE else place)
