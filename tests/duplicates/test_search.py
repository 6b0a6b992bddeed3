from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates import search
from fapfav.duplicates.alike import FEW
from fapfav.duplicates.search import Scope, similar_hashes, similar_vectors

Pairs = list[tuple[int, int]]


def pairs_of(i: NDArray[np.int64], j: NDArray[np.int64]) -> Pairs:
    return list(zip(i.tolist(), j.tolist(), strict=True))


def all_new(size: int) -> NDArray[np.bool_]:
    return np.ones(size, np.bool_)


def unit(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    return np.ones(len(rows), np.float32)


@st.composite
def hash_columns(draw: st.DrawFn) -> NDArray[np.uint64]:
    """Values with equal ones, near ones and far ones among them; fewer alike than FEW."""
    centre = draw(st.integers(0, 2**64 - 1))
    value = st.lists(st.integers(0, 63), max_size=4).map(
        lambda bits: centre ^ sum({1 << bit for bit in bits})
    )
    return np.array(draw(st.lists(value, max_size=FEW)), dtype=np.uint64)


@settings(deadline=None, max_examples=60)
@given(hash_columns(), st.integers(-1, 15), st.integers(0, 2**FEW))
def test_hashes_are_paired_as_a_naive_search_pairs_them(
    values: NDArray[np.uint64], limit: int, mask: int
) -> None:
    new = np.array([bool(mask >> place & 1) for place in range(values.size)], dtype=np.bool_)

    i, j, distance = similar_hashes(values, limit, new)

    expected = [
        (a, b, bits)
        for a in range(values.size)
        for b in range(a + 1, values.size)
        if (new[a] or new[b])
        and 1 <= (bits := (int(values[a]) ^ int(values[b])).bit_count()) <= limit
    ]
    assert list(zip(i.tolist(), j.tolist(), distance.tolist(), strict=True)) == expected


@settings(deadline=None, max_examples=40)
@given(hash_columns(), st.integers(1, 8), st.data())
def test_searching_as_entries_arrive_finds_what_one_search_finds(
    values: NDArray[np.uint64], limit: int, data: st.DataObject
) -> None:
    arrival = np.array(data.draw(st.permutations(range(values.size))), dtype=np.int64)
    cuts = sorted(data.draw(st.lists(st.integers(0, values.size), max_size=3)))
    found: list[tuple[int, int]] = []
    before = 0
    for cut in [*cuts, values.size]:
        here = np.sort(arrival[:cut])
        new = np.isin(here, arrival[before:cut])
        i, j, _ = similar_hashes(values[here], limit, new)
        found += pairs_of(here[i], here[j])
        before = cut

    i, j, _ = similar_hashes(values, limit, all_new(values.size))

    assert sorted(found) == pairs_of(i, j)


def test_a_bucket_of_twenty_thousand_costs_a_handful_of_pairs() -> None:
    values = np.full(20_002, 7, dtype=np.uint64)
    values[[5, 20_001]] = 6, 7 << 40

    i, j, _ = similar_hashes(values, 4, all_new(values.size))

    assert i.size == FEW
    assert ((i == 5) | (j == 5)).all()


def test_two_large_buckets_stay_connected_at_a_bounded_cost() -> None:
    values = np.repeat(np.array([7, 6], dtype=np.uint64), 20_000)
    tracemalloc.start()

    i, _, distance = similar_hashes(values, 1, all_new(values.size))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert i.size == FEW * FEW
    assert distance.tolist() == [1] * i.size
    assert peak < 10_000_000


def test_kinds_speak_for_themselves_in_a_crowd() -> None:
    values = np.repeat(np.array([7, 6], dtype=np.uint64), 1_000)
    kinds = np.zeros(2_000, np.int64)
    kinds[[900, 1_900]] = 1

    i, j, _ = similar_hashes(values, 1, all_new(2_000), Scope(kinds=kinds))

    assert {(900, 1_900), (0, 1_900), (900, 1_000), (0, 1_000)} <= set(pairs_of(i, j))


def test_correlated_hashes_are_searched_in_bounded_memory() -> None:
    random = np.random.default_rng(1)
    values = random.integers(0, 2**64, 20_000, dtype=np.uint64)
    values[:4_000] &= np.uint64(0xFFFF)  # 48 equal bits: runs of thousands under most keys
    tracemalloc.start()

    i, _, _ = similar_hashes(values, 1, all_new(values.size))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < i.size < 100_000
    assert peak < 60_000_000


def rows_in_clusters(seed: int, size: int, width: int = 24) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    centres = random.integers(-100, 101, (3, width))
    noise = random.integers(-25, 26, (size, width)) * random.integers(0, 2, (size, 1))
    return (centres[random.integers(0, 3, size)] + noise).astype(np.int8)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, FEW), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_vectors_are_paired_as_a_naive_search_pairs_them(
    seed: int, size: int, limit: float
) -> None:
    rows = rows_in_clusters(seed, size)
    new = np.random.default_rng(seed).random(size) < 0.5

    i, j, cosine = similar_vectors(rows, unit(rows), limit, new)

    wide = rows.astype(np.int64)
    expected = {}
    for a in range(size):
        for b in range(a + 1, size):
            length = float((wide[a] @ wide[a]) * (wide[b] @ wide[b]))
            value = float(wide[a] @ wide[b]) / length**0.5
            if (new[a] or new[b]) and value >= limit:
                expected[a, b] = value
    assert pairs_of(i, j) == list(expected)
    assert cosine.tolist() == pytest.approx(list(expected.values()), abs=1e-15)


