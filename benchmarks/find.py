"""From an opened archive to committed sets: a whole search, part by part, and one for a few more.

    python -m benchmarks.find [--pictures 100000] [--add 100] [--no-vectors]

The archive is made up once and kept in the benchmark's cache: rows with hashes and embeddings of no
meaning, the latter with as much of their length in the first axes as real ones have in their
leading ones (64 % in 64, 74 % in 128), and thumbnails of real pictures, sealed. One
picture in twenty is a copy of another: a few bits and a little of its embedding differ, and its
thumbnail is that of the picture shrunk and recompressed. Two in twenty are as near to another as
unlike pictures sometimes are, and have to be looked at too. Above 200,000 pictures only copies and
those they are copies of have thumbnails.
"""

from __future__ import annotations

import argparse
import io
import resource
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.duplicates_vectors import CACHE
from benchmarks.pictures import build
from benchmarks.report import machine
from fapfav import model
from fapfav.images.examine import examine
from fapfav.images.vectors import quantize
from fapfav.jobs import closer_look, find
from fapfav.jobs.batch import hashes_space, turned_space
from fapfav.jobs.library import Archive, open_archive
from fapfav.store import opening
from fapfav.store.blobs import Kind
from fapfav.store.slots import Cost

PASSWORD = "benchmark"
COPIES = 20
"""One picture in so many is a copy of the one before, and two are near to the one before."""

WIDTH = 1280

SEEN = 200_000
"""Up to so many pictures all have thumbnails."""

_SPECTRUM = np.sqrt(
    np.repeat([0.64 / 64, 0.10 / 64, 0.26 / (WIDTH - 128)], [64, 64, WIDTH - 128])
).astype(np.float32)
_BATCH = 10_000
_SPACE = "cnn/benchmark"
_LIMITS = {"cnn": {_SPACE: 0.95}}
_NOW = 1_750_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A real picture and a worse copy of it: facts and thumbnails."""

    facts: tuple[Any, Any]


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


class Maker:
    """Puts pictures into an archive; the same numbers give the same ones."""

    def __init__(self, archive: Archive, seen: Sequence[Shown], total: int) -> None:
        self._archive = archive
        self._seen = seen
        self._all_seen = total <= SEEN
        self._space = hashes_space("scaled"), turned_space("scaled")

    def put(self, start: int, count: int) -> None:
        """Pictures of these numbers, as a read leaves them: new, and not compared yet."""
        rng = np.random.default_rng(start)
        hashes = rng.integers(0, 1 << 63, (count, 4), np.uint64) << np.uint64(1)
        turned = rng.integers(0, 1 << 63, (count, 8), np.uint64)
        vectors = rng.standard_normal((count, WIDTH), np.float32) * _SPECTRUM
        digests = [model.Digest(rng.bytes(32)) for _ in range(count)]
        files: list[tuple[model.Digest, str, bytes]] = []
        with self._archive.write("read") as tx:
            tx.put(*self._space)
            for at in range(count):
                number = start + at
                is_copy = at % COPIES == 1
                if is_copy or at % COPIES in (5, 9):
                    bits = rng.choice(64, 2 if is_copy else 6, replace=False).astype(np.uint64)
                    hashes[at] = hashes[at - 1] ^ np.bitwise_or.reduce(np.uint64(1) << bits)
                    noise = rng.standard_normal(WIDTH, np.float32) * _SPECTRUM
                    vectors[at] = vectors[at - 1] + noise * (0.02 if is_copy else 0.75)
                shown = self._seen[(number - is_copy) % len(self._seen)].facts[is_copy]
                has = self._all_seen or at % COPIES < 2
                self._put_one(tx, digests[at], shown, has=has)
                turned[at, 7] = hashes[at, 0]  # no frame
                for space, values in zip(self._space, (hashes, turned), strict=True):
                    value = values[at].astype(">u8").tobytes()
                    value += rng.bytes(3) if len(value) == 64 else b""
                    tx.put(model.Print(space.name, digests[at], value))
                if has:
                    files.append((digests[at], shown.thumb_ext, shown.thumb))
            vectors /= np.linalg.norm(vectors, axis=1)[:, None]
            scales, rows = quantize(vectors)
            tx.add_vectors(_SPACE, digests, scales, rows)
        with ThreadPoolExecutor(4) as pool:
            stage = self._archive.files.stage
            self._archive.files.publish(pool.map(lambda f: stage(Kind.THUMB, *f), files))

    def _put_one(self, tx: Any, digest: model.Digest, shown: Any, *, has: bool) -> None:
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
        tx.put(blob)
        tx.put(model.Fresh(digest, _NOW))


def archive_of(count: int) -> Path:
    """The archive with so many pictures, made once; nothing of it was compared."""
    path = CACHE / f"archive-{count}"
    if path.exists():
        return path
    half = path.with_name(path.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    with opening.create_archive(
        half, PASSWORD, plain=False, cost=Cost(1, 32, 4), kind=Archive
    ) as archive:
        with archive.write("read") as tx:
            tx.put(model.Config("preparation", "scaled"), model.Config("vector_space", _SPACE))
            tx.put(model.Config("limits_regular", _LIMITS))
            tx.put(model.Config("limits_animated", _LIMITS))
            tx.put(model.Space(_SPACE, "vector", WIDTH, "i1", "", "scaled", "", 1))
        maker = Maker(archive, pictures(), count)
        for start in range(0, count, _BATCH):
            maker.put(start, min(_BATCH, count - start))
        archive.compact()
    half.rename(path)
    return path


@dataclass(slots=True)
class Clock:
    """Seconds that calls took, by what they are."""

    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same, and noted."""

        def run(*given: Any, **more: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*given, **more)
            finally:
                passed = time.perf_counter() - started
                self.seconds[name] = self.seconds.get(name, 0.0) + passed

        return run


