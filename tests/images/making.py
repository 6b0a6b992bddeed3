"""Small pictures of every type for the tests of images, all made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

STILL = {
    "jpg": ("JPEG", {"quality": 85}),
    "png": ("PNG", {}),
    "gif": ("GIF", {}),
    "bmp": ("BMP", {}),
    "tif": ("TIFF", {}),
    "webp": ("WEBP", {"quality": 80}),
    "avif": ("AVIF", {"speed": 10}),
}
"""How each type is written; MPO takes two views, see `views`."""

MOVING = ("gif", "png", "webp", "avif")


def scene(seed: int = 0, width: int = 120, height: int = 80) -> Image.Image:
    """A smooth picture with a few edges; another seed is another picture."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    layers = []
    for _ in range(3):
        a, b, c, d = rng.uniform(1, 9, 4)
        layers.append(127 + 60 * np.sin(a * x + b) + 60 * np.cos(c * y * (1 + x) + d))
    pixels = np.dstack(layers)
    left, top = rng.uniform(0.1, 0.5, 2)
    pixels[(x > left) & (x < left + 0.3) & (y > top) & (y < top + 0.3)] = rng.uniform(0, 255, 3)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of a type, by extension."""
    name, usual = STILL[kind]
    out = io.BytesIO()
    picture.save(out, name, **{**usual, **options})
    return out.getvalue()


def views(count: int = 2, **options: Any) -> bytes:
    """An MPO: several views of one thing in one file."""
    out = io.BytesIO()
    first, *rest = [scene(number) for number in range(count)]
    first.save(out, "MPO", save_all=True, append_images=rest, **options)
    return out.getvalue()


def moving(
    kind: str, lasting: list[int], size: tuple[int, int] = (60, 40), **options: Any
) -> bytes:
    """An animation with a frame for every time in milliseconds."""
    frames = [scene(number, *size) for number in range(len(lasting))]
    return saved(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=lasting, **options
    )


def every_type() -> dict[str, bytes]:
    """One still of each type."""
    return {**{kind: saved(scene(), kind) for kind in STILL}, "mpo": views()}


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG that says it measures so much, with whatever else is put into it."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    """A file as Pillow sees it, loaded."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture
