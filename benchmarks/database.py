"""The database at a size: committing ten pictures, opening, compacting.

    python -m benchmarks.database [--pictures 100000]

The pictures' rows are made up, their files are not made at all: only the database is measured.
"""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.report import median, percentile, resident, show, timed
from fapfav import model
from fapfav.store import opening
from fapfav.store.archive import Archive
from fapfav.store.slots import Cost

CHEAP = Cost(1, 32, 4)
WIDTH = 1280
HASHES, VECTORS = "hashes/scaled/0", "cnn/lite0"


def add(archive: Archive, start: int, count: int) -> None:
    """One transaction with the rows of `count` new pictures."""
    rng = np.random.default_rng(start)
    with archive.write("read") as tx:
        digests = [model.Digest(rng.bytes(32)) for _ in range(count)]
        for number, digest in enumerate(digests, start):
            tx.put(
                model.Blob(
                    digest, 300_000 + number, "jpg", 1600, 1200, False, 1, 0, 1, 90,
                    rng.bytes(16), 8_000, "jpg", 1_700_000_000, 1_700_000_000,
                ),
                model.Place(
                    "local", "1", f"{number // 500:032x}", rng.bytes(16).hex(),
                    position=number % 500, name=f"holiday picture {number}.jpg",
                    state=model.PlaceState.STORED, holds=digest, served=digest,
                    served_size=300_000 + number, added=1_700_000_000,
                    stamp=f"{300_000 + number}:1700000000123456789",
                ),
                model.Print(HASHES, digest, rng.bytes(32)),
            )  # fmt: skip
        tx.put(model.Space(VECTORS, "vector", WIDTH, "int8", "", "", "", 1))
        rows = rng.integers(-127, 128, (count, WIDTH), np.int8)
        tx.add_vectors(VECTORS, digests, np.full(count, 0.002, np.float32), rows)


def fill(path: Path, pictures: int) -> None:
    """A sealed archive with so many pictures."""
    with opening.create_archive(path, "benchmark", cost=CHEAP) as archive:
        for start in range(0, pictures, 2_000):
            add(archive, start, min(2_000, pictures - start))
        archive.compact()


def full_save(archive: Archive, path: Path) -> tuple[float, int]:
    """Seconds and bytes of pickling and writing all of it: what a whole save costs."""
    tables = {name: dict(archive.rows_of(name)) for name in ("blobs", "places", "prints")}
    vectors = archive.vectors(VECTORS)
    began = time.perf_counter()
    raw = pickle.dumps((tables, vectors.scales, vectors.rows))
    with path.open("wb") as file:
        file.write(raw)
        os.fsync(file.fileno())
    return time.perf_counter() - began, len(raw)


def in_child(path: Path, what: str) -> list[float]:
    """Runs one step in a fresh process; returns what it prints."""
    command = [sys.executable, "-m", "benchmarks.database", "--step", what, "--in", str(path)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in out.split()]


def step(what: str, path: Path) -> None:
    """One step, printed as seconds and megabytes."""
    archive = None

    def open_it() -> None:
        nonlocal archive
        archive = opening.open_archive(path, "benchmark")
        if what == "vectors":
            archive.vectors(VECTORS)

    seconds = timed(open_it)
    assert archive is not None
    before = resident(os.getpid())
    if what == "compact":
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = timed(archive.compact)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
        print(seconds, grown / 1024)
        return
    print(seconds, before / 2**20)


def main() -> None:
    """Fills an archive, measures, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--step")
    parser.add_argument("--in", dest="path", type=Path)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.path)
        return
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "archive"
        fill(path, options.pictures)
        opened = [in_child(path, "open") for _ in range(3)]
        vectors = [in_child(path, "vectors") for _ in range(3)]
        compacted = [in_child(path, "compact") for _ in range(3)]
        archive = opening.open_archive(path, "benchmark")
        sizes, times = [], []
        for number in range(200):
            before = archive.database_size
            times.append(timed(lambda n=number: add(archive, options.pictures + 10 * n, 10)))  # type: ignore[misc]
            sizes.append(archive.database_size - before)
        saved, size = full_save(archive, Path(folder) / "whole")
    show(
        f"The database at {options.pictures:,} pictures",
        [
            ("commit of ten pictures, median", f"{1e3 * median(times):.1f} ms", ""),
            ("the same, p99", f"{1e3 * percentile(times, 99):.1f} ms", "under 20 ms"),
            ("bytes it writes", f"{median(sizes):,.0f}", ""),
            ("a full save: bytes, seconds", f"{size:,}, {saved:.2f} s", ""),
            ("full save / commit, bytes", f"{size / median(sizes):,.0f} times", "at least 100"),
            ("open", f"{median([o[0] for o in opened]):.2f} s", "under 1.5 s"),
            ("memory of the process then", f"{median([o[1] for o in opened]):.0f} MiB", ""),
            ("open with vectors", f"{median([v[0] for v in vectors]):.2f} s", "under 2.5 s"),
            ("compact", f"{median([c[0] for c in compacted]):.2f} s", "under 2 s"),
            ("memory it takes more", f"{median([c[1] for c in compacted]):.0f} MiB", "under 150"),
        ],
    )


if __name__ == "__main__":
    main()
