"""The derived keys that indexes are built by. Each function is the name of its index."""

from __future__ import annotations

from collections.abc import Iterable

from fapfav.store.tables import SEPARATOR, TABLES, Key, Row


def _column(table: str, name: str) -> int:
    return [column.name for column in TABLES[table].columns].index(name)


_HOLDS = _column("places", "holds")
_SERVED = _column("places", "served")
_PARENT = _column("tags", "parent")
_TAGS = _column("tagged", "tags")


def album_of_place(key: Key, _row: Row) -> Iterable[Key]:
    """The album a place is in."""
    return (str(key).rpartition(SEPARATOR)[0],)


def image_of_place(key: Key, _row: Row) -> Iterable[Key]:
    """The image at its source, whichever album it was seen in."""
    source, _, _, image = str(key).split(SEPARATOR)
    return (source + SEPARATOR + image,)


def blob_of_place(_key: Key, row: Row) -> Iterable[Key]:
    """The blob a place holds, if any."""
    return () if row[_HOLDS] is None else (row[_HOLDS],)


def served_at_place(_key: Key, row: Row) -> Iterable[Key]:
    """The blob the source served at a place, if any."""
    return () if row[_SERVED] is None else (row[_SERVED],)


def tags_of_row(_key: Key, row: Row) -> Iterable[Key]:
    """The tags a row gives, packed."""
    return tuple(number.to_bytes(8, "big") for number in row[_TAGS])


def blob_of_tagged(key: Key, _row: Row) -> Iterable[Key]:
    """The blob a row tags."""
    return (key[:32],)


def user_of_album(key: Key, _row: Row) -> Iterable[Key]:
    """The user an album belongs to."""
    return (str(key).rpartition(SEPARATOR)[0],)


def parent_of_tag(_key: Key, row: Row) -> Iterable[Key]:
    """The tag a tag hangs on, packed."""
    return (row[_PARENT].to_bytes(8, "big"),)


def blobs_of_pair(key: Key, _row: Row) -> Iterable[Key]:
    """Both blobs of a pair."""
    raw = key if isinstance(key, bytes) else b""
    return raw[:32], raw[32:]
