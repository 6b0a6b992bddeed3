"""Searches for duplicates, ours and others', each in a process of its own.

    python -m benchmarks.duplicates [--only PART] [--long] [--rounds 2] [--quick]

Hashes and embeddings, all against all and a hundred new ones against a million; beside them faiss
and imagededup at the size they can, if `.venv-parity` has them. `--long` adds the million
embeddings. Real embeddings are made once, which takes some twenty minutes. Of several rounds the
best counts. Where other work shares the cores, processor time tells more than wall time does.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import duplicates_vectors as vectors
from benchmarks.duplicates_peers import PEERS
from benchmarks.duplicates_searches import EMBEDDINGS, SEARCHES, Measure
from benchmarks.read import PARITY
from benchmarks.report import show

_LONG_SECONDS = 20  # what takes longer is not repeated


def measure(python: str, module: str, name: str, quick: bool) -> dict[str, Any] | None:
    """The figures of one search in a process of its own; None when it fails."""
    command = [python, "-m", f"benchmarks.{module}", name, *(["--quick"] if quick else [])]
    # Threads are ours; those of the matrix product would wait for cores, spinning.
    environment = dict(os.environ)
    if module == "duplicates_searches":
        environment["OPENBLAS_NUM_THREADS"] = "1"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        print(f"{name}: {lines[-1] if lines else 'failed'}", file=sys.stderr)
        return None
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def best(python: str, module: str, name: str, rounds: int, quick: bool) -> dict[str, Any] | None:
    """The round that took least wall time, with the least processor time of all."""
    runs: list[dict[str, Any]] = []
    for _ in range(rounds):
        done = measure(python, module, name, quick)
        if done is None:
            break
        runs.append(done)
        if done["wall"] > _LONG_SECONDS:
            break
    if not runs:
        return None
    least = min(run["processor"] for run in runs)
    return min(runs, key=lambda run: float(run["wall"])) | {"processor": least}


def row(what: str, run: dict[str, Any] | None, wanted: str) -> tuple[str, str, str]:
    """A row of the table."""
    if run is None:
        return what, "failed", wanted
    return (
        what,
        f"{run['wall']:.2f} s, processor {run['processor']:.2f} s, {run['megabytes']:.0f} MB; "
        f"{run['found']:,} found",
        wanted,
    )


def wanted(each: Measure) -> str:
    """What is asked of a search, in words."""
    parts = [f"{each.seconds:g} s"] if each.seconds else []
    return ", ".join(parts + ([f"{each.megabytes:g} MB"] if each.megabytes else []))


def searches(only: str, options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Ours, one after the other."""
    for name, each in SEARCHES.items():
        if only not in name or (each.long and not options.long):
            continue
        print(each.what, file=sys.stderr, flush=True)
        rounds = 1 if options.quick else options.rounds
        run = best(sys.executable, "duplicates_searches", name, rounds, options.quick)
        yield row(each.what, run, wanted(each))


def peers(only: str, options: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Theirs."""
    for name, (what, _) in PEERS.items():
        if only in name and PARITY.exists():
            print(what, file=sys.stderr, flush=True)
            rounds = 1 if options.quick else options.rounds
            run = best(str(PARITY), "duplicates_peers", name, rounds, options.quick)
            yield row(what, run, "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates")
    parser.add_argument("--only", default="", help="searches whose name has this in it")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="two hundred times smaller")
    options = parser.parse_args(arguments)
    if not options.quick and any(options.only in name for name in EMBEDDINGS):
        for total in vectors.make(vectors.WANTED, vectors.CACHE, vectors.PACKAGES):
            print(f"\r{total:,} embeddings made", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    rows = [*searches(options.only, options), *peers(options.only, options)]
    load = os.getloadavg()
    show(f"Searching for duplicates; load {load[0]:.1f}, {load[1]:.1f}, {load[2]:.1f}", rows)


if __name__ == "__main__":
    main()
