"""The database file as one process knows it: catching up with what others appended, appending.

Readers take no lock and keep no descriptor open. Who appends holds the lock throughout:
`catch_up(writing=True)` and `append` are the two halves of a transaction.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from fapfav.errors import ArchiveError, DamagedArchive, NewerVersion, NoArchive
from fapfav.store import disk, log, values
from fapfav.store.disk import disk_error, fsync_file, write_all
from fapfav.store.folder import Folder
from fapfav.store.frames import FIRST_FRAME, TAG, Codec, Kind, LogHeader
from fapfav.store.header import Header, read_header
from fapfav.store.keys import ArchiveKeys
from fapfav.store.rekey import check_same, mend
from fapfav.store.rows import Op, Rows
from fapfav.store.tables import Key, Row, Table, table_of

NAME = "imagefap.database"
_HEADERS = 8192
_SKIP = (Kind.VECTORS, Kind.UNDO)
_PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Skipped:
    """Where a frame lies whose payload is read only when asked for."""

    offset: int
    sequence: int


@dataclass(slots=True)
class Loaded:
    """Everything known of one log up to `position`."""

    codec: Codec
    position: log.Position
    rows: Rows
    vectors: list[Skipped]
    undo: list[Skipped]
    snapshot_end: int
    changed: int = 0  # rows changed since the snapshot

    def skip(self, frame: log.Frame) -> None:
        """Notes where a frame lies whose payload is read only when asked for."""
        if frame.kind is Kind.VECTORS:
            self.vectors.append(Skipped(frame.offset, frame.sequence))
        elif frame.kind is Kind.UNDO:
            self.undo.append(Skipped(frame.offset, frame.sequence))


class Database:
    """Reads and appends to one archive's database file."""

    def __init__(self, folder: Folder, header: Header, keys: ArchiveKeys | None) -> None:
        self._folder = folder
        self._header = header
        self._keys = keys
        self._broken = False
        self._settled: bytes | None = None  # log whose folder entry this process has synced
        self._own_end = 0
        self.now = self._load()

    @property
    def rows(self) -> Rows:
        """The tables as of the last catching up."""
        return self.now.rows

    def _open(self, write: bool = False) -> int:
        try:
            opener = self._folder.open_write if write else self._folder.open_read
            return opener("", NAME)
        except FileNotFoundError:
            raise NoArchive(f"{self._folder.path} holds no {NAME} any more") from None

    @contextmanager
    def _reading(self) -> Iterator[int]:
        fd = self._open()
        try:
            yield fd
        finally:
            os.close(fd)

    # Reading

    def _load(self, writing: bool = False) -> Loaded:
        with self._reading() as fd:
            self._check_header(fd)
            codec = self._codec(log.log_header(fd))
            loaded = Loaded(codec, log.start(codec.header), Rows(), [], [], FIRST_FRAME)
            _take_snapshot(loaded, fd)
            self._take_commits(loaded, fd, writing)
            return loaded

    def check(self) -> None:
        """Raises ArchiveChanged or OlderArchive when the file is not of the archive it was."""
        with self._reading() as fd:
            self._check_header(fd)

    def _check_header(self, fd: int) -> None:
        header = read_header(os.pread(fd, _HEADERS, 0))
        check_same(header, self._header, self._keys, self._folder.path)

    def _codec(self, header: LogHeader) -> Codec:
        keys = None if self._keys is None else self._keys.log_keys(header.log_id)
        return Codec(self._header.archive_id, header, keys)

    def _take_commits(self, loaded: Loaded, fd: int, writing: bool) -> None:
        try:
            for frames, after in log.read_to_end(fd, loaded.codec, loaded.position, _SKIP):
                for frame in frames:
                    _take_frame(loaded, frame)
                loaded.position = after
        except log.Unreadable as end:
            # A reader meets a writer's unfinished end all the time; only damage is an error.
            if writing:
                self._cut_torn_end(fd, end.position)

    def catch_up(self, writing: bool = False) -> None:
        """Takes over what other processes committed. With `writing` the lock must be held.

        Raises DamagedArchive.
        """
        if self._broken and writing:
            raise ArchiveError(
                "an earlier write could not be made durable: this process writes no more; "
                "check the disk and start again"
            )
        with self._reading() as fd:
            before = self.now.position.offset
            same_log = log.log_header(fd) == self.now.codec.header
            same_tag = os.pread(fd, TAG, before - TAG) == self.now.position.tag
            if same_log and same_tag:
                self._take_commits(self.now, fd, writing)
            else:
                self.now = self._load(writing)
            if writing:
                self._settle(fd)

    def _settle(self, fd: int) -> None:
        """Makes durable what others wrote, who may have been killed between write and sync."""
        log_id = self.now.codec.header.log_id
        if self._settled == log_id and self._own_end == self.now.position.offset:
            return
        try:
            self._sync(fd)
        except OSError as error:
            raise disk_error(error, f"{NAME} could not be made durable") from error
        mend(lambda: self._open(write=True), self._keys, fd)
        self.sync_name()
        self._settled = log_id
        self._own_end = self.now.position.offset

    def sync_name(self) -> None:
        """Makes the file's name durable. Raises ArchiveError; this process then writes no more."""
        try:
            self._folder.sync("")
        except ArchiveError:
            self._broken = True
            raise

    def _cut_torn_end(self, fd: int, position: log.Position) -> None:
        size = os.fstat(fd).st_size
        rest = (
            os.pread(fd, 1 << 20, at)
            for at in takewhile(
                lambda at: log.behind_hole(fd, at) < size, range(position.offset, size, 1 << 20)
            )
        )
        name = f"tail-{position.sequence}-{os.urandom(4).hex()}"
        self._folder.write_new("quarantine", name, rest)
        self._folder.sync("quarantine")
        self._cut(position.offset)

    def tag_of(self, sequence: int) -> bytes | None:
        """The tag of a frame, None when this log does not hold it."""
        now = self.now
        if sequence == now.position.sequence - 1:
            return now.position.tag
        if sequence < now.codec.header.first_sequence - 1 or sequence >= now.position.sequence:
            return None
        with self._reading() as fd:
            return log.tag_of(fd, now.codec.header, sequence)

    # Reading what was skipped

    def vector_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame of vectors, in order."""
        yield from self._read_skipped(self.now.vectors)

    @contextmanager
    def vector_reads(self) -> Iterator[list[Callable[[], bytes]]]:
        """What reads the payload of each frame of vectors, in order, until the end of the block;
        threads may call several at once. Raises DamagedArchive, as they do."""
        with self._skipped() as (fd, codec):
            yield [partial(log.read_again, fd, codec, each.offset) for each in self.now.vectors]

    def undo_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame with rows of `undo`, in order."""
        yield from self._read_skipped(self.now.undo)

    def _read_skipped(self, where: Sequence[Skipped]) -> Iterator[tuple[int, bytes]]:
        if not where:
            return
        with self._skipped() as (fd, codec):
            for skipped in where:
                yield skipped.sequence, log.read_again(fd, codec, skipped.offset)

    @contextmanager
    def _skipped(self) -> Iterator[tuple[int, Codec]]:
        """The file to read again what was skipped. Raises Outdated if it is another by now."""
        codec, known = self.now.codec, self.now.position
        with self._reading() as fd:
            tag = os.pread(fd, TAG, known.offset - TAG)
            if (log.log_header(fd), tag) != (codec.header, known.tag):
                raise Outdated
            yield fd, codec

    # Writing

    def append(self, ops: Sequence[Op], vectors: Sequence[bytes] = ()) -> None:
        """Commits one transaction: durable when this returns, and only then in `rows`.

        Raises ArchiveError when the disk refuses; the file is as it was before then.
        """
        chain = log.Chain(self.now.codec, self.now.position)
        frames = [(chain.position, Kind.VECTORS, chain.seal(Kind.VECTORS, v)) for v in vectors]
        parts = encode_ops(ops)
        for number, part in enumerate(parts):
            kind = Kind.COMMIT if number == len(parts) - 1 else Kind.PART
            frames.append((chain.position, kind, chain.seal(kind, part)))
        self._write([raw for _, _, raw in frames])
        undo_written = any(name == "undo" for name, _, _ in ops)
        for at, kind, _ in frames:
            if kind is Kind.VECTORS:
                self.now.vectors.append(Skipped(at.offset, at.sequence))
            elif undo_written:
                self.now.undo.append(Skipped(at.offset, at.sequence))
        _take_ops(self.now, ops)
        self.now.position = chain.position
        self._own_end = chain.position.offset

    def _write(self, frames: Sequence[bytes]) -> None:
        begin = self.now.position.offset
        fd = self._open(write=True)
        try:
            if len(frames) > 1:
                # The commit is written behind durable parts: a power cut leaves no hole before it.
                write_all(fd, b"".join(frames[:-1]), begin)
                self._sync(fd)
            write_all(fd, frames[-1], begin + sum(map(len, frames[:-1])))
            self._sync(fd)
        except OSError as error:
            self._cut(begin)
            raise disk_error(error, f"the change could not be written to {NAME}") from error
        finally:
            os.close(fd)

    def _sync(self, fd: int) -> None:
        try:
            fsync_file(fd)
        except OSError:
            # The kernel may have dropped the pages, and would say yes to a second try.
            self._broken = True
            raise

    def _cut(self, size: int) -> None:
        fd = self._open(write=True)
        try:
            disk.cut(fd, size)
            if not self._broken:
                self._sync(fd)
        except OSError as error:
            self._broken = True
            raise disk_error(error, f"{NAME} could not be cut back") from error
        finally:
            os.close(fd)

    def replaced(self, now: Loaded) -> None:
        """Goes on with the file a compaction has put in place; the lock is still held."""
        self.now = now
        self._settled = None


