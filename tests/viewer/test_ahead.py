"""What is made before pages ask for it, and that it ends with the archive it is of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Semaphore

import pytest

from fapfav.jobs.ahead import STEPS
from fapfav.jobs.following import Following
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.library import Archive
from fapfav.jobs.set_lines import SetLines
from tests.viewer.browsing import Visitor
from tests.viewer.wire import TIMEOUT, wired
from viewer import ahead
from viewer.state import Viewer

PATHS = ("/viewer/", "/viewer/users/", "/viewer/duplicates/", "/viewer/tag/0/", "/viewer/trash/")


def shown(visitor: Visitor) -> list[str]:
    return [visitor.get(path).text for path in PATHS]


def test_pages_find_ready_what_they_rest_on(
    viewer: Viewer, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead.work(viewer)
    followed: list[object] = []
    the = Following.the

    def watched(self: Following, name: object, make: Callable[[Following], object]) -> object:
        def noted(following: Following) -> object:
            followed.append(name)
            return make(following)

        return the(self, name, noted)  # type: ignore[type-var]

    def begin(self: object) -> None:
        followed.append(self)

    monkeypatch.setattr(Following, "the", watched)
    monkeypatch.setattr(Grouping, "_begin", begin)
    monkeypatch.setattr(SetLines, "_begin", begin)

    assert [visitor.get(path).status for path in PATHS] == [200] * len(PATHS)
    assert followed == []


def test_pages_show_the_same_as_without_it(viewer: Viewer, visitor: Visitor) -> None:
    without = shown(visitor)
    viewer.lock()
    viewer.unlock(None)
    ahead.work(viewer)

    assert shown(Visitor(viewer)) == without


def test_it_ends_when_the_archive_is_locked(
    sealed_viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def lock(_: Archive) -> None:
        done.append("locked")
        sealed_viewer.lock()

    monkeypatch.setattr(ahead, "STEPS", (*STEPS, lock, lambda _: done.append("later")))
    ahead.work(sealed_viewer)

    assert done == ["locked"]


def test_a_step_that_has_more_to_do_is_done_again(
    viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [1, 2, 3]

    def step(_: Archive) -> bool:
        left.pop()
        return bool(left)

    monkeypatch.setattr(ahead, "STEPS", (step,))
    ahead.work(viewer)

    assert left == []


def test_a_server_works_ahead_whenever_the_archive_is_opened(
    made: dict[bool, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Semaphore(0)
    monkeypatch.setattr(ahead, "STEPS", (lambda _: told.release(),))
    with wired(made[False], sealed=False) as wire:
        assert told.acquire(timeout=TIMEOUT)
        wire.viewer.lock()
        wire.viewer.unlock(None)

        assert told.acquire(timeout=TIMEOUT)
