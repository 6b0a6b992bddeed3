"""`read`: everything a source has, sealed, printed and committed batch by batch.

Broken off anywhere it goes on where it was: what is committed is known by its place and the
source's stamp of it, and is not read again. Nothing new means nothing written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import UsageError
from fapfav.images.examine import Preparation
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.batch import Batch, Tally
from fapfav.jobs.find import find_into
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse, cache_folder, load_model
from fapfav.jobs.pipeline import Taken, Worker, in_order
from fapfav.model import Album, AlbumKey, Cursor, Digest, ImageRef, PlaceState, UserKey
from fapfav.sources.base import Source
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR

BATCH_PICTURES = 64
BATCH_SECONDS = 2.0
_AHEAD = 128  # pictures under way or waiting: the workers go on while a batch is committed


@dataclass(frozen=True, slots=True)
class ReadReport(Report):
    """What a read did. `known` were at their place already, `existing` got a place added."""

    change: int
    saved: int
    known: int
    existing: int
    removed: int
    failed: int
    left_alone: int
    bytes: int
    thumb_bytes: int
    seconds: float
    groups: int
    pictures_in_groups: int
    new_pairs: int
    stopped: bool
    failures: tuple[tuple[str, str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlbumEnd:
    """Everything of an album is before this."""

    album: Album


@dataclass(frozen=True, slots=True)
class Settings:
    """How a read works; `preparation` None keeps the archive's, `what` is said in the log."""

    model: ModelInUse
    preparation: Preparation | None = None
    force: bool = False
    workers: int = 0
    executor: Callable[[int], Executor] = ThreadPoolExecutor
    what: str = ""


def read_settings(
    archive: Archive,
    *,
    model: str | None = None,
    preparation: Preparation | None = None,
    force: bool = False,
    workers: int = 0,
    cache: Path | None = None,
) -> Settings:
    """How to read: the model asked for, else the archive's own, else the default.

    A model that cannot be had is a warning in the report. `cache` is where converted models are
    kept, by default the user's cache folder; `workers` 0 is one more than there are cores; `force`
    tries failures again whose file did not change.
    """
    in_use = load_model(archive, model, cache or cache_folder())
    return Settings(in_use, preparation, force, workers)


