"""How the web varies a picture: each change by name, with its family and what it leaves true.

A copy that has gone through a change is the `same` picture, or a `related` one: mirrored, turned by
a right angle, without its colours or with others, a quarter of each side cut away, inside a frame.
A crop by p % takes p % of the width and of the height. What shows a picture larger or smaller by
more than 15 % is related, so borders and captions stay below that.

All are pure functions of the picture and a source of chance, which is seeded by names: the same
picture gives the same copies everywhere.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from benchmarks.quality import marks
from fapfav.model import Label

Family = Literal[
    "original",
    "jpeg",
    "resize",
    "crop",
    "border",
    "mark",
    "caption",
    "tone",
    "sharpness",
    "format",
    "tilt",
    "combined",
    "large crop",
    "colour",
    "geometry",
    "frame",
    "other size",
    "animation",
    "cut animation",
    "speed",
    "still of animation",
    "negative",
]
Make = Callable[[Image.Image, Random], Image.Image]


@dataclass(frozen=True, slots=True)
class File:
    """A picture as bytes, and its ending without a dot."""

    data: bytes
    ending: str


@dataclass(frozen=True, slots=True)
class Saving:
    """A format of Pillow and its options; the default is what each kind of picture usually is."""

    format: str = ""
    options: tuple[tuple[str, Any], ...] = ()

    def file(self, image: Image.Image, chance: Random, photograph: bool = True) -> File:
        """The picture saved. Without a format: a JPEG of 80 to 92, or half the drawings a PNG."""
        if not self.format:
            quality = chance.randint(80, 92)
            if photograph or chance.random() < 0.5:
                return _saved(image, "JPEG", quality=quality)
            return _saved(image, "PNG", compress_level=3)
        return _saved(image, self.format, **dict(self.options))


@dataclass(frozen=True, slots=True)
class Change:
    """A name, a family, what a changed copy is to its original, and how it is made."""

    name: str
    family: Family
    truth: Label
    make: Make
    saving: Saving = Saving()


def _saved(image: Image.Image, kind: str, **options: Any) -> File:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return File(out.getvalue(), {"JPEG": "jpg"}.get(kind, kind.lower()))


def _as_is(image: Image.Image, _: Random) -> Image.Image:
    return image


def _jpeg(quality: int) -> Saving:
    return Saving("JPEG", (("quality", quality),))


def _twice(image: Image.Image, chance: Random) -> Image.Image:
    """Through a JPEG whose blocks do not lie where the next one's will."""
    shifted = image.crop((3, 5, image.width, image.height))
    return _reopened(_saved(shifted, "JPEG", quality=chance.randint(55, 75)))


def _reopened(file: File) -> Image.Image:
    with Image.open(io.BytesIO(file.data)) as image:
        return image.convert("RGB")


def _resized(scale: float, image: Image.Image, chance: Random) -> Image.Image:
    """By one of the usual filters: browsers and tools do not agree on one."""
    filters = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BILINEAR)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, chance.choice(filters))


def _cropped(share: float, image: Image.Image, chance: Random) -> Image.Image:
    """Without a share of each side, taken from anywhere."""
    across, down = round(image.width * share), round(image.height * share)
    left, top = chance.randint(0, across), chance.randint(0, down)
    return image.crop((left, top, left + image.width - across, top + image.height - down))


def _bordered(share: float, colour: marks.Colour, image: Image.Image, _: Random) -> Image.Image:
    return marks.bordered(image, share, colour)


def _lit(factor: float, image: Image.Image, _: Random) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def _contrasted(factor: float, image: Image.Image, _: Random) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(factor)


def _gamma(power: float, image: Image.Image, _: Random) -> Image.Image:
    return image.point([round(255 * (value / 255) ** power) for value in range(256)] * 3)


def _sharpened(image: Image.Image, _: Random) -> Image.Image:
    return image.filter(ImageFilter.UnsharpMask(2, 130, 2))


def _blurred(share: float, image: Image.Image, _: Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(max(0.7, max(image.size) * share)))


def _palette(colours: int, image: Image.Image, _: Random) -> Image.Image:
    return image.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)


