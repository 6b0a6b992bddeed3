"""Waits that say why, and that end when somebody asks for it."""

from __future__ import annotations

import threading

from fapfav.errors import Stopped
from fapfav.sources.pacing import Clock
from fapfav.sources.web import Wait

SOON = 5.0
"""Seconds still to go that are waited out even in a hurry."""

_GLANCE = 0.02
_AT_MOST = 3600.0  # platforms have bounds of their own on one sleep


class Waits:
    """All waits of one session, in whatever thread; `waiting` is read from any other."""

    def __init__(self, clock: Clock) -> None:
        self.waiting: Wait | None = None
        self._clock = clock
        self._hurried, self._closed = threading.Event(), threading.Event()

    def until(self, due: float, why: str) -> None:
        """Waits until `due` by the monotonic clock, in silence where `why` is ""."""
        try:
            while (left := due - self._clock.monotonic()) > 0:
                self.refuse(left, why)
                self.waiting = Wait(why, due) if why else None
                self._nap(min(left, _AT_MOST))
        finally:
            self.waiting = None

    def unless(self, busy: float, why: str) -> None:
        """One glance's wait for something that has no known end; `busy`: so long it has lasted.

        `waiting` says so until `over`: between two glances it is still the same wait.
        """
        self.refuse(busy, why)
        self.waiting = Wait(why, self._clock.monotonic())
        self._nap(min(0.1, _GLANCE + busy / 10))

    def over(self) -> None:
        """What had no known end has come to it."""
        self.waiting = None

    def refuse(self, left: float = 0.0, why: str = "") -> None:
        """Raises Stopped after `close`, and after `hurry` where `left` is long."""
        if self._closed.is_set():
            raise Stopped("stopped: what asked the site was closed")
        if self._hurried.is_set() and left > SOON:
            raise Stopped(f"stopped while waiting: {why or 'the pause between two requests'}")

    def refuse_hurried(self, why: str) -> None:
        """Raises Stopped in a hurry: what has failed is not tried again then."""
        if self._hurried.is_set():
            raise Stopped(f"stopped after trouble: {why}")

    def hurry(self) -> None:
        """Ends long waits, now and from now on."""
        self._hurried.set()

    def close(self) -> None:
        """Ends all waits, now and from now on."""
        self._closed.set()
        self._hurried.set()

    def _nap(self, seconds: float) -> None:
        # In a hurry the first event is set already and would end every wait at once.
        event = self._closed if self._hurried.is_set() else self._hurried
        self._clock.wait(event, seconds)
