"""A plan applied by a job: the very rows go through the pipe, and one undo takes it back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.duplicates.queue import Scope
from fapfav.errors import UsageError
from fapfav.jobs import plan_rows
from fapfav.jobs.plan import Plan, make_plan
from fapfav.jobs.steps import undo_step
from tests.viewer.working import alone, at_home, over
from viewer import workers
from viewer.page import BY
from viewer.state import Viewer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, viewer: Viewer) -> Iterator[None]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home"):
        yield
    workers.of(viewer).shut_down()


def planned(viewer: Viewer) -> Plan:
    """All that is obvious in the archive, exact copies too."""
    with viewer.archive() as archive:
        found = make_plan(archive, 0.5, Scope.ALL)
    assert found.rows
    return found


def test_rows_are_the_same_after_the_pipe(viewer: Viewer) -> None:
    rows = planned(viewer).rows
    sent = json.loads(json.dumps(plan_rows.to_plain(rows)))

    assert plan_rows.from_plain(sent) == rows


def test_a_plan_is_applied_by_a_job_and_taken_back_like_any_step(viewer: Viewer) -> None:
    rows = planned(viewer).rows
    done = over(workers.start("plan", {"rows": plan_rows.to_plain(rows)}))

    assert (done.state, done.error) == ("done", "")
    assert done.report is not None
    assert (done.report["sets"], done.report["changed"]) == (len(rows), [])
    assert done.arguments == {"sets": len(rows)}
    with alone(viewer) as archive:
        assert archive.changes[done.change].by == BY
        assert undo_step(archive, None, by=BY).number == done.change
    assert planned(viewer).rows == rows


@pytest.mark.parametrize("change", [{"key": "zz"}, {"skip": 3}, {"kind": "odd"}, {"more": 1}])
def test_rows_that_are_none_are_refused(viewer: Viewer, change: dict[str, object]) -> None:
    row = plan_rows.to_plain(planned(viewer).rows)[0]

    with pytest.raises(UsageError):
        plan_rows.from_plain([{**row, **change}])
