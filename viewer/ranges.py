"""Parts of a picture: which bytes are asked for, and how they are sent a bit at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from django.http import HttpRequest

from fapfav.errors import DamagedFile
from fapfav.model import Digest
from fapfav.store.blobs import BlobStore
from fapfav.store.sealing import SEGMENT

Range = tuple[int, int]
"""The first byte, and the one after the last."""

WHOLE: Range = (0, -1)
"""No part: all of it, checked against its digest."""

_AHEAD = 8  # bytes of a sealed file's stream before the picture: parts end where segments do
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


def range_of(request: HttpRequest, size: int, tag: str) -> Range | None:
    """The bytes asked for; WHOLE where none or several parts are, None where there are no such.

    Source: RFC 9110, section 14: what is not understood is as if it were not there.
    """
    found = _RANGE.fullmatch(request.META.get("HTTP_RANGE", ""))
    if found is None or request.META.get("HTTP_IF_RANGE", tag) != tag:
        return WHOLE
    first, last = found.groups()
    if not first:
        if not last:
            return WHOLE
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return WHOLE
    return (start, stop) if start < stop else None


def chunks(files: BlobStore, digest: Digest, ext: str, size: int, wanted: Range) -> Iterator[bytes]:
    """The bytes, a segment at a time; the first is read before this returns.

    A whole picture is checked against its digest before its last part is sent, so that what is not
    the picture never looks complete. Raises DamagedFile.
    """
    edges = list(_edges(*((0, size) if wanted is WHOLE else wanted)))
    seen = hashlib.sha256() if wanted is WHOLE else None

    def read(at: int) -> bytes:
        part = files.read_range(digest, ext, size, edges[at], edges[at + 1])
        if seen is not None:
            seen.update(part)
            if at == len(edges) - 2 and seen.digest() != digest:
                raise DamagedFile(f"picture {digest.hex()} is damaged: its bytes are another's")
        return part

    def rest(first: bytes) -> Iterator[bytes]:
        yield first
        for at in range(1, len(edges) - 1):
            yield read(at)

    return rest(read(0)) if len(edges) > 1 else iter(())


def _edges(start: int, stop: int) -> Iterator[int]:
    """Where parts begin and end."""
    yield start
    at = (start + _AHEAD) // SEGMENT * SEGMENT + SEGMENT - _AHEAD
    while at < stop:
        yield at
        at += SEGMENT
    if start < stop:
        yield stop
