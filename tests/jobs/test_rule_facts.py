"""fapfav/jobs/rule_facts.py: what a closer look and the user say comes before what prints say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav.jobs.resolving import plan_resolution
from fapfav.jobs.review import set_limits
from fapfav.jobs.rule_facts import pictures_of
from fapfav.jobs.set_facts import Gathering
from fapfav.jobs.sets import set_view
from fapfav.model import Decision, Label, pair_of
from fapfav.resolve.choosing import Pictures
from tests.jobs.alike import Alike, digest
from tests.jobs.resolved import LARGER, given, judged, looked, unseen

UNLIKE = (20, 20, 20, 20)
"""Bits turned over of what no print finds alike."""


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    """Three pictures, the first the largest; prints find only the second like it."""
    made = Alike(tmp_path / "archive")
    made.pair(1)
    made.picture(12, 1, flips=UNLIKE, width=300, height=200)
    looked(made.archive)
    return made


def asked(alike: Alike, number: int = 10) -> Pictures:
    archive = alike.archive
    return pictures_of(Gathering(archive), set_view(archive, digest(number)))


def told(alike: Alike, one: int, other: int, label: Label) -> None:
    with alike.archive.write("duplicates verdict") as tx:
        pair = pair_of(digest(one), digest(other))
        tx.put(Decision(*pair, label, tx.now, tx.number))


def test_what_was_judged_counts_and_the_least_sure_picture_decides(alike: Alike) -> None:
    judged(alike.archive, digest(10), digest(11), 0.97)
    judged(alike.archive, digest(10), digest(12), 0.91)

    found = asked(alike)

    assert [one.digest for one in found.pictures] == [digest(10), digest(11), digest(12)]
    assert (found.same, found.certainty, found.probability) == (True, 0.91, 0.91)


def test_what_the_user_said_comes_first_and_is_sure(alike: Alike) -> None:
    judged(alike.archive, digest(10), digest(11), 0.97)
    judged(alike.archive, digest(10), digest(12), 0.6, Label.DIFFERENT)
    told(alike, 10, 12, Label.SAME)

    found = asked(alike)

    assert len(found.pictures) == 3
    assert (found.same, found.probability) == (True, 0.97)


def test_what_the_user_called_the_same_is_as_sure_as_what_it_was_called_so_with(
    alike: Alike,
) -> None:
    judged(alike.archive, digest(10), digest(11), 0.9)
    told(alike, 11, 12, Label.SAME)

    assert asked(alike).probability == 0.9

    told(alike, 10, 11, Label.SAME)
    assert asked(alike).probability == 1.0


def test_where_one_was_not_judged_its_prints_count_and_there_is_no_probability(
    alike: Alike,
) -> None:
    alike.picture(13, 1, flips=(1,), width=400, height=300)
    judged(alike.archive, digest(10), digest(11), 0.97)
    judged(alike.archive, digest(10), digest(13), 0.99)
    unseen(alike.archive, digest(10), digest(11))

    found = asked(alike)

    assert (found.certainty, found.probability) == (0.99, None)
    assert found.same


def test_where_nobody_looked_or_the_look_is_off_it_is_as_the_prints_say(alike: Alike) -> None:
    unseen(alike.archive, digest(10), digest(11))
    by_prints = set_view(alike.archive, digest(10))
    assert (asked(alike).certainty, asked(alike).probability) == (by_prints.certainty, None)
    judged(alike.archive, digest(10), digest(11), 0.97)
    assert asked(alike).probability == 0.97

    set_limits(alike.archive, {}, {}, closer=False)

    assert (asked(alike).certainty, asked(alike).probability) == (by_prints.certainty, None)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"probability_at_least": 0.9}, True),
        ({"probability_at_least": 0.98}, False),
        ({"certainty_at_least": 0.9}, True),
        ({"certainty_at_least": 0.98}, False),
    ],
)
def test_rules_ask_for_it(alike: Alike, when: dict[str, Any], holds: bool) -> None:
    judged(alike.archive, digest(10), digest(11), 0.97)
    given(alike.archive, LARGER | {"when": when})

    entries = plan_resolution(alike.archive).plan.entries

    assert [entry.certainty for entry in entries] == ([0.97] if holds else [])


def test_related_pictures_are_in_no_set_that_a_rule_could_decide(alike: Alike) -> None:
    judged(alike.archive, digest(10), digest(11), 0.97, Label.RELATED)
    given(alike.archive, LARGER | {"when": {"relation": "any"}})

    assert plan_resolution(alike.archive).plan.entries == ()
