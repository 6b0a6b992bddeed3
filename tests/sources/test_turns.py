import fcntl
import math
import os
import stat
import struct
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import SourceError, Stopped
from fapfav.sources.pacing import Clock
from fapfav.sources.replies import Reply
from fapfav.sources.turns import HOUR, Gap, Shared, Times, Turns
from fapfav.sources.waits import Waits
from tests.house.tree import ROOT
from tests.sources.rude import Asked, Rude, Talk
from tests.sources.visiting import ScriptedWire, Time, in_turn, rules, visit

GOOD = Reply(200, b"<html></html>")
NOW = 1_700_000_000.0
BASE = "https://www.site.example"

moments = st.floats(1.0, 2e9)


def made(last: float, since: float, until: float, pages: list[float]) -> Times:
    times = Times()
    times.last, times.since, times.until = last, min(since, until), max(since, until)
    times.pages.extend(sorted(pages))
    return times


def state(times: Times) -> tuple[float, float, float, list[float]]:
    return times.last, times.since, times.until, list(times.pages)


@given(moments, moments, moments, st.lists(moments, max_size=20))
@settings(deadline=None)
def test_times_come_back_from_their_bytes(
    last: float, since: float, until: float, pages: list[float]
) -> None:
    times = made(last, since, until, pages)

    assert state(Times.from_bytes(times.to_bytes())) == state(times)


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(st.floats(), min_size=3, max_size=9).map(
            lambda found: struct.pack(f"<{len(found)}d", *found)
        ),
    )
)
@settings(deadline=None, max_examples=300)
def test_a_damaged_file_never_stops_anybody(raw: bytes) -> None:
    times = Times.from_bytes(raw)
    times.forgive(NOW)
    left, _ = times.left(NOW, Gap(3, 5))

    assert not math.isnan(left)
    assert times.last <= NOW
    assert all(page <= NOW for page in times.pages)
    assert len(times.to_bytes()) >= 24


@given(moments, moments, moments, st.lists(moments, max_size=20), st.floats(0, 100))
@settings(deadline=None)
def test_a_clock_that_was_put_back_costs_one_interval_at_most(
    last: float, since: float, until: float, pages: list[float], seconds: float
) -> None:
    times = made(last, since, until, pages)
    pause = times.until - times.since
    times.forgive(NOW)

    left, _ = times.left(NOW, Gap(seconds))
    assert left <= max(seconds, pause) + 1e-6


def test_a_pause_begins_anew_when_the_clock_was_put_back_and_a_longer_one_stays() -> None:
    times = Times()
    times.announce(NOW, 60)
    times.announce(NOW + 10, 20)
    assert times.left(NOW + 10, Gap(0)) == (50, "the site asked for a pause")

    times.forgive(NOW - 86400)
    assert times.left(NOW - 86400, Gap(0)) == (60, "the site asked for a pause")


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=60), st.integers(1, 8))
@settings(deadline=None)
def test_no_hour_has_more_pages_than_allowed(thoughts: list[float], hour: int) -> None:
    times, now, starts = Times(), 0.0, []
    for thought in thoughts:
        now += thought
        now += max(0.0, times.left(now, Gap(1, hour))[0])
        times.start(now, Gap(1, hour))
        starts.append(now)

    pairs = zip(starts, starts[hour:], strict=False)
    assert all(later - start >= HOUR - 1e-6 for start, later in pairs)
    assert all(b - a >= 1 - 1e-6 for a, b in pairwise(starts))
    assert len(times.pages) <= hour + 1


def test_two_programs_keep_one_pace(tmp_path: Path) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    one, two = (visit(time, wire, turns=tmp_path) for _ in range(2))
    for session in (one, two, two, one):
        session.page("/a")

    assert wire.starts == pytest.approx([0, 3, 6, 9])


