from __future__ import annotations

import io
import os
import re
import signal

import pytest

from fapfav.cli.progress import Bar, Lines, in_words
from fapfav.cli.stopping import Stopper
from fapfav.model import Progress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams are taken for a terminal of 80 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("reading"), "reading"),
        (Progress("reading", 0, 10), "reading: 0 of 10"),
        (Progress("reading", 5), "reading: 5"),
        (Progress("reading", 5, 10, 1, 2.0, 2.5), "reading: 5 of 10, 1 failed, 2.0/s, 2.50 s left"),
        (Progress("reading", 10, 10, 0, 2.0, 0.0), "reading: 10 of 10, 2.0/s"),
        (
            Progress("reading", 120, 2000, 3, 0.22, 8400, ("Landscapes",), 31),
            "reading Landscapes: 120 of 2,000 pictures, 31 pages, 3 failed, 13/min, "
            "2 h 20 min left",
        ),
        (Progress("listing", 1, pages=1, notes=("Boats",)), "listing Boats: 1 picture, 1 page"),
        (
            Progress("listing", 24, pages=2, waiting="29:40: the site asks for it (429)"),
            "listing: 24 pictures, 2 pages, waiting 29:40: the site asks for it (429)",
        ),
        (Progress("auditing", notes=("x" * 100,)), f"auditing {'x' * 39}\N{HORIZONTAL ELLIPSIS}"),
    ],
)
def test_progress_is_said_with_rate_time_left_and_failures(progress: Progress, words: str) -> None:
    assert in_words(progress) == words


def test_lines_come_now_and_then_and_at_the_end_of_each_step() -> None:
    said: list[str] = []
    clock = Clock()
    with Lines(said.append, clock) as lines:
        for done in range(1, 13):
            clock.now += 1.0
            lines.tell(Progress("reading", done, 12))
        lines.tell(Progress("comparing", 1, 100))

    assert said == [
        "reading: 5 of 12",
        "reading: 10 of 12",
        "reading: 12 of 12",
        "comparing: 1 of 100",
    ]


def test_the_end_of_a_step_is_said_once() -> None:
    said: list[str] = []
    clock = Clock()
    with Lines(said.append, clock) as lines:
        lines.tell(Progress("reading", 1, 12))
        clock.now += 6.0
        lines.tell(Progress("reading", 12, 12))
        lines.tell(Progress("reading", 12, 12))
        lines.tell(Progress("comparing", 1, 100))

    assert said == ["reading: 12 of 12", "comparing: 1 of 100"]


def test_a_wait_is_said_once_when_it_begins_and_once_when_it_is_over() -> None:
    said: list[str] = []
    clock = Clock()
    with Lines(said.append, clock) as lines:
        lines.tell(Progress("reading", 1, 5))
        for left in range(120, 0, -1):
            lines.tell(Progress("reading", 1, 5, waiting=f"{left} s: the site asks for it"))
            clock.now += 1.0
        lines.tell(Progress("reading", 1, 5))
        clock.now += 1.0
        lines.tell(Progress("reading", 2, 5))

    assert said == [
        "reading: 1 of 5, waiting 120 s: the site asks for it",
        "reading: goes on after 2 min",
        "reading: 2 of 5",
    ]


def test_a_step_that_ends_in_a_wait_says_where_it_ended() -> None:
    said: list[str] = []
    clock = Clock()
    with Lines(said.append, clock) as lines:
        lines.tell(Progress("reading", 1, 2, waiting="2 s: the site asks for it"))
        clock.now += 2.0
        lines.tell(Progress("reading", 2, 2, waiting="0 s: the site asks for it"))
        lines.tell(Progress("comparing", 1, waiting="5 s: the site asks for it"))
        lines.tell(Progress("comparing", 2, waiting="4 s: the site asks for it"))

    assert said == [
        "reading: 1 of 2, waiting 2 s: the site asks for it",
        "reading: goes on after 2.00 s",
        "reading: 2 of 2",
        "comparing: 1, waiting 5 s: the site asks for it",
        "comparing: 2",
    ]


def test_lines_are_fewer_the_longer_a_run_takes() -> None:
    said: list[str] = []
    clock = Clock()
    with Lines(said.append, clock) as lines:
        for hour in range(1, 4):
            said.clear()
            while clock.now < hour * 3600:
                clock.now += 1.0
                lines.tell(Progress("reading", int(clock.now)))
            assert len(said) <= (120 if hour == 1 else 60)
    assert len(said) >= 59


def test_nothing_told_is_nothing_said() -> None:
    said: list[str] = []
    with Lines(said.append):
        pass

    assert said == []


def drawn(*told: Progress, line: str = "") -> str:
    stream = io.StringIO()
    with Bar(stream) as bar:
        for each in told:
            bar.tell(each)
            bar._bars.refresh()
        bar.line(line)
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", stream.getvalue())


def test_the_bar_shows_numbers_and_no_markup_of_a_name(terminal: None) -> None:
    seen = drawn(
        Progress("reading [bold]", 5, 10, 2, 3.0, 1.7),
        Progress("comparing", 1, notes=("[red]\x1b[2Jx\u202e",)),
        line="[red]\x1b[2J",
    )

    for part in ("reading [bold]", "5/10", "3.0/s", "1.70 s left", "2 failed", "comparing"):
        assert part in seen
    assert seen.count(r"[red]\x1b[2J") >= 2
    assert r"\u202e" in seen
    assert "\u202e" not in seen


def test_the_bar_says_below_what_is_in_hand_and_why_it_waits(terminal: None) -> None:
    seen = drawn(
        Progress("reading", 120, 2000, 3, 0.22, 8400, ("Landscapes & lakes",), 31),
        Progress(
            *("reading", 120, 2000, 3, 0.22, 8400, ("Landscapes & lakes",), 31),
            waiting="29:40: the site asks for it (429)",
        ),
    )
    rows = [row.rstrip() for row in re.split(r"[\r\n]+", seen)]

    assert any(row.endswith("120/2,000 13/min 2 h 20 min left 3 failed") for row in rows)
    assert "Landscapes & lakes, 31 pages" in rows
    assert "waiting 29:40: the site asks for it (429)" in rows
    assert all(len(row) <= 80 for row in rows)


def test_a_wait_that_is_over_leaves_the_screen(terminal: None) -> None:
    over = drawn(Progress("reading", 1, 9, waiting="9 s: why"), Progress("reading", 2, 9))

    assert "waiting" in over
    assert "waiting" not in over[over.rindex("2/9") :]


def test_steps_that_are_over_do_not_fill_the_screen(terminal: None) -> None:
    seen = drawn(*(Progress(f"step {number}", 1) for number in range(20)))
    last = seen[seen.rindex("step 16") :]

    assert [f"step {number}" in last for number in (16, 17, 18, 19)] == [True] * 4
    assert "step 15" not in last


def test_the_first_interrupt_asks_and_the_second_stops() -> None:
    before = signal.getsignal(signal.SIGINT)
    said: list[str] = []
    with Stopper(lambda: said.append("stopping")) as stopper:
        assert not stopper.stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert stopper.stop()
        assert stopper.stop()
        assert said == ["stopping"]
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)

    assert stopper.asked
    assert signal.getsignal(signal.SIGINT) is before
