from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.alike import FEW, by_key


def test_entries_of_a_key_keep_their_order() -> None:
    keys = by_key(np.array([7, 3, 7, 3, 7]))

    assert [
        keys.order[s : s + n].tolist() for s, n in zip(keys.starts, keys.sizes, strict=True)
    ] == [
        [1, 3],
        [0, 2, 4],
    ]
    assert keys.firsts.tolist() == [1, 0]


def test_a_second_array_keeps_equal_entries_apart() -> None:
    keys = by_key(np.array([7, 7, 7]), np.array([0, 1, 0]))

    assert keys.sizes.tolist() == [2, 1]
    assert keys.firsts.tolist() == [0, 1]


@given(
    st.integers(0, 1 << 30),
    st.integers(0, 300),
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
)
def test_entries_are_sorted_by_the_last_key_then_those_before(
    seed: int, count: int, bits: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    keys = [rng.integers(0, 1 << many, count, np.uint64) << np.uint64(50) for many in bits]
    flags = rng.integers(0, 2, count).astype(np.bool_)

    for given_keys in (keys, [*keys, flags], [flags, *keys]):
        assert by_key(*given_keys).order.tolist() == np.lexsort(given_keys).tolist()


@pytest.mark.parametrize("equal", [0, 1, 5, 900, 1000])
def test_few_and_many_equal_ones_keep_their_order(equal: int) -> None:
    key = np.random.default_rng(equal).permutation(1000).astype(np.uint64)
    key[key < equal] = 7

    assert by_key(key).order.tolist() == np.lexsort((key,)).tolist()


def test_no_entries_have_no_keys() -> None:
    keys = by_key(np.zeros(0, np.uint64))

    assert keys.starts.size == keys.sizes.size == keys.order.size == 0
    assert keys.any_of(np.zeros(0, np.bool_)).size == keys.common(np.zeros(0, np.int64)).size == 0


def test_a_key_is_flagged_when_any_entry_is() -> None:
    keys = by_key(np.array([1, 1, 2, 2]))

    assert keys.any_of(np.array([False, True, False, False])).tolist() == [True, False]


def test_a_number_is_common_only_when_all_entries_have_it() -> None:
    keys = by_key(np.array([1, 1, 2, 2]))

    assert keys.common(np.array([5, 5, 5, 6])).tolist() == [5, 0]


def test_small_keys_are_paired_member_by_member() -> None:
    keys = by_key(np.array([1, 1, 2, 2, 2]))

    i, j, source = keys.between(np.array([0]), np.array([1]))

    assert set(zip(i.tolist(), j.tolist(), strict=True)) == {
        (a, b) for a in (0, 1) for b in (2, 3, 4)
    }
    assert source.tolist() == [0] * 6


def test_two_large_keys_are_paired_through_their_first_members_only() -> None:
    keys = by_key(np.repeat([1, 2], 10_000))

    i, j, _ = keys.between(np.array([0]), np.array([1]))

    assert i.size == FEW * FEW
    assert set(i.tolist()) == set(range(FEW))
    assert set(j.tolist()) == set(range(10_000, 10_000 + FEW))


def test_links_within_a_large_key_are_linear_and_reach_every_member() -> None:
    keys = by_key(np.zeros(10_000, np.int64))

    i, j = keys.within()

    assert i.size == FEW * (FEW - 1) // 2 + 10_000 - FEW
    assert (i < j).all()
    assert set(j.tolist()) == set(range(1, 10_000))
    assert set(i[j >= FEW].tolist()) == {0}


def test_links_within_a_small_key_are_all_its_pairs() -> None:
    i, j = by_key(np.array([4, 9, 4, 4])).within()

    assert sorted(zip(i.tolist(), j.tolist(), strict=True)) == [(0, 2), (0, 3), (2, 3)]
