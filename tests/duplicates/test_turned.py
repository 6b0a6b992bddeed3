"""Pictures that are each other's when mirrored or turned are found, if one of them is new."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.alike import FEW
from fapfav.duplicates.turned import TURNS, framed_pairs, turned_pairs

VALUES = st.integers(0, 63)


@given(
    st.lists(st.tuples(VALUES, st.lists(VALUES, min_size=TURNS, max_size=TURNS), st.booleans()),
             max_size=12),
    st.integers(0, 3),
)  # fmt: skip
def test_pairs_are_those_of_comparing_all_with_all(
    rows: list[tuple[int, list[int], bool]], limit: int
) -> None:
    values = np.array([row[0] for row in rows], np.uint64)
    turned = np.array([row[1] for row in rows], np.uint64).reshape(-1, TURNS)
    new = np.array([row[2] for row in rows], np.bool_)

    found = {
        pair
        for i, j in turned_pairs(values, turned, new, limit)
        for pair in zip(i.tolist(), j.tolist(), strict=True)
    }

    assert found == {
        (min(a, b), max(a, b))
        for a in range(len(rows))
        for b in range(len(rows))
        if a != b and rows[a][2]
        for way in rows[a][1]
        if way != rows[a][0] and (way ^ rows[b][0]).bit_count() <= limit
    }


def test_a_crowd_of_equal_pictures_is_paired_through_its_first_few_only() -> None:
    count = 2_000
    values = np.zeros(count, np.uint64)
    turned = np.full((count, TURNS), 1, np.uint64)

    pairs = sum(i.size for i, _ in turned_pairs(values, turned, np.ones(count, np.bool_), 1))

    assert pairs <= TURNS * FEW * FEW


def test_a_picture_that_looks_the_same_turned_is_not_asked_about() -> None:
    values = np.array([5, 5], np.uint64)
    turned = np.full((2, TURNS), 5, np.uint64)

    assert [*turned_pairs(values, turned, np.ones(2, np.bool_), 4)] == []


@given(st.lists(st.tuples(VALUES, VALUES, st.booleans()), max_size=12), st.integers(0, 3))
def test_framed_pairs_are_those_of_comparing_all_with_all(
    rows: list[tuple[int, int, bool]], limit: int
) -> None:
    values, inner = (np.array([row[at] for row in rows], np.uint64) for at in (0, 1))
    new = np.array([row[2] for row in rows], np.bool_)

    found = {
        pair
        for i, j in framed_pairs(values, inner, new, limit)
        for pair in zip(i.tolist(), j.tolist(), strict=True)
    }

    wanted = set()
    for a, (_, inside, is_new) in enumerate(rows):
        for b, (upright, others, other_new) in enumerate(rows):
            is_framed = inside != rows[a][0]
            near = min((inside ^ upright).bit_count(), (inside ^ others).bit_count()) <= limit
            if a != b and is_framed and (is_new or other_new) and near:
                wanted.add((min(a, b), max(a, b)))
    assert wanted <= found
    # Nothing is found but what is near by one of the four ways to compare the two.
    for a, b in found:
        ways = [(rows[a][x] ^ rows[b][y]).bit_count() for x in (0, 1) for y in (0, 1)]
        assert min(ways) <= limit
