"""A few new rows find what the search among all finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from fapfav.duplicates import few_rows
from fapfav.duplicates.few_rows import near_few
from fapfav.duplicates.search import Scope, similar_vectors

SMALL = st.integers(-1, 1)


def by_search(
    rows: NDArray[np.int8], limit: float, new: NDArray[np.bool_], kinds: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    scope = Scope(kinds=kinds.astype(np.int64))
    i, j, _ = similar_vectors(rows, np.ones(len(rows), np.float32), limit, new, scope)
    return sorted({*zip(i.tolist(), j.tolist(), strict=True)})


@given(
    rows=arrays.arrays(np.int8, st.tuples(st.integers(0, 60), st.just(2)), elements=SMALL),
    limit=st.sampled_from([0.5, 0.70, 0.99]),
    seed=st.integers(0, 99),
    share=st.sampled_from([0.05, 0.5, 1.0]),
)
def test_pairs_are_those_of_the_search_among_all(
    rows: NDArray[np.int8], limit: float, seed: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    new, kinds = rng.random(len(rows)) < share, rng.random(len(rows)) < 0.2

    i, j = near_few(rows, np.arange(len(rows)), limit, new, kinds)

    assert [*zip(i.tolist(), j.tolist(), strict=True)] == by_search(rows, limit, new, kinds)


def test_rows_of_many_columns_and_blocks_are_compared_exactly() -> None:
    rng = np.random.default_rng(1)
    rows = rng.integers(-127, 128, (2 * few_rows._BLOCK + 5, 1280), np.int8, endpoint=False)
    rows[::997] = rows[3] // 2 + rng.integers(-9, 9, (len(rows[::997]), 1280))
    new = np.zeros(len(rows), np.bool_)
    new[[3, 997, 5000, len(rows) - 1]] = True
    kinds = np.zeros(len(rows), np.bool_)

    i, j = near_few(rows, np.arange(len(rows)), 0.9, new, kinds)

    assert [*zip(i.tolist(), j.tolist(), strict=True)] == by_search(rows, 0.9, new, kinds)
    assert i.size > 10


def test_only_entries_that_count_are_compared() -> None:
    rows = np.ones((40, 3), np.int8)
    entries = np.arange(0, 40, 2)
    new = np.zeros(40, np.bool_)
    new[4] = new[5] = True

    i, j = near_few(rows, entries, 0.9, new, np.zeros(40, np.bool_))

    assert {*i.tolist(), *j.tolist()} == {*range(0, 32, 2)}, "one of the few that speak"
    assert (new[i] | new[j]).all()


def test_nothing_new_or_nothing_but_zeros_finds_nothing() -> None:
    rows = np.zeros((5, 3), np.int8)

    for new in (np.zeros(5, np.bool_), np.ones(5, np.bool_)):
        i, j = near_few(rows, np.arange(5), 0.5, new, np.zeros(5, np.bool_))
        assert i.size == j.size == 0


def test_who_watches_can_stop() -> None:
    rows = np.ones((3 * few_rows._BLOCK, 2), np.int8)
    new = np.zeros(len(rows), np.bool_)
    new[0] = True
    told: list[float] = []

    def watch(share: float) -> bool:
        told.append(share)
        return share > 0

    i, j = near_few(
        rows, np.arange(len(rows)), 0.9, new, np.zeros(len(rows), np.bool_), watch=watch
    )

    assert told == [0, 1 / 3]
    assert i.size == few_rows._BLOCK - 1
    assert j.max() == few_rows._BLOCK - 1
