"""A thread of its own for the calls of a slow source, so that a job never just waits.

The caller's thread goes on ticking: it tells why nothing happens, commits what is ready and hears
that it should stop. The thread is a daemon: a program that ends does not wait for an answer that a
site may take minutes to give.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from types import TracebackType
from typing import Self, TypeVar

TICK = 0.1
"""Seconds between two ticks."""

T = TypeVar("T")


class Line:
    """One call at a time, in the order they were asked for. Use as a context manager."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.put(None)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queues a call; a future that is cancelled before its turn is never run."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = work()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._waiting.put(run)
        return future

    def call(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; the caller's thread ticks meanwhile."""
        return self.result(self.submit(work))

    def result(self, future: Future[T]) -> T:
        """A future's result, with ticks until it is there."""
        return ticking(future, self._tick)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()


def ticking(future: Future[T], tick: Callable[[], None]) -> T:
    """A future's result; `tick` is called whenever it takes another tenth of a second."""
    while True:
        try:
            return future.result(TICK)
        except NotYet:
            if future.done():  # the work itself raised a TimeoutError
                return future.result()
            tick()
