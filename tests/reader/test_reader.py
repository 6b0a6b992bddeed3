"""The format is what its document says: archives of ours, read by a reader made from that alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav import model
from fapfav.store.archive import Archive
from fapfav.store.tables import TABLES
from tests.reader import reader
from tests.reader.plain import Refused, decode
from tests.store.archives import (
    PASSWORD,
    add_files,
    add_pictures,
    add_vectors,
    blob,
    database,
    delete,
    digest,
    make,
    picture,
    place,
)

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
ONE = digest(1)

JUDGED = model.Judged(model.Label.RELATED, 0.0, "", {"a": [1]}, -1)
"""A judgement of another shape than those of today."""


def everything() -> list[Any]:
    """A record of every table that a caller writes."""
    failed = model.Failure(9, 2, "gone", "https://pictures.example/7")
    return [
        model.Config("limits", {"percept": 3, "cnn": [0.5, None, True]}),
        model.User("s", "u", "Ünsal", 1, 2, 3, -4, True),
        model.Album("s", "u", "a", "name", "pictures", 3, "c", 7, 8, 1, False),
        model.Check("s", "u", "a", "i", 9, (model.Sighting(5, 2, "x:y"), model.Sighting(9, 0, ""))),
        place(1),
        model.Place(
            *("s", "u", "a", "i7", 2**32 - 1, "", model.PlaceState.FAILED, None, digest(3)),
            *(2**63, model.Verdict.SKIP, 2**64 - 1, -(2**63), "stamp", b"\xff\0", failed),
        ),
        model.Space("hashes", "bits", 32, "u8", "", "p1", "12", 2),
        model.Print("hashes", ONE, bytes(range(32))),
        model.Pair(*model.pair_of(ONE, digest(2)), {"percept": 3, "cnn": 0.25}, JUDGED),
        model.Fresh(ONE, 7),
        model.Decision(*model.pair_of(ONE, digest(3)), model.Label.RELATED, 5, 6),
        model.Chosen(ONE, model.Choice.KEEP, 5, 6),
        model.Tag(300, "bird", 2, "user", ("birds", "Vögel"), (70000, 2**40)),
        model.Tagged(ONE, "user", (1, 300), (2,), (0.5, 1.0), 9),
        model.Removed(digest(9), 1, 2, "user", (("s", "i9"),), bytes(32), ONE),
        model.Job(2**40, "read", {"user": "Ünsal"}, "done", 8, 9, {"saved": 3}, 12),
        model.Job(2**41, "find", {}, "running", 8),
    ]


def as_reader_sees(archive: Archive, name: str) -> dict[Any, Any]:
    """A table of ours in the reader's terms."""
    table = TABLES[name]
    return {
        table.unpack_key(key): table.row_to_disk(row) for key, row in archive.rows_of(name).items()
    }


def assert_same(archive: Archive, found: reader.Archive) -> None:
    """The reader has the same rows, vectors and undo rows, and stands at the same frame."""
    for name in TABLES:
        if name != "undo":
            assert found.tables[name] == as_reader_sees(archive, name), name
    spaces = {space.name for space in archive.spaces.records() if space.kind == "vector"}
    assert {space for space, rows in found.vectors.items() if rows} == spaces
    for space in spaces:
        ours = archive.vectors(space)
        assert found.vectors[space] == {
            key: (float(scale), row.tobytes())
            for key, scale, row in zip(ours.digests, ours.scales, ours.rows, strict=True)
        }
    for number in archive.changes:
        # The first value a row had is what it comes back to, so the parts are read last to first.
        parts = sorted((key for key in found.tables["undo"] if key[0] == number), reverse=True)
        before = [decode(found.tables["undo"][key]["ops"]) for key in parts]
        expected = archive.values_before(number)
        assert {
            (name, TABLES[name].key_from_disk(key)): row for ops in before for name, key, row in ops
        } == {
            (name, key): None if row is None else TABLES[name].row_to_disk(row)
            for (name, key), row in expected.items()
        }
    assert (found.sequence, found.torn) == (archive.last[0], 0)


def filled(path: Path, sealed: bool) -> Archive:
    """An archive with rows in every table, vectors, an undo, a picture in the trash."""
    archive = make(path, sealed)
    add_pictures(archive, 1, 2, 3, 4, thumb=True)
    with archive.write("tag") as tx:
        tx.put(*everything())
        add_vectors(tx, {1: (1, -2, 3, -128), 2: (5, 6, 7, 127), 5: (9, 9, 9, 9)})
    with archive.write("trash") as tx:
        delete(tx, 3, 4)
        add_vectors(tx, {2: (0, 0, 0, 1)})
    return archive


@BOTH
def test_the_reader_sees_what_was_written(tmp_path: Path, sealed: bool) -> None:
    archive = filled(tmp_path, sealed)

    found = reader.read(tmp_path, PASSWORD if sealed else None)

    assert_same(archive, found)
    assert found.vectors["cnn"].keys() == {ONE, digest(2)}
    assert all(found.tables.values())


