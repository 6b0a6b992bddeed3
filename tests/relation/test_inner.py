from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fapfav.images.hashes import percept
from fapfav.relation.inner import Box, boxes_laid, inner_box, shown
from fapfav.relation.picture import traits_of
from fapfav.relation.traits import SIDE, Bytes2D
from tests.relation.pictures import NAMES, bordered, font, framed, photo


def luma(picture: Image.Image) -> Bytes2D:
    return traits_of(picture).luma


def on_ground(box: Box, ground: int = 250) -> Bytes2D:
    noise = np.random.default_rng(3).integers(0, 160, (SIDE, SIDE)).astype(np.uint8)
    result = np.full((SIDE, SIDE), ground, np.uint8)
    part = slice(box.top, box.bottom), slice(box.left, box.right)
    result[part] = noise[part]
    return result


@pytest.mark.parametrize("box", [Box(10, 80, 20, 90), Box(0, 60, 0, 96), Box(30, 66, 5, 40)])
def test_a_block_on_a_plain_ground_is_found_to_the_pixel(box: Box) -> None:
    assert inner_box(on_ground(box)) == box


def test_a_picture_that_fills_its_edges_has_nothing_around() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)

    assert inner_box(noise) is None
    assert shown(noise).shape == (32, 32)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_flat_picture_has_no_inside(level: int) -> None:
    assert inner_box(np.full((SIDE, SIDE), level, np.uint8)) is None


def test_of_two_blocks_the_one_that_shows_more_is_taken() -> None:
    both = on_ground(Box(10, 80, 4, 60))
    both[30:50, 70:90] = 0

    assert inner_box(both) == Box(10, 80, 4, 60)


def test_lines_of_text_beside_a_picture_are_not_part_of_it() -> None:
    page = Image.new("RGB", (600, 400), "white")
    page.paste(photo("chelsea").resize((300, 200)), (20, 60))
    draw = ImageDraw.Draw(page)
    for row in range(60, 380, 24):
        draw.text((350, row), "some words beside it", (60, 60, 60), font(14))
    box = inner_box(luma(page))

    assert box is not None
    assert np.abs(np.array(box) - [14, 62, 3, 51]).max() <= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_framed_picture_shows_what_the_picture_shows(name: str) -> None:
    one = photo(name)
    whole = percept(luma(one).reshape(32, 3, 32, 3).mean(axis=(1, 3)).astype(np.uint8))
    for other in (framed(one), bordered(one, 0.1), bordered(one, 0.05, "white")):
        inside = percept(shown(luma(other)))

        assert (
            min((inside ^ whole).bit_count(), (inside ^ percept(shown(luma(one)))).bit_count()) <= 8
        )


def test_boxes_lay_a_picture_on_its_framed_copy() -> None:
    noise = np.random.default_rng(5).integers(0, 160, (SIDE, SIDE)).astype(np.uint8)
    (placement,) = boxes_laid(noise, on_ground(Box(24, 72, 0, 48)))

    # The middle of the frame's block, at (-.5, 0), shows the middle of the picture.
    assert placement.zoom_x == placement.zoom_y == 2
    assert placement.zoom_x * -0.5 + placement.shift_x == 0
    assert placement.shift_y == 0
    assert boxes_laid(noise, noise) == ()


def test_a_picture_on_a_ground_of_its_own_is_laid_as_a_whole_too() -> None:
    one, page = on_ground(Box(20, 70, 30, 80), 20), np.full((SIDE, SIDE), 240, np.uint8)
    page[40:88, 10:58] = one[::2, ::2]

    _, as_a_whole, _ = boxes_laid(one, page)

    assert as_a_whole.zoom_x == as_a_whole.zoom_y == 2
    assert as_a_whole.inverse().box() == pytest.approx((10 / 96, 40 / 96, 58 / 96, 88 / 96))
