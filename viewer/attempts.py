"""How often somebody may guess: after wrong answers each next one has to wait longer."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

FREE = 3
"""Wrong answers that cost nothing: people mistype."""

LONGEST = 60.0
"""Seconds of the longest wait, so that nobody can shut the owner out for good."""


class Attempts:
    """The wrong answers of one run. Nothing waits here: who comes too early is turned away."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong = 0
        self._until = 0.0
        self._busy = False

    def begin(self) -> int:
        """0 for an answer that may be looked at now, else the seconds until one may.

        One is looked at at a time; `end` must follow a 0.
        """
        with self._lock:
            left = self._until - self._clock()
            if left > 0:
                return math.ceil(left)
            if self._busy:
                return 1
            self._busy = True
            return 0

    def end(self, *, wrong: bool | None) -> None:
        """Counts the answer; None if it was never found out whether it was wrong."""
        with self._lock:
            self._busy = False
            if wrong is None:
                return
            self._wrong = self._wrong + 1 if wrong else 0
            if self._wrong > FREE:
                self._until = self._clock() + min(2.0 ** (self._wrong - FREE), LONGEST)