def test_two_programs_keep_one_hour(tmp_path: Path) -> None:
    time = Time()
    used = rules(between_pages=(0, 0), pages_an_hour=4)
    wire = ScriptedWire(time, in_turn(GOOD))
    one, two = (visit(time, wire, used, turns=tmp_path) for _ in range(2))
    for number in range(9):
        (two if number % 3 else one).page("/a")

    assert wire.starts == pytest.approx([0] * 4 + [3600] * 4 + [7200], abs=0.01)


def test_a_pause_that_one_program_was_asked_for_is_kept_by_all(tmp_path: Path) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(Reply(429, retry_after=("60",)), GOOD))
    one, two = (visit(time, wire, turns=tmp_path) for _ in range(2))
    one.hurry()
    with pytest.raises(Stopped):
        one.page("/a")
    told: list[str] = []
    time.during = lambda: told.append(two.waiting.why if two.waiting else "")
    two.page("/a")

    assert wire.starts == [0, 60]
    assert told == ["the site asked for a pause"]


def test_a_pause_too_long_to_wait_for_outlives_the_program(tmp_path: Path) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(Reply(503, retry_after=("90000",)), GOOD))
    for _ in range(2):
        with pytest.raises(SourceError, match=r"(www.site.)?example wants nothing asked"):
            visit(time, wire, turns=tmp_path).page("/a")
    assert len(wire.asked) == 1

    time.pass_(90000 - 3600)
    visit(time, wire, turns=tmp_path).page("/a")
    assert wire.starts == [0, 90000]


def test_sites_do_not_wait_for_each_other(tmp_path: Path) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    for base in (BASE, "https://cdn.site.example"):
        visit(time, wire, base=base, turns=tmp_path).page("/a")

    assert wire.starts == [0, 0]


def test_the_file_holds_times_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    folder, time = tmp_path / "new" / "turns", Time()
    visit(time, ScriptedWire(time, in_turn(GOOD)), turns=folder).page("/secret")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = sorted(folder.iterdir())
    assert len(files) == 3
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "site" not in file.name
    assert sorted(file.stat().st_size for file in files)[-1] == 32
    found = Times.from_bytes(next(f for f in files if not f.suffix).read_bytes())
    assert (found.last, list(found.pages)) == (time.wall, [time.wall])


def test_a_damaged_or_future_file_delays_by_one_interval_at_most(tmp_path: Path) -> None:
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    visit(time, wire, turns=tmp_path).page("/a")
    file = next(file for file in tmp_path.iterdir() if not file.suffix)
    for raw in (b"", b"nonsense", os.urandom(801), made(NOW * 2, 1, 2, []).to_bytes()):
        file.write_bytes(raw)
        before = time.now
        visit(time, wire, turns=tmp_path).page("/a")
        assert time.now - before <= 4


def test_a_folder_that_cannot_be_had_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "gone").mkdir()
    time = Time()
    wire = ScriptedWire(time, in_turn(GOOD))
    for folder in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "gone"):
        session = visit(time, wire, turns=folder)
        if folder.name == "gone":
            folder.rmdir()
        assert session.page("/a").status == 200
        assert session.page("/b").status == 200

    assert wire.starts == pytest.approx([0, 3, 3, 6, 6, 9])


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    time, victim = Time(), tmp_path / "victim"
    victim.write_text("mine")
    turns = tmp_path / "turns"
    wire = ScriptedWire(time, in_turn(GOOD))
    visit(time, wire, turns=turns).page("/a")
    file = next(file for file in turns.iterdir() if not file.suffix)
    file.unlink()
    file.symlink_to(victim)
    visit(time, wire, turns=turns).page("/a")

    assert victim.read_text() == "mine"


