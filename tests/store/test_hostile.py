"""Archives with hostile content: authentic frames that this program would not have written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import zstandard

from fapfav.errors import ArchiveError, DamagedArchive, NewerVersion
from fapfav.model import Config
from fapfav.store import frames, values
from fapfav.store.archive import Archive
from fapfav.store.frames import Kind
from fapfav.store.log import Chain
from tests.store.archives import database, make, reopened

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def put(archive: Archive, value: object) -> None:
    with archive.write("tag") as tx:
        tx.put(Config("value", value))


def pickled(inner: bytes) -> bytes:
    return b"\x80\x04}(\x8c\x03ops" + inner + b"u."


HOSTILE = {
    "memo": pickled(b"]r\0\0\0\x40"),
    "global": pickled(b"cos\nsystem\n"),
    "tuples": pickled(b"]" + b"\x85" * 1_000_000),
    "lists": pickled(b"]" * 60_000 + b"a" * 59_999),
    "deep": pickled(b"]" * 9 + b"a" * 8),
    "int keys": pickled(b"}(" + b"K\1N" * 20_000 + b"u"),
    "surrogate": pickled(b"X\3\0\0\0\xed\xb0\x80"),
    "nan": pickled(b"G\x7f\xf8\0\0\0\0\0\0"),
    "opcodes": pickled(b"](" + b"N" * 70_000 + b"e"),
    "length": pickled(b"B\xff\xff\xff\xff"),
    "twice": pickled(b"N\x8c\x03opsN"),
    "rest": pickled(b"]") + b"N.",
    "no op": pickled(b"](](" + b"NNNe" + b"e"),
    "no dictionary": b"\x80\x04N.",
    "empty": b"",
}


@BOTH
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_one_quick_error(tmp_path: Path, sealed: bool, name: str) -> None:
    archive = make(tmp_path, sealed)
    put(archive, 1)
    now = archive._database.now
    raw = Chain(now.codec, now.position).seal(Kind.COMMIT, HOSTILE[name])
    with database(tmp_path).open("ab") as file:
        file.write(raw)
    began = time.process_time()
    with pytest.raises((DamagedArchive, NewerVersion)):
        reopened(tmp_path, sealed)
    with pytest.raises((DamagedArchive, NewerVersion)):
        put(archive, 2)
    assert time.process_time() - began < 2
    assert archive.config("value", 0) == 1


@BOTH
@pytest.mark.parametrize(
    ("packed", "size"),
    [
        (zstandard.compress(bytes(300_000_000)), 300_000_000),
        (zstandard.compress(bytes(300_000_000)), 1000),
        (zstandard.compress(b"a" * 20) + zstandard.compress(b"b"), 20),
        (b"\x28\xb5\x2f\xfd\xe0" + (2**40).to_bytes(8, "little") + bytes(9), 2**32 - 1),
    ],
    ids=["bomb", "lie", "two", "huge"],
)
def test_a_frame_that_unpacks_to_more_than_it_says_is_refused(
    tmp_path: Path, sealed: bool, packed: bytes, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path, sealed)
    put(archive, 1)
    now = archive._database.now
    chain = Chain(now.codec, now.position)
    monkeypatch.setattr(frames, "_pack", lambda _payload, _kind: (1, packed))
    monkeypatch.setattr(frames, "MAX_PLAIN", 2**40)

    class Long(bytes):
        def __len__(self) -> int:
            return size

    raw = chain.seal(Kind.COMMIT, Long())
    after = chain.seal(Kind.COMMIT, Long())
    monkeypatch.undo()
    with database(tmp_path).open("ab") as file:
        file.write(raw + after)
    with pytest.raises(DamagedArchive):
        reopened(tmp_path, sealed)


@BOTH
@pytest.mark.parametrize(
    ("op", "error"),
    [
        (["tables", "a", None], NewerVersion),
        (["configs", "a", {"value": 1, "more": 2}], NewerVersion),
        (["configs", "a", {}], DamagedArchive),
        (["configs", b"a", None], DamagedArchive),
        (["configs", "a\x1fb", None], DamagedArchive),
        (["tags", -1, None], DamagedArchive),
        (["blobs", b"short", None], DamagedArchive),
        (["users", "only", None], DamagedArchive),
        ([7, "a", None], NewerVersion),
        ("configs", DamagedArchive),
    ],
)
def test_a_row_that_this_program_would_not_write_is_refused(
    tmp_path: Path, sealed: bool, op: object, error: type[ArchiveError]
) -> None:
    archive = make(tmp_path, sealed)
    now = archive._database.now
    raw = Chain(now.codec, now.position).seal(Kind.COMMIT, values.encode({"ops": [op]}))
    with database(tmp_path).open("ab") as file:
        file.write(raw)
    with pytest.raises(error):
        reopened(tmp_path, sealed)
