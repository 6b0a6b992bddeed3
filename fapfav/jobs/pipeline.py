"""From a reference to a sealed file: what happens to one picture, off the thread that commits.

Each step is plain: get the bytes, hash them, and unless the archive holds them decode once, print,
make the thumbnail, write both files beside their names. The bytes never leave the worker, so memory
is bounded by the number of workers whatever the size of the folder.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

from fapfav.errors import BadPicture
from fapfav.images.examine import Embedder, Examined, Preparation, examine
from fapfav.model import Digest, ImageRef, Picture
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.folder import Staged

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a source gave, without the bytes: they stay in the worker."""

    picture: Picture
    digest: Digest
    size: int
    md5: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture, ready to be committed; `facts` is None where the archive holds it already."""

    ref: ImageRef
    fetched: Fetched | None = None
    facts: Examined | None = None
    staged: tuple[Staged, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """Does the work for one picture; safe to call from several threads at once."""

    fetch: Callable[[ImageRef], Picture]
    files: BlobStore
    preparation: Preparation
    embed: Embedder | None
    is_held: Callable[[Digest], bool]

    def __call__(self, ref: ImageRef) -> Taken:
        """The picture, or why there is none. Raises what is not this picture's own trouble."""
        try:
            picture = self.fetch(ref)
        except BadPicture as error:
            return Taken(ref, problem=str(error))
        data = picture.data
        digest = Digest(hashlib.sha256(data).digest())
        md5 = hashlib.md5(data, usedforsecurity=False).digest()
        bare = Picture(
            b"", picture.name, picture.place, picture.stamp, picture.posted, picture.tags
        )
        fetched = Fetched(bare, digest, len(data), md5)
        if self.is_held(digest):
            return Taken(ref, fetched)
        try:
            facts = examine(data, self.preparation, self.embed)
        except BadPicture as error:
            return Taken(ref, fetched, problem=str(error))
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


def in_order(
    executor: Executor, work: Callable[[T], R], items: Iterable[T], ahead: int
) -> Iterator[R]:
    """Results in the order of the items, at most `ahead` of them under way or waiting.

    When the caller stops early, what has not begun is dropped and what has is waited for.
    """
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(executor.submit(work, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
