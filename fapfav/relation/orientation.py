"""The eight ways a picture can be turned and mirrored, and which are worth a closer look."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from fapfav.relation.placement import Placement
from fapfav.relation.planes import as_plane, reduced
from fapfav.relation.traits import Traits

_TINY: Final = 16
_PROMISING: Final = 0.6  # correlation of tiny renditions; mirrored copies have .99, cut ones less
_AS_GOOD: Final = 0.01
_WORTH: Final = 2  # pictures that are alike in several ways need no more


class Orientation(Enum):
    """What is done to a picture, in this order: rows and columns exchanged, rows and columns
    taken from the other end."""

    UPRIGHT = (False, False, False)
    MIRRORED = (False, False, True)
    UPSIDE_DOWN = (False, True, True)
    FLIPPED = (False, True, False)
    TRANSPOSED = (True, False, False)
    QUARTER_RIGHT = (True, False, True)
    TRANSVERSED = (True, True, True)
    QUARTER_LEFT = (True, True, False)

    @property
    def inverse(self) -> Orientation:
        """What takes it back."""
        exchanged, rows, columns = self.value
        return Orientation((exchanged, columns, rows)) if exchanged else self


TURNS: Final = tuple(each for each in Orientation if each is not Orientation.UPRIGHT)


def oriented(array: NDArray[Any], orientation: Orientation) -> NDArray[Any]:
    """The picture (rows x columns x ...) turned; a view."""
    exchanged, rows, columns = orientation.value
    turned = array.swapaxes(0, 1) if exchanged else array
    return turned[:: -1 if rows else 1, :: -1 if columns else 1]


def oriented_traits(traits: Traits, orientation: Orientation) -> Traits:
    """The traits of the picture turned."""
    exchanged = orientation.value[0]
    width, height = traits.width, traits.height
    return Traits(
        height if exchanged else width,
        width if exchanged else height,
        np.ascontiguousarray(oriented(traits.luma, orientation)),
        np.ascontiguousarray(oriented(traits.chroma, orientation)),
        np.ascontiguousarray(
            oriented(traits.frames.transpose(1, 2, 0), orientation).transpose(2, 0, 1)
        ),
        traits.duration,
    )


def oriented_placement(placement: Placement, orientation: Orientation) -> Placement:
    """The same placement after both pictures were turned."""
    exchanged, rows, columns = orientation.value
    x = placement.zoom_x, placement.shift_x, placement.tilt_x
    y = placement.zoom_y, placement.shift_y, placement.tilt_y
    if exchanged:
        x, y = y, x
    across, down = (-1 if columns else 1), (-1 if rows else 1)
    tilt = across * down
    return Placement(x[0], across * x[1], y[0], down * y[1], tilt * x[2], tilt * y[2])


def promising(agreement: dict[Orientation, float]) -> tuple[Orientation, ...]:
    """How one picture may have been turned to become another, the likeliest first, at most two.

    Only ways in which tiny renditions agree, more than they do as they are and as well as any.
    """
    best = max(agreement.values())
    least = max(_PROMISING, agreement[Orientation.UPRIGHT] + _AS_GOOD, best - _AS_GOOD)
    found = [each for each in TURNS if agreement[each] > least]
    return tuple(sorted(found, key=lambda each: -agreement[each])[:_WORTH])


def agreements(one: Traits, other: Traits) -> dict[Orientation, float]:
    """The correlation of tiny renditions with `one` turned in each way."""
    first, second = (reduced(as_plane(each.luma), _TINY).ravel() for each in (one, other))
    first, second = first - first.mean(), second - second.mean()
    scale = float(np.vdot(first, first) * np.vdot(second, second)) ** 0.5 + 1
    shared = first.take(_ways()) @ second / scale
    return dict(zip(Orientation, shared.tolist(), strict=True))


@cache
def _ways() -> NDArray[np.intp]:
    """Where the pixels of each orientation of a tiny rendition are taken from."""
    places = np.arange(_TINY * _TINY).reshape(_TINY, _TINY)
    return np.stack([oriented(places, each).ravel() for each in Orientation])
