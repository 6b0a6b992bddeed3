"""The database from plain to sealed or back: a compaction under another header, in one rename.

It is one commit: the snapshot holds the rows of the change that asks for it. Whoever has the
archive open as it was is told so when it looks the next time.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

from fapfav.store import compact
from fapfav.store.archive import Archive
from fapfav.store.change import Change
from fapfav.store.header import BLOCK, PLAIN, SEALED, Header, pack_header, read_header
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.rekey import Slots
from fapfav.store.rows import Rows
from fapfav.store.transaction import Transaction


def to_sealed(archive: Archive, verb: str, root: RootKey, slots: Slots) -> Change:
    """A change whose one transaction makes the database a sealed one that these slots open."""
    keys = ArchiveKeys(root, archive.archive_id)
    return Change(_Keeper(archive, keys, slots), verb, "cli", "", "")


def to_plain(archive: Archive, verb: str) -> Change:
    """A change whose one transaction makes the database a plain one."""
    return Change(_Keeper(archive, None, ()), verb, "cli", "", "")


class _Keeper:
    """What such a change writes to: the archive, but that its commit is a compaction."""

    def __init__(self, archive: Archive, keys: ArchiveKeys | None, slots: Slots) -> None:
        self._archive, self._keys, self._slots = archive, keys, slots

    def writing(self, verb: str) -> AbstractContextManager[Rows]:
        """See `change.Keeper`."""
        return self._archive.writing(verb)

    def time(self) -> int:
        """See `change.Keeper`."""
        return self._archive.time()

    def commit(self, transaction: Transaction) -> None:
        """Writes the database anew, and has the archive go on with it."""
        archive, database = self._archive, self._archive._database
        # The values before are for undoing, which this change cannot be.
        ops = [op for op in transaction.ops() if op[0] != "undo"]
        header = self._header()
        block = pack_header(header, self._keys)
        compact.compact(database, archive._folder, block, self._keys, ops)
        database._header, database._keys = header, self._keys
        archive._use(self._keys)

    def _header(self) -> Header:
        """Like the one there is, but of the other cipher."""
        fd = self._archive._database._open()
        try:
            old = read_header(os.pread(fd, 2 * BLOCK, 0))
        finally:
            os.close(fd)
        cipher = PLAIN if self._keys is None else SEALED
        return Header(cipher, old.generation + 1, old.archive_id, self._slots)
