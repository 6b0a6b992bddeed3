"""The one archive this process serves: opened or locked, and what is remembered between pages.

The only module-level state there is. Pages hold the lock while they run, one at a time; what needs
no rows, as the bytes of a picture, is read beside them.
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

T = TypeVar("T")

REMEMBERED = 256
"""How many computed things are kept at most."""


class Locked(FapfavError):
    """The archive is locked: its password is asked for first."""


class Viewer:
    """What one run of the viewer serves; `code` lets a browser in, and dies with the process."""

    def __init__(
        self,
        directory: Path,
        opened: Callable[[str | None], Archive],
        *,
        is_sealed: bool,
        lock_after: float = 15 * 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.directory = directory
        self.is_sealed = is_sealed
        self.lock_after = lock_after
        """Seconds without a visit after which it locks itself; 0 for never."""
        self.code = secrets.token_urlsafe(18)
        self.epoch = secrets.token_hex(8)
        """Another one after each locking: sessions of an earlier one are worth nothing."""
        self.selections: dict[Hashable, set[bytes]] = {}
        """Selected pictures by session and view."""
        self.on_lock: list[Callable[[], None]] = []
        self._opened = opened
        self._clock = clock
        self._visited = clock()
        self._lock = threading.RLock()
        self._archive: Archive | None = None
        self._memory: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    # Opening and locking

    @property
    def is_open(self) -> bool:
        """Whether pages can be shown."""
        return self._archive is not None

    def adopt(self, archive: Archive) -> None:
        """Serves an archive that was opened before."""
        with self._lock:
            self._archive = archive
            self._visited = self._clock()

    def unlock(self, password: str | None) -> None:
        """Opens the archive. Raises as `open_archive`, WrongPassword among others."""
        archive = self._opened(password)
        with self._lock:
            if self._archive is None:
                self._archive = archive
            else:
                archive.close()
            self._visited = self._clock()

    def lock(self) -> None:
        """Forgets the key, everything computed with it, and who was let in."""
        with self._lock:
            archive, self._archive = self._archive, None
            self._memory.clear()
            self.selections.clear()
            self.epoch = secrets.token_hex(8)
            for forget in self.on_lock:
                forget()
        if archive is not None:
            archive.close()

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
            if self._archive is None:
                raise Locked("the archive is locked")
            if refresh:
                self._archive.refresh()
            yield self._archive

    def remembered(self, name: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made anew only when the version is another one; within `archive`."""
        with self._lock:
            found = self._memory.get(name)
            if found is not None and found[0] == version:
                self._memory.move_to_end(name)
                return found[1]  # type: ignore[no-any-return]
            made = make()
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
