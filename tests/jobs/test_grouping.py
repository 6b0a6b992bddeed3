"""The sets that are kept up to date are those that would be computed anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fapfav import model
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.library import Archive
from fapfav.model import Choice, Digest, Label, PairKey, pair_of
from fapfav.store.transaction import Transaction
from tests.support import new_archive

SPACE = "hashes/scaled/1"
SPACES = (SPACE, "hashes/scaled/2", "hashes/exact/1")
NUMBERS = st.integers(0, 9)


def digest(number: int) -> Digest:
    return Digest(bytes([number]) * 32)


def blob(number: int, *, other: bool = False) -> model.Blob:
    moving = (number % 4 == 3) is not other
    facts = (1000, "gif" if moving else "jpg", 10, 10, moving, 2, 100, 1, 90)
    return model.Blob(digest(number), *facts, b"m" * 16, 10, "jpg", 1, 1)


def hashes(number: int, other: int | None = None) -> bytes:
    """Every third picture has the same hashes; with `other` these are equal by some methods."""
    rest = number if other is None else other
    return bytes([number % 3]) * 16 + bytes([rest % 3]) * 8 + bytes([rest % 2 + number % 3]) * 8


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        with made.write("read") as tx:
            tx.put(model.Config("preparation", "scaled"))
            for number in range(8):
                tx.put(blob(number), model.Print(SPACE, digest(number), hashes(number)))
        yield made


OF_PAIRS: dict[str, Callable[[Transaction, PairKey, Label], None]] = {
    "decide": lambda tx, pair, word: tx.put(model.Decision(*pair, word, tx.now, tx.number)),
    "take_back": lambda tx, pair, _: tx.delete("decisions", pair),
    "find": lambda tx, pair, _: tx.put(model.Pair(*pair, {"percept": 1.0})),
    "look": lambda tx, pair, word: tx.put(
        model.Pair(*pair, {"percept": 1.0}, model.Judged(word, 0.5, "", {}, 1))
    ),
    "lose": lambda tx, pair, _: tx.delete("pairs", pair),
}


def act(tx: Transaction, kind: str, one: int, two: int, word: Any) -> None:
    """One change of one row, of the kinds that happen."""
    first, second = pair_of(digest(one), digest(two)) if one != two else (None, None)
    if kind in OF_PAIRS:
        if first and second:
            OF_PAIRS[kind](tx, PairKey(first, second), word)
    elif kind == "choose":
        tx.put(model.Chosen(digest(one), Choice.KEEP if two % 2 else Choice.SKIP, 1, 1))
    elif kind == "unchoose":
        tx.delete("choices", digest(one))
    elif kind == "remove":
        tx.delete("blobs", digest(one))
    elif kind == "return":
        tx.put(blob(one))
    elif kind == "read":
        tx.put(blob(one), model.Print(SPACE, digest(one), hashes(two)))
        tx.put(model.Fresh(digest(one), tx.now))
    elif kind == "compare":
        tx.delete("fresh", digest(one))
    else:
        set_up(tx, kind, one, two)


def set_up(tx: Transaction, kind: str, one: int, two: int) -> None:
    """What changes what counts as alike, or what a picture is."""
    space = SPACES[two % len(SPACES)]
    if kind == "limit":
        tx.put(model.Config("limits_regular", {"percept": 3 + two % 2, "average": -1}))
    elif kind == "still":
        tx.put(model.Config("limits_animated", {"percept": 3, "diff": -1 if two % 2 else 1}))
    elif kind == "keep":
        tx.put(model.Config("searched", {"look": two % 2}))
    elif kind == "agree":
        tx.put(model.Config("agree", 1 + two % 2))
    elif kind == "prepare":
        tx.put(model.Config("preparation", "scaled" if two % 3 else "exact"))
    elif kind == "print":
        tx.put(model.Print(space, digest(one), hashes(two, one)))
    elif kind == "unprint":
        tx.delete("prints", (space, digest(one)))
    elif kind == "doubt":
        tx.put(model.Fresh(digest(one), tx.now))
    elif kind == "turn":
        tx.put(blob(one, other=two % 2 == 0))


KINDS = ["decide", "decide", "choose", "unchoose", "take_back", "find", "remove", "read", "compare"]
KINDS += ["limit", "lose", "find", "return", "print", "print", "unprint", "doubt", "turn"]
KINDS += ["still", "agree", "prepare", "look", "look", "look", "keep"]
ACTS = st.tuples(st.sampled_from(KINDS), NUMBERS, NUMBERS, st.sampled_from(list(Label)))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.lists(ACTS, min_size=1, max_size=3), max_size=12))
def test_sets_are_those_computed_anew(archive: Archive, steps: list[list[Any]]) -> None:
    for step in steps:
        with archive.write("test") as tx:
            for each in step:
                act(tx, *each)
        kept = archive.groups
        anew = Grouping(archive).now()

        assert kept == anew
        assert {one: each for each in anew for one in each.members} == {
            digest(number): archive.group_of(digest(number))
            for number in range(10)
            if any(digest(number) in each.members for each in anew)
        }


def test_a_picture_that_was_not_compared_yet_leaves_the_sets_as_they_are(archive: Archive) -> None:
    before = archive.groups
    with archive.write("read") as tx:
        act(tx, "read", 9, 0, None)

    after = archive.groups

    assert all(one is two for one, two in zip(after, before, strict=True))
    assert archive.animations().__contains__(digest(3))
    assert len(archive.animations()) == 2


@pytest.mark.parametrize("step", ["remove", "return", "doubt", "compare"])
def test_a_picture_that_comes_or_goes_leaves_other_sets_untouched(
    archive: Archive, step: str
) -> None:
    if step in ("return", "compare"):
        with archive.write("before") as tx:
            act(tx, {"return": "remove", "compare": "doubt"}[step], 0, 0, None)
    before = {group.members[-1]: group for group in archive.groups}
    with archive.write("test") as tx:
        act(tx, step, 0, 1, None)

    after = {group.members[-1]: group for group in archive.groups}

    assert after[digest(6)] != before[digest(6)]
    assert after[digest(7)] is before[digest(7)]
    assert archive.groups == Grouping(archive).now()


def test_sets_begin_again_after_a_failure_half_way(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert archive.groups
    with archive.write("test") as tx:
        act(tx, "remove", 0, 0, None)
    with monkeypatch.context() as broken:
        broken.setattr(Archive, "pairs", None)
        with pytest.raises(AttributeError):
            archive.groups  # noqa: B018 - asking for them is what fails

    assert archive.groups == Grouping(archive).now()


def test_a_verdict_leaves_other_sets_untouched(archive: Archive) -> None:
    before = {group.members[0]: group for group in archive.groups}
    with archive.write("verdict") as tx:
        act(tx, "choose", 0, 1, None)

    after = {group.members[0]: group for group in archive.groups}

    assert after[digest(0)] is not before[digest(0)]
    assert after[digest(1)] is before[digest(1)]


def test_a_change_by_another_process_is_seen(archive: Archive) -> None:
    from fapfav.jobs.library import open_archive

    assert archive.groups
    with open_archive(archive.path) as other, other.write("verdict") as tx:
        act(tx, "choose", 0, 0, None)
    archive.refresh()

    assert archive.groups == Grouping(archive).now()
    assert archive.group_of(digest(0)).verdicts[digest(0)] is model.Verdict.SKIP


def test_many_changes_at_once_are_not_followed_one_by_one(archive: Archive) -> None:
    stamp = archive.stamp
    with archive.write("tag") as tx:
        for number in range(1, 21_000):
            tx.put(model.Tag(number, f"tag {number}"))

    assert archive.changed_since(stamp) is None
    assert archive.changed_since(archive.stamp) == set()
    assert archive.changed_since(-1) is None
