"""An archive opened to change its keys: what is kept of the root key while that is done.

An archive that is open for anything else has forgotten it, and so have the processes it starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Generic, Self

from typing_extensions import TypeVar

from fapfav.errors import UsageError
from fapfav.store import opening, rekey
from fapfav.store.archive import Archive
from fapfav.store.header import BLOCK, SEALED, Header, read_header
from fapfav.store.keys import ArchiveKeys
from fapfav.store.rekey import Slots
from fapfav.store.seen import Seen
from fapfav.store.slots import DEFAULT_COST, Cost, Opened, Slot, password_slot, recovery_slot

A = TypeVar("A", bound=Archive, default=Archive)


class KeyRing(Generic[A]):
    """A sealed archive and the key slots that open it. Use as a context manager: it is closed."""

    def __init__(self, archive: A, keys: ArchiveKeys, opened: Opened) -> None:
        self.archive = archive
        self.opened_by = opened.slot.slot_id
        """The slot that opened it; another one, once that was changed here."""
        self._keys = keys
        self._root = opened.root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.archive.close()

    def slots(self) -> Slots:
        """The slots as they are now."""
        database = self.archive._database
        fd = database._open()
        try:
            header = read_header(os.pread(fd, 2 * BLOCK, 0))
        finally:
            os.close(fd)
        rekey.check_same(header, database._header, self._keys, self.archive.path)
        return header.slots

    def password(self, text: str, cost: Cost = DEFAULT_COST) -> Slot:
        """A slot for a password, not in the header yet; at our own cost, never at an old slot's.

        Raises UsageError for a password that is none.
        """
        return password_slot(self._root, self.archive.archive_id, SEALED, text, cost)

    def recovery(self, code: bytes) -> Slot:
        """A slot for a recovery code, not in the header yet."""
        return recovery_slot(self._root, self.archive.archive_id, SEALED, code)

    def change(self, change: Callable[[Slots], Slots]) -> Header:
        """Puts `change` of the slots as they are then into the header, under the lock.

        Raises as `rekey.change_slots`, ArchiveInUse when the lock cannot be had.
        """
        database = self.archive._database
        with self.archive._lock.hold("key"):
            database.check()
            return rekey.change_slots(
                lambda: database._open(write=True),
                self._keys,
                change,
                now_broken=lambda: setattr(database, "_broken", True),
            )


def open_keyring(
    path: Path,
    password: str | None,
    *,
    seen: Seen | None = None,
    accept_older: bool = False,
    kind: type[A] = Archive,  # type: ignore[assignment]
) -> KeyRing[A]:
    """Opens an archive to change its keys; `password` may be a recovery code.

    Raises as `opening.open_archive`, UsageError for an archive that is not encrypted.
    """
    known = None if accept_older else seen
    unlocked = opening.unlock(path, password, seen=known)
    if unlocked.keys is None or unlocked.opened is None:
        raise UsageError(f"{path} is not encrypted, so it has no keys; `encrypt` gives it one")
    archive = opening.open_unlocked(unlocked, kind=kind, known=known)
    if seen is not None:
        archive.on_close = lambda: opening.remember(archive, seen)
    return KeyRing(archive, unlocked.keys, unlocked.opened)
