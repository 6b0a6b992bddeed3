"""The database of a backup: copied up to its last commit, while others may go on writing.

A log only grows, so all but its end is copied without the lock; what came meanwhile follows under
it, together with the last files, and so the two belong together. The kinds of frames stand in the
clear, which is all that is needed to find the last commit.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from fapfav.errors import ArchiveError, DamagedArchive, OlderArchive
from fapfav.store import log
from fapfav.store.backing import CHECK, DATABASES, check_of, pieces
from fapfav.store.database import NAME
from fapfav.store.folder import ROOT, Folder, Staged
from fapfav.store.frames import FIRST_FRAME, TAG, Codec, Kind
from fapfav.store.header import BLOCK, PLAIN, Header, read_header
from fapfav.store.lock import ArchiveLock

KEPT = 10
"""Databases that a backup keeps: the one that counts and those before it."""

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class State:
    """How far a database goes, as told without a key."""

    header: Header
    log_id: bytes
    end: log.Position

    @property
    def last(self) -> int:
        """The number of its last frame."""
        return self.end.sequence - 1

    @property
    def name(self) -> str:
        """What a backup calls it among those it keeps: sorted by name is sorted by age."""
        return f"{NAME}.{self.last:012d}-{self.log_id[:4].hex()}"


def state_of(folder: Folder, sub: str = ROOT, name: str = NAME) -> State:
    """How far a database goes. Raises FileNotFoundError, DamagedArchive."""
    fd = folder.open_read(sub, name)
    try:
        return _state(fd, None)
    except DamagedArchive as error:
        raise DamagedArchive(f"{folder.path / sub / name}: {error}") from None
    finally:
        os.close(fd)


def _state(fd: int, known: State | None) -> State:
    """The state now; from a known one on, if it is still the same log and grew."""
    header = read_header(os.pread(fd, 2 * BLOCK, 0))
    # Sealed bodies are passed over: the tags that chain them stand in the clear.
    skip = () if header.cipher == PLAIN else tuple(Kind)
    codec = Codec(header.archive_id, log.log_header(fd), None)
    begin = None
    if known is not None and known.log_id == codec.header.log_id:
        begin = known.end
        if os.pread(fd, TAG, begin.offset - TAG) != begin.tag:
            begin = None  # what was read then was cut back and written anew
    if begin is None:
        for _, after in log.read_snapshot(fd, codec, skip):
            begin = after
    assert begin is not None
    end = begin
    try:
        for _, after in log.read_to_end(fd, codec, begin, skip):
            end = after
    except log.Unreadable as rest:
        end = rest.position
    return State(header, codec.header.log_id, end)


class _Moved(Exception):
    """The database is another file than the one that was begun with."""


@dataclass(slots=True)
class DatabaseCopy:
    """A database that is whole in the backup, but not yet under its name."""

    staged: Staged
    state: State
    check: bytes


def copy_database(
    source: Folder, target: Folder, lock: ArchiveLock, together: Callable[[], None]
) -> DatabaseCopy:
    """Copies the database beside its name; `together` is called under the lock, for the files.

    Raises DamagedArchive, ArchiveInUse, ArchiveError when it does not read back.
    """
    for held in (False, True):
        copying = _Copying(source, lock, together)
        try:
            staged = target.stage(ROOT, NAME, copying.pieces(held=held))
        except _Moved:
            continue
        return _compared(target, staged, copying)
    raise ArchiveError(
        f"{source.path / NAME} was replaced although it is locked; see what else writes there"
    )


def _compared(target: Folder, staged: Staged, copying: _Copying) -> DatabaseCopy:
    assert copying.state is not None
    try:
        if check_of(target, ROOT, staged.temporary) != copying.check:
            raise ArchiveError(
                f"{target.path / NAME} does not read back as it was written: that disk is "
                "failing; make the backup on another"
            )
    except BaseException:
        with suppress(ArchiveError):
            staged.discard()
        raise
    return DatabaseCopy(staged, copying.state, copying.check)


class _Copying:
    """The pieces of a database: all but the end without the lock, the end with it."""

    def __init__(self, source: Folder, lock: ArchiveLock, together: Callable[[], None]) -> None:
        self._source, self._lock, self._together = source, lock, together
        self._check = hashlib.blake2b(digest_size=CHECK)
        self.state: State | None = None

    @property
    def check(self) -> bytes:
        return self._check.digest()

    def pieces(self, *, held: bool) -> Iterator[bytes]:
        """Raises _Moved when it was compacted, or its keys changed, before the lock was held."""
        head = b""
        if not held:
            head = yield from self._begun()
        with self._lock.hold("backup"):
            fd = self._source.open_read(ROOT, NAME)
            try:
                before = self.state
                if before is not None and (
                    os.pread(fd, FIRST_FRAME, 0) != head
                    or os.pread(fd, TAG, before.end.offset - TAG) != before.end.tag
                ):
                    raise _Moved
                self.state = _state(fd, before)
                self._together()
                begin = 0 if before is None else before.end.offset
                yield from self._part(fd, begin, self.state.end.offset)
            finally:
                os.close(fd)

    def _begun(self) -> Generator[bytes, None, bytes]:
        fd = self._source.open_read(ROOT, NAME)
        try:
            head = os.pread(fd, FIRST_FRAME, 0)
            self.state = _state(fd, None)
            self._check.update(head)
            yield head
            yield from self._part(fd, FIRST_FRAME, self.state.end.offset)
        finally:
            os.close(fd)
        return head

    def _part(self, fd: int, begin: int, end: int) -> Iterator[bytes]:
        while begin < end:
            piece = os.pread(fd, min(_PIECE, end - begin), begin)
            if not piece:
                raise _Moved
            begin += len(piece)
            self._check.update(piece)
            yield piece


def check_follows(now: State, before: State, target: Folder, tag: bytes | None) -> None:
    """Raises OlderArchive when the backup's database is none that this archive had.

    `tag` is that of the archive's frame with the number of the backup's last one, None if its log
    no longer says.
    """
    if before.header.archive_id != now.header.archive_id:
        raise OlderArchive(
            f"{target.path} is the backup of another archive; name an empty folder for this one"
        )
    if before.last > now.last or (tag is not None and tag != before.end.tag):
        raise OlderArchive(
            f"the backup in {target.path} goes further than this archive (frame {before.last}, "
            f"not {now.last}), or was written to itself: `restore` it if the archive is the old "
            "one; `--accept-older` makes the backup all the same and keeps that database beside"
        )


def tag_at(source: Folder, number: int) -> bytes | None:
    """The tag of the archive's frame of that number, None if this log does not hold it."""
    fd = source.open_read(ROOT, NAME)
    try:
        header = log.log_header(fd)
        state = _state(fd, None)
        if not header.first_sequence <= number <= state.last:
            return state.end.tag if number == state.last else None
        return log.tag_of(fd, header, number)
    finally:
        os.close(fd)


