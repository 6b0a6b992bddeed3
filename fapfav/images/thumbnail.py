"""Thumbnails: made of pixels, never copied from a file, so that nothing else of it comes along.

At most 280 pixels on the longer side, upright. JPEG for opaque pictures, PNG where something is
transparent, animated WebP for animations.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from PIL import Image, ImageCms

from fapfav.errors import BadPicture
from fapfav.images.decode import Decoded, Facts
from fapfav.images.guard import MAX_PIXELS, hushed, reading
from fapfav.images.preparation import Prepared, as_rgb, with_alpha

SIDE: Final = 280
"""Pixels of the longer side."""

MAX_FRAMES: Final = 60
MAX_ANIMATION: Final = 1_000_000
"""Frames and bytes of an animated thumbnail."""

_KINDS: Final = ("JPEG", "PNG", "WEBP")

_MAX_WALKED: Final = 400_000_000
"""Pixels decoded for one animated thumbnail, some four seconds' work."""

# Hamming shows no difference to Lanczos at this size and takes half its time (0.8 against 1.6 ms).
_FILTER: Final = Image.Resampling.HAMMING
_GAP: Final = 2.0  # how much of a reduction is left to the filter; the rest is averaged
_QUALITIES: Final = (72, 45)  # of animations, tried in turn until one fits
_MAX_PROFILE: Final = 1_000_000  # bytes

_Transpose = Image.Transpose
_UPRIGHT: Final = {
    2: _Transpose.FLIP_LEFT_RIGHT,
    3: _Transpose.ROTATE_180,
    4: _Transpose.FLIP_TOP_BOTTOM,
    5: _Transpose.TRANSPOSE,
    6: _Transpose.ROTATE_270,
    7: _Transpose.TRANSVERSE,
    8: _Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture as a file; empty where it failed. `problem` says what went wrong."""

    data: bytes
    ext: str
    problem: str = ""


def make_thumbnail(decoded: Decoded, prepared: Prepared, data: bytes) -> Thumbnail:
    """Never raises for a picture's sake: a picture without a thumbnail is still one."""
    try:
        with reading(data):
            if decoded.facts.animated:
                return _animation(decoded, data)
            return _still(decoded, prepared)
    except BadPicture as error:
        return Thumbnail(b"", "", str(error))


def _still(decoded: Decoded, prepared: Prepared) -> Thumbnail:
    if prepared.see_through is not None:
        small = _upright(_fitted(prepared.see_through), decoded.turn)
        return Thumbnail(_bytes(_in_srgb(small, decoded.image), "PNG"), "png")
    small = _upright(_fitted(prepared.base), decoded.turn)
    small = _in_srgb(small, decoded.image)
    return Thumbnail(_bytes(small, "JPEG", quality=85, subsampling=0), "jpg")


def _animation(decoded: Decoded, data: bytes) -> Thumbnail:
    """At most MAX_FRAMES frames, each shown as long as those it stands for."""
    frames: list[Image.Image] = []
    lasting: list[int] = []
    problem = ""
    try:
        with reading(data):
            for frame, milliseconds in _sampled(decoded):
                frames.append(frame)
                lasting.append(milliseconds)
    except BadPicture as error:
        # What was good before a bad frame is still worth looking at.
        if not frames:
            raise
        problem = f"only its first {len(frames)} frames: {error}"
    if not problem and sum(lasting) < decoded.facts.duration:
        problem = "the animation is too long to show all of it"
    loop = decoded.image.info.get("loop", 1 if decoded.facts.ext == "gif" else 0)
    return Thumbnail(_fitting(frames, lasting, loop), "webp", problem)


def _sampled(decoded: Decoded) -> Iterator[tuple[Image.Image, int]]:
    """Small frames at even distances with their times, as many as are paid for."""
    facts, image = decoded.facts, decoded.image
    for start, end in sampled_frames(facts):
        image.seek(start + decoded.first)
        if image.width * image.height > MAX_PIXELS:
            raise BadPicture("a frame of the animation is too large")
        frame = with_alpha(image) or as_rgb(image)
        small = _upright(_fitted(frame), decoded.turn)
        yield small, sum(facts.durations[start:end])


def sampled_frames(facts: Facts) -> list[tuple[int, int]]:
    """Which frames a thumbnail shows: each one's number, and the number that ends its time."""
    # Frames build on those before them, so all up to the last one shown are decoded.
    payable = min(facts.frames, max(1, _MAX_WALKED // (facts.width * facts.height)))
    shown = min(payable, MAX_FRAMES)
    edges = [payable * number // shown for number in range(shown + 1)]
    return list(pairwise(edges))


def _fitting(frames: list[Image.Image], lasting: list[int], loop: int) -> bytes:
    """The frames as WebP of at most MAX_ANIMATION bytes: first coarser, then fewer."""
    while True:
        for quality in _QUALITIES:
            done = _bytes(
                frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=lasting,
                loop=loop, quality=quality, method=1,
            )  # fmt: skip
            if len(done) <= MAX_ANIMATION or len(frames) == 1:
                return done
        lasting = [sum(lasting[at : at + 2]) for at in range(0, len(lasting), 2)]
        frames = frames[::2]


def _fitted(image: Image.Image) -> Image.Image:
    """The picture with a longer side of at most SIDE, free of all it carried besides pixels."""
    scale = SIDE / max(image.size)
    if scale < 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        small = image.resize(size, _FILTER, reducing_gap=_GAP)
    else:
        small = image.copy()
    # Pillow writes comments and colour profiles it finds here into what it saves.
    small.info = {}
    return small


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _UPRIGHT.get(orientation)
    return image.transpose(method) if method is not None else image


def _in_srgb(small: Image.Image, source: Image.Image) -> Image.Image:
    """Colours as sRGB where the file has another RGB profile; a profile that fails is ignored."""
    profile = source.info.get("icc_profile")
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= _MAX_PROFILE:
        return small
    if profile[16:20] != b"RGB " or b"sRGB" in profile or b"s\0R\0G\0B" in profile:
        return small
    try:
        given = ImageCms.getOpenProfile(io.BytesIO(profile))
        alpha = small.getchannel("A") if small.mode == "RGBA" else None
        turned = ImageCms.profileToProfile(small.convert("RGB"), given, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return small
    if turned is None:
        return small
    if alpha is not None:
        turned.putalpha(alpha)
    turned.info = {}
    return turned


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _bytes(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def wrong_with(data: bytes) -> str:
    """Why these bytes are no thumbnail of ours, in words, or nothing; decodes all of it."""
    try:
        with hushed, reading(data), Image.open(io.BytesIO(data), formats=_KINDS) as image:
            frames = getattr(image, "n_frames", 1)
            if max(image.size) > SIDE or frames > MAX_FRAMES:
                return "it is larger than a thumbnail is"
            for frame in range(frames):
                image.seek(frame)
                image.load()
    except BadPicture as error:
        return str(error)
    return ""