def _grey(image: Image.Image, _: Random) -> Image.Image:
    return image.convert("L").convert("RGB")


def hue_turned(image: Image.Image, degrees: float) -> Image.Image:
    """Every hue further round the circle, white and grey as they were."""
    hue, saturation, value = image.convert("HSV").split()
    turned = hue.point([(level + round(degrees * 256 / 360)) % 256 for level in range(256)])
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def _other_hue(image: Image.Image, chance: Random) -> Image.Image:
    return hue_turned(image, chance.uniform(80, 280))


def _mirrored(image: Image.Image, _: Random) -> Image.Image:
    return ImageOps.mirror(image)


def _turned(step: Image.Transpose, image: Image.Image, _: Random) -> Image.Image:
    return image.transpose(step)


def _tilted(image: Image.Image, chance: Random) -> Image.Image:
    """Turned by 2 degrees either way and cut to where there are pixels, keeping its shape."""
    angle = chance.choice((-2, 2))
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    longer, shorter = max(image.size), min(image.size)
    # The largest window of the same shape, about the middle, that the turned picture covers.
    sine, cosine = math.sin(math.radians(2)), math.cos(math.radians(2))
    share = 1 / (cosine + longer / shorter * sine)
    across, down = image.width * (1 - share) / 2, image.height * (1 - share) / 2
    box = math.ceil(across), math.ceil(down), image.width - math.ceil(across)
    return turned.crop((*box, image.height - math.ceil(down)))


def _reposted(image: Image.Image, chance: Random) -> Image.Image:
    """A little of much: recompressed, cropped by 3 %, resized, a little lighter or darker."""
    copy = _reopened(_saved(image, "JPEG", quality=chance.randint(60, 85)))
    copy = _cropped(0.03, copy, chance)
    copy = _resized(chance.uniform(0.5, 0.9), copy, chance)
    return _lit(chance.uniform(0.92, 1.08), copy, chance)


def _passed_on(image: Image.Image, chance: Random) -> Image.Image:
    """Marked in a corner by one, shrunk by the next."""
    return _resized(chance.uniform(0.4, 0.7), marks.logo_marked(image, chance), chance)


_SAME, _RELATED = Label.SAME, Label.RELATED

CHANGES: Final[tuple[Change, ...]] = (
    Change("original", "original", _SAME, _as_is),
    *(Change(f"jpeg {q}", "jpeg", _SAME, _as_is, _jpeg(q)) for q in (95, 80, 60, 40, 20)),
    Change("jpeg twice", "jpeg", _SAME, _twice, _jpeg(60)),
    *(
        Change(f"resized {scale}", "resize", _SAME, partial(_resized, scale))
        for scale in (0.25, 0.5, 0.75, 1.5, 2)
    ),
    *(
        Change(f"cropped {percent} %", "crop", _SAME, partial(_cropped, percent / 100))
        for percent in (1, 2, 5, 10)
    ),
    Change("cropped 25 %", "large crop", _RELATED, partial(_cropped, 0.25)),
    Change("white border", "border", _SAME, partial(_bordered, 0.03, (255, 255, 255))),
    Change("black border", "border", _SAME, partial(_bordered, 0.06, (0, 0, 0))),
    Change("logo", "mark", _SAME, marks.logo_marked),
    Change("watermark", "mark", _SAME, marks.watermarked),
    Change("caption", "caption", _SAME, marks.captioned),
    Change("subtitle", "caption", _SAME, marks.subtitled),
    *(
        Change(f"brightness {factor}", "tone", _SAME, partial(_lit, factor))
        for factor in (0.7, 0.9, 1.1, 1.3)
    ),
    *(
        Change(f"contrast {factor}", "tone", _SAME, partial(_contrasted, factor))
        for factor in (0.75, 1.3)
    ),
    *(Change(f"gamma {power}", "tone", _SAME, partial(_gamma, power)) for power in (0.75, 1.33)),
    Change("sharpened", "sharpness", _SAME, _sharpened),
    Change("blurred a little", "sharpness", _SAME, partial(_blurred, 0.002)),
    Change("blurred", "sharpness", _SAME, partial(_blurred, 0.005)),
    Change("png", "format", _SAME, _as_is, Saving("PNG", (("compress_level", 3),))),
    Change("webp", "format", _SAME, _as_is, Saving("WEBP", (("quality", 75),))),
    Change("avif", "format", _SAME, _as_is, Saving("AVIF", (("quality", 55), ("speed", 9)))),
    Change("gif", "format", _SAME, partial(_palette, 256), Saving("GIF")),
    Change("palette of 32", "format", _SAME, partial(_palette, 32), Saving("PNG")),
    Change("turned by 2 degrees", "tilt", _SAME, _tilted),
    Change("reposted", "combined", _SAME, _reposted),
    Change("passed on", "combined", _SAME, _passed_on, _jpeg(70)),
    Change("grey", "colour", _RELATED, _grey),
    Change("other hue", "colour", _RELATED, _other_hue),
    Change("mirrored", "geometry", _RELATED, _mirrored),
    *(
        Change(f"turned by {degrees}", "geometry", _RELATED, partial(_turned, step))
        for degrees, step in (
            (90, Image.Transpose.ROTATE_90),
            (180, Image.Transpose.ROTATE_180),
            (270, Image.Transpose.ROTATE_270),
        )
    ),
    Change("in a browser", "frame", _RELATED, marks.in_browser),
    Change("on a phone", "frame", _RELATED, marks.in_phone),
)
"""What is done to every still picture; `applicable` says which of them mean anything for it."""

