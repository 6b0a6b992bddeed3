"""Progress of a job: a bar on a terminal, plain lines elsewhere; rate, time left and failures."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

from fapfav.cli.text import duration, shown
from fapfav.model import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

EVERY = 5.0
"""Seconds between plain lines."""


def in_words(progress: Progress) -> str:
    """`reading: 64 of 100, 3 failed, 12.3/s, 2.93 s left`."""
    of = f" of {progress.total}" if progress.total else ""
    parts = [f"{progress.doing}: {progress.done}{of}"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.rate:
        parts.append(f"{progress.rate:.1f}/s")
    if progress.seconds_left is not None and progress.total > progress.done:
        parts.append(f"{duration(progress.seconds_left)} left")
    return ", ".join((*parts, *progress.notes))


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
        self._said = clock()
        self._last: Progress | None = None
        self._is_said = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._say()

    def tell(self, progress: Progress) -> None:
        """Takes what the job does now."""
        if self._last is not None and self._last.doing != progress.doing:
            self._say()
        self._last, self._is_said = progress, False
        if self._clock() - self._said >= EVERY:
            self._say()

    def line(self, text: str) -> None:
        """A line of its own."""
        self._write(text)

    def _say(self) -> None:
        if self._last is not None and not self._is_said:
            self._write(in_words(self._last))
            self._said, self._is_said = self._clock(), True


class Bar:
    """One bar for each step, redrawn in its place."""

    def __init__(self, stream: TextIO) -> None:
        self._bars = _bars(stream)
        self._task: TaskID | None = None
        self._doing = ""

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def tell(self, progress: Progress) -> None:
        """Takes what the job does now."""
        if self._task is None or self._doing != progress.doing:
            self._doing = progress.doing
            self._task = self._bars.add_task(progress.doing, **_fields(progress))
        self._bars.update(
            self._task,
            completed=progress.done,
            total=progress.total or None,
            **_fields(progress),
        )

    def line(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(shown(text), markup=False, highlight=False)


def _fields(progress: Progress) -> dict[str, Any]:
    left = progress.seconds_left
    going = left is not None and progress.total > progress.done
    return {
        "of": f"{progress.done}/{progress.total}" if progress.total else str(progress.done),
        "rate": f"{progress.rate:.1f}/s" if progress.rate else "",
        "left": f"{duration(left)} left" if going and left is not None else "",
        "failures": f"{progress.failed} failed" if progress.failed else "",
    }


def _bars(stream: TextIO) -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[of]}"),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
        TextColumn("[red]{task.fields[failures]}"),
        console=Console(file=stream),
        redirect_stdout=False,
        redirect_stderr=False,
    )
