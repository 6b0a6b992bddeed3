"""Bodies of answers: read whole, unpacked and checked within a limit.

Nothing here trusts a length that was announced, and nothing is kept past the limit, so a body takes
as much memory as its limit and a chunk, whatever comes.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from typing import Protocol

CHUNK = 65536
"""Bytes asked for at a time."""

_MEMBERS = 1000  # a few bytes each, they would cost much time and give nothing

_HTML = re.compile(rb"<html[\s>]", re.IGNORECASE)
_END = re.compile(rb"</html", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")


class BadBody(Exception):
    """A body that is not whole; another try may bring a better one."""


class TooMuch(Exception):
    """A body past its limit, or packed in a way nobody asked for; another try is no use."""


def length_of(values: list[str]) -> int | None:
    """What Content-Length headers say; None without any. Raises BadBody where they disagree."""
    said = {part.strip() for value in values for part in value.split(",")}
    if not said:
        return None
    if len(said) > 1 or not _LENGTH.fullmatch(next(iter(said))):
        raise BadBody(f"says its length in {len(said)} ways or in no number")
    return int(said.pop())


def read_body(
    read: Callable[[int], bytes], limit: int, *, length: int | None, encoding: str
) -> bytes:
    """The whole body of an answer, unpacked.

    `read(n)` gives between 1 and n bytes as soon as there are any, and b"" at the end. Raises
    BadBody, TooMuch, and what `read` raises.
    """
    if length is not None and length > limit:
        raise TooMuch(f"has {length} bytes, more than the {limit} that are read")
    unpacker = _unpacker(encoding)
    came = 0
    # Closed, the buffer is free at once, though an error may keep it alive for a while.
    with io.BytesIO() as out:
        while chunk := read(CHUNK):
            came += len(chunk)
            if came > limit:
                raise TooMuch(f"has more than the {limit} bytes that are read")
            if unpacker is None:
                out.write(chunk)
            else:
                unpacker.feed(chunk, out, limit)
        if length is not None and came != length:
            raise BadBody(f"has {came} bytes instead of {length}")
        if unpacker is not None and came:
            unpacker.finish()
        return out.getvalue()  # no copy: the buffer itself is handed out


def is_cut_page(body: bytes) -> bool:
    """Whether an HTML page starts and does not end."""
    # Nearly every page ends near its end; only others are searched whole.
    return not _END.search(body, max(0, len(body) - 4096)) and bool(
        _HTML.search(body) and not _END.search(body)
    )


def looks_like_text(body: bytes, content_type: str) -> bool:
    """Whether an answer to a file may be a page, whatever type it says it has."""
    return "html" in content_type.lower() or body[:256].lstrip()[:1] == b"<"


class _Unpacker(Protocol):
    def feed(self, chunk: bytes, out: io.BytesIO, limit: int) -> None: ...

    def finish(self) -> None: ...


def _unpacker(encoding: str) -> _Unpacker | None:
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return None
    if encoding in {"gzip", "x-gzip"}:
        return _Members(16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        return _Members(zlib.MAX_WBITS)
    raise TooMuch(f"is packed as {encoding[:40]!r}, which was not asked for")


class _Members:
    """Unpacks zlib's formats; gzip may have several members, one after the other."""

    def __init__(self, form: int) -> None:
        self._form, self._members = form, 1
        self._stream = zlib.decompressobj(form)
        # Some servers call a stream without zlib's header "deflate" too.
        self._may_be_bare = form == zlib.MAX_WBITS

    def feed(self, chunk: bytes, out: io.BytesIO, limit: int) -> None:
        while chunk:
            if self._stream.eof:
                self._next(chunk)
            out.write(self._unpacked(chunk, limit + 1 - out.tell()))
            if out.tell() > limit:
                raise TooMuch(f"unpacks to more than the {limit} bytes that are read")
            chunk = self._stream.unused_data or self._stream.unconsumed_tail

    def finish(self) -> None:
        if not self._stream.eof:
            raise BadBody("ends in the middle of what it packs")

    def _next(self, chunk: bytes) -> None:
        self._members += 1
        if self._form == zlib.MAX_WBITS:
            raise BadBody(f"has {len(chunk)} bytes after its end")
        if self._members > _MEMBERS:
            raise TooMuch(f"is packed in more than {_MEMBERS} pieces")
        self._stream = zlib.decompressobj(self._form)

    def _unpacked(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error as error:
            if not self._may_be_bare:
                raise BadBody(f"cannot be unpacked: {error}") from None
        finally:
            self._may_be_bare = False
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        return self._unpacked(chunk, most)