_PLAIN: Final = {"original", "jpeg", "resize", "format"}


def changed(change: Change, image: Image.Image, seed: str, photograph: bool = True) -> File:
    """One copy of an RGB picture; the same seed gives the same bytes."""
    chance = Random(f"{change.name} of {seed}")
    return change.saving.file(change.make(image, chance), chance, photograph)


def applicable(image: Image.Image, plain: bool = False) -> Sequence[Change]:
    """The changes after which the truth is still what the table says.

    A picture that looks the same mirrored or turned gets no such copies, one without colour no grey
    one. `plain` pictures, one colour or a gradient, are only saved and resized: any other change of
    theirs might be another picture. Nothing is shrunk below 40 pixels.
    """
    found = []
    symmetric = is_symmetric(image)
    for change in CHANGES:
        if plain and change.family not in _PLAIN:
            continue
        if change.name == "resized 0.25" and min(image.size) < 160:
            continue
        if change.family == "geometry" and symmetric:
            continue
        if change.family == "colour" and not has_colour(image):
            continue
        if change.family == "large crop" and is_uniform(image):
            continue
        found.append(change)
    return found


def _squashed(image: Image.Image, side: int = 32) -> NDArray[np.float64]:
    small = image.convert("RGB").resize((side, side), Image.Resampling.BOX, reducing_gap=2)
    return np.asarray(small, np.float64)


def is_symmetric(image: Image.Image) -> bool:
    """Whether mirroring or turning leaves what there was, by `shows_the_same`."""
    small = _squashed(image, 64)
    others = (small[:, ::-1], small[::-1], small[::-1, ::-1], np.rot90(small))
    return any(_hardly_changed(small, other) for other in others)


def shows_the_same(one: Image.Image, other: Image.Image) -> bool:
    """Whether under 5 % of places of two pictures, brought to one shape, are easily told apart."""
    return _hardly_changed(_squashed(one, 64), _squashed(other, 64))


def _hardly_changed(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return float((np.abs(one - other).max(axis=2) > 40).mean()) < 0.05


def has_colour(image: Image.Image) -> bool:
    """Whether a twentieth of the picture or more has colour that is easily seen."""
    small = _squashed(image)
    return float(np.percentile(small.max(axis=2) - small.min(axis=2), 95)) >= 40


def is_uniform(image: Image.Image) -> bool:
    """Whether hardly anything is to be seen: a deviation under 8 of 255 in every channel."""
    return float(_squashed(image).std(axis=(0, 1)).max()) < 8
