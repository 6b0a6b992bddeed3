"""What tests of processes that judge pairs share: pictures, and who judges here."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageOps

from fapfav.duplicates.parallel import products_alone
from fapfav.jobs import closer_look
from fapfav.jobs.library import Archive
from fapfav.jobs.looks import Looks, materials
from fapfav.model import Judged, PairKey, pair_of
from tests.bad_input.trouble import children
from tests.cli.running import LIMIT
from tests.support import encoded, landscape, new_archive, read_folder


def pictures() -> dict[str, bytes]:
    """A few in several ways each, an animation among them."""
    found: dict[str, bytes] = {}
    for seed in (1, 2):
        whole = landscape(seed, 480, 320)
        small = whole.resize((240, 160), Image.Resampling.LANCZOS)
        found |= {
            f"hills-{seed}.png": encoded(whole),
            f"hills-{seed}-small.jpg": encoded(small, "JPEG", quality=90),
            f"hills-{seed}-mirrored.jpg": encoded(ImageOps.mirror(whole), "JPEG", quality=90),
        }
    frames = [landscape(seed, 240, 160) for seed in range(5, 9)]
    for name, milliseconds in (("slow", 200), ("fast", 50)):
        found[f"{name}.gif"] = encoded(
            frames[0], "GIF", save_all=True, append_images=frames[1:], duration=milliseconds
        )
    turned = Image.Exif()
    turned[0x0112] = 6
    found["turned.jpg"] = encoded(
        landscape(1, 480, 320).rotate(90, expand=True), "JPEG", exif=turned
    )
    return found


@contextmanager
def archive_of_pictures(folder: Path) -> Iterator[Archive]:
    """An encrypted archive in `folder/archive` of pictures in `folder/private`."""
    (folder / "private").mkdir()
    for name, raw in pictures().items():
        (folder / "private" / name).write_bytes(raw)
    with new_archive(folder / "archive") as made:
        read_folder(made, folder / "private")
        yield made


def pairs(archive: Archive) -> list[PairKey]:
    return [pair_of(*two) for two in combinations(sorted(archive.blobs), 2)]


class Here:
    """Judges in this process, and counts how often it is asked."""

    def __init__(self, archive: Archive) -> None:
        self._looks = Looks(partial(materials, archive))
        self.asked = 0

    def __call__(self, pair: PairKey) -> Judged:
        self.asked += 1
        return closer_look.judge(self._looks, pair)


def never(*_: object) -> Judged:
    raise AssertionError("this process was to judge nothing")


@contextmanager
def none_is_left() -> Iterator[Callable[[], list[int]]]:
    """Gives what tells which processes this one has started since; in the end there are none.

    Products take one thread meanwhile, as in a search.
    """
    before = set(children(os.getpid()))

    def running() -> list[int]:
        return [int(pid) for pid in set(children(os.getpid())) - before]

    with products_alone():
        yield running
    assert running() == []


def ended(watch: int) -> bool:
    """Whether a process ends, by its descriptor, which is closed."""
    try:
        return bool(select.select([watch], [], [], LIMIT)[0])
    finally:
        os.close(watch)
