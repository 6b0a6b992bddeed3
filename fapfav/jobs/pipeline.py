"""From a reference to a sealed file: what happens to one picture, off the thread that commits.

Each step is plain: get the bytes, hash them, and unless the archive holds them decode once, print,
make the thumbnail, write both files beside their names. The bytes never leave the worker, so memory
is bounded by the number of workers whatever the size of the folder.

A source that is asked one question at a time is asked on a line of its own, and what came is
worked on while the pause before the next question is waited out.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from fapfav.errors import BadPicture, Stopped
from fapfav.images.examine import Embedder, Examined, Preparation, examine
from fapfav.jobs.line import Line
from fapfav.model import Digest, ImageRef, Picture
from fapfav.sources.sites import Lost
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.folder import Staged

T = TypeVar("T")
R = TypeVar("R")

Examine = Callable[[bytes, Preparation, Embedder | None], Examined]
"""What decodes a picture and tells all of it, here or elsewhere; raises BadPicture."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source gave, without the bytes: they stay in the worker."""

    picture: Picture
    digest: Digest
    size: int
    md5: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture, ready to be committed; `facts` is None where the archive holds it already.

    `problem` is why there is none; `name` and `url` are then what the source knew of it.
    """

    ref: ImageRef
    fetched: Fetched | None = None
    facts: Examined | None = None
    staged: tuple[Staged, ...] = ()
    problem: str = ""
    name: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Does the work for one picture; safe to call from several threads at once.

    `examined` may send a picture's bytes elsewhere; all else stays with the caller.
    """

    source: Callable[[ImageRef], Picture]
    files: BlobStore
    preparation: Preparation
    embed: Embedder | None
    is_held: Callable[[Digest], bool]
    examined: Examine = examine

    def __call__(self, ref: ImageRef) -> Taken:
        """The picture, or why there is none. Raises what is not this picture's own trouble."""
        return self.prepare(ref, self.fetch(ref))

    def fetch(self, ref: ImageRef) -> Picture | Taken:
        """The bytes, or why there are none."""
        try:
            return self.source(ref)
        except Lost as lost:
            return Taken(ref, problem=str(lost), name=lost.name, url=lost.url)
        except BadPicture as error:
            return Taken(ref, problem=str(error), name=ref.name, url=ref.address or None)

    def prepare(self, ref: ImageRef, got: Picture | Taken) -> Taken:
        """The bytes as sealed files and facts."""
        if isinstance(got, Taken):
            return got
        data = got.data
        digest = Digest(hashlib.sha256(data).digest())
        md5 = hashlib.md5(data, usedforsecurity=False).digest()
        fetched = Fetched(replace(got, data=b""), digest, len(data), md5)
        if self.is_held(digest):
            return Taken(ref, fetched)
        try:
            facts = self.examined(data, self.preparation, self.embed)
        except BadPicture as error:
            url = ref.address or None
            return Taken(ref, fetched, problem=str(error), name=got.name, url=url)
        return Taken(ref, fetched, facts, self._stage(digest, data, facts))

    def _stage(self, digest: Digest, data: bytes, facts: Examined) -> tuple[Staged, ...]:
        blob = self.files.stage(Kind.BLOB, digest, facts.ext, data)
        if not facts.thumb:
            return (blob,)
        try:
            return blob, self.files.stage(Kind.THUMB, digest, facts.thumb_ext, facts.thumb)
        except BaseException:
            blob.discard()
            raise


class Gate:
    """What work passes before it begins; once closed, it is dropped.

    Not `Future.cancel`: a Ctrl-C in the midst of that can leave the future's lock held for good,
    and with it the thread that works on it.
    """

    closed = False

    def close(self) -> None:
        """Nothing begins any more."""
        self.closed = True

    def __call__(self, work: Callable[..., R], *given: Any) -> R:
        """Does the work; raises CancelledError where it is dropped."""
        if self.closed:
            raise CancelledError
        return work(*given)


class Relay:
    """Fetches on a line, one after the other, and has what came worked on by an executor.

    A site that gives faster than pictures are worked on waits once `HELD` bytes are in memory.
    `begun` is called on the line with each reference whose turn it is.
    """

    HELD = 64 * 2**20

    def __init__(
        self,
        worker: Worker,
        line: Line,
        executor: Executor,
        *,
        gate: Gate,
        begun: Callable[[ImageRef], None],
    ) -> None:
        self._gate = gate
        self._worker = worker
        self._line = line
        self._executor = executor
        self._begun = begun
        self._held = 0
        self._fewer = threading.Condition()
        self._broken = False

    def submit(self, ref: ImageRef) -> Future[Future[Taken]]:
        """The work on a picture, once it was fetched."""
        return self._line.submit(lambda: self._gate(self._relayed, ref))

    def _relayed(self, ref: ImageRef) -> Future[Taken]:
        with self._fewer:
            self._fewer.wait_for(lambda: self._held < self.HELD)
        if self._broken:
            raise Stopped("nothing is asked after the site's trouble")
        self._begun(ref)
        try:
            got = self._worker.fetch(ref)
        except BaseException:
            self._broken = True  # whoever waits for what came before hears of it only later
            raise
        size = len(got.data) if isinstance(got, Picture) else 0
        self._hold(size)
        future = self._executor.submit(self._worker.prepare, ref, got)
        future.add_done_callback(lambda _: self._hold(-size))
        return future

    def _hold(self, more: int) -> None:
        with self._fewer:
            self._held += more
            self._fewer.notify()


def in_order(
    executor: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int
) -> Iterator[R]:
    """Results in the order of the items, at most `ahead` of them under way or waiting.

    When the caller stops early, what has not begun is dropped and what has is waited for.
    """
    gate = Gate()
    submit = partial(executor.submit, gate, work)
    return flow(submit, Future.result, items, ahead, drop=gate.close)


def flow(
    submit: Callable[[T], Future[R]],
    take: Callable[[Future[R]], R],
    items: Iterable[T],
    ahead: int,
    *,
    drop: Callable[[], None],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[R]:
    """`in_order` with a way of one's own to begin the work, to wait for it and to drop it.

    Once asked to stop, what has not begun is dropped. Work begins in the order of the items, so
    what is left is whole from the beginning on.
    """
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(submit(item))
            if len(waiting) >= ahead:
                yield take(waiting.popleft())
        while waiting:
            if stop():
                drop()
            try:
                yield take(waiting.popleft())
            except CancelledError:
                return
    finally:
        drop()
