"""A second reader of the archive, written from `docs/format.md` alone.

It shares no line with the library and exists to show that the document is enough. It reads one
archive whole into plain dictionaries, trusts no byte before it is checked, and writes nothing.
`Refused` says what did not check out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.reader.plain import (
    TABLES,
    Key,
    Refused,
    Row,
    Vectors,
    add_vectors,
    change_key,
    decode,
    need,
    table_rows,
)

BLOCK, FRAMES_AT, FRAME_HEAD, TAG, SEGMENT = 4096, 16384, 64, 16, 1 << 20
FRAME_MAGIC = b"\xf5FRM"
TABLE, VECTORS, UNDO, END, PART, COMMIT = range(1, 7)
BLOB, THUMB = 1, 2


@dataclass(slots=True)
class Archive:
    """What one archive holds: tables by key, vectors by space and digest as (scale, int8 bytes)."""

    folder: Path
    sealed: bool
    archive_id: bytes
    root: bytes
    generation: int
    tables: dict[str, dict[Key, Row]] = field(default_factory=lambda: {name: {} for name in TABLES})
    vectors: Vectors = field(default_factory=dict)
    sequence: int = 0
    torn: int = 0
    """How many bytes after the last commit do not count."""

    def key(self, label: bytes) -> bytes:
        """One of the keys that follow from the root key."""
        return _hkdf(self.root, self.archive_id, b"fapfav/1/" + label)

    def file(self, digest: bytes, kind: int = BLOB) -> bytes:
        """A picture's or thumbnail's bytes, from where its row says, or else from where it was."""
        trashed = self.tables["trash"].get((digest,))
        row = trashed or self.tables["blobs"].get((digest,))
        need(row, f"no blob {digest.hex()}")
        name = digest.hex() + "." + (row or {})["ext" if kind == BLOB else "thumb_ext"]
        if self.sealed:
            name = _hmac(self.key(b"name"), bytes([kind]) + digest).hex()
        sub = "blobs" if kind == BLOB else "thumbs"
        places = [self.folder / sub / name, self.folder / "trash" / sub / name]
        place = next((path for path in places[:: -1 if trashed else 1] if path.exists()), places[0])
        plain = read_file(place)
        if self.sealed:
            plain = _unseal(plain, self.key(b"blob"), kind, digest)
        need(kind == THUMB or hashlib.sha256(plain).digest() == digest, "not the picture it should")
        return plain


def read(folder: Path, password: str | None = None, code: bytes | None = None) -> Archive:
    """A whole archive; a sealed one needs its password or the 32 bytes of a recovery code."""
    raw = read_file(folder / "imagefap.database")
    archive = _open_header(folder, raw, password, code)
    log_head = _log_head(raw)
    _Log(archive, raw, log_head).read()
    alive = archive.tables["blobs"].keys() | archive.tables["trash"].keys()
    for rows in archive.vectors.values():
        for digest in [digest for digest in rows if (digest,) not in alive]:
            del rows[digest]
    return archive


def read_file(path: Path) -> bytes:
    """The bytes of a regular file; no link is followed."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error
    with open(number, "rb") as file:
        need(stat.S_ISREG(os.fstat(number).st_mode), f"{path}: no regular file")
        return file.read()


# Keys and the header


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _open_box(key: bytes, nonce: bytes, box: bytes, extra: bytes | None) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, box, extra)
    except InvalidTag:
        return None


def _open_header(folder: Path, raw: bytes, password: str | None, code: bytes | None) -> Archive:
    blocks = [raw[at : at + BLOCK] for at in (0, BLOCK) if raw[at : at + 8] == b"FAPFAVDB"]
    whole = [block for block in blocks if hashlib.sha256(block[:4064]).digest() == block[4064:]]
    for block in whole or blocks:
        need(int.from_bytes(block[8:10]) <= 1, "a newer version")
    need(whole, "no whole header")
    block = max(whole, key=lambda block: block[16:24])
    need(block[8:10] == b"\0\1" and block[10] <= 1, "unknown version or cipher")
    reserved = block[11:16] + block[40:64] + block[1088:4032]
    need(not any(reserved), "reserved bytes of the header are not zero")
    sealed, archive_id = block[10] == 1, block[24:40]
    if not sealed:
        need(not any(block[64:1088]) and not any(block[4032:4064]), "a plain archive with keys")
        return Archive(folder, sealed, archive_id, bytes(32), int.from_bytes(block[16:24]))
    root = _root_key(block, password, code)
    archive = Archive(folder, sealed, archive_id, root, int.from_bytes(block[16:24]))
    known = _hmac(archive.key(b"header"), block[:4032])
    need(hmac.compare_digest(known, block[4032:4064]), "somebody changed the header")
    return archive


