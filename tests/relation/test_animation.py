from __future__ import annotations

import pytest
from PIL import ImageOps

from fapfav.relation.judge import relation
from fapfav.relation.picture import traits_of
from fapfav.words import Label
from tests.relation.pictures import animation, ball_frames, cropped, jpeg, photo, scaled

BALL = ball_frames(0.1, 0.07)


def test_the_same_frames_in_another_size_are_the_same_animation() -> None:
    smaller = [jpeg(scaled(cropped(frame, 0.04), 0.6), 60) for frame in BALL]

    found = relation(animation(BALL), animation(smaller, 1230))

    assert found.kind is Label.SAME
    assert found.reason.startswith("same animation, 1.7x smaller")


def test_one_that_moves_in_another_way_is_different() -> None:
    found = relation(animation(BALL), animation(ball_frames(0.1, -0.11)))

    assert found.kind is not Label.SAME


def test_a_still_is_never_the_same_as_an_animation() -> None:
    still = traits_of(BALL[0])

    there, back = relation(animation(BALL), still), relation(still, animation(BALL))

    assert there.kind is back.kind is Label.RELATED
    assert (there.reason, back.reason) == ("a still of the animation", "an animation that shows it")


def test_a_later_frame_is_found_too() -> None:
    assert relation(animation(BALL), traits_of(BALL[7])).kind is Label.RELATED


def test_another_still_has_nothing_to_do_with_it() -> None:
    assert relation(animation(BALL), traits_of(photo("coffee"))).kind is Label.DIFFERENT


@pytest.mark.parametrize(
    ("duration", "reason"),
    [(600, "same animation, 2.0x faster"), (2400, "same animation, 2.0x slower")],
)
def test_another_speed_is_related(duration: int, reason: str) -> None:
    found = relation(animation(BALL), animation(BALL, duration))

    assert (found.kind, found.reason) == (Label.RELATED, reason)


def test_a_part_of_it_is_related() -> None:
    half = [BALL[number // 2] for number in range(12)]

    found = relation(animation(BALL), animation(half, 600))

    assert (found.kind, found.reason) == (Label.RELATED, "parts of the same animation")


def test_a_mirrored_animation_is_related() -> None:
    found = relation(animation(BALL), animation([ImageOps.mirror(frame) for frame in BALL]))

    assert (found.kind, found.reason) == (Label.RELATED, "mirrored left to right")
