"""Archives of made-up pictures for `benchmarks.find`, made once and kept in the cache.

Rows with hashes and embeddings of no meaning, the latter with as much of their length in the first
axes as real ones have in their leading ones (64 % in 64, 74 % in 128), a place each, and thumbnails
of real pictures, sealed. One picture in twenty is a copy of another: a few bits and a little of its
embedding differ, and its thumbnail is that of the picture shrunk and recompressed. Two in twenty
are as near to another as unlike pictures sometimes are, and have to be looked at too. Of those that
are added later another one in twenty is a copy of one that was there from the beginning.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.duplicates_vectors import CACHE
from benchmarks.pictures import build
from fapfav import model
from fapfav.images.examine import examine
from fapfav.images.vectors import quantize
from fapfav.jobs.batch import hashes_space, turned_space
from fapfav.jobs.closer_look import VERSION
from fapfav.jobs.library import Archive
from fapfav.store import opening
from fapfav.store.blobs import Kind
from fapfav.store.slots import Cost

PASSWORD = "benchmark"
COPIES = 20
"""One picture in so many is a copy of the one before, and two are near to the one before."""

WIDTH = 1280

SEEN = 200_000
"""Up to so many pictures all have thumbnails; of more only copies and what they are copies of."""

SPACE = "cnn/benchmark"

_SPECTRUM = np.sqrt(
    np.repeat([0.64 / 64, 0.10 / 64, 0.26 / (WIDTH - 128)], [64, 64, WIDTH - 128])
).astype(np.float32)
_BATCH = 10_000
_LIMITS = {"cnn": {SPACE: 0.95}}
_NOW = 1_750_000_000
_OF_OLD = 15  # of COPIES: the one that is a copy of an old picture, where there are any
_ALBUM = ("local", "user", "album")


@dataclass(frozen=True, slots=True)
class Shown:
    """A real picture and a worse copy of it: facts and thumbnails."""

    facts: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """n made-up pictures: hashes (n, 4), hashes turned and of frames (n, 8), embeddings."""

    digests: list[model.Digest]
    hashes: NDArray[np.uint64]
    turned: NDArray[np.uint64]
    vectors: NDArray[np.float32]
    colours: list[bytes]


def pictures(count: int = 400) -> list[Shown]:
    """Real ones, as they are and shrunk and recompressed."""
    folder = CACHE / "pictures"
    if not folder.exists():
        build(count, folder)
    found = []
    for path in sorted(folder.rglob("*.*")):
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            small = image.convert("RGB")
            small.thumbnail((small.width * 2 // 3, small.height * 2 // 3))
            out = io.BytesIO()
            small.save(out, "JPEG", quality=70)
        both = examine(data), examine(out.getvalue())
        if not both[0].animated and all(each.thumb for each in both):
            found.append(Shown(both))
    return found


def drawn(start: int, count: int) -> Drawn:
    """The pictures that begin with this number: the same numbers give the same ones."""
    rng = np.random.default_rng(start)
    hashes = rng.integers(0, 1 << 63, (count, 4), np.uint64) << np.uint64(1)
    turned = rng.integers(0, 1 << 63, (count, 8), np.uint64)
    vectors = rng.standard_normal((count, WIDTH), np.float32) * _SPECTRUM
    digests = [model.Digest(rng.bytes(32)) for _ in range(count)]
    colours = [rng.bytes(3) for _ in range(count)]
    made = Drawn(digests, hashes, turned, vectors, colours)
    for at in range(count):
        if at % COPIES in (1, 5, 9):
            _near(made, at, (made, at - 1), rng, is_copy=at % COPIES == 1)
    return made


def _near(
    made: Drawn, at: int, of: tuple[Drawn, int], rng: np.random.Generator, *, is_copy: bool
) -> None:
    """Makes one picture a copy of another, or only near it."""
    other, place = of
    bits = rng.choice(64, 2 if is_copy else 6, replace=False).astype(np.uint64)
    made.hashes[at] = other.hashes[place] ^ np.bitwise_or.reduce(np.uint64(1) << bits)
    noise = rng.standard_normal(WIDTH, np.float32) * _SPECTRUM
    made.vectors[at] = other.vectors[place] + noise * (0.02 if is_copy else 0.75)


class Maker:
    """Puts pictures into an archive; the same numbers give the same ones.

    With `known` they are as a search left them: not new, and with the pairs of the copies.
    """

    def __init__(
        self, archive: Archive, seen: Sequence[Shown], total: int, *, known: bool = False
    ) -> None:
        self._archive = archive
        self._seen = seen
        self._total = total
        self._known = known
        self._space = hashes_space("scaled"), turned_space("scaled")

    def put(self, start: int, count: int) -> None:
        """Pictures of these numbers, as a read leaves them: new, and not compared yet."""
        made = drawn(start, count)
        sources = [(start + at - (at % COPIES == 1), at % COPIES == 1) for at in range(count)]
        if start >= self._total:
            rng, old = np.random.default_rng((start, 1)), drawn(0, min(_BATCH, self._total))
            for at in range(_OF_OLD, count, COPIES):
                place = int(rng.integers(0, len(old.digests) // COPIES)) * COPIES
                _near(made, at, (old, place), rng, is_copy=True)
                sources[at] = place, True
        made.turned[:, 7] = made.hashes[:, 0]  # no frame
        files: list[tuple[model.Digest, str, bytes]] = []
        with self._archive.write("read") as tx:
            tx.put(*self._space)
            for at, (source, is_copy) in enumerate(sources):
                shown = self._seen[source % len(self._seen)].facts[is_copy]
                has = self._has(start, at)
                self._put_one(tx, made, at, shown, has=has)
                if has:
                    files.append((made.digests[at], shown.thumb_ext, shown.thumb))
                if self._known and is_copy:
                    _put_pair(tx, made.digests[at - 1], made.digests[at])
            lengths = np.linalg.norm(made.vectors, axis=1)[:, None]
            tx.add_vectors(SPACE, made.digests, *quantize(made.vectors / lengths))
        with ThreadPoolExecutor(4) as pool:
            stage = self._archive.files.stage
            self._archive.files.publish(pool.map(lambda f: stage(Kind.THUMB, *f), files))

    def _has(self, start: int, at: int) -> bool:
        """Whether a picture has a thumbnail."""
        if self._known:
            return start == 0
        return self._total <= SEEN or start >= self._total or at % COPIES < 2

    def _put_one(self, tx: Any, made: Drawn, at: int, shown: Any, *, has: bool) -> None:
        digest = made.digests[at]
        blob = model.Blob(
            digest=digest,
            size=shown.width * shown.height // 8,
            ext=shown.ext,
            width=shown.width,
            height=shown.height,
            animated=False,
            frames=1,
            duration=0,
            orientation=shown.orientation,
            quality=shown.quality,
            md5=digest[:16],
            thumb_size=len(shown.thumb) if has else 0,
            thumb_ext=shown.thumb_ext if has else "",
            added=_NOW,
            date=_NOW,
        )
        name = digest.hex()[:16]
        place = model.Place(*_ALBUM, name, at, name, model.PlaceState.STORED, digest, digest)
        values = (made.hashes, b""), (made.turned, made.colours[at])
        tx.put(blob, place)
        for space, (numbers, rest) in zip(self._space, values, strict=True):
            tx.put(model.Print(space.name, digest, numbers[at].astype(">u8").tobytes() + rest))
        if not self._known:
            tx.put(model.Fresh(digest, _NOW))


def _put_pair(tx: Any, one: model.Digest, other: model.Digest) -> None:
    """A pair as a search finds it and judges it."""
    judged = model.Judged(model.Label.SAME, 0.99, "made up", {}, VERSION)
    scores = {"percept": 2, "average": 2, "diff": 2, "wavelet": 2}
    tx.put(model.Pair(*model.pair_of(one, other), scores, judged))


def archive_of(count: int, *, known: bool = False) -> Path:
    """The archive with so many pictures, made once.

    Nothing of it was compared; with `known` all was, but for what a first search also writes down
    of those that are only near.
    """
    path = CACHE / f"archive-{count}{'-known' if known else ''}"
    if path.exists():
        return path
    half = path.with_name(path.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    with opening.create_archive(
        half, PASSWORD, plain=False, cost=Cost(1, 32, 4), kind=Archive
    ) as archive:
        with archive.write("read") as tx:
            tx.put(model.Config("preparation", "scaled"), model.Config("vector_space", SPACE))
            tx.put(model.Config("limits_regular", _LIMITS))
            tx.put(model.Config("limits_animated", _LIMITS))
            tx.put(model.Space(SPACE, "vector", WIDTH, "i1", "", "scaled", "", 1))
            tx.put(model.User(*_ALBUM[:2], "user"), model.Album(*_ALBUM, "album", "folder", 1))
        maker = Maker(archive, pictures(), count, known=known)
        for start in range(0, count, _BATCH):
            maker.put(start, min(_BATCH, count - start))
        archive.compact()
    half.rename(path)
    return path
