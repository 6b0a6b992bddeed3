"""viewer/cells.py and viewer/recent.py: the shapes of a grid, and the digits of tags."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.jobs import tagging
from viewer.cells import NARROWEST, SHAPES, STEP, shape_of
from viewer.recent import note_tag, recent_tags
from viewer.state import Viewer

SHEET = Path(__file__).parents[2] / "viewer" / "static" / "viewer" / "grid.css"
ratios = {
    f"r{number}": float(ratio)
    for number, ratio in re.findall(r"\.r(\d+)\{--r:([\d.]+)\}", SHEET.read_text(encoding="utf-8"))
}


def test_the_style_sheet_has_every_shape() -> None:
    expected = {f"r{number}": NARROWEST * STEP**number for number in range(SHAPES)}

    assert ratios == pytest.approx(expected, abs=1e-4)


@settings(deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_a_cell_trims_a_hundredth_of_each_side_at_most(width: int, height: int) -> None:
    name, *fit = shape_of(width, height).split()

    ratio, own = ratios[name], width / height
    trimmed = 1 - min(ratio / own, own / ratio)
    assert fit == (["fit"] if own < 0.39 or own > 3.02 else fit)
    assert fit or trimmed / 2 <= 0.0101


@pytest.mark.parametrize(("width", "height"), [(0, 0), (10, 0)])
def test_a_picture_without_sides_has_a_shape_all_the_same(width: int, height: int) -> None:
    assert shape_of(width, height).split()[0] in ratios


def test_tags_keep_their_digits_and_the_oldest_makes_room(viewer: Viewer) -> None:
    request: Any = SimpleNamespace(session={})
    with viewer.archive() as archive:
        numbers = [tagging.add(archive, f"tag {letter}").number for letter in "abcdefghij"]
        for number in (*numbers[:9], numbers[0], numbers[9]):
            note_tag(request, number)

        digits = {tag.number: tag.digit for tag in recent_tags(request, archive)}

    assert digits[numbers[0]] == 1
    assert digits[numbers[9]] == 2
    assert numbers[1] not in digits
    assert sorted(digits.values()) == list(range(1, 10))


def test_a_tag_that_is_gone_has_no_digit(viewer: Viewer) -> None:
    request: Any = SimpleNamespace(session={})
    with viewer.archive() as archive:
        number = tagging.add(archive, "short-lived").number
        note_tag(request, number)
        tagging.remove(archive, "short-lived")

        assert recent_tags(request, archive) == []
