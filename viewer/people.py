"""Rows of the tables of users and albums: what they are called, sorted by, and lead to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from django.http import Http404

from fapfav.browse import AlbumNumbers
from fapfav.browse.people import UserNumbers
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import RemoveReport
from fapfav.jobs.site_pages import album_page, user_page
from fapfav.model import AlbumKey, UserKey
from fapfav.text import many, size
from viewer.addresses import (
    BARE,
    album_address,
    album_of,
    can_be_spelled,
    user_address,
    user_of,
)

_NUMBERS = re.compile(r"([0-9]+)", re.ASCII)
N = TypeVar("N", UserNumbers, AlbumNumbers)


@dataclass(frozen=True, slots=True)
class Row(Generic[N]):
    """A line: `delete` is what the form calls it, `site` its page there, if there is one."""

    numbers: N
    address: str
    site: str
    delete: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column one can sort by; `by` gives what is compared, largest first if `falls`."""

    name: str
    words: str
    by: Callable[[Any], Any]
    falls: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: `query` sorts by it, the other way round if it is sorted by now."""

    words: str
    query: str
    sorted: str


_SIZES = (
    Column("size", "Size", lambda n: n.sizes.total),
    Column("min", "Smallest", lambda n: n.sizes.minimum),
    Column("max", "Largest", lambda n: n.sizes.maximum),
    Column("mean", "Mean", lambda n: n.sizes.mean),
    Column("deviation", "Deviation", lambda n: n.sizes.deviation),
    Column("thumbnails", "Thumbnails", lambda n: n.thumbnails.total),
)
_COUNTS = (
    Column("images", "Pictures", lambda n: n.images),
    Column("failed", "Failed", lambda n: n.failed),
    Column("disappeared", "Gone", lambda n: n.disappeared),
    Column("animated", "Moving", lambda n: n.animated),
)


def _name(get: Callable[[Any], Any]) -> Column:
    return Column(
        "name",
        "Name",
        lambda n: (_natural(get(n).name), get(n).name),
        falls=False,
    )


USER_COLUMNS = (
    _name(lambda n: n.user),
    Column("id", "ID", lambda n: (n.user.source, _natural(n.user.user)), falls=False),
    Column("albums", "Albums", lambda n: n.albums),
    *_COUNTS,
    *_SIZES,
    Column("listed", "Albums listed", lambda n: n.user.date_albums),
    Column("finished", "Read to the end", lambda n: n.user.date_finished),
    Column("audited", "Audited", lambda n: n.user.date_audit),
    Column("priority", "Priority", lambda n: n.user.priority),
)
ALBUM_COLUMNS = (
    _name(lambda n: n.album),
    Column("id", "ID", lambda n: _natural(n.album.album), falls=False),
    *_COUNTS,
    Column("pages", "Pages", lambda n: n.album.pages),
    *_SIZES,
    Column("listed", "Listed", lambda n: n.album.date_listed),
    Column("finished", "Read to the end", lambda n: n.album.date_blobs),
    Column("priority", "Priority", lambda n: n.album.priority),
)


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers by how large they are, wherever they stand, and before letters."""
    parts = _NUMBERS.split(text.casefold())
    return tuple(
        (0, int(part), "") if _NUMBERS.fullmatch(part) else (1, 0, part) for part in parts if part
    )


@dataclass(frozen=True, slots=True)
class Order:
    """By which column a table is sorted, and which way; by name unless its address says else."""

    columns: Sequence[Column]
    column: Column
    is_down: bool

    @classmethod
    def parse(cls, query: Mapping[str, str], columns: Sequence[Column]) -> Order:
        """From `sort` and `dir`; what makes no sense is as if it were not there."""
        wanted = query.get("sort", "")
        column = next((each for each in columns if each.name == wanted), columns[0])
        way = query.get("dir", "")
        return cls(columns, column, way == "down" if way in ("up", "down") else column.falls)

    @property
    def query(self) -> str:
        """As it stands in addresses; empty for what a table is sorted by anyway."""
        if self.column is self.columns[0] and self.is_down == self.column.falls:
            return ""
        return urlencode({"sort": self.column.name, "dir": "down" if self.is_down else "up"})

    def sorted(self, rows: Iterable[Row[N]]) -> list[Row[N]]:
        """The rows in order; those alike by name, either way."""
        found = sorted(rows, key=lambda row: self.columns[0].by(row.numbers))
        return sorted(found, key=lambda row: self.column.by(row.numbers), reverse=self.is_down)

    def heads(self) -> list[Head]:
        """The heads of all columns."""
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> Head:
        here = column is self.column
        down = not self.is_down if here else column.falls
        state = ("descending" if self.is_down else "ascending") if here else ""
        query = urlencode({"sort": column.name, "dir": "down" if down else "up"})
        return Head(column.words, f"?{query}", state)


def user_row(archive: Archive, numbers: UserNumbers) -> Row[UserNumbers]:
    """A user's line."""
    key = UserKey(numbers.user.source, numbers.user.user)
    delete = quote(user_input(archive, key), safe="")
    return Row(numbers, user_address(archive, key), user_page(key), delete)


def album_row(archive: Archive, numbers: AlbumNumbers) -> Row[AlbumNumbers]:
    """An album's line."""
    key = AlbumKey(numbers.album.source, numbers.album.user, numbers.album.album)
    delete = quote(album_input(archive, key), safe="")
    return Row(numbers, album_address(archive, key), album_page(key), delete)


def user_input(archive: Archive, user: UserKey) -> str:
    """What a form that deletes calls a user: it becomes part of an address."""
    if archive.sealed:
        return archive.keyed("user", *user)
    if not can_be_spelled(archive, *user):
        return f"k/{archive.keyed('user', *user)}"
    return user.user if user.source == BARE else "/".join(user)


def album_input(archive: Archive, album: AlbumKey) -> str:
    """What a form that deletes calls an album of a user."""
    if archive.sealed:
        return archive.keyed("album", *album)
    return album.album if can_be_spelled(archive, *album) else f"k/{archive.keyed('album', *album)}"


def user_named(archive: Archive, text: str) -> UserKey:
    """The user a form means. Raises Http404."""
    if archive.sealed:
        return user_of(archive, "k", text)
    source, slash, user = text.partition("/")
    return user_of(archive, source, user) if slash else user_of(archive, text)


def album_named(archive: Archive, user: UserKey, text: str) -> AlbumKey:
    """The album of a user that a form means. Raises Http404."""
    if not archive.sealed and "/" not in text:
        return album_of(archive, *user, text)
    key = album_of(archive, "k", text.removeprefix("k/"))
    if key[:2] != user:
        raise Http404("There is no such album of this user.")
    return key


def done(report: RemoveReport) -> str:
    """What a deletion came to, in words."""
    parts = [many(report.albums, "album")] if report.users else []
    parts.append(many(report.places, "place"))
    went = f"{many(report.pictures, 'picture')} ({size(report.bytes)}) went into the trash"
    parts.append(went)
    if report.kept:
        parts.append(f"{many(report.kept, 'picture')} elsewhere stayed")
    if report.reopened:
        parts.append(f"{report.reopened} to be decided anew")
    return ", ".join(parts) + "."
