"""fapfav/jobs/journal.py: the row that stays of a job, which is no change."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.jobs import journal
from fapfav.jobs.library import Archive
from fapfav.model import Job
from tests.support import new_archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return new_archive(tmp_path / "archive", sealed=False)


def test_a_job_is_noted_from_its_start_to_its_end(archive: Archive) -> None:
    number = journal.begin(archive, "read", {"user": "alice"})
    begun = archive.jobs[number]
    journal.finish(archive, number, "done", {"saved": 3}, 7)

    assert (begun.verb, begun.arguments, begun.state) == ("read", {"user": "alice"}, "running")
    assert archive.jobs[number].state == "done"
    assert archive.jobs[number].report == {"saved": 3}
    assert archive.jobs[number].change == 7


def test_it_is_no_change_and_nothing_to_undo(archive: Archive) -> None:
    changes = dict(archive.changes.items())
    journal.finish(archive, journal.begin(archive, "find", {}), "done")

    assert dict(archive.changes.items()) == changes


def test_how_it_ended_is_said_once(archive: Archive) -> None:
    number = journal.begin(archive, "find", {})
    journal.finish(archive, number, "done", {"groups": 1})
    journal.finish(archive, number, "failed")
    journal.finish(archive, number + 1, "failed")

    assert archive.jobs[number].state == "done"
    assert number + 1 not in archive.jobs


def test_numbers_grow_and_old_rows_go(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    numbers = [journal.begin(archive, "find", {}) for _ in range(5)]

    assert numbers == [1, 2, 3, 4, 5]
    assert sorted(archive.jobs) == [3, 4, 5]


def test_a_number_after_which_there_is_none_is_passed_over(archive: Archive) -> None:
    journal.begin(archive, "find", {})
    with archive.write("read") as tx:
        tx.put(*(Job(2**63 - each, "find", {}, "done", 1) for each in (1, 2)))

    assert [journal.begin(archive, "find", {}) for _ in range(2)] == [2, 3]


def test_a_report_of_any_size_and_kind_is_kept_in_part(archive: Archive) -> None:
    number = journal.begin(archive, "read", {})
    failures = [("a", "b", f"why {each}") for each in range(1000)]
    report = {
        "failures": failures,
        "rate": float("inf"),
        "huge": 2**80,
        "name": "\udcff" + "x" * 5000,
        "deep": [[[[[[[[["too deep"]]]]]]]]],
        "yes": True,
    }
    journal.finish(archive, number, "done", report)

    kept = archive.jobs[number].report
    assert kept is not None
    assert kept["failures"] == [list(each) for each in failures[: journal.LISTED]]
    assert kept["failures_in_all"] == 1000
    assert kept["rate"] is None
    assert kept["yes"] is True
    assert len(kept["name"]) == 2000
    assert "too deep" not in str(kept)
