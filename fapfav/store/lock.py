"""The lock that every writer holds: one mutex within a process, one file lock between processes.

The kernel frees the file lock when its holder dies, so it is never taken over and its file never
deleted; where the file system has no such locks we refuse rather than guess. The file says who
holds it, for the message to those who wait and for nothing else.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from fapfav.errors import ArchiveError, ArchiveInUse
from fapfav.store.disk import cut, disk_error, write_all
from fapfav.store.folder import ROOT, Folder

NAME = "lock"

_VERB = re.compile(r"[a-z ]{1,32}")
_HOLDER = re.compile(rb"([0-9]{1,10}) ([0-9]{1,11}) ([a-z ]{1,32})\n")
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}


def last_holder(folder: Folder) -> int | None:
    """The process that holds the lock, or held it last; None if nobody knows."""
    try:
        found = _HOLDER.match(folder.read(ROOT, NAME, limit=4096))
    except (FileNotFoundError, ArchiveError):
        return None
    return None if found is None else int(found[1])


class ArchiveLock:
    """The lock of one archive, for all threads of this process; waits at most `patience` seconds.

    It does not nest: a thread that holds it and asks again gets an error instead of a deadlock.
    """

    def __init__(
        self, folder: Folder, timeout: float = 30.0, now: Callable[[], float] = time.time
    ) -> None:
        self.patience = timeout
        self._folder, self._now = folder, now
        self._mutex = threading.Lock()
        self._owner: int | None = None  # thread id

    @contextmanager
    def hold(self, verb: str, patience: float | None = None) -> Iterator[None]:
        """Holds the lock; `verb` says for what, in lower-case words and nothing else.

        Raises ArchiveInUse when another holds it for too long, ArchiveError when there is no
        locking here.
        """
        if not _VERB.fullmatch(verb):
            raise ValueError("what holds a lock is said in lower-case letters and spaces")
        if self._owner == threading.get_ident():
            raise ArchiveError("the archive is locked by this very thread; finish its change first")
        started = time.monotonic()
        timeout = self.patience if patience is None else patience
        if not self._mutex.acquire(timeout=timeout):
            raise ArchiveInUse(self._in_use())
        try:
            self._owner = threading.get_ident()
            lock = self._acquire(max(0.0, timeout - (time.monotonic() - started)))
            try:
                self._sign(verb)
                yield
            finally:
                lock.release()
        finally:
            self._owner = None
            self._mutex.release()

    def _acquire(self, timeout: float) -> FileLock:
        self._refuse_irregular()
        lock = FileLock(
            self._folder.path / NAME,
            timeout=timeout,
            mode=0o600,
            thread_local=False,
            fallback_to_soft=False,
            preserve_lock_file=True,
        )
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveInUse(self._in_use()) from None
        except (NotImplementedError, OSError) as error:
            if isinstance(error, NotImplementedError) or error.errno in _NO_LOCKS:
                raise ArchiveError(
                    f"the disk of {self._folder.path} has no file locks, so two programs could "
                    "write at once; keep the archive on a local disk"
                ) from error
            raise disk_error(error, f"locking {self._folder.path}") from error
        return lock

    def _refuse_irregular(self) -> None:
        """Raises ArchiveError for anything but a file of our own: its bytes are about to change."""
        found = self._folder.stat(ROOT, NAME)
        if found is not None and (not stat.S_ISREG(found.st_mode) or found.st_nlink != 1):
            raise ArchiveError(
                f"{self._folder.path / NAME} is no plain file of its own, but a link, a pipe or a "
                "folder; move it away"
            )

    def _sign(self, verb: str) -> None:
        """Writes who holds the lock and since when."""
        line = f"{os.getpid()} {int(self._now())} {verb}\n".encode()
        try:
            fd = self._folder.open_write(ROOT, NAME)
        except FileNotFoundError:
            return  # somebody deleted the file: the next one to come locks a new one
        try:
            write_all(fd, line, 0)
            cut(fd, len(line))
        except OSError:
            pass  # a full disk: this may be the command that makes room
        finally:
            os.close(fd)

    def _in_use(self) -> str:
        try:
            found = _HOLDER.match(self._folder.read(ROOT, NAME, limit=4096))
        except (FileNotFoundError, ArchiveError):
            found = None
        who = "by another process"
        if found is not None:
            pid, start, verb = (part.decode() for part in found.groups())
            since = time.strftime("%H:%M:%S", time.localtime(int(start)))
            who = f"by process {pid} ({verb}) since {since}"
        return f"the archive in {self._folder.path} is in use {who}; try again when it has ended"
