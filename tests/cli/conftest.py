"""A home folder for each test, and one archive that many tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Home, gallery


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder with nothing in it."""
    path = tmp_path / "home"
    path.mkdir()
    return Home(path)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with five pictures: see `gallery`."""
    return gallery(tmp_path / "pictures")


@pytest.fixture
def filled(home: Home, pictures: Path) -> Home:
    """A home whose default archive holds the pictures, without a password."""
    done = home.run("favorites", "read", "-l", pictures, "--no-password", "--model", "off")
    assert done.code == 0, done.err
    return home
