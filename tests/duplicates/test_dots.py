from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fapfav.duplicates import dots
from fapfav.duplicates.dots import cosines, cosines_of, measured, tile, widened


def rows_of(width: int) -> NDArray[np.int8]:
    random = np.random.default_rng(width)
    rows: NDArray[np.int8] = random.integers(-128, 128, (30, width)).astype(np.int8)
    rows[15:] = np.where(random.random((15, width)) < 0.1, rows[15:], rows[:15])
    rows[0] = -128
    return rows


@pytest.mark.parametrize("width", [3, 1024, 1025, 1280])
def test_lengths_and_cosines_are_the_same_whichever_way_they_are_made(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dots, "_BLOCK", 7)
    rows = rows_of(width)
    vectors = measured(rows)
    i, j = (each.ravel() for each in np.indices((30, 30)))

    at, to, found = tile(widened(vectors, np.arange(30)), widened(vectors, np.arange(30)), -2.0)

    whole = rows.astype(np.int64)
    assert vectors.squares.tolist() == (whole * whole).sum(axis=1).tolist()
    assert (at.tolist(), to.tolist()) == (i.tolist(), j.tolist())
    assert found.tolist() == cosines(rows, i, j).tolist() == cosines_of(vectors, i, j).tolist()


def test_a_part_of_a_block_is_those_rows() -> None:
    vectors = measured(rows_of(20))

    part = widened(vectors, np.arange(5, 20)).part(3, 6)

    assert part.rows.tolist() == vectors.rows[8:11].tolist()
    assert part.squares.tolist() == vectors.squares[8:11].tolist()
