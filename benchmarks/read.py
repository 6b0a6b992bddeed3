"""Reading a folder into an encrypted archive, beside decoding alone and beside imagededup.

    python -m benchmarks.read [--pictures 1000] [--peer 200] [--more 0]

The pictures are those of `benchmarks.pictures`. Ours runs as `favorites.py read` does, in a process
of its own, from its start to the last commit; decoding is what the same cores can do with the same
files at all; imagededup runs in `.venv-parity`, if that is there, over the first so many.
`--more N` reads N pictures as well, to see whether memory stays flat.
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
    """One read by the real command; its report with `seconds` and `peak` of the whole process."""
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
    report["whole"] = time.perf_counter() - began
    report["peak"] = memory.peak
    return report


def peer(folder: Path, count: int, only: str | None = None) -> dict[str, Any] | None:
    """What imagededup, or decoding alone, does with the files; None without its environment."""
    python = sys.executable if only else str(PARITY)
    if not only and not PARITY.exists():
        return None
    command = [python, "-m", "benchmarks.imagededup_peer", str(folder), "--limit", str(count)]
    done = subprocess.run(
        [*command, *(("--only", only) if only else ())], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


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
    options = parser.parse_args()
    folder = pictures(options.pictures)
    modes = {
        "scaled, Lite0 in 8 bits": (),
        "scaled, no network": ("--model", "off"),
        "exact, Lite0 in 8 bits": ("--preparation", "exact"),
    }
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(dir=".bench") as home:
        read(folder / "none", Path(home) / "warm")  # converts the model once
        decoding = peer(folder, options.pictures, "decode")
        assert decoding is not None
        decode_rate = float(decoding["decode"]["rate"])
        rows.append(("decoding alone, both cores", f"{decode_rate:.0f} pictures/s", ""))
        theirs = peer(folder, options.peer)
        if theirs is not None:
            rate = float(theirs["rate"])
            rows.append(("imagededup: four hashes and CNN", f"{rate:.1f} pictures/s", ""))
        wanted = {"scaled, Lite0 in 8 bits": "40 %", "scaled, no network": "45 %"}
        for name, more in modes.items():
            done = read(folder, Path(home) / name.replace(" ", "-"), *more)
            rate = done["saved"] / done["whole"]
            peak = done["peak"] / 2**20
            rows.append((name, f"{rate:.0f} pictures/s, {peak:.0f} MiB", "under 800 MB"))
            share = f"{100 * rate / decode_rate:.0f} %"
            rows.append((f"{name}: of decoding", share, wanted.get(name, "")))
            if theirs is not None:
                times = f"{rate / float(theirs['rate']):.1f} times"
                rows.append((f"{name}: of imagededup", times, "8" if name in wanted else ""))
        if options.more:
            done = read(pictures(options.more), Path(home) / "more")
            rate, peak = done["saved"] / done["whole"], done["peak"] / 2**20
            rows.append((f"{options.more} pictures", f"{rate:.0f} /s, {peak:.0f} MiB", "flat"))
    show(f"Reading {options.pictures} pictures of 1 to 2.5 megapixels, encrypted", rows)


if __name__ == "__main__":
    main()
