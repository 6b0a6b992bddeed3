"""`encrypt` and `decrypt`: a plain archive into a sealed one and back.

May be killed at any moment: run again it goes on, and the other one turns back. Meanwhile every
picture can be read and others can add some. What they do to files is `store.converting`'s; here are
their order, what they take of the disk, and what becomes of thumbnails, which a plain archive has
no check for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from fapfav.errors import ArchiveError, BadPicture, DamagedFile, UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.keys import LABELS, slot_notes
from fapfav.jobs.library import Archive
from fapfav.model import Config
from fapfav.store import strays, switching
from fapfav.store.both_kinds import CONVERTING, DECRYPT, ENCRYPT
from fapfav.store.change import Change
from fapfav.store.converting import BATCH_BYTES, Converter, batches
from fapfav.store.header import SEALED
from fapfav.store.keys import new_root
from fapfav.store.sealing import sealed_size
from fapfav.store.seen import Seen
from fapfav.store.slots import DEFAULT_COST, Cost, password_slot, recovery_slot
from fapfav.text import size

COPIES = (
    "what was here in the clear may survive elsewhere: in free space of the disk, above all of "
    "flash, in snapshots and in backups; full-disk encryption covers the first, the others are "
    "yours to delete"
)
"""What encrypting does not do."""


@dataclass(frozen=True, slots=True)
class ConvertReport(Report):
    """What was converted in this run, and whether all is.

    `failures` are (picture or path, reason); `left` is what is in the clear although the archive is
    encrypted, by paths below it: the user's own.
    """

    change: int
    files: int
    bytes: int
    finished: bool
    failures: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()


def under_way(archive: Archive) -> str:
    """The verb that was begun and has not come to its end: `encrypt`, `decrypt` or nothing."""
    return str(archive.config(CONVERTING, "")) if archive.sealed else ""


def encrypt(
    archive: Archive,
    password: str | None = None,
    code: bytes | None = None,
    *,
    cost: Cost = DEFAULT_COST,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> ConvertReport:
    """Encrypts a plain archive, or goes on with it, or turns back what `decrypt` has begun.

    A plain one takes the `password` it is to have, and may take a recovery code. The archive is
    open as a sealed one afterwards; whoever else has it open as a plain one is told. Cannot be
    undone. Raises UsageError when it is encrypted already, ArchiveError when the disk is too small.
    """
    archive.refresh()
    if archive.sealed and not under_way(archive):
        raise UsageError(f"{archive.path} is encrypted already; `key change` changes its password")
    if not archive.sealed:
        if password is None:
            raise UsageError("an archive is encrypted with a password; give one")
        _check_room(archive, ENCRYPT)
        _switch_to_sealed(archive, password, code, cost)
    elif under_way(archive) != ENCRYPT:
        _turn_to(archive, ENCRYPT)
    run = _Run(archive, Converter(archive, ENCRYPT, kept_thumbnail), Pace(tell, "encrypting"), stop)
    finished = False
    with archive.change(ENCRYPT) as change:
        while not finished and run.files(change):
            found = [stray for stray in strays.find(archive) if stray.path not in run.left]
            run.left |= strays.seal_all(archive, change, found)
            with change.transaction(last=True) as tx:
                strays.clear_temporaries(archive, sealed_too=False)
                new = [stray for stray in strays.find(archive) if stray.path not in run.left]
                if not new and not run.converter.pending():
                    change.what = run.in_words()
                    tx.delete("configs", CONVERTING)
                    finished = True
    return run.report(change.number, finished=finished)


def decrypt(
    archive: Archive,
    *,
    seen: Seen | None = None,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> ConvertReport:
    """Makes a sealed archive a plain one, or goes on with it, or turns back what `encrypt` began.

    `seen` is this computer's memory, which would refuse a plain archive in a sealed one's place.
    While a sealed file does not open it is not finished, since its keys would be lost with it.
    Cannot be undone. Raises UsageError when it is plain, ArchiveError when the disk is too small.
    """
    archive.refresh()
    if not archive.sealed:
        raise UsageError(f"{archive.path} is not encrypted")
    _check_room(archive, DECRYPT)
    if under_way(archive) != DECRYPT:
        _turn_to(archive, DECRYPT)
    run = _Run(archive, Converter(archive, DECRYPT, kept_thumbnail), Pace(tell, "decrypting"), stop)
    finished, number = False, 0
    while not finished:
        with archive.change(DECRYPT) as change:
            if not run.files(change):
                break
            run.left |= strays.put_back(archive, change)
        if run.left or run.converter.failures:
            break
        last = switching.to_plain(archive, DECRYPT)
        with last.transaction(last=True) as tx:
            if not run.converter.pending() and not strays.are_noted(archive):
                strays.clear_temporaries(archive, sealed_too=True)
                last.what = run.in_words()
                tx.delete("configs", CONVERTING, LABELS)
                if seen is not None:
                    # Before and not after: who is killed in between is not kept out of it.
                    seen.remember(archive.archive_id, archive.path, False, *archive.last)
                finished = True
        number = last.number
    return run.report(number, finished=finished)


@dataclass(slots=True)
class _Run:
    """One run: what it converts, and what came of it so far."""

    archive: Archive
    converter: Converter
    pace: Pace
    stop: Stop
    done: int = 0
    bytes: int = 0
    left: dict[str, str] = field(default_factory=dict)

    def files(self, change: Change) -> bool:
        """Converts all files of rows; says whether it came to the end."""
        while items := self.converter.pending():
            self.pace.total = self.done + len(items)
            for batch in batches(items):
                if self.stop():
                    return False
                self.converter.convert(change, batch)
                self.done += len(batch)
                self.bytes += sum(item.size for item in batch)
                self.pace.step(len(batch))
        self.pace.say()
        return not self.stop()

    def in_words(self) -> str:
        """For the log."""
        return f"{self.done} files"

    def report(self, change: int, *, finished: bool) -> ConvertReport:
        """What came of it."""
        from fapfav.jobs.export import FOLDER

        failures = [(key[1].hex(), why) for key, why in self.converter.failures.items()]
        left: list[str] = []
        if self.archive.sealed and finished:
            left = [*strays.foreign(self.archive), *self.left]
            left += [FOLDER] if (self.archive.path / FOLDER).is_dir() else []
        return ConvertReport(
            change=change,
            files=self.done,
            bytes=self.bytes,
            finished=finished,
            failures=(*failures, *self.left.items()),
            left=tuple(left),
        )


def kept_thumbnail(data: bytes, picture: Callable[[], bytes]) -> tuple[bytes, str]:
    """A thumbnail that decodes, or one made anew of its picture; nothing if that fails too."""
    from fapfav.images.examine import examine
    from fapfav.images.thumbnail import wrong_with

    try:
        if not wrong_with(data):
            return data, examine(data, thumbnail=False).ext
    except BadPicture:
        pass
    try:
        made = examine(picture())
    except (BadPicture, DamagedFile):
        return b"", ""
    return made.thumb, made.thumb_ext


def _switch_to_sealed(archive: Archive, password: str, code: bytes | None, cost: Cost) -> None:
    """The database first: it is small, and what comes in from then on is sealed."""
    root = new_root()
    slots = [password_slot(root, archive.archive_id, SEALED, password, cost)]
    if code is not None:
        slots.append(recovery_slot(root, archive.archive_id, SEALED, code))
    change = switching.to_sealed(archive, ENCRYPT, root, tuple(slots))
    change.what = "the database"
    with change.transaction(last=True) as tx:
        tx.put(Config(CONVERTING, ENCRYPT), slot_notes(slots, tx.now))


def _turn_to(archive: Archive, verb: str) -> None:
    with archive.write(verb, what="begun") as tx:
        tx.put(Config(CONVERTING, verb))


def _check_room(archive: Archive, to: str) -> None:
    """Raises ArchiveError unless the disk holds what there is at most at any moment."""
    items = Converter(archive, to, kept_thumbnail).pending()
    largest = max((sealed_size(item.size) for item in items), default=0)
    total = sum(sealed_size(item.size) for item in items)
    grown = total - sum(item.size for item in items) if to == ENCRYPT else 0
    needed = grown + min(total, BATCH_BYTES + largest) + 2 * archive.database_size
    disk = os.statvfs(archive.path)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        raise ArchiveError(
            f"this takes up to {size(needed)} more on the disk of {archive.path} and {size(free)} "
            "are free: make room, then run it again"
        )
