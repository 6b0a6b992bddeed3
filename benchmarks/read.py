"""Reading a folder into an encrypted archive, beside decoding alone and beside imagededup.

    python -m benchmarks.read [--pictures 1000] [--peer 200] [--more 0] [--rounds 2]

The pictures are those of `benchmarks.pictures`. Ours runs as `favorites.py read` does, in a process
of its own, from its start to the last commit; decoding is what the same cores can do with the same
files at all; imagededup runs in `.venv-parity`, if that is there, over the first so many.
`--more N` reads N pictures as well, to see whether memory stays flat. Of several rounds the best
counts, of each alike.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.report import PeakMemory, show

PARITY = Path(".venv-parity/bin/python")


def read(folder: Path, archive: Path, *options: str) -> dict[str, Any]:
    """One read by the real command; its report with `rate` and `peak` of the whole process."""
    command = [
        sys.executable, "-c", "from fapfav.cli.favorites import main; main()", "read", "--json",
        "--local", str(folder), "--output", str(archive), *options,
    ]  # fmt: skip
    environment = {**os.environ, "FAPFAV_PASSWORD": "benchmark", "XDG_STATE_HOME": str(archive)}
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        with PeakMemory(child.pid) as memory:
            assert child.stdout is not None
            out = child.stdout.read()
        child.wait()
    report: dict[str, Any] = json.loads(out)
    report["rate"] = report["saved"] / (time.perf_counter() - began)
    report["peak"] = memory.peak
    return report


def rate_of(folder: Path, count: int, only: str = "") -> float:
    """Pictures a second that imagededup, or decoding alone, does with the first so many files."""
    command = [sys.executable if only else str(PARITY), "-m", "benchmarks.imagededup_peer"]
    more = ["--only", only] if only else []
    done = subprocess.run(
        [*command, str(folder), "--limit", str(count), *more],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(json.loads(done.stdout)["rate_decode" if only else "rate"])


def pictures(count: int) -> Path:
    """The folder of benchmark pictures, made if need be."""
    folder = Path(".bench") / f"pictures-{count}"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.pictures", "--count", str(count), "--to", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def main() -> None:
    """Measures each in turn, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--peer", type=int, default=200)
    parser.add_argument("--more", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    folder = pictures(options.pictures)
    modes = {
        "scaled, Lite0 in 8 bits": (),
        "scaled, no network": ("--model", "off"),
        "exact, Lite0 in 8 bits": ("--preparation", "exact"),
    }
    wanted = {"scaled, Lite0 in 8 bits": "40 %", "scaled, no network": "45 %"}
    decoding: list[float] = []
    imagededup: list[float] = []
    ours: dict[str, list[dict[str, Any]]] = {name: [] for name in modes}
    with tempfile.TemporaryDirectory(dir=".bench") as home:
        few = Path(home) / "few"
        few.mkdir()
        read(few, Path(home) / "warm")  # converts the model once
        for number in range(options.rounds):
            decoding.append(rate_of(folder, options.pictures, "decode"))
            if PARITY.exists():
                imagededup.append(rate_of(folder, options.peer))
            for name, more in modes.items():
                ours[name].append(read(folder, Path(home) / f"{name}-{number}", *more))
        more_done = read(pictures(options.more), Path(home) / "more") if options.more else None
    rows = [("decoding alone, both cores", f"{max(decoding):.0f} pictures/s", "")]
    if imagededup:
        rows.append(("imagededup: four hashes and CNN", f"{max(imagededup):.1f} pictures/s", ""))
    for name, runs in ours.items():
        rate, peak = max(run["rate"] for run in runs), max(run["peak"] for run in runs) / 1e6
        rows.append((name, f"{rate:.0f} pictures/s, {peak:.0f} MB", "under 800 MB"))
        share = f"{100 * rate / max(decoding):.0f} %"
        rows.append((f"{name}: of decoding", share, wanted.get(name, "")))
        if imagededup:
            times = f"{rate / max(imagededup):.1f} times"
            rows.append((f"{name}: of imagededup", times, "8" if name in wanted else ""))
    if more_done:
        figures = f"{more_done['rate']:.0f} pictures/s, {more_done['peak'] / 1e6:.0f} MB"
        rows.append((f"{options.more} pictures, scaled, Lite0", figures, "flat"))
    show(f"Reading {options.pictures} pictures of 1 to 2.5 megapixels, encrypted", rows)


if __name__ == "__main__":
    main()
