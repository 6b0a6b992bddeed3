"""The files of a backup: an archive's own, as they are, so that no key is needed to make one.

A backup is a folder laid out like an archive, with two things more: `databases/`, which keeps the
last databases that stood there, and `backup.list`, which names every file with its BLAKE2b-256.
Nothing is ever written over and no picture is ever taken out of it: a file that is not what it was
is put aside into `quarantine/` before a good one takes its name.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from fapfav.errors import ArchiveError, DamagedFile
from fapfav.store import disk
from fapfav.store.disk import disk_error
from fapfav.store.folder import (
    BLOBS,
    QUARANTINE,
    ROOT,
    THUMBS,
    TRASH_BLOBS,
    TRASH_THUMBS,
    Folder,
    Staged,
    sizes,
)

LIST = "backup.list"
DATABASES = "databases"
CHECK = 32
"""Bytes of a file's check: BLAKE2b-256."""

COPIED = (BLOBS, THUMBS, TRASH_BLOBS, TRASH_THUMBS, QUARANTINE)
_PIECE = 1 << 20
_LONGEST = 512  # bytes of a line
_LINE = re.compile(rb"([0-9a-f]{64})  ([a-z/]{1,32})/([^/\n\0]{1,255})\n")
# A picture that was thrown away after it was copied lies where it lay: readers look in both.
_EITHER = {BLOBS: TRASH_BLOBS, TRASH_BLOBS: BLOBS, THUMBS: TRASH_THUMBS, TRASH_THUMBS: THUMBS}


@dataclass(frozen=True, slots=True)
class Item:
    """A file to copy: its folder below the archive, its name, its bytes."""

    sub: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that is whole in the backup, but not yet under its name."""

    item: Item
    staged: Staged
    check: bytes


def missing(source: Folder, target: Folder) -> list[Item]:
    """What the one folder holds and the other does not, by name and size."""
    held = {sub: sizes(target, sub) for sub in COPIED}
    found = []
    for sub in COPIED:
        beside = held.get(_EITHER.get(sub, ""), {})
        for name, size in sizes(source, sub).items():
            if held[sub].get(name) != size and beside.get(name) != size:
                found.append(Item(sub, name, size))
    return found


def copy(source: Folder, target: Folder, item: Item, wanted: bytes | None = None) -> Copied | None:
    """Copies one file beside its name and reads it back; None if it is there no more.

    In a plain archive a picture's name is its SHA-256. Raises DamagedFile when the bytes are not
    that, or do not have the check that is wanted; ArchiveError when the copy does not read back.
    """
    try:
        fd = source.open_read(item.sub, item.name)
    except FileNotFoundError:
        return None
    reading = _Reading(item)
    try:
        staged = target.stage(item.sub, item.name, reading.pieces(fd))
    except OSError as error:
        raise disk_error(error, f"reading {source.path / item.sub / item.name}") from error
    finally:
        os.close(fd)
    try:
        reading.compare(source, wanted)
        if check_of(target, item.sub, staged.temporary) != reading.check:
            raise ArchiveError(
                f"{target.path / item.sub / item.name} does not read back as it was written: "
                "that disk is failing; make the backup on another"
            )
    except BaseException:
        with suppress(ArchiveError):
            staged.discard()
        raise
    return Copied(item, staged, reading.check)


class _Reading:
    """The pieces of a file as they are read, and what they amount to."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._check = hashlib.blake2b(digest_size=CHECK)
        self._digest = hashlib.sha256()
        plain = item.sub in (BLOBS, TRASH_BLOBS) and re.fullmatch(
            r"([0-9a-f]{64})\.[a-z]{3,4}", item.name
        )
        self._named = bytes.fromhex(plain[1]) if plain else None

    @property
    def check(self) -> bytes:
        return self._check.digest()

    def pieces(self, fd: int) -> Iterator[bytes]:
        at = 0
        while piece := os.pread(fd, _PIECE, at):
            at += len(piece)
            self._check.update(piece)
            if self._named is not None:
                self._digest.update(piece)
            yield piece

    def compare(self, source: Folder, wanted: bytes | None) -> None:
        where = source.path / self._item.sub / self._item.name
        if self._named is not None and self._digest.digest() != self._named:
            raise DamagedFile(f"{where} is not the picture it is named after: run `verify`")
        if wanted is not None and self.check != wanted:
            raise DamagedFile(f"{where} is not what was copied there once: its disk lost it")


