from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from fapfav.relation.align import HOPELESS, align
from fapfav.relation.crops import _telling, cut_out
from fapfav.relation.orientation import Orientation, agreements, oriented_traits, promising
from fapfav.relation.picture import traits_of
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import as_plane, averaged, blurred, product, reduced
from fapfav.relation.profile import start_of
from fapfav.relation.tilt import tilted, turn
from fapfav.relation.traits import Plane
from tests.relation.pictures import NAMES, cropped, framed, photo, traits


def luma(picture: Image.Image) -> Plane:
    return as_plane(traits_of(picture).luma)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("share", [0.03, 0.1, 0.2])
def test_zoom_and_shift_of_a_crop_are_found(name: str, share: float) -> None:
    found = align(luma(photo(name)), luma(cropped(photo(name), share)))

    # It begins .7 of the share from the left, so its middle lies .2 of it right of the middle's.
    assert found.agreement > 0.95
    assert found.placement.zoom_x == pytest.approx(1 - share, abs=0.015)
    assert found.placement.zoom_y == pytest.approx(1 - share, abs=0.015)
    assert found.placement.shift_x == pytest.approx(0.4 * share, abs=0.015)
    assert found.placement.shift_y == pytest.approx(0.4 * share, abs=0.015)


@pytest.mark.parametrize("name", ["coffee", "astronaut", "motorcycle_left"])
def test_rows_and_columns_tell_where_to_begin(name: str) -> None:
    one, other = luma(photo(name)), luma(cropped(photo(name), 0.08))

    start = start_of(reduced(one, 64), reduced(other, 64))

    assert start is not None
    assert (start.zoom_x, start.zoom_y) == pytest.approx((0.92, 0.92), abs=0.02)
    assert (start.shift_x, start.shift_y) == pytest.approx((0.032, 0.032), abs=0.02)


def test_pictures_of_other_things_do_not_come_to_agree() -> None:
    assert align(luma(photo("chelsea")), luma(photo("motorcycle_left"))).agreement < HOPELESS


def test_profiles_of_other_things_give_no_start() -> None:
    planes = [reduced(luma(photo(name)), 64) for name in ("coffee", "ihc")]

    assert start_of(planes[0], planes[1]) is None


@pytest.mark.parametrize("degrees", [-3, -1.5, 1, 2.5])
def test_a_small_turn_is_measured(degrees: float) -> None:
    one = photo("astronaut")
    turned = cropped(one.rotate(-degrees, Image.Resampling.BICUBIC), 0.08)
    first, second = luma(one), luma(turned)

    found = tilted(first, second, align(first, second).placement)

    angle, sheared = turn(found, one.size)
    assert abs(math.degrees(angle)) == pytest.approx(abs(degrees), abs=0.3)
    assert sheared < 0.01


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_a_part_is_found_in_the_whole_and_the_whole_around_a_part(name: str) -> None:
    whole, part = photo(name), cropped(photo(name), 0.35)
    sizes = whole.size, part.size

    there = cut_out(luma(whole), luma(part), sizes)
    back = cut_out(luma(part), luma(whole), sizes[::-1])

    assert there is not None
    assert back is not None
    assert there.zoom_x == pytest.approx(0.65, abs=0.02)
    assert back.inverse().box() == pytest.approx(there.box(), abs=0.01)


def test_a_framed_picture_is_found_within_its_frame() -> None:
    one = photo("coffee")
    around = framed(one)

    found = cut_out(luma(around), luma(one), (around.size, one.size))

    assert found is not None
    left, top, right, bottom = found.box()
    assert (left, top) == pytest.approx((0.2 / 1.35, 0.25 / 1.4), abs=0.01)
    assert (right - left, bottom - top) == pytest.approx((1 / 1.35, 1 / 1.4), abs=0.01)


def test_a_correlation_of_a_little_part_tells_less_than_a_weaker_one_of_a_large_part() -> None:
    little, large = (Placement(zoom_x=share, zoom_y=share) for share in (0.47, 0.72))

    assert _telling((0.89, little, True)) < _telling((0.85, large, False))
    assert _telling((0.9, large, True)) > _telling((0.85, large, False))
    assert _telling((0.0, None, False)) == 0 < _telling((1.0, little, True)) < 10


def test_nothing_is_cut_out_of_a_flat_picture() -> None:
    flat = np.full((96, 96), 90, np.float32)

    assert cut_out(luma(photo("coffee")), flat, ((400, 267), (300, 200))) is None
    assert align(flat, flat).placement == UNMOVED


def test_a_picture_that_was_not_turned_has_no_promising_turn() -> None:
    assert promising(agreements(traits("coffee"), traits("coffee"))) == ()


def test_a_turn_comes_first_among_the_promising_ones() -> None:
    turned = oriented_traits(traits("coffee"), Orientation.QUARTER_LEFT)

    assert promising(agreements(traits("coffee"), turned))[0] is Orientation.QUARTER_LEFT
    assert (turned.width, turned.height) == (267, 400)


def test_a_product_in_blocks_is_the_product() -> None:
    rng = np.random.default_rng(1)
    one, other = (rng.normal(size=(300, 300)).astype(np.float32) for _ in range(2))

    assert np.allclose(product(one, other), one @ other, atol=1e-3)


@pytest.mark.parametrize("side", [40, 200])
def test_windows_average_what_lies_in_them(side: int) -> None:
    plane = np.random.default_rng(2).uniform(0, 255, (side, side)).astype(np.float32)

    found = averaged(plane, 9)

    assert found[20, 15] == pytest.approx(plane[16:25, 11:20].mean(), abs=0.01)
    assert found[0, 0] == pytest.approx(plane[:5, :5].mean(), abs=0.01)


def test_reducing_and_blurring_keep_the_mean() -> None:
    plane = as_plane(traits("chelsea").luma)

    for side in (16, 32, 64):
        assert reduced(plane, side).shape == (side, side)
        assert reduced(plane, side).mean() == pytest.approx(plane.mean(), abs=0.01)
    assert blurred(plane)[5, 7] == pytest.approx(
        float(np.outer([1, 2, 1], [1, 2, 1]).ravel() @ plane[4:7, 6:9].ravel()) / 16, abs=0.01
    )