class Outdated(Exception):
    """Another process compacted or cut the log meanwhile: catch up and ask again."""


def _take_snapshot(loaded: Loaded, fd: int) -> None:
    counts: dict[str, int] = {}
    for frame, after in log.read_snapshot(fd, loaded.codec, _SKIP):
        loaded.position = after
        loaded.skip(frame)
        if frame.kind is Kind.TABLE:
            _take_chunk(loaded, values.decode(frame.payload or b""))
        elif frame.kind is Kind.END:
            counts = read_end(values.decode(frame.payload or b""))
    loaded.snapshot_end = loaded.position.offset
    found = {name: len(rows) for name, rows in loaded.rows.tables.items() if rows}
    if counts != found:
        raise DamagedArchive("the database's snapshot does not hold the rows it counts")


def read_end(end: object) -> dict[str, int]:
    """How many rows of each table a snapshot says it holds.

    Raises DamagedArchive, NewerVersion for a field of a later program.
    """
    counts = end.get("rows") if isinstance(end, dict) else None
    if not isinstance(counts, dict) or not all(type(n) is int for n in counts.values()):
        raise DamagedArchive("the snapshot's end is not well formed")
    if isinstance(end, dict) and len(end) != 1:
        raise NewerVersion("the database's snapshot says more than this program knows; use a later")
    return counts


