"""An archive with a bit of everything, made once by the real jobs and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

from PIL import Image

from fapfav.jobs import tagging
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive, open_archive
from tests.support import PASSWORD, encoded, landscape, new_archive, read_folder

LAKES, HILLS, MOVING = "Lakes", "Hills & <b>valleys</b>", "Moving"


def write_pictures(folder: Path) -> None:
    """Three albums: alike pictures, exact copies within one and across two, animations."""
    for name in (LAKES, HILLS, MOVING):
        (folder / name).mkdir(parents=True)
    for seed in range(8):
        wide = seed % 2 == 0
        picture = landscape(seed, 480 if wide else 320, 320 if wide else 480)
        (folder / LAKES / f"lake {seed}.jpg").write_bytes(encoded(picture, "JPEG", quality=92))
    for seed in range(4):
        picture = landscape(seed, 480 if seed % 2 == 0 else 320, 320 if seed % 2 == 0 else 480)
        small = picture.resize((picture.width * 2 // 3, picture.height * 2 // 3))
        (folder / HILLS / f"smaller {seed}.jpg").write_bytes(encoded(small, "JPEG", quality=70))
    big = landscape(0, 480, 320)
    (folder / HILLS / "lossless.png").write_bytes(encoded(big, "PNG"))
    copy = (folder / LAKES / "lake 4.jpg").read_bytes()
    (folder / LAKES / "lake 4 again.jpg").write_bytes(copy)
    (folder / HILLS / "borrowed <img src=x>.jpg").write_bytes(copy)
    for seed in range(20, 30):
        square = landscape(seed, 300, 300)
        (folder / HILLS / f"hill {seed}.jpg").write_bytes(encoded(square, "JPEG", quality=85))
    frames = [landscape(40 + turn, 160, 120) for turn in range(3)]
    _write_gif(folder / MOVING / "waves.gif", frames)
    (folder / MOVING / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")


def _write_gif(path: Path, frames: list[Image.Image]) -> None:
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=200, loop=0)


def make_archive(where: Path, pictures: Path, *, sealed: bool) -> None:
    """Reads the pictures, finds duplicates, and tags some of them."""
    with new_archive(where, sealed=sealed) as archive:
        read_folder(archive, pictures)
        find_duplicates(archive)
        tagging.add(archive, "nature")
        tagging.add(archive, "water", "nature")
        tagging.add(archive, "stone")
        digests = sorted(archive.blobs)
        tagging.apply(archive, "water", digests[:5])
        tagging.apply(archive, "stone", digests[3:9])


def opened(where: Path, *, sealed: bool) -> Archive:
    """The archive in a folder, opened by itself: what a test looks at to see what a page did."""
    return open_archive(where, PASSWORD if sealed else None)


def copied(made: Path, to: Path) -> Path:
    """A copy to be changed."""
    shutil.copytree(made, to)
    return to
