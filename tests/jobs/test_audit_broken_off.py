"""fapfav/jobs/audit.py: broken off anywhere it keeps what is certain, and goes on there."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import SourceError, Stopped
from fapfav.jobs.audit import seen
from fapfav.model import Check, Progress, Sighting, UserKey
from tests.jobs.audited import ANNA, BEN, NOW, Audited, shared
from tests.store.archives import tables


@pytest.fixture
def world(tmp_path: Path) -> Audited:
    return shared(tmp_path / "archive")


def test_stopped_between_pictures_it_goes_on_there(world: Audited) -> None:
    report = world.audit(stop=lambda: len(world.site.checked) == 2)

    assert (report.checked, report.left, report.stopped) == (2, 3, True)
    assert world.archive.users[UserKey("plain", ANNA)].date_audit == 0
    assert world.archive.changes[report.change].state == "done"

    rest = world.audit()

    assert world.site.checked == ["i4", "i1", "i2", "i3", "i20"]
    assert (rest.checked, rest.skipped, rest.stopped) == (3, 2, False)
    assert world.archive.users[UserKey("plain", ANNA)].date_audit == NOW


def test_a_wait_is_told_of_and_ended_when_it_is_asked_to_stop(world: Audited) -> None:
    told: list[Progress] = []
    world.site.meanwhile["i2"] = world.site.wait

    report = world.audit(tell=told.append, stop=lambda: any(each.waiting for each in told))

    reasons = {each.waiting.partition(": ")[2] for each in told}
    assert reasons == {"", "the site asks for a minute"}
    assert report.waited > 0
    assert world.site.hurried == 1
    assert (report.checked, report.left, report.stopped) == (2, 3, True)
    assert {image for *_, image in world.archive.checks} == {"i4", "i1"}


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is committed only because this computer is slow."""
    monkeypatch.setattr("fapfav.jobs.audit.COMMIT_SECONDS", float("inf"))


def test_before_a_long_wait_what_was_found_is_committed(world: Audited, unhurried: None) -> None:
    seen_on_disk: set[int] = set()

    def tell(progress: Progress) -> None:
        if progress.waiting:
            seen_on_disk.add(len(world.on_disk()))
            if len(seen_on_disk) == 2:
                world.site.release()

    world.site.meanwhile["i2"] = world.site.wait

    report = world.audit(tell=tell)

    assert seen_on_disk == {0, 4}  # as it began, and from then on: i4, and i1 at three places
    assert (report.checked, report.stopped) == (5, False)


def test_every_hundred_checks_are_committed(tmp_path: Path, unhurried: None) -> None:
    world = Audited(tmp_path / "archive")
    world.album(ANNA, "a", "Alps", *((number, f"i{number:03}") for number in range(130)))
    found: list[int] = []
    for image in ("i099", "i100", "i129"):
        world.site.meanwhile[image] = lambda: found.append(len(world.on_disk()))

    world.audit()

    assert found == [0, 100, 100]
    assert len(world.on_disk()) == 130


def test_what_waited_for_long_enough_is_committed(
    world: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fapfav.jobs.audit.COMMIT_SECONDS", 0.0)
    found: list[int] = []
    world.site.meanwhile["i3"] = lambda: found.append(len(world.on_disk()))

    world.audit()

    assert found == [5]  # i4, i1 at three places, i2


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [SourceError("a page of no known shape"), KeyboardInterrupt()])
def test_missing_addresses_right_before_an_error_are_not_believed(
    world: Audited, error: BaseException
) -> None:
    world.site.levels = {"i4": 2, "i2": 2, "i3": 2}
    world.site.meanwhile["i20"] = failing(error)

    with pytest.raises(type(error)):
        world.audit()

    assert {image for *_, image in world.archive.checks} == {"i4", "i1"}
    assert world.row(ANNA, "a", "i4").level == 2  # something else came after it
    del world.site.meanwhile["i20"]

    report = world.audit()

    assert world.site.checked[5:] == ["i2", "i3", "i20"]
    assert (report.skipped, report.newly_gone, report.by_level[2]) == (2, 2, 2)


def test_missing_addresses_at_the_end_are_believed(world: Audited) -> None:
    world.site.levels = dict.fromkeys(("i3", "i20"), 2)

    assert world.audit().by_level == {1: 0, 2: 2, 3: 0}
    assert world.row(BEN, "z", "i20").level == 2


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), st.integers(0, 5), st.booleans())
@settings(deadline=None, max_examples=12)
def test_broken_off_anywhere_it_ends_as_if_it_had_not_been(
    tmp_path_factory: pytest.TempPathFactory, levels: list[int], at: int, is_error: bool
) -> None:
    images = [f"i{number}" for number in range(6)]
    ends = []
    for is_broken in (True, False):
        world = Audited(tmp_path_factory.mktemp("law") / "archive")
        world.album(ANNA, "a", "Alps", *enumerate(images))
        world.site.levels = dict(zip(images, levels, strict=True))
        error = SourceError("no") if is_error else Stopped("asked to end")
        if is_broken:
            world.site.meanwhile[images[at]] = failing(error)
            if is_error:
                with pytest.raises(SourceError):
                    world.audit()
            else:
                assert world.audit().stopped
        world.site.meanwhile = {}
        world.audit()
        ends.append(tables(world.archive, "changes", "undo", "configs"))
    assert ends[0] == ends[1]


def test_killed_it_goes_on_where_it_was(tmp_path: Path) -> None:
    world = Audited(tmp_path / "archive")
    world.album(ANNA, "a", "Alps", *((number, f"i{number:03}") for number in range(110)))
    world.archive.close()
    code = (
        "import os, signal, sys\n"
        "from fapfav.jobs import audit as job\n"
        "from tests.jobs.audited import *\n"
        "job.COMMIT_SECONDS = float('inf')\n"
        "world = Audited(sys.argv[1], is_new=False)\n"
        "world.site.meanwhile['i105'] = lambda: os.kill(os.getpid(), signal.SIGKILL)\n"
        "world.audit()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "archive")], check=False)
    assert done.returncode == -signal.SIGKILL

    again = Audited(tmp_path / "archive", is_new=False)
    report = again.audit()

    assert again.site.checked == [f"i{number:03}" for number in range(100, 110)]
    assert (report.checked, report.skipped) == (10, 100)


@given(st.lists(st.tuples(st.integers(0, 2**32), st.integers(0, 3)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=100)
def test_a_history_is_what_changed_in_order(looks: list[tuple[int, int]]) -> None:
    check = Check("plain", "1", "a", "i1", 0)
    for time, level in looks:
        check = seen(check, Sighting(time, level, ""))

    levels = [0, *(sighting.level for sighting in check.history)]
    assert all(one != other for one, other in pairwise(levels))
    times = [sighting.time for sighting in check.history]
    assert times == sorted(times)
    assert (check.checked, check.level) == looks[-1]
    seen_levels = [0, *(level for _, level in looks)]
    assert len(check.history) == sum(one != other for one, other in pairwise(seen_levels))
