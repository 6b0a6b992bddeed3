"""Archives that pages are shown of, and visitors who look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import PASSWORD
from tests.viewer.archives import copied, make_archive, opened, write_pictures
from tests.viewer.browsing import Visitor
from viewer.state import Viewer, install


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """By whether it is sealed, an archive that stays as it is."""
    base = tmp_path_factory.mktemp("viewer")
    write_pictures(base / "pictures")
    found = {}
    for sealed in (False, True):
        found[sealed] = base / ("sealed" if sealed else "plain")
        make_archive(found[sealed], base / "pictures", sealed=sealed)
    return found


def viewer_of(where: Path, *, sealed: bool) -> Viewer:
    """A viewer that has an archive open."""
    viewer = Viewer(where, lambda _: opened(where, sealed=sealed), is_sealed=sealed)
    viewer.unlock(PASSWORD if sealed else None)
    install(viewer)
    return viewer


@pytest.fixture
def viewer(made: dict[bool, Path], tmp_path: Path) -> Iterator[Viewer]:
    """A viewer of a plain archive, which may be changed."""
    found = viewer_of(copied(made[False], tmp_path / "archive"), sealed=False)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def sealed_viewer(made: dict[bool, Path], tmp_path: Path) -> Iterator[Viewer]:
    """A viewer of an encrypted archive, which may be changed."""
    found = viewer_of(copied(made[True], tmp_path / "archive"), sealed=True)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def visitor(viewer: Viewer) -> Visitor:
    """Who was let in to the plain archive."""
    return Visitor(viewer)
