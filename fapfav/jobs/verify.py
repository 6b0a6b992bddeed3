"""`verify`: everything in an archive looked at, and all that is wrong with it said.

Takes no lock and writes nothing. It works where opening refuses: of a damaged database what is left
of its rows is taken. What looks wrong is looked at again with the rows as they are by then, since
others may be reading pictures in or moving them to the trash.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from fapfav.errors import ArchiveError, DamagedArchive
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, plain, tell_nobody
from fapfav.jobs.contradictions import contradictions
from fapfav.jobs.filecheck import (
    FileProblem,
    Files,
    Known,
    Stray,
    kept_databases,
    listed,
    odd_things,
    temporaries,
)
from fapfav.jobs.library import HASHES_SPACE
from fapfav.jobs.pipeline import in_order
from fapfav.model import Digest
from fapfav.store.archive import Archive
from fapfav.store.database import NAME
from fapfav.store.folder import QUARANTINE, ROOT, Folder
from fapfav.store.inspect import Finding, Inspection, Severity, inspect
from fapfav.store.lock import last_holder
from fapfav.store.opening import Unlocked, open_unlocked, unlock_again
from fapfav.store.salvage import remains_of
from fapfav.store.seen import Seen
from fapfav.store.tables import TABLES, Key, Row

_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds
_LONG = 0.8
_YOUNG = 10.0  # seconds in which a read writes the rows of files it named, and more
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class VerifyReport(Report):
    """What was looked at, and everything that is wrong.

    `database` are findings in the database's bytes, `older` says that its end is not the one last
    seen on this computer, `rows` are contradictions between rows, `problems` files that are not as
    their rows say, `strays` files that no row names, `odd` paths of what is no file, `unprinted`
    pictures without hashes. What only is there and nothing wrong: `temporary` files, `quarantine`,
    and `kept` databases that were damaged once.
    """

    fast: bool
    sealed: bool
    database_bytes: int
    transactions: int
    missing: tuple[tuple[int, int], ...]
    pictures: int
    files: int
    bytes: int
    database: tuple[Finding, ...]
    older: str
    rows: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    strays: tuple[Stray, ...]
    odd: tuple[str, ...]
    unprinted: tuple[Digest, ...]
    converting: str
    temporary: tuple[str, ...]
    quarantine: tuple[str, ...]
    kept: tuple[str, ...]
    stopped: bool
    seconds: float

    @property
    def is_damaged(self) -> bool:
        """Whether the database has to be saved before anything else."""
        return any(finding.severity is Severity.DAMAGE for finding in self.database)

    @property
    def found(self) -> list[str]:
        """Everything that is wrong, in words."""
        found = [*map(str, self.database), *([self.older] if self.older else []), *self.rows]
        found += map(str, self.problems)
        found += [f"{stray}: no row names it" for stray in self.strays]
        found += [f"{path}: it is no file; move it away" for path in self.odd]
        if self.unprinted:
            found.append(f"{len(self.unprinted)} pictures have no hashes")
        return found

    @property
    def is_whole(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.found

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            **{name: plain(getattr(self, name)) for name in self.__dataclass_fields__},
            "whole": self.is_whole,
            "found": self.found,
        }


def verify(
    archive: Archive | Unlocked,
    *,
    fast: bool = False,
    seen: Seen | None = None,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> VerifyReport:
    """Looks at every frame, every row and every file; with `fast` of files at their length only.

    `archive` is open, or has only been unlocked. `seen` is this computer's memory of it. Raises
    ArchiveError where it cannot even be looked at.
    """
    if isinstance(archive, Archive):
        archive = unlock_again(archive.path, archive.handover())
    return verified(archive, fast=fast, seen=seen, tell=tell, stop=stop)[0]


def verified(
    unlocked: Unlocked,
    *,
    fast: bool = False,
    seen: Seen | None = None,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> tuple[VerifyReport, Files]:
    """The same, with the files as they were looked at."""
    return _Verification(unlocked, fast, tell, stop).run(seen)


class Left:
    """The rows that are left of a damaged database, which nobody writes to."""

    def __init__(self, unlocked: Unlocked, inspection: Inspection) -> None:
        with remains_of(unlocked.folder, inspection) as remains:
            self._tables = remains.rows.tables

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table."""
        return self._tables[table]

    def refresh(self) -> None:
        """Nothing comes any more."""


