"""What one run of reviewing remembers, until the archive is locked or the viewer stops.

The archive holds every decision; this holds how it went: which sets come later, how long a set
takes, and where each step was made, so that undo can go back there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from statistics import median

from fapfav.jobs.library import Archive
from fapfav.model import Digest
from viewer.state import the_viewer

TIMES = 20
"""How many of the last sets tell how long one takes."""

PAUSE = 600.0
"""Seconds after which whoever reviews has been away."""

SUMMARY_EACH = 100
"""After so many sets a summary is offered."""


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: of which set, where it was made, the bytes it hid, whether it was the last."""

    key: Digest
    address: str
    bytes: int
    is_done: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What stands of a run: sets decided, bytes they hid, steps that can be taken back."""

    sets: int
    bytes: int
    steps: int


@dataclass(slots=True)
class Reviewing:
    """One run; changes that were taken back do not count."""

    clock: Callable[[], float] = time.monotonic
    steps: dict[int, Step] = field(default_factory=dict)
    """By the number of the change."""
    postponed: dict[Digest, None] = field(default_factory=dict)
    """Sets that come at the end, in the order in which they were put off."""
    last: Digest | None = None
    """The set that was looked at last."""
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=TIMES))
    _since: float | None = None

    def look(self, key: Digest) -> None:
        """A set is shown: time runs from the first one on."""
        self.last = key
        if self._since is None:
            self._since = self.clock()

    def decide(self, change: int, step: Step) -> None:
        """Something was decided of a set."""
        if change:
            self.steps[change] = step
        if step.is_done:
            self._lap()

    def postpone(self, key: Digest) -> None:
        """A set goes to the end of the queue."""
        self.postponed.pop(key, None)
        self.postponed[key] = None
        self._since = self.clock()

    def _lap(self) -> None:
        now = self.clock()
        if self._since is not None and now - self._since < PAUSE:
            self._times.append(now - self._since)
        self._since = now

    def done(self, stands: Container[int]) -> Done:
        """What was done in this run, without what was taken back."""
        counted = [step for change, step in self.steps.items() if change in stands]
        sets = {step.key for step in counted if step.is_done}
        return Done(len(sets), sum(step.bytes for step in counted), len(counted))

    def seconds_a_set(self) -> float | None:
        """How long one takes by now; None while nobody knows."""
        return median(self._times) if self._times else None


def the_run() -> Reviewing:
    """The run of now; within `archive`."""
    viewer = the_viewer()
    return viewer.remembered("reviewing", viewer.epoch, Reviewing)


@dataclass(frozen=True, slots=True)
class Standing:
    """The changes that were not taken back."""

    archive: Archive

    def __contains__(self, change: object) -> bool:
        record = self.archive.changes.get(change) if isinstance(change, int) else None
        return record is not None and record.state in ("open", "done")
