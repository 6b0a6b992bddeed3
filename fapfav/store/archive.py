"""One archive as a process holds it: its tables, its files, its lock and its changes."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from fapfav import model
from fapfav.errors import ArchiveError, DamagedArchive, DamagedFile
from fapfav.store import compact, undo
from fapfav.store.blobs import Kind
from fapfav.store.both_kinds import CONVERTING, ArchiveFiles
from fapfav.store.change import Change
from fapfav.store.database import NAME, Database
from fapfav.store.folder import Folder
from fapfav.store.header import BLOCK, Header, better_block
from fapfav.store.keys import ArchiveKeys, Handover
from fapfav.store.lock import ArchiveLock
from fapfav.store.records import Records
from fapfav.store.rows import Op, Rows
from fapfav.store.transaction import Transaction
from fapfav.store.trash import Mover


def _clock() -> int:
    return int(time.time())


def _opened(
    folder: Folder, header: Header, keys: ArchiveKeys | None, lock: ArchiveLock
) -> Database:
    try:
        return Database(folder, header, keys)
    except DamagedArchive:
        # What looked like damage may be a writer's frame seen half: look again without one.
        with lock.hold("open"):
            return Database(folder, header, keys)


class Archive(Records):
    """An opened archive: read-only views of every table, `change` to write, `blob_bytes` to read.

    Made by `opening.open_archive` and `opening.create_archive`. Other processes may read and write
    the same archive meanwhile; `refresh` takes over what they committed, every change does so too.
    """

    def __init__(
        self,
        folder: Folder,
        header: Header,
        keys: ArchiveKeys | None,
        *,
        lock: ArchiveLock,
        clock: Callable[[], int] = _clock,
    ) -> None:
        self.path: Path = folder.path
        self.archive_id = header.archive_id
        self.slip = ""
        """What was put right in the recovery code that opened it; nothing else of it."""
        self._folder = folder
        self._clock = clock
        self._wrote = False
        self.on_close: Callable[[], None] | None = None
        super().__init__(_opened(folder, header, keys, lock), lock)
        self._use(keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _use(self, keys: ArchiveKeys | None) -> None:
        """From now on reads and writes files with these keys."""
        self._keys, self.sealed = keys, keys is not None
        self.files = ArchiveFiles(
            self._folder,
            keys,
            converting=lambda: str(self.config(CONVERTING, "")),
            check=self._database.check,
        )
        self._mover = Mover(self.files)

    def close(self) -> None:
        """Ends the use of the archive; what it wrote is compacted if that is due."""
        if self._wrote:
            self._wrote = False
            with suppress(ArchiveError):  # it only saves time: whoever writes next may do it
                self.compact(only_if_due=True)
        if self.on_close is not None:
            self.on_close()

    def __repr__(self) -> str:
        return f"<Archive {str(self.path)!r}>"

    def blob_bytes(self, digest: model.Digest | str) -> bytes:
        """The bytes of a picture, checked against its digest.

        Raises UsageError for a digest that is not here, DamagedFile when its file is not whole.
        """
        blob = self._known(digest)
        return self.files.read(Kind.BLOB, blob.digest, blob.ext, blob.size)

    def thumbnail(self, digest: model.Digest | str) -> bytes | None:
        """The bytes of a picture's thumbnail, None if it has none. Raises as `blob_bytes`."""
        blob = self._known(digest)
        if not blob.thumb_size:
            return None
        if self.config(CONVERTING, "") and not self.files.present(
            Kind.THUMB, blob.digest, blob.thumb_ext, blob.thumb_size
        ):
            return None  # a plain one is believed only once it was looked at
        return self.files.read(Kind.THUMB, blob.digest, blob.thumb_ext, blob.thumb_size)

    def keyed(self, *parts: str) -> str:
        """A name (32 hex digits) that tells nobody without the key what it is the name of.

        In a plain archive there is no key, and whoever knows the parts knows the name.
        """
        key = self.archive_id if self._keys is None else self._keys.name
        # The names of files are of one byte and a digest: these begin with another byte.
        text = b"\xff" + b"\0".join(part.encode("utf-8", "surrogateescape") for part in parts)
        return hmac.digest(key, text, "sha256")[:16].hex()

    def handover(self) -> Handover:
        """What lets a process of ours open this archive too; see `opening.reopen_archive`."""
        return Handover.of(self.archive_id, self._keys)

    def _known(self, digest: model.Digest | str) -> model.Blob:
        key = model.digest_of(digest)
        blob = self.blobs.get(key)
        if blob is None:
            raise DamagedFile(f"no picture {key.hex()} is in this archive; `print` lists them")
        return blob

    # Writing

    def change(self, verb: str, *, by: str = "cli", what: str = "", page: str = "") -> Change:
        """A change to write with; see `Change`."""
        return Change(self, verb, by, what, page)

    @contextmanager
    def write(self, verb: str, *, by: str = "cli", what: str = "") -> Iterator[Transaction]:
        """A change of a single transaction."""
        with self.change(verb, by=by, what=what) as change, change.transaction(last=True) as tx:
            yield tx

    @contextmanager
    def writing(self, verb: str) -> Iterator[Rows]:
        """Holds the lock and gives the state as it is now; for `Change`."""
        with self._lock.hold(verb):
            self._database.catch_up(writing=True)
            self._mover.settle_all(self._database.rows, self._database.now.position)
            yield self._database.rows

    def hurry(self, seconds: float) -> None:
        """From now on waits so long at most while others write."""
        self._lock.patience = seconds

    def wait_to_write(self, seconds: float) -> None:
        """Returns as soon as nobody else writes. Raises ArchiveInUse after so many seconds."""
        with self._lock.hold("wait", seconds):
            pass

    def commit(self, transaction: Transaction) -> None:
        """Makes a transaction durable; for `Change`, within `writing`."""
        ops = transaction.ops()
        self._wrote = True
        self._database.append(ops, transaction.vectors())
        trash = {key for name, key, _ in ops if name == "trash"}
        self._mover.settle(self._database.rows, trash, self._database.now.position)

    def time(self) -> int:
        """Now, in seconds UTC."""
        return self._clock()

    def undo(self, number: int | None = None, *, by: str = "cli") -> undo.UndoReport:
        """Takes back the last change, or the one of that number; see `undo.choose`.

        All or nothing: a row that a later standing change also touched is a conflict, and then
        nothing is undone. Raises UsageError when there is no such change.
        """
        with self.change("undo", by=by) as change, change.transaction(last=True) as tx:
            record = undo.choose(tx.changes.records(), number)
            parts = undo.undo_parts(self._database.undo_frames())
            rows = undo.before(parts, record.number)
            changes, now = dict(tx.changes.items()), self._database.rows
            against = undo.conflicts(parts, changes, record.number, rows, now)
            against += undo.tags_in_use(self._database.rows, rows)
            ops = undo.as_ops(rows, self._database.rows)
            against += undo.astray(ops, self._database.rows) or self._tree_problems(ops)
            if not against:
                change.what = f"change {record.number} ({record.verb})"
                change.undoes = record.number
                if undo.others_came(tx.changes.records(), record):
                    undo.compare_again(tx, ops)
                self._mover.take_back(tx, ops)
                undo.mark(tx, record)
        return undo.UndoReport(
            record.number, record.verb, record.what, len(rows), tuple(against), redo=change.number
        )

    def _tree_problems(self, ops: Sequence[Op]) -> list[str]:  # noqa: ARG002
        """What would be wrong with the tag tree, in words; a part that knows its rules says it."""
        return []

    def compact(self, *, only_if_due: bool = False) -> bool:
        """Writes the database anew without what is outdated; says whether it did."""
        with self.writing("compact"):
            if only_if_due and not compact.is_due(self._database):
                return False
            compact.compact(self._database, self._folder, self._header_block(), self._keys)
        return True

    def _header_block(self) -> bytes:
        fd = self._folder.open_read("", NAME)
        try:
            block, _ = better_block(os.pread(fd, 2 * BLOCK, 0))
            return block
        finally:
            os.close(fd)
