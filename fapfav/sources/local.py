"""The local disk as a source: every directory that holds pictures is an album.

Read are regular files with a picture's suffix, and files with no suffix at all that start like a
picture, so that a million other files cost a listing and nothing more. A link to a file is
followed, as somebody put it there on purpose; a link to a directory never, so there are no loops.
As in other photo programs a directory whose name starts with a dot (`.git`, `.thumbnails`) is
skipped, and so are the `._name` files that macOS leaves beside pictures.

Ids come from names, not from places on the disk: a tree that is moved or mounted elsewhere keeps
its ids, and two folders of one name are one album. An image's id also takes in the bytes, so a file
edited in place becomes a new place and the old one stays as it was.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from fapfav import floor
from fapfav.errors import BadPicture, SourceError, UsageError
from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Picture, Place, PlaceKey, User, UserKey
from fapfav.sources.base import Problem
from fapfav.sources.files import (
    SUFFIXES,
    looks_like_picture,
    read_head,
    read_whole,
    reason_of,
    shown_name,
    stamp_of,
)

LARGEST = 512 * 2**20
"""Bytes of the largest file that is read."""

PROBLEMS = 1000
"""As many problems are listed; further ones are only said to exist."""

_USER = User("local", "1", "LOCAL DISK")
_Identity = tuple[int, int]


class LocalFolder:
    """The pictures below a folder, links resolved.

    `exclude`, the archive's own folder, is never read, by whatever path it is reached. Raises
    UsageError for a folder that cannot be read, lies within `exclude`, or has a name that the
    content floor refuses.
    """

    name = _USER.source

    def __init__(self, root: Path, exclude: Path | None = None, *, largest: int = LARGEST) -> None:
        self._root = _readable_folder(root)
        self._base = os.path.basename(self._root) or b"root"
        self._identity = _identity(self._root)
        self._exclude = exclude
        self._largest = largest
        self._folders: dict[str, bytes] = {}
        self._problems: dict[bytes, Problem] = {}
        self._more_problems = False
        floor.refuse(shown_name(self._base))
        self._refuse_within()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was left out so far, each once, besides pictures that `fetch` refuses."""
        found = tuple(self._problems.values())
        if self._more_problems:
            more = Problem(self._shown(b""), f"has further problems: only {PROBLEMS} are listed")
            return (*found, more)
        return found

    def users(self) -> Iterator[User]:
        """The one user, who stands for this computer."""
        yield _USER

    def albums(self, user: UserKey) -> Iterator[Album]:
        """The directories that directly hold pictures, a directory before those within it."""
        if user != (_USER.source, _USER.user):
            raise UsageError(f"user {user.user!r} of {user.source} is not on the local disk")
        for where in self._walk():
            yield Album(*user, self._album_id(where), self._shown(where), "directory")

    def images(self, album: AlbumKey, cursor: str) -> Iterator[ImageRef | Cursor]:  # noqa: ARG002
        """The pictures of a directory by name, always all: a listing is cheap, and `stamp` tells
        what needs no reading."""
        where = self._folder_of(album)
        for name in self._pictures(where):
            path = _join(where, name)
            shown = shown_name(name)
            yield ImageRef(
                PlaceKey(*album, ""),
                shown,
                self._stamp(path),
                quote_from_bytes(path),
                b"" if shown.encode() == name else name,
            )

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of a file, if they are one state of it."""
        path = unquote_to_bytes(ref.address)
        if {b"", b".", b".."} & set(path.split(b"/")):
            raise SourceError(f"{ref.address!r} is no file below {self._shown(b'')}")
        try:
            contents = read_whole(self._path(path), self._largest)
        except OSError as error:
            self._insist_on_root()
            raise BadPicture(f"cannot be read: {reason_of(error)}") from error
        image = _id(path, hashlib.sha256(contents.data).digest())
        place = ref.place._replace(image=image)
        return Picture(contents.data, ref.name, place, contents.stamp, contents.modified)

    def check(self, place: Place) -> tuple[int, str]:
        """Level 1: the directory is not below this folder; 2: it has no such file; 3: the file
        has another size than it had."""
        try:
            where = self._folder_of(AlbumKey(place.source, place.user, place.album))
        except UsageError:
            return 1, _address(self._root)
        path = self._path(_join(where, place.raw or place.name.encode()))
        try:
            size = os.stat(path).st_size
        except OSError:
            self._insist_on_root()
            return 2, _address(path)
        return (0 if size == place.served_size else 3), _address(path)

    def _walk(self) -> Iterator[bytes]:
        """The paths below the root of the directories that hold pictures, by name."""
        excluded = _identity(os.fsencode(self._exclude)) if self._exclude else None
        waiting = [b""]  # not a recursion: trees are deeper than the interpreter's stack
        while waiting:
            where = waiting.pop()
            if excluded and _identity(self._path(where)) == excluded:
                continue
            folders, holds_pictures = self._look(where)
            if holds_pictures:
                self._folders[self._album_id(where)] = where
                yield where
            waiting.extend(_join(where, name) for name in sorted(folders, key=_order, reverse=True))

    def _look(self, where: bytes) -> tuple[list[bytes], bool]:
        """The directories to go on with, and whether there is a picture beside them."""
        folders, holds_pictures = [], False
        for entry in self._entries(where):
            if self._is_folder(where, entry):
                if self._is_wanted(where, entry.name):
                    folders.append(entry.name)
            elif not holds_pictures:
                holds_pictures = self._is_picture(where, entry)
        return folders, holds_pictures

    def _pictures(self, where: bytes) -> list[bytes]:
        names = (e.name for e in self._entries(where) if self._is_picture(where, e))
        return sorted(names, key=_order)

    def _entries(self, where: bytes) -> Iterator[os.DirEntry[bytes]]:
        try:
            with os.scandir(self._path(where)) as entries:
                yield from entries
        except OSError as error:
            self._leave_out(where, error)

    def _is_folder(self, where: bytes, entry: os.DirEntry[bytes]) -> bool:
        try:
            return entry.is_dir(follow_symlinks=False)
        except OSError as error:  # only where a listing does not say what its entries are
            self._leave_out(_join(where, entry.name), error)
            return False

    def _is_wanted(self, where: bytes, name: bytes) -> bool:
        """Whether a directory is to be read."""
        if floor.is_below(shown_name(name)):
            self._note(_join(where, name), "its name says content that this program never keeps")
            return False
        return not name.startswith(b".")

    def _is_picture(self, where: bytes, entry: os.DirEntry[bytes]) -> bool:
        """Whether a file is to be read; what is no regular file is never opened."""
        suffix = os.path.splitext(entry.name)[1]
        if (suffix and suffix.lower() not in SUFFIXES) or entry.name.startswith(b"._"):
            return False
        try:
            if entry.is_file():
                return bool(suffix) or looks_like_picture(read_head(entry.path))
            if suffix and entry.is_symlink():
                os.stat(entry.path)  # a link that leads nowhere is worth a word
        except OSError as error:
            self._leave_out(_join(where, entry.name), error)
        return False

    def _folder_of(self, album: AlbumKey) -> bytes:
        if album.album not in self._folders:
            for _ in self._walk():
                pass
        if album[:2] != (_USER.source, _USER.user) or album.album not in self._folders:
            raise UsageError(f"album {album.album!r} is not below {self._shown(b'')}")
        return self._folders[album.album]

    def _stamp(self, path: bytes) -> str:
        try:
            return stamp_of(os.stat(self._path(path)))
        except OSError:  # fetch meets the same trouble and gives it as the picture's reason
            return ""

    def _album_id(self, where: bytes) -> str:
        return _id(_join(self._base, where) if where else self._base)

    def _path(self, where: bytes) -> bytes:
        return os.path.join(self._root, where) if where else self._root

    def _shown(self, where: bytes) -> str:
        parts = where.split(b"/") if where else []
        return "/".join(shown_name(part) for part in (self._base, *parts))

    def _leave_out(self, where: bytes, error: OSError) -> None:
        self._insist_on_root()
        self._note(where, f"cannot be read: {reason_of(error)}")

    def _note(self, where: bytes, reason: str) -> None:
        if where in self._problems or len(self._problems) < PROBLEMS:
            self._problems[where] = Problem(self._shown(where), reason)
        else:
            self._more_problems = True

    def _insist_on_root(self) -> None:
        """A disk that was pulled out must not look like a folder whose pictures went one by one."""
        if _identity(self._root) != self._identity:
            raise SourceError(
                f"{self._root.decode('utf-8', 'replace')} is no longer there; "
                "connect its disk again and start once more"
            )

    def _refuse_within(self) -> None:
        excluded = _identity(os.fsencode(self._exclude)) if self._exclude else None
        path, above = self._root, b""
        while excluded and path != above:
            if _identity(path) == excluded:
                raise UsageError(
                    f"{self._root.decode('utf-8', 'replace')} lies within the archive itself; "
                    "name a folder outside of it"
                )
            path, above = os.path.dirname(path), path


def _readable_folder(root: Path) -> bytes:
    shown = os.fsencode(root).decode("utf-8", "replace")
    try:
        path = os.path.realpath(os.fsencode(root))
        with os.scandir(path):
            return path
    except FileNotFoundError:
        raise UsageError(f"{shown} does not exist; name a folder with pictures") from None
    except NotADirectoryError:
        raise UsageError(f"{shown} is not a folder; name the folder it lies in") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {reason_of(error)}") from None
    except ValueError:
        raise UsageError(f"{shown!r} cannot be the name of a folder") from None


def _identity(path: bytes) -> _Identity | None:
    """What a directory is known by whatever its path; None where there is nothing."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _join(where: bytes, name: bytes) -> bytes:
    return where + b"/" + name if where else name


def _order(name: bytes) -> tuple[bytes, bytes]:
    return name.lower(), name


def _id(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()[:32]


def _address(path: bytes) -> str:
    return "file://" + quote_from_bytes(path)
