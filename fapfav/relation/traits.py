"""What is kept of a picture so that it can be looked at closely later without its file.

Owns the values and their bytes form; `fapfav.relation.picture` makes them of pixels.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from fapfav.errors import DamagedFile

Bytes2D = NDArray[np.uint8]
Plane = NDArray[np.floating[Any]]
"""A small picture to compute with, rows first, 0 to 255; float32 unless said otherwise."""

SIDE: Final = 96
"""Pixels of a side of the luma; the picture is brought to a square, whatever its shape."""

CHROMA_SIDE: Final = 32
FRAME_SIDE: Final = 32
FRAMES: Final = 12
"""Frames kept of an animation, at equal fractions of its playing time."""

_MAGIC: Final = b"fpt\x01"  # the last byte is the version
_HEADER: Final = struct.Struct("<4sIIIB")
_MOST: Final = 100_000  # bytes; incompressible traits of an animation have 24,000
_LEVEL: Final = 9
_LARGEST: Final = 1 << 31  # pixels of a side, milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """A picture in 11 kB, or 24 kB with the frames of an animation.

    `width` and `height` are the pixels of the upright picture. `luma` is SIDE x SIDE; `chroma` is
    CHROMA_SIDE x CHROMA_SIDE x 2, Cb and Cr with 128 for none. `frames` is FRAMES x FRAME_SIDE x
    FRAME_SIDE lumas of an animation of `duration` milliseconds, or 0 x FRAME_SIDE x FRAME_SIDE.
    Raises ValueError for arrays of other shapes or types.
    """

    width: int
    height: int
    luma: Bytes2D
    chroma: Bytes2D
    frames: Bytes2D
    duration: int = 0

    def __post_init__(self) -> None:
        shapes = (
            (self.luma, [(SIDE, SIDE)]),
            (self.chroma, [(CHROMA_SIDE, CHROMA_SIDE, 2)]),
            (self.frames, [(count, FRAME_SIDE, FRAME_SIDE) for count in (0, FRAMES)]),
        )
        if any(array.shape not in wanted or array.dtype != np.uint8 for array, wanted in shapes):
            raise ValueError("traits have arrays of other shapes or types")
        if not (0 < self.width < _LARGEST and 0 < self.height < _LARGEST):
            raise ValueError(f"a picture of {self.width} x {self.height} pixels")
        if not 0 <= self.duration < _LARGEST:
            raise ValueError(f"an animation of {self.duration} ms")

    @property
    def animated(self) -> bool:
        """Whether there are frames to compare."""
        return len(self.frames) > 0


def no_frames() -> Bytes2D:
    """The frames of a still."""
    return np.zeros((0, FRAME_SIDE, FRAME_SIDE), np.uint8)


def pack(traits: Traits) -> bytes:
    """Some 5 kB: a header of 17 bytes, then the planes as differences, compressed."""
    header = _HEADER.pack(_MAGIC, traits.width, traits.height, traits.duration, len(traits.frames))
    planes = (traits.luma, traits.chroma, traits.frames)
    plain = b"".join(_differences(plane).tobytes() for plane in planes)
    return header + zstandard.ZstdCompressor(level=_LEVEL).compress(plain)


def unpack(packed: bytes) -> Traits:
    """What was packed. Raises DamagedFile for any other bytes."""
    if not _HEADER.size < len(packed) <= _MOST:
        raise DamagedFile(f"{len(packed)} bytes cannot be the traits of a picture")
    magic, width, height, duration, count = _HEADER.unpack_from(packed)
    if magic != _MAGIC:
        raise DamagedFile("these bytes are no traits of a picture, or of a later version")
    if count not in (0, FRAMES):
        raise DamagedFile(f"traits with {count} frames instead of 0 or {FRAMES}")
    shapes = ((SIDE, SIDE), (CHROMA_SIDE, CHROMA_SIDE, 2), (count, FRAME_SIDE, FRAME_SIDE))
    planes = iter(_planes(packed[_HEADER.size :], shapes))
    try:
        return Traits(width, height, next(planes), next(planes), next(planes), duration)
    except ValueError as error:
        raise DamagedFile(f"the traits of a picture are impossible: {error}") from error


def _planes(packed: bytes, shapes: tuple[tuple[int, ...], ...]) -> list[Bytes2D]:
    sizes = [int(np.prod(shape)) for shape in shapes]
    try:
        # The library ignores max_output_size where a frame states its size: so read that first.
        if zstandard.get_frame_parameters(packed).content_size != sum(sizes):
            raise DamagedFile("the traits of a picture have another length than they say")
        plain = zstandard.ZstdDecompressor(max_window_size=1 << 20).decompress(
            packed, max_output_size=sum(sizes), allow_extra_data=False
        )
    except zstandard.ZstdError as error:
        raise DamagedFile(f"the traits of a picture do not decompress: {error}") from error
    values = np.frombuffer(plain, np.uint8)
    starts = np.cumsum([0, *sizes])
    return [
        _sums(values[start : start + size].reshape(shape))
        for start, size, shape in zip(starts[:-1], sizes, shapes, strict=True)
    ]


def _differences(plane: Bytes2D) -> Bytes2D:
    """Each value less the one to its left (frames: the same place a frame earlier), modulo 256.

    A third smaller when compressed than the values themselves.
    """
    axis = _axis(plane)
    return np.diff(plane, axis=axis, prepend=np.uint8(0)).astype(np.uint8)


def _sums(plane: Bytes2D) -> Bytes2D:
    return np.cumsum(plane, axis=_axis(plane), dtype=np.uint8)


def _axis(plane: Bytes2D) -> int:
    # Luma along its rows; colours likewise, not from Cb to Cr; frames along time.
    return 0 if plane.shape[-1] == FRAME_SIDE else 1
