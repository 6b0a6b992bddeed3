"""Changing the key slots: a new header, written so that one whole block stands at every moment.

The second block first, durable; then the first, durable. Killed in between, the higher generation
counts, and the next writer copies it over the other block. No table is read, so it costs the same
for any number of pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from fapfav.errors import ArchiveChanged, DamagedArchive, OlderArchive, UsageError
from fapfav.store.disk import disk_error, fsync_file, write_all
from fapfav.store.header import (
    BLOCK,
    SEALED,
    Header,
    better_block,
    pack_header,
    read_header,
    verify_header,
)
from fapfav.store.keys import ArchiveKeys
from fapfav.store.slots import PASSWORD, SLOT_COUNT, Slot, cost_problem

Slots = tuple[Slot, ...]

Open = Callable[[], int]
"""Opens the database for reading and writing in place."""


def added(slots: Slots, slot: Slot) -> Slots:
    """One slot more. Raises UsageError when a header has no room for it."""
    if len(slots) == SLOT_COUNT:
        raise UsageError(f"an archive has at most {SLOT_COUNT} keys; remove one first")
    return _affordable((*slots, slot))


def replaced(slots: Slots, slot_id: bytes, slot: Slot) -> Slots:
    """Another slot in one's place. Raises UsageError when that one is not there any more."""
    _present(slots, slot_id)
    return _affordable(tuple(slot if old.slot_id == slot_id else old for old in slots))


def removed(slots: Slots, slot_id: bytes) -> Slots:
    """One slot less. Raises UsageError for the last: nobody could ever open the archive again."""
    _present(slots, slot_id)
    if len(slots) == 1:
        raise UsageError("this is the only key: without it nobody could open the archive again")
    return tuple(slot for slot in slots if slot.slot_id != slot_id)


def change_slots(
    opened: Open,
    keys: ArchiveKeys,
    change: Callable[[Slots], Slots],
    now_broken: Callable[[], None],
) -> Header:
    """Puts `change` of the slots as they are now into both blocks; the lock must be held.

    Calls `now_broken` once the disk may hold something else than it says. Raises what `change`
    raises, and ArchiveError when the disk refuses, which says which keys hold then.
    """
    fd = opened()
    try:
        mend(opened, keys, fd)
        old = read_header(os.pread(fd, 2 * BLOCK, 0))
        block = pack_header(
            Header(SEALED, old.generation + 1, old.archive_id, change(old.slots)), keys
        )
        _write_second(fd, block, old.raw, now_broken)
        _write_first(fd, block, now_broken)
        return read_header(block)
    finally:
        os.close(fd)


def mend(opened: Open, keys: ArchiveKeys | None, fd: int) -> bool:
    """Copies the block that counts over one that is torn or older; says whether it did.

    `fd` is the database's, for reading. The lock must be held. Raises ArchiveError.
    """
    block, others = better_block(os.pread(fd, 2 * BLOCK, 0))
    if not others:
        return False
    # What only looks whole is not spread.
    verify_header(read_header(block), keys)
    writing = opened()
    try:
        # Its writer may have been killed before it was durable, and the other still is.
        fsync_file(writing)
        for at in others:
            write_all(writing, block, at)
        fsync_file(writing)
    except OSError as error:
        raise disk_error(error, "the database's header could not be copied") from error
    finally:
        os.close(writing)
    return True


def check_same(found: Header, opened: Header, keys: ArchiveKeys | None, path: Path) -> None:
    """Raises ArchiveChanged or OlderArchive when a header is not of the archive that was opened.

    Other slots make no difference: they are ways to the same keys.
    """
    if found.archive_id != opened.archive_id:
        raise OlderArchive(
            f"the database in {path} was replaced by another archive's: put the right one back"
        )
    if found.cipher != opened.cipher:
        how = "encrypted meanwhile: open it with its password"
        if found.cipher != SEALED:
            how = "decrypted meanwhile: open it without a password"
        raise ArchiveChanged(f"{path} was {how}")
    try:
        verify_header(found, keys)
    except DamagedArchive:
        raise ArchiveChanged(
            f"{path} was encrypted anew meanwhile, or its header was changed by someone without "
            "the key: open it again"
        ) from None


def _write_second(fd: int, block: bytes, old: bytes, now_broken: Callable[[], None]) -> None:
    try:
        write_all(fd, block, BLOCK)
        fsync_file(fd)
    except OSError as error:
        # Not asked for its durability again: whatever comes of it, the first block still stands.
        now_broken()
        with suppress(OSError):
            write_all(fd, old, BLOCK)
        words = "the keys were not changed, as far as the disk says: keep the old and the new"
        raise disk_error(error, words) from error


def _write_first(fd: int, block: bytes, now_broken: Callable[[], None]) -> None:
    try:
        write_all(fd, block, 0)
        fsync_file(fd)
    except OSError as error:
        now_broken()
        words = "the keys were changed, but the header's first copy could not be written"
        raise disk_error(error, words) from error


def _present(slots: Sequence[Slot], slot_id: bytes) -> None:
    if all(slot.slot_id != slot_id for slot in slots):
        raise UsageError(
            f"the key {slot_id.hex()} is not there any more; `key list` shows which are"
        )


def _affordable(slots: Slots) -> Slots:
    if cost_problem(slots) is not None:
        count = sum(slot.kind == PASSWORD for slot in slots) - 1
        raise UsageError(
            f"with {count} passwords there is no room for another: trying them all would take too "
            "long; remove one first"
        )
    return slots
