"""Where frames lie in the database file: reading them in order, telling a torn end from damage.

Knows nothing of tables. The file is read and written through a raw descriptor at stated offsets: it
is never mapped (another process may cut it), and a buffer would write its rest after a cut.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace

from fapfav.errors import DamagedArchive
from fapfav.store.frames import (
    FIRST_FRAME,
    HEADER,
    LOG_HEADER,
    LOG_OFFSETS,
    MARKER,
    TAG,
    BadFrame,
    Codec,
    FrameHeader,
    Kind,
    LogHeader,
    read_header,
    read_log_header,
)

_SNAPSHOT = (Kind.TABLE, Kind.VECTORS, Kind.UNDO, Kind.END)
_CHANGE = (Kind.VECTORS, Kind.PART, Kind.COMMIT)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two frames: what the next one must be, and the tag of the one before."""

    offset: int
    sequence: int
    tag: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as found; `payload` is None where the reader skipped it."""

    kind: Kind
    offset: int
    sequence: int
    tag: bytes
    payload: bytes | None


class Unreadable(Exception):
    """The bytes from `position` on are not a whole transaction (yet)."""

    def __init__(self, position: Position, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


def log_header(fd: int) -> LogHeader:
    """The log header of an open database. Raises DamagedArchive."""
    return read_log_header(tuple(os.pread(fd, LOG_HEADER, offset) for offset in LOG_OFFSETS))


def start(header: LogHeader) -> Position:
    """Where the first frame belongs."""
    return Position(FIRST_FRAME, header.first_sequence, header.previous_tag)


def read_frame(
    fd: int, codec: Codec, position: Position, allowed: Container[Kind], skip: Container[Kind]
) -> tuple[Frame, Position] | None:
    """The frame at a position and the position after it; None at the very end of the file.

    Raises BadFrame for anything else than the frame that belongs here.
    """
    raw = os.pread(fd, HEADER, position.offset)
    if not raw:
        return None
    head = read_header(raw)
    if head.sequence != position.sequence or head.previous != position.tag:
        raise BadFrame("a frame does not follow the one before it")
    if head.kind not in allowed:
        raise BadFrame("a frame of this kind does not belong here")
    if head.kind in skip:
        payload = None
        tag = os.pread(fd, TAG, position.offset + HEADER + head.length)
        if len(tag) != TAG:
            raise BadFrame("it ends inside a frame")
    else:
        body = _body(fd, position.offset, head)
        payload = codec.open(head, body)
        tag = body[-TAG:]
    after = Position(position.offset + head.size, position.sequence + 1, tag)
    return Frame(head.kind, position.offset, head.sequence, tag, payload), after


def _body(fd: int, offset: int, head: FrameHeader) -> bytes:
    size = head.length + TAG
    body = os.pread(fd, size, offset + HEADER)
    while len(body) < size:
        more = os.pread(fd, size - len(body), offset + HEADER + len(body))
        if not more:
            raise BadFrame("it ends inside a frame")
        body += more
    return body


def header_at(fd: int, offset: int) -> FrameHeader:
    """The header of a frame at an offset. Raises BadFrame."""
    return read_header(os.pread(fd, HEADER, offset))


def frame_at(fd: int, codec: Codec, offset: int) -> tuple[FrameHeader, bytes, bytes]:
    """Header, tag and payload of an authentic frame, whatever is before it. Raises BadFrame."""
    head = header_at(fd, offset)
    body = _body(fd, offset, head)
    return head, body[-TAG:], codec.open(head, body)


def read_again(fd: int, codec: Codec, offset: int) -> bytes:
    """The payload of a frame that was skipped before. Raises DamagedArchive."""
    try:
        return frame_at(fd, codec, offset)[2]
    except BadFrame as error:
        raise damage(offset, None, str(error)) from None


def tag_of(fd: int, header: LogHeader, sequence: int) -> bytes | None:
    """The tag of a frame, found by the header of the one after it; None if that is damaged."""
    position = start(header)
    while position.sequence <= sequence:
        try:
            head = read_header(os.pread(fd, HEADER, position.offset))
        except BadFrame:
            return None
        offset = position.offset + head.size
        position = Position(offset, position.sequence + 1, os.pread(fd, TAG, offset - TAG))
    return position.tag


def read_snapshot(fd: int, codec: Codec, skip: Container[Kind]) -> Iterator[tuple[Frame, Position]]:
    """The frames of the snapshot, its end included. Raises DamagedArchive."""
    position = start(codec.header)
    while True:
        try:
            found = read_frame(fd, codec, position, _SNAPSHOT, skip)
        except BadFrame as error:
            raise damage(position.offset, position.sequence, str(error)) from None
        if found is None:
            raise damage(position.offset, position.sequence, "the file ends before its snapshot")
        yield found
        if found[0].kind is Kind.END:
            return
        position = found[1]


def read_commits(
    fd: int, codec: Codec, position: Position, skip: Container[Kind]
) -> Iterator[tuple[list[Frame], Position]]:
    """Whole transactions from a position on. Raises Unreadable at a rest that is none."""
    while True:
        frames: list[Frame] = []
        after = position
        while not frames or frames[-1].kind is not Kind.COMMIT:
            try:
                found = read_frame(fd, codec, after, _CHANGE, skip)
            except BadFrame as error:
                raise Unreadable(position, str(error)) from None
            if found is None:
                if frames:
                    raise Unreadable(position, "it ends before its commit")
                return
            frames.append(found[0])
            after = found[1]
        yield frames, after
        position = after


def read_to_end(
    fd: int, codec: Codec, position: Position, skip: Container[Kind]
) -> Iterator[tuple[list[Frame], Position]]:
    """The same up to the end. Raises Unreadable where it is torn, DamagedArchive at damage.

    A writer may finish what was met half done before it is looked at: so it is read once more.
    """
    before = -1
    while True:
        try:
            for frames, after in read_commits(fd, codec, position, skip):
                yield frames, after
                position = after
            return
        except Unreadable as end:
            if is_torn(fd, codec, end.position.offset):
                raise
            if end.position.offset == before:
                raise damage(before, end.position.sequence, end.reason) from None
            before = end.position.offset


def is_torn(fd: int, codec: Codec, begin: int, end: int | None = None) -> bool:
    """Whether the bytes from `begin` on, as far as `end`, can be what a killed writer left.

    Only one transaction is ever unsynced: so no authentic commit may stand among them, and at most
    one commit header. Anything else is damage, and cutting it would throw acknowledged work away.
    """
    commits = 0
    end = os.fstat(fd).st_size if end is None else end
    for at in markers(fd, begin, end):
        try:
            head = header_at(fd, at)
        except BadFrame:
            continue
        if head.kind is Kind.COMMIT:
            commits += 1
            if commits > 1 or (at + head.size <= end and _is_authentic(fd, codec, at)):
                return False
    return True


def _is_authentic(fd: int, codec: Codec, offset: int) -> bool:
    try:
        frame_at(fd, codec, offset)
    except BadFrame:
        return False
    return True


def _piece(fd: int, offset: int, length: int) -> bytes:
    return os.pread(fd, length, offset)


def behind_hole(fd: int, offset: int) -> int:
    """Where something was written next: a file may claim terabytes that nobody ever wrote."""
    try:
        return max(offset, os.lseek(fd, offset, os.SEEK_DATA))
    except (AttributeError, OSError) as error:
        gone = isinstance(error, OSError) and error.errno == errno.ENXIO
        return os.fstat(fd).st_size if gone else offset


def markers(
    fd: int, begin: int, end: int, read: Callable[[int, int, int], bytes] = _piece
) -> Iterator[int]:
    """The offsets at which a frame may begin, without more of the file in memory than a piece."""
    overlap = len(MARKER) - 1
    while (begin := behind_hole(fd, begin)) < end:
        raw = read(fd, begin, _PIECE + overlap)
        at = raw.find(MARKER)
        while at >= 0:
            yield begin + at
            at = raw.find(MARKER, at + 1)
        begin += _PIECE


def damage(offset: int, sequence: int | None, reason: str) -> DamagedArchive:
    """The error for a database that is damaged at an offset."""
    frame = "" if sequence is None else f", frame {sequence}"
    return DamagedArchive(
        f"the database is damaged at byte {offset}{frame}: {reason}; "
        "nothing was changed: restore the file from a backup"
    )


class Chain:
    """Seals frames one after the other, each bound to the one before it."""

    def __init__(self, codec: Codec, position: Position) -> None:
        self.codec = codec
        self.position = position

    def seal(self, kind: Kind, payload: bytes) -> bytes:
        """The next frame's bytes."""
        raw = self.codec.seal(kind, self.position.sequence, self.position.tag, payload)
        self.position = replace(
            self.position,
            offset=self.position.offset + len(raw),
            sequence=self.position.sequence + 1,
            tag=raw[-TAG:],
        )
        return raw
