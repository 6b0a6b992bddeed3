"""Arithmetic that takes a short way, held against the long one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.relation.align import refined
from fapfav.relation.crops import _SIDE, _correlations, _windows
from fapfav.relation.overlap import interpolated, overlapping, tilted_positions
from fapfav.relation.placement import Placement
from fapfav.relation.planes import Values, averaged, averaging, windowed
from fapfav.relation.profile import _LEAST, _tries, start_of

SEEDS = st.integers(0, 2**32 - 1)


def noise(seed: int, *shape: int) -> Values:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


@given(SEEDS, st.integers(3, 40), st.integers(3, 40), st.sampled_from([3, 5, 9, 17]))
def test_a_running_mean_is_the_mean_of_each_window(
    seed: int, rows: int, columns: int, width: int
) -> None:
    plane, half = noise(seed, rows, columns), width // 2

    found = averaged(plane, width)

    for row, column in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
        window = plane[max(0, row - half) : row + half + 1, max(0, column - half) :]
        window = window[:, : min(column, half) + half + 1]
        assert found[row, column] == pytest.approx(window.mean(), abs=0.01)


@pytest.mark.parametrize(
    ("side", "width", "step", "size"), [(96, 9.6, 2, 10), (320, 16, 4, 16), (40, 7.4, 1, 7)]
)
def test_windows_further_apart_are_those_of_that_width(
    side: int, width: float, step: int, size: int
) -> None:
    planes = noise(3, 2, side, side)

    found = windowed(planes, width)

    # Of an even number of places they lie between these, and the first one is cut in half.
    starts = [at * step - (size // step // 2) * step for at in range(found.shape[1])]
    assert starts[-1] + size >= side
    for at in (0, 3, len(starts) - 1):
        low, high = max(0, starts[at]), starts[at] + size
        assert found[1, at, 5] == pytest.approx(
            planes[1, low:high, max(0, starts[5]) : starts[5] + size].mean(), abs=0.01
        )


@given(SEEDS, st.floats(0.4, 2.5))
def test_a_part_is_correlated_with_every_place_that_it_fits_in(seed: int, shape: float) -> None:
    whole, part = noise(seed, _SIDE, _SIDE), noise(seed + 1, _SIDE, _SIDE)
    windows = _windows(shape)
    rows, columns = windows[-1]
    top, left = 2, _SIDE - columns
    placed = whole[top : top + rows, left : left + columns]

    scores = _correlations(whole, part, windows)

    small = averaging(_SIDE, rows) @ part @ averaging(_SIDE, columns).T
    wanted = np.corrcoef(small.ravel(), placed.ravel())[0, 1]
    assert scores[-1, top, left] == pytest.approx(wanted, abs=1e-3)
    assert scores[-1, _SIDE - rows + 1 :].max(initial=-1) == -1  # it would reach past the edge


def test_zoom_and_shift_sample_as_a_turn_of_nothing_does() -> None:
    plane = noise(5, 96, 96)
    placement = Placement(0.9, 0.05, 0.8, -0.1)

    both = overlapping(plane, plane, placement)

    assert both is not None
    slowly = interpolated(plane, *tilted_positions(placement, 96))
    assert np.allclose(both[0], slowly, atol=0.01)


def test_a_profile_is_found_where_it_was_taken_from() -> None:
    ground = np.cumsum(np.cumsum(noise(6, 80, 80) - 127.5, axis=0), axis=1)
    ground = (ground - ground.mean()) / ground.std() * 50 + 128
    whole, part = ground[:64, :64], ground[4:64, 2:62]
    part = part[np.arange(64) * 60 // 64][:, np.arange(64) * 60 // 64]

    start = start_of(whole.astype(np.float32), part.astype(np.float32))

    assert start is not None
    assert start.zoom_x == pytest.approx(60 / 64, abs=0.02)
    exact = refined(whole, part, start)
    assert exact.agreement > _LEAST
    assert exact.placement.shift_y == pytest.approx(4 / 64, abs=0.02)
    assert len(_tries(64)[0]) > 300