def _root_key(block: bytes, password: str | None, code: bytes | None) -> bytes:
    slots = [block[at : at + 128] for at in range(64, 1088, 128)]
    spent = 0
    for slot in slots:
        need(slot[0] <= 2 and not any(slot[1:4] + slot[88:]), "an unknown key slot")
        t, m, p = struct.unpack(">III", slot[4:16])
        if slot[0] == 1:
            need(1 <= t <= 16 and 1 <= p <= 8 and 8 * p <= m <= 262144, "a slot out of bounds")
            spent += t * m
        else:
            need((t, m, p) == (0, 0, 0), "costs without a password")
    need(spent <= 655360, "the slots cost too much")
    for slot in slots:
        key = _slot_key(slot, password, code)
        extra = b"fapfav/1/slot" + block[24:40] + block[10:11] + slot[:40]
        if key and (root := _open_box(key, bytes(12), slot[40:88], extra)):
            return root
    raise Refused("no key slot opens")


def _slot_key(slot: bytes, password: str | None, code: bytes | None) -> bytes | None:
    if slot[0] == 1 and password is not None:
        t, m, p = struct.unpack(">III", slot[4:16])
        secret = unicodedata.normalize("NFC", password).encode()
        need(1 <= len(secret) <= 1024, "a password of no good length")
        argon2 = Argon2id(salt=slot[24:40], length=32, iterations=t, lanes=p, memory_cost=m)
        return argon2.derive(secret)
    if slot[0] == 2 and code is not None:
        return _hkdf(code, slot[24:40], b"fapfav/1/recovery")
    return None


def _log_head(raw: bytes) -> bytes:
    for at in (2 * BLOCK, 3 * BLOCK):
        head = raw[at : at + 64]
        if len(head) == 64 and zlib.crc32(head[:60]) == int.from_bytes(head[60:]):
            need(head[:8] == b"FAPFLOG1", "no log of this version")
            need(not any(head[48:60]), "reserved bytes of the log header are not zero")
            return head[:60]
    raise Refused("no whole log header")


# Frames


