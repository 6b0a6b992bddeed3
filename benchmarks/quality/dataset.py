"""Makes the labelled pictures of one half and scale, and knows what any two of them are.

A folder of pictures and `index.json` beside them: for each picture its base, the change it went
through and what it is to that base. Every base is made at once and noted as made, so a run that was
broken off goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

import numpy as np
from PIL import Image

from benchmarks.quality import animations, changes, drawn, negatives, written
from benchmarks.quality.bases import Base, Chosen, Half, choose
from benchmarks.quality.changes import File
from fapfav.model import Label

Scale = Literal["small", "full"]
CACHE: Final = Path(".bench/quality")

_VERSION: Final = 9
"""Raised when the same name stands for another picture: what was made before is made anew."""

_LONGER: Final = (480, 1000)  # pixels of the longer side a base is reduced to, by chance
_COPY: Final = "recompressed"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made: bases a kind, groups a family of negatives, members a group."""

    most: int
    groups: int
    members: int


SIZES: Final[dict[Scale, Size]] = {"small": Size(12, 2, 4), "full": Size(70, 8, 6)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture: `truth` is what it is to the original of its base.

    `unit` holds what is drawn together in a resample: the base, or the whole group of a negative.
    `within` is what two bases of one unit are to each other.
    """

    path: str
    base: str
    kind: str
    change: str
    family: str
    truth: Label
    unit: str
    within: Label
    negative: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The pictures of a folder."""

    folder: Path
    entries: tuple[Entry, ...]

    def path(self, number: int) -> Path:
        """The file of a picture."""
        return self.folder / self.entries[number].path

    def truth(self, i: int, j: int) -> Label:
        """What two pictures are to each other."""
        return truth(self.entries[i], self.entries[j])


def truth(one: Entry, other: Entry) -> Label:
    """Two of one base are the same if both are the same as it, else related; the rest different."""
    if one.base == other.base:
        both = one.truth is Label.SAME and other.truth is Label.SAME
        return Label.SAME if both else Label.RELATED
    return one.within if one.unit == other.unit else Label.DIFFERENT


def load(folder: Path) -> Dataset:
    """The pictures that were made in a folder."""
    rows: list[dict[str, Any]] = json.loads((folder / "index.json").read_text())["entries"]
    return Dataset(folder, tuple(_entry(row) for row in rows))


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "truth": Label(row["truth"]), "within": Label(row["within"])})


def build(
    half: Half, scale: Scale, cache: Path = CACHE, processes: int = 1, most: int = 0
) -> Dataset:
    """Makes what is missing of a half; `most` takes the place of the scale's bases a kind.

    Raises ValueError where two pictures would have one name.
    """
    size = SIZES[scale]
    if most:
        size = Size(most, size.groups, size.members)
    folder = cache / (f"{half}-{scale}" if not most else f"{half}-{scale}-{most}")
    _begin(folder)
    chosen = choose(half, size.most, cache / "packages")
    entries = list(_made(_orders(chosen, half, size, folder), processes))
    if len({entry.path for entry in entries}) < len(entries):
        raise ValueError(f"two pictures of {folder} have one name")
    rows = [asdict(entry) for entry in entries]
    _write(folder / "index.json", json.dumps({"version": _VERSION, "entries": rows}, indent=0))
    return Dataset(folder, tuple(entries))


def _begin(folder: Path) -> None:
    """An empty folder if what lies there is of another version."""
    stamp = folder / f"version-{_VERSION}"
    if not stamp.exists():
        if folder.exists():
            shutil.rmtree(folder)
        (folder / "made").mkdir(parents=True)
        stamp.touch()


Order = tuple[Any, ...]
"""What `once` is called with."""


def _orders(chosen: Chosen, half: Half, size: Size, folder: Path) -> list[Order]:
    orders: list[Order] = [(base.name, folder, _varied, base) for base in chosen.varied]
    return [
        *orders,
        (f"negatives of {half}", folder, _negatives, chosen, half, size),
        (f"written negatives of {half}", folder, _written, chosen, half, size),
    ]


def _made(orders: Sequence[Order], processes: int) -> Iterator[Entry]:
    if processes == 1:
        for order in orders:
            yield from once(*order)
        return
    with ProcessPoolExecutor(processes) as executor:
        for future in [executor.submit(once, *order) for order in orders]:
            yield from future.result()


def once(name: str, folder: Path, make: Any, *arguments: Any) -> list[Entry]:
    """What `make` makes in the folder, or what it made before."""
    told = hashlib.sha256(name.encode()).hexdigest()[:12]
    note = folder / "made" / f"{told}.json"
    if note.exists():
        return [_entry(row) for row in json.loads(note.read_text())]
    entries: list[Entry] = make(folder, *arguments)
    _write(note, json.dumps([asdict(entry) for entry in entries]))
    return entries


def _write(path: Path, text: str) -> None:
    half = path.with_suffix(".part")
    half.write_text(text)
    half.replace(path)


def _put(folder: Path, unit: str, name: str, file: File) -> str:
    """Saves a file below the folder of its unit; returns its path below `folder`."""
    below = f"{_plain(unit)}/{_plain(name)}.{file.ending}"
    path = folder / below
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)
    return below


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-")[-90:]


def _varied(folder: Path, base: Base) -> list[Entry]:
    """All copies of one base."""
    if base.kind == "animation":
        return _animated(folder, base)
    image = opened(base)
    if base.path is not None and changes.is_uniform(image):
        return []  # a wallpaper that is nothing but a veil, or a few lines on white
    photograph = base.kind == "photograph"
    entries = []
    for change in changes.applicable(image, plain=base.kind == "gradient"):
        file = changes.changed(change, image, base.name, photograph)
        path = _put(folder, base.name, change.name, file)
        entries.append(_of_base(base, path, change.name, change.family, change.truth))
    for number, (other, told) in enumerate(base.others):
        file = changes.changed(changes.CHANGES[0], _flat(other, base), f"{base.name} {number}")
        name = f"other size {number}"
        path = _put(folder, base.name, name, file)
        entries.append(_of_base(base, path, name, "other size", told))
    return entries


