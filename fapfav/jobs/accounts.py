"""Whom and which folder of a site a user means, asking the site only for what nothing here tells.

Numbers win over names, names ignore case. Every refusal says what there is instead. What is typed
and what is found are both held against the content floor.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from fapfav import floor
from fapfav.errors import SourceError, UsageError
from fapfav.jobs.base import Report
from fapfav.jobs.line import Line
from fapfav.model import Album, User, UserKey
from fapfav.sources.base import Site
from fapfav.store.archive import Archive
from fapfav.tags import key_of
from fapfav.text import short

SHOWN = 50
"""Folders or accounts named in a message."""

LONGEST = 200
"""Characters of the longest name that is taken."""

_LONGEST = 80  # characters of a name in a message
_NO_NAME = {"Cc", "Cs", "Zl", "Zp"}  # control characters, and bytes that are no text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user typed: an account's name or number, and perhaps a folder's."""

    user_name: str = ""
    user_number: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class FoldersReport(Report):
    """The folders a user has, as the site lists them; `requests` is what that took."""

    user: User
    folders: tuple[Album, ...]
    requests: int


def typed_name(what: str, text: str) -> str:
    """A name as somebody typed it, into what. Raises UsageError for what is none."""
    plain = text.strip()
    if not plain:
        raise UsageError(f"{what} is empty: it takes a name")
    if len(plain) > LONGEST:
        raise UsageError(f"{what} has {len(plain):,} characters; no name has over {LONGEST}")
    if any(unicodedata.category(character) in _NO_NAME for character in plain):
        raise UsageError(f"{what} {plain!r} has characters that no name has")
    floor.refuse(plain)
    return plain


def typed_number(what: str, text: str, else_: str) -> str:
    """A user's number as somebody typed it; `else_` says what takes a name. Raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise UsageError(f"{what} takes a user's number, not {short(text, 40)!r}; {else_}")
    return str(int(text))


def find_user(
    archive: Archive | None, source: Site, asked: Asked, *, line: Line | None = None
) -> User:
    """The account that is meant; one that the archive knows is not asked for.

    Raises SourceError where the site has none of that name or number, UsageError for a name below
    the floor.
    """
    floor.refuse(asked.user_name)
    known = archive and known_user(archive, source.name, asked)
    if known:
        return known
    found = _ask(line, lambda: source.account(asked.user_name, asked.user_number))
    floor.refuse(found.name)
    return found


def known_user(archive: Archive, source: str, asked: Asked) -> User | None:
    """The account as the archive knows it, by number or else by name."""
    users = [user for user in archive.users.records() if user.source == source]
    if asked.user_number:
        return next((user for user in users if user.user == asked.user_number), None)
    wanted = key_of(asked.user_name)
    return next((user for user in users if key_of(user.name) == wanted), None)


def kept_user(archive: Archive, source: str, asked: Asked) -> User:
    """The same for what needs a user who was read. Raises UsageError that names those there are."""
    floor.refuse(asked.user_name)
    if (found := known_user(archive, source, asked)) is not None:
        return found
    users = [user for user in archive.users.records() if user.source == source]
    there = _listed([(user.name, user.user) for user in users])
    raise UsageError(
        f"the archive knows no user {asked.user_name or asked.user_number!r} of {source}; "
        f"{f'it knows {there}' if users else '`read --user` comes first'}"
    )


def find_folder(
    archive: Archive | None,
    source: Site,
    user: User,
    text: str,
    *,
    listed: Sequence[Album] | None = None,
    line: Line | None = None,
) -> Album:
    """The folder that is meant; one that the archive knows is not looked for on the site.

    `listed` are the folders as the site lists them, where the caller has them already. Raises
    SourceError that names the user's folders where none fits, UsageError where several do or the
    name is below the floor.
    """
    floor.refuse(text)
    key = UserKey(user.source, user.user)
    known = [] if archive is None else [a for a in archive.albums.records() if owner(a) == key]
    found = folder_among(known, text)
    if found is None:
        there = _ask(line, lambda: list(source.albums(key))) if listed is None else listed
        found = folder_among(there, text)
        if found is None:
            raise SourceError(
                f"{user.name} ({user.user}) has no folder {text!r}; {_folders(there)}"
            )
    floor.refuse(found.name)
    return found


def folder_among(albums: Iterable[Album], text: str) -> Album | None:
    """The one of that number, else of that name. Raises UsageError where several have the name."""
    albums = list(albums)
    wanted = text.strip()
    if wanted.isascii() and wanted.isdigit():
        number = str(int(wanted))
        for album in albums:
            if album.album == number:
                return album
    named = [album for album in albums if key_of(album.name.strip()) == key_of(wanted)]
    if len(named) > 1:
        named = [album for album in named if album.name.strip() == wanted] or named
    if len(named) > 1:
        numbers = ", ".join(sorted(album.album for album in named))
        raise UsageError(
            f"{len(named)} folders are called {wanted!r}; give the number of one: {numbers}"
        )
    return named[0] if named else None


def list_folders(source: Site, user: User, *, line: Line | None = None) -> FoldersReport:
    """The folders of a user, none of them read. Raises SourceError for the site's trouble."""
    key = UserKey(user.source, user.user)
    folders = _ask(line, lambda: tuple(source.albums(key)))
    return FoldersReport(user=user, folders=folders, requests=source.asked)


def owner(album: Album) -> UserKey:
    """Whose it is."""
    return UserKey(album.source, album.user)


def _ask(line: Line | None, work: Callable[[], T]) -> T:
    return work() if line is None else line.call(work)


def _folders(albums: Sequence[Album]) -> str:
    if not albums:
        return "none is to be seen there: the user has none, or hides them"
    return f"there are {_listed([(album.name, album.album) for album in albums])}"


def _listed(named: Sequence[tuple[str, str]]) -> str:
    shown = [f"{_short(name)!r} ({number})" for name, number in named[:SHOWN]]
    more = len(named) - SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
