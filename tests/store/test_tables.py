"""fapfav/store/tables.py and columns.py: every record survives the disk, nothing wrong comes in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav import model
from fapfav.errors import ArchiveError, DamagedArchive, NewerVersion, UsageError
from fapfav.store import values
from fapfav.store.tables import BY_RECORD, TABLES, Table, table_of

DIGEST = model.Digest(b"d" * 32)
OTHER = model.Digest(b"e" * 32)

RECORDS: tuple[Any, ...] = (
    model.Config("limits", {"percept": 4, "cnn": {"lite0": 0.9}}),
    model.User("local", "1", "LOCAL DISK", 1, 2, 3, -4, True),
    model.Album("local", "1", "ab", "Ümläut", "directory", 3, "cursor", 8, 9, -1, False),
    model.Place(
        *("local", "1", "ab", "cd"),
        position=7,
        name="a\u0301.jpg",
        state=model.PlaceState.STORED,
        holds=DIGEST,
        served=OTHER,
        served_size=2**40,
        verdict=model.Verdict.KEEP,
        added=5,
        posted=-6,
        stamp="1:2",
        raw=b"\xff",
    ),
    model.Place(
        *("local", "1", "ab", "ce"),
        position=8,
        name="b.jpg",
        state=model.PlaceState.FAILED,
        failure=model.Failure(1, 2, "why", None),
    ),
    model.Check(
        *("local", "1", "ab", "cd"),
        checked=9,
        history=(model.Sighting(5, 1, "https://pictures.example/1"), model.Sighting(7, 0, "")),
    ),
    model.Blob(DIGEST, 1, "jpg", 2, 3, True, 4, 5, 6, 90, b"m" * 16, 7, "webp", 8, 9),
    model.Space("hashes/scaled", "bits", 256, "u8", "", "scaled", "13", 1),
    model.Print("hashes/scaled", DIGEST, b"p" * 32),
    model.Pair(DIGEST, OTHER, {"percept": 3, "cnn": 0.97}, None),
    model.Fresh(DIGEST, 3),
    model.Decision(DIGEST, OTHER, model.Label.DIFFERENT, 1, 2),
    model.Chosen(DIGEST, model.Choice.SKIP, 1, 2),
    model.Tag(3, "Trees", 1, "user", ("wood",), (1, 2)),
    model.Tagged(DIGEST, "user", (1, 2), (3,), (0.5,), 4),
    model.ChangeRecord(4, "read", "cli", "", "what", 1, 2, "done", 0),
    model.Undo(4, 1, b"ops"),
    model.Trashed(DIGEST, 1, 2, 3, "png", 4, "jpg"),
    model.Removed(DIGEST, 1, 2, "user", (("local", "x"),), b"h" * 32, OTHER),
    model.Job(7, "read", {"user": "alice"}, "done", 1, 2, {"saved": 3}, 4),
)  # fmt: skip


def test_there_is_a_record_of_every_table() -> None:
    assert {type(record) for record in RECORDS} == set(BY_RECORD)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_a_change(record: Any) -> None:
    table = BY_RECORD[type(record)]
    key, row = table.row_of(record)
    disk = values.decode(values.encode([table.key_to_disk(key), table.row_to_disk(row)]))

    back = table.record_of(table.key_from_disk(disk[0]), table.row_from_disk(disk[1]))

    assert back == record
    assert type(key) in (str, bytes)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_survives_a_snapshot(record: Any) -> None:
    table = BY_RECORD[type(record)]
    chunk = values.decode(values.encode(table.pack_rows([table.row_of(record)])))

    rows = table.unpack_rows(chunk["count"], chunk["columns"])

    assert [table.record_of(key, row) for key, row in rows.items()] == [record]


@given(st.lists(st.tuples(st.text("ab/ü"), st.integers(0, 2**32 - 1)), max_size=20))
@settings(deadline=None)
def test_a_run_of_places_survives_a_snapshot(named: list[tuple[str, int]]) -> None:
    table = TABLES["places"]
    rows = {
        table.pack_key(("local", "1", "a", str(number))): table.row_of(
            model.Place("local", "1", "a", "x", position, name, model.PlaceState.WANTED)
        )[1]
        for number, (name, position) in enumerate(named)
    }
    if rows:
        chunk = values.decode(values.encode(table.pack_rows(rows.items())))
        assert table.unpack_rows(chunk["count"], chunk["columns"]) == rows


def chunk_of(table: Table, record: Any) -> dict[str, Any]:
    chunk: dict[str, Any] = values.decode(values.encode(table.pack_rows([table.row_of(record)])))
    return chunk


WRONG = ["x", 1, -1, 2**70, None, b"", b"x", [], [b"", b""], [b"\0\0\0\0"], {}, True, [[]]]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_wrong_value_in_any_column_is_an_archive_error_or_is_taken(record: Any) -> None:
    table = BY_RECORD[type(record)]
    _, row = table.row_of(record)
    refused = 0
    for name in ("key", *(column.name for column in table.columns)):
        for wrong in WRONG:
            chunk = chunk_of(table, record)
            chunk["columns"][name] = wrong
            try:
                table.unpack_rows(1, chunk["columns"])
            except ArchiveError:
                refused += 1
            if name == "key":
                continue
            try:
                table.row_from_disk({**table.row_to_disk(row), name: wrong})
            except ArchiveError:
                refused += 1
    assert refused >= len(WRONG)


def test_an_extension_that_is_none_of_ours_never_becomes_a_path() -> None:
    table = TABLES["blobs"]
    _, row = table.row_of(next(r for r in RECORDS if isinstance(r, model.Blob)))
    with pytest.raises(DamagedArchive):
        table.row_from_disk({**table.row_to_disk(row), "ext": "../../evil"})


def test_a_field_of_a_later_program_is_refused_as_such() -> None:
    table = TABLES["users"]
    _, row = table.row_of(RECORDS[1])
    with pytest.raises(NewerVersion, match="newer"):
        table.row_from_disk({**table.row_to_disk(row), "mood": 1})
    chunk = chunk_of(table, RECORDS[1])
    with pytest.raises(NewerVersion):
        table.unpack_rows(1, {**chunk["columns"], "mood": b""})


def test_a_table_of_a_later_program_is_refused_as_such() -> None:
    with pytest.raises(NewerVersion):
        table_of("moods")


def test_an_id_with_the_separator_is_refused() -> None:
    with pytest.raises(UsageError):
        TABLES["users"].pack_key(("local", "a\x1fb"))


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("key", ["x", 1, -1, 2**63, None, b"x", [], [1], ["a", b"b", 3], 1.5])
def test_a_wrong_key_is_an_archive_error(name: str, key: Any) -> None:
    table = TABLES[name]
    try:
        packed = table.key_from_disk(key)
    except DamagedArchive:
        return
    assert len(table.unpack_key(packed)) == len(table.parts)
