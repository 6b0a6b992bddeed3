"""One frame of the log: packing, sealing, and every check between bytes and payload.

Pure functions over bytes; `log.py` knows where frames lie in the file. A frame is authenticated
before it is unpacked and unpacked within a stated size, so memory stays proportional to the file.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fapfav.errors import DamagedArchive
from fapfav.store.keys import LogKeys
from fapfav.store.padding import padme

LOG_MAGIC = b"FAPFLOG1"
LOG_HEADER = 64
LOG_BLOCK = 4096
LOG_OFFSETS = (2 * 4096, 3 * 4096)
FIRST_FRAME = 4 * 4096

MARKER = b"\xf5FRM"
HEADER = 64
TAG = 16
MAX_BODY = 17 * 1024 * 1024
MAX_PLAIN = 16 * 1024 * 1024
MAX_RATIO = 32
_LEAST_SEALED = 512

_STORED, _ZSTD = 0, 1


class Kind(IntEnum):
    """What a frame holds."""

    TABLE = 1
    VECTORS = 2
    UNDO = 3
    END = 4
    PART = 5
    COMMIT = 6


class BadFrame(Exception):
    """These bytes are not the frame that belongs here; `str()` says why."""


@dataclass(frozen=True, slots=True)
class LogHeader:
    """Names one log: a new one after every compaction, so that no frame fits into another."""

    log_id: bytes
    first_sequence: int
    previous_tag: bytes

    @property
    def core(self) -> bytes:
        """Bytes 0-59, which every frame is bound to."""
        return struct.pack(
            ">8s16sQ16s12x", LOG_MAGIC, self.log_id, self.first_sequence, self.previous_tag
        )

    def pack(self) -> bytes:
        """The 64 bytes."""
        return self.core + struct.pack(">I", zlib.crc32(self.core))


def read_log_header(blocks: tuple[bytes, ...]) -> LogHeader:
    """The first of the copies that is whole. Raises DamagedArchive when none is."""
    for block in blocks:
        core, check = block[:60], block[60:LOG_HEADER]
        shaped = len(check) == 4 and core[:8] == LOG_MAGIC and core[48:] == bytes(12)
        if shaped and zlib.crc32(core) == int.from_bytes(check, "big"):
            return LogHeader(core[8:24], int.from_bytes(core[24:32], "big"), core[32:48])
    raise DamagedArchive(
        "both headers of the database's log are damaged: restore the file from a backup"
    )


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The 64 bytes before a body."""

    kind: Kind
    packing: int
    length: int
    sequence: int
    previous: bytes
    nonce: bytes
    core: bytes

    @property
    def size(self) -> int:
        """Bytes of the whole frame."""
        return HEADER + self.length + TAG


def _first_part(kind: int, packing: int, length: int, sequence: int, previous: bytes) -> bytes:
    return struct.pack(">4sBB2xI4xQ16s", MARKER, kind, packing, length, sequence, previous)


def read_header(raw: bytes) -> FrameHeader:
    """The header in 64 bytes. Raises BadFrame; a right CRC says only that no bit fell over."""
    if len(raw) < HEADER:
        raise BadFrame("it ends inside a frame's header")
    core = raw[:60]
    if raw[:4] != MARKER:
        raise BadFrame("no frame begins here")
    if zlib.crc32(core) != int.from_bytes(raw[60:64], "big"):
        raise BadFrame("a frame's header is damaged")
    kind, packing, length, sequence, previous = struct.unpack(">4xBB2xI4xQ16s", raw[:40])
    if raw[6:8] != bytes(2) or raw[12:16] != bytes(4) or raw[52:60] != bytes(8):
        raise BadFrame("a frame's header uses what this version leaves empty")
    if kind not in tuple(Kind) or packing not in (_STORED, _ZSTD) or not 8 <= length <= MAX_BODY:
        raise BadFrame("a frame's header states what no frame has")
    return FrameHeader(Kind(kind), packing, length, sequence, previous, raw[40:52], core)


