"""fapfav/jobs/plan.py: obvious sets in one step, what stays out of it, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.jobs import plan as plans
from fapfav.jobs.base import never_stop
from fapfav.jobs.plan import (
    Plan,
    apply_plan,
    bound,
    make_plan,
    plan_of,
    sample,
    steps,
)
from fapfav.jobs.plan_rows import from_plain, to_plain
from fapfav.jobs.review import judge
from fapfav.jobs.sets import Scope, set_lines, set_view
from fapfav.model import Progress, Verdict
from tests.jobs.alike import Alike, digest, place_key
from tests.jobs.resolved import judged, looked

KEEP, SKIP, FALSE = Verdict.KEEP, Verdict.SKIP, Verdict.FALSE


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    """Five pairs, the first the closest, some at two places and with tags."""
    made = Alike(tmp_path / "archive")
    for kind in range(1, 6):
        made.pair(kind, flips=(kind - 1,), albums="12" if kind % 2 else "1", tags=(1,))
    return made


def test_a_plan_has_the_obvious_sets_the_least_close_first(alike: Alike) -> None:
    plan = make_plan(alike.archive, 0.0)

    assert [row.keep for row in plan.rows] == [digest(10 * kind) for kind in (5, 4, 3, 2, 1)]
    assert [row.skip for row in plan.rows] == [(digest(10 * kind + 1),) for kind in (5, 4, 3, 2, 1)]
    assert [row.certainty for row in plan.rows] == sorted(row.certainty for row in plan.rows)
    sizes = [alike.archive.blobs[one].size for row in plan.rows for one in row.skip]
    assert (plan.pictures, plan.bytes, plan.albums) == (5, sum(sizes), 2)
    assert all(row.reason == "Keep 1: 2.0x the pixels, same quality." for row in plan.rows)
    for row in plan.rows:
        view = set_view(alike.archive, row.key)
        assert (view.revision, view.certainty) == (row.revision, row.certainty)


def test_a_row_says_whether_its_certainty_is_a_probability(alike: Alike) -> None:
    assert not any(row.is_probability for row in make_plan(alike.archive, 0.0).rows)

    looked(alike.archive)
    judged(alike.archive, digest(10), digest(11), 0.97)

    rows = {row.keep: row for row in make_plan(alike.archive, 0.0).rows}
    assert (rows[digest(10)].certainty, rows[digest(10)].is_probability) == (0.97, True)
    assert from_plain(to_plain(rows.values())) == tuple(rows.values())


def test_the_bar_leaves_out_what_is_less_close(alike: Alike) -> None:
    everything = make_plan(alike.archive, 0.0)
    bars = [0.0, everything.rows[2].certainty, 1.0]

    for bar, sets, size in steps(everything, bars):
        plan = make_plan(alike.archive, bar)
        assert (len(plan.rows), plan.bytes) == (sets, size)
    assert [sets for _, sets, _ in steps(everything, bars)] == [5, 3, 0]
    with pytest.raises(UsageError, match="from 0 to 1"):
        make_plan(alike.archive, 1.1)


def test_what_is_not_obvious_stays_out(alike: Alike) -> None:
    archive = alike.archive
    alike.picture(12, 1, flips=(20, 0, 20, 20))  # not surely the same
    alike.vanish(21)  # cannot be fetched again
    judge(archive, digest(30), {digest(30): FALSE, digest(31): FALSE})
    judge(archive, digest(40), {digest(40): KEEP, digest(41): SKIP})
    alike.picture(61, 6)
    alike.picture(62, 6)  # nothing tells the two apart

    assert [row.keep for row in make_plan(archive, 0.0).rows] == [digest(50)]


def test_no_decision_is_undone_by_a_plan(alike: Alike) -> None:
    archive = alike.archive
    judge(archive, digest(10), {digest(11): KEEP, digest(10): SKIP})
    alike.picture(12, 1, width=3000, height=2000)
    view = set_view(archive, digest(10))
    assert view.needs_action
    assert view.suggestion.keep == 1

    assert digest(12) not in [row.keep for row in make_plan(archive, 0.0).rows]
    judge(archive, digest(20), {digest(20): KEEP, digest(21): SKIP})
    alike.picture(22, 2, width=300, height=200)
    newcomer = next(r for r in make_plan(archive, 0.0).rows if r.keep == digest(20))
    assert newcomer.skip == (digest(22),)


def test_a_plan_is_one_change_and_one_undo_takes_all_of_it_back(
    alike: Alike, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = alike.archive
    monkeypatch.setattr(plans, "_BATCH", 2)
    before, changes = alike.rows(), set(archive.changes)
    plan = make_plan(archive, 0.0)
    told: list[Progress] = []

    report = apply_plan(archive, plan.rows, by="viewer", tell=told.append)

    assert (report.sets, report.pictures, report.bytes) == (5, plan.pictures, plan.bytes)
    assert report.changed == ()
    assert set(archive.changes) - changes == {report.change}
    assert archive.changes[report.change].state == "done"
    assert archive.changes[report.change].by == "viewer"
    assert not any(line.needs_action for line in set_lines(archive))
    assert set_view(archive, digest(10)).members[1].verdict is SKIP
    assert archive.places[place_key(11, "2")].verdict is SKIP
    assert told
    assert told[-1].total == 5

    assert archive.undo(report.change).conflicts == ()
    assert alike.rows() == before


def test_sets_that_changed_are_left_out_and_named(alike: Alike) -> None:
    archive = alike.archive
    plan = make_plan(archive, 0.0)
    judge(archive, digest(10), {digest(11): KEEP})
    judge(archive, digest(20), {digest(20): FALSE, digest(21): FALSE})
    alike.picture(32, 3)
    keys = {row.keep: row.key for row in plan.rows}

    report = apply_plan(archive, plan.rows)

    assert set(report.changed) == {keys[digest(n)] for n in (10, 20, 30)}
    assert report.sets == 2
    assert [m.verdict for m in set_view(archive, digest(11)).members] == [Verdict.NEW, KEEP]


def test_a_row_that_no_page_showed_is_left_out(alike: Alike) -> None:
    plan = make_plan(alike.archive, 0.0)
    forged = [replace(row, keep=row.skip[0], skip=(row.keep,)) for row in plan.rows]

    report = apply_plan(alike.archive, forged)

    assert (report.change, report.sets, len(report.changed)) == (0, 0, 5)


def test_stopped_it_keeps_what_was_done(alike: Alike, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = alike.archive
    monkeypatch.setattr(plans, "_BATCH", 2)
    before = alike.rows()
    answers = iter([False, False, True])

    report = apply_plan(archive, make_plan(archive, 0.0).rows, stop=lambda: next(answers))

    assert report.sets == 4
    assert sum(line.needs_action for line in set_lines(archive)) == 1
    archive.undo(report.change)
    assert alike.rows() == before
    assert apply_plan(archive, (), stop=never_stop).change == 0


def test_exact_copies_are_planned_when_asked_for(alike: Alike) -> None:
    archive = alike.archive
    one = alike.picture(1, 99, albums="12")

    (row,) = make_plan(archive, 0.0, Scope.EXACT).rows
    assert (row.keep, row.skip, row.bytes, row.places) == (one, (), 0, 1)
    assert len(make_plan(archive, 0.0, Scope.ALL).rows) == 6

    apply_plan(archive, [row])
    assert [archive.places[place_key(1, a)].verdict for a in "12"] == [KEEP, SKIP]
    assert make_plan(archive, 0.0, Scope.EXACT).rows == ()


def test_its_identity_names_exactly_its_rows(alike: Alike) -> None:
    archive = alike.archive
    plan = make_plan(archive, 0.0)

    assert make_plan(archive, 0.0).identity == plan.identity
    assert plan_of(archive, 0.0, reversed(plan.rows)) == plan
    assert plan_of(archive, 0.0, plan.rows[1:]).identity != plan.identity
    judge(archive, digest(10), {digest(11): KEEP})
    assert make_plan(archive, 0.0).identity != plan.identity


def test_a_sample_is_the_same_by_the_same_seed(alike: Alike) -> None:
    plan = make_plan(alike.archive, 0.0)

    assert sample(plan, 1, 3) == sample(plan, 1, 3)
    assert len({sample(plan, seed, 3) for seed in range(20)}) > 1
    assert set(sample(plan, 1, 3)) < set(plan.rows)
    assert sample(plan, 1) == plan.rows
    assert sample(Plan(0.5, (), "", 0, 0, 0), 1) == ()


@pytest.mark.parametrize(
    ("looked", "wrong", "expected"),
    [(30, 0, 0.1), (300, 0, 0.01), (0, 0, 1.0), (1, 0, 1.0), (30, 1, 0.149), (5, 5, 1.0)],
)
def test_looking_at_some_bounds_how_many_are_wrong(
    looked: int, wrong: int, expected: float
) -> None:
    assert bound(looked, wrong) == pytest.approx(expected, abs=0.001)


@settings(deadline=None)
@given(st.integers(1, 200), st.data())
def test_the_bound_rises_with_what_was_wrong_and_falls_with_looking(
    looked: int, data: st.DataObject
) -> None:
    wrong = data.draw(st.integers(0, looked - 1))
    here = bound(looked, wrong)

    assert wrong / looked <= here <= 1.0
    assert bound(looked + 1, wrong) <= here + 1e-9 <= bound(looked, wrong + 1) + 2e-9


def test_more_cannot_be_wrong_than_were_looked_at() -> None:
    with pytest.raises(UsageError, match="cannot be wrong"):
        bound(3, 4)
