"""The switch of the closer look: what it does at once, what the next search does, what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.jobs import effects
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.limit_effects import limits_effect
from fapfav.jobs.review import set_limits
from fapfav.model import Label, Method
from tests.jobs.alike import Alike, digest
from tests.jobs.resolved import judged, looked

ALL = 3


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Three pairs that prints find alike, of which a closer look turned the third down."""
    made = Alike(tmp_path / "archive")
    for kind in (1, 2, 3):
        made.pair(kind, flips=(1,))
    judged(made.archive, digest(10), digest(11), 0.99)
    judged(made.archive, digest(20), digest(21), 0.98)
    judged(made.archive, digest(30), digest(31), 0.9, Label.DIFFERENT)
    looked(made.archive)
    return made.archive


def test_switched_off_sets_are_as_before_at_once_and_one_undo_takes_it_back(
    archive: Archive,
) -> None:
    assert len(archive.groups) == ALL - 1
    effect = limits_effect(archive, archive.limits(), closer=False)

    report = set_limits(archive, {}, {}, closer=False)

    assert (report.closer, report.groups) == (False, ALL)
    assert (effect.sets, effect.sets_then) == (ALL - 1, ALL)
    assert archive.changes[report.change].what == "closer look off"
    assert archive.undo().number == report.change
    assert (archive.looks_closer, len(archive.groups)) == (True, ALL - 1)


def test_it_is_one_change_with_limits_and_none_where_nothing_is_another(archive: Archive) -> None:
    off = {Method.PERCEPT: -1.0}
    report = set_limits(archive, off, off, closer=False)

    assert archive.changes[report.change].what == (
        "regular percept -1, animated percept -1, closer look off"
    )
    assert set_limits(archive, off, off, closer=False).change == 0
    archive.undo()
    assert (archive.limits()[0].percept, archive.looks_closer) == (4, True)


def test_switched_on_again_what_was_judged_counts_at_once_if_nobody_searched_since(
    archive: Archive,
) -> None:
    set_limits(archive, {}, {}, closer=False)
    assert effects.search_effect(archive).everything

    assert limits_effect(archive, archive.limits(), closer=True).sets_then == ALL - 1
    set_limits(archive, {}, {}, closer=True)
    assert len(archive.groups) == ALL - 1


def test_switched_on_after_a_search_without_it_sets_stay_until_the_next_search(
    archive: Archive,
) -> None:
    set_limits(archive, {}, {}, closer=False)
    find_duplicates(archive)
    assert not effects.has_looked(archive)

    assert limits_effect(archive, archive.limits(), closer=True).sets_then == ALL
    set_limits(archive, {}, {}, closer=True)
    assert len(archive.groups) == ALL
    assert effects.search_effect(archive).everything
    find_duplicates(archive)
    assert len(archive.groups) == ALL - 1


def test_limits_decide_no_set_that_was_judged_and_the_effect_says_so(archive: Archive) -> None:
    regular, animated = archive.limits()
    strict = replace(regular, percept=0), replace(animated, percept=0)
    effect = limits_effect(archive, strict)

    assert (effect.dropped, effect.sets_then) == (ALL, ALL - 1)
    set_limits(archive, {Method.PERCEPT: 0.0}, {Method.PERCEPT: 0.0})
    assert len(archive.groups) == ALL - 1


def test_what_laxer_limits_would_find_is_in_no_set_before_it_was_looked_at(tmp_path: Path) -> None:
    made = Alike(tmp_path / "archive")
    made.pair(1, flips=(6, 20, 20, 20))
    looked(made.archive)
    regular, animated = made.archive.limits()
    laxer = replace(regular, percept=6), animated

    effect = limits_effect(made.archive, laxer)
    assert (effect.added, effect.to_look_at, effect.sets_then) == (1, 1, 0)
    effect = limits_effect(made.archive, laxer, closer=False)
    assert (effect.added, effect.to_look_at, effect.sets_then) == (1, 0, 1)
