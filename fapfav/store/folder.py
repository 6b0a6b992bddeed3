"""One archive's folder: every file in it is reached through here, by name, and never by a link.

Folders are opened anew for each operation, each relative to the one above it, so a symbolic link
put in a folder's place is refused and nothing is kept open that another program might want to
replace. What is not a regular file is refused before a byte of it is read, and a pipe cannot hang
a reader. All that changes the disk goes through the module `disk`.

The root itself is the user's own word: a link given as the archive's path is followed.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fapfav.errors import ArchiveError, DamagedFile, NoArchive
from fapfav.store import disk
from fapfav.store.disk import Buffer, disk_error, fsync_file, read_at, write_all

__all__ = [
    "Folder",
    "Staged",
    "disk_error",
    "fsync_file",
    "make",
    "read_at",
    "sizes",
    "write_all",
]

ROOT = ""
BLOBS, THUMBS, QUARANTINE = "blobs", "thumbs", "quarantine"
TRASH_BLOBS, TRASH_THUMBS = "trash/blobs", "trash/thumbs"
SUBFOLDERS = (BLOBS, THUMBS, TRASH_BLOBS, TRASH_THUMBS, QUARANTINE)

_FOLDERS = (BLOBS, THUMBS, "trash", TRASH_BLOBS, TRASH_THUMBS, QUARANTINE)
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_SAFELY = os.O_NOFOLLOW | os.O_NONBLOCK
_TEMPORARY = re.compile(r".+\.new-[0-9a-f]{16}")
_TEMPORARY_AGE = 3600  # seconds


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is whole and durable, but not yet under its name."""

    folder: Folder
    sub: str
    name: str
    temporary: str

    def publish(self) -> None:
        """Gives it its name, which is durable once `sync` of its folder has returned."""
        try:
            self.folder.rename_within(self.sub, self.temporary, self.name)
        except FileNotFoundError:
            raise ArchiveError(
                f"{self.name} was not published: its temporary file is gone; run it again"
            ) from None

    def discard(self) -> None:
        """Takes it away again, if it is still there."""
        with suppress(FileNotFoundError):
            self.folder.unlink(self.sub, self.temporary)


