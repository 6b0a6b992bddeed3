"""The one archive this process serves: opened or locked, and what is remembered between pages.

The only module-level state there is. Pages hold the lock while they run, one at a time; what needs
single rows only, as the bytes of a picture, is read beside them.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from fapfav.errors import FapfavError
from fapfav.jobs.library import Archive
from fapfav.store import opening
from viewer.attempts import Attempts
from viewer.shelf import Shelf

T = TypeVar("T")

REMEMBERED = 256
"""How many computed things are kept at most."""

LOCK_AFTER = 15 * 60.0
"""Seconds without a visit after which an encrypted archive is locked, unless told otherwise."""

PATIENCE = 1.0
"""Seconds that a page waits for other programs that write, while all others wait for it."""

_ONE_TIME = 120.0  # seconds that a code for one visit is good for


class Locked(FapfavError):
    """The archive is locked: its password is asked for first."""


def awake() -> float:
    """Seconds that also pass while the computer sleeps, where the system counts them."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Viewer:
    """What one run of the viewer serves; `code` lets a browser in, and dies with the process."""

    def __init__(
        self,
        directory: Path,
        opened: Callable[[str | None], Archive],
        *,
        is_sealed: bool,
        lock_after: float = LOCK_AFTER,
        clock: Callable[[], float] = awake,
    ) -> None:
        self.directory = directory
        self.is_sealed = is_sealed
        self.lock_after = lock_after
        """Seconds without a visit after which it locks itself; 0 for never."""
        self.code = secrets.token_urlsafe(18)
        self.form_secret = secrets.token_urlsafe(18)
        """Stands in the form that asks who is there: only who saw that page can send it."""
        self.epoch = secrets.token_hex(8)
        """Another one after each locking: sessions of an earlier one are worth nothing."""
        self.sessions: OrderedDict[str, dict[str, Any]] = OrderedDict()
        """Who was let in, by what their cookie holds."""
        self.selections: dict[Hashable, set[bytes]] = {}
        """Selected pictures by session and view."""
        self.shelf = Shelf()
        self.attempts = Attempts(clock)
        self.on_open: list[Callable[[], None]] = []
        self.on_lock: list[Callable[[], None]] = []
        self._opened = opened
        self._clock = clock
        self._visited = clock()
        self._one_time: dict[str, float] = {}
        self._gate = threading.Lock()  # of what is open; never held for long
        self._lock = threading.RLock()  # of pages; held while one runs
        self._archive: Archive | None = None
        self._memory: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    # Opening and locking

    @property
    def is_open(self) -> bool:
        """Whether pages can be shown."""
        return self._archive is not None

    def adopt(self, archive: Archive) -> None:
        """Serves an archive that was opened before; if one is served already, that one stays."""
        archive.hurry(PATIENCE)
        with self._gate:
            self._visited = self._clock()
            ours = self._archive is None
            if ours:
                self._archive = archive
        if not ours:
            archive.close()
            return
        for begin in self.on_open:
            begin()

    def unlock(self, password: str | None) -> None:
        """Opens the archive; while it is open, only looks whether the password is right.

        Raises as `open_archive`, WrongPassword among others.
        """
        self.adopt(self._opened(password))

    def lock(self) -> None:
        """Forgets the key, everything computed with it, and who was let in.

        From the first moment on nothing new is shown; a page that runs comes to its end first.
        """
        archive = self._shut()
        with self._lock:
            self._forget()
        if archive is not None:
            archive.close()

    def lock_if_idle(self) -> bool:
        """Locks if nobody was there for as long as was set; says whether it did."""
        idle = self.seconds_left == 0.0
        if idle:
            self.lock()
        return idle

    def end(self, patience: float) -> None:
        """Locks at the end of the run; waits for a page so many seconds at most."""
        archive = self._shut()
        if self._lock.acquire(timeout=patience):
            try:
                self._forget()
            finally:
                self._lock.release()
        # Not closed, which may take its time to compact: whoever opens it next does that too.
        if archive is not None and archive.on_close is not None:
            archive.on_close()

    def _shut(self) -> Archive | None:
        with self._gate:
            archive, self._archive = self._archive, None
            self.epoch = secrets.token_hex(8)
            self.sessions.clear()
            self._one_time.clear()
            self._memory.clear()
            self.shelf.clear()
        return archive

    def _forget(self) -> None:
        self.selections.clear()
        for forget in self.on_lock:
            forget()

    # From plain to encrypted and back

    def encrypted(self) -> None:
        """What is open is an encrypted archive from now on; who was let in stays."""
        with self._lock:
            self._forget_made()
            self.is_sealed = True
            # A plain one is not locked unless somebody wants it, an encrypted one unless not.
            self.lock_after = self.lock_after or LOCK_AFTER
            self.selections.clear()
            self.visit()
        for begin in self.on_open:
            begin()

    def follow(self) -> None:
        """Goes on with an archive that another process has encrypted or decrypted meanwhile.

        One that is encrypted now is locked until its password is given. Raises as `open_archive`.
        """
        if opening.is_sealed(self.directory):
            self.lock()
            self.is_sealed = True
            return
        with self._lock:
            if self._archive is None:
                return
            try:
                archive = self._opened(None)
            except FapfavError:
                self.lock()
                raise
            archive.hurry(PATIENCE)
            self._forget_made()
            with self._gate:
                before, self._archive, self.is_sealed = self._archive, archive, False
        if before is not None:
            before.close()
        for begin in self.on_open:
            begin()

    def _forget_made(self) -> None:
        """Drops what was made of names and files as they were called before."""
        with self._gate:
            self._memory.clear()
            self.shelf.clear()

    # Who is there

    def one_time_code(self) -> str:
        """A code for one visit soon, for what others may read: the arguments of a browser."""
        code = secrets.token_urlsafe(18)
        self._one_time[code] = self._clock() + _ONE_TIME
        return code

    def takes(self, code: str) -> bool:
        """Whether a code lets in; one for one visit does so once."""
        given = code.strip().encode()
        if secrets.compare_digest(given, self.code.encode()):
            return True
        for known in tuple(self._one_time):
            if secrets.compare_digest(given, known.encode()):
                until = self._one_time.pop(known, None)
                return until is not None and self._clock() < until
        return False

    def visit(self) -> None:
        """Somebody is there: the time until it locks itself begins anew."""
        self._visited = self._clock()

    @property
    def seconds_left(self) -> float | None:
        """Until it locks itself; None for never."""
        if not self.lock_after or not self.is_open:
            return None
        return max(0.0, self._visited + self.lock_after - self._clock())

    # Reading

    @contextmanager
    def archive(self, *, refresh: bool = True) -> Iterator[Archive]:
        """The archive as it is now, for one page at a time. Raises Locked."""
        with self._lock:
            archive = self.peek()
            if refresh:
                archive.refresh()
            yield archive

    def peek(self) -> Archive:
        """The archive as it was last looked at, without waiting for a page that runs.

        Only for rows by their keys: another thread may change a table meanwhile. Raises Locked.
        """
        archive = self._archive
        if archive is None:
            raise Locked("the archive is locked")
        return archive

    def remembered(self, name: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made anew only when the version is another one.

        Within `archive` if `make` reads it. What was made while the archive was locked is not kept.
        """
        with self._gate:
            epoch = self.epoch
            found = self._memory.get(name)
            if found is not None and found[0] == version:
                self._memory.move_to_end(name)
                return found[1]  # type: ignore[no-any-return]
        made = make()
        with self._gate:
            if epoch == self.epoch:
                self._memory[name] = version, made
                self._memory.move_to_end(name)
                while len(self._memory) > REMEMBERED:
                    self._memory.popitem(last=False)
        return made


_viewer: Viewer | None = None


def install(viewer: Viewer | None) -> None:
    """Makes this the viewer of the process."""
    global _viewer  # noqa: PLW0603 - one process serves one archive
    _viewer = viewer


def the_viewer() -> Viewer:
    """The viewer of the process. Raises LookupError before there is one."""
    if _viewer is None:
        raise LookupError("no archive is served")
    return _viewer
