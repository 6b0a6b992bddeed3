"""Measures EfficientNet-Lite0 on real pictures; what it finds ships with fapfav.

    ranges FOLDER...     writes fapfav/images/lite0_ranges.json
    compare FOLDER...    cosine between the integer and the float model
    limits FOLDER...     cosines of copies and of different pictures, and a table of limits

A folder is searched for pictures; `FOLDER=40` takes 40 of them, evenly spread. The shipped ranges
came from Debian's packages, unpacked by `apt-get download` and `dpkg -x`:

    ranges mate-backgrounds lxqt-themes renpy-thequestion=20 endless-sky-data=20
           tuxpaint-stamps-default=30 openclipart-png=20

and were compared, and the limits measured, on pictures of plasma-workspace-wallpapers,
gnome-backgrounds and lomiri-wallpapers-16.04 and on others than those of the last four.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from fapfav.images import lite0_int8
from fapfav.images.cnn import lite0_weights, load_embedder
from fapfav.images.embedder import Preparation
from fapfav.images.lite0 import SIDE, lite0
from fapfav.images.network import INPUT, Network
from fapfav.images.onnx_float import float_model
from fapfav.images.quantize import trunks
from fapfav.images.torch_state import read_state

Floats = NDArray[np.float32]
Change = Callable[[Image.Image], Image.Image]

_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
_LEAST_BYTES, _LEAST_SIDE = 4000, 48


def pictures(folders: tuple[str, ...], offset: int) -> Iterator[Image.Image]:
    """The pictures of the folders; `offset` 0 or 1 takes the even or the odd ones of a `=N`."""
    for folder in folders:
        root, _, count = folder.partition("=")
        paths = sorted(
            path
            for path in Path(root).rglob("*")
            if path.suffix.lower() in _ENDINGS
            and path.is_file()
            and not path.is_symlink()
            and path.stat().st_size >= _LEAST_BYTES
        )
        if count:
            step = max(len(paths) // int(count), 2)
            paths = paths[offset::step][: int(count)]
        for path in paths:
            with Image.open(path) as picture:
                picture.draft("RGB", (1024, 1024))
                if min(picture.size) >= _LEAST_SIDE:
                    yield picture.convert("RGBA").convert("RGB")


def part(picture: Image.Image, share: float, left: float, top: float) -> Image.Image:
    """A crop of `share` of each side; left and top are shares of what is left over."""
    width, height = (max(round(side * share), 1) for side in picture.size)
    x = round((picture.width - width) * left)
    y = round((picture.height - height) * top)
    return picture.crop((x, y, x + width, y + height))


@click.group(help=__doc__)
def main() -> None:
    """The commands."""
    Image.MAX_IMAGE_PIXELS = 100_000_000


@main.command()
@click.argument("folders", nargs=-1, required=True)
def ranges(folders: tuple[str, ...]) -> None:
    """Writes the table of ranges."""
    network = lite0(read_state(lite0_weights()))
    trunk = trunks(network)
    low, high, count = _extremes(network, tuple(trunk), folders)
    reach: dict[str, Floats] = {}
    for name, end in trunk.items():
        largest = np.maximum(np.maximum(-low[name], high[name]), 1e-3)
        reach[end] = np.maximum(reach.get(end, largest), largest)
    rounded = {end: [float(f"{value:.4g}") for value in values] for end, values in reach.items()}
    spans = {
        name: [
            float(f"{(low[name] / rounded[end]).min():.4g}"),
            float(f"{(high[name] / rounded[end]).max():.4g}"),
        ]
        for name, end in trunk.items()
    }
    table = {"pictures": count, "reach": rounded, "spans": spans}
    target = lite0_int8.__file__.replace("lite0_int8.py", "lite0_ranges.json")
    Path(target).write_text(json.dumps(table, separators=(",", ":")).replace("],", "],\n") + "\n")
    click.echo(f"{target}: {count} pictures")


def _extremes(
    network: Network, names: tuple[str, ...], folders: tuple[str, ...]
) -> tuple[dict[str, Floats], dict[str, Floats], int]:
    """Smallest and largest value of each channel of each layer over all pictures."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        float_model(network, names), providers=["CPUExecutionProvider"]
    )
    low: dict[str, Floats] = {}
    high: dict[str, Floats] = {}
    prepare, rng, count = Preparation(SIDE, SIDE), np.random.default_rng(1), 0
    for whole in pictures(folders, 0):
        share, left, top = rng.uniform([0.3, 0, 0], [0.7, 1, 1])
        for picture in (whole, part(whole, share, left, top)):
            found = session.run(list(names), {INPUT: prepare.batch(prepare.pixels(picture))})
            for name, values in zip(names, found, strict=True):
                smallest, largest = values.min(axis=(0, 2, 3)), values.max(axis=(0, 2, 3))
                low[name] = np.minimum(low.get(name, smallest), smallest)
                high[name] = np.maximum(high.get(name, largest), largest)
            count += 1
    return low, high, count


