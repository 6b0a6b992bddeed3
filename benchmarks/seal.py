"""Sealing pictures with a sync per batch, and reading one at random.

    python -m benchmarks.seal [--megabytes 400]

Peers in the same run: Borg (Debian's `borgbackup`, if it is installed), writing the same files into
an encrypted repository without compression; and binary Fernet, which is Fernet without its base 64.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import random
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.report import median, percentile, show, timed
from fapfav.model import Digest
from fapfav.store import opening
from fapfav.store.blobs import Kind
from fapfav.store.folder import Staged
from fapfav.store.slots import Cost

CHEAP = Cost(1, 32, 4)
SIZE = 300_000
BATCH = 64
ROUNDS = 3  # of which the best counts, of each alike


def seal(folder: Path, pictures: list[bytes], digests: list[Digest]) -> float:
    """Seconds to have all of them sealed and durable, with as many threads as a read has."""
    archive = opening.create_archive(folder / "archive", "benchmark", cost=CHEAP)

    def stage(digest: Digest, raw: bytes) -> Staged:
        return archive.files.stage(Kind.BLOB, digest, "jpg", raw)

    def work() -> None:
        with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
            staged = pool.map(stage, digests, pictures)  # goes on while a batch is published
            while batch := list(islice(staged, BATCH)):
                archive.files.publish(batch)

    return timed(work)


def read_one(folder: Path, digests: list[Digest]) -> list[float]:
    """Seconds of reading single blobs in random order."""
    archive = opening.open_archive(folder / "archive", "benchmark")
    order = random.Random(1).sample(digests, min(500, len(digests)))
    return [
        timed(lambda d=digest: archive.files.read(Kind.BLOB, d, "jpg", SIZE))  # type: ignore[misc]
        for digest in order
    ]


def fernet(folder: Path, pictures: list[bytes]) -> float:
    """Seconds of the same with binary Fernet, one file a picture, a sync per batch."""
    box = Fernet(Fernet.generate_key())
    folder = folder / "fernet"
    folder.mkdir()

    def work() -> None:
        for number, raw in enumerate(pictures):
            sealed = base64.urlsafe_b64decode(box.encrypt(raw))
            (folder / hashlib.sha256(raw).hexdigest()).write_bytes(sealed)
            if number % BATCH == BATCH - 1:
                os.sync()
        os.sync()

    return timed(work)


def borg(folder: Path, source: Path) -> float | None:
    """Seconds of `borg create` on the same files, None without Borg."""
    if shutil.which("borg") is None:
        return None
    repository = str(folder / "borg")
    environment = {
        **os.environ,
        "BORG_PASSPHRASE": "benchmark",
        "BORG_BASE_DIR": str(folder / "borg-home"),
    }
    subprocess.run(
        ["borg", "init", "--encryption=repokey-blake2", repository], check=True, env=environment
    )
    command = ["borg", "create", "--compression=none", f"{repository}::one", str(source)]
    return timed(lambda: subprocess.run(command, check=True, env=environment))


def main() -> None:
    """Makes the files, measures, prints."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=400)
    count = parser.parse_args().megabytes * 1_000_000 // SIZE
    pictures = [os.urandom(SIZE) for _ in range(count)]
    digests = [Digest(hashlib.sha256(raw).digest()) for raw in pictures]
    megabytes = count * SIZE / 1e6
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        source = folder / "source"
        source.mkdir()
        for digest, raw in zip(digests, pictures, strict=True):
            (source / digest.hex()).write_bytes(raw)
        rounds = [folder / str(number) for number in range(ROUNDS)]
        for one in rounds:
            one.mkdir()
        ours = megabytes / min(seal(one, pictures, digests) for one in rounds)
        reads = read_one(rounds[0], digests)
        plain = megabytes / min(fernet(one, pictures) for one in rounds)
        seconds = min((borg(one, source) or 0.0) for one in rounds)
    rows = [
        ("sealing with a sync per batch", f"{ours:.0f} MB/s", ""),
        ("binary Fernet", f"{plain:.0f} MB/s", ""),
        ("ours / Fernet", f"{ours / plain:.2f}", "at least 2"),
    ]
    if not seconds:
        rows.append(("Borg", "not installed (`borgbackup`)", ""))
    else:
        theirs = megabytes / seconds
        rows += [
            ("Borg", f"{theirs:.0f} MB/s", ""),
            ("ours / Borg", f"{ours / theirs:.2f}", "at least 1.5"),
        ]
    rows += [
        ("reading one random blob of 0.3 MB, median", f"{1e3 * median(reads):.2f} ms", "under 0.5"),
        ("the same, p99", f"{1e3 * percentile(reads, 99):.2f} ms", ""),
    ]
    show("Sealing and reading files", rows)


if __name__ == "__main__":
    main()
