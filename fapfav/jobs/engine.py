"""What reading folders and reading sites have in common: work off the thread, commits on it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from fapfav.jobs.base import Pace, Stop
from fapfav.jobs.batch import Batch
from fapfav.jobs.library import Archive
from fapfav.jobs.line import ticking
from fapfav.jobs.pipeline import Gate, Taken, Worker, flow
from fapfav.model import AlbumKey, Digest, ImageRef

BATCH_PICTURES = 64
BATCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class AlbumEnd:
    """Everything of an album is before this."""

    album: AlbumKey


Item = ImageRef | AlbumEnd


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a read: where to, what it tells, whether it shall end."""

    archive: Archive
    batch: Batch
    pace: Pace
    stop: Stop
    workers: int = 0
    force: bool = False
    gate: Gate = field(default_factory=Gate)

    @property
    def threads(self) -> int:
        """One more than cores: there is always one that waits for the disk."""
        return self.workers or (os.cpu_count() or 1) + 1

    def now(self) -> int:
        """Now, in seconds UTC."""
        return int(time.time())

    def is_held(self, digest: Digest) -> bool:
        """Whether the bytes are here, or are kept out: then there is nothing to decode."""
        rows = self.archive.rows_of
        return (
            digest in rows("blobs")
            or digest in rows("removed")
            or (digest in rows("trash") and not self.batch.came_by_undo(digest))
        )

    def worker(self, fetch: Callable[..., Any], preparation: Any, embed: Any) -> Worker:
        """What does the work for one picture."""
        return Worker(fetch, self.archive.files, preparation, embed, self.is_held)

    def consume(
        self,
        items: Iterable[Item],
        submit: Callable[[ImageRef], Future[Any]],
        ahead: int,
        tick: Callable[[], None],
    ) -> bool:
        """Has pictures worked on, and commits them as they come; what is whole in any case.

        Says whether all of the items were: asked to stop it drops what has not begun. `submit`
        lets the work pass the gate.
        """
        begun = taken = 0

        def waiting() -> None:
            tick()
            if self.stop():  # nothing more begins, however long this one takes
                self.gate.close()

        def take(future: Future[Any]) -> Taken | AlbumEnd:
            done = ticking(future, waiting)
            while isinstance(done, Future):  # what was fetched on a line is worked on elsewhere
                done = ticking(done, waiting)
            assert isinstance(done, Taken | AlbumEnd)
            return done

        def begin(item: Item) -> Future[Any]:
            nonlocal begun
            begun += 1
            return submit(item) if isinstance(item, ImageRef) else _done(item)

        try:
            for done in flow(begin, take, items, ahead, drop=self.gate.close, stop=self.stop):
                tick()  # pictures that come quickly leave no other time to see that a wait is over
                self._take(done)
                taken += 1
        finally:
            self.batch.commit()
        self.pace.waiting = ""
        self.pace.say()
        return begun == taken

    def commit_if_due(self) -> None:
        """Commits what waited for long enough, or is enough."""
        if self.batch.is_due(BATCH_PICTURES, BATCH_SECONDS):
            self.batch.commit()

    def _take(self, done: Taken | AlbumEnd) -> None:
        if isinstance(done, AlbumEnd):
            self.batch.finish(done.album)
            return
        failed = self.batch.add(done)
        self.pace.step(failed=int(failed))
        self.commit_if_due()


def _done(end: AlbumEnd) -> Future[AlbumEnd]:
    future: Future[AlbumEnd] = Future()
    future.set_result(end)
    return future
