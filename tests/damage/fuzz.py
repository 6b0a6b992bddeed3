"""Feeds a target with bytes for some time: `python -m tests.damage.fuzz TARGET SECONDS`.

With atheris, which `make fuzz` installs beside, it follows what the code does with them; without
it, it changes the seeds at random. A finding is written to the folder `.fuzz` and ends it with 1.
"""

from __future__ import annotations

import importlib
import random
import sys
import time
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
FOUND = Path(".fuzz")


def seeds(target: str) -> list[bytes]:
    """The kept inputs of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / target).glob("*.bin"))]


def changed(raw: bytes, chance: random.Random) -> bytes:
    """Bytes with a few of them changed, taken out, doubled or put in."""
    out = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(out) + 1)
        size = chance.choice((1, 1, 2, 4, 16))
        way = chance.randrange(4)
        if way == 0:
            out[at : at + size] = chance.randbytes(size)
        elif way == 1:
            del out[at : at + size]
        elif way == 2:
            out[at:at] = out[at : at + size * 4]
        else:
            out[at : at + 1] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80", b"NEXT"))
    return bytes(out[: 1 << 16])


def by_chance(name: str, seconds: float) -> int:
    """Changes the seeds at random; returns how many runs there were. A finding is raised."""
    target = importlib.import_module("tests.damage.targets").TARGETS[name]
    chance, known = random.Random(), seeds(name) or [b""]
    ends, runs = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        raw = changed(chance.choice(known), chance)
        try:
            target(raw)
        except Exception:
            FOUND.mkdir(exist_ok=True)
            (FOUND / f"{name}-{abs(hash(raw)):x}.bin").write_bytes(raw)
            raise
        runs += 1
    return runs


def followed(atheris: Any, name: str, seconds: int) -> None:
    """Lets atheris change them; it ends the process itself."""
    with atheris.instrument_imports(include=["fapfav.store"]):
        targets = importlib.import_module("tests.damage.targets")
    (FOUND / name).mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=65536",
        "-rss_limit_mb=2000",
        "-timeout=10",
        "-print_final_stats=1",
        f"-artifact_prefix={FOUND}/{name}-",
        str(FOUND / name),
        str(CORPUS / name),
    ]
    atheris.Setup([sys.argv[0], *options], targets.TARGETS[name])
    atheris.Fuzz()


def main() -> None:
    """One target for so long."""
    name, seconds = sys.argv[1], int(sys.argv[2])
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        print(f"{name}: {by_chance(name, seconds)} runs by chance: there is no atheris")
        return
    followed(atheris, name, seconds)


if __name__ == "__main__":
    main()
