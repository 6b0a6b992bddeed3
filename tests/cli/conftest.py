"""A home folder for each test, and one archive that many tests read."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Home, gallery


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """A shell that starts the tests in the background has them, and what they start, ignore it."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder with nothing in it."""
    path = tmp_path / "home"
    path.mkdir()
    return Home(path)


@pytest.fixture
def pictures(tmp_path: Path, made: Path) -> Path:
    """A folder with five pictures: see `gallery`."""
    folder = tmp_path / "pictures"
    shutil.copytree(made / "pictures", folder)
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose default archive holds the pictures; only copied, never used."""
    top = tmp_path_factory.mktemp("made")
    gallery(top / "pictures")
    (top / "home").mkdir()
    done = Home(top / "home").run_anew(
        "favorites", "read", "-l", top / "pictures", "--no-password", "--model", "off"
    )
    assert done.code == 0, done.err
    return top


@pytest.fixture
def filled(home: Home, made: Path) -> Home:
    """A home whose default archive holds `pictures`, without a password."""
    shutil.copytree(made / "home", home.path, dirs_exist_ok=True)
    return home
