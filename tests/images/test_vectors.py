from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.errors import DamagedFile
from fapfav.images.vectors import pack_vector, quantize, restore, unpack_vector

Floats = NDArray[np.float32]


def _embedding(width: int, seed: int, spread: float) -> Floats:
    """Like a network's: many values near zero, some much larger; of length 1."""
    rng = np.random.default_rng(seed)
    vector = rng.standard_normal(width) * rng.gamma(spread, size=width)
    return (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(np.float32)


def _cosine(one: Floats, other: Floats) -> float:
    a, b = one.astype(np.float64), other.astype(np.float64)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


OURS = st.sampled_from([576, 1280])
"""What our networks give."""
WIDTHS = st.one_of(st.just(64), OURS)
SEEDS = st.integers(0, 10_000)
SPREADS = st.floats(0.2, 5)


@given(WIDTHS, SEEDS, SPREADS)
@settings(deadline=None, max_examples=60)
def test_packing_changes_a_cosine_with_itself_by_less_than_a_thousandth(
    width: int, seed: int, spread: float
) -> None:
    vector = _embedding(width, seed, spread)

    cosine = _cosine(vector, unpack_vector(pack_vector(vector), width))

    assert cosine >= np.sqrt(1 - _at_most(vector) ** 2)
    assert cosine > 0.999 or not _is_even(vector)


def _at_most(vector: Floats) -> float:
    """How far a packed vector is from the vector, both at length 1: half a step in each value."""
    half = float(np.abs(vector).max()) / 254 * 1.001
    return half * float(np.sqrt(len(vector))) / float(np.linalg.norm(vector))


def _is_even(vector: Floats) -> bool:
    """Whether no value has so much of the length that the steps become coarse for all others.

    Of 1280 values half a step in each takes less than a thousandth from the cosine then.
    """
    return float(np.abs(vector).max()) < 0.3 * float(np.linalg.norm(vector))


@given(WIDTHS, SEEDS, SEEDS, SPREADS)
@settings(deadline=None, max_examples=60)
def test_a_cosine_is_off_by_no_more_than_the_rounding_of_both(
    width: int, one: int, other: int, spread: float
) -> None:
    first, second = _embedding(width, one, spread), _embedding(width, other, spread)

    packed = [unpack_vector(pack_vector(vector), width) for vector in (first, second)]

    wrong = abs(_cosine(*packed) - _cosine(first, second))
    assert wrong <= 1.05 * (_at_most(first) + _at_most(second))


@given(OURS, SEEDS, SEEDS, SPREADS, st.floats(0, 1))
@settings(deadline=None, max_examples=100)
def test_the_cosine_of_two_packed_vectors_is_within_five_thousandths(
    width: int, one: int, other: int, spread: float, mix: float
) -> None:
    first = _embedding(width, one, spread)
    second = (mix * first + (1 - mix) * _embedding(width, other, spread)).astype(np.float32)
    if not (_is_even(first) and _is_even(second)):
        return

    packed = [unpack_vector(pack_vector(vector), width) for vector in (first, second)]

    assert abs(_cosine(*packed) - _cosine(first, second)) < 0.005


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50))
@settings(deadline=None)
def test_a_value_moves_by_at_most_half_a_step(values: list[float]) -> None:
    vector = np.array(values, np.float32)

    again = unpack_vector(pack_vector(vector), len(vector))

    half = float(np.abs(vector).max()) / 127 / 2
    assert float(np.abs(again - vector).max()) <= half * 1.001 + 1e-30


def test_a_packed_vector_is_a_little_endian_scale_and_signed_bytes() -> None:
    assert pack_vector(np.array([1.0, -0.5, 0.0], np.float32)) == (
        struct.pack("<f", 1 / 127) + struct.pack("<3b", 127, -64, 0)
    )


def test_many_rows_are_quantised_as_each_alone() -> None:
    vectors = np.stack([_embedding(576, seed, 1.0) for seed in range(5)])

    scales, rows = quantize(vectors)

    assert scales.shape == (5,)
    assert scales.dtype == np.float32
    assert rows.shape == (5, 576)
    assert rows.dtype == np.int8
    for vector, scale, row in zip(vectors, scales, rows, strict=True):
        assert pack_vector(vector) == scale.astype("<f4").tobytes() + row.tobytes()
    np.testing.assert_allclose(restore(scales, rows), vectors, atol=0.002)


def test_zeros_stay_zeros() -> None:
    assert not unpack_vector(pack_vector(np.zeros(8, np.float32)), 8).any()


def test_no_rows_are_no_rows() -> None:
    scales, rows = quantize(np.zeros((0, 8), np.float32))

    assert scales.shape == (0,)
    assert rows.shape == (0, 8)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        quantize(np.array([[1, value]], np.float32))


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        bytes(11),
        bytes(13),
        struct.pack("<f", np.nan) + bytes(8),
        struct.pack("<f8b", -1, *range(8)),
    ],
    ids=["empty", "short", "long", "nan", "negative"],
)
def test_bytes_that_are_no_packed_vector_are_refused(packed: bytes) -> None:
    with pytest.raises(DamagedFile):
        unpack_vector(packed, 8)
