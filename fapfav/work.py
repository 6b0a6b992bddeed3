"""What jobs are to others: the record that stays of one, and what it tells while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was started from a page: what was asked, and what became of it.

    `state` is running, done, failed or cancelled, `report` what the job reported, `change` the
    number of what it changed, 0 for nothing. What it tells while it runs is never kept.
    """

    number: int
    verb: str
    arguments: Mapping[str, Any]
    state: str
    started: int
    ended: int = 0
    report: Mapping[str, Any] | None = None
    change: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a job is doing now: `total` 0 means unknown; `rate` is pictures a second.

    `pages` of a site were read so far; `waiting` says why nothing happens just now, if so.
    """

    doing: str
    done: int = 0
    total: int = 0
    failed: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    notes: tuple[str, ...] = field(default=())
    pages: int = 0
    waiting: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)
