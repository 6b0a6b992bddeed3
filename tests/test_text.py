from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.text import count, date, duration, many, percent, rate, short, shown, size


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("plain.jpg", "plain.jpg"),
        ("grün 夏 café", "grün 夏 café"),
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("half \udcff", r"half \udcff"),
        ("next\u2028line", r"next\u2028line"),
        ("\u200bhidden", r"\u200bhidden"),
        ("no\u00a0break", "no\u00a0break"),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),
        ("\x9b31m", r"\x9b31m"),
    ],
)
def test_what_could_move_a_cursor_or_turn_a_line_is_escaped(name: str, harmless: str) -> None:
    assert shown(name) == harmless


@given(st.text())
def test_what_is_shown_is_one_line_that_any_stream_takes(name: str) -> None:
    safe = shown(name)

    assert len(safe.splitlines()) <= 1
    assert safe.encode().decode() == safe
    assert not set(safe) & {chr(code) for code in (*range(32), *range(127, 160), 0x202E, 0x2066)}


@given(st.text())
def test_showing_twice_is_showing_once(name: str) -> None:
    assert shown(shown(name)) == shown(name)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 b"),
        (1023, "1023 b"),
        (0.5, "0.50 b"),
        (1536, "1.50 kb"),
        (5 * 1024**3, "5.00 Gb"),
        (2048 * 1024**4, "2048.00 Tb"),
    ],
)
def test_sizes_have_units(number: float, words: str) -> None:
    assert size(number) == words


def test_counts_dates_shares_and_times_are_read_at_a_glance() -> None:
    assert [count(999), count(1500), count(2_250_000)] == ["999", "1.50 k", "2.25 M"]
    assert [date(0), date(86_400)] == ["pending", "1970/01/02-00:00:00-UTC"]
    assert percent(0.125) == "12.50 %"
    assert [many(1, "picture"), many(2, "picture")] == ["1 picture", "2 pictures"]
    spans = [duration(t) for t in (0.5, 12.34, 59.97, 62, 1780, 3600, 8400, 86_399, 100_000)]
    assert spans == [
        *("0.50 s", "12.3 s", "1 min", "1 min 2 s", "29 min 40 s"),
        *("1 h", "2 h 20 min", "23 h 59 min", "1 d 3 h"),
    ]


def test_rates_are_said_in_the_unit_that_makes_them_more_than_one() -> None:
    rates = [rate(each) for each in (12.34, 1.0, 0.22, 0.02, 0.5 / 60, 0.0)]

    assert rates == ["12.3/s", "1.0/s", "13/min", "1.2/min", "30/h", "0.0/h"]


@given(st.floats(0, 1e7))
def test_a_duration_is_never_more_than_two_units_nor_sixty_of_one(seconds: float) -> None:
    words = duration(seconds).split()

    assert len(words) in (2, 4)
    largest = {"s": 60, "min": 60, "h": 24, "d": 1e6}
    assert all(float(words[at]) < largest[words[at + 1]] for at in range(0, len(words), 2))


def test_what_is_cut_short_says_so() -> None:
    assert [short(text, 4) for text in ("boat", "boats", "")] == ["boat", "boa…", ""]
