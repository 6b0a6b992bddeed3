import threading

import pytest

from fapfav.errors import SourceError, UsageError
from fapfav.sources.replies import Kind, Reply, Trouble
from fapfav.sources.session import REDIRECTS
from fapfav.sources.web import Answer, GaveUp, Head, Wait
from tests.sources.visiting import RULES, ScriptedWire, Time, in_turn, rules, visit

BASE = "https://www.site.example"
GOOD = Reply(200, b"<html></html>", "text/html")
BROKEN = Reply(500)


def moved(location: str, status: int = 302) -> Reply:
    return Reply(status, location=location)


def busy(*retry_after: str, status: int = 429) -> Reply:
    return Reply(status, retry_after=retry_after)


def test_an_answer_is_handed_on() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD, Reply(404), Reply(200, b"", "image/png", 77)))
    with visit(time, wire) as session:
        assert session.page("/a") == Answer(200, f"{BASE}/a", b"<html></html>", "text/html")
        assert session.file("https://cdn.site.example/b").status == 404
        assert session.head("/c") == Head(200, f"{BASE}/c", 77, "image/png")
        assert session.asked == 3
    assert [kind for _, kind, _ in wire.asked] == [Kind.PAGE, Kind.FILE, Kind.HEAD]
    assert wire.closed


def test_a_session_says_where_it_goes() -> None:
    session = visit(Time(), ScriptedWire(Time(), in_turn(GOOD)), base="http://LOCALHOST:80/a/")

    assert session.base == "http://localhost/a"
    assert session.hosts == {"localhost", "www.site.example", "cdn.site.example"}


def test_requests_start_an_interval_of_their_own_kind_after_the_last() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD), takes=0.5)
    session = visit(time, wire)
    for ask in (session.page, session.page, session.file, session.head, session.page):
        ask("/a")

    assert wire.starts == pytest.approx([0, 3, 4.5, 6, 9])
    assert session.waiting is None


def test_a_slow_answer_leaves_nothing_to_wait() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD), takes=10)
    session = visit(time, wire)
    session.page("/a")
    session.page("/b")

    assert time.slept == []


def test_ordinary_pauses_are_not_told_and_long_ones_are() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD, busy("30"), GOOD))
    session = visit(time, wire)
    told: list[Wait | None] = []
    time.during = lambda: told.append(session.waiting)
    session.page("/a")
    session.page("/b")

    assert told == [None, Wait("www.site.example asks for 30 s: it has no time (429)", 5033.0)]
    assert session.waiting is None


def test_only_so_many_pages_are_asked_in_any_hour() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    session = visit(time, wire, rules(between_pages=(0, 0), between_files=(0, 0), pages_an_hour=5))
    told: list[Wait | None] = []
    time.during = lambda: told.append(session.waiting)
    for number in range(13):
        session.page("/a")
        if number % 2:
            session.file("/b")
        time.pass_(10)

    pages = [start for start, kind, _ in wire.asked if kind is Kind.PAGE]
    assert all(later - start >= 3600 for start, later in zip(pages, pages[5:], strict=False))
    assert {wait.why for wait in told if wait} == {"5 pages within the hour"}
    assert pages[-1] - pages[0] < 2 * 3600 + 100  # and no longer than needed


def test_redirects_within_the_site_are_followed_and_paced() -> None:
    time = Time()
    wire = ScriptedWire(
        time, in_turn(moved("/b", 301), moved("https://cdn.site.example/c", 307), GOOD)
    )
    answer = (session := visit(time, wire)).page("/a")

    assert answer.url == "https://cdn.site.example/c"
    assert wire.starts == pytest.approx([0, 3, 6])
    assert session.asked == 3


def test_redirects_are_followed_five_times() -> None:
    time = Time()
    steps = [moved(f"/{number}") for number in range(REDIRECTS)]
    assert visit(time, ScriptedWire(time, in_turn(*steps, GOOD))).page("/a").url == f"{BASE}/4"

    wire = ScriptedWire(time, in_turn(*steps, moved("/x"), GOOD))
    with pytest.raises(SourceError, match=r"/a' leads on and on, at last to .*/x'"):
        visit(time, wire).page("/a")
    assert len(wire.asked) == REDIRECTS + 1


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        (["/b", "/a"], ["/b'", "/a'"]),
        (["/a"], ["/a'"]),
        ([""], ["/a'"]),
        (["file:///etc/hosts"], ["/a'", "file:///etc/hosts"]),
        (["https://other.example/x"], ["/a'", "https://other.example/x"]),
        (["http://127.0.0.1/x"], ["/a'", "http://127.0.0.1/x"]),
        (["http://www.site.example/a"], ["/a'", "http://www.site.example/a"]),
    ],
)
def test_a_redirect_that_leads_nowhere_good_names_both_ends(
    steps: list[str], names: list[str]
) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(*map(moved, steps), GOOD))

    with pytest.raises(SourceError) as caught:
        visit(time, wire).page("/a")

    assert all(name in str(caught.value) for name in names)
    assert not isinstance(caught.value, GaveUp)
    assert len(wire.asked) == len(steps)


