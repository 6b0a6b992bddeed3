from __future__ import annotations

import numpy as np
import pytest

from fapfav.relation.placement import UNMOVED, Placement
from fapfav.relation.planes import Values
from fapfav.relation.softer import softer


def lines() -> Values:
    """Rows that are light and dark in turn."""
    return np.tile(np.array([[0.0], [255.0]], np.float32), (48, 96))


def test_pictures_shown_as_large_stay_as_they_are() -> None:
    one, other = softer(lines(), lines(), UNMOVED)

    assert (one == lines()).all()
    assert (other == lines()).all()


def test_what_the_smaller_one_is_too_small_to_show_is_grey_in_the_other() -> None:
    within = Placement(zoom_x=0.5, zoom_y=0.5)
    one, other = softer(lines(), lines(), within)

    assert (one == lines()).all()
    assert other == pytest.approx(np.full((96, 96), 127.5))
    # The same the other way round.
    assert softer(lines(), lines(), within.inverse())[0] == pytest.approx(other)


def test_sides_lose_detail_each_for_itself() -> None:
    _, other = softer(lines(), lines(), Placement(zoom_x=0.5))

    assert other == pytest.approx(lines())


def test_a_part_of_next_to_nothing_leaves_a_few_pixels() -> None:
    _, other = softer(lines(), lines(), Placement(zoom_x=1e-6, zoom_y=1e-6))

    assert other.shape == (96, 96)
    assert np.isfinite(other).all()
