"""When an album, a listing or a failed picture is due again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fapfav.jobs import visits
from fapfav.model import Album, Failure, Place, PlaceState

NOW = 1_700_000_000
HOUR = 3600
ALBUM = Album("imagefap", "1", "2", "Lakes", pages=40, cursor="here")


@pytest.mark.parametrize(
    ("then", "fresh"),
    [(0, False), (NOW, True), (NOW - 71 * HOUR, True), (NOW - 72 * HOUR, False), (NOW + 1, False)],
)
def test_fresh_is_less_than_three_days_ago_and_not_in_the_future(then: int, fresh: bool) -> None:
    assert visits.is_fresh(then, NOW, visits.FRESH) is fresh


def test_an_album_is_read_when_its_pictures_came_after_its_listing() -> None:
    read = replace(ALBUM, date_listed=NOW - 2 * HOUR, date_blobs=NOW - HOUR)

    assert visits.is_read(read, NOW)
    assert not visits.is_read(replace(read, date_listed=NOW - HOUR + 1), NOW)
    assert not visits.is_read(read, NOW + 72 * HOUR)
    assert not visits.is_read(ALBUM, NOW)


def test_an_album_is_listed_when_only_pictures_are_missing() -> None:
    listed = replace(ALBUM, date_listed=NOW - HOUR)

    assert visits.is_listed(listed, NOW)
    assert not visits.is_listed(replace(listed, date_blobs=NOW), NOW)
    assert not visits.is_listed(listed, NOW + 72 * HOUR)


def test_a_broken_walk_goes_on_whatever_the_size_and_whether_forced_or_not() -> None:
    for pages in (1, 40):
        for force in (False, True):
            assert visits.start(replace(ALBUM, pages=pages), force=force) == "here"


def test_a_new_visit_goes_on_from_the_end_of_a_large_folder() -> None:
    ended = replace(ALBUM, date_listed=NOW)

    assert visits.start(ended, force=False) == "here"
    assert visits.start(ended, force=True) == ""
    assert visits.start(replace(ended, pages=visits.SMALL), force=False) == ""


def place(state: PlaceState, tries: int = 0) -> Place:
    failure = Failure(NOW, tries, "why", None) if tries else None
    return Place("imagefap", "1", "2", "3", 0, "x", state, failure=failure)


@pytest.mark.parametrize(
    ("given", "due", "due_when_forced"),
    [
        (place(PlaceState.WANTED), True, True),
        (place(PlaceState.STORED), False, False),
        (place(PlaceState.REMOVED), False, False),
        (place(PlaceState.FAILED, 1), True, True),
        (place(PlaceState.FAILED, 2), True, True),
        (place(PlaceState.FAILED, 3), False, True),
    ],
)
def test_wanted_pictures_are_due_and_failed_ones_three_times(
    given: Place, due: bool, due_when_forced: bool
) -> None:
    assert visits.is_due(given, force=False) is due
    assert visits.is_due(given, force=True) is due_when_forced
