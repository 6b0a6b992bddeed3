from __future__ import annotations

import io
import os
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


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress("reading"), "reading: 0"),
        (Progress("reading", 5), "reading: 5"),
        (Progress("reading", 5, 10, 1, 2.0, 2.5), "reading: 5 of 10, 1 failed, 2.0/s, 2.50 s left"),
        (Progress("reading", 10, 10, 0, 2.0, 0.0), "reading: 10 of 10, 2.0/s"),
        (Progress("reading", 1, notes=("paused",)), "reading: 1, paused"),
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


def test_nothing_told_is_nothing_said() -> None:
    said: list[str] = []
    with Lines(said.append):
        pass

    assert said == []


def test_the_bar_shows_numbers_and_no_markup_of_a_name() -> None:
    stream = io.StringIO()
    with Bar(stream) as bar:
        bar.tell(Progress("reading [bold]", 5, 10, 2, 3.0, 1.7))
        bar.line("[red]\x1b[2J")
        bar.tell(Progress("comparing", 1))
    drawn = stream.getvalue()

    assert "reading [bold]" in drawn
    assert "5/10" in drawn
    assert "3.0/s" in drawn
    assert "1.70 s left" in drawn
    assert "2 failed" in drawn
    assert r"[red]\x1b[2J" in drawn
    assert "comparing" in drawn


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
