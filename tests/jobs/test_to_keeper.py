"""fapfav/jobs/to_keeper.py: the keeper of a set, and what the others are to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.jobs.review import judge
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import set_view
from fapfav.jobs.to_keeper import NOT_LOOKED_AT, YOU_SAID, Kept, ToKeeper, to_keeper
from fapfav.model import Config, Verdict
from tests.jobs.alike import digest
from tests.jobs.looked import SAME, Looked

PASSING = {"percept": 1, "diff": 1}


@pytest.fixture
def looked(tmp_path: Path) -> Looked:
    return Looked(tmp_path / "archive")


def kept(looked: Looked, number: int) -> Kept:
    return to_keeper(looked.archive, looked.archive.group_of(digest(number)))


def certainty(looked: Looked) -> float:
    """Of the only set: its page and the list say the same."""
    (line,) = set_lines(looked.archive)
    assert set_view(looked.archive, line.key).certainty == line.certainty
    return line.certainty


def test_the_largest_is_the_keeper_and_the_least_probability_is_the_sets(looked: Looked) -> None:
    one, two, three = looked.pictures(1, 2, 3)
    looked.found(1, 2, SAME, 0.98)
    looked.found(1, 3, SAME, 0.96)

    found = kept(looked, 2)

    assert found.keeper == one
    assert {at: each.probability for at, each in found.others.items()} == {two: 0.98, three: 0.96}
    view = set_view(looked.archive, one)
    assert (view.keeper, view.is_probability, certainty(looked)) == (1, True, 0.96)
    assert [member.to_keeper for member in view.members] == [
        None, found.others[two], found.others[three],
    ]  # fmt: skip
    assert view.sentence.endswith(". 96 % sure.")


def test_a_picture_nobody_could_look_at_leaves_the_set_without_a_probability(
    looked: Looked,
) -> None:
    looked.pictures(1, 2, 3)
    looked.found(1, 2, SAME, 0.98)
    looked.found(1, 3, None, scores=PASSING)

    found = kept(looked, 1)

    assert found.probability is None
    assert found.others[digest(3)] == ToKeeper(NOT_LOOKED_AT, None)
    view = set_view(looked.archive, digest(1))
    assert not view.is_probability
    assert "sure" not in view.sentence
    assert certainty(looked) < 0.9  # how near their hashes are, which is not near at all


def test_the_users_word_is_as_sure_as_can_be_where_nothing_was_found(looked: Looked) -> None:
    looked.pictures(1, 2)
    looked.say(1, 2, SAME)

    assert kept(looked, 1).others[digest(2)] == ToKeeper(YOU_SAID, None, said=True)
    assert certainty(looked) == 1.0
    sentence = set_view(looked.archive, digest(1)).sentence
    assert "You called them the same." in sentence
    assert "sure" not in sentence


@pytest.mark.parametrize("said", [Verdict.KEEP, Verdict.FALSE])
def test_a_set_keeps_its_place_when_it_is_decided(looked: Looked, said: Verdict) -> None:
    one, two = looked.pictures(1, 2)
    looked.found(1, 2, SAME, 0.96, scores=PASSING)

    judge(looked.archive, one, {one: said, two: said})

    assert certainty(looked) == 0.96


def test_before_a_search_looked_closely_no_set_has_a_keeper(looked: Looked) -> None:
    looked.pictures(1, 2)
    looked.found(1, 2, SAME, 0.96, scores=PASSING)
    with looked.archive.write("duplicates limits") as tx:
        tx.put(Config("closer_look", False))

    assert kept(looked, 1) == Kept()
    view = set_view(looked.archive, digest(1))
    assert (view.keeper, view.is_probability) == (None, False)
    assert all(member.to_keeper is None for member in view.members)


def test_more_than_another_size_is_for_the_eye(looked: Looked) -> None:
    looked.pictures(1, 2)
    first, second = (1, 2) if digest(1) < digest(2) else (2, 1)
    looked.found(first, second, SAME, reason="same picture, with a border or caption")

    view = set_view(looked.archive, digest(1))

    assert view.sentence.startswith("Same picture. ")
    assert view.suggestion.keep is None
    assert view.suggestion.words.startswith("Your eye decides about picture 2: with")
    assert view.relation == "similar"  # for rules and plans: not to be decided by itself