class Folder:
    """One archive's root; `sub` is ROOT or one of SUBFOLDERS, `name` a plain file name."""

    def __init__(self, path: Path) -> None:
        # Made absolute once, so that a later change of the working folder means nothing.
        self.path = Path(os.path.abspath(path))

    def create(self) -> None:
        """Makes the folders that are missing; raises ArchiveError for what is in the way."""
        what = f"making the archive's folders in {self.path}"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                self.path.mkdir(mode=0o700)
            if not self.path.is_dir():
                raise ArchiveError(f"{self.path} is no folder; move it away, or name another")
            for sub in _FOLDERS:
                parent, _, name = sub.rpartition("/")
                with self._open(parent) as at, suppress(FileExistsError):
                    disk.mkdir(name, at)
        except OSError as error:
            raise disk_error(error, what) from error
        self.check()
        self.sync(ROOT, "trash")
        self._sync_parent(what)

    def check(self) -> None:
        """Raises NoArchive when there is none here, ArchiveError when a folder of it is missing."""
        if not self.path.is_dir():
            raise NoArchive(f"there is no archive at {self.path}: it is no folder; read makes one")
        if all(self.stat(ROOT, sub) is None for sub in _FOLDERS if "/" not in sub):
            raise NoArchive(f"there is no archive in {self.path}; read makes one")
        for sub in _FOLDERS:
            parent, _, name = sub.rpartition("/")
            if (found := self.stat(parent, name)) is None:
                raise ArchiveError(
                    f"the archive in {self.path} has no folder {sub!r}; put it back from a backup, "
                    "or make an empty one to do without what was in it"
                )
            if not stat.S_ISDIR(found.st_mode):
                raise ArchiveError(
                    f"{self.path / sub} is {_kind(found)} where a folder belongs; move it away"
                )

    def open_read(self, sub: str, name: str) -> int:
        """A descriptor for reading a regular file.

        Raises FileNotFoundError when there is none, DamagedFile when it is anything else.
        """
        with self._at(sub, f"opening {name}") as at:
            return _open_regular(name, os.O_RDONLY, at)

    def open_write(self, sub: str, name: str) -> int:
        """A descriptor for reading and writing a regular file in place; raises as `open_read`.

        One with another name besides is refused: what is written would show there too.
        """
        with self._at(sub, f"opening {name}") as at:
            fd = _open_regular(name, os.O_RDWR, at)
            if os.fstat(fd).st_nlink != 1:
                os.close(fd)
                raise DamagedFile(
                    f"{self.path / sub / name} has a second name (a hard link), which writing "
                    "would change as well; put a copy in its place"
                )
            return fd

    def read(self, sub: str, name: str, limit: int) -> bytes:
        """A whole file of at most `limit` bytes; raises as `open_read`, DamagedFile if larger."""
        fd = self.open_read(sub, name)
        try:
            size = os.fstat(fd).st_size
            if size > limit:
                raise DamagedFile(f"{name} has {size} bytes where at most {limit} belong")
            return read_at(fd, 0, size)
        except OSError as error:
            raise disk_error(error, f"reading {name}") from error
        finally:
            os.close(fd)

    def stat(self, sub: str, name: str) -> os.stat_result | None:
        """What stands under a name, itself and not what it links to; None if nothing does."""
        with self._at(sub, f"looking at {name}") as at:
            try:
                return os.stat(_plain(name), dir_fd=at, follow_symlinks=False)
            except FileNotFoundError:
                return None

    def write_new(self, sub: str, name: str, chunks: Iterable[Buffer], sync: bool = True) -> None:
        """Writes a file beside its name, then renames it over: old or new, never half."""
        staged = self._stage(sub, name, chunks, sync=sync)
        try:
            staged.publish()
        except BaseException:
            with suppress(ArchiveError):
                staged.discard()
            raise

    def stage(self, sub: str, name: str, chunks: Iterable[Buffer]) -> Staged:
        """Writes a file beside its name and makes its bytes durable."""
        return self._stage(sub, name, chunks, sync=True)

    def rename(self, sub_from: str, name: str, sub_to: str, new: str = "") -> None:
        """Moves a file to another folder, perhaps under a new name; FileNotFoundError passes."""
        what = f"moving {name} to {sub_to}"
        with self._at(sub_from, what) as at, self._at(sub_to, what) as to:
            disk.rename(_plain(name), _plain(new or name), at, to)

    def rename_within(self, sub: str, name: str, new: str) -> None:
        """Gives a file another name in its folder; FileNotFoundError passes."""
        with self._at(sub, f"renaming {name} to {new}") as at:
            disk.rename(_plain(name), _plain(new), at, at)

    def unlink(self, sub: str, name: str) -> None:
        """Deletes a file; FileNotFoundError passes."""
        with self._at(sub, f"deleting {name}") as at:
            disk.unlink(_plain(name), at)

    def names(self, sub: str) -> Iterator[str]:
        """All final names in a folder, sorted; temporary ones are left out."""
        return iter([name for name in self._listing(sub) if not _TEMPORARY.fullmatch(name)])

    def sync(self, *subs: str) -> None:
        """Makes the names in these folders durable."""
        for sub in subs:
            with self._at(sub, f"syncing {self.path / sub}") as at:
                disk.sync(at)

    def clean_temporaries(self) -> int:
        """Deletes temporary files older than an hour, returns how many.

        The file system's own clock tells: on a shared disk ours may be another.
        """
        found = [
            (sub, name)
            for sub in (ROOT, *SUBFOLDERS)
            for name in self._listing(sub)
            if _TEMPORARY.fullmatch(name)
        ]
        if not found:
            return 0
        limit = self._clock() - _TEMPORARY_AGE
        removed = 0
        for sub, name in found:
            seen = self.stat(sub, name)
            if seen is not None and stat.S_ISREG(seen.st_mode) and seen.st_mtime < limit:
                with suppress(FileNotFoundError):
                    self.unlink(sub, name)
                    removed += 1
        return removed

    def _clock(self) -> float:
        """The time of a file just made, in seconds."""
        probe = self._stage(ROOT, "clock", [b"\0"], sync=False)
        try:
            made = self.stat(ROOT, probe.temporary)
        finally:
            probe.discard()
        return made.st_mtime if made is not None else 0.0

    def _stage(self, sub: str, name: str, chunks: Iterable[Buffer], *, sync: bool) -> Staged:
        temporary = f"{_plain(name)}.new-{secrets.token_hex(8)}"
        with self._at(sub, f"writing {name}") as at:
            fd = disk.create(temporary, at)
            try:
                offset = 0
                for chunk in chunks:
                    write_all(fd, chunk, offset)
                    offset += len(chunk)
                if sync:
                    disk.sync(fd)
            except BaseException:
                with suppress(OSError):
                    disk.unlink(temporary, at)
                raise
            finally:
                os.close(fd)
        return Staged(self, sub, name, temporary)

    def _listing(self, sub: str) -> list[str]:
        with self._at(sub, f"listing {self.path / sub}") as at:
            return sorted(os.listdir(at))

    def _sync_parent(self, what: str) -> None:
        try:
            fd = os.open(self.path.parent, _OPEN_FOLDER)
            try:
                disk.sync(fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise disk_error(error, what) from error

    @contextmanager
    def _at(self, sub: str, what: str) -> Iterator[int]:
        """A folder's descriptor; the system's errors become ours, but for a missing file's."""
        with self._open(sub) as fd:
            try:
                yield fd
            except FileNotFoundError:
                raise
            except OSError as error:
                raise disk_error(error, what) from error

    @contextmanager
    def _open(self, sub: str) -> Iterator[int]:
        """A folder's descriptor, each part of its path opened in the one above, links refused."""
        fd = self._open_root()
        try:
            for part in sub.split("/") if sub else ():
                above = fd
                fd = _open_sub(part, above, self.path / sub)
                os.close(above)
            yield fd
        finally:
            os.close(fd)

    def _open_root(self) -> int:
        try:
            return os.open(self.path, _OPEN_FOLDER)
        except (FileNotFoundError, NotADirectoryError):
            raise NoArchive(f"there is no archive at {self.path}; read makes one") from None
        except OSError as error:
            raise disk_error(error, f"opening {self.path}") from error


def sizes(folder: Folder, sub: str) -> dict[str, int]:
    """Name and bytes of every regular file in a folder; temporary ones are left out."""
    sizes = {}
    with folder._at(sub, f"listing {folder.path / sub}") as at, os.scandir(at) as found:
        for entry in found:
            if entry.is_file(follow_symlinks=False) and not _TEMPORARY.fullmatch(entry.name):
                with suppress(FileNotFoundError):  # moved by another process meanwhile
                    sizes[entry.name] = entry.stat(follow_symlinks=False).st_size
    return sizes


def temporaries(folder: Folder, sub: str) -> list[str]:
    """All temporary names in a folder, whatever their age."""
    return [name for name in folder._listing(sub) if _TEMPORARY.fullmatch(name)]


def make(folder: Folder, sub: str) -> None:
    """Makes one more folder, if it is not there."""
    parent, _, name = sub.rpartition("/")
    with folder._at(parent, f"making {folder.path / sub}") as at, suppress(FileExistsError):
        disk.mkdir(_plain(name), at)
    folder.sync(parent)


def _open_sub(part: str, above: int, path: Path) -> int:
    try:
        return os.open(_plain(part), _OPEN_FOLDER | os.O_NOFOLLOW, dir_fd=above)
    except FileNotFoundError:
        raise ArchiveError(
            f"the folder {path} is missing; put it back from a backup, or make an empty one "
            "to do without what was in it"
        ) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise ArchiveError(f"{path} is a link or a file, not a folder; move it away") from None
        raise disk_error(error, f"opening {path}") from error


def _open_regular(name: str, flags: int, at: int) -> int:
    # Looked at first, since merely opening a device can do something; and again once it is open,
    # since it may be another one by then.
    _refuse_irregular(name, os.stat(_plain(name), dir_fd=at, follow_symlinks=False))
    try:
        fd = os.open(name, flags | _SAFELY, dir_fd=at)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise DamagedFile(f"{name} was replaced while it was opened; run it again") from None
        raise
    try:
        _refuse_irregular(name, os.fstat(fd))
    except BaseException:
        os.close(fd)
        raise
    return fd


def _refuse_irregular(name: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise DamagedFile(f"{name} is {_kind(found)} where a file belongs; move it away")


def _kind(found: os.stat_result) -> str:
    names = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFREG: "a file",
    }
    return names.get(stat.S_IFMT(found.st_mode), "a device")


def _plain(name: str) -> str:
    """The name itself; raises ArchiveError for one that leads anywhere else."""
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        raise ArchiveError(f"{name!r} is no name of a file in an archive")
    return name
