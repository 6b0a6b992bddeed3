from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from fapfav.images import containers
from fapfav.images.decode import Facts
from fapfav.images.examine import Preparation, examine
from fapfav.images.thumbnail import MAX_ANIMATION, MAX_FRAMES, SIDE, sampled_frames
from tests.images.making import MOVING, every_type, moving, opened, saved, scene

SECRET = b"taken at home by A. Nother"


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures' RGB values, 0 to 255."""
    pixels = [np.asarray(picture.convert("RGB"), float) for picture in (one, other)]
    assert pixels[0].shape == pixels[1].shape
    return float(np.abs(pixels[0] - pixels[1]).mean())


def see_through(width: int = 400, height: int = 300) -> Image.Image:
    picture = scene(1, width, height)
    picture.putalpha(Image.linear_gradient("L").resize((width, height)))
    return picture


@pytest.mark.parametrize("preparation", ["scaled", "exact"])
@pytest.mark.parametrize("size", [(1400, 1000), (500, 1900), (281, 280), (280, 280), (90, 20)])
def test_the_longer_side_is_at_most_280_pixels_and_the_shape_stays(
    size: tuple[int, int], preparation: Preparation
) -> None:
    picture = scene(0, *size)

    file = saved(picture, "jpg", quality=95, subsampling=0)
    thumb = opened(examine(file, preparation).thumb)

    scale = min(1, SIDE / max(size))
    assert max(thumb.size) == min(SIDE, max(size))
    assert thumb.size == tuple(round(side * scale) for side in size)
    assert difference(thumb, picture.resize(thumb.size, Image.Resampling.LANCZOS)) < 4