@main.command()
@click.argument("folders", nargs=-1, required=True)
def compare(folders: tuple[str, ...]) -> None:
    """Prints how near the integer model's embeddings are to the float one's."""
    cache = Path("/nonexistent")  # nothing is kept
    integer, real = load_embedder("lite0", cache), load_embedder("lite0-float", cache)
    rng, cosines = np.random.default_rng(2), []
    for whole in pictures(folders, 1):
        share, left, top = rng.uniform([0.3, 0, 0], [0.7, 1, 1])
        for picture in (whole, part(whole, share, left, top)):
            cosines.append(float(integer(picture) @ real(picture)))
    _quantiles("integer against float", np.array(cosines))


def _quantiles(name: str, cosines: NDArray[Any]) -> None:
    shown = " ".join(
        f"{quantile:.1%} {np.quantile(cosines, quantile):.4f}"
        for quantile in (0.0, 0.01, 0.05, 0.5, 0.95, 0.99, 0.999, 1.0)
    )
    click.echo(f"{name:24} {len(cosines):7}  {shown}")


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def _shrunk(picture: Image.Image, share: float) -> Image.Image:
    size = tuple(max(round(side * share), 1) for side in picture.size)
    return picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _marked(picture: Image.Image) -> Image.Image:
    marked = picture.copy()
    width, height = marked.size
    text = ImageDraw.Draw(marked)
    text.text((width * 0.6, height * 0.9), "example.org", "white", font_size=max(height // 20, 8))
    return marked


_COPIES: dict[str, Change] = {
    **{f"jpeg {quality}": partial(_jpeg, quality=quality) for quality in (90, 75, 60, 40)},
    **{f"size {share}": partial(_shrunk, share=share) for share in (0.75, 0.5, 0.25)},
    "crop 2 %": partial(part, share=0.98, left=0.5, top=0.5),
    "crop 5 %": partial(part, share=0.95, left=0.5, top=0.5),
    "brighter 1.1": lambda picture: ImageEnhance.Brightness(picture).enhance(1.1),
    "darker .8": lambda picture: ImageEnhance.Brightness(picture).enhance(0.8),
    "watermark": _marked,
}
# Different pictures that look alike: two parts of one that share less than half of their area.
_PARTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
_LIMITS = (0.85, 0.88, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98)


@main.command()
@click.option("--model", default="lite0")
@click.argument("folders", nargs=-1, required=True)
def limits(model: str, folders: tuple[str, ...]) -> None:
    """Prints cosines of labelled pairs, and what each limit would find and wrongly join."""
    embed = load_embedder(model, Path("/nonexistent"))
    copies: dict[str, list[float]] = {name: [] for name in _COPIES}
    parts: list[float] = []
    wholes: list[Floats] = []
    for picture in pictures(folders, 1):
        own = embed(picture)
        if not own.any():
            continue  # one colour, once transparency is dropped
        wholes.append(own)
        for name, change in _COPIES.items():
            copies[name].append(float(own @ embed(change(picture))))
        corners = [embed(part(picture, 0.6, left, top)) for left, top in _PARTS]
        cosines = np.stack(corners) @ np.stack(corners).T
        parts += cosines[np.triu_indices(len(corners), 1)].tolist()
    for name, found in copies.items():
        _quantiles(name, np.array(found))
    _quantiles("parts of one", np.array(parts))
    matrix = np.stack(wholes)
    unrelated = (matrix @ matrix.T)[np.triu_indices(len(matrix), 1)]
    _quantiles("different pictures", unrelated)
    same = np.concatenate([np.array(found) for found in copies.values()])
    click.echo("limit   copies found   parts joined   different joined")
    for limit in _LIMITS:
        shares = (f"{(some >= limit).mean():13.2%}" for some in (same, np.array(parts)))
        click.echo(f"{limit:5}  {'  '.join(shares)}  {int((unrelated >= limit).sum()):8}")


if __name__ == "__main__":
    sys.exit(main())
