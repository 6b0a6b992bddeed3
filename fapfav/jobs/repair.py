"""`repair`: what `verify` finds, put right, and what cannot be put right named.

The database first, since all else hangs on its rows; then rows that are lost but follow from files,
files, rows that contradict each other, prints, and last what no row names. Nothing is deleted. Run
again it goes on where it was, and does nothing where nothing is wrong.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from fapfav import text
from fapfav.errors import OlderArchive, UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.contradictions import Contradiction, contradictions
from fapfav.jobs.filecheck import FileProblem, Files, Stray, odd_things
from fapfav.jobs.find import find_into
from fapfav.jobs.fingerprint import lacking, print_anew
from fapfav.jobs.library import Archive
from fapfav.jobs.mending import MARK, Mended, Mender, Spares
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.refetch import Refetch, asking
from fapfav.jobs.regaining import regain
from fapfav.jobs.verify import VerifyReport, unprinted, verify
from fapfav.model import Config
from fapfav.sources.base import Source
from fapfav.store.blobs import Kind
from fapfav.store.change import Change
from fapfav.store.inspect import Severity
from fapfav.store.lock import ArchiveLock
from fapfav.store.opening import LOCK_SECONDS, Unlocked, open_unlocked, remember
from fapfav.store.salvage import Salvage, salvage
from fapfav.store.seen import Seen
from fapfav.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class RepairReport(Report):
    """What was repaired, as (wrong, corrected), and what could not be, as (wrong, why).

    `saved` says what came out of a damaged database, None if it was not damaged.
    """

    change: int
    saved: Salvage | None
    repairs: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    new_pairs: int
    warnings: tuple[str, ...]
    stopped: bool
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to do."""
        return not self.failed and not self.stopped


@dataclass(frozen=True, slots=True)
class Means:
    """What pictures may be had again from, what makes embeddings, and this computer's memory.

    `model` is asked for one only where embeddings may be lost.
    """

    sources: Sequence[Source] = ()
    model: Callable[[Archive], ModelInUse] = lambda _archive: ModelInUse()
    seen: Seen | None = None
    accept_older: bool = False


