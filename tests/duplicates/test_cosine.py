from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from fapfav.duplicates import cosine
from fapfav.duplicates.cosine import cosines, measured, near_rows


def rows_around(seed: int, size: int, width: int) -> NDArray[np.int8]:
    """Rows around a few directions, at cosines from low to high."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(4, width))
    noise = random.normal(size=(size, width)) * random.uniform(0, 0.9, size=(size, 1))
    rows = centres[random.integers(0, 4, size)] + noise
    scaled: NDArray[np.int8] = np.rint(rows * 127 / np.abs(rows).max(axis=1)[:, None]).astype(
        np.int8
    )
    return scaled


def exact(one: NDArray[np.int8], other: NDArray[np.int8]) -> float:
    first: list[int] = one.tolist()
    second: list[int] = other.tolist()
    dot = sum(a * b for a, b in zip(first, second, strict=True))
    lengths = sum(a * a for a in first) * sum(b * b for b in second)
    return dot / math.sqrt(lengths)


@pytest.mark.parametrize("width", [8, 1024, 1280, 2100])
def test_cosines_are_those_of_whole_number_arithmetic_bit_for_bit(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosine, "_LEFT", 7)
    monkeypatch.setattr(cosine, "_RIGHT", 11)
    rows = rows_around(width, 40, width)
    fresh = np.arange(40) % 3 != 0

    a, b, found = near_rows(measured(rows), np.arange(40), 0.8, fresh)

    expected = {
        (i, j): value
        for j in range(40)
        for i in range(j)
        if (fresh[i] or fresh[j]) and (value := exact(rows[i], rows[j])) >= 0.8
    }
    low, high = np.minimum(a, b).tolist(), np.maximum(a, b).tolist()
    assert 20 < len(expected) < 40 * 39 / 2
    assert dict(zip(zip(low, high, strict=True), found.tolist(), strict=True)) == expected
    assert a.size == len(expected)


def test_the_largest_numbers_are_multiplied_without_loss() -> None:
    rows = np.full((2, 1280), -128, np.int8)
    rows[1, 0] = 127

    _, _, found = near_rows(measured(rows), np.arange(2), 0.5, np.ones(2, np.bool_))

    assert found.tolist() == [exact(rows[0], rows[1])]
    assert found[0] < 1


def test_pairwise_cosines_equal_those_of_the_search() -> None:
    rows = rows_around(5, 30, 1280)
    a, b, found = near_rows(measured(rows), np.arange(30), 0.5, np.ones(30, np.bool_))

    assert a.size
    assert cosines(rows, a, b).tolist() == found.tolist()


def test_a_row_of_zeros_is_like_nothing() -> None:
    rows = np.zeros((2, 8), np.int8)
    rows[1] = 5

    assert cosines(rows, np.array([0, 0]), np.array([1, 0])).tolist() == [0, 0]


def test_dropped_pairs_never_gather() -> None:
    rows = rows_around(6, 30, 16)
    asked = 0

    def drop(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        nonlocal asked
        asked += a.size
        return np.equal(a % 2, b % 2)

    a, b, _ = near_rows(measured(rows), np.arange(30), 0.5, np.ones(30, np.bool_), drop=drop)

    assert a.size
    assert (a % 2 != b % 2).all()
    assert asked > a.size


def test_watching_tells_the_share_done_and_stops_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cosine, "_LEFT", 10)
    rows = rows_around(7, 40, 16)
    told: list[float] = []

    def watch(share: float) -> bool:
        told.append(share)
        return share >= 0.5

    a, b, _ = near_rows(measured(rows), np.arange(40), 0.5, np.ones(40, np.bool_), watch=watch)

    assert told == [0, 0.4375, 0.75]  # the last rows have few left to be compared with
    assert a.size
    assert np.minimum(a, b).max() < 20
