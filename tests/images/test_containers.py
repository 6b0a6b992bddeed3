from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from fapfav.errors import BadPicture
from fapfav.images import containers
from tests.images.making import chunk, moving, png, saved, scene

LASTING = [40, 100, 250, 40]


@pytest.mark.parametrize(
    ("kind", "walk"),
    [
        ("gif", containers.gif_durations),
        ("png", containers.png_durations),
        ("webp", containers.webp_durations),
    ],
)
def test_the_walk_finds_the_time_of_every_frame(kind: str, walk: object) -> None:
    assert callable(walk)
    assert list(walk(moving(kind, LASTING))) == LASTING


def test_an_avif_tells_its_playing_time() -> None:
    assert containers.avif_duration(moving("avif", LASTING)) == sum(LASTING)


def test_a_still_avif_has_no_playing_time() -> None:
    assert containers.avif_duration(saved(scene(), "avif")) == 0


def test_a_gif_without_its_trailer_has_all_its_frames() -> None:
    file = moving("gif", LASTING)

    assert file.endswith(b";")
    assert list(containers.gif_durations(file[:-1])) == LASTING


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(
    ("kind", "walk"),
    [
        ("gif", containers.gif_durations),
        ("png", containers.png_durations),
        ("webp", containers.webp_durations),
        ("avif", containers.avif_duration),
    ],
)
def test_a_file_that_ends_inside_a_block_is_truncated(kind: str, walk: object, kept: float) -> None:
    file = moving(kind, LASTING)
    assert callable(walk)

    with pytest.raises(BadPicture, match="truncated"):
        walk(file[: int(len(file) * kept)])


def test_a_picture_before_an_animation_is_told_from_its_first_frame() -> None:
    frames = [scene(number, 30, 20) for number in range(3)]
    plain = moving("png", LASTING)
    apart = saved(
        frames[0], "png", save_all=True, append_images=frames[1:], duration=50, default_image=True
    )

    assert not containers.has_default_picture(plain)
    assert containers.has_default_picture(apart)
    assert containers.png_durations(apart) == (50, 50)


def test_an_animated_png_that_lacks_a_frame_is_damaged() -> None:
    file = moving("png", LASTING)
    last = file.rindex(b"fcTL") - 4

    with pytest.raises(BadPicture, match="3 of 4 frames"):
        containers.png_durations(file[:last] + chunk(b"IEND", b""))


def test_a_frame_time_with_a_zero_divisor_counts_in_hundredths() -> None:
    control = struct.pack(">IIIIIHHBB", 0, 1, 1, 0, 0, 7, 0, 0, 0)

    assert containers.png_durations(png(1, 1, chunk(b"fcTL", control))) == (70,)


@pytest.mark.parametrize("pages", [1, 2, 5])
@pytest.mark.parametrize("big", [False, True])
def test_pages_of_a_tiff_are_counted(pages: int, big: bool) -> None:
    first, *rest = [scene(number, 20, 10) for number in range(pages)]
    file = saved(first, "tif", save_all=True, append_images=rest, big_tiff=big)

    assert containers.tiff_pages(file) == pages


def test_a_tiff_whose_pages_lead_in_a_circle_is_counted_to_the_end() -> None:
    out = io.BytesIO()
    Image.new("L", (2, 2)).save(out, "TIFF")
    file = bytearray(out.getvalue())
    (first,) = struct.unpack_from("<I", file, 4)
    (entries,) = struct.unpack_from("<H", file, first)
    struct.pack_into("<I", file, first + 2 + 12 * entries, first)

    assert containers.tiff_pages(bytes(file)) == 1


def test_a_hundred_thousand_frames_are_counted_in_one_walk() -> None:
    file = moving("gif", [10, 20], (4, 4))
    start = file.rindex(b"!\xf9\x04")
    second = file[start:-1]

    found = containers.gif_durations(file[:start] + second * 100_000 + b";")

    assert len(found) == 100_001
    assert sum(found) == 10 + 20 * 100_000
