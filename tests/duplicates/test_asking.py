"""Few values asked of many find what comparing all with all finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates import asking
from fapfav.duplicates.asking import near_asked
from fapfav.duplicates.hamming import between

Values = NDArray[np.uint64]


def near_copies(values: Values, many: int, bits: int, seed: int) -> Values:
    """Values that differ from some of others in so many bits."""
    rng = np.random.default_rng(seed)
    picked = values[rng.integers(0, values.size, many)]
    for _ in range(bits):
        picked ^= np.uint64(1) << rng.integers(0, 64, many, np.uint64)
    return picked


def found_by(asked: Values, values: Values, limit: int, threads: int) -> list[tuple[int, ...]]:
    i, j, distance = near_asked(asked, values, limit, threads)
    return sorted(zip(i.tolist(), j.tolist(), distance.tolist(), strict=True))


@given(st.integers(0, 1 << 30), st.integers(2, 7), st.integers(0, 8), st.integers(1, 2))
def test_what_is_near_is_found(seed: int, limit: int, bits: int, threads: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 1 << 64, 3000, np.uint64)
    asked = np.concatenate([near_copies(values, 300, bits, seed), values[:5]])

    i, j, distance = between(asked, values, limit, 1)

    wanted = sorted(zip(i.tolist(), j.tolist(), distance.tolist(), strict=True))
    assert found_by(asked, values, limit, threads) == wanted
    assert limit < bits or len(wanted) >= 300


@pytest.mark.parametrize("size", [asking._BLOCK - 1, asking._BLOCK, asking._BLOCK + 1])
def test_the_last_of_a_block_is_found(size: int) -> None:
    values = np.random.default_rng(size).integers(0, 1 << 64, size, np.uint64)
    asked = np.concatenate([values[-300:], values[:300]])

    i, j, distance = near_asked(asked, values, 4)

    assert sorted(j[distance == 0].tolist()) == [*range(300), *range(size - 300, size)]
    assert (asked[i] == values[j])[distance == 0].all()


@pytest.mark.parametrize("asked", [0, 3, 700, 50_000])
@pytest.mark.parametrize("limit", [-1, 0, 4, 14])
def test_any_number_may_be_asked_within_any_limit(asked: int, limit: int) -> None:
    values = np.random.default_rng(asked).integers(0, 1 << 64, 900, np.uint64)

    found = near_asked(near_copies(values, asked, 2, 1), values, limit)

    assert all(part.size == between(near_copies(values, asked, 2, 1), values, limit)[0].size
               for part in found)  # fmt: skip


def test_values_that_all_begin_alike_are_found() -> None:
    values = np.arange(4000, dtype=np.uint64)

    i, j, distance = near_asked(np.arange(500, dtype=np.uint64), values, 1)

    assert np.array_equal(np.bitwise_count(i.astype(np.uint64) ^ j.astype(np.uint64)), distance)
    assert i.size == between(np.arange(500, dtype=np.uint64), values, 1)[0].size
