"""`backup` and `restore`: an archive's files as they are, copied elsewhere and back.

Neither needs a key: sealed files stay sealed. Every file is read back when it is written, and a
backup that was broken off is gone on with.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fapfav import text
from fapfav.errors import ArchiveError, DamagedFile, NoArchive, OlderArchive, UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.store import backing, backing_log
from fapfav.store.backing import DATABASES, LIST, Copied, Item
from fapfav.store.database import NAME
from fapfav.store.folder import ROOT, SUBFOLDERS, Folder, make, sizes
from fapfav.store.header import PLAIN, SEALED
from fapfav.store.lock import NAME as LOCK
from fapfav.store.lock import ArchiveLock

_BATCH = 64
_THREADS = 4
_LOCK_SECONDS = 30.0
_SPARE = 16 * 2**20
"""Bytes that stay free on the disk that is written to."""

Failed = tuple[str, str]
"""A file that was not copied: its path below the folder, and why."""


@dataclass(frozen=True, slots=True)
class BackupReport(Report):
    """What a backup copied; `present` files were there already, `stopped` goes on next time.

    `checked` is how many were compared with the list, None if that was not asked for.
    """

    files: int
    bytes: int
    present: int
    database: bool
    databases: int
    checked: int | None
    failed: tuple[Failed, ...]
    stopped: bool


@dataclass(frozen=True, slots=True)
class RestoreReport(Report):
    """What a restore copied into the new folder."""

    files: int
    bytes: int
    database: str
    failed: tuple[Failed, ...]
    stopped: bool


def backup(
    archive: str | Path,
    target: str | Path,
    *,
    check: bool = False,
    accept_older: bool = False,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> BackupReport:
    """Copies to `target` what it does not hold yet, then the database as of that moment.

    With `check` everything there is read first: a file that is not what it was is copied again.
    Raises NoArchive, UsageError for a folder that cannot be a backup of this archive, OlderArchive
    for one that goes further than the archive, DamagedArchive, ArchiveInUse, ArchiveError when the
    disk refuses. What was copied until then stays, and so does the backup that was there before.
    """
    source, into = Folder(Path(archive)), Folder(Path(target))
    _refuse_nested(source.path, into.path)
    if source.stat(ROOT, NAME) is None:
        raise NoArchive(f"there is no archive in {source.path}")
    source.check()
    now = backing_log.state_of(source)
    _refuse_unfit(source, into, now, accept_older)
    into.create()
    make(into, DATABASES)
    with ArchiveLock(into, timeout=_LOCK_SECONDS).hold("backup"):
        copying = _Copying(source, into, tell, stop)
        checked = copying.check() if check else None
        copying.rounds()
        done = False
        if not copying.stopped:
            lock = ArchiveLock(source, timeout=_LOCK_SECONDS)
            database = backing_log.copy_database(source, into, lock, copying.last)
            done = backing_log.put_in_place(into, database)
        return BackupReport(
            *(copying.files, copying.bytes, copying.present, done),
            databases=sum(1 for _ in into.names(DATABASES)) + 1,
            checked=checked,
            failed=tuple(copying.failed),
            stopped=copying.stopped,
        )


def restore(
    backup: str | Path,
    archive: str | Path,
    *,
    database: str = NAME,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> RestoreReport:
    """Makes an archive in an empty folder of a backup; the database comes last.

    `database` names another than the newest, see `databases`. Files that are not what was copied
    into the backup are left out and named. Raises NoArchive, UsageError for a folder that is not
    empty, DamagedArchive, ArchiveError.
    """
    source, into = Folder(Path(backup)), Folder(Path(archive))
    _refuse_nested(source.path, into.path)
    sub = ROOT if database == NAME else DATABASES
    if not os.path.isdir(source.path) or (sub and source.stat(ROOT, DATABASES) is None):
        raise NoArchive(f"there is no backup in {source.path}")
    if source.stat(sub, database) is None:
        known = ", ".join(databases(source.path)) or "none"
        raise NoArchive(f"{source.path} holds no {database}; there are: {known}")
    _refuse_taken(source, into)
    backing_log.state_of(source, sub, database)
    into.create()
    with ArchiveLock(into, timeout=_LOCK_SECONDS).hold("restore"):
        copying = _Copying(source, into, tell, stop, wanted=backing.listed(source))
        copying.rounds()
        if not copying.stopped:
            _restore_database(source, sub, database, into)
        return RestoreReport(
            *(copying.files, copying.bytes, database, tuple(copying.failed), copying.stopped)
        )


def databases(backup: str | Path) -> list[str]:
    """The databases that a backup holds, the newest first: names that `restore` takes."""
    folder = Folder(Path(backup))
    newest = [NAME] if folder.stat(ROOT, NAME) is not None else []
    if folder.stat(ROOT, DATABASES) is None:
        return newest
    return newest + sorted(folder.names(DATABASES), reverse=True)


class _Copying:
    """Copies what is missing from one folder to another, and counts it."""

    def __init__(
        self,
        source: Folder,
        target: Folder,
        tell: Tell,
        stop: Stop,
        wanted: dict[tuple[str, str], bytes] | None = None,
    ) -> None:
        self._source, self._target, self._stop = source, target, stop
        self._wanted = wanted
        self._pace = Pace(tell, "looking what is new")
        self.files = self.bytes = self.present = 0
        self.failed: list[Failed] = []
        self.stopped = False

    def check(self) -> int:
        """Reads everything the list names; puts aside what is not what it was."""
        listed = backing.listed(self._target)
        self._begin("reading the backup", len(listed))
        count = 0
        for (sub, name), wanted in listed.items():
            if self._asked():
                break
            with suppress(FileNotFoundError):
                if sub in SUBFOLDERS and backing.check_of(self._target, sub, name) != wanted:
                    backing.put_aside(self._target, sub, name)
                count += 1
            self._pace.step()
        return count

    def rounds(self) -> None:
        """Copies until little is left: others may go on adding."""
        first = True
        while not self.stopped:
            items = self._missing()
            if first:
                self.present = sum(len(sizes(self._source, sub)) for sub in backing.COPIED)
                self.present -= len(items)
                self._refuse_full(items)
            if not items or (not first and len(items) <= _BATCH):
                return
            first = False
            self._begin("copying", len(items))
            self._copy(items)

    def last(self) -> None:
        """Copies what is still missing, however much; for when nobody else writes."""
        self._copy(self._missing(), ask=False)

    def _begin(self, doing: str, total: int) -> None:
        self._pace.begin(doing)
        self._pace.total = total
        self._pace.say()

    def _missing(self) -> list[Item]:
        failed = {name for name, _ in self.failed}
        found = backing.missing(self._source, self._target)
        return [item for item in found if _path(item) not in failed]

    def _asked(self) -> bool:
        self.stopped = self.stopped or self._stop()
        return self.stopped

    def _copy(self, items: Iterable[Item], ask: bool = True) -> None:
        rest = iter(items)
        with ThreadPoolExecutor(_THREADS) as pool:
            while batch := list(islice(rest, _BATCH)):
                if ask and self._asked():
                    return
                waiting = [(item, pool.submit(self._one, item)) for item in batch]
                copied = list(self._finished(waiting))
                backing.publish(self._target, copied, note=self._wanted is None)

    def _one(self, item: Item) -> Copied | None:
        wanted = None if self._wanted is None else self._wanted.get((item.sub, item.name))
        return backing.copy(self._source, self._target, item, wanted)

    def _finished(self, waiting: list[tuple[Item, Future[Copied | None]]]) -> Iterator[Copied]:
        """What was copied; the first trouble with the disk passes once all have ended."""
        trouble: BaseException | None = None
        for item, future in waiting:
            try:
                copied = future.result()
            except DamagedFile as error:
                self.failed.append((_path(item), str(error)))
                self._pace.step(failed=1)
            except ArchiveError as error:
                trouble = trouble or error
            else:
                if copied is not None:
                    self.files, self.bytes = self.files + 1, self.bytes + item.size
                    yield copied
                self._pace.step()
        if trouble is not None:
            raise trouble

    def _refuse_full(self, items: list[Item]) -> None:
        name = self._source.stat(ROOT, NAME)
        needed = sum(item.size for item in items) + 2 * (name.st_size if name else 0) + _SPARE
        free = shutil.disk_usage(self._target.path).free
        if free < needed:
            raise ArchiveError(
                f"{self._target.path} has {text.size(free)} free and {text.size(needed)} are "
                "needed; make room, then run it again"
            )


def _path(item: Item) -> str:
    return f"{item.sub}/{item.name}"


def _restore_database(source: Folder, sub: str, name: str, into: Folder) -> None:
    fd_size = source.stat(sub, name)
    if fd_size is None:
        raise NoArchive(f"{source.path / sub / name} is there no more")
    raw = backing.pieces(source, sub, name)
    staged = into.stage(ROOT, NAME, raw)
    if backing.check_of(into, ROOT, staged.temporary) != backing.check_of(source, sub, name):
        staged.discard()
        raise ArchiveError(f"{into.path / NAME} does not read back: that disk is failing")
    into.sync(*SUBFOLDERS)
    staged.publish()
    into.sync(ROOT)


def _refuse_nested(one: Path, other: Path) -> None:
    first, second = one.resolve(), other.resolve()
    if first == second or first in second.parents or second in first.parents:
        raise UsageError(f"{one} and {other} lie in one another; name a folder beside it")


def _refuse_taken(source: Folder, into: Folder) -> None:
    """An archive is restored into nothing, or goes on where a restore was broken off."""
    if not os.path.exists(into.path):  # nor does one that is too long to
        return
    if not into.path.is_dir():
        raise UsageError(f"{into.path} is no folder; name a new one")
    ours = {sub.partition("/")[0] for sub in SUBFOLDERS} | {LOCK}
    others = {
        entry.name for entry in into.path.iterdir() if not entry.name.startswith(f"{NAME}.new-")
    }
    if others <= ours:
        with suppress(ArchiveError):  # a folder is missing: nothing was copied yet
            into.check()
            others = {_path(item) for item in backing.missing(into, source)}
    if not others <= ours:
        raise UsageError(f"{into.path} is not empty; name a new folder with --dir")


def _refuse_unfit(source: Folder, into: Folder, now: backing_log.State, accept_older: bool) -> None:
    """Raises UsageError for a folder with other things, OlderArchive for a backup that is ahead."""
    if not os.path.exists(into.path):  # nor does one that is too long to
        return
    if not into.path.is_dir():
        raise UsageError(f"{into.path} is no folder; name another")
    others = {entry.name for entry in into.path.iterdir()} - {"lost+found"}
    if not others:
        return
    if not {LIST, DATABASES} & others:
        raise UsageError(f"{into.path} is neither empty nor a backup; name an empty folder")
    if into.stat(ROOT, NAME) is None:
        return
    before = backing_log.state_of(into)
    if now.header.cipher == SEALED and before.header.cipher == PLAIN:
        raise UsageError(
            f"the backup in {into.path} was made before the archive was encrypted, its pictures "
            "lie open there; name an empty folder, and delete that one when you are sure"
        )
    try:
        backing_log.check_follows(now, before, into, backing_log.tag_at(source, before.last))
    except OlderArchive:
        if not accept_older or before.header.archive_id != now.header.archive_id:
            raise
