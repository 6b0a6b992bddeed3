"""The same searches by others: faiss, and imagededup's own search, as its users call it.

    .venv-parity/bin/python -m benchmarks.duplicates_peers NAME [--quick]

Runs in the virtual environment of `make .venv-parity`, with faiss-cpu. faiss gives each pair twice
and each row with itself, which is how its range search is made; so does imagededup's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CORES: Final = 2
REAL: Final = Path(".bench/duplicates/distinct.npy")
_QUICK: Final = 200

Work = Callable[[], int]


def _faiss_hashes(count: int, limit: int) -> Callable[[int], Work]:
    def prepare(smaller: int) -> Work:
        faiss: Any = import_module("faiss")
        faiss.omp_set_num_threads(CORES)
        codes = _values(count // smaller).view(np.uint8).reshape(-1, 8)

        def search() -> int:
            index = faiss.IndexBinaryFlat(64)
            index.add(codes)
            return int(index.range_search(codes, limit + 1)[0][-1])

        return search

    return prepare


def _faiss_rows(count: int, asked: int, limit: float) -> Callable[[int], Work]:
    def prepare(smaller: int) -> Work:
        faiss: Any = import_module("faiss")
        faiss.omp_set_num_threads(CORES)
        rows = _unit(count // smaller)

        def search() -> int:
            index = faiss.IndexFlatIP(rows.shape[1])
            index.add(rows)
            return int(index.range_search(rows[: max(1, asked // smaller)], limit)[0][-1])

        return search

    return prepare


def _imagededup_hashes(count: int, limit: int) -> Callable[[int], Work]:
    def prepare(smaller: int) -> Work:
        from benchmarks.imagededup_peer import load_imagededup

        method = load_imagededup().PHash(verbose=False)
        codes = {f"{at}.jpg": f"{one:016x}" for at, one in enumerate(_values(count // smaller))}

        def search() -> int:
            found = method.find_duplicates(encoding_map=codes, max_distance_threshold=limit)
            return sum(len(each) for each in found.values())

        return search

    return prepare


def _imagededup_rows(count: int, limit: float) -> Callable[[int], Work]:
    def prepare(smaller: int) -> Work:
        from benchmarks.imagededup_peer import load_imagededup

        methods = load_imagededup()
        import torch
        from imagededup.utils.models import CustomModel

        config = CustomModel(name="none", model=torch.nn.Identity(), transform=lambda image: image)
        network = methods.CNN(verbose=False, model_config=config)
        rows = {f"{at}.jpg": row for at, row in enumerate(_unit(count // smaller))}

        def search() -> int:
            found = network.find_duplicates(
                encoding_map=rows, min_similarity_threshold=limit, num_sim_workers=0
            )
            return sum(len(each) for each in found.values())

        return search

    return prepare


def _processor() -> float:
    """Seconds of this process and its children, which imagededup has."""
    return sum(os.times()[:4])


def _values(count: int) -> NDArray[np.uint64]:
    random = np.random.default_rng(11)
    made = random.integers(0, 2**64, count, dtype=np.uint64)
    few = count // 20
    made[:few] = made[few : 2 * few] ^ np.uint64(1)
    return made


def _unit(count: int) -> NDArray[np.float32]:
    """The first real embeddings at length 1, or random ones where there are none."""
    if REAL.exists():
        rows = np.load(REAL, mmap_mode="r")[:count].astype(np.float32)
    else:
        rows = np.random.default_rng(3).normal(size=(count, 1280)).astype(np.float32)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1)[:, None]
    return unit


PEERS: Final[dict[str, tuple[str, Callable[[int], Work]]]] = {
    "faiss-4": ("faiss, flat binary: 100,000 hashes, 4 bits", _faiss_hashes(100_000, 4)),
    "faiss-10": ("faiss, flat binary: 100,000 hashes, 10 bits", _faiss_hashes(100_000, 10)),
    "faiss-rows": (
        "faiss, flat inner product: 5,000 of 100,000 embeddings with all, cosine .9",
        _faiss_rows(100_000, 5_000, 0.9),
    ),
    "imagededup-4": ("imagededup, PHash: 10,000 hashes, 4 bits", _imagededup_hashes(10_000, 4)),
    "imagededup-rows": (
        "imagededup, CNN: 10,000 embeddings, cosine .9",
        _imagededup_rows(10_000, 0.9),
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures one and prints an object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates_peers")
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    work = PEERS[options.name][1](_QUICK if options.quick else 1)
    wall, processor = time.perf_counter(), _processor()
    found = work()
    wall, processor = time.perf_counter() - wall, _processor() - processor
    result: dict[str, Any] = {"wall": wall, "processor": processor, "found": found}
    result["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
