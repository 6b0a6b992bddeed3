from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fapfav.images import hashes
from fapfav.images.hashes import Grey

ROWS = {"percept": (32, 32), "average": (8, 8), "diff": (8, 9), "wavelet": (256, 256)}


def grey(name: str, seed: int) -> Grey:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, ROWS[name]).astype(np.uint8)


# Made by the reference: SciPy's transform, PyWavelets' Haar, NumPy's mean, on the same arrays.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("percept", "94b0f736706c5ef0"),
        ("average", "fe1948a37d2c0bc0"),
        ("diff", "6c6dd5e4252e8aba"),
        ("wavelet", "6a28b41f85349bd7"),
    ],
)
def test_a_hash_of_noise_is_what_the_reference_gives(name: str, expected: str) -> None:
    assert hashes.hex_form(getattr(hashes, name)(grey(name, 7))) == expected


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("value", [0, 77, 255])
def test_flat_pictures_of_any_brightness_have_one_hash(name: str, value: int) -> None:
    flat = np.full(ROWS[name], value, np.uint8)
    # Nothing is darker than its neighbour; everything equals the mean and the median.
    expected = {"diff": 0}.get(name, 2**64 - 1)

    assert getattr(hashes, name)(flat) == expected


@given(arrays(np.uint8, (8, 9), elements=st.integers(0, 255)))
@settings(deadline=None, max_examples=50)
def test_diff_of_the_mirrored_picture_has_its_rows_reversed_and_inverted(pixels: Grey) -> None:
    def rows(value: int) -> list[str]:
        return [f"{byte:08b}" for byte in value.to_bytes(8, "big")]

    falling = hashes.diff(np.ascontiguousarray(pixels[:, ::-1]))
    rising = np.diff(pixels.astype(int), axis=1) < 0

    assert rows(falling) == ["".join("01"[int(b)] for b in row[::-1]) for row in rising]


@given(arrays(np.uint8, (8, 8), elements=st.integers(0, 255)))
@settings(deadline=None, max_examples=50)
def test_the_brightest_pixel_is_always_set_in_average(pixels: Grey) -> None:
    at = int(pixels.argmax())

    assert hashes.average(pixels) >> (63 - at) & 1


@given(st.integers(0, 2**32), st.integers(1, 60))
@settings(deadline=None, max_examples=30)
def test_percept_does_not_see_brightness(seed: int, more: int) -> None:
    # Left-hand coefficients but the first have no constant part.
    dim = np.random.default_rng(seed).integers(0, 190, (32, 32)).astype(np.uint8)
    bright = (dim + more).astype(np.uint8)

    assert (hashes.percept(dim) ^ hashes.percept(bright)).bit_count() <= 2


@given(arrays(np.uint8, (8, 8), elements=st.integers(0, 255)))
@settings(deadline=None, max_examples=50)
def test_wavelet_of_blocks_is_their_values_against_the_median(values: Grey) -> None:
    pixels = np.kron(values, np.ones((32, 32), np.uint8))

    bits = np.unpackbits(np.frombuffer(hashes.wavelet(pixels).to_bytes(8, "big"), np.uint8))

    assert np.array_equal(bits.reshape(8, 8) == 1, values >= np.median(values))


@given(st.integers(0, 2**64 - 1))
@settings(deadline=None, max_examples=50)
def test_the_hex_form_has_sixteen_digits_and_gives_the_number_back(value: int) -> None:
    text = hashes.hex_form(value)

    assert len(text) == 16
    assert int(text, 16) == value


@pytest.mark.parametrize("seed", range(20))
def test_percept_turned_is_percept_of_the_picture_turned(seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32), np.uint8)
    across, down, both = pixels[:, ::-1], pixels[::-1], pixels[::-1, ::-1]

    wanted = [hashes.percept(np.ascontiguousarray(each)) for each in (across, down, both)]
    wanted += [
        hashes.percept(np.ascontiguousarray(each.T)) for each in (pixels, across, down, both)
    ]

    assert list(hashes.percept_turned(pixels)) == wanted