def read(
    archive: Archive,
    source: Source,
    settings: Settings,
    *,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> ReadReport:
    """Reads all users and albums of a source into the archive, then looks for duplicates.

    A picture that cannot be kept is a failure with its reason, and the rest goes on. Raises
    SourceError for the source's own trouble, UsageError for settings that the archive does not
    have, ArchiveError when the disk refuses; what was committed stays.
    """
    began = time.monotonic()
    preparation = _preparation(archive, settings.preparation)
    tally = Tally()
    with archive.change("read", by=by, what=settings.what) as change:
        batch = Batch(archive, change, settings.model, preparation, tally)
        pace = Pace(tell, "reading")
        reader = _Reader(archive, source, settings, batch, pace=pace, stop=stop)
        reader.run(preparation)
        if change.number and not reader.stopped:
            batch.finish_users()
        if tally.saved or reader.stopped:
            change.what = ": ".join(filter(None, (settings.what, tally.in_words())))
        found = find_into(archive, change, tell=tell, stop=stop)
    groups = archive.groups
    return ReadReport(
        change=change.number,
        saved=tally.saved,
        known=tally.known,
        existing=tally.existing,
        removed=tally.removed,
        failed=len(tally.failures),
        left_alone=tally.left_alone,
        bytes=tally.bytes,
        thumb_bytes=tally.thumb_bytes,
        seconds=round(time.monotonic() - began, 3),
        groups=len(groups),
        pictures_in_groups=sum(len(group.members) for group in groups),
        new_pairs=found,
        stopped=reader.stopped,
        failures=tuple(tally.failures),
        warnings=(*settings.model.warnings, *tally.warnings, *_problems(source)),
    )


def _problems(source: Source) -> list[str]:
    return [f"{problem.where}: {problem.reason}" for problem in getattr(source, "problems", ())]


def _preparation(archive: Archive, wanted: Preparation | None) -> Preparation:
    kept: Any = archive.preparation
    if kept and wanted and kept != wanted:
        raise UsageError(
            f"this archive's hashes are of the preparation {kept!r} and cannot be compared with "
            f"{wanted!r}: leave the option out, or make another archive"
        )
    return kept or wanted or "scaled"


class _Reader:
    """One run over a source."""

    def __init__(
        self,
        archive: Archive,
        source: Source,
        settings: Settings,
        batch: Batch,
        *,
        pace: Pace,
        stop: Stop,
    ) -> None:
        self.archive = archive
        self.source = source
        self.settings = settings
        self.batch = batch
        self.tally = batch.tally
        self.pace = pace
        self.stop = stop
        self.stopped = False

    def run(self, preparation: Preparation) -> None:
        """Reads, and commits what is whole even when it ends by an error."""
        # One more than cores: there is always one that waits for the disk.
        workers = self.settings.workers or (os.cpu_count() or 1) + 1
        worker = Worker(
            self.source.fetch,
            self.archive.files,
            preparation,
            self.settings.model.embed,
            self._is_held,
        )

        def work(item: ImageRef | AlbumEnd) -> Taken | AlbumEnd:
            return item if isinstance(item, AlbumEnd) else worker(item)

        self.archive.files.clean_temporaries()
        with self.settings.executor(workers) as executor:
            try:
                for done in in_order(executor, work, self._items(), _AHEAD):
                    self._take(done)
            finally:
                self.batch.commit()
        self.pace.say()

    def _take(self, done: Taken | AlbumEnd) -> None:
        if isinstance(done, AlbumEnd):
            self.batch.finish(done.album)
            return
        failed = self.batch.add(done)
        self.pace.step(failed=int(failed))
        if self.batch.is_due(BATCH_PICTURES, BATCH_SECONDS):
            self.batch.commit()

    def _items(self) -> Iterator[ImageRef | AlbumEnd]:
        for user in self.source.users():
            self.batch.users[UserKey(user.source, user.user)] = user
            for album in self.source.albums(UserKey(user.source, user.user)):
                self.batch.albums[AlbumKey(album.source, album.user, album.album)] = album
                for ref in self._new_images(album):
                    yield ref
                    if self.stop():
                        self.stopped = True
                        return
                yield AlbumEnd(album)

    def _new_images(self, album: Album) -> list[ImageRef]:
        key = AlbumKey(album.source, album.user, album.album)
        seen = self._seen(key)
        kept = self.archive.albums.get(key)
        new = []
        for ref in self.source.images(key, kept.cursor if kept else ""):
            if isinstance(ref, Cursor):
                self.batch.cursors[key] = ref
            elif (state := seen.get(_mark(ref.name, ref.raw, ref.stamp))) is None:
                new.append(ref)
            elif state is PlaceState.FAILED:
                self.tally.left_alone += 1
            else:
                self.tally.known += 1
        self.pace.total += len(new)
        return new

    def _seen(self, album: AlbumKey) -> dict[str, PlaceState]:
        """What of an album needs no second look, by name and stamp."""
        keys = self.archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
        places = self.archive.places.picked(keys)
        return {
            _mark(place.name, place.raw, place.stamp): place.state
            for place in places
            if not (self.settings.force and place.state is PlaceState.FAILED)
        }

    def _is_held(self, digest: Digest) -> bool:
        """Whether the bytes are here, or are kept out: then there is nothing to decode."""
        rows = self.archive.rows_of
        return (
            digest in rows("blobs")
            or digest in rows("removed")
            or (digest in rows("trash") and not self.batch.came_by_undo(digest))
        )


def _mark(name: str, raw: bytes, stamp: str) -> str:
    return SEPARATOR.join((name, raw.hex(), stamp))