def test_vectors_as_they_arrive_give_the_same_cosines_as_one_search() -> None:
    rows = rows_in_clusters(4, 60, width=1280)
    rows[[10, 50]] = rows[20]
    found: dict[tuple[int, int], float] = {}
    for end in range(15, 61, 15):
        new = np.arange(end) >= end - 15
        i, j, cosine = similar_vectors(rows[:end], unit(rows)[:end], 0.9, new)
        found |= dict(zip(pairs_of(i, j), cosine.tolist(), strict=True))

    i, j, cosine = similar_vectors(rows, unit(rows), 0.9, all_new(60))

    assert found == dict(zip(pairs_of(i, j), cosine.tolist(), strict=True))
    assert found[10, 20] == found[10, 50] == found[20, 50] == 1.0


def test_twenty_thousand_equal_vectors_are_tied_by_a_linear_number_of_pairs() -> None:
    rows = np.tile(np.arange(1, 9, dtype=np.int8), (20_000, 1))

    i, j, cosine = similar_vectors(rows, unit(rows), 0.95, all_new(20_000))

    assert i.size == FEW * (FEW - 1) // 2 + 20_000 - FEW
    assert set(j.tolist()) == set(range(1, 20_000))
    assert set(cosine.tolist()) == {1.0}


def test_unequal_rows_with_equal_sums_are_not_taken_for_equal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = np.array([[1, 2], [3, 4], [1, 2], [-5, 6]] * 2, np.int8)
    monkeypatch.setattr(search, "_sums", lambda rows, usable: np.zeros(usable.size, np.uint64))

    i, j, cosine = similar_vectors(rows, unit(rows), 0.9999, all_new(8))

    assert pairs_of(i, j) == [
        (a, b) for a in range(8) for b in range(a + 1, 8) if (rows[a] == rows[b]).all()
    ]
    assert set(cosine.tolist()) == {1.0}


@pytest.mark.parametrize("width", [1, 7, 8, 13])
def test_rows_differing_in_one_number_have_different_sums(width: int) -> None:
    rows = np.ones((width + 1, width), np.int8)
    rows[np.arange(width), np.arange(width)] = 2

    sums = search._sums(rows, np.arange(width + 1))

    assert len(set(sums.tolist())) == width + 1


def test_members_of_a_crowd_are_not_paired_by_their_vectors() -> None:
    random = np.random.default_rng(2)
    rows = (100 + random.integers(-5, 6, (3_000, 16))).astype(np.int8)
    crowds = np.ones(3_000, np.int64)
    crowds[:FEW] = 0

    i, _, _ = similar_vectors(rows, unit(rows), 0.9, all_new(3_000), Scope(crowds=crowds))

    assert i.size == FEW * (FEW - 1) // 2 + FEW * (3_000 - FEW)
    assert (i < FEW).all()


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_vector_without_direction_is_like_nothing(scale: float) -> None:
    rows = np.full((4, 8), 3, np.int8)
    rows[1] = 0
    scales = np.array([1, 1, scale, 0.01], np.float32)

    i, j, _ = similar_vectors(rows, scales, 0.95, all_new(4))

    assert pairs_of(i, j) == [(0, 3)]


def test_a_limit_that_is_off_gives_nothing() -> None:
    rows = np.ones((3, 8), np.int8)

    assert similar_hashes(np.array([1, 2, 3], np.uint64), -1, all_new(3))[0].size == 0
    assert similar_vectors(rows, unit(rows), -1, all_new(3))[0].size == 0


def test_nothing_new_gives_nothing() -> None:
    rows = np.ones((3, 8), np.int8)
    old = np.zeros(3, np.bool_)

    assert similar_hashes(np.array([1, 2, 3], np.uint64), 4, old)[0].size == 0
    assert similar_vectors(rows, unit(rows), 0.9, old)[0].size == 0
