"""Pictures on their way to an executor, several in one piece of work.

A piece has a price of its own, on a cluster some milliseconds of Python here and at the scheduler,
which is as long as a fast worker needs for a picture. So what waits goes together, but nobody waits
for company while a worker has nothing to do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial

from fapfav.errors import FapfavError
from fapfav.images.examine import Embedder, Examined, Preparation, examine


class ElsewhereError(FapfavError):
    """Who was to do the work is gone, or would do it otherwise than this computer does."""


class Undone(ElsewhereError):
    """One piece of work ended whoever did it, again and again; the others may go on."""


@dataclass(frozen=True, slots=True)
class Call:
    """What `examine` is given for one picture. Whoever logs a call sees nothing of it."""

    picture: bytes = field(repr=False)
    preparation: Preparation
    embed: Embedder | None
    thumbnail: bool


def examine_all(calls: Sequence[Call]) -> list[Examined | FapfavError]:
    """What is known of each picture, or what is wrong with it, one after the other."""
    return [_examined(call) for call in calls]


def _examined(call: Call) -> Examined | FapfavError:
    try:
        return examine(call.picture, call.preparation, call.embed, call.thumbnail)
    except FapfavError as error:
        return error


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A call that somebody waits for; `alone` where it goes without others."""

    call: Call
    future: Future[Examined]
    alone: bool = False


class Parcels:
    """Sends calls by an executor that works on `workers` pieces at once. Safe from any thread."""

    MOST = 8
    """Pictures in a parcel, and how many parcels are under way for each worker: one is worked on
    while the next is on its way."""
    AHEAD = 2
    BYTES = 4 * 2**20

    def __init__(self, executor: Executor, workers: int) -> None:
        self._executor = executor
        self._workers = workers
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._under_way = 0

    def send(self, call: Call) -> Future[Examined]:
        """What `examine` tells of it, or raises; Undone only where it was sent alone."""
        waiting = _Waiting(call, Future())
        with self._lock:
            self._queue.append(waiting)
        self._go()
        return waiting.future

    def _go(self) -> None:
        """Sends what is due."""
        while parcel := self._next():
            try:
                piece = self._executor.submit(examine_all, [each.call for each in parcel])
            except BaseException as error:
                self._arrived()
                _fail(parcel, error)
            else:
                piece.add_done_callback(partial(self._came, parcel))

    def _next(self) -> list[_Waiting]:
        """The next parcel if it is due: when it is full, or somebody has nothing to do."""
        with self._lock:
            idle = self._under_way < self._workers
            full = len(self._queue) >= self.MOST and self._under_way < self.AHEAD * self._workers
            if not self._queue or not (idle or full):
                return []
            self._under_way += 1
            free = max(self._workers - self._under_way + 1, 1)
            most = min(self.MOST, -(-len(self._queue) // free))
            parcel = [self._queue.popleft()]
            size = len(parcel[0].call.picture)
            while self._queue and len(parcel) < most and not parcel[0].alone:
                size += len(self._queue[0].call.picture)
                if size > self.BYTES or self._queue[0].alone:
                    break
                parcel.append(self._queue.popleft())
            return parcel

    def _arrived(self) -> None:
        with self._lock:
            self._under_way -= 1

    def _came(self, parcel: list[_Waiting], done: Future[list[Examined | FapfavError]]) -> None:
        self._arrived()
        error = done.exception()
        if error is None:
            for waiting, found in zip(parcel, done.result(), strict=True):
                if isinstance(found, FapfavError):
                    waiting.future.set_exception(found)
                else:
                    waiting.future.set_result(found)
        elif isinstance(error, Undone) and len(parcel) > 1:
            with self._lock:  # it is one of them
                self._queue.extendleft(replace(each, alone=True) for each in reversed(parcel))
        else:
            _fail(parcel, error)
        self._go()


def _fail(parcel: list[_Waiting], error: BaseException) -> None:
    for waiting in parcel:
        waiting.future.set_exception(error)
