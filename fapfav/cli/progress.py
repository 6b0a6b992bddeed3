"""Progress of a job: a bar on a terminal, plain lines elsewhere; rate, time left and failures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

from fapfav.model import Progress
from fapfav.text import duration, rate, short, shown

if TYPE_CHECKING:
    from rich.progress import TaskID

    from fapfav.cli.bars import BarsAndMore

EVERY = 5.0
"""Seconds between plain lines, at first."""

SELDOM = 60.0
"""Seconds between plain lines of a run that takes days."""

_NAME = 40  # characters of what is worked on
_STEPS = 4  # bars on the screen at once


def in_words(progress: Progress) -> str:
    """`reading Boats: 64 of 2,000 pictures, 31 pages, 3 failed, 13/min, 2 h 20 min left`."""
    parts = [_how_far(progress)]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.rate:
        parts.append(rate(progress.rate))
    if left := _left(progress):
        parts.append(left)
    if progress.waiting:
        parts.append(_wait(progress))
    said = ", ".join(filter(None, parts))
    return f"{_head(progress)}: {said}" if said else _head(progress)


def _head(progress: Progress) -> str:
    """What it does, and with what."""
    return " ".join((progress.doing, *(short(note, _NAME) for note in progress.notes)))


def _how_far(progress: Progress) -> str:
    if not (progress.done or progress.total or progress.pages):
        return ""
    of = f" of {progress.total:,}" if progress.total else ""
    if not progress.pages:
        return f"{progress.done:,}{of}"
    pictures = "picture" if (progress.total or progress.done) == 1 else "pictures"
    return f"{progress.done:,}{of} {pictures}, {_pages(progress)}"


def _pages(progress: Progress) -> str:
    return f"{progress.pages:,} page{'' if progress.pages == 1 else 's'}"


def _left(progress: Progress) -> str:
    if progress.seconds_left is None or progress.total <= progress.done:
        return ""
    return f"{duration(progress.seconds_left)} left"


def _wait(progress: Progress) -> str:
    return f"waiting {progress.waiting}"


class Display(Protocol):
    """Shows what a job tells."""

    def __enter__(self) -> Self:
        """Begins to show."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Shows no more."""

    def tell(self, progress: Progress) -> None:
        """Takes what the job does now."""

    def line(self, text: str) -> None:
        """A line of its own."""


class Lines:
    """A line now and then, and one for where each step ended."""

    def __init__(
        self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write = write
        self._clock = clock
        self._began = self._said = clock()
        self._last: Progress | None = None
        self._is_said = True
        self._words = ""
        self._waits_since: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_step()

    def tell(self, progress: Progress) -> None:
        """Takes what the job does now."""
        now = self._clock()
        if self._last is not None and self._last.doing != progress.doing:
            if self._waits_since is not None:
                self._turn(self._last, now)
            self._end_step()
        self._last, self._is_said = progress, False
        if bool(progress.waiting) != (self._waits_since is not None):
            self._turn(progress, now)
        elif now - self._said >= self._pause(now) and not progress.waiting:
            self._say()

    def line(self, text: str) -> None:
        """A line of its own."""
        self._write(text)

    def _turn(self, progress: Progress, now: float) -> None:
        """Says that a wait begins, or how long it took; in between there is nothing to say."""
        if self._waits_since is None:
            self._waits_since = now
            self._say()
            return
        self._write(f"{_head(progress)}: goes on after {duration(now - self._waits_since)}")
        self._said, self._waits_since = now, None

    def _pause(self, now: float) -> float:
        """Longer the longer it runs: a log of days is still read."""
        return min(max(EVERY, (now - self._began) / 20), SELDOM)

    def _end_step(self) -> None:
        """Says where it ended; what it waited for last is no news then."""
        if self._last is not None:
            self._last = replace(self._last, waiting="")
        self._say()

    def _say(self) -> None:
        if self._last is not None and not self._is_said:
            words = in_words(self._last)
            if words != self._words:  # the end of a step may have been told just before
                self._write(words)
            self._words, self._said, self._is_said = words, self._clock(), True


class Bar:
    """One bar for each step, redrawn in its place; below them what is in hand or waited for."""

    def __init__(self, stream: TextIO) -> None:
        self._bars = _bars(stream)
        self._tasks: list[TaskID] = []
        self._last: Progress | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.below = ()
        self._bars.stop()

    def tell(self, progress: Progress) -> None:
        """Takes what the job does now."""
        if self._last is None or self._last.doing != progress.doing:
            self._begin(progress)
        self._last = progress
        self._bars.below = tuple(shown(line) for line in _below(progress))
        self._bars.update(
            self._tasks[-1],
            completed=progress.done,
            total=progress.total or None,
            **_fields(progress),
        )

    def line(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(shown(text), markup=False, highlight=False)

    def _begin(self, progress: Progress) -> None:
        """A bar for the next step; the one before is at its end, and old ones leave the screen."""
        if self._last is not None:
            done = max(self._last.done, 1)
            self._bars.update(self._tasks[-1], completed=done, total=done, left="")
        self._tasks.append(self._bars.add_task("", **_fields(progress)))
        if len(self._tasks) > _STEPS:
            self._bars.remove_task(self._tasks.pop(0))


def _below(progress: Progress) -> Iterator[str]:
    """What has no room beside the bar."""
    in_hand = [*progress.notes, _pages(progress) if progress.pages else ""]
    yield ", ".join(short(part, _NAME) for part in in_hand if part)
    if progress.waiting:
        yield _wait(progress)


def _fields(progress: Progress) -> dict[str, Any]:
    of = f"{progress.done:,}/{progress.total:,}" if progress.total else f"{progress.done:,}"
    return {
        "doing": shown(progress.doing),
        "of": of if progress.done or progress.total else "",
        "rate": rate(progress.rate) if progress.rate else "",
        "left": _left(progress),
        "failures": f"{progress.failed:,} failed" if progress.failed else "",
    }


def _bars(stream: TextIO) -> BarsAndMore:
    from rich.console import Console

    from fapfav.cli.bars import BarsAndMore

    return BarsAndMore(Console(file=stream))