@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_a_pause_that_is_asked_for_is_kept(status: int) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(busy("120", status=status), GOOD))
    assert visit(time, wire).page("/a").status == 200

    assert wire.starts == [0, 120]


def test_without_a_pause_asked_for_waits_double() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(busy(), busy("soon"), busy("1"), GOOD))
    visit(time, wire).page("/a")

    assert wire.starts == [0, 5, 15, 35]


def test_a_pause_beyond_six_hours_is_for_the_user() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(busy("21601"), GOOD))
    session = visit(time, wire)
    for _ in range(2):
        with pytest.raises(SourceError, match=r"come back after 20\d\d-\d\d-\d\d \d\d:\d\d"):
            session.page("/a")

    assert len(wire.asked) == 1  # the second was not even sent
    assert time.slept == []


@pytest.mark.parametrize(
    "reply",
    [
        BROKEN,
        Reply(502),
        Reply(599),
        Reply(200, b"<html>"),
        Trouble("it is short", answered=True),
        Trouble("it is gone", answered=False),
    ],
)
def test_trouble_is_tried_again_after_a_growing_pause(reply: Reply | Exception) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(reply, reply, GOOD))
    assert visit(time, wire).page("/a").status == 200

    assert wire.starts == [0, 5, 15]


def test_tries_are_told_of() -> None:
    time = Time()
    session = visit(time, ScriptedWire(time, in_turn(BROKEN, BROKEN, GOOD)))
    told: list[str] = []
    time.during = lambda: told.append(session.waiting.why if session.waiting else "")
    session.page("/a")

    assert told == [
        "www.site.example: it answered with error 500, try 2 of 8",
        "www.site.example: it answered with error 500, try 3 of 8",
    ]


@pytest.mark.parametrize(
    ("last", "answered", "says"),
    [
        (BROKEN, True, "error 500, 8 times in a row; try again later"),
        (busy("0"), True, r"no time \(429\), 8 times in a row"),
        (Reply(200, b"<html>"), True, "ends in the middle"),
        (Trouble("it is gone", answered=False), False, "cannot reach www.site.example: it is gone"),
    ],
)
def test_after_eight_tries_it_gives_up(last: Reply | Exception, answered: bool, says: str) -> None:
    time = Time()
    first = BROKEN if not answered else Trouble("it is gone", answered=False)
    wire = ScriptedWire(time, in_turn(first, last))
    with pytest.raises(GaveUp, match=says) as caught:
        visit(time, wire).page("/a")

    assert caught.value.answered is answered
    assert "www.site.example" in str(caught.value)
    assert len(wire.asked) == 8


def test_at_no_pace_nothing_is_waited_for() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(BROKEN, Reply(200, b"are you human"), busy(), BROKEN, GOOD))
    session = visit(time, wire, base="http://localhost", pace=(0, 0))
    for _ in range(2000):
        session.page("/a")

    assert time.slept == []


def test_the_real_hosts_are_not_asked_at_the_pace_of_loopback() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    session = visit(time, wire, base="http://localhost", pace=(0, 0))
    for host in ("http://localhost:81", "https://cdn.site.example", "https://cdn.site.example"):
        session.file(f"{host}/a")

    assert wire.starts == [0, 1.5, 3]


@pytest.mark.parametrize("status", [401, 403, 407, 451])
def test_a_refusal_is_final(status: int) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(Reply(status), GOOD))
    with pytest.raises(SourceError, match=rf"refuses to show .*/a' \({status}\)") as caught:
        visit(time, wire).page("/a")

    assert not isinstance(caught.value, GaveUp)
    assert len(wire.asked) == 1


@pytest.mark.parametrize("status", [101, 201, 204, 206, 300, 304, 999])
def test_a_status_that_makes_no_sense_is_final(status: int) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(Reply(status), GOOD))
    with pytest.raises(SourceError, match=f"status {status}"):
        visit(time, wire).page("/a")

    assert len(wire.asked) == 1


def test_a_cut_page_is_only_looked_for_in_whole_pages() -> None:
    time = Time()
    session = visit(time, ScriptedWire(time, in_turn(Reply(404, b"<html>"))))

    assert session.page("/a").status == 404
    session = visit(time, ScriptedWire(time, in_turn(Reply(200, b"<html>"))))
    assert session.file("/a").body == b"<html>"


def test_threads_ask_one_after_the_other() -> None:
    time = Time()
    inside, most = 0, 0

    def script(kind: Kind, url: str) -> Reply:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threading.Event().wait(0.001)
        inside -= 1
        return GOOD

    wire = ScriptedWire(time, script)
    session = visit(time, wire)
    threads = [threading.Thread(target=session.page, args=(f"/{n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1
    assert wire.starts == pytest.approx([3.0 * number for number in range(12)])


def test_an_address_elsewhere_is_refused_before_anything_is_waited_for() -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    session = visit(time, wire)
    session.page("/a")
    with pytest.raises(SourceError, match="another host"):
        session.page("https://other.example/")

    assert (len(wire.asked), time.slept) == (1, [])


def test_a_pace_below_the_rules_is_refused() -> None:
    with pytest.raises(UsageError, match="2 or more"):
        visit(Time(), ScriptedWire(Time(), in_turn(GOOD)), RULES, pace=(1, 1))
