from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates import hamming
from fapfav.duplicates.hamming import near_values

Found = set[tuple[int, int, int]]


def naive(values: NDArray[np.uint64], limit: int, fresh: NDArray[np.bool_]) -> Found:
    whole = [int(value) for value in values]
    return {
        (a, b, distance)
        for b in range(len(whole))
        for a in range(b)
        if (fresh[a] or fresh[b]) and 1 <= (distance := (whole[a] ^ whole[b]).bit_count()) <= limit
    }


def as_set(found: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]) -> Found:
    a, b, distance = found
    pairs = [
        (min(one, other), max(one, other), score)
        for one, other, score in zip(a.tolist(), b.tolist(), distance.tolist(), strict=True)
    ]
    assert len(pairs) == len(set(pairs))
    return set(pairs)


def clustered(seed: int, size: int) -> NDArray[np.uint64]:
    """Values around a few centres, so that every distance occurs, from 0 up."""
    random = np.random.default_rng(seed)
    centres = random.integers(0, 2**64, 5, dtype=np.uint64)
    values = centres[random.integers(0, 5, size)]
    for _ in range(18):
        flips = np.uint64(1) << random.integers(0, 64, size, dtype=np.uint64)
        values = np.where(random.random(size) < 0.5, values ^ flips, values)
    return values


@pytest.mark.parametrize("limit", range(16))
@pytest.mark.parametrize("share", [1.0, 0.3, 0.0])
def test_both_ways_of_searching_find_exactly_what_comparing_all_finds(
    limit: int, share: float
) -> None:
    values = clustered(limit, 150)
    fresh = np.random.default_rng(limit).random(150) < share
    order = np.concatenate([np.flatnonzero(fresh), np.flatnonzero(~fresh)])
    count = int(fresh.sum())
    expected = naive(values, limit, fresh)

    assert as_set(near_values(values, limit, fresh)) == expected
    if limit and count:
        everything = hamming._by_all(values[order], count, limit)
        assert as_set((order[everything[0]], order[everything[1]], everything[2])) == expected


@pytest.mark.parametrize("limit", range(1, 16))
def test_searching_by_chunks_finds_exactly_what_comparing_all_finds(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chunks are given up when they cost more than comparing all: here they must go on.
    monkeypatch.setattr(hamming, "_PER_CANDIDATE", 0)
    monkeypatch.setattr(hamming, "_BLOCK", 97)
    values = clustered(limit, 150)

    for count in (150, 40):
        found = hamming._by_chunks(values, count, limit)

        assert found is not None
        assert as_set(found) == naive(values, limit, np.arange(150) < count)


@pytest.mark.parametrize("limit", [1, 4, 8, 10])
def test_a_large_search_is_done_by_chunks_and_equals_comparing_all(limit: int) -> None:
    values = np.concatenate([clustered(limit, 300), clustered(99, 4_000)])
    values[300:] ^= np.random.default_rng(3).integers(0, 2**64, 4_000, dtype=np.uint64)
    size = values.size
    assert hamming._pays(size, size, limit)

    by_chunks = hamming._by_chunks(values, size, limit)

    assert by_chunks is not None
    assert as_set(by_chunks) == as_set(hamming._by_all(values, size, limit))


def test_values_that_crowd_under_every_key_fall_back_to_comparing_all() -> None:
    values = np.arange(3_000, dtype=np.uint64)  # 52 equal high bits: all under one key
    assert hamming._pays(values.size, values.size, 4)

    assert hamming._by_chunks(values, values.size, 4) is None
    a, _, distance = near_values(values, 1, np.ones(values.size, np.bool_))

    assert set(distance.tolist()) == {1}
    assert a.size == sum(
        (n ^ 1 << bit) > n for n in range(3_000) for bit in range(12) if n ^ 1 << bit < 3_000
    )


def test_a_few_new_values_are_compared_with_all_directly() -> None:
    assert not hamming._pays(1_000_000, 100, 4)
    assert hamming._pays(1_000_000, 100_000, 4)


def test_candidates_come_in_blocks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "_BLOCK", 10)
    counts = np.array([3, 25, 1, 9])

    blocks = list(hamming._neighbours(np.array([5, 10, 50, 60]), counts))

    assert [left.size for left, _ in blocks] == [10, 10, 10, 8]
    pairs = [
        pair for left, right in blocks for pair in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert pairs == [
        (first, first + 1 + rank)
        for first, count in zip([5, 10, 50, 60], counts.tolist(), strict=True)
        for rank in range(count)
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 255), max_size=25),
    st.integers(-1, 15),
    st.integers(0, 2**25),
)
def test_any_values_are_searched_exactly(whole: list[int], limit: int, mask: int) -> None:
    values = np.array(whole, dtype=np.uint64)
    fresh = np.array([bool(mask >> place & 1) for place in range(len(whole))], dtype=np.bool_)

    assert as_set(near_values(values, limit, fresh)) == naive(values, limit, fresh)
