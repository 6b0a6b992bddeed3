"""Archives of duplicates to look at and to review: drawn pictures and worked-over copies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from fapfav.jobs.find import find_duplicates
from tests.support import encoded, landscape, new_archive, read_folder

WIDE, HIGH = 1732, 1155
"""Two megapixels."""

Copy = Callable[..., bytes]


def half(picture: Image.Image) -> bytes:
    """Half as wide, and recompressed."""
    return encoded(picture.resize((WIDE // 2, HIGH // 2)), "JPEG", quality=78)


def patched(picture: Image.Image) -> bytes:
    """Recompressed, with something painted into the lower right: 0.4 % of the picture."""
    changed = picture.copy()
    left, top = int(WIDE * 0.8), int(HIGH * 0.75)
    brush = ImageDraw.Draw(changed)
    brush.rectangle((left, top, left + int(WIDE * 0.063), top + int(HIGH * 0.063)), fill="white")
    return encoded(changed, "JPEG", quality=80)


def cropped(picture: Image.Image) -> bytes:
    """Without a strip at the left."""
    return encoded(picture.crop((WIDE // 32, 0, WIDE, HIGH)), "JPEG", quality=85)


def smaller(picture: Image.Image, quality: int) -> bytes:
    """A third as wide."""
    return encoded(picture.resize((WIDE // 3, HIGH // 3)), "JPEG", quality=quality)


def write_set(folder: Path, seed: int, *copies: Copy) -> None:
    """One picture as it was first, and copies of it."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = landscape(seed, WIDE, HIGH)
    (folder / f"{seed:03d} first.jpg").write_bytes(encoded(picture, "JPEG", quality=93))
    for number, copy in enumerate(copies):
        (folder / f"{seed:03d} copy {number}.jpg").write_bytes(copy(picture))


def mosaic(seed: int, width: int = 480, height: int = 320) -> Image.Image:
    """Soft patches of colour; pictures of two seeds are surely not alike."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)


def write_small_sets(folder: Path, count: int) -> None:
    """So many pairs: a picture, and a smaller one of worse quality."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(100, 100 + count):
        picture = mosaic(seed)
        small = picture.resize((300, 200))
        (folder / f"{seed} a.jpg").write_bytes(encoded(picture, "JPEG", quality=92))
        (folder / f"{seed} b.jpg").write_bytes(encoded(small, "JPEG", quality=70))


def make_sets(where: Path, pictures: Path, *, sealed: bool = False) -> Path:
    """An archive of the pictures, with its duplicates found."""
    with new_archive(where, sealed=sealed) as archive:
        read_folder(archive, pictures)
        find_duplicates(archive)
    return where
