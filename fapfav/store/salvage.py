"""A damaged database put right: a new log beside it of all that is intact, the old file kept.

Nothing is deleted. The old file is copied to `imagefap.database.damaged-N` before the new one takes
its name, so that whoever is killed in between leaves the one or the other.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fapfav.errors import DamagedArchive
from fapfav.store.compact import fresh_log, new_file, snapshot
from fapfav.store.database import NAME
from fapfav.store.disk import disk_error
from fapfav.store.folder import ROOT, Folder
from fapfav.store.frames import Codec
from fapfav.store.header import BLOCK, better_block
from fapfav.store.inspect import Inspection, inspect
from fapfav.store.keys import ArchiveKeys
from fapfav.store.lock import ArchiveLock
from fapfav.store.remains import Remains, gather
from fapfav.store.scan import Step, read_around

KEPT = f"{NAME}.damaged-"
"""Begins the name under which a damaged database is kept; a number follows."""

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was saved of a damaged database.

    `missing` are numbers of frames, first and last, of which nothing is left; `halves` the numbers
    of intact frames of changes that are not whole; `lacking` counts rows of the snapshot that are
    lost, by table. `kept` is the name under which the old file stays.
    """

    findings: tuple[str, ...]
    rows: int
    transactions: int
    missing: tuple[tuple[int, int], ...]
    halves: tuple[int, ...]
    lacking: dict[str, int]
    kept: str


@contextmanager
def remains_of(folder: Folder, inspection: Inspection) -> Iterator[Remains]:
    """What is left of a database that was inspected; valid within the block.

    Raises DamagedArchive if the file has changed since.
    """
    fd = folder.open_read(ROOT, NAME)
    try:
        yield gather(fd, inspection.codec, inspection.frames)
    finally:
        os.close(fd)


def salvage(
    folder: Folder, keys: ArchiveKeys | None, lock: ArchiveLock, step: Step = lambda _done: None
) -> Salvage | None:
    """Writes the database anew from what is left of it; None if it is not damaged.

    Raises ArchiveError when the disk refuses; the damaged file stays in its place then.
    """
    with lock.hold("repair"):
        found = inspect(folder, keys, step)
        if not found.is_damaged:
            return None
        with remains_of(folder, found) as remains:
            try:
                kept = _keep(folder, remains.fd)
                _replace(folder, keys, found, remains)
            except OSError as error:
                raise disk_error(error, f"writing {NAME} anew") from error
            return Salvage(
                findings=tuple(map(str, found.findings)),
                rows=sum(map(len, remains.rows.tables.values())),
                transactions=remains.transactions,
                missing=found.missing,
                halves=tuple(frame.sequence for frame in remains.halves),
                lacking=found.lacking,
                kept=kept,
            )


def _replace(folder: Folder, keys: ArchiveKeys | None, found: Inspection, remains: Remains) -> None:
    header = found.codec.header
    if remains.last is not None:
        header = fresh_log(remains.last.sequence + 1, remains.last.tag)
    else:
        header = fresh_log(header.first_sequence, header.previous_tag)
    log_keys = None if keys is None else keys.log_keys(header.log_id)
    codec = Codec(found.codec.archive_id, header, log_keys)
    block, _ = better_block(read_around(remains.fd, 0, 2 * BLOCK))
    staged = folder.stage(ROOT, NAME, new_file(block, codec, snapshot(remains)))
    try:
        if inspect(folder, keys, name=staged.temporary).findings:
            raise DamagedArchive("what was saved does not read back; the old file stays")
    except BaseException:
        staged.discard()
        raise
    staged.publish()
    folder.sync(ROOT)


def _keep(folder: Folder, fd: int) -> str:
    """Copies the damaged file; one that was copied before it was killed is not copied again."""
    size, check = os.fstat(fd).st_size, None
    number = 1
    while (before := folder.stat(ROOT, f"{KEPT}{number}")) is not None:
        if before.st_size == size:
            check = check or _check(fd)
            if _is_copy(folder, f"{KEPT}{number}", check):
                return f"{KEPT}{number}"
        number += 1
    there = os.fstatvfs(fd)
    if size > there.f_bavail * there.f_frsize:  # before terabytes are written that nobody wrote
        raise OSError(errno.ENOSPC, "no room for a copy")
    folder.write_new(ROOT, f"{KEPT}{number}", _pieces(fd))
    folder.sync(ROOT)
    return f"{KEPT}{number}"


def _is_copy(folder: Folder, name: str, check: bytes) -> bool:
    fd = folder.open_read(ROOT, name)
    try:
        return _check(fd) == check
    finally:
        os.close(fd)


def _check(fd: int) -> bytes:
    check = hashlib.sha256()
    for piece in _pieces(fd):
        check.update(piece)
    return check.digest()


def _pieces(fd: int) -> Iterator[bytes]:
    size = os.fstat(fd).st_size
    return (read_around(fd, at, min(_PIECE, size - at)) for at in range(0, size, _PIECE))
