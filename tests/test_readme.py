"""README.md: its example runs as it stands."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import get_origin

import pytest

import fapfav
from fapfav.practice.site import PracticeSite
from tests.jobs.sites import ACCOUNT
from tests.support import album

ROOT = Path(__file__).parents[1]


def example(name: str = "example") -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    album(tmp_path / "pictures", 5)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}

    exec(compile(example(), "README.md", "exec"), names)

    out = capsys.readouterr().out
    assert "5 saved, 0 failed" in out
    assert "pictures" in out
    assert re.search(r"^[0-9a-f]{16} True$", out, re.MULTILINE)
    archive = names["archive"]
    assert isinstance(archive, fapfav.Archive)
    assert hashlib.sha256(names["picture"]).digest() in archive.blobs  # type: ignore[arg-type, operator]


def test_the_example_of_a_site_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with PracticeSite([ACCOUNT]) as site:
        # In place of the real site, which has no such user and is not asked by tests.
        code = example("site example").replace(
            "fapfav.imagefap()", f"fapfav.imagefap(base={site.url!r}, pace=(0, 0))"
        )
        exec(compile(code, "README.md", "exec"), {"fapfav": fapfav})

    assert re.fullmatch(r"12 saved with \d+ requests\n0 gone\n", capsys.readouterr().out)


def test_every_public_name_is_there_and_explained() -> None:
    for name in fapfav.__all__:
        value = getattr(fapfav, name)
        value = get_origin(value) or value
        assert name == "Digest" or (value.__doc__ or "").strip(), name


def test_a_fingerprint_of_either_preparation_has_the_same_parts(tmp_path: Path) -> None:
    (raw,) = album(tmp_path, 1)
    scaled, exact = fapfav.fingerprint(raw), fapfav.fingerprint(raw, preparation="exact")
    for prints in (scaled, exact):
        hashes = (prints.percept, prints.average, prints.diff, prints.wavelet)
        assert all(type(one) is int and 0 <= one < 2**64 for one in hashes)
        assert prints.cnn is not None
        assert abs(float((prints.cnn**2).sum()) - 1) < 1e-5
    with pytest.raises(fapfav.BadPicture):
        fapfav.fingerprint(b"no picture")