class _Verification:
    """One look at everything."""

    def __init__(self, unlocked: Unlocked, fast: bool, tell: Tell, stop: Stop) -> None:
        self._unlocked = unlocked
        self._folder = unlocked.folder
        self._fast = fast
        self._stop = stop
        self._pace = Pace(tell, "checking the database")
        self._seen_files = _Sum()
        self._stopped = False

    def run(self, seen: Seen | None) -> tuple[VerifyReport, Files]:
        """Everything, to the report."""
        began = time.monotonic()
        # Before the database is read: others may go on, and remember it, meanwhile.
        last = None if seen is None else self._remembered(seen)
        found = self._inspected()
        known = self._known(found)
        files = Files(self._folder, self._unlocked.keys, known)
        problems = self._check_files(files)
        strays, problems = self._settled(known, files, problems)
        # Only now: what is told of rows is told of the rows as they are at the end.
        tables = {name: known.rows_of(name) for name in TABLES}
        now = int(time.time())
        report = VerifyReport(
            fast=self._fast,
            sealed=self._unlocked.keys is not None,
            database_bytes=found.bytes,
            transactions=found.transactions,
            missing=found.missing,
            pictures=len(files.digests()),
            files=self._seen_files.files,
            bytes=self._seen_files.bytes,
            database=found.findings,
            older=_older(found, last),
            rows=tuple(each.wrong for each in contradictions(tables, now)),
            problems=tuple(problems),
            strays=tuple(strays),
            odd=tuple(odd_things(self._folder)),
            unprinted=tuple(unprinted(tables)),
            converting=files.converting,
            temporary=tuple(temporaries(self._folder)),
            quarantine=tuple(stray.name for stray in listed(self._folder, QUARANTINE)),
            kept=tuple(kept_databases(self._folder)),
            stopped=self._stopped,
            seconds=round(time.monotonic() - began, 3),
        )
        return report, files

    def _inspected(self) -> Inspection:
        """The database; an end that somebody may be just writing is looked at again.

        A change is in the file before its commit is for as long as a disk takes to sync.
        """
        pauses = list(_PAUSES)
        before: tuple[Finding, ...] = ()
        while True:
            facts = _facts(self._folder)
            found = inspect(self._folder, self._unlocked.keys, self._gone_through)
            stood = facts == _facts(self._folder)
            others = _others_write(self._folder)
            if not found.findings or not pauses or (stood and not others):
                return found
            if before == found.findings and pauses[0] >= _LONG:
                return found
            before = found.findings
            time.sleep(pauses.pop(0))

    def _gone_through(self, done: int) -> None:
        self._pace.note = f"{done // _MIB} MiB"
        self._pace.tick()

    def _known(self, found: Inspection) -> Known:
        if not found.is_damaged:
            try:
                return open_unlocked(self._unlocked)
            except DamagedArchive:  # it was damaged a moment later
                pass
        return Left(self._unlocked, found)

    def _check_files(self, files: Files) -> list[FileProblem]:
        digests = files.digests()
        self._pace.begin("checking files")
        self._pace.note, self._pace.total = "", len(digests)
        workers = os.cpu_count() or 1
        work = partial(self._look, files)
        problems: list[FileProblem] = []
        with ThreadPoolExecutor(workers) as pool:
            for found, part in in_order(pool, work, self._until_stopped(digests), 4 * workers):
                problems += found
                self._seen_files.add(part)
                self._pace.step(failed=int(bool(found)))
        self._pace.say()
        return problems

    def _look(self, files: Files, digest: Key) -> tuple[list[FileProblem], _Sum]:
        wanted = files.of(digest)
        return files.problems(digest, self._fast), _Sum(len(wanted), sum(w.size for w in wanted))

    def _until_stopped(self, digests: Collection[Key]) -> Iterator[Key]:
        for digest in digests:
            if self._stop():
                self._stopped = True
                return
            yield digest

    def _settled(
        self, known: Known, files: Files, problems: list[FileProblem]
    ) -> tuple[list[Stray], list[FileProblem]]:
        """Once more what looks wrong, with the rows as they are by now."""
        digests = sorted({problem.wanted.digest for problem in problems})
        strays: list[Stray] | None = None
        for pause in (0.0, *_PAUSES[1:-1]):
            if pause:
                if not (digests or strays) or not self._may_change(strays or []):
                    break
                time.sleep(pause)  # files are renamed first, and their rows committed then
            known.refresh()
            problems = [each for key in digests for each in files.problems(key, self._fast)]
            digests = sorted({problem.wanted.digest for problem in problems})
            before, strays = strays, files.strays(problems)
            if before is not None:
                strays = [stray for stray in strays if stray in before]
        return strays or [], problems

    def _may_change(self, strays: list[Stray]) -> bool:
        """Whether others are at work; by the lock, or by files too young to have rows.

        A read names files without holding the lock, and others may hold it since and have ended.
        """
        return _others_write(self._folder) or any(
            _is_young(self._folder, stray) for stray in strays
        )

    def _remembered(self, seen: Seen) -> int | None:
        """The change that this computer remembers as the last."""
        known = seen.recall(self._unlocked.header.archive_id, self._folder.path)
        return None if known is None else known.sequence


def _older(found: Inspection, last: int | None) -> str:
    """What this computer remembers and the database does not hold."""
    if last is None or last <= found.last:
        return ""
    return (
        f"the database ends with change {found.last}, and was last seen here with change "
        f"{last}: a copy was put back, or its end is lost"
    )


@dataclass(slots=True)
class _Sum:
    """Files and bytes."""

    files: int = 0
    bytes: int = 0

    def add(self, other: _Sum) -> None:
        """Counts others in."""
        self.files += other.files
        self.bytes += other.bytes


def unprinted(tables: Mapping[str, Mapping[Key, Row]]) -> list[Digest]:
    """The pictures that have no hashes of the archive's preparation, once it has one."""
    preparation = tables["configs"].get("preparation")
    if preparation is None:
        return []
    prefix = f"{HASHES_SPACE}{preparation[0]}/".encode()
    have = {
        key[:32]
        for key in tables["prints"]
        if isinstance(key, bytes) and key[32:].startswith(prefix)
    }
    blobs = (key for key in tables["blobs"] if isinstance(key, bytes))
    return sorted(Digest(key) for key in blobs if key not in have)


def _facts(folder: Folder) -> tuple[int, ...]:
    """What is another when the database was written to."""
    one = folder.stat(ROOT, NAME)
    return () if one is None else (one.st_ino, one.st_size, one.st_mtime_ns)


def _is_young(folder: Folder, stray: Stray) -> bool:
    """Whether a file was written just now."""
    found = folder.stat(stray.sub, stray.name)
    return found is not None and abs(time.time() - found.st_mtime) < _YOUNG


def _others_write(folder: Folder) -> bool:
    """Whether whoever wrote last is another process that is still there."""
    try:
        holder = last_holder(folder)
    except ArchiveError:
        return False
    if holder is None or holder == os.getpid():
        return False
    try:
        os.kill(holder, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True
