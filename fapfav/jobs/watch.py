"""Watches a site while it is asked: tells why it waits, and hurries it when the job shall end."""

from __future__ import annotations

import time

from fapfav.jobs.base import Pace, Stop
from fapfav.sources.base import Site


class Watch:
    """Call `tick` often, from the job's thread. `waited` is the seconds of announced waits."""

    def __init__(self, source: Site, pace: Pace, stop: Stop) -> None:
        self.waited = 0.0
        self._source = source
        self._pace = pace
        self._stop = stop
        self._hurried = False
        self._at = time.monotonic()

    def tick(self) -> None:
        """Tells what is waited for, and passes on that it is time to end."""
        now = time.monotonic()
        wait = self._source.waiting
        if wait is not None:
            self.waited += now - self._at
        self._at = now
        self._pace.waiting = in_words(wait.why, wait.until - now) if wait else ""
        self._pace.tick()
        if not self._hurried and self._stop():
            self._hurried = True
            self._source.hurry()


def in_words(why: str, seconds: float) -> str:
    """`29:40: the site asks for it`, hours only where there are some."""
    left = max(0, round(seconds))
    minutes, rest = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{clock}: {why}"
