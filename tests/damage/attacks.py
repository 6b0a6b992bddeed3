"""Databases that somebody made to harm whoever opens them, each from a whole archive."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import zstandard

from fapfav.store import frames, values
from fapfav.store.archive import Archive
from fapfav.store.compact import empty_snapshot, fresh_log, new_file
from fapfav.store.frames import Codec, Kind
from fapfav.store.log import Chain
from fapfav.store.tables import TABLES
from tests.store.archives import SPACE, blob, database, digest, reopened
from tests.store.test_hostile import HOSTILE

Attack = Callable[[Path, bool], None]


def appended(path: Path, sealed: bool, *payloads: tuple[Kind, bytes]) -> None:
    """Adds authentic frames behind the last change."""
    chain = chain_of(reopened(path, sealed))
    with database(path).open("ab") as file:
        for kind, payload in payloads:
            file.write(chain.seal(kind, payload))


def chain_of(archive: Archive) -> Chain:
    now = archive._database.now
    return Chain(now.codec, now.position)


def op(*row: object) -> bytes:
    return values.encode({"ops": [list(row)]})


def in_snapshot(path: Path, sealed: bool, kind: Kind, payload: bytes) -> None:
    """A database whose snapshot begins with this frame."""
    now = reopened(path, sealed)._database
    head, log = database(path).read_bytes()[:4096], fresh_log()
    keys = None if now._keys is None else now._keys.log_keys(log.log_id)
    codec = Codec(now._header.archive_id, log, keys)
    plain = b"".join(new_file(head, codec, iter([(kind, payload), *empty_snapshot()])))
    database(path).write_bytes(plain)


def of_kind(kind: Kind, name: str) -> Attack:
    def attack(path: Path, sealed: bool) -> None:
        if kind is Kind.COMMIT:
            appended(path, sealed, (kind, HOSTILE[name]))
        elif kind is Kind.VECTORS:
            appended(path, sealed, (kind, HOSTILE[name]), (Kind.COMMIT, values.encode({"ops": []})))
        else:
            in_snapshot(path, sealed, kind, HOSTILE[name])

    return attack


def row(*parts: object) -> Attack:
    return lambda path, sealed: appended(path, sealed, (Kind.COMMIT, op(*parts)))


def undo_value(inner: bytes) -> Attack:
    """A change whose values before are no such values: they are read when it is taken back."""

    def attack(path: Path, sealed: bool) -> None:
        appended(path, sealed, (Kind.COMMIT, op("undo", [1, 7], {"ops": inner})))

    return attack


def costs(*slots: tuple[int, int, int]) -> Attack:
    """Key slots that state what trying them costs; the header's check is made right."""

    def attack(path: Path, sealed: bool) -> None:
        raw = bytearray(database(path).read_bytes())
        for block in (0, 4096):
            raw[block + 10] = 1
            for number, cost in enumerate(slots):
                at = block + 64 + 128 * number
                raw[at : at + 128] = struct.pack(">B3xIII", 1, *cost).ljust(88, b"k") + bytes(40)
            raw[block + 4032 : block + 4064] = bytes(32)
            raw[block + 4064 : block + 4096] = hashlib.sha256(raw[block : block + 4064]).digest()
        database(path).write_bytes(raw)

    return attack


def hole(path: Path, sealed: bool) -> None:
    """A database that claims a terabyte behind its last change."""
    with database(path).open("r+b") as file:
        file.truncate(2**40)


def hole_between(path: Path, sealed: bool) -> None:
    """The same, with a change behind it."""
    chain = chain_of(reopened(path, sealed))
    raw = chain.seal(Kind.COMMIT, values.encode({"ops": []}))
    with database(path).open("r+b") as file:
        file.seek(2**40)
        file.write(raw)


def bomb(path: Path, sealed: bool) -> None:
    """Three hundred megabytes of zeros in a frame of nine kilobytes."""
    packed = zstandard.compress(bytes(300_000_000))
    chain = chain_of(reopened(path, sealed))
    pack, frames._pack = frames._pack, lambda payload, kind: (1, packed)
    try:
        raw = chain.seal(Kind.COMMIT, b"x" * 1000)
    finally:
        frames._pack = pack
    with database(path).open("ab") as file:
        file.write(raw + chain.seal(Kind.COMMIT, values.encode({"ops": []})))


def _header_of_text(path: Path, sealed: bool) -> None:
    database(path).write_bytes(b"FAPFAVDB" + b"[" * 100_000)


def _wide_space(path: Path, sealed: bool) -> None:
    """Embeddings of a space that is said to be four billion wide, of a picture that is there."""
    space = TABLES["spaces"].row_to_disk(TABLES["spaces"].row_of(SPACE)[1])
    ops = [["spaces", "cnn", space | {"width": 2**32 - 1}]]
    vectors = {"space": "cnn", "width": 2, "digests": digest(1) * 2000}
    vectors |= {"scales": bytes(4 * 2000), "rows": bytes(2 * 2000)}
    appended(
        path,
        sealed,
        (Kind.VECTORS, values.encode(vectors)),
        (Kind.COMMIT, values.encode({"ops": ops})),
    )


def _count(count: int, **columns: object) -> Attack:
    payload = values.encode({"table": "fresh", "count": count, "columns": columns})
    return lambda path, sealed: in_snapshot(path, sealed, Kind.TABLE, payload)


_EXABYTES = TABLES["blobs"].row_to_disk(TABLES["blobs"].row_of(replace(blob(1), size=2**63))[1])
DEEP = b"\x80\x04" + b"]" * 60_000 + b"a" * 59_999 + b"."

REFUSED: dict[str, Attack] = {
    **{f"a change: {name}": of_kind(Kind.COMMIT, name) for name in HOSTILE},
    **{
        f"{kind.name.lower()}: {name}": of_kind(kind, name)
        for kind in (Kind.TABLE, Kind.END)
        for name in ("memo", "tuples", "lists", "int keys", "opcodes", "length")
    },
    "zstd bomb": bomb,
    "header of text": _header_of_text,
    "costs of terabytes": costs((2**32 - 1, 2**32 - 1, 2**32 - 1)),
    "memory of a terabyte": costs((1, 2**30, 1)),
    "eight costs that are each allowed": costs(*[(16, 262_144, 8)] * 8),
    "a hole and a change": hole_between,
    "count of billions": _count(2**32, key=b"", at=b""),
    "more keys than counted": _count(1, key=bytes(64), at=bytes(8)),
    "lengths past the end": _count(4096, key=bytes(32 * 4096), at=[b"\xff" * 16384, b""]),
    "a table of nobody": row("tables", "a", None),
    "a key of another kind": row("blobs", "a", None),
}
"""What every command refuses that opens the archive."""

SHOWN: dict[str, Attack] = {
    "a hole": hole,
    "vectors: memo": of_kind(Kind.VECTORS, "memo"),
    "vectors: tuples": of_kind(Kind.VECTORS, "tuples"),
    "undo: lists": of_kind(Kind.UNDO, "lists"),
    "undo: opcodes": of_kind(Kind.UNDO, "opcodes"),
    "deep values before": undo_value(DEEP),
    "values before that are none": undo_value(b"\x80\x04N."),
    "a space of billions": _wide_space,
    "a picture of exabytes": row("blobs", digest(1), _EXABYTES),
}
"""What opening does not read, or has to take: each command answers in order all the same."""
