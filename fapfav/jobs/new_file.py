"""One file outside the archive, written piece by piece: whole under its name, or not there at all.

It is written beside its name, readable by its owner alone, and renamed at the end. Nothing but a
regular file is ever replaced, and only if that was asked for.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fapfav.errors import UsageError
from fapfav.store import disk

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_PIECE = 2**18
"""Bytes that are kept until they are written."""


class NewFile:
    """A file that has no name yet; `size` counts the bytes that were written of it."""

    def __init__(self, path: Path, fd: int) -> None:
        self.size = 0
        self.is_wanted = True
        self._path = path
        self._fd = fd
        self._kept = bytearray()

    def write(self, text: str) -> None:
        """Adds to it, as UTF-8. Raises ArchiveError when the disk refuses."""
        self._kept += text.encode()
        if len(self._kept) >= _PIECE:
            with _refusals(self._path):
                self._flush()

    def abandon(self) -> None:
        """It gets no name: at the end of the block nothing is left of it."""
        self.is_wanted = False

    def finish(self) -> None:
        """Returns once all of it is on the platter. Raises as `write`."""
        with _refusals(self._path):
            self._flush()
            disk.sync(self._fd)

    def _flush(self) -> None:
        disk.write_all(self._fd, self._kept, self.size)
        self.size += len(self._kept)
        self._kept = bytearray()


@contextmanager
def new_file(path: Path, *, replace: bool = False) -> Iterator[NewFile]:
    """A file to write; it gets its name when the block ends well, and not if it was abandoned.

    `replace` says that a regular file of that name may be there. Raises UsageError for a name that
    is taken or cannot be one and for a folder that is not there, ArchiveError when the disk
    refuses.
    """
    folder = _folder_of(path, replace)
    temporary = f".{secrets.token_hex(8)}.new"
    try:
        with _refusals(path):
            fd = disk.create(temporary, folder)
        try:
            file = NewFile(path, fd)
            yield file
            if file.is_wanted:
                file.finish()
        finally:
            os.close(fd)
        with _refusals(path):
            if file.is_wanted:
                _check(path, replace)  # others may have made one meanwhile
                disk.rename(temporary, path.name, folder, folder)
            else:
                disk.unlink(temporary, folder)
    except BaseException:
        with suppress(OSError):
            disk.unlink(temporary, folder)
        raise
    finally:
        os.close(folder)


def refuse_inside(archive: Path, path: Path) -> None:
    """Raises UsageError for what lies in an archive's folder, and may be one of its very files."""
    if path.parent.resolve().is_relative_to(archive.resolve()):
        raise UsageError(f"{path} would lie in the archive's own folder; name a file elsewhere")


def _folder_of(path: Path, replace: bool) -> int:
    """The opened folder that a file is to be in, if its name is free."""
    with _refusals(path):
        try:
            _check(path, replace)
            return os.open(path.parent, _FOLDER)
        except (FileNotFoundError, NotADirectoryError):
            raise UsageError(
                f"{path.parent} is no folder, so no file can be written there; make it, or name "
                "another"
            ) from None
        except ValueError:
            raise UsageError(f"{str(path)!r} is no name for a file; give it another") from None


def _check(path: Path, replace: bool) -> None:
    """Raises UsageError for a name that is taken, and for what is never replaced."""
    if path.is_dir() or not path.name:
        raise UsageError(f"{path} is a folder; name a file in it")
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path} is there already and no ordinary file; name another")
    if not replace:
        raise UsageError(f"{path} is there already; name another, or --force to replace it")


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """The system's errors as ours."""
    try:
        yield
    except OSError as error:
        raise disk.disk_error(error, f"writing {path}") from error