def _of_base(base: Base, path: str, change: str, family: str, told: Label) -> Entry:
    return Entry(path, base.name, base.kind, change, family, told, base.name, Label.SAME)


def opened(base: Base) -> Image.Image:
    """A base as RGB on a plain ground, reduced to a size that its name decides."""
    if base.path is None:
        number = int(base.name.split()[-1])
        draw = drawn.screen if base.kind == "text screen" else drawn.gradient
        return draw(number, Random(base.name))
    return _flat(base.path, base)


def _flat(path: Path, base: Base) -> Image.Image:
    longer = Random(f"size of {path.name} {base.name}").randint(*_LONGER)
    with Image.open(path) as image:
        image.draft("RGB", (longer, longer))
        full = image.convert("RGBA") if image.mode != "RGB" else image.copy()
    if max(full.size) > longer:
        full.thumbnail((longer, longer), Image.Resampling.LANCZOS)
    if full.mode == "RGB":
        return full
    return _grounded(full, black=base.kind == "game art")


def _grounded(image: Image.Image, black: bool) -> Image.Image:
    """On black, or on white unless what can be seen is nearly white itself: then on dark blue."""
    levels, shares = (np.asarray(image.convert(mode), np.float64) for mode in ("L", "RGBA"))
    seen = shares[..., 3]
    light = float((levels * seen).sum() / max(float(seen.sum()), 1.0))
    colour = "black" if black else "white" if light < 200 else "#182848"
    ground = Image.new("RGBA", image.size, colour)
    ground.alpha_composite(image)
    return ground.convert("RGB")


def _animated(folder: Path, base: Base) -> list[Entry]:
    animation = _moving(base)
    first, later = (animations.frame_at(animation, share) for share in (0, animations.LATER))
    symmetric = changes.is_symmetric(first)
    entries = []
    for change in animations.CHANGES:
        if change.family == "geometry" and symmetric:
            continue
        if change.name == animations.LATER_FRAME and changes.shows_the_same(first, later):
            continue
        file = change.make(animation, Random(f"{change.name} of {base.name}"))
        path = _put(folder, base.name, change.name, file)
        entries.append(_of_base(base, path, change.name, change.family, change.truth))
    return entries


def _moving(base: Base) -> animations.Animation:
    """The frames of a file or of a series; small ones are enlarged."""
    if base.path is not None:
        with Image.open(base.path) as image:
            return animations.read(image, max(1, 120 // min(image.size)))
    frames = []
    for path in base.frames:
        with Image.open(path) as image:
            full = image.convert("RGBA")
        scale = max(1, 120 // min(full.size))
        full = full.resize((full.width * scale, full.height * scale), Image.Resampling.BICUBIC)
        full.thumbnail((320, 320))
        ground = Image.new("RGBA", full.size, (10, 10, 24))
        ground.alpha_composite(full)
        frames.append(ground.convert("RGB"))
    size = frames[0].size
    fitted = tuple(frame if frame.size == size else frame.resize(size) for frame in frames)
    pace = Random(f"pace of {base.name}").choice((40, 60, 80, 100))
    return animations.Animation(fitted, (pace,) * len(fitted))


def _negatives(folder: Path, chosen: Chosen, half: Half, size: Size) -> list[Entry]:
    """All groups of negatives: each member once as it is and once recompressed."""
    most = size.groups * size.members + size.groups
    step = len(negatives.ON_PHOTOGRAPHS)
    reserve = negatives.Reserve(
        [opened(base) for base in chosen.photographs[: size.groups * step]],
        [opened(base) for base in chosen.drawings[:most]],
        [[_alike(path) for path in files] for files in chosen.series],
    )
    entries: list[Entry] = []
    for group in negatives.groups(reserve, f"half {half}", size.groups, size.members):
        for number, image in enumerate(group.members):
            entries += _member(folder, group, number, image)
    return entries


def _written(folder: Path, chosen: Chosen, half: Half, size: Size) -> list[Entry]:
    """The groups that differ in words alone, over photographs that the others have left."""
    used = size.groups * len(negatives.ON_PHOTOGRAPHS)
    needed = -(-size.groups * len(written.WRITTEN) // 2)
    left = [opened(base) for base in chosen.photographs[used : used + needed]]
    material = written.Material(left, chosen.fonts)
    entries: list[Entry] = []
    for group in written.groups(material, f"half {half}", size.groups, size.members):
        for number, image in enumerate(group.members):
            entries += _member(folder, group, number, image)
    return entries


def _alike(path: Path) -> Image.Image:
    return _flat(path, Base(path.name, "", "drawing", path))


def _member(
    folder: Path, group: negatives.Group, number: int, image: Image.Image
) -> Iterator[Entry]:
    base = f"{group.name} {number}"
    smaller = image.resize((round(image.width * 0.8), round(image.height * 0.8)))
    for name, picture, change in (
        ("original", image, changes.CHANGES[0]),
        (_COPY, smaller, next(one for one in changes.CHANGES if one.name == "jpeg 60")),
    ):
        file = changes.changed(change, picture, base, photograph=False)
        path = _put(folder, group.name, f"{number} {name}", file)
        family = "original" if name == "original" else "negative"
        yield Entry(
            path, base, "negative", name, family, Label.SAME, group.name, group.within, group.family
        )
