"""What every job shares: how it tells what it does, is asked to stop, and reports what it did.

A job is `job(archive, ..., tell, stop) -> Report`. `tell` takes a Progress at most ten times a
second, `stop` is asked between pictures and says whether to finish early; both are called from the
thread that runs the job. A job owns one change.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, is_dataclass
from enum import Enum
from typing import Any

from fapfav.errors import SourceError
from fapfav.model import Progress

Tell = Callable[[Progress], None]
Stop = Callable[[], bool]


def tell_nobody(_progress: Progress) -> None:
    """For callers who do not watch."""


def never_stop() -> bool:
    """For callers who wait for the end."""
    return False


def plain(value: Any) -> Any:
    """A value as JSON takes it: bytes as hex, records as dictionaries, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {_name(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.hex() if isinstance(value, bytes) else value


def _name(key: Any) -> str:
    return key.hex() if isinstance(key, bytes) else str(getattr(key, "value", key))


@dataclass(frozen=True, slots=True)
class Report:
    """What a job did; `change` is the log's number for it, 0 when nothing changed."""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {name: plain(value) for name, value in asdict(self).items()}


class BrokenOff(SourceError):
    """A site's trouble ended a job before its end; `report` is what was done until then."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


@dataclass(slots=True)
class Pace:
    """Counts what a job does and tells of it at most ten times a second, and at its end."""

    tell: Tell
    doing: str
    total: int = 0
    done: int = 0
    failed: int = 0
    pages: int = 0
    waiting: str = ""
    note: str = ""
    clock: Callable[[], float] = time.monotonic
    _began: float = field(default=0.0, init=False)
    _told: float = field(default=-1.0, init=False)
    _told_done: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def step(self, done: int = 1, failed: int = 0) -> None:
        """Counts pictures and tells if it is time to."""
        self.done += done
        self.failed += failed
        self.tick()

    def tick(self) -> None:
        """Tells if it is time to."""
        now = self.clock()
        # The end is told at once: a line that stays on the screen at 37 of 40 is not true.
        is_end = self.done >= self.total > 0 and self.done != self._told_done
        if now - self._told >= 0.1 or is_end:
            self.say(now)

    def begin(self, doing: str) -> None:
        """Goes on to another step of the same work: rate and time left count from here."""
        self.doing, self._began = doing, self.clock()
        self.done = self.failed = self.total = 0
        self.say()

    def say(self, now: float | None = None) -> None:
        """Tells at once."""
        self._told, self._told_done = self.clock() if now is None else now, self.done
        passed = self._told - self._began
        rate = self.done / passed if passed > 0 else 0.0
        left = (self.total - self.done) / rate if rate and self.total >= self.done else None
        self.tell(
            Progress(
                *(self.doing, self.done, self.total, self.failed, rate, left),
                pages=self.pages,
                waiting=self.waiting,
                notes=(self.note,) if self.note else (),
            )
        )
