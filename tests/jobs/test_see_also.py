"""fapfav/jobs/see_also.py: nothing that was found alike is hidden, and nothing is listed twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs.judging import judge_pair, revision_of
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import set_limits
from fapfav.jobs.see_also import Apart, Other, Standing, see_also
from fapfav.jobs.sets import Changed
from fapfav.model import Digest, Method, pair_of
from tests.jobs.alike import digest
from tests.jobs.looked import DIFFERENT, RELATED, SAME, Looked

PASSING = {"percept": 1, "diff": 1}
ALIKE, DOWN = Standing.ALIKE, Standing.TURNED_DOWN


@pytest.fixture
def looked(tmp_path: Path) -> Looked:
    return Looked(tmp_path / "archive")


def listed(looked: Looked, *members: int) -> list[tuple[Digest, Standing, Digest]]:
    found = see_also(looked.archive, [digest(one) for one in members])
    return [(each.blob.digest, each.standing, each.member) for each in found.others]


def everywhere(looked: Looked) -> dict[Standing, set[frozenset[Digest]]]:
    """All pairs of the archive by their standing; a fresh look says the same."""
    found = looked.archive.kept(Apart).now()
    assert found == Apart(looked.archive).now()
    return {one: {frozenset(pair) for pair in pairs} for one, pairs in found.items() if pairs}


def two(one: int, other: int) -> set[frozenset[Digest]]:
    return {frozenset((digest(one), digest(other)))}


def test_related_comes_first_then_what_was_turned_down_by_how_sure_it_is(looked: Looked) -> None:
    looked.pictures(1, 2, 3, 4, 5, 6)
    looked.found(1, 2, SAME)
    looked.found(1, 3, DIFFERENT, 0.99, scores=PASSING)
    looked.found(2, 4, RELATED, 0.8)
    looked.found(1, 5, RELATED, 0.9)
    looked.found(2, 5, RELATED, 0.7)
    looked.found(1, 6, DIFFERENT)  # passes no limit of the owner's

    assert listed(looked, 1, 2) == [
        (digest(5), Standing.RELATED, digest(1)),
        (digest(4), Standing.RELATED, digest(2)),
        (digest(3), DOWN, digest(1)),
    ]
    assert listed(looked, 4) == [(digest(2), Standing.RELATED, digest(4))]
    assert listed(looked, 6) == []
    assert everywhere(looked) == {
        Standing.RELATED: two(1, 5) | two(2, 5) | two(2, 4),
        DOWN: two(1, 3),
    }


def test_what_is_the_same_as_a_member_and_not_as_the_keeper_is_listed(looked: Looked) -> None:
    looked.pictures(1, 2, 3, 4)
    looked.found(1, 2, SAME)
    looked.found(2, 3, SAME)
    looked.found(1, 3, DIFFERENT)
    looked.found(2, 4, None, scores=PASSING)
    looked.found(1, 4, DIFFERENT)

    assert looked.archive.group_of(digest(1)).members == tuple(sorted((digest(1), digest(2))))
    assert listed(looked, 1, 2) == [(digest(3), ALIKE, digest(2)), (digest(4), ALIKE, digest(2))]
    first, second = see_also(looked.archive, [digest(1), digest(2)]).others
    assert first.reason.endswith(", but not as the keeper of a set")
    assert second.reason == "alike by percept, diff, not looked at closely"
    assert second.probability is None
    assert everywhere(looked) == {ALIKE: two(2, 3) | two(2, 4)}


def test_limits_of_now_decide_what_was_turned_down(looked: Looked) -> None:
    looked.pictures(1, 2)
    looked.found(1, 2, DIFFERENT, scores={"percept": 4})
    assert everywhere(looked) == {DOWN: two(1, 2)}

    set_limits(looked.archive, {Method.PERCEPT: 2}, {Method.PERCEPT: 1})

    assert listed(looked, 1) == []
    assert everywhere(looked) == {}


def test_the_users_word_stands_above_what_was_found(looked: Looked) -> None:
    looked.pictures(1, 2, 3, 4)
    looked.found(1, 2, RELATED)
    looked.found(1, 3, DIFFERENT, scores=PASSING)
    looked.say(1, 2, DIFFERENT)
    looked.say(1, 3, RELATED)
    looked.say(1, 4, RELATED)  # nothing was ever found of these

    found = see_also(looked.archive, [digest(1)]).others

    assert {(each.blob.digest, each.standing, each.said) for each in found} == {
        (digest(3), Standing.RELATED, True),
        (digest(4), Standing.RELATED, True),
    }
    assert {each.reason for each in found} == {"you called them related"}
    assert everywhere(looked) == {Standing.RELATED: two(1, 3) | two(1, 4)}


def test_pictures_that_went_are_left_out(looked: Looked) -> None:
    looked.pictures(1, 2)
    looked.found(1, 2, RELATED)
    assert everywhere(looked) == {Standing.RELATED: two(1, 2)}

    remove_picture(looked.archive, digest(2).hex())

    assert listed(looked, 1) == []
    assert everywhere(looked) == {}


def test_of_very_many_some_are_listed_and_all_are_counted(looked: Looked) -> None:
    looked.pictures(*range(1, 9))
    for other in range(2, 9):
        looked.found(1, other, RELATED, other / 10)

    found = see_also(looked.archive, [digest(1)], most=3)

    assert [each.blob.digest for each in found.others] == [digest(8), digest(7), digest(6)]
    assert (found.count, found.more) == (7, 4)


def test_called_the_same_two_are_one_set_until_that_is_undone(looked: Looked) -> None:
    archive = looked.archive
    looked.pictures(1, 2, 3)
    looked.found(1, 2, SAME)
    looked.found(2, 3, DIFFERENT, scores=PASSING)
    before = looked.rows()

    report = judge_pair(
        archive, (digest(2), digest(3)), revision_of(archive, digest(2)), SAME, by="viewer"
    )

    assert set(archive.group_of(digest(1)).members) == {digest(1), digest(2), digest(3)}
    assert report.verdicts == {digest(2).hex(): "new", digest(3).hex(): "new"}
    assert everywhere(looked) == {}
    assert archive.undo(report.change).conflicts == ()
    assert looked.rows() == before
    assert everywhere(looked) == {DOWN: two(2, 3)}


def test_called_different_two_are_listed_no_more(looked: Looked) -> None:
    archive = looked.archive
    looked.pictures(1, 2)
    looked.found(1, 2, RELATED)

    judge_pair(archive, (digest(1), digest(2)), revision_of(archive, digest(1)), DIFFERENT)

    assert archive.decisions[pair_of(digest(1), digest(2))].label is DIFFERENT
    assert listed(looked, 1) == []
    assert archive.groups == ()


def test_what_changed_since_it_was_shown_is_not_decided(looked: Looked) -> None:
    archive = looked.archive
    looked.pictures(1, 2, 3, 4)
    looked.found(1, 2, SAME)
    looked.found(1, 3, RELATED)
    looked.found(4, 3, RELATED)
    seen, alone = revision_of(archive, digest(1)), revision_of(archive, digest(4))
    looked.say(1, 3, DIFFERENT)
    looked.say(3, 4, DIFFERENT)
    before = archive.last

    with pytest.raises(Changed):
        judge_pair(archive, (digest(1), digest(3)), seen, SAME)
    with pytest.raises(Changed):
        judge_pair(archive, (digest(1), digest(2)), "another", SAME)
    with pytest.raises(UsageError, match="changed since it was shown"):
        judge_pair(archive, (digest(4), digest(3)), alone, SAME)
    assert archive.last == before


def test_as_plain_values_it_has_hex_and_words(looked: Looked) -> None:
    looked.pictures(1, 2)
    looked.found(1, 2, RELATED, 0.9)
    (other,) = see_also(looked.archive, [digest(1)]).others

    assert isinstance(other, Other)
    assert other.to_json() == {
        "digest": digest(2).hex(),
        "member": digest(1).hex(),
        "label": "related",
        "reason": "related for 0.9",
        "probability": 0.9,
        "said": False,
    }