@BOTH
def test_the_reader_finds_files_in_their_place_and_in_the_trash(
    tmp_path: Path, sealed: bool
) -> None:
    archive = filled(tmp_path, sealed)
    large = 2 * 1024 * 1024 + 17
    add_files(archive, 8, size=large)
    with archive.write("read") as tx:
        tx.put(blob(8, large))

    found = reader.read(tmp_path, PASSWORD if sealed else None)

    assert found.file(ONE) == picture(1)
    assert found.file(digest(3)) == picture(3)
    assert found.file(digest(3), reader.THUMB) == picture(1003)
    assert found.file(digest(8, large)) == picture(8, large)
    for file in (tmp_path / "blobs").iterdir():  # as if killed before the renames
        file.rename(tmp_path / "trash" / "blobs" / file.name)
    assert found.file(ONE) == picture(1)
    with pytest.raises(Refused):
        found.file(digest(99))


@BOTH
def test_the_reader_follows_undo_and_compaction(tmp_path: Path, sealed: bool) -> None:
    archive = filled(tmp_path, sealed)
    archive.undo()
    archive.compact()
    assert_same(archive, reader.read(tmp_path, PASSWORD if sealed else None))

    archive.undo()
    with archive.write("tag") as tx:
        tx.put(model.Config("after", 1))
    archive.compact()
    add_pictures(archive, 6)
    assert_same(archive, reader.read(tmp_path, PASSWORD if sealed else None))


@BOTH
def test_the_reader_follows_a_change_of_thousands_of_rows(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    with archive.write("tag") as tx:
        tx.put(*(model.Config(f"name {n}", n) for n in range(9000)))
        tx.put(*(model.Fresh(digest(n), n) for n in range(5000)))
    assert_same(archive, reader.read(tmp_path, PASSWORD if sealed else None))

    archive.compact()
    assert_same(archive, reader.read(tmp_path, PASSWORD if sealed else None))


def flipped(path: Path, at: int) -> bytes:
    """The file's bytes; on disk one bit of them is another now."""
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :])
    return raw


@BOTH
def test_the_reader_notices_every_flipped_byte_before_the_last_commit(
    tmp_path: Path, sealed: bool
) -> None:
    archive = make(tmp_path, sealed)
    for number in range(3):
        with archive.write("tag") as tx:
            tx.put(model.Config("number", number))
        if number < 2:
            before_last = archive.database_size
    path = database(tmp_path)
    password = PASSWORD if sealed else None
    for at in range(16384, archive.database_size, 5):
        raw = flipped(path, at)
        if at < before_last:
            with pytest.raises(Refused):
                reader.read(tmp_path, password)
        else:  # as a writer killed in the middle would have left it
            assert reader.read(tmp_path, password).torn == archive.database_size - before_last
        path.write_bytes(raw)


@BOTH
@pytest.mark.parametrize("at", [0, 9, 10, 20, 30, 70, 100, 150, 2000, 4040, 4070])
def test_one_damaged_header_is_read_from_its_copy_and_two_are_refused(
    tmp_path: Path, sealed: bool, at: int
) -> None:
    archive = make(tmp_path, sealed)
    path, password = database(tmp_path), PASSWORD if sealed else None

    flipped(path, at)
    flipped(path, 8192 + 10)
    assert_same(archive, reader.read(tmp_path, password))

    flipped(path, 4096 + at)
    with pytest.raises(Refused):
        reader.read(tmp_path, password)


@BOTH
def test_the_reader_notices_flipped_bytes_of_a_picture(tmp_path: Path, sealed: bool) -> None:
    make_picture = make(tmp_path, sealed)
    add_pictures(make_picture, 1)
    found = reader.read(tmp_path, PASSWORD if sealed else None)
    (path,) = (tmp_path / "blobs").iterdir()
    for at in range(0, path.stat().st_size, 7):
        raw = flipped(path, at)
        with pytest.raises(Refused):
            found.file(ONE)
        path.write_bytes(raw)
    assert found.file(ONE) == picture(1)


def test_the_reader_opens_with_the_password_only(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)

    for password in (None, "another", PASSWORD + " "):
        with pytest.raises(Refused, match="no key slot opens"):
            reader.read(tmp_path, password)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x80\x04cos\nsystem\n.",
        b"\x80\x04]r\0\0\0\x08.",
        b"\x80\x04N.N.",
        b"\x80\x05N.",
        b"\x80\x04N",
        b"\x80\x04NN.",
        b"\x80\x04" + b"]" * 9 + b"a" * 8 + b".",
        b"\x80\x04}\x8c\x01aN\x8c\x01aN" + b"s.",
        b"\x80\x04}(\x8c\x01aN\x8c\x01aNu.",
        b"\x80\x04}NNs.",
        b"\x80\x04X\x03\0\0\0\xed\xb0\x80.",
        b"\x80\x04G\x7f\xf8\0\0\0\0\0\0.",
        b"\x80\x04" + b"N" * 65536 + b".",
        b"\x80\x04B\xff\xff\xff\x7f.",
    ],
)
def test_the_reader_makes_nothing_of_what_is_no_plain_value(raw: bytes) -> None:
    with pytest.raises(Refused):
        decode(raw)
