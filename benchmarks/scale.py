"""What a hundred million pictures would take: rates measured here, put into the plan's formulas.

    python -m benchmarks.scale [--pictures 100000000] [--bytes B] [--cores C] [--link BYTES]

The rates are in seconds of one core's time, so that what else runs disturbs them little. Pictures
are those of `benchmarks.pictures`; the cluster is two processes of this machine, without TLS.
docs/scale.md explains each line.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from math import comb
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.read import pictures
from benchmarks.report import show
from fapfav.duplicates.hamming import near_values
from fapfav.images.examine import Examined, examine
from fapfav.jobs.cluster import Credentials, cluster
from fapfav.jobs.parcels import Parcels
from fapfav.jobs.pipeline import in_order

BITS, LIMIT, WIDTH = 64, 4, 1280
SURVIVING, AXES = 0.0029, 64
"""What share of pairs of real vectors a projection on so many axes leaves to be computed whole."""

HOUR, TB, GB = 3600.0, 1e12, 1e9


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the plan follows from. Times are seconds of one core, sizes bytes.

    `database` and `memory` are of a picture in one archive, without and with its vector.
    """

    pictures: int = 100_000_000
    size: float = 500_000.0
    cores: int = 100
    link: float = 1.25e9
    examine: float = 0.0
    answer: float = 0.0
    task: float = 0.0
    sort: float = 0.0
    candidate: float = 0.0
    product: float = 0.0
    database: float = 1_740.0
    memory: float = 2_900.0


def candidates(count: float, limit: int = LIMIT, bits: int = BITS) -> float:
    """Pairs of random hashes that agree in two of limit + 2 chunks, each counted as often as it is
    compared: pairs of hashes, times pairs of chunks, over the values that two chunks have."""
    chunks = limit + 2
    return count * count / 2 * comb(chunks, 2) / float(2.0 ** (2 * bits / chunks))


def plan(given: Inputs) -> list[tuple[str, float, str]]:
    """By line of the plan a number and its unit."""
    count, cores = float(given.pictures), given.cores
    all_pairs = count * count / 2
    hashes = comb(LIMIT + 2, 2) * count * given.sort + candidates(count) * given.candidate
    exact = all_pairs * given.product * WIDTH
    projected = all_pairs * given.product * (AXES + SURVIVING * WIDTH)
    return [
        ("pictures", count * given.size / TB, "TB"),
        ("examining, all cores", count * given.examine / cores / HOUR, "hours"),
        ("pictures over one link", count * given.size / given.link / HOUR, "hours"),
        ("cores that one link feeds", given.link / given.size * given.examine, "cores"),
        ("cores that one client feeds", given.examine / given.task, "cores"),
        ("answers", count * given.answer / TB, "TB"),
        ("hashes, one method", count * 8 / GB, "GB"),
        ("vectors in 8 bits", count * (WIDTH + 4) / GB, "GB"),
        ("candidates of one method", candidates(count) / GB, "thousand millions"),
        ("one method of hashes, all cores", hashes / cores / HOUR, "hours"),
        ("all vectors with all, all cores", exact / cores / HOUR, "hours"),
        ("the same with the projection", projected / cores / HOUR, "hours"),
        ("one archive's database", count * given.database / GB, "GB"),
        ("one archive's memory", count * given.memory / GB, "GB"),
    ]


def core_seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time that one call takes, of all threads of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measured_examining(raws: list[bytes], embed: Any) -> tuple[float, float]:
    """Core seconds and bytes of the answer, for a picture."""
    found: list[Examined] = []
    spent = core_seconds(lambda: found.extend(examine(raw, "scaled", embed) for raw in raws))
    return spent / len(raws), sum(len(pickle.dumps(each)) for each in found) / len(found)


def measured_hashes(count: int) -> tuple[float, float]:
    """Core seconds for a hash of one sort of all, and for a candidate."""
    rng = np.random.default_rng(7)
    values = rng.integers(0, 2**63, count, dtype=np.uint64)
    whole = core_seconds(lambda: near_values(values, LIMIT, np.ones(count, np.bool_)))
    one, other = rng.integers(0, count, (2, 1 << 18))
    each = core_seconds(
        lambda: np.flatnonzero(np.bitwise_count(values[one] ^ values[other]) <= LIMIT)
    )
    candidate = each / one.size
    sorts = whole - candidates(count) * candidate
    return sorts / count / comb(LIMIT + 2, 2), candidate


def measured_product(rows: int = 4096) -> float:
    """Core seconds for one multiplication and addition of a product of matrices."""
    rng = np.random.default_rng(7)
    block = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    return core_seconds(lambda: block @ block.T) / (rows * rows * WIDTH)


def measured_tasks(raw: bytes, count: int) -> float:
    """Core seconds of client and scheduler together for a picture handed out in a parcel."""
    from distributed import LocalCluster

    local: Any = LocalCluster
    with (
        tempfile.TemporaryDirectory() as folder,
        local(
            n_workers=2, threads_per_worker=1, dashboard_address=":0", local_directory=folder,
            silence_logs=50,
        ) as running,
        cluster(running.scheduler_address, Credentials(), sealed=False) as executor,
    ):  # fmt: skip
        few = [[raw + bytes([each]) for each in range(Parcels.MOST)]] * (count // Parcels.MOST)
        return core_seconds(lambda: list(in_order(executor, len, few, ahead=4))) / count


def main() -> None:
    """Measures, computes, prints."""
    parser = argparse.ArgumentParser()
    usual = Inputs()
    parser.add_argument("--pictures", type=int, default=usual.pictures)
    parser.add_argument("--bytes", type=float, default=usual.size, dest="size")
    parser.add_argument("--cores", type=int, default=usual.cores)
    parser.add_argument("--link", type=float, default=usual.link)
    given = parser.parse_args()
    from fapfav.images.cnn import load_embedder

    raws = [path.read_bytes() for path in islice(sorted(pictures(1000).rglob("*.jpg")), 0, 1000, 5)]
    without, _ = measured_examining(raws, None)
    embed = load_embedder("lite0", Path(".bench") / "models")
    one, answer = measured_examining(raws, embed)
    sort, candidate = measured_hashes(1_000_000)
    inputs = Inputs(given.pictures, given.size, given.cores, given.link)
    inputs = replace(
        inputs, examine=one, answer=answer, task=measured_tasks(raws[0], 400),
        sort=sort, candidate=candidate, product=measured_product(),
    )  # fmt: skip
    show(
        "Rates of one core",
        [
            ("examine a picture without a model", f"{without * 1e3:.1f} ms", ""),
            ("examine a picture with lite0", f"{one * 1e3:.1f} ms", ""),
            ("bytes of a picture of the benchmark", f"{sum(map(len, raws)) / len(raws):,.0f}", ""),
            ("bytes of an answer", f"{answer:,.0f}", ""),
            ("hand one out: client and scheduler", f"{inputs.task * 1e3:.2f} ms", ""),
            ("a hash in one sort", f"{sort * 1e9:.0f} ns", ""),
            ("a candidate", f"{candidate * 1e9:.1f} ns", ""),
            ("products of vectors", f"{1e-9 / inputs.product:.1f} thousand million/s", ""),
        ],
    )
    what = f"{inputs.pictures:,} pictures of {inputs.size:,.0f} bytes, {inputs.cores} cores"
    show(what, [(line, f"{number:,.3g} {unit}", "") for line, number, unit in plan(inputs)])


if __name__ == "__main__":
    main()
