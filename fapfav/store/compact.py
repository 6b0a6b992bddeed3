"""Writing the log anew: a snapshot of what it amounts to, then put in the old file's place."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from fapfav.errors import DamagedArchive
from fapfav.store import log, undo, values
from fapfav.store.database import NAME, Database, Loaded
from fapfav.store.folder import Folder
from fapfav.store.frames import FIRST_FRAME, LOG_BLOCK, Codec, Kind, LogHeader
from fapfav.store.header import BLOCK
from fapfav.store.keys import ArchiveKeys
from fapfav.store.rows import Op, Rows
from fapfav.store.tables import TABLES, Key, Row, Table
from fapfav.store.vectors import alive, decode_block

_ROWS = 4096
_CHUNK_BYTES = 8 * 1024 * 1024
_DUE = 8 * 1024 * 1024
_DUE_ROWS = 30_000


def is_due(database: Database) -> bool:
    """Whether the changes since the snapshot weigh more than rewriting it is worth.

    In bytes, more than both 8 MiB and the snapshot; or in rows, because one read from a change
    costs ten times what one from a snapshot does, and opening should stay quick.
    """
    now = database.now
    rows = sum(map(len, now.rows.tables.values()))
    heavy = now.position.offset - now.snapshot_end > max(_DUE, now.snapshot_end - FIRST_FRAME)
    return heavy or now.changed > max(_DUE_ROWS, rows // 8)


def fresh_log(first_sequence: int = 1, previous_tag: bytes = bytes(16)) -> LogHeader:
    """A header for a log that never was."""
    return LogHeader(os.urandom(16), first_sequence, previous_tag)


def new_file(block: bytes, codec: Codec, payloads: Iterator[tuple[Kind, bytes]]) -> Iterator[bytes]:
    """The bytes of a database: header twice, log header twice, snapshot."""
    assert len(block) == BLOCK
    yield block * 2
    yield codec.header.pack().ljust(LOG_BLOCK, b"\0") * 2
    chain = log.Chain(codec, log.start(codec.header))
    for kind, payload in payloads:
        yield chain.seal(kind, payload)


def empty_snapshot() -> Iterator[tuple[Kind, bytes]]:
    """The snapshot of a new archive."""
    yield Kind.END, values.encode({"rows": {}})


def compact(
    database: Database,
    folder: Folder,
    block: bytes,
    keys: ArchiveKeys | None,
    ops: Sequence[Op] = (),
) -> None:
    """Replaces the database file by its snapshot. The lock is held, and the state caught up.

    With `ops` it is a snapshot of what they make of it, and so commits them. Raises DamagedArchive
    if what was written does not read back; the old file stays then.
    """
    old = database.now
    header = fresh_log(old.position.sequence, old.position.tag)
    log_keys = None if keys is None else keys.log_keys(header.log_id)
    codec = Codec(old.codec.archive_id, header, log_keys)
    contents = _Changed(database, ops) if ops else database
    staged = folder.stage("", NAME, new_file(block, codec, snapshot(contents)))
    try:
        now = _read_back(folder, staged.temporary, codec, old)
    except BaseException:
        staged.discard()
        raise
    staged.publish()
    database.sync_name()
    now.rows.apply(ops)
    database.replaced(now)


class Contents(Protocol):
    """What a snapshot is made of."""

    @property
    def rows(self) -> Rows:
        """The tables."""
        ...

    def vector_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame of vectors, in order."""
        ...

    def undo_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame with rows of `undo`, in order."""
        ...


class _Changed:
    """A database's contents with other rows; those in memory stay as they are."""

    def __init__(self, database: Database, ops: Sequence[Op]) -> None:
        touched = {name for name, _, _ in ops}
        self.rows = Rows()
        self.rows.tables = {
            name: dict(rows) if name in touched else rows
            for name, rows in database.rows.tables.items()
        }
        self.rows.apply(ops)
        self.vector_frames = database.vector_frames
        self.undo_frames = database.undo_frames


def snapshot(database: Contents) -> Iterator[tuple[Kind, bytes]]:
    """The frames of a snapshot, kind and payload, its end included."""
    rows = database.rows
    counts: dict[str, int] = {}
    for table in TABLES.values():
        if rows.tables[table.name]:
            counts[table.name] = len(rows.tables[table.name])
            for chunk in _chunks(table, list(rows.tables[table.name].items())):
                yield Kind.TABLE, chunk
    for _, payload in database.vector_frames():
        yield from ((Kind.VECTORS, kept) for kept in _kept_vectors(payload, rows))
    yield from ((Kind.UNDO, chunk) for chunk in _kept_undo(database))
    yield Kind.END, values.encode({"rows": counts})


def _chunks(table: Table, rows: list[tuple[Key, Row]], size: int = _ROWS) -> Iterator[bytes]:
    for at in range(0, len(rows), size):
        part = rows[at : at + size]
        try:
            chunk = values.encode(table.pack_rows(part))
        except values.TooLarge:
            chunk = b""
        if (chunk and len(chunk) <= _CHUNK_BYTES) or len(part) == 1:
            yield chunk or values.encode(table.pack_rows(part))
        else:
            yield from _chunks(table, part, max(1, len(part) // 2))


def _kept_vectors(payload: bytes, rows: Rows) -> Iterator[bytes]:
    block = decode_block(payload)
    blobs, trash = rows.tables["blobs"], rows.tables["trash"]
    is_alive = np.array([d in blobs or d in trash for d in block.digests], np.bool_)
    if is_alive.all():
        yield payload
    else:
        yield from alive(block, is_alive)


def _kept_undo(database: Contents) -> Iterator[bytes]:
    table = TABLES["undo"]
    changes = database.rows.tables["changes"]
    state = [column.name for column in TABLES["changes"].columns].index("state")
    parts = undo.undo_parts(database.undo_frames())
    kept: list[tuple[Key, Row]] = []
    weight = 0
    for where in parts:  # in the order they were written in, which conflicts go by
        row = changes.get(TABLES["changes"].pack_key(where[:1]))
        if row is None or row[state] == "final":
            continue
        kept.append((table.pack_key(where), (parts[where],)))
        weight += len(parts[where])
        if len(kept) == _ROWS or weight > _CHUNK_BYTES:
            yield values.encode(table.pack_rows(kept))
            kept, weight = [], 0
    if kept:
        yield values.encode(table.pack_rows(kept))


def _read_back(folder: Folder, name: str, codec: Codec, old: Loaded) -> Loaded:
    """Checks every frame of what was written; the state is the old one, found in the new file."""
    now = Loaded(codec, log.start(codec.header), old.rows, [], [], FIRST_FRAME)
    fd = folder.open_read("", name)
    try:
        if log.log_header(fd) != codec.header:
            raise DamagedArchive("the compacted database does not read back; the old one stays")
        for frame, after in log.read_snapshot(fd, codec, ()):
            now.skip(frame)
            now.position = after
    finally:
        os.close(fd)
    now.snapshot_end = now.position.offset
    return now
