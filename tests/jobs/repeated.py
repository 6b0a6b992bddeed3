"""A folder with sets of duplicates of every kind."""

from __future__ import annotations

from pathlib import Path

from tests.browser.sets import mosaic
from tests.support import encoded, landscape


def write_pictures(folder: Path) -> None:
    """Two pairs, a set of three, two animations that are alike, and one file at two places."""
    for name in ("bay", "hill"):
        (folder / name).mkdir(parents=True)
    for seed, copies in ((1, 1), (2, 1), (3, 2)):
        picture = mosaic(seed, 240, 160)
        (folder / "bay" / f"{seed}.jpg").write_bytes(encoded(picture, "JPEG", quality=93))
        for copy in range(copies):
            small = encoded(picture.resize((150, 100)), "JPEG", quality=70 - copy)
            (folder / "hill" / f"{seed} {copy}.jpg").write_bytes(small)
    frames = [landscape(40 + turn, 160, 120) for turn in range(3)]
    for album, wide in (("bay", 160), ("hill", 120)):
        first, *more = [frame.resize((wide, wide * 3 // 4)) for frame in frames]
        moving = encoded(first, "GIF", save_all=True, append_images=more, duration=200)
        (folder / album / "waves.gif").write_bytes(moving)
    for album in ("bay", "hill"):
        once = encoded(mosaic(9, 100, 160), "JPEG", quality=80)
        (folder / album / "once.jpg").write_bytes(once)
