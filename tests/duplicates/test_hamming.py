from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates import hamming
from fapfav.duplicates.hamming import between, near_values

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


def with_equal(expected: Found, values: NDArray[np.uint64], count: int) -> Found:
    """Also the pairs of equal values whose first is among the first `count`."""
    whole = values.tolist()
    return expected | {
        (a, b, 0) for b in range(len(whole)) for a in range(min(b, count)) if whole[a] == whole[b]
    }


@pytest.mark.parametrize("limit", range(16))
@pytest.mark.parametrize("share", [1.0, 0.3, 0.0])
def test_near_values_are_exactly_those_that_comparing_all_finds(limit: int, share: float) -> None:
    values = clustered(limit, 150)
    fresh = np.random.default_rng(limit).random(150) < share

    assert as_set(near_values(values, limit, fresh)) == naive(values, limit, fresh)


@pytest.mark.parametrize("limit", range(1, 16))
@pytest.mark.parametrize("long", [3, 1000], ids=["tiled runs", "short runs"])
def test_either_way_on_any_threads_in_any_blocks_finds_exactly_the_same(
    limit: int, long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chunks are given up when they cost more than comparing all: here they must go on.
    monkeypatch.setattr(hamming, "_PATIENCE", 1e9)
    for name, value in {"_BLOCK": 97, "_LONG": long, "_STRETCH": 31, "_ROWS": 7}.items():
        monkeypatch.setattr(hamming, name, value)
    monkeypatch.setattr(hamming, "_COLUMNS", 64)
    values = clustered(limit, 150)

    for count, threads in ((150, 1), (40, 3)):
        search = hamming._Search(values, count, limit, across=False)
        expected = with_equal(naive(values, limit, np.arange(150) < count), values, count)
        by_chunks = search.by_chunks(threads)

        assert by_chunks is not None
        assert as_set(by_chunks) == expected
        assert as_set(search.by_all(threads)) == expected


@pytest.mark.parametrize("limit", [0, 1, 4, 7, 12, 15])
def test_values_between_two_arrays_are_found_exactly_equal_ones_too(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, others = np.split(clustered(limit, 150), [60])
    expected = {
        (i, j, distance)
        for i, one in enumerate(values.tolist())
        for j, other in enumerate(others.tolist())
        if (distance := (one ^ other).bit_count()) <= limit
    }

    plain = between(values, others, limit)
    monkeypatch.setattr(hamming, "_PATIENCE", 1e9)
    monkeypatch.setattr(hamming, "_LONG", 20)
    by_chunks = hamming._Search(np.concatenate([values, others]), 60, limit, across=True).by_chunks(
        2
    )

    assert by_chunks is not None
    for i, j, distance in (plain, (by_chunks[0], by_chunks[1] - 60, by_chunks[2])):
        found = list(zip(i.tolist(), j.tolist(), distance.tolist(), strict=True))
        assert len(found) == len(set(found))
        assert set(found) == expected


def test_nothing_lies_between_nothing_and_something() -> None:
    none, some = np.zeros(0, np.uint64), np.ones(3, np.uint64)

    assert between(none, some, 4)[0].size == between(some, none, 4)[0].size == 0
    assert between(some, some, -1)[0].size == 0


@pytest.mark.parametrize("limit", [1, 4])
def test_a_large_search_is_done_by_chunks_and_equals_comparing_all(limit: int) -> None:
    values = np.concatenate([clustered(limit, 300), clustered(99, 9_000)])
    values[300:] ^= np.random.default_rng(3).integers(0, 2**64, 9_000, dtype=np.uint64)
    search = hamming._Search(values, values.size, limit, across=False)
    assert search.pays()

    by_chunks = search.by_chunks()

    assert by_chunks is not None
    assert as_set(by_chunks) == as_set(search.by_all())


def test_values_that_crowd_under_every_key_fall_back_to_comparing_all() -> None:
    values = np.arange(9_000, dtype=np.uint64)  # 50 equal high bits: all under one key
    search = hamming._Search(values, values.size, 4, across=False)
    assert search.pays()

    assert search.by_chunks() is None
    a, _, distance = near_values(values, 1, np.ones(values.size, np.bool_))

    assert set(distance.tolist()) == {1}
    assert a.size == sum(
        (n ^ 1 << bit) > n for n in range(9_000) for bit in range(14) if n ^ 1 << bit < 9_000
    )


def test_a_few_new_values_are_compared_with_all_directly() -> None:
    values = np.zeros(1_000_000, np.uint64)

    assert not hamming._Search(values, 100, 4, across=False).pays()
    assert hamming._Search(values, 100_000, 4, across=False).pays()


def test_candidates_come_in_blocks_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hamming, "_BLOCK", 10)
    counts = np.array([3, 25, 1, 9])
    firsts, begins = np.array([5, 10, 50, 60]), np.array([6, 12, 51, 70])

    blocks = list(hamming._neighbours(firsts, begins, counts))

    assert [left.size for left, _ in blocks] == [10, 10, 10, 8]
    pairs = [
        pair for left, right in blocks for pair in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert pairs == [
        (first, begin + rank)
        for first, begin, count in zip(
            firsts.tolist(), begins.tolist(), counts.tolist(), strict=True
        )
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