def repair(
    unlocked: Unlocked,
    means: Means | None = None,
    *,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> RepairReport:
    """Repairs an archive that was unlocked; it may be one that cannot be opened.

    Raises OlderArchive when a newer one is remembered and the database is not damaged; ArchiveError
    where it cannot even be looked at, or the disk refuses.
    """
    began = time.monotonic()
    means = means or Means()
    found = verify(unlocked, seen=means.seen, tell=tell, stop=stop)
    if found.older and not found.is_damaged and not means.accept_older:
        raise OlderArchive(f"{found.older}; look for the newer one, or go on with `--accept-older`")
    saved = None
    if found.is_damaged:
        saved = salvage(
            unlocked.folder, unlocked.keys, ArchiveLock(unlocked.folder, timeout=LOCK_SECONDS)
        )
    archive = open_unlocked(unlocked, kind=Archive)
    run = _Repair(archive, unlocked, means, tell, stop)
    if saved is not None:
        run.note_saved(saved)
    report = run.run(found, by, saved, began)
    if means.seen is not None:
        remember(archive, means.seen)
    return report


class _Repair:
    """One repair, from an archive that opens to its report."""

    def __init__(
        self, archive: Archive, unlocked: Unlocked, means: Means, tell: Tell, stop: Stop
    ) -> None:
        self._archive = archive
        self._files = Files(unlocked.folder, unlocked.keys, archive)
        self._folder = unlocked.folder
        self._means = means
        self._tell, self._stop = tell, stop
        self._done = Mended()
        self._warnings: list[str] = []
        self._pairs = 0
        self._pace = Pace(tell, "repairing")

    def note_saved(self, saved: Salvage) -> None:
        """Says what became of a damaged database."""
        done = f"what is left was written anew, the old file is {saved.kept}"
        self._done.repairs += [(finding, done) for finding in saved.findings]
        for first, last in saved.missing:
            frames = f"frame {first}" if first == last else f"frames {first} to {last}"
            self._done.failed.append((f"{frames} of the database: nothing is left", "lost"))

    def run(
        self, found: VerifyReport, by: str, saved: Salvage | None, began: float
    ) -> RepairReport:
        """Everything, one step after the other."""
        with self._archive.change("repair", by=by) as change:
            if saved is None:
                self._database(change, found)
            self._everything(change, found, saved is not None)
            if change.number:
                change.what = self._in_words()
        if any(f.severity is Severity.WORN for f in found.database):
            self._archive.compact()
        if verb := self._files.converting:
            self._warnings.append(f"`{verb}` was broken off: run it again to finish it")
        return RepairReport(
            change=change.number,
            saved=saved,
            repairs=tuple(self._done.repairs),
            failed=tuple(self._done.failed),
            new_pairs=self._pairs,
            warnings=tuple(self._warnings),
            stopped=self._done.stopped or self._stop(),
            seconds=round(time.monotonic() - began, 3),
        )

    def _database(self, change: Change, found: VerifyReport) -> None:
        """A torn end and a header that stands once: whoever writes puts both right."""
        for finding in found.database:
            done = "it is cut off and kept in quarantine/"
            if finding.severity is Severity.WORN:
                done = "it stands twice again"
            self._done.repairs.append((str(finding), done))
        if found.database:
            with change.transaction() as tx:
                tx.put(Config(MARK, tx.now))

    def _everything(self, change: Change, found: VerifyReport, was_saved: bool) -> None:
        with asking(self._archive, self._means.sources, self._pace, self._stop) as refetch:
            self._regain(change, refetch)
            problems, strays = self._problems(found)
            mender = Mender(self._archive, self._files, Spares(self._files, problems, strays))
            self._mend(change, mender, problems, refetch)
            self._warnings += refetch.problems
        self._rows(change)
        self._prints(change, found, was_saved)
        if not self._done.stopped:
            self._done.add(mender.strays(change, strays))
        if self._done.repairs and not self._done.stopped:
            self._pairs = find_into(self._archive, change, tell=self._tell, stop=self._stop)
        for path in odd_things(self._folder):
            self._done.failed.append((f"{path} is no file", "move it away"))

    def _wrong_rows(self) -> list[Contradiction]:
        tables = {name: self._archive.rows_of(name) for name in TABLES}
        return contradictions(tables, self._archive.time())

    def _regain(self, change: Change, refetch: Refetch) -> None:
        """Rows of pictures that places name and whose files are there."""
        lost = sorted({each.lost for each in self._wrong_rows() if each.lost is not None})
        if lost:
            self._pace.begin("making lost rows anew")
            self._pace.total = len(lost)
            files, pace = self._files, self._pace
            self._done.add(regain(self._archive, files, change, lost, refetch=refetch, pace=pace))

    def _problems(self, found: VerifyReport) -> tuple[list[FileProblem], list[Stray]]:
        """What is wrong with files by now, of what was wrong with them a moment ago."""
        digests = sorted({problem.wanted.digest for problem in found.problems})
        problems = [each for key in digests for each in self._files.problems(key, fast=False)]
        before = {(stray.sub, stray.name) for stray in found.strays}
        strays = [s for s in self._files.strays(problems) if (s.sub, s.name) in before]
        return problems, strays

    def _mend(
        self, change: Change, mender: Mender, problems: list[FileProblem], refetch: Refetch
    ) -> None:
        pictures = [each for each in problems if each.wanted.kind is Kind.BLOB]
        thumbnails = [each for each in problems if each.wanted.kind is Kind.THUMB]
        if pictures and not self._done.stopped:
            self._pace.begin("putting pictures right")
            self._pace.total = len(pictures)
            self._done.add(mender.pictures(change, pictures, refetch, self._pace))
        if thumbnails and not self._done.stopped:
            self._pace.begin("putting thumbnails right")
            self._pace.total = len(thumbnails)
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                self._done.add(mender.thumbnails(change, thumbnails, pool, self._pace, self._stop))

    def _rows(self, change: Change) -> None:
        """Rows that contradict each other, as they are under the lock, in one transaction."""
        if self._done.stopped or not self._wrong_rows():
            return
        with change.transaction() as tx:
            wrong = self._wrong_rows()
            for each in wrong:
                for op in each.ops:
                    tx.put_packed(*op)
            tx.put(Config(MARK, tx.now))
        self._done.repairs += [(each.wrong, each.corrected) for each in wrong]

    def _prints(self, change: Change, found: VerifyReport, was_saved: bool) -> None:
        """Hashes that are lacking, and after the database was saved embeddings too."""
        if self._done.stopped or not (found.unprinted or was_saved):
            return
        model = ModelInUse()
        if was_saved and self._archive.vector_space:
            model = self._model()
        tables = {name: self._archive.rows_of(name) for name in TABLES}
        digests = unprinted(tables)
        if self._archive.vector_space and model.space == self._archive.vector_space:
            digests = lacking(self._archive, model, missing=True)
        elif was_saved and self._archive.vector_space:
            self._warnings.append(
                "embeddings may be lacking: `process.py fingerprint --missing` makes them anew"
            )
        if not digests:
            return
        self._pace.begin("fingerprinting")
        self._pace.total = len(digests)
        failures = print_anew(
            self._archive, change, model, digests, pace=self._pace, stop=self._stop
        )
        failed = {digest for digest, _ in failures}
        self._done.failed += [(f"picture {digest} has no hashes", why) for digest, why in failures]
        self._done.repairs += [
            (f"picture {digest.hex()} has no hashes", "they were made anew from it")
            for digest in digests
            if digest.hex() not in failed
        ]

    def _model(self) -> ModelInUse:
        try:
            return self._means.model(self._archive)
        except UsageError as error:
            self._warnings.append(str(error))
            return ModelInUse()

    def _in_words(self) -> str:
        words = f"{text.many(len(self._done.repairs), 'thing')} corrected"
        return words + (f", {len(self._done.failed)} left" if self._done.failed else "")
