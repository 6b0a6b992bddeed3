"""From a decoded picture to the small ones that hashes, embedding and thumbnail are made of.

`exact` resizes the whole picture four times, as `imagededup` does. `scaled` goes by way of one
reduced picture, `base`: the scale a JPEG was decoded at, or the same scale by averaging for other
types, so that a copy in another type comes out alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from fapfav.images import hashes
from fapfav.images.decode import Decoded, Preparation, shrink_factor
from fapfav.images.hashes import Grey
from fapfav.model import Fingerprint

_LANCZOS: Final = Image.Resampling.LANCZOS
_GAP: Final = 3.0  # averaging down to three times the size first: not to be told apart, says Pillow

LUMA: Final = 96
"""Pixels of a side of the grey picture that what is inside a frame is looked for in."""

DEEP: Final = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""Modes with more than eight bits a value."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The pixels everything is made of: `base` is RGB and reduced, alpha dropped.

    `see_through` is the same with its alpha (RGBA), or None where nothing is transparent. `turned`
    is the first hash in the seven other ways to lie, `luma` the picture as LUMA x LUMA of grey, and
    `colour` its mean as Y, Cb and Cr.
    """

    base: Image.Image
    see_through: Image.Image | None
    fingerprint: Fingerprint
    turned: tuple[int, ...]
    luma: bytes
    colour: tuple[int, int, int]


def prepare(decoded: Decoded, preparation: Preparation) -> Prepared:
    """Reduces and hashes the first frame."""
    image = decoded.image
    facts = decoded.facts
    # Against the stored size: a JPEG that was decoded small needs no more of it.
    shrunk = max(1, round(max(facts.width, facts.height) / max(image.size)))
    factor = max(1, shrink_factor(facts.width, facts.height) // shrunk)
    see_through = with_alpha(image, factor)
    if preparation == "exact":
        full = as_others_do(image)
        greys = _exact(full)
        base = reduced(full if image.mode not in DEEP else as_rgb(image), factor)
    else:
        base = reduced(as_rgb(image), factor)
        greys = _scaled(base)
    turned = hashes.percept_turned(greys[0])
    small = base.resize((LUMA, LUMA), Image.Resampling.BOX, reducing_gap=_GAP).convert("YCbCr")
    planes = np.asarray(small)
    y, cb, cr = (round(float(each)) for each in planes.mean(axis=(0, 1)))
    luma = planes[..., 0].tobytes()
    return Prepared(base, see_through, _fingerprint(greys), turned, luma, (y, cb, cr))


def as_rgb(image: Image.Image) -> Image.Image:
    """The picture as RGB with its alpha dropped, deep values brought to eight bits."""
    if image.mode in DEEP:
        return _eight_bits(image).convert("RGB")
    return as_others_do(image)


def as_others_do(image: Image.Image) -> Image.Image:
    """The picture as RGB the way `imagededup` makes it: deep values are cut off at 255."""
    if image.mode == "RGB":
        return image
    # What is RGBA already is not copied: four bytes a pixel are much of a large picture.
    return (image if image.mode == "RGBA" else image.convert("RGBA")).convert("RGB")


def with_alpha(image: Image.Image, factor: int = 1) -> Image.Image | None:
    """The picture as RGBA, reduced; None where every pixel is opaque."""
    if not image.has_transparency_data or image.mode in DEEP:
        return None
    full = image if image.mode == "RGBA" else image.convert("RGBA")
    lowest, _ = full.getchannel("A").getextrema()
    opaque = isinstance(lowest, int | float) and lowest >= 255
    return None if opaque else reduced(full, factor)


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """Averages of factor x factor pixels."""
    return image.reduce(factor) if factor > 1 else image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of eight bits; 16-bit values keep their upper half, others are stretched to fit."""
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((values >> 8).astype(np.uint8))
    values = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and 1 < high <= 255:
        low, high = 0.0, 255.0
    scale = 255 / (high - low) if high > low else 0.0
    return Image.fromarray(((values - low) * scale).astype(np.uint8))


def _exact(full: Image.Image) -> list[Grey]:
    """Four resizes of the whole picture, each turned to grey afterwards."""
    sizes = (hashes.PERCEPT_SIZE, hashes.AVERAGE_SIZE, hashes.DIFF_SIZE, hashes.WAVELET_SIZE)
    return [np.asarray(full.resize(size, _LANCZOS).convert("L")) for size in sizes]


def _scaled(base: Image.Image) -> list[Grey]:
    """One resize of the reduced picture, in grey; the smaller ones from its result."""
    large = base.convert("L").resize(hashes.WAVELET_SIZE, _LANCZOS)
    sizes = (hashes.PERCEPT_SIZE, hashes.AVERAGE_SIZE, hashes.DIFF_SIZE)
    small = [large.resize(size, _LANCZOS, reducing_gap=_GAP) for size in sizes]
    return [*map(np.asarray, small), np.asarray(large)]


def _fingerprint(greys: list[Grey]) -> Fingerprint:
    percept, average, diff, wavelet = greys
    return Fingerprint(
        hashes.percept(percept), hashes.average(average), hashes.diff(diff), hashes.wavelet(wavelet)
    )
