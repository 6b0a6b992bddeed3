"""Large albums made row by row: many shapes, each picture with a thumbnail of its shape."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fapfav.jobs import tagging
from fapfav.model import Album, AlbumKey, Blob, Check, Digest, Place, PlaceState, Sighting, User
from fapfav.store.blobs import Kind
from tests.support import encoded, landscape, new_archive

KEY = AlbumKey("imagefap", "7", "70")
NOW = 1_750_000_000
MOVING = 2
SHAPES = ((300, 200), (200, 300), (280, 280), (400, 180), (150, 380), (320, 240), (640, 100))


@cache
def thumb(number: int) -> bytes:
    """A thumbnail: an animation for the first two pictures, else one of the shapes."""
    if number < MOVING:
        frames = [landscape(n, 150, 100) for n in (90, 91)]
        return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    return _still(number % len(SHAPES))


@cache
def _still(shape: int) -> bytes:
    width, height = SHAPES[shape]
    return encoded(landscape(shape, width // 2, height // 2), "JPEG")


def picture(number: int) -> bytes:
    """The bytes of a picture: its thumbnail, with as many more as make it one of its own."""
    return thumb(number).ljust(10_000 + number, b"\0")


@cache
def digest(number: int) -> Digest:
    """What picture so many is known by."""
    return Digest(hashlib.sha256(picture(number)).digest())


def image(number: int) -> str:
    """What its source calls it."""
    return str(500_000 + number)


def make_gallery(where: Path, count: int, *, sealed: bool = False) -> None:
    """An archive of one album."""
    with new_archive(where, sealed=sealed) as archive:
        stage = archive.files.stage
        archive.files.publish(
            stage(kind, digest(number), blob(number).ext, data)
            for number in range(count)
            for kind, data in ((Kind.BLOB, picture(number)), (Kind.THUMB, thumb(number)))
        )
        with archive.write("read") as tx:
            tx.put(User(KEY.source, KEY.user, "somebody", NOW, NOW))
            tx.put(Album(*KEY, "Many shapes", pages=-(-count // 25), date_blobs=NOW))
            for number in range(count):
                tx.put(blob(number), _place(number))
            tx.put(Check(*KEY, image(3), NOW, (Sighting(NOW, 1, ""),)))
        tagging.add(archive, "nature")
        tagging.add(archive, "water", "nature")
        tagging.apply(archive, "water", [digest(number) for number in range(0, count, 10)])


def blob(number: int) -> Blob:
    """Its facts; it counts as twice as large as it is."""
    moves = number < MOVING
    width, height = (150, 100) if moves else SHAPES[number % len(SHAPES)]
    kind = "gif" if moves else "jpg"
    return Blob(
        digest=digest(number),
        size=len(picture(number)),
        ext=kind,
        width=width,
        height=height,
        animated=moves,
        frames=2 if moves else 1,
        duration=200 if moves else 0,
        orientation=1,
        quality=0 if moves else 80,
        md5=bytes(16),
        thumb_size=len(thumb(number)),
        thumb_ext=kind,
        added=NOW,
        date=NOW - number,
    )


def _place(number: int) -> Place:
    held = blob(number)
    return Place(
        *KEY,
        image(number),
        number,
        f"picture {number}.{held.ext}",
        PlaceState.STORED,
        holds=held.digest,
        served=held.digest,
        served_size=held.size,
        added=NOW,
    )