def searched(archive: Archive, *, again: bool = False) -> tuple[dict[str, float], Any]:
    """Seconds of a search and of its parts, with its report."""
    clock = Clock()
    whole = clock.timed("whole search, to committed sets", find.find_duplicates)
    parts = {
        "prints from rows": (Archive, "prints_now"),
        "candidates by all methods": (find, "find_pairs"),
        "writing pairs": (find, "_record"),
        "the closer look": (find, "look_closer"),
    }
    before = {name: getattr(where, attribute) for name, (where, attribute) in parts.items()}
    for name, (where, attribute) in parts.items():
        setattr(where, attribute, clock.timed(name, before[name]))
    try:
        report = whole(archive, again=again)
    finally:
        for name, (where, attribute) in parts.items():
            setattr(where, attribute, before[name])
    return clock.seconds, report


def measures(count: int, more: int) -> Iterator[tuple[str, str]]:
    """What is said of both searches, line by line."""
    path = archive_of(count)
    work = path.with_name("archive-work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(path, work)
    try:
        started = time.perf_counter()
        with open_archive(work, PASSWORD) as archive:
            yield "opening the archive", f"{time.perf_counter() - started:.2f} s"
            yield from _said(archive, f"{count:,} new pictures", *searched(archive))
            Maker(archive, pictures(), count).put(count, more)
            yield from _said(archive, f"{more:,} more", *searched(archive))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "memory at its highest", f"{memory:,.0f} MiB"


def _said(
    archive: Archive, what: str, seconds: dict[str, float], report: Any
) -> Iterator[tuple[str, str]]:
    for name, passed in sorted(seconds.items(), key=lambda each: -each[1]):
        yield f"{what}: {name}", f"{passed:.2f} s"
    looked = sum(row.judged is not None for row in archive.pairs.records())
    yield f"{what}: pairs looked at so far", f"{looked:,}"
    yield f"{what}: sets", f"{report.groups:,} of {report.pictures_in_groups:,} pictures"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.find", description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--add", type=int, default=100)
    options = parser.parse_args()
    print(machine())
    print(f"version {closer_look.VERSION} of the closer look")
    for name, value in measures(options.pictures, options.add):
        print(f"{name:60} {value}", flush=True)


if __name__ == "__main__":
    main()
