"""What tests of jobs share: archives that are quick to read into, and waiting without guessing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fapfav.jobs.library import Archive
from fapfav.model import Config
from fapfav.practice.child import Child, serve_in_child
from tests.support import PASSWORD, album, new_archive
from tests.viewer.archives import opened
from viewer import state, workers
from viewer.job_process import JobState
from viewer.state import Viewer, install

LIMIT = 180.0
"""Seconds after which what does not come fails its test: so long only what hangs takes."""


def until(holds: Callable[[], object]) -> None:
    """Waits until it does."""
    ends = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.01)


def over(number: int) -> JobState:
    """A job, once it is over."""
    until(lambda: workers.job(number).is_over)
    return workers.job(number)


@contextmanager
def at_home(home: Path) -> Iterator[pytest.MonkeyPatch]:
    """A home folder of its own, which the jobs' processes inherit."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FAPFAV_DIR", "FAPFAV_CONTACT", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(home))
        patch.setenv("FAPFAV_PACE", "0,0")
        yield patch


@contextmanager
def practice(folder: Path) -> Iterator[Child]:
    """A site whose user `practice` has three albums of pictures, five to a page."""
    for number, name in enumerate(("Hills", "Lakes", "Skies")):
        album(folder / name, 20, 20 * number)
    with serve_in_child(folder, page_size=5) as child:
        yield child


@contextmanager
def working(where: Path, *, sealed: bool) -> Iterator[Viewer]:
    """A viewer of a new archive that reads without a network; its jobs end with the block."""
    with new_archive(where, sealed=sealed) as archive, archive.write("settings") as tx:
        tx.put(Config("model", "off"))
    viewer = Viewer(where, lambda _: opened(where, sealed=sealed), is_sealed=sealed)
    with pytest.MonkeyPatch.context() as patch:
        # A job may hold the archive for longer than that on a busy computer. Pages try again then,
        # and what a test writes beside them does not.
        patch.setattr(state, "PATIENCE", LIMIT)
        viewer.unlock(PASSWORD if sealed else None)
        install(viewer)
        try:
            yield viewer
        finally:
            workers.of(viewer).shut_down()
            viewer.lock()
            install(None)


def pictures(viewer: Viewer) -> int:
    """How many the archive holds, by a look of its own."""
    with alone(viewer) as archive:
        return len(archive.blobs)


def alone(viewer: Viewer) -> Archive:
    """The archive, opened beside the viewer."""
    return opened(viewer.directory, sealed=viewer.is_sealed)
