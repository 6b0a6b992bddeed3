"""What a user means by a few words: one picture, one album, one user, or the pictures of several.

Every refusal says what there is instead. Ids win over names, names ignore case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fapfav import browse
from fapfav.errors import UsageError
from fapfav.model import Album, AlbumKey, Digest, Group, Place, PlaceState, User, UserKey
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.tables import SEPARATOR
from fapfav.tags import key_of

SHORTEST = 8
"""Hex digits of the shortest beginning of a digest that is taken for one."""

_WHOLE = 32  # bytes of a digest
_SHOWN = 8  # candidates named in a message

R = TypeVar("R", User, Album)
K = TypeVar("K", UserKey, AlbumKey)


@dataclass(frozen=True, slots=True)
class Selection:
    """Pictures by the beginnings of their digests, sets by any member's, albums by name or id."""

    pictures: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()


def select(archive: Archive, wanted: Selection, groups: Sequence[Group] = ()) -> tuple[Digest, ...]:
    """The pictures meant, each once, in the order they were named.

    Raises UsageError where nothing was named, or something is not there or not clear.
    """
    if wanted == Selection():
        raise UsageError("name the pictures: by digest, duplicate group or album")
    found: dict[Digest, None] = {}
    found.update((picture(archive, text), None) for text in wanted.pictures)
    for text in wanted.groups:
        found.update(dict.fromkeys(group(archive, text, groups).members))
    for text in wanted.albums:
        places = places_in(archive, album(archive, text))
        found.update((place.holds, None) for place in places if place.holds is not None)
    return tuple(found)


def picture(archive: Archive, text: str) -> Digest:
    """The picture whose digest begins so. Raises UsageError when none does, or several do."""
    return beginning_with(archive.rows_of("blobs"), text, "in this archive")


def beginning_with(digests: Iterable[str | bytes], text: str, where: str) -> Digest:
    """The one digest that begins with these hex digits; `where` completes the message."""
    wanted = text.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{1,64}", wanted):
        raise UsageError(f"{text!r} is no digest: it takes hex digits, {SHORTEST} of them or more")
    if len(wanted) < SHORTEST:
        raise UsageError(f"{text!r} is too short for a digest: give at least {SHORTEST} digits")
    whole = bytes.fromhex(wanted[: len(wanted) & ~1])
    if len(whole) == _WHOLE and isinstance(digests, Container):
        if whole in digests:
            return Digest(whole)
        raise UsageError(f"no picture {wanted} is {where}")
    found = sorted(
        digest
        for digest in digests
        if isinstance(digest, bytes)
        and digest.startswith(whole)
        and digest.hex().startswith(wanted)
    )
    if not found:
        raise UsageError(f"no picture {wanted} is {where}")
    if len(found) > 1:
        raise UsageError(f"{wanted} is not clear: {_some([digest.hex() for digest in found])}")
    return Digest(found[0])


def group(archive: Archive, text: str, groups: Sequence[Group]) -> Group:
    """The duplicates a picture is among. Raises UsageError when it is among none."""
    digest = picture(archive, text)
    found = next((each for each in groups if digest in each.verdicts), None)
    if found is None:
        raise UsageError(
            f"{digest.hex()} is in no duplicate group; `duplicates list` shows what is"
        )
    return found


def album(archive: Archive, text: str | AlbumKey) -> AlbumKey:
    """The album meant by `source/user/album` ids, its id, its name, or `user name/name`.

    Raises UsageError when none fits, or several do.
    """
    if isinstance(text, AlbumKey):
        return _there(text, archive.albums, "album")
    users = {UserKey(u.source, u.user): u.name for u in archive.users.records()}

    def with_user(each: Album) -> str:
        return f"{users.get(UserKey(each.source, each.user), each.user)}/{each.name}"

    found = _one(
        text,
        list(archive.albums.records()),
        (_album_ids, lambda each: each.album, lambda each: each.name, with_user),
        ("album", _album_ids),
    )
    return AlbumKey(found.source, found.user, found.album)


def user(archive: Archive, text: str | UserKey) -> UserKey:
    """The user meant by `source/user` ids, id, or name.

    Raises UsageError when none fits, or several do.
    """
    if isinstance(text, UserKey):
        return _there(text, archive.users, "user")
    found = _one(
        text,
        list(archive.users.records()),
        (_user_ids, lambda each: each.user, lambda each: each.name),
        ("user", _user_ids),
    )
    return UserKey(found.source, found.user)


def _there(key: K, known: Container[object], word: str) -> K:
    """A key as it is: ids that strangers chose need not be told apart once they are joined."""
    if key not in known:
        raise UsageError(f"this {word} is not here any more")
    return key


def places_in(archive: Archive, key: AlbumKey) -> list[Place]:
    """The places of an album that hold a picture, by position."""
    keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(key)]
    places = archive.places.picked(keys)
    return browse.in_album((p for p in places if p.state is PlaceState.STORED), key)


def _one(
    text: str,
    records: Sequence[R],
    spellings: Sequence[Callable[[R], str]],
    kind: tuple[str, Callable[[R], str]],
) -> R:
    """The only record that the first spelling which fits any fits."""
    word, ids = kind
    wanted = key_of(text.strip())
    for spelling in spellings:
        found = [record for record in records if key_of(spelling(record)) == wanted]
        if len(found) > 1:
            exact = [record for record in found if spelling(record) == text.strip()]
            found = exact if len(exact) == 1 else found
        if len(found) == 1:
            return found[0]
        if found:
            names = _some(sorted(f"{ids(record)} ({record.name})" for record in found))
            raise UsageError(f"the {word} {text!r} is not clear, give its ids: {names}")
    raise UsageError(f"there is no {word} {text!r}; `print` lists them")


def _album_ids(record: Album) -> str:
    return f"{record.source}/{record.user}/{record.album}"


def _user_ids(record: User) -> str:
    return f"{record.source}/{record.user}"


def _some(names: Sequence[str]) -> str:
    def parts() -> Iterator[str]:
        yield from names[:_SHOWN]
        if len(names) > _SHOWN:
            yield f"and {len(names) - _SHOWN} more"

    return ", ".join(parts())
