"""Contact sheets of the labelled pictures, to see with one's own eyes that the labels are right.

    python -m benchmarks.quality.sheets .bench/quality/A-small

writes `A-small-*.png` beside that folder: all originals, all negatives, and every change of one
base of each kind.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from benchmarks.quality.bases import KINDS
from benchmarks.quality.dataset import Dataset, load

_ROW: Final = 10
_MOST: Final = 80  # pictures of a sheet


def contact_sheet(pictures: Sequence[tuple[str, Path]], side: int = 150) -> Image.Image:
    """Small pictures in rows of ten, each with a name below; of animations the first frame."""
    rows = -(-len(pictures) // _ROW)
    sheet = Image.new("RGB", (_ROW * (side + 8), rows * (side + 26)), "grey")
    draw = ImageDraw.Draw(sheet)
    for number, (name, path) in enumerate(pictures):
        x, y = number % _ROW * (side + 8) + 4, number // _ROW * (side + 26) + 4
        with Image.open(path) as image:
            small = image.convert("RGB")
        small.thumbnail((side, side))
        sheet.paste(small, (x, y))
        draw.text((x, y + side + 2), name[-26:], "white")
    return sheet


def sheets(dataset: Dataset) -> dict[str, list[tuple[str, Path]]]:
    """What is on each sheet: names and files."""
    originals: list[tuple[str, Path]] = []
    negatives: list[tuple[str, Path]] = []
    found: dict[str, list[tuple[str, Path]]] = {}
    first: dict[str, str] = {}
    for number, entry in enumerate(dataset.entries):
        path = dataset.path(number)
        if entry.change == "original":
            (negatives if entry.negative else originals).append((entry.base, path))
        if first.setdefault(entry.kind, entry.base) == entry.base and entry.kind in KINDS:
            found.setdefault(entry.kind, []).append((entry.change, path))
    return {"originals": originals, "negatives": negatives} | found


def main(folder: Path) -> None:
    """Writes the sheets of a data set beside its folder."""
    for name, pictures in sheets(load(folder)).items():
        for start in range(0, len(pictures), _MOST):
            part = contact_sheet(pictures[start : start + _MOST])
            part.save(folder.with_name(f"{folder.name}-{name}-{start // _MOST}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