def pieces(folder: Folder, sub: str, name: str) -> Iterator[bytes]:
    """A file's bytes, piece by piece. Raises FileNotFoundError, DamagedFile."""
    fd = folder.open_read(sub, name)
    try:
        at = 0
        while piece := os.pread(fd, _PIECE, at):
            at += len(piece)
            yield piece
    finally:
        os.close(fd)


def check_of(folder: Folder, sub: str, name: str) -> bytes:
    """A file's BLAKE2b-256, from the disk where the system lets go of what it remembers."""
    check = hashlib.blake2b(digest_size=CHECK)
    try:
        _forget(folder, sub, name)
        for piece in pieces(folder, sub, name):
            check.update(piece)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk_error(error, f"reading {folder.path / sub / name}") from error
    return check.digest()


def _forget(folder: Folder, sub: str, name: str) -> None:
    if not hasattr(os, "posix_fadvise"):
        return
    fd = folder.open_read(sub, name)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    except OSError:
        pass  # read from memory then
    finally:
        os.close(fd)


def publish(target: Folder, copied: Iterable[Copied], *, note: bool) -> None:
    """Gives files their names, durably; with `note` they were noted in the list before.

    So whatever has a name has a line; a line whose file is not there says nothing.
    """
    done = list(copied)
    try:
        if note:
            _note(target, done)
        for one in done:
            put_aside(target, one.item.sub, one.item.name)
            one.staged.publish()
    except BaseException:
        for one in done:
            with suppress(ArchiveError):
                one.staged.discard()
        raise
    target.sync(*sorted({one.item.sub for one in done}))


def put_aside(target: Folder, sub: str, name: str) -> None:
    """Moves what has a name out of the way, into quarantine; nothing happens if nothing has."""
    if target.stat(sub, name) is None:
        return
    aside = f"{name}.was-{os.urandom(4).hex()}"
    target.rename_within(sub, name, aside)
    if sub != QUARANTINE:
        target.rename(sub, aside, QUARANTINE)
        target.sync(QUARANTINE)


def _note(target: Folder, copied: Iterable[Copied]) -> None:
    lines = b"".join(
        os.fsencode(f"{one.check.hex()}  {one.item.sub}/{one.item.name}\n")
        for one in copied
        if "\n" not in one.item.name  # only a stranger's, in quarantine
    )
    try:
        try:
            fd = target.open_write(ROOT, LIST)
        except FileNotFoundError:
            target.write_new(ROOT, LIST, [lines])
            target.sync(ROOT)
            return
        try:
            # A line that a crash cut off would name another file with what is written behind it.
            size = os.fstat(fd).st_size
            rest = os.pread(fd, _LONGEST, max(0, size - _LONGEST))
            end = size - len(rest) + rest.rfind(b"\n") + 1
            if end < size:
                disk.cut(fd, end)
            disk.write_all(fd, lines, end)
            disk.sync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise disk_error(error, f"{target.path / LIST} could not be written") from error


def listed(target: Folder) -> dict[tuple[str, str], bytes]:
    """Folder and name of every file that was ever copied, and its check; the last one counts.

    A list that is not there names nothing, and a line that is none is read over.
    """
    found = {}
    for line in _lines(target):
        if (match := _LINE.fullmatch(line)) is not None:
            found[match[2].decode(), os.fsdecode(match[3])] = bytes.fromhex(match[1].decode())
    return found


def _lines(target: Folder) -> Iterator[bytes]:
    """The lines of the list, with no more of it in memory than a piece."""
    if target.stat(ROOT, LIST) is None:
        return
    rest = b""
    for piece in pieces(target, ROOT, LIST):
        *lines, rest = (rest + piece).splitlines(keepends=True)
        yield from lines
        if rest.endswith(b"\n"):
            yield rest
            rest = b""
        elif len(rest) > _LONGEST:
            rest = b"\0"  # no line of ours, however it goes on
    yield rest