def _take_chunk(loaded: Loaded, chunk: object) -> None:
    table, rows = read_chunk(chunk)
    loaded.rows.tables[table.name].update(rows)


def read_chunk(chunk: object) -> tuple[Table, dict[Key, Row]]:
    """A table, and the rows of it in a chunk of a snapshot. Raises DamagedArchive."""
    if not isinstance(chunk, dict) or chunk.keys() != {"table", "count", "columns"}:
        raise DamagedArchive("the database's snapshot holds something that is no table")
    table, count, columns = table_of(chunk["table"]), chunk["count"], chunk["columns"]
    if type(count) is not int or not 0 < count <= 4096 or type(columns) is not dict:
        raise DamagedArchive(f"the database's snapshot of {table.name} is not well formed")
    return table, table.unpack_rows(count, columns)


def _take_frame(loaded: Loaded, frame: log.Frame) -> None:
    if frame.kind is Kind.VECTORS:
        loaded.vectors.append(Skipped(frame.offset, frame.sequence))
        return
    ops = decode_ops(frame.payload or b"")
    if any(name == "undo" for name, _, _ in ops):
        loaded.undo.append(Skipped(frame.offset, frame.sequence))
    _take_ops(loaded, ops)


def _take_ops(loaded: Loaded, ops: Iterable[Op]) -> None:
    # Rows of `undo` are read again when something is undone.
    kept = [op for op in ops if op[0] != "undo"]
    loaded.changed += len(kept)
    loaded.rows.apply(kept)


def encode_ops(ops: Sequence[Op]) -> list[bytes]:
    """The payloads of one transaction, as few as a frame's bounds allow."""
    plain = []
    for name, key, row in ops:
        table = table_of(name)
        plain.append(
            [name, table.key_to_disk(key), None if row is None else table.row_to_disk(row)]
        )
    return _halved(plain)


def _halved(plain: list[list[object]]) -> list[bytes]:
    try:
        raw = values.encode({"ops": plain})
        if len(raw) <= _PART_BYTES or len(plain) == 1:
            return [raw]
    except values.TooLarge:
        if len(plain) <= 1:
            raise
    middle = len(plain) // 2
    return _halved(plain[:middle]) + _halved(plain[middle:])


def decode_ops(payload: bytes, only: str | None = None) -> list[Op]:
    """The changes in a payload, of one table or all, checked.

    Raises DamagedArchive or NewerVersion.
    """
    change = values.decode(payload)
    ops = change.get("ops") if isinstance(change, dict) and len(change) == 1 else None
    if not isinstance(ops, list):
        raise DamagedArchive("the database holds a change that is not well formed")
    found: list[Op] = []
    for op in ops:
        if not isinstance(op, list) or len(op) != 3:
            raise DamagedArchive("the database holds a change that is not well formed")
        if only is not None and op[0] != only:
            continue
        table = table_of(op[0])
        row = None if op[2] is None else table.row_from_disk(op[2])
        found.append((table.name, table.key_from_disk(op[1]), row))
    return found
