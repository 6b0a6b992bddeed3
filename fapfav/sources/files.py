"""Files of a disk that may hold anything: their names as text, and their bytes read safely.

Only regular files are read, whole, and as they were at one moment. Which files belong to which
album is `local`'s to know. Errors of the system (OSError) are passed on.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from sanitize_filename import sanitize

from fapfav.errors import BadPicture

SUFFIXES = frozenset(
    b".jpg .jpeg .jfif .jpe .png .gif .bmp .dib .tif .tiff .webp .avif .mpo".split()
)
"""What a picture's file name ends in, in lower case."""

HEAD = 16
"""Bytes `looks_like_picture` needs."""

_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_TRIES = 2
# Files are told apart before they are opened; should one become a FIFO in between, O_NONBLOCK keeps
# the open from waiting for a writer, and O_NOCTTY a terminal from becoming ours.
_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)


class Contents(NamedTuple):
    """The bytes of a file, and the cheap token and time (seconds UTC) of that state of it."""

    data: bytes
    stamp: str
    modified: int


def shown_name(raw: bytes) -> str:
    """A file or directory name as text that is safe to store, to show and to join by `/`.

    Bytes that are no UTF-8 become replacement characters; control characters and what no file
    system should see go. A name that needs none of this stays as it is, never merely normalised:
    sanitize-filename alone would decompose every accented letter.
    """
    text = raw.decode("utf-8", "replace")
    plain = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"})
    # Twice, because its own normalisation makes ASCII slashes of full-width ones.
    clean: str = sanitize(sanitize(plain))
    if clean == unicodedata.normalize("NFKD", text):
        return text
    return unicodedata.normalize("NFC", clean)


def looks_like_picture(head: bytes) -> bool:
    """Whether a file that starts so may be a picture of a kind we keep; the decoder decides."""
    if head.startswith(_STARTS):
        return True
    if head.startswith(b"BM"):  # two letters alone would fit many a text; four bytes are reserved
        return head[6:10] == b"\0\0\0\0"
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head[4:12] in (b"ftypavif", b"ftypavis")


def read_head(path: bytes) -> bytes:
    """The first bytes of a regular file; nothing for anything else."""
    handle = os.open(path, _FLAGS)
    try:
        return os.read(handle, HEAD) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    finally:
        os.close(handle)


def read_whole(path: bytes, largest: int, read: Callable[[int, int], bytes] = os.read) -> Contents:
    """All bytes of a regular file that did not change meanwhile.

    A changed one is read once more. Raises BadPicture if it goes on changing, is no regular file,
    is empty or has more than `largest` bytes, which bounds what is allocated too.
    """
    for _ in range(_TRIES):
        handle = os.open(path, _FLAGS)
        try:
            before = os.fstat(handle)
            _refuse(before, largest)
            # One byte more than there should be tells a file that grew.
            data = _read_up_to(handle, before.st_size + 1, read)
            after = os.fstat(handle)
        finally:
            os.close(handle)
        if len(data) == before.st_size and stamp_of(before) == stamp_of(after):
            return Contents(data, stamp_of(after), max(0, int(after.st_mtime)))
    raise BadPicture("changed while being read")


def stamp_of(facts: os.stat_result) -> str:
    """The cheap token of a file's state: bytes, and time of change in nanoseconds."""
    return f"{facts.st_size}:{facts.st_mtime_ns}"


def reason_of(error: OSError) -> str:
    """The system's words for what went wrong, without the path."""
    return (error.strerror or type(error).__name__).lower()


def _refuse(facts: os.stat_result, largest: int) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise BadPicture("not a regular file")
    if facts.st_size == 0:
        raise BadPicture("empty file")
    if facts.st_size > largest:
        raise BadPicture(f"too large: {facts.st_size} bytes, at most {largest} are read")


def _read_up_to(handle: int, wanted: int, read: Callable[[int, int], bytes]) -> bytes:
    parts = []
    while wanted > 0 and (part := read(handle, wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)
