from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from fapfav.duplicates import sketch
from fapfav.duplicates.alike import Indices
from fapfav.duplicates.sketch import (
    LENGTHS,
    SLACK,
    best_length,
    cluster_order,
    principal_axes,
    sketches_of,
)


class Sample:
    """Unit rows (n, 160) with most of their length along few directions."""

    def __init__(self, seed: int, size: int, tail: float = 1.0) -> None:
        random = np.random.default_rng(seed)
        scale = np.linspace(1, 0, 160) ** 4 + 0.02 * tail
        self.rows = random.normal(size=(size, 160)) * scale
        self.rows /= np.linalg.norm(self.rows, axis=1)[:, None]

    def __call__(self, numbers: Indices) -> NDArray[np.float64]:
        return self.rows[numbers]


@pytest.mark.parametrize("length", [1, 31, 63, 127, 160])
def test_a_product_of_sketches_is_never_less_than_the_cosine(length: int) -> None:
    sample = Sample(length, 300)
    axes = principal_axes(sample, 300)

    sketches = sketches_of(sample, 300, axes[:, :length])

    bound, cosine = sketches @ sketches.T, sample.rows @ sample.rows.T
    assert sketches.shape == (300, length + 1)
    assert (bound >= cosine - SLACK).all()
    assert np.abs(np.linalg.norm(sketches, axis=1) - 1).max() < SLACK


def test_more_axes_bound_more_tightly_and_all_of_them_exactly() -> None:
    sample = Sample(1, 200)
    axes = principal_axes(sample, 200)
    cosine = sample.rows @ sample.rows.T

    loose = []
    for length in (10, 40, 160):
        sketches = sketches_of(sample, 200, axes[:, :length])
        loose.append(float((sketches @ sketches.T - cosine).mean()))

    assert loose[0] > loose[1] > loose[2]
    assert loose[2] < 1e-5


def test_axes_are_orthonormal_and_the_first_ones_hold_the_most() -> None:
    sample = Sample(2, 500)

    axes = principal_axes(sample, 500)

    energy = ((sample.rows @ axes) ** 2).sum(axis=0)
    assert np.abs(axes.T @ axes - np.eye(160)).max() < 1e-12
    assert (np.diff(energy) <= 1e-9).all()


def test_a_low_limit_asks_for_longer_sketches() -> None:
    sample = Sample(3, 600, tail=10)
    axes = principal_axes(sample, 600)

    high, low = (best_length(sample, 600, axes, limit) for limit in (0.95, 0.5))

    assert high in LENGTHS
    assert high <= low <= 160
    assert high < low


def test_the_order_has_fresh_rows_first_and_like_ones_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sketch, "_CLUSTER", 50)
    monkeypatch.setattr(sketch, "_BLOCK", 64)
    random = np.random.default_rng(4)
    kind = random.integers(0, 4, 400)
    sketches = (np.eye(4)[kind] + random.normal(scale=0.05, size=(400, 4))).astype(np.float32)
    fresh = random.random(400) < 0.5

    order = cluster_order(sketches, fresh)

    count = int(fresh.sum())
    assert sorted(order.tolist()) == list(range(400))
    assert fresh[order[:count]].all()
    for part in (order[:count], order[count:]):
        assert np.count_nonzero(np.diff(kind[part])) < 20  # by chance it would be about 150