@dataclass(frozen=True, slots=True)
class Codec:
    """Seals and opens the frames of one log; `keys` None writes a plain archive."""

    archive_id: bytes
    header: LogHeader
    keys: LogKeys | None

    def _bound(self, core: bytes) -> bytes:
        return self.archive_id + self.header.core + core

    def seal(self, kind: Kind, sequence: int, previous: bytes, payload: bytes) -> bytes:
        """A whole frame. Raises ValueError past 16 MiB of payload."""
        if len(payload) > MAX_PLAIN:
            raise ValueError("a frame holds at most 16 MiB")
        packing, packed = _pack(payload, kind)
        body = struct.pack(">II", len(packed), len(payload)) + packed
        if self.keys is not None:
            body += bytes(padme(max(_LEAST_SEALED, len(body))) - len(body))
        first = _first_part(kind, packing, len(body), sequence, previous)
        nonce = bytes(12)
        if self.keys is not None:
            # Neither a counter nor only random: an old copy put back, or a machine resumed twice
            # from one snapshot, repeats a nonce only for the very same message.
            message = os.urandom(32) + self.archive_id + self.header.core + first + body
            nonce = hmac.digest(self.keys.nonce, message, "sha256")[:12]
        core = first + nonce + bytes(8)
        head = core + struct.pack(">I", zlib.crc32(core))
        if self.keys is not None:
            return head + AESGCM(self.keys.log).encrypt(nonce, body, self._bound(core))
        return head + body + self._plain_tag(core, body)

    def _plain_tag(self, core: bytes, body: bytes) -> bytes:
        check = hashlib.blake2b(self._bound(core), digest_size=TAG, person=b"fapfav/1/frame")
        check.update(body)
        return check.digest()

    def open(self, head: FrameHeader, body: bytes) -> bytes:
        """The payload of a header and the body with its tag. Raises BadFrame."""
        plain = self._authentic(head, body)
        packed_length, plain_length = struct.unpack(">II", plain[:8])
        packed = plain[8 : 8 + packed_length]
        if len(packed) != packed_length or plain[8 + packed_length :].strip(b"\0"):
            raise BadFrame("a frame's body does not fill it as stated")
        return _unpack(head.packing, packed, plain_length)

    def _authentic(self, head: FrameHeader, body: bytes) -> bytes:
        if len(body) != head.length + TAG:
            raise BadFrame("it ends inside a frame")
        if self.keys is None:
            plain = body[: head.length]
            if not hmac.compare_digest(self._plain_tag(head.core, plain), body[head.length :]):
                raise BadFrame("a frame does not match its check")
            return plain
        try:
            return AESGCM(self.keys.log).decrypt(head.nonce, body, self._bound(head.core))
        except InvalidTag:
            raise BadFrame("a frame is not authentic") from None


def _pack(payload: bytes, kind: Kind) -> tuple[int, bytes]:
    if kind is Kind.VECTORS or len(payload) < 64:  # int8 noise does not shrink
        return _STORED, payload
    packed = zstandard.ZstdCompressor(level=3, write_content_size=True).compress(payload)
    if len(packed) >= len(payload) or len(payload) > MAX_RATIO * len(packed):
        return _STORED, payload
    return _ZSTD, packed


def _unpack(packing: int, packed: bytes, plain_length: int) -> bytes:
    if packing == _STORED:
        if plain_length != len(packed):
            raise BadFrame("a frame's lengths differ")
        return packed
    if plain_length > MAX_PLAIN or plain_length > MAX_RATIO * len(packed):
        raise BadFrame("a frame would unpack to more than a frame may hold")
    try:
        # The library ignores max_output_size where a frame states its size: so read that first.
        if zstandard.get_frame_parameters(packed).content_size != plain_length:
            raise BadFrame("a frame states two different lengths")
        payload = zstandard.ZstdDecompressor(max_window_size=2 * MAX_PLAIN).decompress(
            packed, max_output_size=plain_length, allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise BadFrame(f"a frame does not unpack ({error})") from None
    if len(payload) != plain_length:
        raise BadFrame("a frame unpacks to another length than stated")
    return payload
