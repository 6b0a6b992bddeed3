"""What the practice site was asked: one entry a request, in the order in which they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Request(NamedTuple):
    """One request: monotonic times in seconds, `ended` 0 until its answer has left.

    `path` is as it was asked for, with prefix and query; `status` 0 where none was sent; `address`
    the client's, which tells connections apart; `headers` those of the client in lower case.
    """

    started: float
    ended: float
    method: str
    path: str
    status: int
    address: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Entry:
    """A request that is being answered: its status is set before the answer leaves."""

    method: str
    path: str
    headers: Mapping[str, str]
    address: str
    started: float
    status: int = 0
    ended: float = 0.0

    def end(self) -> None:
        """The answer has left, or broke off."""
        self.ended = time.monotonic()


class Log:
    """All requests so far; safe to write and read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def begin(self, method: str, path: str, headers: Mapping[str, str], address: str) -> Entry:
        """A request came in."""
        entry = Entry(method, path, headers, address, time.monotonic())
        with self._lock:
            self._entries.append(entry)
        return entry

    def all(self) -> tuple[Request, ...]:
        """The requests as they are now."""
        with self._lock:
            entries = list(self._entries)
        return tuple(
            Request(
                one.started, one.ended, one.method, one.path, one.status, one.address, one.headers
            )
            for one in entries
        )

    def clear(self) -> None:
        """Forgets what was asked so far."""
        with self._lock:
            self._entries = []
