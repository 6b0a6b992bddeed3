"""From decoded pictures to traits and to the larger lumas of the closest look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fapfav.relation.traits import (
    CHROMA_SIDE,
    FRAME_SIDE,
    FRAMES,
    SIDE,
    Bytes2D,
    Traits,
    no_frames,
)

CLOSE_SIDE: Final = 320
"""Pixels of a side of the luma that the closest look takes."""

_BEHIND: Final = (128, 128, 128)  # neither light nor dark drawings vanish before mid grey
_GAP: Final = 3.0  # averaging down to three times the size first: not to be told apart


def traits_of(
    image: Image.Image,
    size: tuple[int, int] | None = None,
    frames: Sequence[Image.Image] = (),
    duration: int = 0,
) -> Traits:
    """The traits of an upright picture of eight bits a value, in any mode.

    `size` is the stored width and height where the picture was decoded smaller. `frames` are
    FRAMES pictures of an animation that plays `duration` milliseconds (`frame_times` says which);
    none for a still. Raises ValueError for another number of frames.
    """
    if frames and len(frames) != FRAMES:
        raise ValueError(f"{len(frames)} frames instead of {FRAMES}")
    width, height = size or image.size
    square = _square(image, SIDE)
    planes = np.asarray(square.convert("YCbCr"))
    chroma = _reduced(planes[..., 1:])
    lumas = [np.asarray(_square(frame, FRAME_SIDE).convert("L")) for frame in frames]
    kept = np.stack(lumas) if lumas else no_frames()
    return Traits(width, height, planes[..., 0].copy(), chroma, kept, duration if lumas else 0)


def _reduced(chroma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cb and Cr of SIDE x SIDE x 2 by averaging, rounded, CHROMA_SIDE x CHROMA_SIDE x 2."""
    factor = SIDE // CHROMA_SIDE
    sums = chroma.astype(np.uint16)
    sums = np.add.reduce([sums[at::factor] for at in range(factor)], dtype=np.uint16)
    sums = np.add.reduce([sums[:, at::factor] for at in range(factor)], dtype=np.uint16)
    means: NDArray[np.uint8] = ((2 * sums + factor**2) // (2 * factor**2)).astype(np.uint8)
    return means


def close_luma(image: Image.Image) -> Bytes2D:
    """The luma of CLOSE_SIDE x CLOSE_SIDE that `fapfav.relation.closer` compares."""
    return np.asarray(_square(image, CLOSE_SIDE).convert("L"))


def frame_times(durations: Sequence[int]) -> list[int]:
    """The number of the frame shown in the middle of each twelfth of the playing time.

    `durations` are milliseconds a frame. Middles, so that rounding a frame's time by some
    milliseconds does not change which one is shown.
    """
    ends = np.cumsum(durations)
    middles = (np.arange(FRAMES) + 0.5) / FRAMES * int(ends[-1])
    return [int(at) for at in np.searchsorted(ends, middles, side="right")]


def _square(image: Image.Image, side: int) -> Image.Image:
    """RGB, side x side, by averaging; what is smaller is interpolated."""
    # Averaging repeats pixels where it enlarges, and then a small copy gets steps of its own.
    small = min(image.size) < side
    resampling = Image.Resampling.BILINEAR if small else Image.Resampling.BOX
    full = _opaque(image)
    return full.resize((side, side), resampling, reducing_gap=None if small else _GAP)


def _opaque(image: Image.Image) -> Image.Image:
    """RGB, what is transparent over mid grey."""
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    full = image if image.mode == "RGBA" else image.convert("RGBA")
    lowest, _ = full.getchannel("A").getextrema()
    if isinstance(lowest, int | float) and lowest >= 255:
        return full.convert("RGB")
    ground = Image.new("RGB", full.size, _BEHIND)
    ground.paste(full, mask=full.getchannel("A"))
    return ground
