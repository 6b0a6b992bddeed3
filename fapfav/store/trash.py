"""Where a picture's files lie: the row decides, never the folder.

A row in `trash` puts them into `trash/`, a row in `blobs` into `blobs/` and `thumbs/`. Whoever was
killed between a commit and its renames is made up for by the next writer; readers look in both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fapfav import model
from fapfav.errors import DamagedFile
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.log import Position
from fapfav.store.rows import Op, Rows
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.transaction import Transaction

_BLOBS = TABLES["blobs"]
_TRASH = TABLES["trash"]


def trashed(blob: model.Blob, at: int, change: int) -> model.Trashed:
    """The trash's row for a blob."""
    return model.Trashed(
        blob.digest, at, change, blob.size, blob.ext, blob.thumb_size, blob.thumb_ext
    )


def _is_final(tx: Transaction, key: Key, row: Row) -> bool:
    """Whether a row of the trash names a change whose values are not kept any more.

    It took others along, which were destroyed. This picture then comes into the trash by the undo.
    """
    change = tx.changes.get(_TRASH.record_of(key, row).change)
    return change is None or change.state == "final"


class Mover:
    """Renames files to where their rows say."""

    def __init__(self, files: BlobStore) -> None:
        self._files = files
        self._settled: Position | None = None  # the end of the log up to which all is done

    def settle(self, rows: Rows, changed: Collection[Key], end: Position) -> None:
        """Moves the files of digests whose row in the trash just came or went."""
        moved = False
        for key in changed:
            trash, blob = rows.tables["trash"].get(key), rows.tables["blobs"].get(key)
            if trash is not None and blob is None:
                self._to_trash(_TRASH.record_of(key, trash))
                moved = True
            elif trash is None and blob is not None:
                self._from_trash(_BLOBS.record_of(key, blob))
                moved = True
        if moved:
            self._files.sync_folders()
        self._settled = end

    def settle_all(self, rows: Rows, end: Position) -> None:
        """Before a write: finishes what others left, if killed between a commit and its renames."""
        if self._settled == end:
            return
        names = set(self._files.trashed_names())
        wanted = set()
        for key, row in rows.tables["trash"].items():
            record = _TRASH.record_of(key, row)
            name = self._files.name(Kind.BLOB, record.digest, record.ext)
            wanted.add(name)
            if name not in names:
                self._to_trash(record)
        if names - wanted:
            for key, row in rows.tables["blobs"].items():
                blob = _BLOBS.record_of(key, row)
                if self._files.name(Kind.BLOB, blob.digest, blob.ext) in names:
                    self._from_trash(blob)
        if names or wanted:
            self._files.sync_folders()
        self._settled = end

    def _to_trash(self, record: model.Trashed) -> None:
        self._files.to_trash(record.digest, record.ext, record.thumb_ext)

    def _from_trash(self, blob: model.Blob) -> None:
        self._files.from_trash(blob.digest, blob.ext, blob.thumb_ext)

    def take_back(self, tx: Transaction, ops: Iterable[Op]) -> None:
        """Puts rows back as they were; pictures that go come into the trash, never away.

        Raises DamagedFile when a picture that comes back has no file any more.
        """
        # A row of the trash that is known comes after the one made up for a picture that goes.
        for name, key, row in sorted(ops, key=lambda op: op[0] == "trash"):
            if name == "blobs":
                self._blob(tx, key, row)
            if name != "trash" or row is None or not _is_final(tx, key, row):
                tx.put_packed(name, key, row)

    def _blob(self, tx: Transaction, key: Key, row: Row | None) -> None:
        digest = _BLOBS.unpack_key(key)[0]
        if row is None:
            blob = tx.blobs.get(digest)
            if blob is not None:
                tx.put(trashed(blob, tx.now, tx.number))
            return
        blob = _BLOBS.record_of(key, row)
        if not self._files.present(Kind.BLOB, blob.digest, blob.ext, blob.size):
            raise DamagedFile(
                f"picture {blob.digest.hex()} has no file any more, so the change that took it "
                "away cannot be undone"
            )
        tx.delete("trash", digest)
