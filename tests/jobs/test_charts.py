"""fapfav/jobs/charts.py: what is counted, and into which bar."""

from __future__ import annotations

import calendar
from pathlib import Path

import pytest

from fapfav.jobs.charts import MOST_ALBUMS, MOST_COLUMNS, Step, charts, over_time, saving
from fapfav.model import Group, Verdict
from tests.jobs.holding import Shelves, blob, digest


def at(year: int, month: int) -> int:
    return calendar.timegm((year, month, 15, 0, 0, 0))


def test_months_without_a_picture_have_a_column_as_well() -> None:
    found = over_time([at(2024, 1), at(2025, 3), at(2025, 3)])

    assert found.step is Step.MONTH
    assert [bar.label for bar in found.bars][:2] == ["2024-01", "2024-02"]
    assert (found.bars[0].pictures, found.bars[1].pictures, found.bars[-1].pictures) == (1, 0, 2)
    assert len(found.bars) == 15


@pytest.mark.parametrize(
    ("years", "step", "label"),
    [(5, Step.MONTH, "2000-01"), (15, Step.QUARTER, "2000 Q1"), (40, Step.YEAR, "2000")],
)
def test_many_years_make_wider_columns(years: int, step: Step, label: str) -> None:
    found = over_time([at(2000, 1), at(2000 + years - 1, 12)])

    assert (found.step, found.bars[0].label) == (step, label)
    assert len(found.bars) <= MOST_COLUMNS


def test_what_has_no_time_is_counted_apart() -> None:
    assert over_time([0, 0]).unknown == 2
    assert over_time([0, 0]).bars == ()


def test_no_picture_is_lost_between_the_limits_of_sizes(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "Alps", *((number, f"{number}.jpg") for number in range(1, 6)))

    found = charts(shelves.archive)

    assert sum(bar.pictures for bar in found.sizes) == 5
    assert sum(bar.pictures for bar in found.pixels) == 5
    total = sum(each.size for each in shelves.archive.blobs.records())
    assert sum(bar.size for bar in found.sizes) == total


def test_more_albums_than_are_named_are_one_line(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path / "archive")
    for number in range(MOST_ALBUMS + 3):
        shelves.album(f"a{number}", f"Album {number}", (number + 1, "a.jpg"), (99, "same.jpg"))

    found = charts(shelves.archive).albums

    assert len(found) == MOST_ALBUMS + 1
    assert (found[-1].key, found[-1].name) == (None, "3 others")
    assert found[-1].pictures == 4  # one each, and the one that all of them have


def test_a_set_could_save_all_but_its_largest_picture(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path / "archive")
    shelves.album("a", "Alps", *((number, f"{number}.jpg") for number in (1, 2, 3)))
    blobs = {digest(number): blob(number).size for number in (1, 2, 3)}
    members = tuple(sorted(blobs))
    verdicts = dict.fromkeys(members, Verdict.NEW)
    waiting = Group(members, {}, verdicts, needs_action=True)
    decided = Group(members, {}, verdicts | {digest(1): Verdict.SKIP}, needs_action=False)

    before, after = saving(shelves.archive, [waiting]), saving(shelves.archive, [decided])

    assert (before.waiting, before.hidden) == (sum(sorted(blobs.values())[:-1]), 0)
    assert (after.waiting, after.hidden, after.hidden_pictures) == (0, blobs[digest(1)], 1)
    assert before.total == after.total == sum(blobs.values())
