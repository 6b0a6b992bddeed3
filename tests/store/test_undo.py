"""fapfav/store/undo.py: what was done is taken back, and what stands in the way is said."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedFile, UsageError
from fapfav.model import Album, Choice, Chosen, Config, Fresh, PlaceState, Tag, Tagged, User
from fapfav.store.archive import Archive
from fapfav.store.transaction import Transaction
from tests.store.archives import (
    add_files,
    add_pictures,
    blob,
    delete,
    digest,
    make,
    picture,
    place,
    reopened,
    tables,
)

LOG = ("changes", "undo", "configs")


def put(archive: Archive, name: str, value: object, verb: str = "tag") -> int:
    with archive.write(verb) as tx:
        tx.put(Config(name, value))
    return tx.number


def state(archive: Archive, number: int) -> str:
    return archive.changes[number].state


def test_the_last_change_is_undone_first(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, "a", 1)
    put(archive, "a", 2)

    report = archive.undo(by="viewer")

    assert (report.number, report.verb, report.rows, report.conflicts) == (2, "tag", 1, ())
    assert report.to_json()["undone"] == 2
    assert archive.config("a", 0) == 1
    assert archive.changes[3].by == "viewer"
    assert (archive.changes[3].undoes, archive.changes[3].what) == (2, "change 2 (tag)")
    archive.undo()
    assert archive.config("a", 0) == 0
    with pytest.raises(UsageError, match="nothing to undo"):
        archive.undo()


def test_hours_of_work_are_undone_by_number_only(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, "a", 1)
    put(archive, "b", 1, verb="read")
    assert archive.undo().number == 1
    assert archive.undo(2).verb == "read"
    assert "b" not in archive.configs


def test_what_cannot_be_undone_is_said(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, "a", 1)
    put(archive, "b", 1, verb="trash empty")
    archive.undo(1)
    for number, message in (
        (2, "cannot be undone"),
        (1, "is undone already"),
        (9, "there is no change 9"),
    ):
        before = tables(archive)
        with pytest.raises(UsageError, match=message):
            archive.undo(number)
        assert tables(archive) == before


def test_a_row_that_was_changed_since_is_a_conflict_and_nothing_is_undone(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(Config("a", 1), Config("b", 1))
    put(archive, "b", 2)
    before = tables(archive)

    report = archive.undo(1)

    assert report.conflicts == ("change 2 (tag) also changed 1 rows of configs",)
    assert report.to_json()["undone"] == 0
    assert tables(archive) == before
    archive.undo(2)
    assert archive.undo(1).conflicts == ()
    assert {"a", "b"}.isdisjoint(archive.configs)


def test_what_is_compared_by_now_is_no_conflict(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_files(archive, 1)
    with archive.write("read") as tx:
        tx.put(blob(1), Fresh(digest(1), 1))
    with archive.write("find") as tx:
        tx.delete("fresh", digest(1))
    assert archive.undo(1).conflicts == ()
    assert (list(archive.blobs), list(archive.fresh)) == ([], [])


def test_changes_that_interleave_conflict_by_what_came_later_and_not_by_number(
    tmp_path: Path,
) -> None:
    archive, other = make(tmp_path), reopened(tmp_path)
    with archive.change("read") as change:
        with change.transaction() as tx:
            tx.put(Config("x", 1))
        put(other, "a", "theirs")
        put(other, "b", "theirs")
        with change.transaction() as tx:
            tx.put(Config("a", "ours"))
    for _ in range(2):  # after a compaction as before it
        assert archive.undo(2).conflicts == ("change 1 (read) also changed 1 rows of configs",)
        archive.compact()
    assert archive.undo(3).conflicts == ()
    assert archive.config("a", 0) == "ours"
    assert archive.undo(1).conflicts == ()
    assert archive.config("a", 0) == "theirs"


def test_an_undo_is_undone_and_that_again(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, "a", 1)
    for number in range(1, 7):
        archive.undo(number)
        gone = number % 2 == 1
        assert archive.config("a", None) == (None if gone else 1)
        assert state(archive, number) == "undone"
        assert state(archive, number + 1) == "done"
        # Whoever is an even number of steps away stands as the last does.
        assert [state(archive, other) for other in range(1, number + 2)] == [
            "done" if (number + 1 - other) % 2 == 0 else "undone" for other in range(1, number + 2)
        ]


def test_redoing_over_what_another_undo_put_back_is_a_conflict(tmp_path: Path) -> None:
    archive = make(tmp_path)
    put(archive, "a", 1)
    put(archive, "a", 2)
    archive.undo(2)
    archive.undo(1)
    assert archive.undo(3).conflicts == ("change 4 (undo) also changed 1 rows of configs",)
    archive.undo(4)
    assert archive.config("a", 0) == 1
    archive.undo(3)
    assert archive.config("a", 0) == 2


def test_undoing_a_read_takes_its_pictures_to_the_trash_and_redoing_brings_them_back(
    tmp_path: Path,
) -> None:
    archive = make(tmp_path, sealed=True)
    number = add_pictures(archive, 1, 2, thumb=True)
    before = tables(archive, *LOG)
    files = {name: sorted((tmp_path / name).iterdir()) for name in ("blobs", "thumbs")}

    archive.undo(number)

    assert not archive.blobs
    assert not archive.places
    assert archive.trash.keys() == {digest(1), digest(2)}
    for name, paths in files.items():
        assert list((tmp_path / name).iterdir()) == []
        assert sorted(path.name for path in (tmp_path / "trash" / name).iterdir()) == [
            path.name for path in paths
        ]

    archive.compact()
    again = reopened(tmp_path, sealed=True)
    again.undo(number + 1)
    assert tables(again, *LOG) == before
    assert {name: sorted((tmp_path / name).iterdir()) for name in files} == files
    assert again.blob_bytes(digest(2)) == picture(2)
    assert again.thumbnail(digest(2)) == picture(1002)


def test_a_picture_without_its_file_does_not_come_back(tmp_path: Path) -> None:
    archive = make(tmp_path)
    number = add_pictures(archive, 1)
    archive.undo(number)
    for file in (tmp_path / "trash" / "blobs").iterdir():
        file.unlink()
    before = tables(archive)
    with pytest.raises(DamagedFile, match="has no file any more"):
        archive.undo(number + 1)
    assert tables(archive) == before


def test_what_others_came_to_need_stays(tmp_path: Path) -> None:
    archive = make(tmp_path)
    add_files(archive, 1, 2)
    with archive.write("read") as tx:
        tx.put(User("s", "u", "n"), Album("s", "u", "a", "n"), Album("s", "u", "b", "n"))
        tx.put(blob(1), place(1), blob(2), place(2, album="b"))
        tx.put(Fresh(digest(1), 1), Fresh(digest(2), 1))
    with archive.write("read") as tx:
        tx.put(replace(place(1), image="i9"))

    assert archive.undo(1).conflicts == ()

    assert list(archive.blobs) == list(archive.fresh) == [digest(1)]
    assert [key[2] for key in archive.albums] == ["a"]
    assert [key[3] for key in archive.places] == ["i9"]
    assert list(archive.users) == [("s", "u")]
    assert list(archive.trash) == [digest(2)]


def test_a_tag_that_is_in_use_by_now_keeps_its_change(tmp_path: Path) -> None:
    archive = make(tmp_path)
    with archive.write("tag") as tx:
        tx.put(Tag(1, "bird"))
    with archive.write("tag") as tx:
        tx.put(Tagged(digest(1), "user", (1,)), Tag(2, "crow", parent=1))
    assert archive.undo(1).conflicts == ("tag 1 is on 1 pictures and above 1 tags by now",)
    archive.undo(2)
    assert archive.undo(1).conflicts == ()
    assert not archive.tags


def test_an_undo_of_a_change_still_open_takes_back_what_it_wrote(tmp_path: Path) -> None:
    archive = make(tmp_path)
    change = archive.change("read")
    for value in (1, 2):
        with change.transaction() as tx:
            tx.put(Config("a", value), Config(f"b {value}", value))
    assert state(archive, 1) == "open"
    assert archive.undo(1).rows == 3
    assert archive.configs.keys() == {"next_change"}


Step = Callable[[Archive, Transaction, int], None]


def set_config(_: Archive, tx: Transaction, n: int) -> None:
    tx.put(Config(f"c{n % 3}", n))


def drop_config(_: Archive, tx: Transaction, n: int) -> None:
    tx.delete("configs", f"c{n % 3}")


def add(archive: Archive, tx: Transaction, n: int) -> None:
    if digest(n) not in tx.blobs:
        tx.delete("trash", digest(n))
        add_files(archive, n)
        tx.put(User("s", "u", "n"), Album("s", "u", "a", f"{n}"))
        tx.put(blob(n), place(n), Fresh(digest(n), n))


def trash(archive: Archive, tx: Transaction, n: int) -> None:
    if digest(n) in tx.blobs and digest(n) in archive.blobs:
        delete(tx, n)
        tx.put(replace(place(n), holds=None, state=PlaceState.REMOVED))


def choose(_: Archive, tx: Transaction, n: int) -> None:
    if digest(n) in tx.blobs:
        tx.put(Chosen(digest(n), [Choice.KEEP, Choice.SKIP][n % 2], n, tx.number))


def retag(_: Archive, tx: Transaction, n: int) -> None:
    number = tx.next_tag()
    tx.put(Tag(number, f"t{n}"))
    if digest(n) in tx.blobs:
        tx.put(Tagged(digest(n), "user", (number,)))


def untag(_: Archive, tx: Transaction, n: int) -> None:
    tx.delete("tagged", (digest(n), "user"))


STEPS: list[Step] = [set_config, drop_config, add, add, trash, choose, retag, untag]
CHANGES = st.lists(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 4)), min_size=1, max_size=4),
    min_size=1,
    max_size=7,
)


def shown(archive: Archive) -> dict[str, object]:
    """All but the log, the counters and when a picture came into the trash."""
    found = tables(archive, "changes", "trash")
    found["configs"] = {k: v for k, v in found["configs"].items() if not k.startswith("next_")}
    return found


def assert_files(archive: Archive) -> None:
    """Every picture lies where its row says, and nowhere else."""
    for name, rows in (("blobs", archive.blobs), ("trash/blobs", archive.trash)):
        files = sorted(path.name for path in (archive.path / name).iterdir())
        assert files == sorted(f"{key.hex()}.jpg" for key in rows)


@given(changes=CHANGES, seed=st.integers(0, 100))
@settings(deadline=None, max_examples=30)
def test_undoing_everything_leads_back_to_the_start_and_redoing_it_to_the_end(
    changes: list[list[tuple[Step, int]]], seed: int
) -> None:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        archive = make(Path(folder) / "archive")
        states, numbers = [shown(archive)], []
        for steps in changes:
            with archive.write("edit") as tx:
                for step, n in steps:
                    step(archive, tx, n)
            if tx.number in archive.changes:
                numbers.append(tx.number)
                states.append(shown(archive))

        undone = []
        for number, before in zip(numbers[::-1], states[-2::-1], strict=True):
            if rng.random() < 0.2:
                archive.compact()
                archive = reopened(archive.path)
            assert archive.undo(number).conflicts == ()
            assert shown(archive) == before
            assert_files(archive)
            undone.append(max(archive.changes))
        for number, after in zip(undone[::-1], states[1:], strict=True):
            assert archive.undo(number).conflicts == ()
            assert shown(archive) == after
            assert_files(archive)
        assert all(state(archive, number) == "done" for number in numbers)
        assert tables(reopened(archive.path)) == tables(archive)


def test_what_a_change_does_after_it_was_undone_is_a_change_of_its_own(tmp_path: Path) -> None:
    archive = make(tmp_path / "archive")
    with archive.change("read") as running:
        with running.transaction() as tx:
            tx.put(Config("first", 1))
        first = running.number
        other = reopened(tmp_path / "archive")
        assert not other.undo(first).conflicts
        with running.transaction() as tx:
            tx.put(Config("second", 2))
        assert running.number not in (0, first)

    archive.refresh()
    states = {number: change.state for number, change in archive.changes.items()}
    assert states[first] == "undone"
    assert states[running.number] == "done"
    assert (archive.config("first", None), archive.config("second", None)) == (None, 2)
    assert not archive.undo(running.number).conflicts
    assert archive.config("second", None) is None


def test_a_change_undone_while_it_ran_ends_as_undone(tmp_path: Path) -> None:
    archive = make(tmp_path / "archive")
    with archive.change("read") as running:
        with running.transaction() as tx:
            tx.put(Config("first", 1))
        number = running.number
        reopened(tmp_path / "archive").undo(number)

    archive.refresh()
    assert archive.changes[number].state == "undone"