def padme(size: int) -> int:
    """The size that one is padded to."""
    exponent = size.bit_length() - 1
    unit = 1 << (exponent - exponent.bit_length())
    return -(-size // unit) * unit


@dataclass(frozen=True, slots=True)
class _Frame:
    kind: int
    sequence: int
    tag: bytes
    payload: Any
    end: int


class _Log:
    """Reads the frames of one log into an archive."""

    def __init__(self, archive: Archive, raw: bytes, head: bytes) -> None:
        self._archive, self._raw, self._head = archive, raw, head
        self._key = _hkdf(archive.key(b"database"), head[8:24], b"fapfav/1/log")

    def read(self) -> None:
        """Applies the snapshot and all transactions; raises Refused for damage."""
        frames = self._frames()
        counts: dict[str, int] = {}
        at = self._snapshot(frames, counts)
        waiting: list[_Frame] = []
        for frame in frames:
            need(frame.kind in (VECTORS, PART, COMMIT), f"kind {frame.kind} after the snapshot")
            waiting.append(frame)
            if frame.kind == COMMIT:
                for each in waiting:
                    self._apply(each)
                waiting.clear()
                at, self._archive.sequence = frame.end, frame.sequence
        self._check_tail(at)

    def _snapshot(self, frames: Iterator[_Frame], counts: dict[str, int]) -> int:
        for frame in frames:
            if frame.kind == END:
                need(set(frame.payload) == {"rows"}, "an unknown end of snapshot")
                need(frame.payload["rows"] == counts, "the snapshot lacks rows")
                self._archive.sequence = frame.sequence
                return frame.end
            need(frame.kind in (TABLE, VECTORS, UNDO), f"kind {frame.kind} in the snapshot")
            self._apply(frame)
            if frame.kind == TABLE:
                name, count = frame.payload["table"], frame.payload["count"]
                counts[name] = counts.get(name, 0) + count
        raise Refused("the snapshot has no end")

    def _frames(self) -> Iterator[_Frame]:
        """Frames as long as each is whole and follows the one before."""
        at = FRAMES_AT
        sequence, before = int.from_bytes(self._head[24:32]), self._head[32:48]
        while frame := self._frame(at):
            head = self._raw[at : at + FRAME_HEAD]
            need(head[16:40] == sequence.to_bytes(8) + before, f"frame {sequence} breaks the chain")
            yield frame
            at, sequence, before = frame.end, sequence + 1, frame.tag

    def _frame(self, at: int) -> _Frame | None:
        """The frame at an offset, None when no whole authentic one stands there."""
        head = self._raw[at : at + FRAME_HEAD]
        if not _is_head(head):
            return None
        size = int.from_bytes(head[8:12])
        end = at + FRAME_HEAD + size + TAG
        if size > 17825792 or end > len(self._raw):
            return None
        body, tag = self._raw[at + FRAME_HEAD : end - TAG], self._raw[end - TAG : end]
        plain = self._authentic(head, body, tag)
        if plain is None:
            return None
        need(not any(head[6:8] + head[12:16] + head[52:60]), "reserved bytes of a frame")
        need(head[5] <= 1 and (self._archive.sealed or not any(head[40:52])), "an unknown frame")
        payload = decode(_unpack(plain, head[5], self._archive.sealed))
        return _Frame(head[4], int.from_bytes(head[16:24]), tag, payload, end)

    def _authentic(self, head: bytes, body: bytes, tag: bytes) -> bytes | None:
        extra = self._archive.archive_id + self._head + head[:60]
        if self._archive.sealed:
            return _open_box(self._key, head[40:52], body + tag, extra)
        made = hashlib.blake2b(extra + body, digest_size=16, person=b"fapfav/1/frame").digest()
        return body if hmac.compare_digest(made, tag) else None

    def _check_tail(self, at: int) -> None:
        """What follows the last commit is a torn end, or else damage."""
        self._archive.torn = len(self._raw) - at
        commits = 0
        while (at := self._raw.find(FRAME_MAGIC, at)) >= 0:
            head = self._raw[at : at + FRAME_HEAD]
            if _is_head(head) and head[4] == COMMIT:
                commits += 1
                need(self._frame(at) is None, f"damage before the commit at {at}")
            at += 1
        need(commits <= 1, "damage before the last commit")

    def _apply(self, frame: _Frame) -> None:
        payload = frame.payload
        if frame.kind == VECTORS:
            add_vectors(self._archive.vectors, payload)
        elif frame.kind in (TABLE, UNDO):
            need(set(payload) == {"table", "count", "columns"}, "an unknown table frame")
            need((frame.kind == UNDO) == (payload["table"] == "undo"), "undo in the wrong frame")
            rows = table_rows(payload["table"], payload["count"], payload["columns"])
            self._archive.tables[payload["table"]].update(rows)
        else:
            need(set(payload) == {"ops"}, "an unknown transaction")
            for name, key, row in payload["ops"]:
                self._change(name, key, row)

    def _change(self, name: str, key: Any, row: Row | None) -> None:
        need(name in TABLES, f"table {name} is unknown")
        kinds, columns = TABLES[name]
        parts = change_key(kinds, key)
        if row is None:
            self._archive.tables[name].pop(parts, None)
        else:
            need(set(row) == set(columns), f"columns of {name} are not the known ones")
            self._archive.tables[name][parts] = row


def _is_head(head: bytes) -> bool:
    return (
        len(head) == FRAME_HEAD
        and head[:4] == FRAME_MAGIC
        and zlib.crc32(head[:60]) == int.from_bytes(head[60:])
    )


def _unpack(body: bytes, packing: int, sealed: bool) -> bytes:
    packed_size, size = struct.unpack(">II", body[:8])
    length = padme(max(512, 8 + packed_size)) if sealed else 8 + packed_size
    need(len(body) == length and not any(body[8 + packed_size :]), "a body of the wrong length")
    need(size <= 16 << 20, "a payload too long")
    packed = body[8 : 8 + packed_size]
    if packing == 0:
        need(size == packed_size, "two lengths for one payload")
        return packed
    need(size <= 32 * packed_size, "a payload packed too tight")
    need(zstandard.frame_content_size(packed) == size, "zstd tells another length")
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    plain = unpacker.decompress(packed)
    need(unpacker.eof and not unpacker.unused_data and len(plain) == size, "broken zstd")
    return plain


# Sealed files


def _unseal(raw: bytes, blob_key: bytes, kind: int, digest: bytes) -> bytes:
    need(len(raw) > 32 and raw[:8] == b"FAPB" + bytes([1, kind, 0, 0]), "no sealed file")
    key = _hkdf(blob_key, raw[8:32], b"fapfav/1/file" + raw[:8] + digest)
    segments = [raw[at : at + SEGMENT + TAG] for at in range(32, len(raw), SEGMENT + TAG)]
    stream = []
    for counter, segment in enumerate(segments):
        need(len(segment) > TAG, "an empty segment")
        nonce = counter.to_bytes(11) + bytes([counter == len(segments) - 1])
        plain = _open_box(key, nonce, segment, None)
        need(plain, f"segment {counter} is not authentic")
        stream.append(plain or b"")
    whole = b"".join(stream)
    size = int.from_bytes(whole[:8])
    need(len(whole) == padme(8 + size) and not any(whole[8 + size :]), "a wrong length")
    return whole[8 : 8 + size]