def test_waiting_for_another_program_is_told_and_can_be_ended(tmp_path: Path) -> None:
    clock = Clock()
    other, waits = Waits(clock), Waits(clock)
    shared = Shared(tmp_path, BASE)
    holder = Shared(tmp_path, BASE)
    assert holder.acquire(other, clock)
    turns, stopped, told = Turns("example", clock, waits, shared), threading.Event(), ""

    def wait() -> None:
        with pytest.raises(Stopped), turns.turn(Gap(0)):
            raise AssertionError("it had a turn")
        stopped.set()

    thread = threading.Thread(target=wait)
    thread.start()
    while not told and thread.is_alive():
        told = waits.waiting.why if waits.waiting else ""
    waits.close()
    thread.join(60)
    holder.release()

    assert told == "another program of yours asks the site"
    assert stopped.is_set()


def test_between_two_glances_at_another_programs_turn_it_is_still_the_same_wait(
    tmp_path: Path,
) -> None:
    told: list[bool] = []
    holder = Shared(tmp_path, BASE)
    assert holder.acquire(Waits(Clock()), Clock())

    def monotonic() -> float:
        told.append(waits.waiting is not None)
        return float(len(told))

    def glance(_event: threading.Event, _seconds: float) -> bool:
        if len(told) > 9:
            holder.release()
        return False

    clock = Clock(monotonic=monotonic, wait=glance)
    waits = Waits(clock)
    shared = Shared(tmp_path, BASE)
    assert shared.acquire(waits, clock)
    shared.release()

    began = told.index(True)
    assert all(told[began:])
    assert len(told) - began > 5
    assert waits.waiting is None


VISITOR = """
import sys
from fapfav.sources.http import open_session
from fapfav.sources.web import Rules
from pathlib import Path
from time import monotonic
_, base, folder, name, count = sys.argv
pace = (0.02, 0.02)
rules = Rules("example", base, frozenset(), pace, pace, 9000, lambda url, body: False)
print("ready", flush=True)
sys.stdin.readline()
with open_session(rules, base=base, turns=Path(folder)) as session:
    for number in range(int(count)):
        session.page(f"/{name}/{number}")
"""


def visitor(url: str, folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    """A program that visits on its own once it is told to."""
    child = subprocess.Popen(
        [sys.executable, "-c", VISITOR, url, str(folder), name, str(count)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def stands_in_the_door(turns: Path) -> bool:
    """Whether a program waits for its turn; it may find us in the door, and looks again."""
    (door,) = turns.glob("*.door")
    with door.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_processes_never_ask_at_once_keep_one_pace_and_take_turns(tmp_path: Path) -> None:
    def held(talk: Talk, asked: Asked) -> None:
        """Answers once the other waits for its turn, if it has any left."""
        other = "b" if asked.path.startswith("/a") else "a"
        while sum(path[1] == other for path in server.paths) < 15 and not talk.gone.is_set():
            if stands_in_the_door(tmp_path):
                break
            talk.gone.wait(0.002)
        talk.gone.wait(0.005)
        talk.answer(b"<html></html>")

    with Rude(held) as server:
        with (
            visitor(server.url, tmp_path, "a", 15) as one,
            visitor(server.url, tmp_path, "b", 15) as two,
        ):
            began = monotonic()
            go(one)
            go(two)
            assert (one.wait(120), two.wait(120)) == (0, 0)

        assert server.most_at_once == 1
        # One interval between any two. The server may notice them late, the first one too.
        assert server.asked[-1].start - began > 29 * 0.02
        order = "".join(path[1] for path in server.paths)
        assert order in ("ab" * 15, "ba" * 15)


def test_a_program_that_was_killed_leaves_its_turn_to_others(tmp_path: Path) -> None:
    reached = threading.Event()

    def handle(talk: Talk, asked: Asked) -> None:
        if asked.path.startswith("/killed"):
            reached.set()
            talk.gone.wait()
        talk.answer(b"<html></html>")

    with Rude(handle) as server:
        with visitor(server.url, tmp_path, "killed", 1) as killed:
            go(killed)
            assert reached.wait(120)
            killed.kill()
        with visitor(server.url, tmp_path, "next", 1) as following:
            go(following)
            assert following.wait(120) == 0

        assert server.paths == ["/killed/0", "/next/0"]
