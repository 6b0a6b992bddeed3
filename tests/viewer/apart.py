"""Pictures that have to do with each other and are not the same, read and compared."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from fapfav.jobs.find import find_duplicates
from tests.browser.sets import mosaic
from tests.support import encoded, landscape, new_archive, read_folder


def marked(seed: int, words: str) -> Image.Image:
    """A template: the same picture with other words."""
    picture = mosaic(seed, 480, 320)
    ImageDraw.Draw(picture).text((40, 130), words, fill="white", font_size=56)
    return picture


def write_apart(folder: Path) -> None:
    """A set of two whose picture there is mirrored too, one that is in no set, and a template."""
    folder.mkdir(parents=True)
    first = mosaic(1, 480, 320)
    pictures = {
        "first": first,
        "small": first.resize((240, 160)),
        "mirrored": first.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "lone": mosaic(2, 480, 320),
        "lone turned": mosaic(2, 480, 320).transpose(Image.Transpose.ROTATE_180),
        "words": marked(3, "Monday, rain"),
        "other words": marked(3, "Sunday, snow"),
        "nothing": landscape(9, 480, 320),
    }
    for name, picture in pictures.items():
        (folder / f"{name}.jpg").write_bytes(encoded(picture, "JPEG", quality=90))


def make_apart(where: Path, pictures: Path, *, sealed: bool = False) -> None:
    """An archive of these."""
    with new_archive(where, sealed=sealed) as archive:
        read_folder(archive, pictures)
        find_duplicates(archive)
