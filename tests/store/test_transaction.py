"""fapfav/store/transaction.py and change.py: all of it or nothing, and numbers used once."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, ArchiveInUse, DamagedArchive, UsageError
from fapfav.model import Album, Config, Tag, Tagged
from fapfav.store import disk
from tests.store.archives import (
    PATIENCE,
    add_pictures,
    blob,
    child,
    database,
    digest,
    make,
    place,
    reopened,
    tables,
)


def test_a_transaction_is_seen_by_itself_first_and_by_all_when_it_ends(tmp_path: Path) -> None:
    archive, other = make(tmp_path), reopened(tmp_path)
    with archive.write("tag") as tx:
        tx.put(Config("a", 1), blob(1), place(1))
        assert tx.configs["a"].value == 1
        assert list(tx.blobs) == [digest(1)]
        assert "a" not in archive.configs
        other.refresh()
        assert "a" not in other.configs
    other.refresh()
    assert other.configs["a"] == archive.configs["a"] == Config("a", 1)
    assert tables(other) == tables(archive) == tables(reopened(tmp_path))


def test_an_exception_writes_nothing(tmp_path: Path) -> None:
    archive = make(tmp_path)
    before, raw = tables(archive), database(tmp_path).read_bytes()

    def fail() -> None:
        with archive.write("tag") as tx:
            tx.put(Config("a", 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert tables(archive) == before
    assert database(tmp_path).read_bytes() == raw
    with archive.write("tag") as tx:
        assert tx.number == 1


def test_what_changes_nothing_is_not_written(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(Config("a", 1))
    raw = database(tmp_path).read_bytes()

    with archive.write("tag") as tx:
        tx.put(Config("a", 1))
        tx.delete("configs", "b")
        assert tx.is_empty
    with archive.change("tag"):
        pass

    assert database(tmp_path).read_bytes() == raw


def test_a_change_of_many_transactions_is_one_entry_of_the_log(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.change("read", by="viewer", what="x", page="/albums") as change:
        for number in range(3):
            with change.transaction() as tx:
                tx.put(Config("a", number))
            assert archive.changes[1].state == "open"
        change.what = "three"
    record = archive.changes[1]
    assert (record.verb, record.by, record.page, record.what) == (
        *("read", "viewer", "/albums"),
        "three",
    )
    assert (record.state, record.ended >= record.started > 0) == ("done", True)
    assert list(archive.values_before(1).values()) == [None]


def test_a_change_that_fails_stays_open_with_what_it_wrote(tmp_path: Path) -> None:
    archive = make(tmp_path)

    def fail() -> None:
        with archive.change("read") as change:
            with change.transaction() as tx:
                tx.put(Config("a", 1))
            with change.transaction() as tx:
                tx.put(Config("a", 2))
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert archive.changes[1].state == "open"
    assert archive.config("a", 0) == 1


def test_a_change_whose_first_write_failed_leaves_its_number_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, other = make(tmp_path), reopened(tmp_path)
    real = disk.write

    def full(fd: int, data: disk.Buffer, offset: int) -> int:
        if offset:
            raise OSError(errno.ENOSPC, "full")
        return real(fd, data, offset)

    with archive.change("read") as change:
        monkeypatch.setattr(disk, "write", full)
        with pytest.raises(ArchiveError, match="disk is full"), change.transaction() as tx:
            tx.put(Config("a", 1))
        monkeypatch.undo()
        with other.write("tag") as tx:
            tx.put(Config("b", 1))
        with change.transaction() as tx:
            tx.put(Config("a", 2))
    assert {number: record.verb for number, record in archive.changes.items()} == {
        1: "tag",
        2: "read",
    }
    assert archive.config("next_change", 0) == 3


def test_numbers_of_tags_are_never_given_twice(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        numbers = [tx.next_tag(), tx.next_tag()]
        tx.put(*(Tag(number, f"tag {number}") for number in numbers))
    archive.undo()
    with archive.write("tag") as tx:
        numbers.append(tx.next_tag())
        tx.put(Config("a", 1))
    assert numbers == [1, 2, 3]


def test_wrong_values_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    archive = make(tmp_path)
    raw = database(tmp_path).read_bytes()
    for record, error in (
        (Config("a", float("nan")), ValueError),
        (Config("a", {1: 2}), TypeError),
        (Config("a", object()), TypeError),
        (Album("s", "u", "a", "n", pages=-1), DamagedArchive),
        (Album("s", "u", "a\x1fb", "n"), UsageError),
    ):
        with pytest.raises(error), archive.write("tag") as tx:
            tx.put(Config("b", 1), record)
    assert database(tmp_path).read_bytes() == raw
    assert not archive.configs


def test_a_change_of_more_than_a_frame_holds_comes_back_whole(tmp_path: Path) -> None:
    archive = make(tmp_path)
    count, many = 60, tuple(range(1, 1400))
    add_pictures(archive, *range(count))
    with archive.write("tag") as tx:
        tx.put(*(Tag(n, f"t{n}") for n in many))
        tx.put(*(Tagged(digest(n), "user", many) for n in range(count)))
    before = tables(archive, "changes", "configs")
    with archive.write("tag") as tx:
        tx.put(*(Tagged(digest(n), "user", many[::-1], (7,)) for n in range(count)))
    after = tables(archive, "changes", "configs")

    assert archive.undo().rows == count
    assert tables(archive, "changes", "configs") == before
    assert tables(reopened(tmp_path)) == tables(archive)
    archive.undo(4)
    archive.compact()
    assert tables(reopened(tmp_path), "changes", "configs") == after


def test_a_long_value_is_written_and_taken_back(tmp_path: Path) -> None:
    archive = make(tmp_path)
    for value in (b"a" * 7_000_000, b"b" * 7_000_000):
        with archive.write("tag") as tx:
            tx.put(Config("one", value), Config("two", value))
    archive.undo()
    assert reopened(tmp_path).config("two", b"") == b"a" * 7_000_000


WRITER = """
archive = reopened(Path(sys.argv[1]))
from fapfav.model import Config
for number in range(int(sys.argv[3])):
    with archive.write("tag") as tx:
        count = tx.configs["count"].value if "count" in tx.configs else 0
        tx.put(Config("count", count + 1), Config(f"{sys.argv[2]} {number}", tx.number))
