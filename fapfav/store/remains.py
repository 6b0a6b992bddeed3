"""What the intact frames of a damaged database amount to.

Every row of a snapshot's intact chunks, and every transaction that is whole. A transaction whose
beginning may be lost is believed only if it is seen to be whole: it is about nothing that it does
not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fapfav.store import log, values
from fapfav.store.database import decode_ops, read_chunk
from fapfav.store.frames import Codec, Kind
from fapfav.store.rows import Op, Rows
from fapfav.store.scan import Found
from fapfav.store.tables import TABLES, Key
from fapfav.store.transaction import unpack_before

_TAGS, _REJECTED = (
    [column.name for column in TABLES["tagged"].columns].index(name)
    for name in ("tags", "rejected")
)
_SNAPSHOT_ONLY = (Kind.TABLE, Kind.UNDO, Kind.END)


@dataclass(slots=True)
class Remains:
    """The state that is left, and where in the file what was not read of it lies."""

    fd: int
    codec: Codec
    rows: Rows = field(default_factory=Rows)
    transactions: int = 0
    halves: list[Found] = field(default_factory=list)
    """Intact frames of transactions that are not whole."""
    last: Found | None = None
    vectors: list[Found] = field(default_factory=list)
    _undo: list[Found] = field(default_factory=list)

    def vector_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame of vectors, in order."""
        return ((frame.sequence, self.payload(frame)) for frame in self.vectors)

    def undo_frames(self) -> Iterator[tuple[int, bytes]]:
        """Sequence and payload of every frame with rows of `undo`, in order."""
        return ((frame.sequence, self.payload(frame)) for frame in self._undo)

    def payload(self, frame: Found) -> bytes:
        """What a frame holds. Raises DamagedArchive if it changed since it was found."""
        return log.read_again(self.fd, self.codec, frame.offset)

    def take_snapshot(self, frame: Found) -> None:
        """The rows of a frame of the snapshot."""
        if frame.kind is Kind.TABLE:
            table, rows = read_chunk(values.decode(self.payload(frame)))
            self.rows.tables[table.name].update(rows)
        elif frame.kind is Kind.UNDO:
            self._undo.append(frame)

    def take_transaction(self, frames: list[Found], begins_in_doubt: bool) -> None:
        """A transaction, from its first frame that is there to its commit."""
        ops: list[Op] = []
        with_undo = []
        for frame in frames:
            found = decode_ops(self.payload(frame))
            if any(name == "undo" for name, _, _ in found):
                with_undo.append(frame)
            ops += found
        if begins_in_doubt and not is_whole(ops):
            self.halves += frames
            return
        self._undo += with_undo
        self.rows.apply(op for op in ops if op[0] != "undo")
        self.transactions += 1


def gather(fd: int, codec: Codec, frames: Iterable[Found]) -> Remains:
    """What the frames amount to, applied in the order they were written in."""
    remains = Remains(fd, codec)
    chain = believed(frames)
    # The snapshot ends at the latest with the last frame that only a snapshot has.
    end = max((f.sequence for f in chain if f.kind in _SNAPSHOT_ONLY), default=0)
    waiting: list[Found] = []
    in_doubt = False
    before = codec.header.first_sequence - 1
    for frame in chain:
        if frame.sequence != before + 1:
            remains.halves += waiting
            waiting, in_doubt = [], True
        before = frame.sequence
        if frame.kind is Kind.VECTORS:
            # They follow from the pictures alone, so they are right whatever else is lost.
            remains.vectors.append(frame)
            continue
        if frame.sequence <= end:
            remains.take_snapshot(frame)
            in_doubt = False
            continue
        waiting.append(frame)
        if frame.kind is Kind.COMMIT:
            remains.take_transaction(waiting, in_doubt)
            waiting, in_doubt = [], False
    remains.halves += waiting
    remains.last = chain[-1] if chain else None
    _count_on(remains.rows)
    return remains


def believed(frames: Iterable[Found]) -> list[Found]:
    """Of the frames of one number the one that its successor names, by number.

    An end that was cut off and written anew may have been put back: it is authentic, too.
    """
    by_number: dict[int, list[Found]] = {}
    for frame in frames:
        by_number.setdefault(frame.sequence, []).append(frame)
    chain: list[Found] = []
    after: Found | None = None
    for number in sorted(by_number, reverse=True):
        found = by_number[number]
        if after is not None and after.sequence == number + 1:
            found = [frame for frame in found if frame.tag == after.previous]
        if found:
            after = found[0]
            chain.append(after)
    return chain[::-1]


def is_whole(ops: Iterable[Op]) -> bool:
    """Whether the end of a transaction is all of it, as far as that cannot be made anew.

    The values before are written last, and name every row that was written but for prints and the
    log's own. So if there is more than values before, all of these are there.
    """
    held: set[tuple[str, Key]] = set()
    named: set[tuple[str, Key]] = set()
    for name, key, row in ops:
        held.add((name, key))
        if name == "undo" and row is not None:
            named.update((of, about) for of, about, _ in unpack_before(row[0]))
    return named <= held


def _count_on(rows: Rows) -> None:
    """Sets the counters past every number in use: what they counted may have been lost."""
    tags = [_number(key) for key in rows.tables["tags"]]
    for row in rows.tables["tagged"].values():
        tags += (*row[_TAGS], *row[_REJECTED])
    changes = [_number(key) for key in rows.tables["changes"]]
    for counter, used in (("next_change", changes), ("next_tag", tags)):
        now = rows.tables["configs"].get(counter)
        if used and (now is None or type(now[0]) is not int or now[0] <= max(used)):
            rows.apply([("configs", counter, (max(used) + 1,))])


def _number(key: Key) -> int:
    return int.from_bytes(key, "big") if isinstance(key, bytes) else 0
