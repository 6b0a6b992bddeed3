from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fapfav.jobs.library import Archive, open_archive
from tests.viewer import timed
from tests.viewer.timed import Clock
from tests.viewer.working import until
from viewer.shelf import Shelf
from viewer.state import REMEMBERED, Locked, Viewer, awake, install, the_viewer

clock, plain, sealed = timed.clock, timed.plain, timed.sealed

PATIENCE = 120.0
"""Seconds that nothing takes unless it hangs, however busy the computer is."""


def in_thread(act: object) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


# Remembering


def test_what_was_computed_is_kept_until_its_version_is_another(plain: Viewer) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    assert [plain.remembered("a", version, make) for version in (1, 1, 2, 2, 1)] == [1, 1, 2, 2, 3]


def test_what_was_not_asked_for_the_longest_goes_first(plain: Viewer) -> None:
    plain.remembered("kept", 1, lambda: "first")
    for number in range(REMEMBERED):
        plain.remembered(("other", number), 1, lambda: 0)
        plain.remembered("kept", 1, lambda: "again")

    assert plain.remembered("kept", 1, lambda: "again") == "first"
    assert plain.remembered(("other", 0), 1, lambda: 1) == 1


def test_while_one_thing_is_computed_another_is_remembered(plain: Viewer) -> None:
    plain.remembered("known", 1, lambda: "known")
    begun, go_on = threading.Event(), threading.Event()

    def long() -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return "made"

    thread = in_thread(lambda: plain.remembered("long", 1, long))
    assert begun.wait(PATIENCE)

    assert plain.remembered("known", 1, lambda: "anew") == "known"
    go_on.set()
    thread.join(PATIENCE)
    assert plain.remembered("long", 1, lambda: "anew") == "made"


def test_nothing_computed_outlives_the_lock_not_even_what_was_under_way(sealed: Viewer) -> None:
    sealed.remembered("before", 1, lambda: "secret")

    def locked_meanwhile() -> str:
        sealed.lock()
        return "secret"

    assert sealed.remembered("during", 1, locked_meanwhile) == "secret"
    assert sealed.remembered("before", 1, lambda: "anew") == "anew"
    assert sealed.remembered("during", 1, lambda: "anew") == "anew"


# Locking


def test_locking_forgets_all_and_tells_who_wants_to_know(sealed: Viewer) -> None:
    told: list[bool] = []
    sealed.on_lock.append(lambda: told.append(sealed.is_open))
    sealed.selections["view"] = {b"picture"}
    sealed.shelf.put("picture", b"bytes", sealed.shelf.turn)
    sealed.sessions["key"] = {"let_in": sealed.epoch}
    code = sealed.one_time_code()

    sealed.lock()

    assert told == [False]
    assert (sealed.selections, sealed.sessions, sealed.shelf.taken) == ({}, {}, 0)
    assert not sealed.takes(code)
    assert sealed.takes(sealed.code)
    with pytest.raises(Locked), sealed.archive():
        pass
    with pytest.raises(Locked):
        sealed.peek()


def test_a_lock_is_at_once_though_a_page_runs_and_waits_for_its_end(sealed: Viewer) -> None:
    locked = threading.Event()

    def lock() -> None:
        sealed.lock()
        locked.set()

    with sealed.archive() as archive:
        thread = in_thread(lock)
        until(lambda: not sealed.is_open)
        assert sealed.sessions == {}
        assert not locked.is_set()
        assert len(archive.blobs) > 0  # the page comes to its end with what it has
    thread.join(PATIENCE)
    assert locked.is_set()


def test_at_the_end_it_waits_for_a_page_no_longer_than_it_is_told(sealed: Viewer) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def page() -> None:
        with sealed.archive():
            entered.set()
            assert go_on.wait(PATIENCE)

    thread = in_thread(page)
    assert entered.wait(PATIENCE)
    sealed.end(0.01)
    assert not sealed.is_open
    go_on.set()
    thread.join(PATIENCE)


def test_of_two_that_open_it_one_is_kept_and_the_other_closed(made: dict[bool, Path]) -> None:
    closed: list[Archive] = []
    opened: list[Archive] = []

    def opener(given: str | None) -> Archive:
        archive = open_archive(made[False], given)
        archive.on_close = lambda: closed.append(archive)
        opened.append(archive)
        return archive

    viewer = Viewer(made[False], opener, is_sealed=False)
    threads = [in_thread(lambda: viewer.unlock(None)) for _ in range(4)]
    for thread in threads:
        thread.join(PATIENCE)

    kept = viewer.peek()
    assert len(opened) == 4
    assert sorted(map(id, [*closed, kept])) == sorted(map(id, opened))
    viewer.lock()
    assert sorted(map(id, closed)) == sorted(map(id, opened))


def test_many_threads_may_lock_open_and_look_at_once(made: dict[bool, Path]) -> None:
    viewer = Viewer(made[False], lambda given: open_archive(made[False], given), is_sealed=False)
    wrong: list[BaseException] = []

    def act(number: int) -> None:
        try:
            for turn in range(20):
                if (turn + number) % 5 == 0:
                    viewer.lock()
                elif (turn + number) % 5 == 1:
                    viewer.unlock(None)
                else:
                    try:
                        with viewer.archive() as archive:
                            viewer.remembered(turn, archive.last, lambda: 1)
                    except Locked:
                        pass
        except BaseException as error:
            wrong.append(error)

    threads = [in_thread(lambda number=number: act(number)) for number in range(6)]
    for thread in threads:
        thread.join(PATIENCE)

    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)
    viewer.lock()


def test_the_time_until_it_locks_runs_from_the_last_visit(sealed: Viewer, clock: Clock) -> None:
    sealed.visit()
    clock.now += 60

    assert sealed.seconds_left == sealed.lock_after - 60
    sealed.visit()
    assert sealed.seconds_left == sealed.lock_after
    clock.now += sealed.lock_after
    assert sealed.lock_if_idle()
    assert not sealed.lock_if_idle()
    assert sealed.seconds_left is None


def test_the_clock_goes_on() -> None:
    assert awake() <= awake()


def test_without_a_viewer_there_is_none() -> None:
    install(None)  # whatever ran in this process before
    with pytest.raises(LookupError):
        the_viewer()


# The shelf


def test_the_shelf_keeps_what_was_asked_for_last_within_its_room() -> None:
    shelf = Shelf(room=80)
    for number in range(10):
        shelf.put(number, bytes(10), shelf.turn)
        shelf.get(2)

    assert shelf.taken == 80
    assert [number for number in range(10) if shelf.get(number) is not None] == [
        2, 3, 4, 5, 6, 7, 8, 9,
    ]  # fmt: skip
    shelf.put(9, bytes(5), shelf.turn)
    assert shelf.taken == 75


def test_nothing_large_takes_the_place_of_all_the_rest() -> None:
    shelf = Shelf(room=80)

    shelf.put("large", bytes(11), shelf.turn)

    assert (shelf.get("large"), shelf.taken) == (None, 0)


def test_what_was_opened_before_a_clear_is_not_put_there_after_it() -> None:
    shelf = Shelf(room=80)
    turn = shelf.turn

    shelf.clear()
    shelf.put("late", b"bytes", turn)

    assert shelf.get("late") is None