assert all(f"{sys.argv[2]} {number}" in archive.configs for number in range(int(sys.argv[3])))
"""


def test_two_processes_interleave_their_changes_and_lose_none(tmp_path: Path) -> None:
    archive = make(tmp_path)
    writers = [child(WRITER, tmp_path, name, 20) for name in ("one", "two")]
    with archive.write("tag") as tx:
        tx.put(Config("mine", 1))
    for writer in writers:
        _, errors = writer.communicate(timeout=PATIENCE)
        assert writer.returncode == 0, errors

    archive.refresh()
    assert archive.config("count", 0) == 40
    assert sorted(archive.changes) == list(range(1, 42))
    assert len({config.value for name, config in archive.configs.items() if " " in name}) == 40
    assert tables(archive) == tables(reopened(tmp_path))


def test_a_change_within_a_change_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with (
        pytest.raises(ArchiveError, match="this very thread"),
        archive.write("tag") as tx,
        archive.write("tag"),
    ):
        tx.put(Config("a", 1))
    with archive.write("tag") as tx:
        tx.put(Config("a", 2))
    assert archive.config("a", 0) == 2


def test_who_waits_too_long_learns_who_holds_the_lock(tmp_path: Path) -> None:
    archive = make(tmp_path)
    code = (
        "from fapfav.store.opening import open_archive\n"
        "archive = open_archive(Path(sys.argv[1]), lock_seconds=0.1)\n"
        "try:\n"
        "    with archive.write('tag'):\n"
        "        pass\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    with archive.write("read"):
        output, errors = child(code, tmp_path).communicate(timeout=PATIENCE)
    assert output.startswith(ArchiveInUse.__name__), errors
    assert "(read) since" in output
