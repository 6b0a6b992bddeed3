"""What reads bytes that nobody vouches for, each as a function that may raise our errors only.

A target that returns has found nothing wrong; any other exception, and a wrong answer, is a
finding. The same targets are fed by `make fuzz` and by the tests of the suite.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fapfav.errors import ArchiveError, DamagedFile, UsageError
from fapfav.model import Digest
from fapfav.store import backing, backing_log, values
from fapfav.store.contents import Counted, check
from fapfav.store.folder import Folder
from fapfav.store.frames import FIRST_FRAME, MARKER, BadFrame, Codec, Kind, LogHeader, read_header
from fapfav.store.header import PLAIN, Header, better_block, pack_header
from fapfav.store.header import read_header as read_block
from fapfav.store.inspect import inspect
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.log import Chain, start
from fapfav.store.padding import padme
from fapfav.store.recovery import read_code, show_code
from fapfav.store.remains import gather
from fapfav.store.sealing import HEADER, SEGMENT, TAG, _file_key, _nonce, unseal
from fapfav.store.sealing import Kind as FileKind
from fapfav.store.slots import cost_problem

ARCHIVE = bytes(range(16))
LOG = LogHeader(b"l" * 16, 1, bytes(16))
KEYS = ArchiveKeys(RootKey(bytes(range(32))), ARCHIVE)
DIGEST = Digest(bytes(32))
CODECS = (Codec(ARCHIVE, LOG, None), Codec(ARCHIVE, LOG, KEYS.log_keys(LOG.log_id)))
HEADERS = pack_header(Header(PLAIN, 1, ARCHIVE, ()), None) * 2 + LOG.pack().ljust(4096, b"\0") * 2
SALT = b"s" * 24
PREFIX = b"FAPB\1\1\0\0"

Target = Callable[[bytes], None]


def header(raw: bytes) -> None:
    """Header blocks as they come, and with their check made right."""
    block = raw[:4064].ljust(4064, b"\0")
    signed = b"FAPFAVDB\0\1" + block[10:] + hashlib.sha256(b"FAPFAVDB\0\1" + block[10:]).digest()
    for candidate in (raw, block + hashlib.sha256(block).digest(), signed, raw[:4096] + signed):
        with suppress(ArchiveError):
            found = read_block(candidate)
            assert found.raw == better_block(candidate)[0]
            cost_problem(found.slots)


def frame(raw: bytes) -> None:
    """A frame as it comes, with its checks made right, and its body under a right tag."""
    for codec in CODECS:
        core = MARKER + raw[4:60].ljust(56, b"\0")
        right = core + struct.pack(">I", zlib.crc32(core)) + raw[64:]
        body = raw[64:]
        for candidate in (raw, right, right + codec._plain_tag(core, body)):
            with suppress(BadFrame):
                head = read_header(candidate[:64])
                payload = codec.open(head, candidate[64 : head.size])
                assert len(payload) <= 32 * len(candidate)
        first = struct.pack(
            ">4sBB2xI4xQ16s", MARKER, 6, raw[0] & 1 if raw else 0, len(body), 1, b""
        )
        core = first + bytes(20)
        if codec.keys is None and len(body) >= 8:
            candidate = core + struct.pack(">I", zlib.crc32(core)) + body
            with suppress(BadFrame):
                head = read_header(candidate[:64])
                codec.open(head, candidate[64:] + codec._plain_tag(core, body))


def value(raw: bytes) -> None:
    """A value; what is read is what would be written."""
    for candidate in (raw, b"\x80\x04" + raw + b"."):
        with suppress(ArchiveError):
            found = values.decode(candidate)
            with suppress(values.TooLarge):
                assert values.decode(values.encode(found)) == found


def contents(raw: bytes) -> None:
    """A payload of each kind, as `verify` reads it."""
    for kind in Kind:
        for candidate in (raw, b"\x80\x04" + raw + b"."):
            with suppress(ArchiveError):
                check(kind, candidate, Counted())


def log(raw: bytes) -> None:
    """A database behind good headers: opened, inspected, gathered, and as a backup sees it.

    Each piece of the bytes between two `NEXT` becomes a frame of its own, whole; and then all of
    them as they come.
    """
    chain = Chain(CODECS[0], start(LOG))
    framed = [
        chain.seal(tuple(Kind)[piece[0] % len(Kind)], piece[1:])
        for piece in raw.split(b"NEXT")
        if piece
    ]
    with _Room() as room:
        for body in (raw, b"".join(framed), b"".join(framed)[: len(raw)]):
            _looked_at(room, HEADERS + body)


def _looked_at(room: _Room, raw: bytes) -> None:
    room.write("imagefap.database", raw)
    with suppress(ArchiveError):
        found = inspect(room.folder, None)
        assert all(FIRST_FRAME <= f.offset < f.end <= len(raw) for f in found.frames)
        fd = os.open(room.path / "imagefap.database", os.O_RDONLY)
        try:
            gather(fd, found.codec, found.frames)
        finally:
            os.close(fd)
    with suppress(ArchiveError):
        state = backing_log.state_of(room.folder)
        assert state.end.offset <= len(raw)


class _Room:
    """One folder in memory, written over and over."""

    path = Path("/dev/shm" if os.path.isdir("/dev/shm") else "/tmp") / f"fuzz-{os.getpid()}"

    def __enter__(self) -> _Room:
        self.path.mkdir(exist_ok=True)
        self.folder = Folder(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.path.iterdir():
            file.unlink()
        self.path.rmdir()

    def write(self, name: str, raw: bytes) -> None:
        """Puts a file there."""
        (self.path / name).write_bytes(raw)


def picture(raw: bytes) -> None:
    """A sealed file as it comes, and a stream that is sealed rightly whatever it says."""
    cipher = _cipher()
    parts = [raw[at : at + SEGMENT] for at in range(0, len(raw), SEGMENT)] or [b""]
    sealed = [cipher.encrypt(_nonce(n, n == len(parts) - 1), p, None) for n, p in enumerate(parts)]
    for candidate in (raw, PREFIX + SALT + b"".join(sealed), PREFIX + raw):
        with suppress(DamagedFile):
            found = unseal(KEYS, FileKind.BLOB, DIGEST, candidate)
            assert candidate[:8] == PREFIX
            stream = padme(8 + len(found))
            assert len(candidate) == HEADER + stream + TAG * -(-stream // SEGMENT)


def _cipher() -> AESGCM:
    return AESGCM(_file_key(KEYS, PREFIX, SALT, DIGEST))


def backup_list(raw: bytes) -> None:
    """The list of a backup: lines that are none are read over."""
    with _Room() as room:
        room.write(backing.LIST, raw)
        for sub, name in backing.listed(room.folder):
            assert "/" not in name
            assert "\0" not in name
            assert sub.encode() in raw


def recovery_code(raw: bytes) -> None:
    """A recovery code as somebody types it; never more of it is shown than was asked for."""
    text = raw.decode("utf-8", "replace")
    with suppress(UsageError):
        for reading in read_code(text):
            assert read_code(reading.shown)[0].code == reading.code
            assert show_code(reading.code) == reading.shown


TARGETS: dict[str, Target] = {
    "header": header,
    "frame": frame,
    "value": value,
    "contents": contents,
    "log": log,
    "picture": picture,
    "backup-list": backup_list,
    "recovery-code": recovery_code,
}
