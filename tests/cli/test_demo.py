"""`make demo`: what somebody sees who tries the program for the first time."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from fapfav.cli import demo
from tests.cli.running import gallery, picture


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the network is converted once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the computer the tests run on."""
    for name in list(os.environ):
        if name.startswith("FAPFAV_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


def test_it_reads_a_site_and_shows_what_failed_was_found_and_vanished(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pictures = gallery(tmp_path / "pictures")
    (pictures / "summer" / "z.jpg").write_bytes(b"<p>no picture")
    home = tmp_path / "demo"
    home.mkdir()

    demo.from_site(pictures, "winter/d.jpg", home)

    out = capfd.readouterr().out
    assert re.findall(r"^== \./(\w+\.py \w+)", out, re.M) == [
        "favorites.py list",
        "favorites.py read",
        "process.py stats",
        "process.py tag",
        "process.py tag",
        "process.py export",
        "favorites.py audit",
    ]
    assert re.search(r"^export FAPFAV_IMAGEFAP_URL=http://127\S+ FAPFAV_PACE=0,0$", out, re.M)
    assert re.search(r"^\d+  summer\n\d+  winter$", out, re.M)
    assert re.search(r"^failed: summer/z\.jpg: ", out, re.M)
    assert "== 1 group of duplicates\n2 pictures alike by" in out
    assert re.search(r"^gone: winter/d\.jpg \(", out, re.M)
    assert "since the last audit: 1 gone, 0 back" in out
    assert out.count("THE END: success") == 6  # all but the read, which tells what failed
    # Outside its own folder nothing is left.
    assert {path.name for path in tmp_path.iterdir()} == {"demo", "pictures"}
    assert {path.name for path in home.iterdir()} == {"archive", "state"}


def test_a_folder_of_ones_own_is_read_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    picture(own / "a.jpg", 1)
    before = {path: path.read_bytes() for path in own.rglob("*.jpg")}
    monkeypatch.setattr(sys, "argv", ["demo", "~/own"])
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    demo.main()

    out = capfd.readouterr().out
    assert f"== ./favorites.py read --local {own} --output" in out
    assert "saved: 1 picture," in out
    assert "0 groups of duplicates" in out
    assert "FAPFAV_" not in out
    assert {path: path.read_bytes() for path in own.rglob("*.*")} == before
