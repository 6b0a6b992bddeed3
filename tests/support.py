"""What tests of several parts share: pictures made at run time, and cheap archives."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import numpy as np
from PIL import Image

from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import ReadReport, Settings, read
from fapfav.sources.local import LocalFolder
from fapfav.store import opening
from fapfav.store.slots import Cost

CHEAP = Cost(1, 32, 4)
"""Argon2id as cheap as the format allows: what is tested is not the price of a guess."""

PASSWORD = "correct horse"


def landscape(seed: int, width: int = 96, height: int = 64) -> Image.Image:
    """A picture of hills under a sky; another seed is another picture."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, width)
    sky = np.linspace(0, 1, height)[:, None, None] * rng.uniform(60, 200, 3)
    pixels = np.broadcast_to(sky + rng.uniform(0, 60, 3), (height, width, 3)).copy()
    for _ in range(4):
        wave = rng.uniform(0.2, 0.9) + 0.2 * np.sin(
            rng.uniform(2, 12) * x * np.pi + rng.uniform(0, 6)
        )
        below = np.arange(height)[:, None] > wave * height
        pixels[below] = rng.uniform(20, 235, 3)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The picture as a file's bytes."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def album(folder: Path, count: int, start: int = 0) -> list[bytes]:
    """Writes so many different pictures into a folder; returns their bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [encoded(landscape(start + number), "JPEG", quality=90) for number in range(count)]
    for number, raw in enumerate(made):
        (folder / f"hill-{start + number:04d}.jpg").write_bytes(raw)
    return made


def new_archive(path: Path, *, sealed: bool = True) -> Archive:
    """A new archive that opens quickly."""
    password = PASSWORD if sealed else None
    return opening.create_archive(path, password, plain=not sealed, cost=CHEAP, kind=Archive)


def read_folder(archive: Archive, folder: Path, **settings: object) -> ReadReport:
    """Reads a folder without an embedding."""
    source = LocalFolder(folder, exclude=archive.path)
    return read(archive, source, Settings(ModelInUse(), **settings))  # type: ignore[arg-type]


def planted(path: Path, raw: bytes = b"x") -> None:
    """A file that has lain there for an hour: nobody is about to give it a row."""
    path.write_bytes(raw)
    aged(path)


def aged(path: Path) -> None:
    """Makes a file an hour old."""
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
