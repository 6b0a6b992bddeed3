"""Which changes are steps of a party, and which undo redo takes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import steps, tagging
from fapfav.jobs.library import Archive
from fapfav.model import ChangeRecord
from tests.support import new_archive

BY = "viewer"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as found:
        yield found


def change(number: int, verb: str = "tag add", state: str = "done", **more: object) -> ChangeRecord:
    values = {"by": BY, "page": "", "what": "", "started": number, "ended": number, "undoes": 0}
    return ChangeRecord(number=number, verb=verb, state=state, **{**values, **more})  # type: ignore[arg-type]


def tags(archive: Archive) -> set[str]:
    return {tag.name for tag in archive.tags.records()}


@pytest.mark.parametrize("verb", sorted(steps.NO_STEPS))
def test_hours_of_work_and_settings_are_no_steps(verb: str) -> None:
    assert steps.standing([change(1), change(2, verb)], BY) == (change(1),)


def test_steps_are_a_partys_own_that_stand_latest_first() -> None:
    known = [change(3), change(1), change(4, by="cli"), change(2, state="undone")]
    assert [each.number for each in steps.standing(known, BY)] == [3, 1]


def test_redo_takes_the_latest_undo_first() -> None:
    known = [
        change(1, state="undone"),
        change(2, state="undone"),
        change(3, "undo", undoes=2),
        change(4, "undo", undoes=1),
    ]
    found = steps.to_redo(known, BY)
    assert found is not None
    assert found.number == 4


def test_nothing_is_redone_after_something_new() -> None:
    known = [change(1, state="undone"), change(2, "undo", undoes=1), change(3)]
    assert steps.to_redo(known, BY) is None


def test_undo_and_redo_go_back_and_forth(archive: Archive) -> None:
    for name in ("one", "two", "three"):
        tagging.add(archive, name, by=BY)
    steps.undo_step(archive, None, by=BY)
    steps.undo_step(archive, None, by=BY)
    assert tags(archive) == {"one"}
    steps.redo_step(archive, by=BY)
    assert tags(archive) == {"one", "two"}
    steps.undo_step(archive, None, by=BY)
    steps.undo_step(archive, None, by=BY)
    assert tags(archive) == set()
    with pytest.raises(UsageError, match="nothing to undo"):
        steps.undo_step(archive, None, by=BY)
    for _ in range(3):
        steps.redo_step(archive, by=BY)
    assert tags(archive) == {"one", "two", "three"}
    with pytest.raises(UsageError, match="nothing to redo"):
        steps.redo_step(archive, by=BY)


def test_all_from_a_step_on_ends_at_a_conflict(archive: Archive) -> None:
    first = tagging.add(archive, "one", by=BY).change
    tagging.add(archive, "two", by=BY)
    tagging.add(archive, "below", "two")  # by somebody else: the tag above cannot go
    third = tagging.add(archive, "three", by=BY).change
    report = steps.undo_to(archive, first, by=BY)

    assert report.undone == (third,)
    assert report.conflicts
    assert tags(archive) == {"one", "two", "below"}
