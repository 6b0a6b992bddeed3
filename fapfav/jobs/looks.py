"""What the closer look of `fapfav.relation` is given of a picture: made of its thumbnail.

The stored thumbnail shows enough (measured by `benchmarks.quality`, which makes its looks here
too), so comparing two pictures decodes neither of them.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from fapfav.errors import BadPicture, DamagedFile, UsageError
from fapfav.images.decode import Decoded, decode
from fapfav.images.guard import hushed, reading
from fapfav.images.preparation import as_rgb, with_alpha
from fapfav.jobs.library import Archive
from fapfav.model import Blob, Digest
from fapfav.relation.picture import close_luma, frame_times, traits_of
from fapfav.relation.traits import Bytes2D, Traits

_KEPT: Final = 512
"""Looks kept at once: some 40 kB each, half of it the thumbnail's bytes, 250 kB at the most."""

_LARGEST: Final = 200_000
"""Bytes of a file that is kept with a look; what is decoded of a larger one takes half as many."""

_ORIENTATION: Final = 0x0112


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: its traits, and the file that they were made of.

    Of a large file it is what `close` gives that is kept.
    """

    traits: Traits
    data: bytes
    luma: Bytes2D | None = None

    def close(self) -> Bytes2D:
        """The larger luma of the closest look. Asked for seldom, so it is decoded again."""
        if self.luma is not None:
            return self.luma
        with hushed, reading(self.data), decode(self.data, "scaled") as decoded:
            return close_luma(_upright(decoded))


class Looks:
    """The looks of an archive's pictures; the last ones used are kept. Threads may share them."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._kept: OrderedDict[Digest, Look | None] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, digest: Digest) -> Look | None:
        """A picture's look, of its file where it has no thumbnail; None where neither decodes."""
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        look = self._made(digest)
        with self._lock:
            self._kept[digest] = look
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return look

    def _made(self, digest: Digest) -> Look | None:
        blob = self._archive.blobs.get(digest)
        if blob is None:
            return None  # somebody removed it meanwhile
        try:
            data = self._archive.thumbnail(digest)
            if data is not None:
                return look_of(data, blob)
        except (BadPicture, DamagedFile, UsageError):
            pass  # of the picture itself, then
        try:
            return look_of(self._archive.blob_bytes(digest), blob)
        except (BadPicture, DamagedFile, UsageError):
            return None


def look_of(data: bytes, blob: Blob) -> Look:
    """The look of a thumbnail, or of the file itself. Raises BadPicture.

    `blob` says how large the picture is, and how long it plays.
    """
    size = (blob.height, blob.width) if blob.orientation > 4 else (blob.width, blob.height)
    with hushed, reading(data), decode(data, "scaled") as decoded:
        small = _upright(decoded)
        traits = _traits(small, size, data, decoded, blob)
        if len(data) <= _LARGEST:
            return Look(traits, data)
        return Look(traits, b"", close_luma(small))


def _traits(
    small: Image.Image, size: tuple[int, int], data: bytes, decoded: Decoded, blob: Blob
) -> Traits:
    if not (blob.animated and decoded.facts.animated):
        return traits_of(small, size)
    numbers = [decoded.first + at for at in frame_times(decoded.facts.durations)]
    duration = blob.duration or decoded.facts.duration  # a damaged row may say 0
    return traits_of(small, size, _frames(data, numbers), duration)


def _upright(decoded: Decoded) -> Image.Image:
    image = with_alpha(decoded.image) or as_rgb(decoded.image)
    if decoded.turn == 1:
        return image
    image.getexif()[_ORIENTATION] = decoded.turn
    return ImageOps.exif_transpose(image)


def _frames(data: bytes, numbers: Sequence[int]) -> list[Image.Image]:
    """Frames of an animation by number, rising; one may be asked for several times."""
    found: dict[int, Image.Image] = {}
    with Image.open(io.BytesIO(data)) as image:
        for number in sorted(set(numbers)):
            image.seek(number)
            found[number] = image.convert("RGBA")
    return [found[number] for number in numbers]
