from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.cli.text import count, date, duration, many, percent, shown, size


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
    assert [duration(t) for t in (0.5, 12.34, 62, 3723)] == [
        "0.50 s",
        "12.3 s",
        "1:02 min",
        "1:02:03 h",
    ]
