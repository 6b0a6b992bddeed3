"""A database looked at to the last byte: everything that is wrong with it, not only the first.

Needs its header and keys, and works where opening refuses. Each frame is authenticated and read,
vectors and values before a change too, which opening skips.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from fapfav.errors import DamagedArchive, NoArchive
from fapfav.store import log
from fapfav.store.contents import Counted, check
from fapfav.store.database import NAME
from fapfav.store.folder import ROOT, Folder
from fapfav.store.frames import (
    FIRST_FRAME,
    LOG_BLOCK,
    LOG_OFFSETS,
    Codec,
    Kind,
    LogHeader,
    read_log_header,
)
from fapfav.store.header import BLOCK, better_block, read_header, verify_header
from fapfav.store.keys import ArchiveKeys
from fapfav.store.scan import Found, Gap, Step, read_around, scan

_OF_SNAPSHOT = (Kind.TABLE, Kind.VECTORS, Kind.UNDO, Kind.END)
_OF_CHANGES = (Kind.VECTORS, Kind.PART, Kind.COMMIT)


class Severity(StrEnum):
    """How bad it is."""

    WORN = "worn"
    """What stands twice stands only once: nothing is lost yet."""
    TORN = "torn"
    """An end as a killed writer leaves it: nothing that was acknowledged."""
    DAMAGE = "damage"
    """Something that was acknowledged may be lost."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `sequence` is of the frame that is, or should be, there."""

    offset: int
    sequence: int | None
    severity: Severity
    reason: str

    def __str__(self) -> str:
        frame = "" if self.sequence is None else f", frame {self.sequence}"
        return f"the database at byte {self.offset}{frame}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What there is in a database, and all that is wrong with it.

    `missing` are numbers of frames, first and last, that are nowhere; `lacking` counts, by table,
    the rows that the snapshot says it holds and does not. `frames` are those to be believed.
    """

    bytes: int
    transactions: int
    last: int
    findings: tuple[Finding, ...]
    missing: tuple[tuple[int, int], ...]
    lacking: dict[str, int]
    frames: tuple[Found, ...] = field(repr=False)
    codec: Codec = field(repr=False)

    @property
    def is_damaged(self) -> bool:
        """Whether something that was acknowledged may be lost."""
        return any(finding.severity is Severity.DAMAGE for finding in self.findings)


def _nobody(_done: int) -> None:
    """For who does not watch."""


def inspect(
    folder: Folder, keys: ArchiveKeys | None, step: Step = _nobody, name: str = NAME
) -> Inspection:
    """Looks at the database as it is now; takes no lock.

    What a writer is just appending looks like a torn end. Raises NoArchive, NewerVersion, and
    DamagedArchive where both copies of a header are lost, so that nothing can be read.
    """
    try:
        fd = folder.open_read(ROOT, name)
    except FileNotFoundError:
        raise NoArchive(f"{folder.path} holds no {NAME} any more") from None
    try:
        header = read_header(read_around(fd, 0, 2 * BLOCK))
        verify_header(header, keys)
        best: Inspection | None = None
        for log_header in log_headers(fd):
            log_keys = None if keys is None else keys.log_keys(log_header.log_id)
            found = _inspect(fd, Codec(header.archive_id, log_header, log_keys), step)
            if best is None or len(found.frames) > len(best.frames):
                best = found
        assert best is not None
        return best
    finally:
        os.close(fd)


def log_headers(fd: int) -> list[LogHeader]:
    """What the two copies of the log's header say; two only if they differ.

    Raises DamagedArchive when none is whole.
    """
    blocks = tuple(read_around(fd, offset, LOG_BLOCK) for offset in LOG_OFFSETS)
    first = read_log_header(blocks)
    try:
        other = read_log_header(blocks[1:])
    except DamagedArchive:
        return [first]
    return [first] if other == first else [first, other]


def _inspect(fd: int, codec: Codec, step: Step) -> Inspection:
    walk = _Walk(codec)
    size = os.fstat(fd).st_size  # what is appended meanwhile is not looked at
    for piece in scan(fd, codec, step, size):
        if isinstance(piece, Gap):
            walk.gap(piece)
        else:
            walk.frame(*piece)
    walk.end(fd, size)
    return Inspection(
        bytes=size,
        transactions=walk.transactions,
        last=max((frame.sequence for frame in walk.frames), default=0),
        findings=(*_copies(fd, codec.header), *walk.findings),
        missing=tuple(_missing(codec.header.first_sequence, walk.frames)),
        lacking=walk.counted.lacking() if walk.counted.stated is not None else {},
        frames=tuple(walk.frames),
        codec=codec,
    )


def _copies(fd: int, header: LogHeader) -> Iterator[Finding]:
    """Headers that do not stand twice as they should."""
    _, worn = better_block(read_around(fd, 0, 2 * BLOCK))
    for offset in worn:
        reason = "one of the two headers is damaged, or older than the other"
        yield Finding(offset, None, Severity.WORN, reason)
    for offset in LOG_OFFSETS:
        if read_around(fd, offset, LOG_BLOCK) != header.pack().ljust(LOG_BLOCK, b"\0"):
            reason = "one of the two headers of the log is damaged"
            severity = Severity.WORN
            if offset == LOG_OFFSETS[0] and log_headers(fd)[0] != header:
                # Whole, and what opening goes by: it refuses the frames, which follow the other.
                reason, severity = "the header of another log stands here", Severity.DAMAGE
            yield Finding(offset, None, severity, reason)


def _missing(first: int, frames: Iterable[Found]) -> Iterator[tuple[int, int]]:
    expected = first
    for sequence in sorted({frame.sequence for frame in frames}):
        if sequence > expected:
            yield expected, sequence - 1
        expected = max(expected, sequence + 1)


class _Walk:
    """Goes along what a scan finds and compares it with what belongs there."""

    def __init__(self, codec: Codec) -> None:
        self.findings: list[Finding] = []
        self.frames: list[Found] = []
        self.counted = Counted()
        self.transactions = 0
        self._sequence = codec.header.first_sequence
        self._tag = codec.header.previous_tag
        self._codec = codec
        self._begins = True  # in the snapshot
        self._after_gap = False
        self._complete = FIRST_FRAME  # end of the last whole transaction, or of the snapshot
        self._has_snapshot = False

    def gap(self, gap: Gap) -> None:
        """Bytes that are no frame."""
        self._find(gap.offset, self._sequence, gap.reason)
        self._after_gap = True

    def frame(self, found: Found, payload: bytes) -> None:
        """An authentic frame."""
        self._place(found)
        problem = check(found.kind, payload, self.counted)
        if problem:
            self._find(found.offset, found.sequence, problem)
        else:
            self.frames.append(found)
        if found.sequence >= self._sequence:
            self._sequence, self._tag = found.sequence + 1, found.tag
        if found.kind is Kind.COMMIT:
            self.transactions += 1
        if found.kind is Kind.COMMIT or (found.kind is Kind.END and not self._has_snapshot):
            self._complete = found.end
        self._has_snapshot = self._has_snapshot or found.kind is Kind.END
        self._after_gap = False

    def _place(self, found: Found) -> None:
        """Whether it is the frame that belongs here."""
        expected = self._sequence
        if found.sequence < expected:
            self._find(found.offset, found.sequence, "a frame stands twice, or at a wrong place")
            return
        if found.sequence > expected and not self._after_gap:
            what = f"frames {expected} to {found.sequence - 1} are missing"
            self._find(found.offset, expected, what)
        if found.sequence == expected and found.previous != self._tag:
            self._find(found.offset, expected, "a frame does not follow the one before it")
        if self._begins and found.kind in (Kind.PART, Kind.COMMIT):
            self._begins = False
        if found.kind not in (_OF_SNAPSHOT if self._begins else _OF_CHANGES):
            self._find(found.offset, found.sequence, "a frame of this kind does not belong here")
        self._begins = self._begins and found.kind is not Kind.END

    def end(self, fd: int, size: int) -> None:
        """Tells a torn end from damage, once everything was seen."""
        lacking = self.counted.lacking() if self.counted.stated is not None else {}
        if lacking:
            words = ", ".join(f"{count} of {name}" for name, count in lacking.items())
            self._find(FIRST_FRAME, None, f"the snapshot does not hold the rows it counts: {words}")
        if not self._has_snapshot:
            self._find(size, self._sequence, "the snapshot has no end")
        elif self._complete < size and self._is_torn(fd, size):
            self.findings = [f for f in self.findings if f.offset < self._complete]
            reason = f"the last {size - self._complete} bytes are an unfinished change"
            self.findings.append(Finding(self._complete, None, Severity.TORN, reason))
        elif self._complete < size and not any(
            finding.offset >= self._complete for finding in self.findings
        ):
            self._find(self._complete, self._sequence, "it ends before its commit")

    def _is_torn(self, fd: int, size: int) -> bool:
        try:
            return log.is_torn(fd, self._codec, self._complete, size)
        except OSError:  # a writer that was killed leaves nothing that a disk cannot read
            return False

    def _find(self, offset: int, sequence: int | None, reason: str) -> None:
        self.findings.append(Finding(offset, sequence, Severity.DAMAGE, reason))
