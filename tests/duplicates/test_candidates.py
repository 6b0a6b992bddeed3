from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.candidates import TURNED, WIDE, likely
from fapfav.duplicates.limits import LARGEST
from fapfav.model import HASHES

BITS = st.lists(st.integers(0, 64), min_size=4, max_size=4)
COSINE = st.floats(-1, 1) | st.just(float("nan"))


def is_likely(bits: list[int], cosine: float, moving: bool = False) -> bool:
    found = likely(np.array([bits], np.uint8), np.array([cosine]), np.array([moving]))
    return bool(found[0])


@given(BITS, COSINE, st.booleans(), st.integers(0, 3), st.integers(0, 64))
def test_fewer_bits_make_no_pair_less_likely(
    bits: list[int], cosine: float, moving: bool, at: int, fewer: int
) -> None:
    nearer = [max(0, bit - fewer) if place == at else bit for place, bit in enumerate(bits)]

    assert is_likely(nearer, cosine, moving) >= is_likely(bits, cosine, moving)


@given(BITS, st.floats(-1, 1), st.floats(0, 2), st.booleans())
def test_a_larger_cosine_makes_no_pair_less_likely(
    bits: list[int], cosine: float, more: float, moving: bool
) -> None:
    assert is_likely(bits, min(1.0, cosine + more), moving) >= is_likely(bits, cosine, moving)


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


def test_animations_are_given_more_room() -> None:
    bits, cosine = [24, 12, 20, 14], 0.7

    assert is_likely(bits, cosine, moving=True)
    assert not is_likely(bits, cosine, moving=False)


def test_each_pair_is_answered_for_itself() -> None:
    distances = np.array([[0, 0, 0, 0], [32, 32, 32, 32], [2, 2, 2, 2]], np.uint8)
    found = likely(distances, np.array([1.0, 0.1, 0.95]), np.zeros(3, np.bool_))

    assert found.tolist() == [True, False, True]
    none = likely(np.zeros((0, 4), np.uint8), np.zeros(0), np.zeros(0, np.bool_))
    assert none.tolist() == []


def test_the_wide_limits_are_limits_that_searches_take() -> None:
    assert all(0 <= WIDE.of(method) <= LARGEST for method in HASHES)
    assert 0.5 <= WIDE.cnn < 1
    assert 0 <= TURNED <= LARGEST
