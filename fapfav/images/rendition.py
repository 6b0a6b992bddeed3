"""Pictures as a browser can show them, where it cannot show the file itself; made in memory.

At most 40 megapixels, upright, of the first frame. JPEG for opaque pictures, PNG where something is
transparent. The pixels of a picture that is small enough are all there.
"""

from __future__ import annotations

import io
from typing import Any, Final, NamedTuple

from PIL import Image, ImageOps

from fapfav.images.decode import Decoded, decode
from fapfav.images.guard import reading
from fapfav.images.preparation import as_rgb, with_alpha

MOST: Final = 40_000_000
"""Pixels of a rendition at most; larger pictures make browsers slow or show nothing at all."""

_GAP: Final = 3.0
_MAX_PROFILE: Final = 1_000_000  # bytes


class Rendition(NamedTuple):
    """A picture as a file, and its type by extension."""

    data: bytes
    ext: str


def render(data: bytes, side: int = 0) -> Rendition:
    """The first frame with at most MOST pixels, and if given so many on the longer side.

    Raises BadPicture for bytes that cannot be decoded.
    """
    with reading(data), _decoded(data, side) as decoded:
        found = decoded.image
        profile = found.info.get("icc_profile")
        picture = with_alpha(found) or as_rgb(found)
        picture = _fitted(_upright(picture, decoded.turn), side)
        picture.info = {}
        options: dict[str, Any] = {}
        if _is_rgb(profile):
            options["icc_profile"] = profile
        if picture.mode == "RGBA":
            return Rendition(_bytes(picture, "PNG", compress_level=1, **options), "png")
        return Rendition(_bytes(picture, "JPEG", quality=92, subsampling=0, **options), "jpg")


def _decoded(data: bytes, side: int) -> Decoded:
    """At the scale a JPEG is quickly decoded at, if that leaves enough for the wanted side."""
    if side:
        found = decode(data, "scaled")
        if max(found.image.size) >= min(side, max(found.facts.width, found.facts.height)):
            return found
        found.image.close()
    return decode(data, "exact")


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    if orientation == 1:
        return picture
    picture.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(picture)


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    pixels = picture.width * picture.height
    scale = min(1.0, (MOST / pixels) ** 0.5, side / max(picture.size) if side else 1.0)
    if scale == 1.0:
        return picture
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=_GAP)


def _is_rgb(profile: object) -> bool:
    """Whether a colour profile is one of RGB, and so still true of the pixels."""
    return (
        isinstance(profile, bytes)
        and 128 <= len(profile) <= _MAX_PROFILE
        and profile[16:20] == b"RGB "
    )


def _bytes(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
