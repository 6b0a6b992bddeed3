from __future__ import annotations

import struct

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fapfav.errors import DamagedFile
from fapfav.relation.picture import close_luma, frame_times, traits_of
from fapfav.relation.traits import FRAMES, Traits, pack, unpack
from tests.relation.pictures import NAMES, animation, ball_frames, photo, scaled, traits


def equal(one: Traits, other: Traits) -> bool:
    arrays = ((one.luma, other.luma), (one.chroma, other.chroma), (one.frames, other.frames))
    facts = [(each.width, each.height, each.duration) for each in (one, other)]
    return facts[0] == facts[1] and all(np.array_equal(*pair) for pair in arrays)


@pytest.mark.parametrize("name", NAMES)
def test_unpacking_undoes_packing(name: str) -> None:
    assert equal(unpack(pack(traits(name))), traits(name))


def test_frames_and_length_of_an_animation_survive_packing() -> None:
    moving = animation(ball_frames(0.1, 0.05), 730)

    assert equal(unpack(pack(moving)), moving)
    assert moving.animated
    assert moving.frames.shape == (FRAMES, 32, 32)


def test_a_photograph_packs_into_some_kilobytes() -> None:
    assert all(len(pack(traits(name))) < 9_500 for name in NAMES)


@settings(deadline=None)
@given(st.data())
def test_any_values_survive_packing(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    count = data.draw(st.sampled_from([0, FRAMES]))
    made = Traits(
        data.draw(st.integers(1, 2**31 - 1)),
        data.draw(st.integers(1, 2**31 - 1)),
        rng.integers(0, 256, (96, 96), np.uint8),
        rng.integers(0, 256, (32, 32, 2), np.uint8),
        rng.integers(0, 256, (count, 32, 32), np.uint8),
        data.draw(st.integers(0, 2**31 - 1)),
    )

    assert equal(unpack(pack(made)), made)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_refused(other: bytes) -> None:
    with pytest.raises(DamagedFile):
        unpack(other)


@settings(deadline=None)
@given(st.integers(0, 16), st.integers(1, 255))
def test_a_changed_header_is_refused_or_says_something_possible(at: int, flip: int) -> None:
    packed = bytearray(pack(traits("chelsea")))
    packed[at] ^= flip

    try:
        found = unpack(bytes(packed))
    except DamagedFile:
        return
    assert found.width > 0
    assert np.array_equal(found.luma, traits("chelsea").luma)


@pytest.mark.parametrize("length", [0, 16, 17, 40, 2000, -1])
def test_a_part_of_the_bytes_is_refused(length: int) -> None:
    with pytest.raises(DamagedFile):
        unpack(pack(traits("coffee"))[:length])


def test_more_than_is_said_is_not_unpacked() -> None:
    header = struct.pack("<4sIIIB", b"fpt\x01", 10, 10, 0, 0)
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))

    with pytest.raises(DamagedFile, match="another length"):
        unpack(header + bomb)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (struct.pack("<4sIIIB", b"fpt\x02", 10, 10, 0, 0), "later version"),
        (struct.pack("<4sIIIB", b"fpt\x01", 10, 10, 0, 5), "5 frames"),
        (struct.pack("<4sIIIB", b"fpt\x01", 0, 10, 0, 0), "0 x 10"),
    ],
)
def test_a_refusal_says_why(header: bytes, why: str) -> None:
    with pytest.raises(DamagedFile, match=why):
        unpack(header + pack(traits("chelsea"))[17:])


def test_arrays_of_other_shapes_are_no_traits() -> None:
    known = traits("chelsea")

    with pytest.raises(ValueError, match="shapes"):
        Traits(10, 10, known.luma[:90], known.chroma, known.frames)


def test_a_smaller_copy_has_nearly_the_same_traits() -> None:
    half = traits_of(scaled(photo("chelsea"), 0.5))

    apart = np.abs(half.luma.astype(int) - traits("chelsea").luma)
    assert apart.mean() < 3
    assert (half.width, half.height) == (photo("chelsea").width // 2, photo("chelsea").height // 2)


def test_what_is_transparent_lies_on_mid_grey() -> None:
    drawing = Image.new("RGBA", (200, 100))
    drawing.paste((255, 0, 0, 255), (0, 0, 100, 100))

    found = traits_of(drawing)

    assert found.luma[:, 60:].min() == found.luma[:, 60:].max() == 128
    assert found.luma[0, 0] == 76
    assert found.chroma[0, 0].tolist() == [84, 255]


def test_a_palette_and_grey_become_traits_too() -> None:
    grey = photo("chelsea").convert("L")

    assert traits_of(grey).chroma.min() == traits_of(grey).chroma.max() == 128
    assert traits_of(grey.convert("P")).luma.shape == (96, 96)


def test_frames_stand_for_equal_parts_of_the_time() -> None:
    assert frame_times([100] * 12) == list(range(12))
    assert frame_times([1100, 100]) == [0] * 11 + [1]
    assert frame_times([40] * 24) == list(range(1, 25, 2))


def test_another_number_of_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="3 frames"):
        traits_of(photo("chelsea"), None, [photo("chelsea")] * 3, 100)


def test_the_larger_luma_has_320_pixels_a_side() -> None:
    assert close_luma(photo("coffee")).shape == (320, 320)
