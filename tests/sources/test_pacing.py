import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.sources.pacing import come_back, pace_of, pause_asked, span
from fapfav.sources.replies import Kind, Meaning, meaning
from tests.sources.visiting import RULES, Time

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)


def test_the_rules_pace_is_the_usual_one() -> None:
    pace = pace_of(RULES, None, loopback=False)

    assert pace.between(Kind.PAGE) == (2, 4)
    assert pace.between(Kind.FILE) == pace.between(Kind.HEAD) == (1, 2)
    assert pace.hour == 900


def test_a_wish_replaces_both_intervals() -> None:
    pace = pace_of(RULES, (5, 6), loopback=False)

    assert pace.between(Kind.PAGE) == pace.between(Kind.FILE) == (5, 6)
    assert pace.hour == 900


def test_only_a_site_on_this_computer_is_asked_faster() -> None:
    assert pace_of(RULES, (0, 0), loopback=True).hour is None
    with pytest.raises(UsageError, match="give a pace of 2 or more"):
        pace_of(RULES, (1.5, 9), loopback=False)


@pytest.mark.parametrize(
    "wish", [(-1, 1), (3, 2), (math.nan, 3), (3, math.nan), (3, math.inf), (-math.inf, 3)]
)
def test_a_pace_that_makes_no_sense_is_refused(wish: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        pace_of(RULES, wish, loopback=True)


def test_backing_off_doubles_up_to_five_minutes() -> None:
    pace = pace_of(RULES, None, loopback=False)
    waits = [pace.backoff(tries, Time().clock) for tries in range(1, 9)]

    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
    assert pace_of(RULES, (0, 0), loopback=True).backoff(7, Time().clock) == 0


def test_a_check_page_is_waited_out_for_ten_minutes_and_doubling() -> None:
    pace = pace_of(RULES, None, loopback=False)

    assert [pace.check_pause(times) for times in (1, 2, 3, 4)] == [600, 1200, 2400, 4800]
    assert pace_of(RULES, (0, 0), loopback=True).check_pause(1) == 0


@given(st.integers(0, 10**9))
@settings(deadline=None)
def test_seconds_are_taken_as_they_are(seconds: int) -> None:
    assert pause_asked([f" {seconds} "], "", 0) == min(seconds, 366 * 86400)


@given(st.integers(0, 300 * 86400))
@settings(deadline=None)
def test_a_date_is_as_far_off_as_the_answer_itself_says(seconds: int) -> None:
    until = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)

    assert pause_asked([until], format_datetime(NOW, usegmt=True), 17.0) == seconds
    assert pause_asked([until], "", NOW.timestamp()) == seconds
    assert pause_asked([until], "no date", NOW.timestamp()) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 29 Feb 2024 12:00:30 GMT",
        "Thursday, 29-Feb-24 12:00:30 GMT",
        "Thu Feb 29 12:00:30 2024",
    ],
)
def test_all_three_forms_of_a_date_are_read(text: str) -> None:
    assert pause_asked([text], "", NOW.timestamp()) == 30


def test_a_date_in_the_past_asks_for_nothing() -> None:
    assert pause_asked(["Thu, 01 Jan 1970 00:00:00 GMT"], "", NOW.timestamp()) == 0


def test_of_several_the_longest_holds() -> None:
    assert pause_asked(["3", "nonsense", "70", "5"], "", 0) == 70


@pytest.mark.parametrize(
    "value", ["", "soon", "-5", "1.5", "１２", "0x10", "9" * 101, "Thu, 99 Feb 2024 12:00:30 GMT"]
)
def test_what_says_nothing_asks_for_nothing(value: str) -> None:
    assert pause_asked([value], "", 0) is None
    assert pause_asked([], "", 0) is None


@given(st.text(max_size=70), st.text(max_size=70))
@settings(deadline=None, max_examples=300)
def test_whatever_comes_is_a_bounded_pause_or_none(value: str, date: str) -> None:
    pause = pause_asked([value], date, NOW.timestamp())

    assert pause is None or 0 <= pause <= 366 * 86400


def test_a_time_far_away_can_be_said() -> None:
    assert come_back(1e300, NOW.timestamp()).startswith("2025-0")
    assert [span(seconds) for seconds in (0.2, 30, 600, 7200, 86400)] == [
        "1 s",
        "30 s",
        "10 min",
        "2 h",
        "24 h",
    ]


@pytest.mark.parametrize(
    ("meant", "statuses"),
    [
        (Meaning.FINAL, [200, 400, 404, 410, 418]),
        (Meaning.MOVED, [301, 302, 303, 307, 308]),
        (Meaning.BUSY, [408, 425, 429, 503]),
        (Meaning.BROKEN, [500, 501, 502, 504, 520, 599]),
        (Meaning.REFUSED, [401, 403, 407, 451]),
        (Meaning.UNEXPECTED, [0, 100, 101, 103, 201, 204, 206, 300, 304, 305, 600, 999]),
    ],
)
def test_a_status_means_one_thing(meant: Meaning, statuses: list[int]) -> None:
    assert {meaning(status) for status in statuses} == {meant}
