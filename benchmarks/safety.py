"""A new password, looking through an archive, and copying it.

    python -m benchmarks.safety [--megabytes 400] [--pictures 100000]

Peers in the same run: `sha256sum` of the same files, which is the least that looking at every byte
can take; `cp -a`, and `rsync -a` if it is installed, for a first backup and one with nothing new.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.large import CHEAP, NOW, PASSWORD
from benchmarks.report import show, timed
from fapfav import model
from fapfav.jobs import keys
from fapfav.jobs.backup import backup
from fapfav.jobs.library import Archive
from fapfav.jobs.verify import verify
from fapfav.model import Digest
from fapfav.store import opening
from fapfav.store.blobs import Kind
from fapfav.store.slots import DEFAULT_COST

SIZE = 300_000
BATCH = 64
ROUNDS = 3  # of which the best counts, of each alike


def row(digest: Digest, size: int) -> model.Blob:
    """A picture's facts; it has no thumbnail."""
    return model.Blob(
        *(digest, size, "jpg", 1000, 750, False, 1, 0, 1, 90),
        *(hashlib.md5(digest).digest(), 0, "", NOW, NOW),
    )


def make(path: Path, megabytes: int) -> None:
    """An archive of random pictures, each at no place."""
    with opening.create_archive(path, PASSWORD, cost=CHEAP, kind=Archive) as archive:
        count = megabytes * 1_000_000 // SIZE
        for start in range(0, count, BATCH):
            pictures = [os.urandom(SIZE) for _ in range(min(BATCH, count - start))]
            digests = [Digest(hashlib.sha256(raw).digest()) for raw in pictures]
            archive.files.publish(
                archive.files.stage(Kind.BLOB, digest, "jpg", raw)
                for digest, raw in zip(digests, pictures, strict=True)
            )
            with archive.write("read") as tx:
                tx.put(*(row(digest, SIZE) for digest in digests))


def change_password(folder: Path, pictures: int) -> tuple[float, float]:
    """Seconds to open an archive with a password of full cost, and to change that password."""
    rng = random.Random(1)
    with opening.create_archive(folder / "many", PASSWORD, kind=Archive) as archive:
        with archive.write("read") as tx:
            tx.put(*(row(Digest(rng.randbytes(32)), SIZE) for _ in range(pictures)))
        archive.compact()

    def change() -> None:
        with keys.open_keys(folder / "many", PASSWORD) as ring:
            keys.key_change(ring, PASSWORD + "2", cost=DEFAULT_COST)

    opened = timed(lambda: opening.open_archive(folder / "many", PASSWORD).close())
    return opened, timed(change)


def look(path: Path, *, fast: bool = False) -> float:
    """Seconds of `verify`."""
    with opening.open_archive(path, PASSWORD, kind=Archive) as archive:
        return timed(lambda: verify(archive, fast=fast))


def sums(path: Path) -> float:
    """Seconds of `sha256sum` over every picture's file, as many at once as there are cores."""
    find = ["find", str(path / "blobs"), "-type", "f", "-print0"]
    names = subprocess.run(find, check=True, capture_output=True).stdout
    each = ["xargs", "-0", "-n", "50", "-P", str(os.cpu_count() or 1), "sha256sum"]
    return timed(lambda: subprocess.run(each, input=names, check=True, stdout=subprocess.DEVNULL))


def copied(command: Sequence[str], path: Path, to: Path) -> tuple[float, float] | None:
    """Seconds of a first and a second copy by a program, each synced; None without the program."""
    if shutil.which(command[0]) is None:
        return None

    def work() -> None:
        subprocess.run([*command, f"{path}/.", str(to)], check=True)
        os.sync()

    to.mkdir()
    return timed(work), timed(work)


def backed_up(path: Path, to: Path) -> tuple[float, float]:
    """Seconds of a first backup, and of a second with nothing new."""
    return timed(lambda: backup(path, to)), timed(lambda: backup(path, to))


def main() -> None:
    """Makes the archives, measures, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--pictures", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        opened, changed = change_password(folder, asked.pictures)
        path = folder / "archive"
        make(path, asked.megabytes)
        whole = min(look(path) for _ in range(ROUNDS))
        fast = min(look(path, fast=True) for _ in range(ROUNDS))
        summed = min(sums(path) for _ in range(ROUNDS))
        ours = backed_up(path, folder / "backup")
        others = {
            command[0]: copied(command, path, folder / command[0])
            for command in (("cp", "-a"), ("rsync", "-a"))
        }
    rows = [
        (f"open {asked.pictures:,} pictures with a password", f"{opened:.2f} s", ""),
        ("change its password, opening it among that", f"{changed:.2f} s", "under 2 s"),
        ("`verify`", f"{asked.megabytes / whole:.0f} MB/s", ""),
        ("`sha256sum` of the same files", f"{asked.megabytes / summed:.0f} MB/s", ""),
        ("`sha256sum` / `verify`, seconds", f"{summed / whole:.2f}", ""),
        ("`verify --fast`", f"{fast:.2f} s", ""),
        ("first backup", f"{asked.megabytes / ours[0]:.0f} MB/s", ""),
        ("backup with nothing new", f"{ours[1]:.2f} s", ""),
    ]
    for program, seconds in others.items():
        if seconds is None:
            rows.append((f"`{program}`", "not installed", ""))
            continue
        first, again = seconds
        rows += [
            (f"`{program}` and a sync, first", f"{asked.megabytes / first:.0f} MB/s", ""),
            (f"`{program}` / backup, seconds of the first", f"{first / ours[0]:.2f}", ""),
            (f"`{program}`, nothing new", f"{again:.2f} s", ""),
        ]
    show("Keys, verify and backup", rows)


if __name__ == "__main__":
    main()
