"""What the closer look of `fapfav.relation` is given of a picture: made of its thumbnail.

The stored thumbnail shows enough (measured by `benchmarks.quality`, which makes its looks here
too), so comparing two pictures decodes neither of them. A process that looks for a search makes
looks here as well, of what it is sent: nothing of the store is imported.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from PIL import Image, ImageOps

from fapfav.errors import BadPicture, DamagedFile, UsageError
from fapfav.images.decode import Decoded, decode
from fapfav.images.guard import hushed, reading
from fapfav.images.preparation import as_rgb, with_alpha
from fapfav.model import Digest
from fapfav.relation.picture import close_luma, frame_times, traits_of
from fapfav.relation.traits import Bytes2D, Traits

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive

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


class Facts(Protocol):
    """What is known of a picture besides its bytes; a Blob says all of it."""

    @property
    def width(self) -> int:
        """Of the file, in pixels."""

    @property
    def height(self) -> int:
        """Of the file, in pixels."""

    @property
    def orientation(self) -> int:
        """As EXIF says, 1 to 8."""

    @property
    def animated(self) -> bool:
        """Whether it moves."""

    @property
    def duration(self) -> int:
        """Milliseconds that it plays."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a look may be made of: a thumbnail or a file, and the facts of its picture."""

    data: bytes
    facts: Facts


def materials(archive: Archive, digest: Digest) -> Iterator[Material]:
    """A picture's thumbnail, then its file: of what can be read, and each read when asked for."""
    blob = archive.blobs.get(digest)
    if blob is None:
        return  # somebody removed it meanwhile
    for read in (archive.thumbnail, archive.blob_bytes):
        data = None
        with suppress(BadPicture, DamagedFile, UsageError):
            data = read(digest)
        if data is not None:
            yield Material(data, blob)


class Looks:
    """The looks of pictures; the last ones used are kept. Threads may share them.

    `material` gives what the look of a picture may be made of, the best first; what follows is
    asked for where that does not decode.
    """

    def __init__(self, material: Callable[[Digest], Iterable[Material]]) -> None:
        self._material = material
        self._kept: OrderedDict[Digest, Look | None] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, digest: Digest) -> Look | None:
        """A picture's look; None where nothing of it decodes."""
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
        for one in self._material(digest):
            with suppress(BadPicture, DamagedFile, UsageError):
                return look_of(one.data, one.facts)
        return None


def look_of(data: bytes, facts: Facts) -> Look:
    """The look of a thumbnail, or of the file itself. Raises BadPicture.

    `facts` say how large the picture is, and how long it plays.
    """
    size = (facts.height, facts.width) if facts.orientation > 4 else (facts.width, facts.height)
    with hushed, reading(data), decode(data, "scaled") as decoded:
        small = _upright(decoded)
        traits = _traits(small, size, data, decoded, facts)
        if len(data) <= _LARGEST:
            return Look(traits, data)
        return Look(traits, b"", close_luma(small))


def _traits(
    small: Image.Image, size: tuple[int, int], data: bytes, decoded: Decoded, facts: Facts
) -> Traits:
    if not (facts.animated and decoded.facts.animated):
        return traits_of(small, size)
    numbers = [decoded.first + at for at in frame_times(decoded.facts.durations)]
    duration = facts.duration or decoded.facts.duration  # a damaged row may say 0
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
