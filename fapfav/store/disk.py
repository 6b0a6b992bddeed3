"""The few calls by which anything here changes the disk, and its refusals in words.

Nothing else in the store writes, syncs, renames or deletes: whoever wants to count these calls, or
to stop a process at one of them, finds them all here.
"""

from __future__ import annotations

import errno
import os
import sys

from fapfav.errors import ArchiveError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNKNOWN_CALL = {errno.ENOTSUP, errno.EINVAL, errno.ENOTTY}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}

Buffer = bytes | bytearray | memoryview


def write(fd: int, data: Buffer, offset: int) -> int:
    """Writes some of `data`, returns how many bytes."""
    return os.pwrite(fd, data, offset)


def sync(fd: int) -> None:
    """Returns once what was written is on the platter."""
    if sys.platform == "darwin":
        import fcntl

        # There fsync stops at the drive's cache. Only where the call itself is unknown, on network
        # disks, is there another to make: one that failed is never asked again.
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _UNKNOWN_CALL:
                raise
        else:
            return
    os.fsync(fd)


def cut(fd: int, length: int) -> None:
    """Cuts, or lengthens, a file."""
    os.ftruncate(fd, length)


def create(name: str, dir_fd: int) -> int:
    """Makes and opens a file nobody had."""
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=dir_fd)


def rename(name: str, new: str, dir_fd: int, new_fd: int) -> None:
    """Renames over whatever file has the new name."""
    os.rename(name, new, src_dir_fd=dir_fd, dst_dir_fd=new_fd)


def unlink(name: str, dir_fd: int) -> None:
    """Takes a name away."""
    os.unlink(name, dir_fd=dir_fd)


def mkdir(name: str, dir_fd: int) -> None:
    """Makes a folder."""
    os.mkdir(name, 0o700, dir_fd=dir_fd)


def fsync_file(fd: int) -> None:
    """Makes a file's bytes durable. Raises OSError; after that, never ask the same file again.

    The kernel may have dropped the pages and would say yes.
    """
    sync(fd)


def write_all(fd: int, data: Buffer, offset: int) -> None:
    """Writes all of `data` at `offset`, however few bytes the system takes at a time."""
    rest = memoryview(data)
    while rest:
        written = write(fd, rest, offset)
        if written <= 0:
            raise OSError(errno.EIO, "nothing was written")
        rest, offset = rest[written:], offset + written


def disk_error(error: OSError, what: str) -> ArchiveError:
    """The system's refusal in words: `what` says what failed, and on which file."""
    if error.errno in _FULL:
        return ArchiveError(f"{what}: the disk is full; free some space, then run it again")
    if error.errno in _REFUSED:
        return ArchiveError(
            f"{what}: {os.strerror(error.errno)}; the disk is read-only, or not yours to write: "
            "make it writable, then run it again"
        )
    if error.errno == errno.EIO:
        return ArchiveError(f"{what}: the disk reports an error; copy the archive to another disk")
    return ArchiveError(f"{what}: {error.strerror or error}; see to it, then run it again")


def read_into(fd: int, offset: int, room: memoryview) -> int:
    """Fills `room` from `offset`; returns how many bytes there were. Raises OSError."""
    got = 0
    while got < len(room) and (part := os.preadv(fd, [room[got:]], offset + got)):
        got += part
    return got


def read_at(fd: int, offset: int, length: int) -> bytes:
    """`length` bytes from `offset`, fewer only where the file ends. Raises OSError."""
    first = os.pread(fd, length, offset)
    if len(first) == length or not first:
        return first
    rest = bytearray(length - len(first))
    return first + rest[: read_into(fd, offset + len(first), memoryview(rest))]
