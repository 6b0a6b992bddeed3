"""Large albums made row by row: many shapes, each picture with a thumbnail of its shape."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fapfav.jobs import tagging
from fapfav.model import Album, AlbumKey, Blob, Check, Digest, Place, PlaceState, Sighting, User
from fapfav.store.blobs import Kind
from tests.support import encoded, landscape, new_archive

KEY = AlbumKey("imagefap", "7", "70")
NOW = 1_750_000_000
SHAPES = ((300, 200), (200, 300), (280, 280), (400, 180), (150, 380), (320, 240), (640, 100))


def digest(number: int) -> Digest:
    """What picture so many is known by."""
    return Digest(hashlib.sha256(b"picture %d" % number).digest())


def image(number: int) -> str:
    """What its source calls it."""
    return str(500_000 + number)


def make_gallery(where: Path, count: int, *, sealed: bool = False, moving: int = 0) -> None:
    """An archive of one album; the first `moving` pictures are animations."""
    with new_archive(where, sealed=sealed) as archive:
        thumbs = [encoded(landscape(n, w // 2, h // 2), "JPEG") for n, (w, h) in enumerate(SHAPES)]
        frames = [landscape(n, 150, 100) for n in (90, 91)]
        gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
        blobs = [_blob(number, thumbs, gif if number < moving else b"") for number in range(count)]
        archive.files.publish(
            archive.files.stage(Kind.THUMB, blob.digest, blob.thumb_ext, raw) for blob, raw in blobs
        )
        with archive.write("read") as tx:
            tx.put(User(KEY.source, KEY.user, "somebody", NOW, NOW))
            tx.put(Album(*KEY, "Many shapes", pages=-(-count // 25), date_blobs=NOW))
            for number, (blob, _) in enumerate(blobs):
                tx.put(blob, _place(number, blob))
            tx.put(Check(*KEY, image(3), NOW, (Sighting(NOW, 1, ""),)))
        tagging.add(archive, "nature")
        tagging.add(archive, "water", "nature")
        tagging.apply(archive, "water", [digest(number) for number in range(0, count, 10)])


def _blob(number: int, thumbs: list[bytes], gif: bytes) -> tuple[Blob, bytes]:
    width, height = (150, 100) if gif else SHAPES[number % len(SHAPES)]
    raw = gif or thumbs[number % len(thumbs)]
    kind = "gif" if gif else "jpg"
    blob = Blob(
        digest=digest(number),
        size=10_000 + number,
        ext=kind,
        width=width,
        height=height,
        animated=bool(gif),
        frames=2 if gif else 1,
        duration=200 if gif else 0,
        orientation=1,
        quality=80,
        md5=bytes(16),
        thumb_size=len(raw),
        thumb_ext=kind,
        added=NOW,
        date=NOW - number,
    )
    return blob, raw


def _place(number: int, blob: Blob) -> Place:
    return Place(
        *KEY,
        image(number),
        number,
        f"picture {number}.{blob.ext}",
        PlaceState.STORED,
        holds=blob.digest,
        served=blob.digest,
        served_size=blob.size,
        added=NOW,
    )
