"""The pictures that are measured with: real, varied, and the same ones every time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks import pictures

SIZES = st.lists(st.tuples(st.integers(400, 6000), st.integers(400, 6000)), min_size=1, max_size=5)


@settings(deadline=None)
@given(number=st.integers(0, 5000), sizes=SIZES)
def test_a_window_lies_in_its_photograph_and_a_picture_has_the_size_it_should(
    number: int, sizes: list[tuple[int, int]]
) -> None:
    part = pictures.plan(number, sizes)

    left, top, right, bottom = part.window
    width, height = sizes[part.photograph]
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert 0.99e6 <= part.size[0] * part.size[1] <= 2.51e6
    assert 85 <= part.quality <= 92


def test_a_longer_set_begins_with_the_shorter_one() -> None:
    sizes = [(4000, 3000), (3000, 4000)]

    assert [pictures.plan(number, sizes) for number in range(50)] == [
        pictures.plan(number, sizes) for number in range(100)
    ][:50]


def test_pictures_of_one_photograph_show_different_parts() -> None:
    windows = [pictures.plan(number, [(5000, 3000)]).window for number in range(200)]

    assert len(set(windows)) == 200


def test_without_packages_small_photographs_take_their_place_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no apt-get

    made = pictures.build(4, tmp_path / "pictures", processes=1)

    assert made.source.startswith("FALLBACK")
    assert "apt-get update" in capsys.readouterr().err
    files = sorted(Path(made.folder).rglob("*.jpg"))
    assert made.pictures == len(files) == 4
    assert made.bytes == sum(path.stat().st_size for path in files)
    for path in files:
        with Image.open(path) as image:
            assert image.format == "JPEG"
            assert image.width * image.height >= 0.99e6


def test_a_second_build_makes_nothing_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    first = pictures.build(2, tmp_path / "pictures", processes=1)
    times = [path.stat().st_mtime_ns for path in sorted(Path(first.folder).rglob("*.jpg"))]

    again = pictures.build(2, tmp_path / "pictures", processes=1)

    assert again == first
    assert times == [path.stat().st_mtime_ns for path in sorted(Path(first.folder).rglob("*.jpg"))]
