"""Opening an archive and making a new one: password or none, and nothing in between.

A password given for a plain archive is an error, never ignored: somebody may have put a plain
archive in the place of a sealed one, to be filled in the clear.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import TypeVar

from fapfav.errors import (
    ArchiveError,
    DamagedArchive,
    NoArchive,
    OlderArchive,
    UsageError,
    WrongPassword,
)
from fapfav.store import compact
from fapfav.store.archive import Archive
from fapfav.store.database import NAME
from fapfav.store.disk import disk_error
from fapfav.store.folder import BLOBS, Folder
from fapfav.store.frames import Codec
from fapfav.store.header import (
    BLOCK,
    PLAIN,
    SEALED,
    Header,
    pack_header,
    read_header,
    verify_header,
)
from fapfav.store.keys import ArchiveKeys, Handover, new_root, normalize_password
from fapfav.store.lock import ArchiveLock
from fapfav.store.rekey import check_same
from fapfav.store.seen import Seen
from fapfav.store.slots import DEFAULT_COST, Cost, Opened, Slot, open_any, password_slot

LOCK_SECONDS = 30.0

A = TypeVar("A", bound=Archive, default=Archive)


def exists(path: Path) -> bool:
    """Whether there is a database at this path, whole or not."""
    return os.path.lexists(path / NAME)


def is_sealed(path: Path) -> bool:
    """Whether an archive asks for a password. Raises NoArchive or DamagedArchive."""
    return _header(Folder(path)).cipher == SEALED


def _header(folder: Folder) -> Header:
    try:
        fd = folder.open_read("", NAME)
    except FileNotFoundError:
        raise NoArchive(
            f"there is no archive in {folder.path}: `read` makes one, `--dir` names another"
        ) from None
    try:
        return read_header(os.pread(fd, 2 * BLOCK, 0))
    except ArchiveError as error:
        raise type(error)(f"{folder.path / NAME}: {error}") from None
    finally:
        os.close(fd)


def open_archive(
    path: Path,
    password: str | None = None,
    *,
    seen: Seen | None = None,
    accept_older: bool = False,
    lock_seconds: float = LOCK_SECONDS,
    kind: type[A] = Archive,  # type: ignore[assignment]
) -> A:
    """Opens an archive that exists, as an Archive or a class made from it.

    Raises NoArchive, WrongPassword, NewerVersion, DamagedArchive, and OlderArchive when it is not,
    or is older than, the one that `seen` remembers at this path.
    """
    known = None if accept_older else seen
    archive = open_unlocked(
        unlock(path, password, seen=known), lock_seconds, kind=kind, known=known
    )
    if seen is not None:
        archive.on_close = lambda: remember(archive, seen)
    return archive


@dataclass(frozen=True, slots=True)
class Unlocked:
    """An archive whose header opened; what an opened archive forgets is still here."""

    folder: Folder
    header: Header
    keys: ArchiveKeys | None
    opened: Opened | None


def unlock(path: Path, password: str | None, *, seen: Seen | None = None) -> Unlocked:
    """Looks at an archive's header and tries what was given; reads no table.

    `password` is a password or a recovery code. Raises as `open_archive`.
    """
    folder = Folder(path)
    if not folder.path.is_dir():
        raise NoArchive(f"there is no folder {folder.path}: `--dir` names another")
    header = _header(folder)
    try:
        folder.check()
    except NoArchive:
        raise ArchiveError(
            f"{folder.path} has a database but none of an archive's folders: put them back from a "
            "backup"
        ) from None
    if seen is not None:
        _check_kind(header, seen, folder.path)
    opened = _tried(header, password, folder.path)
    keys = None if opened is None else ArchiveKeys(opened.root, header.archive_id)
    verify_header(header, keys)
    return Unlocked(folder, header, keys, opened)


def open_unlocked(
    unlocked: Unlocked,
    lock_seconds: float = LOCK_SECONDS,
    *,
    kind: type[A] = Archive,  # type: ignore[assignment]
    known: Seen | None = None,
) -> A:
    """Opens what was unlocked. Raises OlderArchive when `known` remembers a newer one."""
    archive = _opened(unlocked.folder, unlocked.header, unlocked.keys, lock_seconds, kind)
    archive.slip = "" if unlocked.opened is None else unlocked.opened.slip
    if known is not None:
        _check_age(archive, known)
    return archive


def reopen_archive(
    path: Path,
    handover: Handover,
    *,
    seen: Seen | None = None,
    lock_seconds: float = LOCK_SECONDS,
    kind: type[A] = Archive,  # type: ignore[assignment]
) -> A:
    """Opens an archive that another process of ours has open, by what that one handed over.

    It was looked at there whether it is the one last seen. Raises NoArchive, DamagedArchive, and
    OlderArchive when another archive lies there now.
    """
    unlocked = unlock_again(path, handover)
    archive = open_unlocked(unlocked, lock_seconds, kind=kind)
    if seen is not None:
        archive.on_close = lambda: remember(archive, seen)
    return archive


def unlock_again(path: Path, handover: Handover) -> Unlocked:
    """Looks at an archive's header by what was handed over; reads no table.

    Raises as `reopen_archive`.
    """
    folder = Folder(path)
    header = _header(folder)
    folder.check()
    keys = handover.keys()
    cipher = PLAIN if keys is None else SEALED
    check_same(header, Header(cipher, 0, handover.archive_id, ()), keys, folder.path)
    return Unlocked(folder, header, keys, None)


def _opened(
    folder: Folder,
    header: Header,
    keys: ArchiveKeys | None,
    lock_seconds: float,
    kind: type[A],
) -> A:
    try:
        return kind(folder, header, keys, lock=ArchiveLock(folder, timeout=lock_seconds))
    except DamagedArchive as error:
        raise DamagedArchive(f"{folder.path / NAME}: {error}") from error


def _tried(header: Header, password: str | None, path: Path) -> Opened | None:
    if header.cipher == PLAIN:
        if password is not None:
            raise WrongPassword(
                f"{path} is not encrypted, but a password was given: if it should be, it was "
                "replaced by another archive; if not, give no password"
            )
        return None
    if password is None:
        raise WrongPassword(f"{path} is encrypted: give its password")
    try:
        return open_any(header.slots, header.archive_id, header.cipher, password)
    except WrongPassword as error:
        raise WrongPassword(f"{path}: {error}") from None


def create_archive(
    path: Path,
    password: str | None,
    *,
    plain: bool = False,
    cost: Cost = DEFAULT_COST,
    seen: Seen | None = None,
    kind: type[A] = Archive,  # type: ignore[assignment]
) -> A:
    """Makes a new archive and opens it; without a password only if `plain` says so.

    Raises UsageError when password and `plain` disagree, ArchiveError when one is there already,
    or its pictures without a database.
    """
    if (password is None) != plain:
        raise UsageError("a new archive takes a password, or plain=True for none: one of the two")
    if password is not None:
        normalize_password(password)  # refused before there is a folder to be left empty
    folder = Folder(path)
    if exists(folder.path):
        raise ArchiveError(f"there is an archive in {folder.path} already")
    folder.create()
    lock = ArchiveLock(folder, timeout=LOCK_SECONDS)
    with lock.hold("create"):
        ours = not exists(folder.path)
        if ours:
            _refuse_orphans(folder)
        keys = _write_new(folder, password, cost) if ours else None
    if not ours:  # another process was quicker: its password decides
        return open_archive(path, password, seen=seen, accept_older=True, kind=kind)
    archive = kind(folder, _header(folder), keys, lock=lock)
    if seen is not None:
        archive.on_close = lambda: remember(archive, seen)
    return archive


def _refuse_orphans(folder: Folder) -> None:
    """A new database beside the pictures of a lost one would make nobody look for it."""
    if any(True for _ in folder.names(BLOBS)):
        raise ArchiveError(
            f"{folder.path} holds the pictures of an archive, but no {NAME}: put it back from a "
            "backup, or name another folder"
        )


def _write_new(folder: Folder, password: str | None, cost: Cost) -> ArchiveKeys | None:
    """Writes an empty archive's database; returns its keys, so that none are derived twice."""
    archive_id = os.urandom(16)
    keys, log_keys = None, None
    slots: tuple[Slot, ...] = ()
    log = compact.fresh_log()
    if password is not None:
        root = new_root()
        keys = ArchiveKeys(root, archive_id)
        log_keys = keys.log_keys(log.log_id)
        slots = (password_slot(root, archive_id, SEALED, password, cost),)
    header = Header(PLAIN if keys is None else SEALED, 1, archive_id, slots)
    codec = Codec(archive_id, log, log_keys)
    try:
        folder.write_new(
            "", NAME, compact.new_file(pack_header(header, keys), codec, compact.empty_snapshot())
        )
        folder.sync("")
    except OSError as error:
        raise disk_error(error, f"{NAME} could not be made") from error
    return keys


