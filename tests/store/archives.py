"""Archives for tests of the store: cheap keys, made-up pictures, and whole tables to compare."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fapfav.model import Album, Blob, Digest, Place, PlaceState, Space, Trashed, User
from fapfav.store.archive import Archive
from fapfav.store.blobs import Kind
from fapfav.store.opening import create_archive, open_archive
from fapfav.store.slots import Cost
from fapfav.store.tables import TABLES
from fapfav.store.transaction import Transaction

COST = Cost(1, 8, 1)
PASSWORD = "a secret"
SPACE = Space("cnn", "vector", 4, "int8", "m", "p", "12", 1)
ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
"""Seconds for a child to end by itself: it takes one, and many on a busy computer."""


def make(path: Path, sealed: bool = False) -> Archive:
    """A new archive."""
    return create_archive(path, PASSWORD if sealed else None, plain=not sealed, cost=COST)


def reopened(path: Path, sealed: bool = False) -> Archive:
    """The archive as another process finds it."""
    return open_archive(path, PASSWORD if sealed else None)


def picture(number: int, size: int = 300) -> bytes:
    """Bytes that stand for a picture."""
    return (b"picture %d " % number * size)[:size]


def digest(number: int, size: int = 300) -> Digest:
    """Its digest."""
    return Digest(hashlib.sha256(picture(number, size)).digest())


def blob(number: int, size: int = 300, thumb: bool = False) -> Blob:
    """Its row."""
    return Blob(
        digest(number, size),
        size,
        "jpg",
        *(20, 15, False, 1, 0, 1, 80),
        hashlib.md5(picture(number, size), usedforsecurity=False).digest(),
        300 if thumb else 0,
        "webp" if thumb else "",
        *(5, 6),
    )


def place(number: int, album: str = "a", held: bool = True) -> Place:
    """A place that holds it."""
    holds = digest(number) if held else None
    return Place("s", "u", album, f"i{number}", number, f"{number}.jpg", PlaceState.STORED, holds)


def add_files(archive: Archive, *numbers: int, size: int = 300, thumb: bool = False) -> None:
    """Writes the files of pictures."""
    files = archive.files
    staged = [
        files.stage(Kind.BLOB, digest(number, size), "jpg", picture(number, size))
        for number in numbers
    ]
    if thumb:
        staged += [
            files.stage(Kind.THUMB, digest(number, size), "webp", picture(number + 1000))
            for number in numbers
        ]
    files.publish(staged)


def add_pictures(archive: Archive, *numbers: int, thumb: bool = False) -> int:
    """Adds pictures with their places, as a read does; returns the change's number."""
    add_files(archive, *numbers, thumb=thumb)
    with archive.write("read") as tx:
        tx.put(User("s", "u", "n"), Album("s", "u", "a", "n"))
        for number in numbers:
            tx.put(blob(number, thumb=thumb), place(number))
    return tx.number


def delete(tx: Transaction, *numbers: int) -> None:
    """Puts pictures into the trash."""
    for number in numbers:
        row = tx.blobs[digest(number)]
        tx.put(
            Trashed(row.digest, tx.now, tx.number, row.size, "jpg", row.thumb_size, row.thumb_ext)
        )
        tx.delete("blobs", row.digest)


def add_vectors(tx: Transaction, values: dict[int, Sequence[int]]) -> None:
    """Embeddings of pictures, with a scale of half the picture's number."""
    tx.put(SPACE)
    tx.add_vectors(
        "cnn",
        [digest(number) for number in values],
        np.array([number / 2 for number in values], np.float32),
        np.array(list(values.values()), np.int8),
    )


def tables(archive: Archive, *without: str) -> dict[str, Any]:
    """All rows in memory, as they could be compared with later."""
    return {name: dict(archive.rows_of(name)) for name in TABLES if name not in without}


def database(path: Path) -> Path:
    """The database file."""
    return path / "imagefap.database"


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Python code in a process of its own, with this module's names; `argv[1:]` are `arguments`."""
    head = "import sys\nfrom pathlib import Path\nfrom tests.store.archives import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
