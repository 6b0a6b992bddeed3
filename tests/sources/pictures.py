"""Small pictures and folders for the tests of sources."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

from fapfav.model import Album, AlbumKey, ImageRef, UserKey
from fapfav.sources.local import LocalFolder

DISK = UserKey("local", "1")


def picture(seed: int = 0, kind: str = "JPEG") -> bytes:
    """A real picture of 16x12, another one for every seed."""
    file = io.BytesIO()
    Image.new("RGB", (16, 12), (seed % 256, seed * 7 % 256, seed * 31 % 256)).save(file, kind)
    return file.getvalue()


def put(path: Path | bytes, data: bytes | None = None) -> bytes:
    """Writes a file and the directories above it; what was written."""
    data = picture() if data is None else data
    raw = os.fsencode(path)
    os.makedirs(os.path.dirname(raw), exist_ok=True)
    with open(raw, "wb") as file:
        file.write(data)
    return data


def albums(folder: LocalFolder) -> dict[str, Album]:
    """The albums by name, in the order they came."""
    return {album.name: album for album in folder.albums(DISK)}


def refs(folder: LocalFolder, name: str) -> list[ImageRef]:
    """The pictures of the album of a name."""
    key = AlbumKey(*DISK, albums(folder)[name].album)
    return [item for item in folder.images(key, "") if isinstance(item, ImageRef)]


def names(folder: LocalFolder, name: str) -> list[str]:
    """The names of an album's pictures, in their order."""
    return [ref.name for ref in refs(folder, name)]
