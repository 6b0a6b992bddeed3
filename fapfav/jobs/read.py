"""`read`: everything a source has, sealed, printed and committed batch by batch.

Broken off anywhere it goes on where it was: what is committed is known by its place and is not read
again. From a folder nothing new means nothing written; from a site a visit is dated, for a site is
not asked again for what it said a short time ago.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fapfav.errors import SourceError, UsageError
from fapfav.images.examine import Preparation
from fapfav.jobs import lookalikes
from fapfav.jobs.base import BrokenOff, Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.batch import Batch
from fapfav.jobs.elsewhere import Elsewhere
from fapfav.jobs.engine import Run
from fapfav.jobs.find import find_into
from fapfav.jobs.folder_reader import FolderReader
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse, cache_folder, load_model
from fapfav.jobs.pipeline import Worker
from fapfav.jobs.site_reader import SiteReader
from fapfav.jobs.tally import Counts, Tally
from fapfav.model import Album, User
from fapfav.sources.base import Site, Source
from fapfav.store.change import Change


@dataclass(frozen=True, slots=True)
class AlbumLine:
    """What a read did in one album."""

    name: str
    saved: int
    bytes: int
    thumb_bytes: int
    known: int
    existing: int
    failed: int


@dataclass(frozen=True, slots=True)
class ReadReport(Report):
    """What a read did. `known` were at their place already, `existing` got a place added.

    `skipped` albums were read a short time ago, `pages` of listings were read with all `requests`
    sent to a site, `waited` is seconds of announced waits. `albums` are those in which something
    happened.
    """

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
    skipped: int = 0
    pages: int = 0
    requests: int = 0
    waited: float = 0.0
    albums: tuple[AlbumLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """How a read works; `preparation` None keeps the archive's, `what` is said in the log.

    Of a site the `accounts` are read, of them only the `folder` if one is named; no accounts are
    all that the source lists. A folder's pictures are examined by the executor `elsewhere` where
    there is one, and by the threads of `executor` else.
    """

    model: ModelInUse
    preparation: Preparation | None = None
    force: bool = False
    workers: int = 0
    executor: Callable[[int], Executor] = ThreadPoolExecutor
    what: str = ""
    accounts: tuple[User, ...] = ()
    folder: str | Album = ""
    elsewhere: Executor | None = None


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
    SourceError for the source's own trouble (its kind BrokenOff, with a report, once anything was
    committed), UsageError for settings that the archive does not
    have, ArchiveError when the disk refuses; what was committed stays.
    """
    return _Read(archive, source, settings, tell, stop).run("read", by)


def retry(
    archive: Archive,
    source: Site,
    settings: Settings,
    *,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> ReadReport:
    """Fetches the pictures of a site's accounts that failed before, and nothing else.

    Without `settings.accounts` those of all accounts that the archive knows at this site.
    """
    if not settings.accounts:
        known = archive.users.records()
        accounts = tuple(user for user in known if user.source == source.name)
        settings = replace(settings, accounts=accounts)
    return _Read(archive, source, settings, tell, stop).run("retry", by)


@dataclass(slots=True)
class _Read:
    """One read, from its first question to its report."""

    archive: Archive
    source: Source
    settings: Settings
    tell: Tell
    stop: Stop
    tally: Tally = field(default_factory=Tally)
    reader: FolderReader | SiteReader | None = None

    def run(self, verb: str, by: str) -> ReadReport:
        """As one change, with a search for duplicates at its end."""
        began = time.monotonic()
        preparation = _preparation(self.archive, self.settings.preparation)
        asked = self._asked()
        trouble: SourceError | None = None
        with self.archive.change(verb, by=by, what=self.settings.what) as change:
            try:
                self._take_in(verb, change, preparation)
            except SourceError as error:
                if not change.number:
                    raise
                trouble = error  # what came until then is compared as well
            came = set(self.archive.fresh)
            found = find_into(self.archive, change, tell=self.tell, stop=self.stop)
        self.tally.warnings += lookalikes.in_words(self.archive, came)
        report = self._report(change, found, began, self._asked() - asked)
        if trouble is not None:
            raise BrokenOff(str(trouble), report) from trouble
        return report

    def _report(self, change: Change, found: int, began: float, requests: int) -> ReadReport:
        groups = self.archive.groups
        total = self.tally.total
        return ReadReport(
            change=change.number,
            **{name: getattr(total, name) for name in Counts.__dataclass_fields__},
            seconds=round(time.monotonic() - began, 3),
            groups=len(groups),
            pictures_in_groups=sum(len(group.members) for group in groups),
            new_pairs=found,
            stopped=self.reader is not None and self.reader.stopped,
            failures=tuple(self.tally.failures),
            warnings=(*self.settings.model.warnings, *self.tally.warnings, *self._problems()),
            skipped=self.tally.skipped,
            pages=self.tally.pages,
            requests=requests,
            waited=round(getattr(self.reader, "waited", 0.0), 3),
            albums=self._albums(),
        )

    def _take_in(self, verb: str, change: Change, preparation: Preparation) -> None:
        settings = self.settings
        batch = Batch(
            self.archive,
            change,
            settings.model,
            preparation,
            tally=self.tally,
            what=settings.what,
        )
        run = Run(
            self.archive,
            batch,
            Pace(self.tell, "reading"),
            self.stop,
            settings.workers,
            settings.force,
        )
        worker = run.worker(self.source.fetch, preparation, settings.model.embed)
        self.archive.files.clean_temporaries()
        if not isinstance(self.source, Site):
            self._take_in_folder(run, worker)
            return
        accounts = settings.accounts or tuple(self.source.users())
        self.reader = SiteReader(self.source, run, accounts, settings.folder)
        if verb == "retry":
            self.reader.retry(worker, settings.executor)
        else:
            self.reader.read(worker, settings.executor)

    def _take_in_folder(self, run: Run, worker: Worker) -> None:
        executor = self.settings.executor
        if self.settings.elsewhere is not None:
            elsewhere = Elsewhere(self.settings.model, self.settings.elsewhere)
            elsewhere.check(worker.preparation)
            run = replace(run, workers=run.workers or elsewhere.at_once)
            worker, executor = replace(worker, examined=elsewhere.examine), elsewhere.pool
        self.reader = FolderReader(self.source, run)
        self.reader.read(worker, executor)

    def _asked(self) -> int:
        return self.source.asked if isinstance(self.source, Site) else 0

    def _problems(self) -> list[str]:
        problems = getattr(self.source, "problems", ())
        return [f"{problem.where}: {problem.reason}" for problem in problems]

    def _albums(self) -> tuple[AlbumLine, ...]:
        lines = []
        for key, counts in self.tally.albums.items():
            album = self.archive.albums.get(key)
            if album is not None and (counts.saved or counts.existing or counts.failed):
                named = {
                    name: getattr(counts, name)
                    for name in AlbumLine.__dataclass_fields__
                    if name != "name"
                }
                lines.append(AlbumLine(album.name, **named))
        return tuple(lines)


def _preparation(archive: Archive, wanted: Preparation | None) -> Preparation:
    kept: Any = archive.preparation
    if kept and wanted and kept != wanted:
        raise UsageError(
            f"this archive's hashes are of the preparation {kept!r} and cannot be compared with "
            f"{wanted!r}: leave the option out, or make another archive"
        )
    return kept or wanted or "scaled"
