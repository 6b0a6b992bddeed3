"""Everything a picture's bytes tell, from one decode: facts, fingerprint, thumbnail.

Safe to call from several threads; nearly all of its time is spent in C without the interpreter's
lock. The network that makes embeddings is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fapfav.images.decode import Decoded, Preparation, decode
from fapfav.images.guard import hushed, reading
from fapfav.images.preparation import Prepared, prepare
from fapfav.images.thumbnail import Thumbnail, make_thumbnail
from fapfav.model import Fingerprint

__all__ = ["Embedder", "Examined", "Preparation", "examine"]


class Embedder(Protocol):
    """A network: RGB pixels of any size to a float32 vector (width,) of length 1."""

    @property
    def space(self) -> str:
        """The space its vectors are compared in."""

    @property
    def width(self) -> int:
        """How many values a vector has."""

    def __call__(self, rgb: Image.Image) -> NDArray[np.float32]:
        """The vector of one picture; several threads may call at once."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of one picture.

    Width and height are pixels as stored, `duration` milliseconds of the whole animation,
    `orientation` EXIF's 1 to 8, `quality` a JPEG's estimated setting or 0. `thumb` is empty where
    there is none; `thumb_problem` then says why, or what is missing from one that there is.
    `turned` is the first hash mirrored and turned, in the order of `hashes.percept_turned`, `luma`
    the picture in grey as 96 x 96 bytes, `colour` its mean as Y, Cb and Cr.
    """

    ext: str
    width: int
    height: int
    animated: bool
    frames: int
    duration: int
    orientation: int
    quality: int
    fingerprint: Fingerprint
    thumb: bytes
    thumb_ext: str
    thumb_problem: str
    turned: tuple[int, ...] = ()
    luma: bytes = b""
    colour: tuple[int, int, int] = (0, 0, 0)


def examine(
    data: bytes,
    preparation: Preparation = "scaled",
    embed: Embedder | None = None,
    thumbnail: bool = True,
) -> Examined:
    """Decodes a picture and tells all of it. Raises BadPicture with the reason in words."""
    with hushed:
        with reading(data):
            decoded = decode(data, preparation)
        with decoded:
            with reading(data):
                prepared = prepare(decoded, preparation)
            thumb = make_thumbnail(decoded, prepared, data) if thumbnail else Thumbnail(b"", "")
            # Not as part of `reading`: what the network raises is no fault of the picture's.
            vector = embed(prepared.base) if embed is not None else None
    return _examined(decoded, prepared, thumb, vector)


def _examined(
    decoded: Decoded, prepared: Prepared, thumb: Thumbnail, vector: NDArray[np.float32] | None
) -> Examined:
    facts = decoded.facts
    return Examined(
        ext=facts.ext,
        width=facts.width,
        height=facts.height,
        animated=facts.animated,
        frames=facts.frames,
        duration=facts.duration,
        orientation=facts.orientation,
        quality=facts.quality,
        fingerprint=replace(prepared.fingerprint, cnn=vector),
        thumb=thumb.data,
        thumb_ext=thumb.ext,
        thumb_problem=thumb.problem,
        turned=prepared.turned,
        luma=prepared.luma,
        colour=prepared.colour,
    )
