"""What `benchmarks.duplicates` measures of ours: each a search, with what is wanted of it.

    python -m benchmarks.duplicates_searches NAME [--quick]

runs one in this process and prints its figures: wall and processor time, memory beyond what was
there when the search began, and how much was found.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import duplicates_vectors as vectors
from benchmarks.report import show_json
from fapfav.duplicates.cosine import Rows, measured, near_rows
from fapfav.duplicates.hamming import between
from fapfav.duplicates.search import similar_hashes, similar_vectors

Values = NDArray[np.uint64]
Work = Callable[[], int]

_QUICK: Final = 200  # times smaller


@dataclass(frozen=True, slots=True)
class Measure:
    """One search: `prepare(times smaller)` gives what is timed, which answers what it found."""

    what: str
    prepare: Callable[[int], Work]
    seconds: float | None = None
    megabytes: float | None = None
    long: bool = False


def values(count: int, kind: str = "pairs") -> Values:
    """64-bit values, in a twentieth of them what the kind says; the others are random.

    "pairs": a bit from another one. "equal": all the same. "near": up to two bits from one.
    "correlated": 32 bits the same.
    """
    random = np.random.default_rng(11)
    made = random.integers(0, 2**64, count, dtype=np.uint64)
    few = count // 20
    flips = np.uint64(1) << random.integers(0, 64, (2, few), dtype=np.uint64)
    if kind == "pairs":
        made[:few] = made[few : 2 * few] ^ flips[0]
    elif kind == "equal":
        made[:few] = 7
    elif kind == "near":
        made[:few] = np.uint64(7) ^ flips[0] ^ flips[1]
    elif kind == "correlated":
        made[:few] &= np.uint64(0xFFFFFFFF)
    random.shuffle(made)
    return made


def hashes(count: int, limit: int, kind: str = "pairs", new: int = 0) -> Callable[[int], Work]:
    """`count` values at a limit, all of them new or the last `new`."""

    def prepare(smaller: int) -> Work:
        some = values(count // smaller, kind)
        fresh = np.ones(some.size, np.bool_) if not new else np.arange(some.size) >= some.size - new
        return lambda: similar_hashes(some, limit, fresh)[0].size

    return prepare


def turned(new: int, count: int, limit: int) -> Callable[[int], Work]:
    """Seven other orientations of `new` pictures against `count` values."""

    def prepare(smaller: int) -> Work:
        some = values(count // smaller)
        others = np.random.default_rng(12).integers(0, 2**64, 7 * max(1, new // smaller), np.uint64)
        return lambda: between(others, some, limit)[0].size

    return prepare


def rows(count: int, smaller: int) -> Rows:
    """So many embeddings: real ones as far as there are, or those and made ones."""
    if smaller > 1:
        random = np.random.default_rng(3)
        few = random.normal(size=(max(64, count // smaller // 4), 1280)).astype(np.float32)
        return vectors.many(vectors.distinct(vectors.quantized(few)), count // smaller, None)
    real = vectors.real(min(count, vectors.REAL))
    return real if count <= vectors.REAL else vectors.many(real, count)


def embeddings(count: int, limit: float, new: int = 0) -> Callable[[int], Work]:
    """`count` embeddings at a limit, all of them new or the last `new`."""

    def prepare(smaller: int) -> Work:
        some = rows(count, smaller)
        size = len(some)
        fresh = np.ones(size, np.bool_) if not new else np.arange(size) >= size - new
        scales = np.ones(size, np.float32)
        return lambda: similar_vectors(some, scales, limit, fresh)[0].size

    return prepare


def recall(count: int, limit: float, sample: int) -> Callable[[int], Work]:
    """The same search of all, then a sample of rows against all by plain products: how many of
    the pairs of the sample were missed."""

    def prepare(smaller: int) -> Work:
        some = measured(rows(count, smaller))
        every = np.arange(len(some.rows))
        chosen = np.random.default_rng(4).choice(every, min(sample, every.size), replace=False)

        def missed() -> int:
            i, j, _ = near_rows(some, every, limit, np.ones(every.size, np.bool_))
            asked = np.zeros(every.size, np.bool_)
            asked[chosen] = True
            a, b, _ = near_rows(some, every, limit, asked)
            known = np.isin(i, chosen) | np.isin(j, chosen)
            return int(np.setdiff1d(_codes(a, b), _codes(i[known], j[known])).size)

        return missed

    return prepare


def _codes(i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.minimum(i, j) << 32 | np.maximum(i, j)


HASHES: Final = {
    "4-100000": Measure("100,000 hashes, 4 bits", hashes(100_000, 4), 0.15, 300),
    "4-1000000": Measure("1,000,000 hashes, 4 bits", hashes(1_000_000, 4), 2, 300),
    "equal": Measure("the same, 5 % equal", hashes(1_000_000, 4, "equal"), 4, 300),
    "correlated": Measure(
        "the same, 5 % with 32 bits alike", hashes(1_000_000, 4, "correlated"), 4, 300
    ),
    "near-100000": Measure(
        "100,000 hashes, 5 % within 2 bits of one, 4 bits", hashes(100_000, 4, "near")
    ),
    "8-100000": Measure("100,000 hashes, 8 bits", hashes(100_000, 8)),
    "10-100000": Measure("100,000 hashes, 10 bits", hashes(100_000, 10), 2),
    "14-100000": Measure("100,000 hashes, 14 bits", hashes(100_000, 14)),
    **{
        f"{limit}-new": Measure(
            f"100 new among 1,000,000 hashes, {limit} bits", hashes(1_000_000, limit, new=100), 2
        )
        for limit in (4, 8, 10, 14)
    },
    "turned-new": Measure("100 new turned 7 ways, among 1,000,000", turned(100, 1_000_000, 8), 2),
    "turned": Measure("100,000 turned 7 ways, among 100,000", turned(100_000, 100_000, 8)),
}
EMBEDDINGS: Final = {
    "0.9-100000": Measure("100,000 real embeddings, cosine .9", embeddings(100_000, 0.9), 30, 1000),
    "0.85-100000": Measure("the same, cosine .85", embeddings(100_000, 0.85)),
    "0.75-100000": Measure("the same, cosine .75", embeddings(100_000, 0.75)),
    "missed-100000": Measure(
        "pairs that 500 of these have and all did not find, .9", recall(100_000, 0.9, 500)
    ),
    "0.9-new": Measure(
        "100 new among 1,000,000 embeddings, cosine .9", embeddings(1_000_000, 0.9, new=100), 10
    ),
    "0.9-1000000": Measure(
        "1,000,000 embeddings, cosine .9", embeddings(1_000_000, 0.9), 600, 6000, long=True
    ),
}
SEARCHES: Final = {**HASHES, **EMBEDDINGS}
"""Everything, in the order it is measured in. Measures of whole runs belong here as well."""


def figures(work: Work) -> dict[str, Any]:
    """Runs it; seconds, megabytes beyond what the process had before, and what it answers."""
    before = _resident()
    wall, processor = time.perf_counter(), time.process_time()
    found = work()
    return {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "megabytes": max(0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before),
        "found": found,
    }


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures one and prints an object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates_searches")
    parser.add_argument("name", choices=SEARCHES)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    show_json(figures(SEARCHES[options.name].prepare(_QUICK if options.quick else 1)))


if __name__ == "__main__":
    main()
