"""The watch over a request under way: it ends the request when its time is over.

Timeouts of a socket bound each wait for some bytes, and a server that sends a byte a second never
meets one. So a thread looks at the clock as well, and shuts the socket under the one that reads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from fapfav.errors import Stopped


class Watch:
    """What is known of the request under way.

    `is_late` and `is_closed` say why its socket was shut. `reused`: it went out on a connection
    that had brought an answer before. `surplus`: bytes came after the announced end.
    """

    def __init__(self) -> None:
        self.is_closed = self.is_late = self.reused = self.surplus = False
        self.seconds = 0.0
        self._changed = threading.Condition()
        self._end: Callable[[], None] | None = None
        self._due: float | None = None
        self._wakes: float | None = None  # when its thread looks next; None: there is no thread

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        """Watches over a request for so long; raises Stopped when it is closed."""
        with self._changed:
            self.refuse()
            self.is_late = self.reused = self.surplus = False
            self.seconds, self._due = seconds, time.monotonic() + seconds
            if self._wakes is None:
                self._wakes = self._due
                threading.Thread(target=self._look, name="deadline", daemon=True).start()
            elif self._wakes > self._due:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._end = self._due = None

    def hold(self, end: Callable[[], None]) -> None:
        """What ends the request from now on: it shuts the socket that is used."""
        with self._changed:
            self._end = end
            if self.is_closed or self.is_late:
                self._shut()

    def refuse(self) -> None:
        """Raises Stopped when it is closed."""
        if self.is_closed:
            raise Stopped("stopped: what asked the site was closed")

    def close(self) -> None:
        """Ends the request under way, from any thread, and every later one."""
        with self._changed:
            self.is_closed = True
            self._shut()
            self._changed.notify()

    def _look(self) -> None:
        """Ends when there is nothing to watch over: the next request starts another thread."""
        with self._changed:
            while self._due is not None and not self.is_closed:
                left = self._due - time.monotonic()
                if left <= 0:
                    self.is_late = True
                    self._shut()
                    break
                self._wakes = self._due
                self._changed.wait(left)
            self._wakes = None

    def _shut(self) -> None:
        if self._end is not None:
            with suppress(OSError):
                self._end()
