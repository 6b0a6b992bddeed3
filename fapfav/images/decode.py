"""From bytes to one decoded picture and the facts of its file.

Owns which types are taken, how large a picture may be, and how much of a JPEG is decoded. Every
picture is decoded once; its frames after the first are left to `thumbnail`. What the pixels become
is left to `preparation`. Calls belong inside `guard.reading`, which gives errors their words.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final, Literal, Self

import numpy as np
from numpy.typing import NDArray

# By name, so that no other decoder than these is ever loaded.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from fapfav.errors import BadPicture
from fapfav.images import containers
from fapfav.images.guard import MAX_PIXELS

Preparation = Literal["scaled", "exact"]
"""How the hashes' pixels are made; prints of the two are never compared with each other."""

_EXT_OF: Final = {
    AvifImagePlugin.AvifImageFile.format: "avif",
    BmpImagePlugin.BmpImageFile.format: "bmp",
    GifImagePlugin.GifImageFile.format: "gif",
    JpegImagePlugin.JpegImageFile.format: "jpg",
    MpoImagePlugin.MpoImageFile.format: "mpo",
    PngImagePlugin.PngImageFile.format: "png",
    TiffImagePlugin.TiffImageFile.format: "tif",
    WebPImagePlugin.WebPImageFile.format: "webp",
}
# An MPO is opened as the JPEG it begins with.
_FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP")

ENOUGH: Final = (192, 280)
"""What `scaled` leaves of a picture at least: pixels of the shorter and of the longer side.

280 for the thumbnail. 192 is less than the 256 of the hashes and the 224 of the network: copies
come out hardly further apart than with 256 (docs/decisions.md has the figures), and it is quicker.
"""

_MAX_SCANNED: Final = 2_000_000_000
"""Pixels times scans of a JPEG: a few kilobytes can ask for thousands of passes over 89 million."""

_SCAN: Final = b"\xff\xda"
_ORIENTATION: Final = 0x0112
_WIDTH_TAG, _HEIGHT_TAG = 256, 257


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file besides its pixels.

    Pixels are counted as stored, before `orientation` (EXIF's 1 to 8); `durations` are milliseconds
    a frame, none for a still; `quality` is a JPEG's estimated setting, else 0.
    """

    ext: str
    width: int
    height: int
    frames: int
    durations: containers.Durations
    orientation: int
    quality: int

    @property
    def duration(self) -> int:
        """The playing time of the whole animation in milliseconds."""
        return sum(self.durations)

    @property
    def animated(self) -> bool:
        """Several frames and a playing time; pages and views of TIFF and MPO are no animation."""
        return self.frames > 1 and self.duration > 0


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture whose first frame is decoded: `image` may be smaller than the file says.

    `turn` is the EXIF orientation its pixels still need to stand upright.
    """

    facts: Facts
    image: ImageFile.ImageFile
    turn: int
    first: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.image.close()


def decode(data: bytes, preparation: Preparation) -> Decoded:
    """Decodes a picture's first frame. Raises BadPicture, or whatever Pillow raises."""
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    try:
        return _decoded(image, data, preparation)
    except BaseException:
        image.close()
        raise


def shrink_factor(width: int, height: int) -> int:
    """The largest of 8, 4, 2 and 1 that leaves ENOUGH: the scales a JPEG decodes at."""
    shorter, longer = min(width, height), max(width, height)
    for factor in (8, 4, 2):
        if shorter >= ENOUGH[0] * factor and longer >= ENOUGH[1] * factor:
            return factor
    return 1


def _decoded(image: ImageFile.ImageFile, data: bytes, preparation: Preparation) -> Decoded:
    ext = _EXT_OF[str(image.format)]
    width, height = _stored_size(image)
    _bound(image, data, width * height)
    durations = _durations(image, ext, data)
    frames = len(durations) or _stills(image, ext, data)
    # Before loading: TIFFs forget it then. After, for PNGs: it may stand behind the pixels.
    orientation = 1 if ext == "png" else _orientation(image)
    quality = _jpeg_quality(image) if ext in ("jpg", "mpo") else 0
    if isinstance(image, JpegImagePlugin.JpegImageFile) and preparation == "scaled":
        factor = shrink_factor(width, height)
        image.draft(None, (width // factor, height // factor))
    image.load()
    if ext == "png":
        orientation = _orientation(image)
    facts = Facts(ext, width, height, frames, durations, orientation, quality)
    # Pillow turns TIFFs upright itself.
    turn = 1 if ext == "tif" else orientation
    apart = ext == "png" and facts.animated and containers.has_default_picture(data)
    return Decoded(facts, image, turn, int(apart))


def _stored_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Pixels as the file says; Pillow gives the size of a TIFF after turning it."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2[_WIDTH_TAG]), int(image.tag_v2[_HEIGHT_TAG])
    return image.size


def _bound(image: ImageFile.ImageFile, data: bytes, pixels: int) -> None:
    """Refuses before any pixel is paid for."""
    if pixels < 1:
        raise BadPicture("the picture has no pixels")
    if pixels > MAX_PIXELS:
        raise BadPicture(
            f"the picture is too large: {image.width} x {image.height} is more than "
            f"{MAX_PIXELS:,} pixels"
        )
    # Only a progressive scan can be so cheap to write: 3 bytes for 32,767 blocks.
    if "progressive" in image.info and pixels * data.count(_SCAN) > _MAX_SCANNED:
        raise BadPicture(f"the JPEG asks for too many scans of {pixels:,} pixels")


def _durations(image: ImageFile.ImageFile, ext: str, data: bytes) -> containers.Durations:
    if ext == "gif":
        return containers.gif_durations(data)
    if ext == "png":
        return containers.png_durations(data)
    if ext == "webp":
        return containers.webp_durations(data)
    if ext != "avif":
        return ()
    # AVIF tells the whole; each frame is taken to have its share.
    whole, frames = containers.avif_duration(data), getattr(image, "n_frames", 1)
    if frames < 2:
        return ()
    return tuple(whole * (i + 1) // frames - whole * i // frames for i in range(frames))


def _stills(image: ImageFile.ImageFile, ext: str, data: bytes) -> int:
    """How many pictures there are in a file that is no animation."""
    if ext == "tif":
        return containers.tiff_pages(data)
    return int(getattr(image, "n_frames", 1)) if ext == "mpo" else 1


def _orientation(image: ImageFile.ImageFile) -> int:
    """EXIF's 1 to 8; 1 where EXIF is missing or damaged, which is no reason to refuse a picture."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # as wide as in `guard.reading`, and for the same cause
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _jpeg_quality(image: ImageFile.ImageFile) -> int:
    """The IJG quality whose luminance table comes nearest, 1 to 100; 0 without a usable table."""
    tables = getattr(image, "quantization", {})
    table = np.array(tables.get(0, ()), np.int64)
    if table.size != 64:
        return 0
    return int(np.abs(_LUMINANCE - table).sum(axis=1).argmin()) + 1


def _luminance_tables() -> NDArray[np.int64]:
    """The table of every quality from 1 to 100, by ITU-T T.81 annex K.1 and IJG's scaling."""
    base = np.array(
        [
            16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
            14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
            18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
            49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
        ]
    )  # fmt: skip
    scale = np.array([5000 // q if q < 50 else 200 - 2 * q for q in range(1, 101)])
    tables: NDArray[np.int64] = np.clip((base * scale[:, None] + 50) // 100, 1, 255)
    return tables


_LUMINANCE: Final = _luminance_tables()
