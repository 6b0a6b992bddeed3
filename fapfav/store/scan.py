"""Every frame of a database that is still authentic, wherever it lies, and what lies between.

The log is read in order as long as it can be; after bytes that are no frame the next one is looked
for by its marker and believed by its tag only. Knows nothing of tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fapfav.store import log
from fapfav.store.frames import FIRST_FRAME, BadFrame, Codec, Kind

SECTOR = 4096
"""Bytes that are lost together where a disk cannot read."""

_SPARE = 64 << 20

Step = Callable[[int], None]
"""Told how many bytes were gone through."""


@dataclass(frozen=True, slots=True)
class Found:
    """An authentic frame, from `offset` up to `end`."""

    kind: Kind
    offset: int
    end: int
    sequence: int
    previous: bytes
    tag: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that are no frame, and why."""

    offset: int
    end: int
    reason: str


def scan(
    fd: int, codec: Codec, step: Step = lambda _done: None, size: int | None = None
) -> Iterator[tuple[Found, bytes] | Gap]:
    """All there is behind the headers in the order of the file, frames with their payloads.

    With `size` no more of the file than that: somebody may be appending to it.
    """
    size = os.fstat(fd).st_size if size is None else size
    at = FIRST_FRAME
    budget = _Budget(4 * size + _SPARE)
    while at < size:
        step(at)
        try:
            found = _frame(fd, codec, at, size)
        except BadFrame as error:
            nearest = _next(fd, codec, at + 1, size, budget)
            end = size if nearest is None else nearest[0].offset
            yield Gap(at, end, budget.problem or str(error))
            if nearest is None:
                break
            found = nearest
        yield found
        at = found[0].end
    step(size)


class _Budget:
    """Bytes that may be spent on what only looks like a frame.

    A file could be made of nothing but headers that each claim the 17 MiB after them.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    @property
    def problem(self) -> str:
        """Why nothing more is looked at, if so."""
        return "" if self.left >= 0 else "too much in it looks like a frame and is none"


def _frame(fd: int, codec: Codec, at: int, size: int) -> tuple[Found, bytes]:
    try:
        if at + log.header_at(fd, at).size > size:
            raise BadFrame("it ends inside a frame")
        head, tag, payload = log.frame_at(fd, codec, at)
    except OSError as error:
        raise BadFrame(f"the disk cannot read it ({error.strerror})") from None
    return Found(head.kind, at, at + head.size, head.sequence, head.previous, tag), payload


def _next(
    fd: int, codec: Codec, begin: int, size: int, budget: _Budget
) -> tuple[Found, bytes] | None:
    """The next authentic frame from an offset on."""
    for at in log.markers(fd, begin, size, read_around):
        try:
            head = log.header_at(fd, at)
        except (BadFrame, OSError):
            continue
        budget.left -= head.size
        if budget.left < 0:
            return None
        try:
            return _frame(fd, codec, at, size)
        except BadFrame:
            continue
    return None


def read_around(fd: int, offset: int, length: int) -> bytes:
    """What can be read of a file, with zeros for what its disk cannot read."""
    try:
        return os.pread(fd, length, offset)
    except OSError:
        if length <= SECTOR:
            return bytes(max(0, min(length, os.fstat(fd).st_size - offset)))
        half = length // 2
        return read_around(fd, offset, half) + read_around(fd, offset + half, length - half)
