"""Whether two pictures each have letters, or other sharp detail, where the other has none.

A mark is added to one picture: what only the other shows there is what the mark hides, mostly
fainter than letters, and it goes on where the mark ends. Two pictures with other words, or with
other numbers on one form, have something of their own each.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fapfav.relation.planes import Mask, Values, averaged

_FAINT: Final = 8.0  # values a pixel: the slope below which detail is compression or texture
_STRONG: Final = 20.0  # from which it may be a letter's; pale marks have 10 to 18
_LIKE: Final = 0.6  # share of the stronger picture's: letters of two are about as strong
_MATCHED: Final = 0.4  # share of a slope from which the other picture has the same edge
_TOP: Final = 80  # percentile that says how strong detail is that one has alone
_REACH: Final = 6  # pixels along strong detail: what a mark hides goes on, a letter ends
_NEAR: Final = 9  # pixels of a window around a place that is asked about


def other_letters(one: Values, other: Values, places: Mask) -> float:
    """How many pixels in these places are sharp detail of one picture alone, where the other has
    as much of its own: the lesser count squared by the greater.

    Two lumas of one size in the same tones, and which of their pixels do not agree. 0 where one of
    them has none, as with a mark over one of two.
    """
    if not places.any():
        return 0.0
    near = averaged(places.astype(np.float32), _NEAR) > 0
    slopes = _slopes(one), _slopes(other)
    alone = [_alone(*slopes, near), _alone(*slopes[::-1], near)]
    found = [steep[where] for steep, where in alone]
    if not all(each.size for each in found):
        return 0.0
    least = max(_STRONG, _LIKE * max(float(np.percentile(each, _TOP)) for each in found))
    counts = []
    for steep, where in alone:
        strong = steep > least
        hidden = _reached(strong & ~near, strong)
        counts.append(int(np.count_nonzero(where & strong & ~hidden & places)))
    fewer, more = sorted(counts)
    return fewer * fewer / max(more, 1)


def _slopes(plane: Values) -> tuple[Values, Values]:
    """Central differences across and down, in values a pixel, with one pixel more all around so
    that neighbours need no bounds."""
    wide = np.pad(plane, 2, mode="edge")
    return (wide[1:-1, 2:] - wide[1:-1, :-2]) / 2, (wide[2:, 1:-1] - wide[:-2, 1:-1]) / 2


def _alone(
    own: tuple[Values, Values], others: tuple[Values, Values], near: Mask
) -> tuple[Values, Mask]:
    """How steep one picture is at every pixel, and which of `near` have an edge that the other has
    not within a pixel."""
    (x, y), (u, v) = own, others
    squares = x * x + y * y
    width = x.shape[1]
    asked = np.zeros(x.shape, np.bool_)
    asked[1:-1, 1:-1] = near
    at = np.flatnonzero(asked & (squares > _FAINT * _FAINT))
    a, b = x.ravel()[at], y.ravel()[at]
    u, v = u.ravel(), v.ravel()
    best = np.full(at.size, -np.inf, np.float32)
    for down in (-width, 0, width):
        for across in (-1, 0, 1):
            beside = at + (down + across)
            np.maximum(best, a * u[beside] + b * v[beside], out=best)
    places = np.zeros(x.shape, np.bool_)
    places.ravel()[at[best < _MATCHED * squares.ravel()[at]]] = True
    return np.sqrt(squares[1:-1, 1:-1]), places[1:-1, 1:-1]


def _reached(seeds: Mask, through: Mask) -> Mask:
    """What is within so many steps of the seeds along `through`."""
    reach = seeds
    for _ in range(_REACH):
        down = reach.copy()
        down[1:] |= reach[:-1]
        down[:-1] |= reach[1:]
        wide = down.copy()
        wide[:, 1:] |= down[:, :-1]
        wide[:, :-1] |= down[:, 1:]
        wide &= through
        if np.array_equal(wide, reach):
            break
        reach = wide
    return reach
