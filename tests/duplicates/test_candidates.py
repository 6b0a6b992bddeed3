from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.candidates import (
    TURNED,
    WIDE,
    likely,
    worth_a_look,
    worth_unframed,
)
from fapfav.duplicates.limits import LARGEST
from fapfav.model import HASHES

BITS = st.lists(st.integers(0, 64), min_size=4, max_size=4)
COSINE = st.floats(-1, 1) | st.just(float("nan"))


def is_likely(bits: list[int], cosine: float) -> bool:
    return bool(likely(np.array([bits], np.uint8), np.array([cosine]))[0])


@given(BITS, COSINE, st.integers(0, 3), st.integers(0, 64))
def test_fewer_bits_make_no_pair_less_likely(
    bits: list[int], cosine: float, at: int, fewer: int
) -> None:
    nearer = [max(0, bit - fewer) if place == at else bit for place, bit in enumerate(bits)]

    assert is_likely(nearer, cosine) >= is_likely(bits, cosine)


@given(BITS, st.floats(-1, 1), st.floats(0, 2))
def test_a_larger_cosine_makes_no_pair_less_likely(
    bits: list[int], cosine: float, more: float
) -> None:
    assert is_likely(bits, min(1.0, cosine + more)) >= is_likely(bits, cosine)


@pytest.mark.parametrize(
    ("bits", "cosine"),
    [
        ([0, 0, 0, 0], 1.0),
        ([4, 2, 6, 4], 0.9),
        ([18, 8, 14, 10], 0.85),  # a border
        ([24, 14, 18, 14], 0.84),  # a quarter cut away
        ([6, 2, 4, 2], float("nan")),
    ],
)
def test_what_copies_are_like_is_likely(bits: list[int], cosine: float) -> None:
    assert is_likely(bits, cosine)


@pytest.mark.parametrize(
    ("bits", "cosine"),
    [
        ([32, 2, 24, 18], 0.55),  # near by one hash alone
        ([30, 30, 6, 30], 0.3),
        ([34, 26, 30, 26], 0.82),  # near by the cosine alone
        ([26, 2, 20, 16], float("nan")),
    ],
)
def test_what_one_method_alone_finds_is_not_likely(bits: list[int], cosine: float) -> None:
    assert not is_likely(bits, cosine)


def test_stills_are_given_as_much_room_as_animations_are() -> None:
    assert is_likely([24, 12, 20, 14], 0.7)


def test_each_pair_is_answered_for_itself() -> None:
    distances = np.array([[0, 0, 0, 0], [32, 32, 32, 32], [2, 2, 2, 2]], np.uint8)
    found = likely(distances, np.array([1.0, 0.1, 0.95]))

    assert found.tolist() == [True, False, True]
    assert likely(np.zeros((0, 4), np.uint8), np.zeros(0)).tolist() == []


def test_of_pairs_far_apart_only_the_nearest_of_a_picture_are_looked_at() -> None:
    i, j = np.zeros(40, np.int64), np.arange(1, 41)
    others = np.arange(1, 41) % 5 + 100  # what the others are nearer to
    one, other = np.concatenate([i, np.repeat(j, 8)]), np.concatenate([j, np.tile(others, 8)])
    apart = np.concatenate([200.0 + j, np.full(320, 180.0)])

    worth = worth_a_look(one, other, apart)[:40]

    assert worth[0]
    assert 1 <= worth.sum() < 20
    assert (np.diff(worth.astype(int)) <= 0).all()


def test_pairs_near_each_other_are_all_looked_at() -> None:
    i, j = (each.ravel() for each in np.triu_indices(60, 1))

    assert worth_a_look(i, j, np.full(i.size, 120.0)).all()
    assert not worth_a_look(i, j, np.full(i.size, 300.0)).any()
    near = np.full(i.size, 4, np.uint8)
    assert worth_unframed(i, j, near, np.full(i.size, 0.9)).all()
    assert not worth_unframed(i, j, near, np.full(i.size, 0.1)).any()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(10, 19), st.floats(0, 300)), max_size=60))
def test_found_in_parts_no_fewer_pairs_are_looked_at(rows: list[tuple[int, int, float]]) -> None:
    pairs = {(i, j): apart for i, j, apart in rows}
    i, j = (np.array([pair[at] for pair in pairs], np.int64) for at in (0, 1))
    apart = np.array([*pairs.values()], np.float64)
    whole, parts = worth_a_look(i, j, apart), np.zeros(i.size, np.bool_)
    for some in (slice(None, None, 2), slice(1, None, 2)):
        parts[some] = worth_a_look(i[some], j[some], apart[some])

    assert (whole <= parts).all()


def test_the_wide_limits_are_limits_that_searches_take() -> None:
    assert all(0 <= WIDE.of(method) <= LARGEST for method in HASHES)
    assert 0.5 <= WIDE.cnn < 1
    assert 0 <= TURNED <= LARGEST
