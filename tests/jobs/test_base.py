"""fapfav/jobs/base.py: what a job tells of how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

from fapfav.jobs.base import Pace
from fapfav.model import Progress


def told(total: int, ticks: Iterator[float]) -> list[int]:
    """How far it said to be, of so many steps, by a clock."""
    said: list[Progress] = []
    pace = Pace(said.append, "counting", total=total, clock=lambda: next(ticks))
    for _ in range(40):
        pace.step()
    return [progress.done for progress in said]


def test_the_end_is_told_however_soon_it_comes() -> None:
    assert told(40, repeat(1.0)) == [1, 40]


def test_what_has_no_known_end_is_told_ten_times_a_second() -> None:
    assert told(0, repeat(1.0)) == [1]


def test_the_end_is_told_once() -> None:
    said: list[Progress] = []
    pace = Pace(said.append, "counting", total=1, clock=lambda: 1.0)
    pace.step()
    pace.tick()

    assert [progress.done for progress in said] == [1]
