"""The thread a site is asked from: order, errors, ticks, calls that are dropped."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, Future

import pytest

from fapfav.errors import SourceError
from fapfav.jobs.line import Line, ticking


def test_calls_run_one_after_the_other_in_a_thread_of_their_own() -> None:
    seen: list[tuple[int, int]] = []

    with Line(lambda: None) as line:
        futures = [
            line.submit(lambda n=n: seen.append((n, threading.get_ident())))  # type: ignore[misc]
            for n in range(20)
        ]
        for future in futures:
            line.result(future)

    assert [number for number, _ in seen] == list(range(20))
    assert {thread for _, thread in seen} != {threading.get_ident()}
    assert len({thread for _, thread in seen}) == 1


def test_the_caller_ticks_in_its_own_thread_until_the_answer_is_there() -> None:
    ticks: list[int] = []
    enough = threading.Event()

    def tick() -> None:
        ticks.append(threading.get_ident())
        if len(ticks) == 3:
            enough.set()

    with Line(tick) as line:
        assert line.call(lambda: enough.wait(60) and "answer") == "answer"

    assert ticks == [threading.get_ident()] * len(ticks)
    assert len(ticks) >= 3


def test_errors_come_through() -> None:
    def fail() -> None:
        raise SourceError("the site is closed")

    with Line(lambda: None) as line:
        with pytest.raises(SourceError, match="closed"):
            line.call(fail)
        assert line.call(lambda: "still works") == "still works"


def test_a_timeout_of_the_work_itself_is_no_reason_to_go_on_waiting() -> None:
    def fail() -> None:
        raise TimeoutError("its own")

    with Line(lambda: None) as line, pytest.raises(TimeoutError, match="its own"):
        line.call(fail)


def test_what_is_cancelled_before_its_turn_never_runs() -> None:
    begun, release = threading.Event(), threading.Event()
    ran: list[str] = []

    def first() -> None:
        begun.set()
        release.wait(60)

    with Line(lambda: None) as line:
        running = line.submit(first)
        dropped = line.submit(lambda: ran.append("dropped"))
        assert begun.wait(60)
        assert dropped.cancel()
        assert not running.cancel()
        release.set()
        line.call(lambda: ran.append("after"))

    assert ran == ["after"]
    with pytest.raises(CancelledError):
        ticking(dropped, lambda: None)


def test_a_program_that_ends_does_not_wait_for_the_line() -> None:
    before = set(threading.enumerate())  # lines of others may be about to end
    with Line(lambda: None) as line:
        line.call(lambda: None)
        (thread,) = (t for t in set(threading.enumerate()) - before if t.name == "line")

    assert thread.daemon
    thread.join(60)
    assert not thread.is_alive()


def test_a_future_that_is_done_needs_no_tick() -> None:
    future: Future[int] = Future()
    future.set_result(7)

    assert ticking(future, pytest.fail) == 7