def remember(archive: Archive, seen: Seen) -> None:
    """Notes on this computer how far the archive had come.

    Not if another process has encrypted or decrypted it since: that is what is to be remembered.
    """
    with suppress(ArchiveError):
        if (_header(Folder(archive.path)).cipher == SEALED) != archive.sealed:
            return
    sequence, tag = archive.last
    seen.remember(archive.archive_id, archive.path, archive.sealed, sequence, tag)


def _check_kind(header: Header, seen: Seen, path: Path) -> None:
    known = seen.recall_path(path)
    if known is None:
        return
    if header.cipher == SEALED and known.archive_id != header.archive_id:
        raise OlderArchive(
            f"{path} held another archive when it was last seen here: if you did not put this one "
            "there yourself, somebody did; `--accept-older` goes on all the same"
        )
    if known.sealed and header.cipher == PLAIN:
        raise OlderArchive(
            f"the archive last seen in {path} was encrypted and this one is not: if you did not "
            "put another there yourself, somebody did; `--accept-older` goes on all the same"
        )


def _check_age(archive: Archive, seen: Seen) -> None:
    known = seen.recall(archive.archive_id, archive.path)
    if known is None:
        return
    if known.sequence > archive.last[0]:
        archive.refresh()  # others may have committed, and remembered it, since it was read
    tag = archive.tag_of(known.sequence)
    if known.sequence > archive.last[0] or (tag is not None and tag != known.tag):
        raise OlderArchive(
            f"{archive.path} is older than the archive last seen there (change {archive.last[0]}, "
            f"not {known.sequence}): a copy was put back, or its end is lost; look for the newer "
            "one, or go on with `--accept-older`"
        )
