"""The three hundred pictures whose hashes are golden: photographs, cut and recoded without loss.

The photographs come with scikit-image and scikit-learn and are read where those are installed,
without importing them. Only indexing and integer arithmetic change pixels, and only lossless files
hold them, so the same versions of the two packages and of Pillow give the same pictures anywhere.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

PACKAGES = {"skimage": "data", "sklearn": "datasets/images"}
PHOTOGRAPHS = (
    "skimage/astronaut.png", "skimage/brick.png", "skimage/camera.png", "skimage/cell.png",
    "skimage/chelsea.png", "skimage/clock_motion.png", "skimage/coffee.png", "skimage/coins.png",
    "skimage/color.png", "skimage/grass.png", "skimage/gravel.png", "skimage/horse.png",
    "skimage/hubble_deep_field.jpg", "skimage/ihc.png", "skimage/logo.png",
    "skimage/microaneurysms.png", "skimage/moon.png", "skimage/motorcycle_left.png",
    "skimage/motorcycle_right.png", "skimage/page.png", "skimage/retina.jpg",
    "skimage/rocket.jpg", "skimage/text.png", "sklearn/china.jpg", "sklearn/flower.jpg",
)  # fmt: skip


def photograph(name: str) -> Pixels:
    """The pixels of one photograph as rows x columns x 3."""
    package, file = name.split("/")
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.origin is not None
    path = Path(spec.origin).parent / PACKAGES[package] / file
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def golden_pictures() -> Iterator[tuple[str, bytes]]:
    """Name and file of every picture, each made when it is asked for."""
    for number, source in enumerate(PHOTOGRAPHS):
        pixels = photograph(source)
        for recipe in RECIPES:
            yield f"{Path(source).stem}/{recipe.__name__.strip('_')}", recipe(pixels, number)


def _grey(pixels: Pixels) -> Pixels:
    weighted = pixels.astype(np.uint32) @ np.array([299, 587, 114], np.uint32)
    grey: Pixels = (weighted // 1000).astype(np.uint8)
    return grey


def _slope(pixels: Pixels) -> Pixels:
    """An alpha channel that rises from corner to corner."""
    rows, columns = pixels.shape[:2]
    rise = np.arange(rows)[:, None] * 255 // rows + np.arange(columns) * 255 // columns
    slope: Pixels = (rise // 2).astype(np.uint8)
    return slope


def _file(pixels: NDArray[Any], kind: str, mode: str | None = None, **options: object) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    if mode is not None:
        picture = picture.convert(mode)
    return _saved(picture, kind, **options)


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    if kind == "PNG":
        options["compress_level"] = 1
    picture.save(out, kind, **options)
    return out.getvalue()


def _whole(pixels: Pixels, number: int) -> bytes:
    return _file(pixels, ("BMP", "TIFF")[number % 2])


def _crop(pixels: Pixels, number: int) -> bytes:
    rows, columns = pixels.shape[:2]
    return _file(pixels[rows // 9 : rows * 3 // 4, columns // 4 : columns - 3 - number], "TIFF")


def _small(pixels: Pixels, number: int) -> bytes:
    step = 2 + number % 3
    return _file(pixels[::step, ::step], "PNG")


def _tall(pixels: Pixels, number: int) -> bytes:
    columns = pixels.shape[1]
    start = columns * (number % 5) // 8
    return _file(pixels[:, start : start + columns // 9], "PNG")


def _wide(pixels: Pixels, number: int) -> bytes:
    rows = pixels.shape[0]
    start = rows * (number % 5) // 8
    return _file(pixels[start : start + rows // 9], "PNG")


def _grey_scale(pixels: Pixels, number: int) -> bytes:
    return _file(_grey(pixels), ("TIFF", "BMP")[number % 2])


def _palette(pixels: Pixels, number: int) -> bytes:
    """Six levels a channel; every other one with some see-through entries."""
    levels = pixels[::2, ::2].astype(np.uint16) * 6 // 256
    indexed = levels @ np.array([36, 6, 1], np.uint16)
    picture = Image.fromarray(indexed.astype(np.uint8))
    entries = [(i // 36 * 51, i // 6 % 6 * 51, i % 6 * 51) for i in range(216)]
    picture.putpalette([value for entry in entries for value in entry])
    if number % 2:
        return _saved(picture, "PNG", transparency=bytes(i * 7 % 256 for i in range(216)))
    return _saved(picture, "PNG")


def _alpha(pixels: Pixels, number: int) -> bytes:
    small = pixels[::2, ::2]
    return _file(np.dstack([small, _slope(small)]), ("TIFF", "PNG")[number % 2])


def _grey_alpha(pixels: Pixels, number: int) -> bytes:
    small = pixels[number % 2 :: 2, ::2]
    return _saved(
        Image.merge("LA", (Image.fromarray(_grey(small)), Image.fromarray(_slope(small)))), "PNG"
    )


def _sixteen_bit(pixels: Pixels, number: int) -> bytes:
    """What is above 255 is cut off by whoever reads it as eight bits, so some stay below."""
    deep = _grey(pixels[::2, ::2]).astype(np.uint16) * (1, 2, 257)[number % 3]
    return _file(deep.astype(np.uint16), ("PNG", "TIFF")[number % 2])


def _four_inks(pixels: Pixels, number: int) -> bytes:
    small = pixels[::2, number % 3 :: 2]
    black = 255 - small.max(axis=2)
    inks = [Image.fromarray(255 - small[..., i] - black) for i in range(3)]
    return _saved(Image.merge("CMYK", (*inks, Image.fromarray(black))), "TIFF")


def _odd(pixels: Pixels, number: int) -> bytes:
    """One bit, a few pixels, mirrored, flat, or symmetric both ways: theory has many ties there."""
    small = pixels[::3, ::3]
    if number % 5 == 0:
        return _saved(Image.fromarray(_grey(small) > 120), "PNG")
    if number % 5 == 1:
        return _file(pixels[: 1 + number % 7, : 2 + number % 11], "PNG")
    if number % 5 == 2:
        return _file(np.hstack([small, small[:, ::-1]]), "PNG")
    if number % 5 == 3:
        return _file(np.full((40 + number, 64, 3), pixels[5, 5]), "BMP")
    both = np.hstack([small, small[:, ::-1]])
    return _file(np.vstack([both, both[::-1]]), "PNG")


RECIPES: tuple[Callable[[Pixels, int], bytes], ...] = (
    _whole, _crop, _small, _tall, _wide, _grey_scale, _palette, _alpha, _grey_alpha, _sixteen_bit,
    _four_inks, _odd,
)  # fmt: skip