def test_an_opaque_picture_gets_a_jpeg_without_colour_subsampling() -> None:
    thumb = opened(examine(saved(scene(), "png")).thumb)

    assert thumb.format == "JPEG"
    assert [layer[1:3] for layer in thumb.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_an_opaque_alpha_channel_is_no_transparency() -> None:
    assert examine(saved(scene().convert("RGBA"), "png")).thumb_ext == "jpg"


@pytest.mark.parametrize("kind", ["png", "webp", "tif", "avif"])
def test_transparency_is_kept(kind: str) -> None:
    facts = examine(saved(see_through(), kind))
    thumb = opened(facts.thumb)

    assert (facts.thumb_ext, thumb.format, thumb.mode) == ("png", "PNG", "RGBA")
    expected = see_through().resize(thumb.size, Image.Resampling.LANCZOS)
    assert difference(thumb.getchannel("A"), expected.getchannel("A")) < 3


def test_a_transparent_colour_of_a_palette_is_kept() -> None:
    palette = scene().quantize(8)

    facts = examine(saved(palette, "gif", transparency=3))

    assert facts.thumb_ext == "png"
    lowest, highest = opened(facts.thumb).getchannel("A").getextrema()
    assert (lowest, highest) == (0, 255)


@pytest.mark.parametrize("kind", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_thumbnail_stands_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(scene(0, 500, 300), kind, exif=exif)

    thumb = opened(examine(file).thumb)

    with Image.open(io.BytesIO(file)) as picture:
        expected = ImageOps.exif_transpose(picture)
        assert expected is not None
        assert difference(thumb, expected.resize(thumb.size, Image.Resampling.LANCZOS)) < 6


def telling(kind: str) -> bytes:
    """A small file that carries every kind of text it can."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    options: dict[str, Any] = {"exif": exif, "icc_profile": SECRET.ljust(300, b".")}
    if kind in ("gif", "jpg"):
        options["comment"] = SECRET
    if kind in ("jpg", "webp", "avif"):
        options["xmp"] = SECRET
    if kind in MOVING:
        options |= {"save_all": True, "append_images": [scene(2)], "duration": 50}
    return saved(scene(), kind, **options)


@pytest.mark.parametrize("kind", ["jpg", "png", "gif", "tif", "webp", "avif"])
def test_nothing_but_pixels_comes_along(kind: str) -> None:
    file = telling(kind)
    assert SECRET in file

    facts = examine(file)
    thumb = opened(facts.thumb)

    assert SECRET not in facts.thumb
    assert not dict(thumb.getexif())
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(thumb.info)


@pytest.mark.parametrize("kind", every_type())
def test_a_thumbnail_is_never_the_picture_itself(kind: str) -> None:
    file = every_type()[kind]

    assert examine(file).thumb != file


@pytest.mark.parametrize("kind", MOVING)
def test_an_animation_stays_one_with_its_playing_time(kind: str) -> None:
    lasting = [40, 100, 250, 40]

    facts = examine(moving(kind, lasting))
    thumb = opened(facts.thumb)

    assert (facts.thumb_ext, thumb.format, thumb.n_frames) == ("webp", "WEBP", 4)  # type: ignore[attr-defined]
    assert sum(containers.webp_durations(facts.thumb)) == sum(lasting)
    for number in range(4):
        thumb.seek(number)
        assert difference(thumb, scene(number, 60, 40)) < 24


def test_a_picture_before_an_animation_is_not_in_its_thumbnail() -> None:
    frames = [scene(number, 60, 40) for number in range(3)]
    file = saved(
        frames[0], "png", save_all=True, append_images=frames[1:], duration=50, default_image=True
    )

    thumb = opened(examine(file).thumb)

    assert thumb.n_frames == 2  # type: ignore[attr-defined]
    assert difference(thumb, frames[1]) < 20


def test_an_animation_of_many_frames_keeps_sixty_and_all_of_its_time() -> None:
    file = moving("gif", [30] * 150, (40, 30))

    thumb = examine(file).thumb

    found = containers.webp_durations(thumb)
    assert len(found) == MAX_FRAMES
    assert sum(found) == 30 * 150


def test_an_animation_of_noise_is_made_to_fit() -> None:
    rng = np.random.default_rng(0)
    frames = [
        Image.fromarray(rng.integers(0, 256, (280, 280, 3)).astype(np.uint8)) for _ in range(40)
    ]
    file = saved(frames[0], "webp", save_all=True, append_images=frames[1:], duration=50, method=0)

    thumb = examine(file).thumb

    assert len(thumb) <= MAX_ANIMATION
    assert sum(containers.webp_durations(thumb)) == 50 * 40
    assert len(containers.webp_durations(thumb)) > 4


@pytest.mark.parametrize(("given_loop", "expected"), [(0, 0), (3, 3), (None, 1)])
def test_an_animation_repeats_as_often_as_it_did(given_loop: int | None, expected: int) -> None:
    options: dict[str, Any] = {} if given_loop is None else {"loop": given_loop}

    thumb = opened(examine(moving("gif", [50, 50], **options)).thumb)

    assert thumb.info["loop"] == expected


def test_a_see_through_animation_stays_see_through() -> None:
    frames = [see_through(60, 40), see_through(60, 40).transpose(Image.Transpose.ROTATE_180)]
    file = saved(frames[0], "webp", save_all=True, append_images=frames[1:], duration=50)

    thumb = opened(examine(file).thumb)

    assert thumb.mode == "RGBA"
    assert thumb.getchannel("A").getextrema()[0] < 40  # type: ignore[operator]


def test_a_bad_later_frame_costs_only_what_follows_it() -> None:
    file = bytearray(moving("png", [50] * 4))
    at = file.rindex(b"fdAT") + 12
    file[at : at + 40] = bytes(40)

    facts = examine(bytes(file))

    assert facts.frames == 4
    assert facts.thumb_problem.startswith("only its first 3 frames")
    assert opened(facts.thumb).format == "WEBP"


def test_a_picture_whose_thumbnail_fails_has_none_and_says_so() -> None:
    frames = [scene(number, 60, 40) for number in range(3)]
    options = {"save_all": True, "append_images": frames[1:], "default_image": True}
    file = bytearray(saved(frames[0], "png", duration=50, **options))
    at = file.index(b"fdAT") + 12
    file[at : at + 40] = bytes(40)

    facts = examine(bytes(file))

    assert (facts.ext, facts.frames, facts.animated) == ("png", 2, True)
    assert (facts.thumb, facts.thumb_ext) == (b"", "")
    assert facts.thumb_problem.startswith("the PNG is")


@given(st.integers(2, 500), st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 100))
@settings(deadline=None, max_examples=100)
def test_sampled_frames_follow_each_other_and_stay_within_what_is_paid_for(
    frames: int, width: int, height: int, lasting: int
) -> None:
    facts = Facts("gif", width, height, frames, (lasting,) * frames, 1, 0)

    spans = sampled_frames(facts)

    assert spans[0][0] == 0
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert all(start < end <= frames for start, end in spans)
    assert len(spans) <= MAX_FRAMES
    assert spans[-1][1] * width * height <= max(400_000_000, width * height)


def test_an_animation_too_long_to_decode_says_that_it_is_cut() -> None:
    file = moving("gif", [50] * 30, (20, 20))
    # The canvas is what is paid for, whatever the frames cover of it.
    wide = bytearray(file)
    wide[6:10] = (6000).to_bytes(2, "little") * 2

    facts = examine(bytes(wide))

    assert facts.thumb_problem == "the animation is too long to show all of it"
    assert len(containers.webp_durations(facts.thumb)) <= 11


def test_colours_of_another_profile_are_brought_to_srgb() -> None:
    # sRGB under another name, with red and green in each other's place.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    wide = bytearray(srgb.tobytes().replace(b"s\0R\0G\0B", b"o\0t\0h\0r"))
    red, green = (wide.index(tag) for tag in (b"rXYZ", b"gXYZ"))
    wide[red : red + 4], wide[green : green + 4] = b"gXYZ", b"rXYZ"
    file = saved(Image.new("RGB", (50, 50), (220, 30, 30)), "png", icc_profile=bytes(wide))

    pixel = opened(examine(file).thumb).getpixel((20, 20))

    assert isinstance(pixel, tuple)
    assert pixel[1] > 150 > 60 > pixel[0]


def test_a_profile_that_is_none_is_ignored() -> None:
    broken = bytes(16) + b"RGB " + bytes(400)
    plain, odd = (
        examine(saved(scene(), "png", **options)) for options in ({}, {"icc_profile": broken})
    )

    assert plain.thumb == odd.thumb
