"""One picture or thumbnail, sealed: bytes in, bytes out, and no disk.

A sealed file is a header of 32 bytes, then the stream (length, picture, padding) in segments of
1 MiB, each sealed on its own, so that a range costs only the segments it lies in. The last one is
marked in its nonce: none can be dropped, added or moved. This is the STREAM construction (Hoang,
Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", CRYPTO 2015), as age uses it.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fapfav.errors import DamagedFile
from fapfav.model import Digest
from fapfav.store.disk import Buffer
from fapfav.store.keys import ArchiveKeys, hkdf
from fapfav.store.padding import padme

SEGMENT = 1_048_576
TAG = 16
HEADER = 32

_PREFIX = struct.Struct(">4sBB2s")  # magic, version, kind, reserved
_MAGIC, _VERSION = b"FAPB", 1
_LENGTH = 8  # of the number in front of the stream


class Kind(IntEnum):
    """What a file holds; part of its name and of its key, so neither passes as the other."""

    BLOB = 1
    THUMB = 2


Fetch = Callable[[int, memoryview], int]
"""Reads from an offset of a sealed file into a buffer; says how many bytes there were."""


class Scratch(threading.local):
    """A thread's room for one segment: sealed, and opened.

    Fresh memory for each of three copies was half of the time that reading a picture took.
    """

    def __init__(self) -> None:
        self.sealed = memoryview(bytearray(SEGMENT + TAG))
        self.plain = memoryview(bytearray(SEGMENT))


def sealed_size(size: int) -> int:
    """What a picture of `size` bytes takes on disk."""
    stream = padme(_LENGTH + size)
    return HEADER + stream + TAG * _segments(stream)


def seal(keys: ArchiveKeys, kind: Kind, digest: Digest, picture: Buffer) -> Iterator[bytes]:
    """The sealed file, in parts of a segment each, to be written one after the other.

    `digest` is of the blob, for its thumbnail too. For a blob it is believed to be the picture's.
    """
    prefix = _PREFIX.pack(_MAGIC, _VERSION, kind, bytes(2))
    content = digest if kind is Kind.BLOB else hashlib.sha256(picture).digest()
    # Neither a counter nor only random: a machine restored from a snapshot repeats the random
    # part, and then gets the same salt for the same content only.
    fresh = hmac.digest(keys.salt, os.urandom(32) + bytes([kind]) + content, "sha256")
    salt = fresh[:24]
    cipher = AESGCM(_file_key(keys, prefix, salt, digest))
    length = len(picture)
    stream = padme(_LENGTH + length)
    last = _segments(stream) - 1
    view = memoryview(picture)
    yield prefix + salt
    for index in range(last + 1):
        start = index * SEGMENT - _LENGTH
        pieces = [view[max(start, 0) : start + SEGMENT]]
        if index == 0:
            pieces.insert(0, memoryview(length.to_bytes(_LENGTH)))
        # Padding may fill whole segments: from 16 MiB on a step of Padme is longer than one.
        missing = min(SEGMENT, stream - index * SEGMENT) - sum(map(len, pieces))
        if missing:
            pieces.append(memoryview(bytes(missing)))
        plain = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        yield cipher.encrypt(_nonce(index, index == last), plain, None)


def unseal(keys: ArchiveKeys, kind: Kind, digest: Digest, raw: Buffer) -> bytes:
    """The picture in a sealed file. Raises DamagedFile unless it is whole and of this digest.

    That the picture's own SHA-256 is its digest is the caller's to check.
    """
    view = memoryview(raw)

    def fetch(offset: int, room: memoryview) -> int:
        found = view[offset : offset + len(room)]
        room[: len(found)] = found
        return len(found)

    return SealedFile.open(keys, kind, digest, len(raw), fetch=fetch, scratch=Scratch()).read()


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file whose header was read: `stream` is the length of what was sealed, in bytes."""

    digest: Digest
    stream: int
    cipher: AESGCM = field(repr=False)
    fetch: Fetch = field(repr=False)
    scratch: Scratch = field(repr=False)

    @classmethod
    def open(
        cls,
        keys: ArchiveKeys,
        kind: Kind,
        digest: Digest,
        stored: int,
        *,
        fetch: Fetch,
        scratch: Scratch,
    ) -> SealedFile:
        """Opens a file of `stored` bytes. Raises DamagedFile when it cannot be of this kind."""
        # What is sealed ends with a segment of at least one byte and its tag.
        segments, rest = divmod(stored - HEADER, SEGMENT + TAG)
        if stored < HEADER + _LENGTH + TAG or 0 < rest <= TAG:
            raise _damaged(digest, f"its {stored} bytes are no sealed file's")
        segments += rest > 0
        header = scratch.sealed[:HEADER]
        got = fetch(0, header)
        prefix, salt = bytes(header[: _PREFIX.size]), bytes(header[_PREFIX.size :])
        if got != HEADER or prefix != _PREFIX.pack(_MAGIC, _VERSION, kind, bytes(2)):
            raise _damaged(digest, "its header is not the one it was written with")
        cipher = AESGCM(_file_key(keys, prefix, salt, digest))
        return cls(digest, stored - HEADER - TAG * segments, cipher, fetch, scratch)

    def read(self) -> bytes:
        """The whole picture."""
        pieces = self.pieces()
        begun = next(pieces)
        if self.stream <= SEGMENT:
            return bytes(begun)
        # One growing buffer, handed out without a copy: a list of parts would take all of it twice.
        out = io.BytesIO()
        out.write(begun)
        for piece in pieces:
            out.write(piece)
        return out.getvalue()

    def pieces(self) -> Iterator[memoryview]:
        """The whole picture, a segment at a time; each is good until the next is asked for."""
        first = self._segment(0)
        length = int.from_bytes(first[:_LENGTH])
        end = _LENGTH + length
        if padme(end) != self.stream:
            raise _damaged(self.digest, "its length is not the one it states")
        yield self._without_padding(first, 0, end)[_LENGTH:]
        for index in range(1, _segments(self.stream)):
            yield self._without_padding(self._segment(index), index * SEGMENT, end)

    def read_range(self, start: int, stop: int) -> bytes:
        """The picture's bytes from `start` up to `stop`, which must lie within it."""
        start, stop = start + _LENGTH, stop + _LENGTH
        parts = []
        for index in range(start // SEGMENT, _segments(stop) if start < stop else 0):
            at = index * SEGMENT
            parts.append(bytes(self._segment(index)[max(start - at, 0) : stop - at]))
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _segment(self, index: int) -> memoryview:
        """What a segment holds, until the next is read."""
        last = _segments(self.stream) - 1
        size = self.stream - last * SEGMENT if index == last else SEGMENT
        sealed, plain = self.scratch.sealed[: size + TAG], self.scratch.plain[:size]
        got = self.fetch(HEADER + index * (SEGMENT + TAG), sealed)
        try:
            self.cipher.decrypt_into(_nonce(index, index == last), sealed[:got], None, plain)
        except (InvalidTag, ValueError):  # or cut short since its length was looked at
            raise _damaged(self.digest, f"segment {index} does not check out") from None
        return plain

    def _without_padding(self, segment: memoryview, at: int, end: int) -> memoryview:
        """The part of the segment at `at` of the stream that is not padding, which begins at `end`.

        Raises DamagedFile for padding that is not zero.
        """
        keep = max(end - at, 0)
        if segment[keep:] != bytes(max(len(segment) - keep, 0)):
            raise _damaged(self.digest, "it is padded with something")
        return segment[:keep]


def _segments(stream: int) -> int:
    return -(-stream // SEGMENT)


def _nonce(index: int, is_last: bool) -> bytes:
    return index.to_bytes(11) + (b"\x01" if is_last else b"\x00")


def _file_key(keys: ArchiveKeys, prefix: bytes, salt: bytes, digest: Digest) -> bytes:
    # The digest is part of the key: a file renamed to pass as another picture does not open.
    return hkdf(keys.blob, salt, b"fapfav/1/file" + prefix + digest)


def _damaged(digest: Digest, why: str) -> DamagedFile:
    return DamagedFile(
        f"picture {digest.hex()} is damaged: {why}; put its file back from a backup", why
    )
