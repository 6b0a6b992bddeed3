"""Every file that ever comes to be below some folders, held open so that unlinking hides nothing.

The kernel tells of each name (inotify); it is opened at once and kept. What was gone before it
could be opened is counted by its name.
"""

from __future__ import annotations

import ctypes
import os
import select
import stat
import struct
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

_CREATE, _MOVED_TO, _OVERFLOW, _ISDIR, _IGNORED = 0x100, 0x80, 0x4000, 0x40000000, 0x8000
_EVENT = struct.Struct("iIII")
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Watch:
    """Use as a context manager around what may leave something behind."""

    def __init__(self, tops: Iterable[Path]) -> None:
        self.names: set[Path] = set()
        """All names that came to be, of files and folders."""
        self.own: set[Path] = set()
        """Those that the watch made itself."""
        self.overflowed = False
        self._tops = tuple(tops)
        self._files: dict[tuple[int, int], tuple[Path, int]] = {}
        self._missed: set[Path] = set()
        self._folders: dict[int, Path] = {}
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wake, self._end = os.pipe()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        assert self._fd >= 0, os.strerror(ctypes.get_errno())
        for top in self._tops:
            self._enter(top, new=False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._end)
        self._thread.join()
        for fd in (self._fd, self._wake, *(fd for _, fd in self._files.values())):
            os.close(fd)

    def files(self) -> dict[Path, bytes]:
        """What came to be so far, by the first name of each file; they need not exist any more."""
        self._drain()
        return {path: _content(fd) for path, fd in tuple(self._files.values())}

    def missed(self) -> set[Path]:
        """Names that were gone before anybody could look, and no file that is held ever had."""
        self._drain()
        return set(self._missed)

    def _drain(self) -> None:
        """Comes once all that happened before was heard."""
        marker = self._tops[0] / f"marker-{len(self.own)}"
        self.own.add(marker)
        marker.mkdir()
        while marker not in self.names:
            os.sched_yield()
        marker.rmdir()

    def _follow(self) -> None:
        while True:
            ready, _, _ = select.select([self._fd, self._wake], [], [])
            if self._wake in ready:
                return
            self._hear(os.read(self._fd, 1 << 20))

    def _hear(self, raw: bytes) -> None:
        at = 0
        while at < len(raw):
            folder, mask, _, length = _EVENT.unpack_from(raw, at)
            name = raw[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
            at += _EVENT.size + length
            if mask & _OVERFLOW:
                self.overflowed = True
            elif not mask & _IGNORED:
                self._came(self._folders[folder] / os.fsdecode(name), is_folder=bool(mask & _ISDIR))

    def _came(self, path: Path, *, is_folder: bool) -> None:
        if is_folder:
            self._enter(path, new=True)
        else:
            self._hold(path)
        self.names.add(path)

    def _enter(self, folder: Path, *, new: bool) -> None:
        watched = self._libc.inotify_add_watch(
            self._fd, os.fsencode(folder), ctypes.c_uint32(_CREATE | _MOVED_TO)
        )
        if watched < 0:
            return  # it is gone again
        self._folders[watched] = folder
        for each in folder.iterdir():
            if each.is_dir() and not each.is_symlink():
                self._enter(each, new=new)
            elif new:
                self._came(each, is_folder=False)

    def _hold(self, path: Path) -> None:
        try:
            fd = os.open(path, _FLAGS)
        except OSError:
            self._missed.add(path)
            return
        now = os.fstat(fd)
        identity = now.st_dev, now.st_ino
        if identity in self._files or not stat.S_ISREG(now.st_mode):
            os.close(fd)
        else:
            self._files[identity] = path, fd


def _content(fd: int) -> bytes:
    return os.pread(fd, os.fstat(fd).st_size, 0)
