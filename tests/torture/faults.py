"""Stands between the store and the disk: counts every touch, and lets one of them go wrong.

A touch is one call of the module `disk`: what it does, and the function of the store that asked.
Where threads work side by side their order changes from run to run, so a moment is the n-th touch
of one kind from one place and not the n-th of all.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from fapfav.store import disk

TOUCHES = ("write", "sync", "cut", "create", "rename", "unlink", "mkdir")
_BETWEEN = ("/fapfav/store/disk.py", "/fapfav/store/folder.py", "/tests/torture/faults.py")

KILL, HALF, LOST, FULL, BROKEN, READ_ONLY = "kill", "half", "lost", "full", "broken", "read-only"
"""What happens at a touch: the process dies before it; in the middle of it; before it, and what was
not yet synced is lost; or the disk refuses: full, failing, read-only."""

_ERRNO = {FULL: errno.ENOSPC, BROKEN: errno.EIO, READ_ONLY: errno.EROFS}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A place in the store and what it does to the disk there."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When something goes wrong: at the n-th touch from one place, counted from 1."""

    site: Site
    number: int
    how: str


def _caller(frame: FrameType | None) -> str:
    """The first function on the way up that is not merely a way to the disk."""
    through = ""
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.endswith(_BETWEEN):
            return f"{Path(name).stem}.{frame.f_code.co_qualname}{through}"
        if name.endswith(_BETWEEN[1]):
            through = f" > {frame.f_code.co_name}"
        frame = frame.f_back
    return "?"


@dataclass
class Faults:
    """Installed once in a process that is about to die."""

    moment: Moment | None
    stash: Path
    """A folder on the same disk, for what a power cut would bring back."""
    counts: Counter[Site] = field(default_factory=Counter)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _unsynced: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    """Inode of the file or folder that a sync makes durable, and what undoes the touch."""

    def install(self) -> None:
        """From now on every touch is counted."""
        for name in TOUCHES:
            setattr(disk, name, self._wrapped(name, getattr(disk, name)))

    def _wrapped(self, what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def touch(*arguments: Any) -> Any:
            with self._lock:
                site = Site(_caller(sys._getframe(1)), what)
                self.counts[site] += 1
                if self.moment is not None and (site, self.counts[site]) == (
                    self.moment.site,
                    self.moment.number,
                ):
                    self._happen(self.moment.how, real, arguments)
                undo = self._before(what, arguments)
                done = real(*arguments)
                self._after(what, arguments, undo)
                return done

        return touch

    def _happen(self, how: str, real: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if how in _ERRNO:
            raise OSError(_ERRNO[how], os.strerror(_ERRNO[how]))
        if how == HALF and len(arguments) == 3 and len(arguments[1]) > 1:
            real(arguments[0], arguments[1][: len(arguments[1]) // 2], arguments[2])
        if how == LOST:
            for _, undo in reversed(self._unsynced):
                undo()
        os.kill(os.getpid(), signal.SIGKILL)

    def _before(
        self, what: str, arguments: tuple[Any, ...]
    ) -> tuple[int, Callable[[], None]] | None:
        """What a power cut before the next sync would do to this touch."""
        if self.moment is None or self.moment.how != LOST:
            return None
        if what in ("write", "cut"):
            return _content(arguments)
        if what == "rename":
            name, new, fd, new_fd = arguments
            return os.fstat(new_fd).st_ino, self._renamed(name, new, fd, new_fd)
        if what == "unlink":
            return os.fstat(arguments[1]).st_ino, self._unlinked(*arguments)
        return None

    def _after(
        self,
        what: str,
        arguments: tuple[Any, ...],
        undo: tuple[int, Callable[[], None]] | None,
    ) -> None:
        if undo is not None:
            self._unsynced.append(undo)
        if what == "sync":
            inode = os.fstat(arguments[0]).st_ino
            self._unsynced = [each for each in self._unsynced if each[0] != inode]

    def _renamed(self, name: str, new: str, fd: int, new_fd: int) -> Callable[[], None]:
        fd, new_fd = os.dup(fd), os.dup(new_fd)
        covered = self._put_by(new, new_fd)

        def undo() -> None:
            with suppress(FileNotFoundError):
                os.rename(new, name, src_dir_fd=new_fd, dst_dir_fd=fd)
            if covered is not None:
                os.link(covered, new, dst_dir_fd=new_fd)

        return undo

    def _unlinked(self, name: str, fd: int) -> Callable[[], None]:
        fd = os.dup(fd)
        kept = self._put_by(name, fd)

        def undo() -> None:
            if kept is not None:
                with suppress(FileExistsError):
                    os.link(kept, name, dst_dir_fd=fd)

        return undo

    def _put_by(self, name: str, fd: int) -> Path | None:
        kept = self.stash / f"{len(os.listdir(self.stash))}"
        try:
            os.link(name, kept, src_dir_fd=fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return kept


def _content(arguments: tuple[Any, ...]) -> tuple[int, Callable[[], None]]:
    """What brings back the bytes that a write or a cut takes away."""
    fd = os.dup(arguments[0])
    state = os.fstat(fd)
    at, length = (
        (arguments[2], len(arguments[1]))
        if len(arguments) == 3
        else (arguments[1], max(0, state.st_size - arguments[1]))
    )
    # A new file is open for writing only; what it holds nobody could have lost.
    reading = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY)
    old = os.pread(reading, length, at)
    os.close(reading)

    def undo() -> None:
        os.pwrite(fd, old, at)
        os.ftruncate(fd, state.st_size)

    return state.st_ino, undo
