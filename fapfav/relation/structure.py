"""Whether two aligned lumas show the same at every place.

Structure at a place is (2 cov + C) / (var + var + C) over a window a tenth of the side wide: 1
where both show the same or both show nothing, 0 where only one shows something, below 0 for
opposites. It is the contrast and structure term of SSIM (Wang, Bovik, Sheikh and Simoncelli, 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fapfav.relation.letters import other_letters
from fapfav.relation.planes import Mask, Values, averaged, blurred, gathered, windowed
from fapfav.relation.traits import Plane

_C: Final = 36.0  # variance of what compression leaves, six of 255 either way
_BAD: Final = 0.5
_POOR: Final = 0.8
_TEXTURED: Final = 60.0
"""Variance in a window from which it shows something, eight of 255 either way."""

_PLAIN: Final = 16.0  # mean difference in a window, of 255, more than a pale watermark makes

_EQUAL: Final = 0.35
"""The same from which both show about as much."""

_COMPARABLE: Final = 0.15
"""Variance of the weaker side by that of the stronger from which both show something.

Words over a photograph have many times the contrast of what they cover; other words have not.
"""

_WRITTEN: Final = 0.09  # share of places that words added to a picture may spoil
_REACH: Final = 5  # places that share something with the window in their middle

_CELLS: Final = 6
_TONES: Final = 48  # values a side, at least, that gain and offset are told from
_TRIES: Final = 3  # of gain and offset, each without what is far off by the one before
_SETTLED: Final = 0.05  # change of the offset, of 255, after which nothing else changes
_CLIPPED: Final = 3.0  # values this close to black and white say nothing of gain


@dataclass(frozen=True, slots=True)
class Structure:
    """How two pictures agree, place by place; shares are of all places, 0 to 1.

    `mean` is weighted by contrast, and leaves out what is written over one of the two. `bad` is
    where less than half agrees, `middle` where that is plain to see and in the middle half of the
    rows; `exchanged` is that where one of them shows more, or where the other does, whichever is
    less; `conflict` is `bad` where both show something, `equal` where both show about as much.
    `poor` is the share of places that show something and agree little, `one_sided` where only one
    shows something. `bad_cells` and `conflict_cells` say over how many of 36 parts such places are
    scattered. `lopsided` is the share of `bad` where the one picture shows more that shows more in
    most of it, 0.5 to 1; `ends` is `bad` in the upper or in the lower quarter of the rows, the less
    of both. `outlines` is 1 where both have the same outlines, whether lighter or darker than their
    surroundings, `unlike` the share of places where less than half of them agree.
    `gain` and `offset` are of brightness; `rest` is the mean difference after them, of 255, and
    `peak` its largest mean over three by three pixels. `letters` is what `other_letters` finds in
    the places that are bad. Of these two only one is looked for, the other is 0.
    """

    mean: float
    bad: float
    middle: float
    exchanged: float
    conflict: float
    conflict_middle: float
    equal: float
    poor: float
    one_sided: float
    bad_cells: float
    conflict_cells: float
    lopsided: float
    ends: float
    outlines: float
    unlike: float
    gain: float
    offset: float
    rest: float
    peak: float
    letters: float


def compare_structure(
    one: Plane, other: Plane, parts: int = 10, *, lettered: bool = False
) -> Structure:
    """Compares two lumas of one size that show the same part, by windows of a side's `parts`th.

    `lettered` if they are large enough to tell letters from other ones.
    """
    first, second = blurred(one), blurred(other)
    width = max(one.shape) / parts
    gain, offset = tone(first, second)
    first, second = toned(first, second, gain, offset)
    variance_one, variance_two, shared, apart = _moments(first, second, width)
    structure = (2 * shared + _C) / (variance_one + variance_two + _C)
    contrast = np.maximum(variance_one, variance_two)
    weights = np.sqrt(contrast) + 1
    shows = contrast > _TEXTURED
    less = np.minimum(variance_one, variance_two)
    both = (less > _TEXTURED / 2) & (less > _COMPARABLE * contrast)
    bad = structure < _BAD
    conflict = bad & both
    beside = _beside(bad & ~both)
    counted, shows = weights * beside, shows & beside
    plain, more = bad & (apart > _PLAIN), variance_one > variance_two
    outline = (np.abs(shared) + _C / 2) / (np.sqrt(variance_one * variance_two) + _C / 2)
    return Structure(
        mean=float(np.vdot(counted, structure)) / float(counted.sum()),
        bad=_share(bad),
        middle=_middle(plain),
        exchanged=min(_middle(plain & more), _middle(plain & ~more)),
        conflict=_share(conflict),
        conflict_middle=_middle(conflict),
        equal=_share(conflict & (less > _EQUAL * contrast)),
        poor=_share(shows & (structure < _POOR)) / max(_share(shows), 0.02),
        one_sided=_share(bad & ~both),
        bad_cells=_cells(bad),
        conflict_cells=_cells(bad & (less > _TEXTURED / 2)),
        lopsided=_lopsided(more[bad]),
        ends=_ends(bad),
        outlines=float(np.vdot(weights, outline)) / float(weights.sum()),
        unlike=_share(outline < _BAD),
        gain=gain,
        offset=offset,
        rest=float(apart.mean()),
        peak=0.0 if lettered else float(averaged(np.abs(first - second), 3).max()),
        letters=other_letters(first, second, _widened(bad, first.shape)) if lettered else 0.0,
    )


def _widened(places: Mask, shape: tuple[int, ...]) -> Mask:
    """The pixels that windows are around."""
    rows, columns = (
        np.arange(size) * count // size for size, count in zip(shape, places.shape, strict=True)
    )
    return places[np.ix_(rows, columns)]


def _beside(written: Mask) -> Mask:
    """The places that nothing written over one of the two reaches; all of them where it is much.

    Words of a subtitle have so much contrast that they would speak for the whole picture.
    """
    share = _share(written)
    if share > _WRITTEN or not share:
        return np.ones_like(written)
    # A mean of none is exactly 0: sums of zeros and ones round nothing off.
    beside: Mask = averaged(written.astype(np.float32), _REACH) == 0
    return beside


def _share(places: Mask) -> float:
    return int(np.count_nonzero(places)) / places.size


def _cells(places: Mask) -> float:
    """The share of cells, six by six over the pictures, of which a twelfth or more is so."""
    if not places.any():
        return 0.0
    rows, columns = (side // _CELLS for side in places.shape)
    cells = places[: rows * _CELLS, : columns * _CELLS].reshape(_CELLS, rows, _CELLS, columns)
    return float((cells.mean(axis=(1, 3)) > 1 / 12).mean()) if cells.size else 0.0


def _lopsided(more: Mask) -> float:
    """How far places are of one kind, from 0.5 to 1; 1 where there are none."""
    share = float(more.mean()) if more.size else 1.0
    return max(share, 1 - share)


def _ends(places: Mask) -> float:
    """How many of all places are in the upper or in the lower quarter of the rows; the lesser."""
    edge = len(places) // 4
    upper, lower = places[:edge], places[len(places) - edge :]
    return min(int(np.count_nonzero(upper)), int(np.count_nonzero(lower))) / places.size


def _middle(places: Mask) -> float:
    """How many of all places are in the middle half of the rows and so."""
    edge = len(places) // 4
    return int(np.count_nonzero(places[edge : len(places) - edge])) / places.size


def tone(one: Plane, other: Plane) -> tuple[float, float]:
    """The gain and offset that bring `one` to `other`, by least squares without what is far off."""
    pair = np.stack([_gathered(each) for each in (one, other)])
    first, second = pair.reshape(2, -1)
    usable = ((pair.min(axis=0) > _CLIPPED) & (pair.max(axis=0) < 255 - _CLIPPED)).ravel()
    counted = usable + np.float32(1e-3)
    weights = counted
    middle = (float(first.mean()), float(second.mean()))
    rows = np.stack([np.ones_like(first), first - middle[0], second - middle[1]])
    gain, offset = 1.0, float("inf")
    for number in range(_TRIES):
        # All sums of products at once: of the weights alone, with one picture, with both.
        moments = ((rows * weights) @ rows.T).tolist()
        total, sum_one, sum_two = moments[0]
        mean_one, mean_two = sum_one / total, sum_two / total
        shared = moments[1][2] - sum_one * mean_two
        energy = moments[1][1] - sum_one * mean_one
        # One more variance of 9 on either side: a flat picture keeps a gain of one.
        gain = (shared + 9 * total) / (energy + 9 * total)
        gain = min(2.5, max(0.4, gain))
        before, offset = offset, mean_two + middle[1] - gain * (mean_one + middle[0])
        if number == _TRIES - 1 or abs(offset - before) < _SETTLED:
            break
        off = np.abs(second - gain * first - offset)
        limit = 6 * float(np.vdot(off, weights)) / total + 3
        near = np.maximum(0, 1 - (off / limit) ** 2)
        weights = counted * near * near + np.float32(1e-6)
    return gain, offset


def _gathered(plane: Plane) -> Plane:
    """Values of so many neighbours as one, where there are more than enough to tell a tone."""
    step = max(1, min(plane.shape) // _TONES)
    found: Plane = gathered(plane[None], step)[0]
    return found


def toned(one: Plane, other: Plane, gain: float, offset: float) -> tuple[Values, Values]:
    """Both in the tones of `other`, each cut where the other's black and white are.

    What brightening pushed past white is lost in one of them, so it is taken from both.
    """
    first = np.clip(gain * one + offset, 0, 255)
    low, high = np.float32(max(0.0, offset)), np.float32(min(255.0, 255 * gain + offset))
    return first, np.clip(other, min(low, high), max(low, high))


def _moments(one: Values, other: Values, width: float) -> Values:
    """Variances of both, what they share, and how far they are apart, over every window."""
    stack = np.empty((6, *one.shape), np.float32)
    # About the middle of all values: squares of small numbers keep more of their places.
    np.subtract(one, 128, out=stack[0])
    np.subtract(other, 128, out=stack[1])
    np.multiply(stack[:2], stack[:2], out=stack[2:4])
    np.multiply(stack[0], stack[1], out=stack[4])
    np.abs(one - other, out=stack[5])
    means = windowed(stack, width)
    found = means[2:]
    found[:2] = np.maximum(found[:2] - means[:2] * means[:2], 0)
    found[2] -= means[0] * means[1]
    return found
