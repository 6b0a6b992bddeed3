"""A database of some forty frames, ways to damage its bytes, and what is then left by right.

What is intact is told by comparing bytes, and what belongs together from the undamaged file: not by
the code that looks for it.
"""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from fapfav.model import Chosen, Config, Print
from fapfav.store import database as store
from fapfav.store import log, values
from fapfav.store.archive import Archive
from fapfav.store.folder import Folder
from fapfav.store.frames import FIRST_FRAME, Codec, Kind
from fapfav.store.keys import ArchiveKeys
from fapfav.store.lock import ArchiveLock
from fapfav.store.tables import TABLES
from fapfav.words import Choice
from tests.store.archives import (
    SPACE,
    add_vectors,
    blob,
    database,
    delete,
    digest,
    make,
    place,
)

COUNTERS = ("next_change", "next_tag")
_HEAD = 4096


@dataclass(frozen=True)
class Part:
    """One frame as it was written: its bytes, and which transaction it is of (0: the snapshot)."""

    kind: Kind
    sequence: int
    begin: int
    end: int
    transaction: int
    payload: bytes


@dataclass(frozen=True)
class Sample:
    """An archive and its database as it was; `raw` is never changed."""

    folder: Folder
    keys: ArchiveKeys | None
    lock: ArchiveLock
    raw: bytes = field(repr=False)
    parts: tuple[Part, ...] = field(repr=False)

    @property
    def path(self) -> Path:
        return self.folder.path

    def write(self, raw: bytes) -> None:
        """Puts another database in its place."""
        database(self.path).write_bytes(raw)

    def can_be_read(self, raw: bytes) -> bool:
        """Whether a header and a log header are left."""
        heads = any(raw[at : at + _HEAD] == self.raw[at : at + _HEAD] for at in (0, _HEAD))
        logs = any(raw[at : at + 64] == self.raw[at : at + 64] for at in (2 * _HEAD, 3 * _HEAD))
        return heads and logs

    def intact(self, raw: bytes) -> set[int]:
        """The sequences of the frames that are still there, wherever."""
        body = raw[FIRST_FRAME:]
        return {p.sequence for p in self.parts if self.raw[p.begin : p.end] in body}

    def left(self, raw: bytes) -> dict[str, dict[Any, Any]]:
        """The tables by right: rows of intact chunks, then every transaction that is whole."""
        intact = self.intact(raw)
        found: dict[str, dict[Any, Any]] = {name: {} for name in TABLES}
        lost = {
            part.transaction
            for part in self.parts
            if part.sequence not in intact and part.kind is not Kind.VECTORS
        }
        for part in self.parts:
            if part.kind is Kind.TABLE and part.sequence in intact:
                table, rows = store.read_chunk(values.decode(part.payload))
                found[table.name].update(rows)
            elif part.kind in (Kind.PART, Kind.COMMIT) and part.transaction not in lost:
                for name, key, row in store.decode_ops(part.payload):
                    if row is None:
                        found[name].pop(key, None)
                    else:
                        found[name][key] = row
        return without(found)

    def vectors_left(self, raw: bytes) -> list[bytes]:
        """The payloads of all intact vectors."""
        intact = self.intact(raw)
        return [
            part.payload
            for part in self.parts
            if part.kind is Kind.VECTORS and part.sequence in intact
        ]


def without(tables: dict[str, dict[Any, Any]]) -> dict[str, dict[Any, Any]]:
    """The tables but for what may be set past what was lost, and the log of values before."""
    return {
        name: {key: row for key, row in rows.items() if key not in COUNTERS}
        for name, rows in tables.items()
        if name != "undo"
    }


def sample(path: Path, sealed: bool) -> Sample:
    """Some forty frames: a snapshot of several chunks, then changes of one frame and of many."""
    archive = make(path, sealed)
    _fill(archive, range(8))
    archive.compact()
    _fill(archive, range(8, 16))
    with archive.change("tag") as change:
        for number in range(3):
            with change.transaction() as tx:
                tx.put(Config(f"step {number}", number))
    keys = archive.handover().keys()
    folder = Folder(path)
    raw = database(path).read_bytes()
    return Sample(folder, keys, ArchiveLock(folder), raw, parts_of(path, archive.archive_id, keys))


@functools.cache
def _made(sealed: bool) -> tuple[tempfile.TemporaryDirectory[str], Sample]:
    memory = Path("/dev/shm")  # each of hundreds of databases is synced
    folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    return folder, sample(Path(folder.name), sealed)


def whole(sealed: bool) -> Sample:
    """A whole archive: always the same one, put right again."""
    one = _made(sealed)[1]
    for old in (*one.path.glob("*.damaged-*"), *(one.path / "quarantine").iterdir()):
        old.unlink()
    one.write(one.raw)
    return one


def _fill(archive: Archive, numbers: range) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for number in numbers:
            # Some changes take several frames, as large ones do.
            patch.setattr(store, "_PART_BYTES", 400 if number % 3 == 1 else 1 << 20)
            with archive.write("read") as tx:
                tx.put(SPACE, blob(number), place(number), Print("p", digest(number), b"x" * 32))
                if number % 2:
                    add_vectors(tx, {number: (number,) * 4})
        patch.setattr(store, "_PART_BYTES", 1 << 20)
        with archive.write("remove picture") as tx:
            delete(tx, numbers[0])
            tx.delete("places", place(numbers[0]).key)
        archive.undo()
        with archive.write("duplicates verdict") as tx:
            tx.put(Chosen(digest(numbers[1]), Choice.KEEP, 5, tx.number))


def parts_of(path: Path, archive_id: bytes, keys: ArchiveKeys | None) -> tuple[Part, ...]:
    """The frames of a whole database."""
    found = []
    with database(path).open("rb") as file:
        header = log.log_header(file.fileno())
        codec = Codec(archive_id, header, None if keys is None else keys.log_keys(header.log_id))
        position, transaction = log.start(header), 0
        while (got := log.read_frame(file.fileno(), codec, position, tuple(Kind), ())) is not None:
            frame, after = got
            found.append(
                Part(
                    frame.kind,
                    frame.sequence,
                    position.offset,
                    after.offset,
                    transaction,
                    frame.payload or b"",
                )
            )
            transaction += frame.kind in (Kind.END, Kind.COMMIT)
            position = after
    return tuple(found)


Harm = tuple[str, tuple[int, int], tuple[int, int], tuple[int, int]]

_PLACE = st.tuples(st.integers(0, 1 << 20), st.sampled_from([None, 0, *range(-70, 71)]))

HARMS = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "end", "double", "swap", "zero"]), *[_PLACE] * 3),
    min_size=1,
    max_size=3,
)
"""What may happen to a file. A place is anywhere, or so far from where a frame begins."""


def harmed(one: Sample, harms: list[Harm]) -> bytes:
    """The database after all of that."""
    marks = (0, 4096, 8192, 12288, FIRST_FRAME, *(part.end for part in one.parts))
    raw = one.raw
    for what, *places in harms:
        a, b, c = sorted(
            number % len(one.raw) if by is None else max(0, marks[number % len(marks)] + by)
            for number, by in places
        )
        flipped = bytes([raw[a] ^ 1 << places[0][0] % 8]) if a < len(raw) else b""
        raw = {
            "flip": raw[:a] + flipped + raw[a + 1 :],
            "cut": raw[:a] + raw[b:],
            "end": raw[:a],
            "double": raw[:b] + raw[a:],
            "swap": raw[:a] + raw[b:c] + raw[a:b] + raw[c:],
            "zero": raw[:a] + bytes(b - a) + raw[b:],
        }[what]
    return raw
