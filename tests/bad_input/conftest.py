"""A home for each test, and archives to spoil."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Home
from tests.support import album, new_archive, read_folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder with nothing in it."""
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`pictures`, and `sealed` and `plain` archives that hold them; only copied, never used."""
    top = tmp_path_factory.mktemp("filled")
    album(top / "pictures", 6)
    for name in ("sealed", "plain"):
        with new_archive(top / name, sealed=name == "sealed") as archive:
            read_folder(archive, top / "pictures")
            with archive.write("tag add") as tx:
                tx.next_tag()
    return top


@pytest.fixture
def sealed(filled: Path, tmp_path: Path) -> Path:
    """An encrypted archive of six pictures."""
    return Path(shutil.copytree(filled / "sealed", tmp_path / "sealed"))


@pytest.fixture
def plain(filled: Path, tmp_path: Path) -> Path:
    """An archive of six pictures that is not encrypted."""
    return Path(shutil.copytree(filled / "plain", tmp_path / "plain"))
