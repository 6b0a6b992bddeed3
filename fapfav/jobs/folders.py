"""The folder an export writes to: outside the archive's care, where anything may lie in the way.

Every folder below the top is opened in the one above it and never through a symbolic link, files
are written beside their name and renamed, and nothing that is there is overwritten. The top itself
is followed only where the user named it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from fapfav.errors import ArchiveError
from fapfav.model import Digest
from fapfav.store import disk
from fapfav.tags import key_of

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_NOT_A_FOLDER = (errno.ELOOP, errno.ENOTDIR)
_PIECE = 2**20


class ExportFolder:
    """One opened folder; names in it are plain names, and count as one whatever their case."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        self._names: dict[str, str] = {}
        with _refusals(path, "listing"):
            self._names.update((key_of(_text(name)), name) for name in os.listdir(fd))

    def taken(self, name: str) -> str | None:
        """The name of what is there under this name in whatever case."""
        return self._names.get(key_of(name))

    def holds(self, name: str, digest: Digest, size: int) -> bool:
        """Whether a regular file of this name has exactly these contents."""
        with suppress(OSError):
            found = os.stat(name, dir_fd=self._fd, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and found.st_size == size:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                with open(os.open(name, flags, dir_fd=self._fd), "rb") as file:
                    return hashlib.file_digest(file, "sha256").digest() == digest
        return False

    def write(self, name: str, data: bytes) -> None:
        """Writes a new file, whole or not at all, which its owner alone can read.

        Raises ArchiveError when the disk refuses.
        """
        temporary = f".{secrets.token_hex(8)}.new"
        with _refusals(self.path / name, "writing"):
            fd = disk.create(temporary, self._fd)
            try:
                try:
                    for at in range(0, len(data), _PIECE):
                        disk.write_all(fd, memoryview(data)[at : at + _PIECE], at)
                    disk.sync(fd)
                finally:
                    os.close(fd)
                disk.rename(temporary, name, self._fd, self._fd)
            except BaseException:
                with suppress(OSError):
                    disk.unlink(temporary, self._fd)
                raise
        self._names[key_of(name)] = name

    def empty(self) -> int:
        """Deletes the regular files in it and nothing else; returns how many."""
        removed = 0
        with _refusals(self.path, "emptying"):
            for name in os.listdir(self._fd):
                found = os.stat(name, dir_fd=self._fd, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode):
                    disk.unlink(name, self._fd)
                    self._names.pop(key_of(_text(name)), None)
                    removed += 1
        return removed


@contextmanager
def opened(top: Path, parts: tuple[str, ...], *, follow: bool = False) -> Iterator[ExportFolder]:
    """A folder below `top`, made where it is missing, mode 0700.

    `follow` says that `top` may be reached through links, as one that the user named. Raises
    ArchiveError for a link or file in a folder's place, and when the disk refuses.
    """
    with ExitStack() as stack:
        path = top if follow else top.parent
        names = parts if follow else (top.name, *parts)
        with _refusals(path, "opening"):
            if follow:
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(path, _FOLDER)
        stack.callback(os.close, fd)
        for name in names:
            path = path / name
            fd = _below(path, name, fd)
            stack.callback(os.close, fd)
        yield ExportFolder(path, fd)


def _below(path: Path, name: str, above: int) -> int:
    with _refusals(path, "opening"):
        with suppress(FileExistsError):
            disk.mkdir(name, above)
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=above)


@contextmanager
def _refusals(path: Path, doing: str) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise ArchiveError(
            f"{doing} {path}: file names are {error.encoding} here, which lacks a letter of it; "
            "set PYTHONUTF8=1, then run it again"
        ) from None
    except OSError as error:
        if error.errno in _NOT_A_FOLDER:
            raise ArchiveError(
                f"{path} is a link or a file where a folder belongs: nothing is exported through "
                "it; move it away"
            ) from None
        raise disk.disk_error(error, f"{doing} {path}") from error


def _text(name: str) -> str:
    """A name as the disk has it, made fit for comparing and for messages."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
