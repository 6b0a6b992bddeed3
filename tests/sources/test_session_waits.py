import pytest

from fapfav.errors import SourceError, Stopped
from fapfav.sources.replies import Reply
from fapfav.sources.web import Wait
from tests.sources.visiting import ScriptedWire, Time, in_turn, visit

BASE = "https://www.site.example"
GOOD = Reply(200, b"<html></html>", "text/html")


def busy(seconds: int) -> Reply:
    return Reply(429, retry_after=(str(seconds),))


CHECK_PAGES = [
    Reply(302, location="/human-verification"),
    Reply(200, b"are you human", "text/html"),
    Reply(403, b"are you human", "text/html"),
]


@pytest.mark.parametrize("check", CHECK_PAGES)
def test_a_check_page_is_waited_out_and_the_request_repeated(check: Reply) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(check, check, GOOD))
    session = visit(time, wire)
    told: list[Wait | None] = []
    time.during = lambda: told.append(session.waiting)
    assert session.page("/a").status == 200

    assert wire.starts == [0, 600, 1800]
    assert wire.urls == [f"{BASE}/a"] * 3  # the check page itself is never asked for
    assert told[0] == Wait("example wants a check by a human, or found us too fast", 5600.0)


@pytest.mark.parametrize("check", CHECK_PAGES)
def test_a_check_page_that_stays_ends_with_what_to_do(check: Reply) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(check))
    with pytest.raises(SourceError, match=r"example wants to see a human.*in a browser.*run the"):
        visit(time, wire).page("/a")

    assert wire.starts == [0, 600, 1800, 4200, 9000]


def test_the_bytes_of_a_picture_are_no_check_page() -> None:
    time = Time()
    wire = ScriptedWire(
        time, in_turn(Reply(200, b"\x89PNG are you human"), Reply(200, b" <p>are you human"), GOOD)
    )
    session = visit(time, wire)

    assert session.file("/a").body.startswith(b"\x89PNG")
    assert session.file("/a").body == GOOD.body
    assert wire.starts == pytest.approx([0, 1.5, 601.5])


def test_hurry_ends_a_long_wait_and_later_ones_but_no_short_one() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD, busy(30), GOOD, GOOD, busy(6), GOOD))
    session = visit(time, wire)
    session.page("/a")
    time.during = session.hurry
    with pytest.raises(Stopped, match="asks for 30 s"):
        session.page("/b")
    assert session.waiting is None

    time.pass_(30)
    session.page("/c")
    session.page("/d")  # three seconds
    with pytest.raises(Stopped, match="asks for 6 s"):
        session.page("/e")


def test_in_a_hurry_what_fails_is_not_tried_again() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(Reply(500), GOOD))
    session = visit(time, wire)
    session.hurry()

    with pytest.raises(Stopped, match="500"):
        session.page("/a")
    assert wire.starts == [0]


def test_a_pause_goes_on_after_a_request_was_stopped() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(busy(30), GOOD))
    session = visit(time, wire)
    session.hurry()
    for _ in range(3):
        with pytest.raises(Stopped):
            session.page("/a")
    time.pass_(26)
    session.page("/a")

    assert wire.starts == [0, 30]


def test_a_closed_session_asks_nothing() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    session = visit(time, wire)
    session.close()
    with pytest.raises(Stopped, match="closed"):
        session.page("/a")

    assert wire.asked == []


def test_close_ends_a_wait() -> None:
    time = Time()
    session = visit(time, ScriptedWire(time, in_turn(Reply(500))))
    time.during = session.close
    with pytest.raises(Stopped, match="closed"):
        session.page("/a")