def put_in_place(target: Folder, copied: DatabaseCopy) -> bool:
    """Gives the copy the database's name; the one before is kept. False if nothing had changed.

    Raises DamagedArchive when the two are of one log and differ where they should not.
    """
    try:
        same = check_of(target, ROOT, NAME) == copied.check
        if not same:
            _check_grown(target, copied)
            keep(target)
    except FileNotFoundError:
        same = False
    except BaseException:
        with suppress(ArchiveError):
            copied.staged.discard()
        raise
    if same:
        copied.staged.discard()
        return False
    copied.staged.publish()
    target.sync(ROOT)
    return True


def _check_grown(target: Folder, copied: DatabaseCopy) -> None:
    """A log only grows: its last copy is how it began, or one of the two was damaged since."""
    try:
        before = state_of(target)
    except DamagedArchive:
        return  # the backup's own: it is kept, and a good one takes its place
    if before.log_id != copied.state.log_id or before.last > copied.state.last:
        return
    olds, news = pieces(target, ROOT, NAME), pieces(target, ROOT, copied.staged.temporary)
    for at, (old, new) in enumerate(zip(olds, news, strict=False)):
        # The headers change with the keys, and what follows the last commit is none of it.
        begin = max(0, FIRST_FRAME - at * _PIECE)
        end = max(0, before.end.offset - at * _PIECE)
        if old[begin:end] != new[begin:end]:
            raise DamagedArchive(
                f"the archive's database and the backup's in {target.path} differ where nothing "
                "was changed: one of them is damaged; run `verify` on both"
            )


def keep(target: Folder) -> None:
    """Copies the backup's database to those it keeps, and lets the oldest go."""
    try:
        name = state_of(target).name
    except ArchiveError:
        # Not even its end can be told: kept all the same, as the newest there is.
        name = f"{NAME}.{'9' * 12}-{os.urandom(4).hex()}"
    if target.stat(DATABASES, name) is None:
        target.write_new(DATABASES, name, pieces(target, ROOT, NAME))
    for old in sorted(target.names(DATABASES), reverse=True)[KEPT - 1 :]:
        target.unlink(DATABASES, old)
    target.sync(DATABASES)
