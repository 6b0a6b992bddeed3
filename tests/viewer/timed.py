"""Viewers whose time is the test's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.library import open_archive
from tests.support import PASSWORD
from tests.viewer.archives import copied
from tests.viewer.browsing import Page, Visitor
from viewer.state import Viewer, install


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time."""
    return Clock()


def timed(where: Path, clock: Clock, *, sealed: bool) -> Viewer:
    """A viewer whose time is the test's."""
    found = Viewer(where, lambda given: open_archive(where, given), is_sealed=sealed, clock=clock)
    found.unlock(PASSWORD if sealed else None)
    install(found)
    return found


@pytest.fixture
def sealed(made: dict[bool, Path], tmp_path: Path, clock: Clock) -> Iterator[Viewer]:
    """Of an encrypted archive."""
    found = timed(copied(made[True], tmp_path / "archive"), clock, sealed=True)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def plain(made: dict[bool, Path], tmp_path: Path, clock: Clock) -> Iterator[Viewer]:
    """Of one that is not."""
    found = timed(copied(made[False], tmp_path / "archive"), clock, sealed=False)
    yield found
    found.lock()
    install(None)


def stranger(viewer: Viewer) -> Visitor:
    """Who was not let in."""
    return Visitor(viewer, let_in=False)


def answer(page: Page, given: str) -> Page:
    """What the page that asks says to an answer."""
    return page.submit("form#unlock", password=given)
