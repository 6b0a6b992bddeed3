"""Files put right: moved to where they belong, found under another name, or written anew.

What is replaced goes to `quarantine/` first and nothing is deleted. Everything is looked at again
under the lock, since others may have put it right, moved it or be about to commit a row for it.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from fapfav.errors import ArchiveError, BadPicture, DamagedFile, Stopped
from fapfav.images.examine import examine
from fapfav.jobs.base import Pace, Stop
from fapfav.jobs.filecheck import FileProblem, Files, Stray, Wanted, listed
from fapfav.jobs.library import Archive
from fapfav.jobs.pipeline import in_order
from fapfav.jobs.refetch import Refetch
from fapfav.model import Config
from fapfav.store.blobs import Kind
from fapfav.store.change import Change
from fapfav.store.folder import QUARANTINE, Staged
from fapfav.store.transaction import Transaction

BATCH = 64
SECONDS = 2.0
"""Files that are put into place together, and how long the first of them waits at most."""

MARK = "repaired"
"""The setting that says when the archive was last repaired."""

_NAME = 200  # characters that are kept of one
_THREADS = 2 * (os.cpu_count() or 1)
"""Of each there is one file in hand at a time."""


@dataclass(frozen=True, slots=True)
class Spare:
    """A whole file that may take a damaged one's place."""

    sub: str
    name: str


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to become of a problem: a file to be moved, or one that was written, or neither."""

    problem: FileProblem
    spare: Spare | None = None
    staged: Staged | None = None
    thumb: tuple[int, str] | None = None  # bytes and type of a thumbnail made anew
    how: str = ""
    why: str = ""


@dataclass(slots=True)
class Mended:
    """What was done and what could not be, in words: (wrong, corrected) and (wrong, why)."""

    repairs: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    stopped: bool = False

    def add(self, other: Mended) -> None:
        """Counts others in."""
        self.repairs += other.repairs
        self.failed += other.failed
        self.stopped |= other.stopped


class Spares:
    """Files that may be what others should be: named by no row, or by one they are not."""

    def __init__(self, files: Files, problems: Iterable[FileProblem], strays: list[Stray]) -> None:
        self._files = files
        self._by_size: dict[int, list[Spare]] = {}
        self._went: dict[Spare, Spare | None] = {}
        for stray in (*strays, *listed(files.folder, QUARANTINE)):
            self._add(stray.size, Spare(stray.sub, stray.name))
        for problem in problems:
            wanted = problem.wanted
            for store in files.stores():
                name = store.name(wanted.kind, wanted.digest, wanted.ext)
                for sub in (wanted.sub, wanted.other):
                    found = files.folder.stat(sub, name)
                    if found is not None:
                        self._add(found.st_size, Spare(sub, name))

    def _add(self, size: int, spare: Spare) -> None:
        self._by_size.setdefault(size, []).append(spare)

    def find(self, wanted: Wanted) -> Spare | None:
        """A file that is what a row wants, wherever it lies."""
        store = self._files.stores()[0]
        name = store.name(wanted.kind, wanted.digest, wanted.ext)
        size = store.stored_size(wanted.kind, wanted.size)
        for spare in list(self._by_size.get(size, ())):
            if (spare.sub, spare.name) == (wanted.sub, name):
                continue
            if wanted.kind is Kind.THUMB and store.is_plain and spare.name != name:
                continue  # nothing would tell whose it is
            with suppress(FileNotFoundError, DamagedFile):
                self._files.look(store, spare.sub, spare.name, wanted)
                return spare
        return None

    def moved(self, old: Spare, new: Spare | None) -> None:
        """Follows a file that was moved; None is to where it belongs."""
        for spares in self._by_size.values():
            if old in spares:
                self._went[old] = new
                spares.remove(old)
                if new is not None:
                    spares.append(new)

    def now(self, spare: Spare) -> Spare | None:
        """Where a file is by now that was found before others were moved."""
        found: Spare | None = spare
        while found is not None and found in self._went:
            found = self._went[found]
        return found

    def take(self, spare: Spare, wanted: Wanted, name: str) -> bool:
        """Moves a file to where it belongs; False if it is not what it was any more."""
        found = self.now(spare)
        if found is None:
            return False
        try:
            self._files.look(self._files.stores()[0], found.sub, found.name, wanted)
            self._files.folder.rename(found.sub, found.name, wanted.sub, name)
        except (FileNotFoundError, DamagedFile):
            return False
        self.moved(found, None)
        return True


class Mender:
    """Puts the files of one archive right."""

    def __init__(self, archive: Archive, files: Files, spares: Spares) -> None:
        self._archive = archive
        self._files = files
        self._folder = files.folder
        self._spares = spares
        self._named: tuple[tuple[int, ...], set[tuple[str, str]]] | None = None

    def pictures(
        self, change: Change, problems: list[FileProblem], refetch: Refetch, pace: Pace
    ) -> Mended:
        """Puts pictures right: what is here is taken first, then sources are asked."""
        mended = Mended()
        waiting: list[Ready] = []
        began = time.monotonic()
        try:
            for problem in problems:
                waiting.append(self._ready_picture(problem, refetch))
                pace.step(failed=int(not waiting[-1].how))
                if len(waiting) == BATCH or time.monotonic() - began > SECONDS:
                    batch, waiting, began = waiting, [], time.monotonic()
                    self._finish(change, batch, mended)
        except Stopped:
            mended.stopped = True
        self._finish(change, waiting, mended)
        return mended

    def _ready_picture(self, problem: FileProblem, refetch: Refetch) -> Ready:
        wanted = problem.wanted
        spare = self._spares.find(wanted)
        if spare is not None:
            return Ready(problem, spare, how=f"taken from {spare.sub}/{spare.name}")
        data, why = refetch.fetch(wanted.digest)
        if data is None:
            return Ready(problem, why=why)
        staged = self._files.stores()[0].stage(wanted.kind, wanted.digest, wanted.ext, data)
        return Ready(problem, staged=staged, how="fetched again")

    def thumbnails(
        self, change: Change, problems: list[FileProblem], executor: Any, pace: Pace, stop: Stop
    ) -> Mended:
        """Puts thumbnails right: found, or made anew from their pictures."""
        mended, waiting = Mended(), []
        preparation: Any = self._archive.preparation or "scaled"

        def until_stopped() -> Iterable[FileProblem]:
            for problem in problems:
                if stop():
                    mended.stopped = True
                    return
                yield problem

        def work(problem: FileProblem) -> Ready:
            return self._ready_thumbnail(problem, preparation)

        for ready in in_order(executor, work, until_stopped(), _THREADS):
            waiting.append(ready)
            pace.step(failed=int(bool(ready.why)))
            if len(waiting) == BATCH:
                self._finish(change, waiting, mended)
                waiting = []
        self._finish(change, waiting, mended)
        return mended

    def _ready_thumbnail(self, problem: FileProblem, preparation: Any) -> Ready:
        wanted = problem.wanted
        spare = self._spares.find(wanted)
        if spare is not None:
            return Ready(problem, spare, how=f"taken from {spare.sub}/{spare.name}")
        try:
            (blob, *_) = self._files.of(wanted.digest)
            data = self._archive.files.read(Kind.BLOB, blob.digest, blob.ext, blob.size)
            facts = examine(data, preparation)
        except (BadPicture, DamagedFile, ValueError) as error:
            return Ready(problem, why=f"its picture cannot be read: {error}")
        if not facts.thumb:
            return Ready(problem, thumb=(0, ""), how=f"it has none: {facts.thumb_problem}")
        store = self._files.stores()[0]
        staged = store.stage(Kind.THUMB, wanted.digest, facts.thumb_ext, facts.thumb)
        made = (len(facts.thumb), facts.thumb_ext)
        return Ready(problem, staged=staged, thumb=made, how="made anew from its picture")

    def _finish(self, change: Change, readies: list[Ready], mended: Mended) -> None:
        """Puts a batch into place, under the lock."""
        able = [ready for ready in readies if ready.how]
        mended.failed += [(str(r.problem), r.why) for r in readies if not r.how]
        if not able:
            return
        done: list[Ready] = []
        try:
            with change.transaction() as tx:
                for ready in able:
                    if self._place(tx, ready):
                        done.append(ready)
                if done:
                    tx.put(Config(MARK, tx.now))
                    self._sync()
        finally:
            for ready in able:
                if ready.staged is not None:
                    with suppress(ArchiveError):
                        ready.staged.discard()
        mended.repairs += [(str(ready.problem), ready.how) for ready in done]
        for ready in able:
            if ready not in done and self._is_left(ready):
                mended.failed.append((str(ready.problem), "it changed meanwhile; run it again"))

    def _is_left(self, ready: Ready) -> bool:
        """Whether a file is wrong still, and still wanted."""
        before = ready.problem.wanted
        found = self._files.problems(before.digest, fast=False)
        return any(problem.wanted.kind == before.kind for problem in found)

    def _place(self, tx: Transaction, ready: Ready) -> bool:
        """Puts one file into its place; False if that is not needed, or not possible, any more."""
        before = ready.problem.wanted
        wanted = next((w for w in self._files.of(before.digest) if w.kind == before.kind), None)
        if wanted is None or self._files.problem(wanted) is None:
            return False
        store = self._files.stores()[0]
        name = store.name(wanted.kind, wanted.digest, wanted.ext)
        new = name
        if ready.thumb is not None and ready.thumb[1]:
            new = store.name(wanted.kind, wanted.digest, ready.thumb[1])
        for old in {name, new}:
            if self._folder.stat(wanted.sub, old) is not None:
                self.quarantine(wanted.sub, old)
        if ready.spare is not None:
            if not self._spares.take(ready.spare, wanted, name):
                return False
        elif ready.staged is not None:
            ready.staged.publish()
            if ready.staged.sub != wanted.sub:
                self._folder.rename(ready.staged.sub, ready.staged.name, wanted.sub)
        self._note(tx, wanted, ready.thumb)
        return True

    def _note(self, tx: Transaction, wanted: Wanted, thumb: tuple[int, str] | None) -> None:
        row: Any = (tx.trash if wanted.trashed else tx.blobs)[wanted.digest]
        if thumb is not None:
            row = replace(row, thumb_size=thumb[0], thumb_ext=thumb[1])
        tx.put(row if wanted.trashed else replace(row, date=tx.now))

    def quarantine(self, sub: str, name: str) -> str:
        """Moves a file away, under a name that nothing has; FileNotFoundError passes."""
        new = f"{sub.replace('/', '-')}-{name[:_NAME]}"
        if self._folder.stat(QUARANTINE, new) is not None:
            new = f"{new[:_NAME]}-{secrets.token_hex(4)}"
        self._folder.rename(sub, name, QUARANTINE, new)
        self._spares.moved(Spare(sub, name), Spare(QUARANTINE, new))
        return new

    def strays(self, change: Change, strays: list[Stray]) -> Mended:
        """Moves what no row names to `quarantine/`, batch by batch."""
        mended = Mended()
        for at in range(0, len(strays), BATCH):
            with change.transaction() as tx:
                for stray in strays[at : at + BATCH]:
                    if (stray.sub, stray.name) in self.named():
                        continue
                    with suppress(FileNotFoundError):
                        new = self.quarantine(stray.sub, stray.name)
                        done = f"it is in {QUARANTINE}/{new}"
                        mended.repairs.append((f"{stray}: no row names it", done))
                        tx.put(Config(MARK, tx.now))
                self._sync()
        return mended

    def named(self) -> set[tuple[str, str]]:
        """What rows name, made anew only when they changed."""
        version = self._archive.version("blobs", "trash")
        if self._named is None or self._named[0] != version:
            self._named = version, self._files.named()
        return self._named[1]

    def _sync(self) -> None:
        self._archive.files.sync_folders()
        self._folder.sync(QUARANTINE)
