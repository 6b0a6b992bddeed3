"""Made the archives of format version 1 that stay here as they are; run once, and kept to be read.

`python -m tests.frozen.make FOLDER` makes `sealed.tar.gz`, `plain.tar.gz` and `expected.json` in a
new folder. Nothing is ever written over those beside this file: they are what a program of any
later version must still read.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

from fapfav.jobs.library import Archive
from fapfav.store import opening
from fapfav.store.keyring import KeyRing
from fapfav.store.recovery import new_code, show_code
from tests.cli.running import Home
from tests.frozen.telling import told
from tests.reader import reader
from tests.store.archives import add_vectors
from tests.store.tables_filled import everything
from tests.support import CHEAP, encoded, landscape

PASSWORD = "Zwölf Boxkämpfer"  # with letters that have two forms


def pictures(top: Path) -> None:
    """Seven drawn pictures in two albums: two alike, one in both."""
    for name, seed, kind, options in (
        ("hills/a", 1, "JPEG", {"quality": 80}),
        ("hills/b", 1, "JPEG", {"quality": 40}),
        ("hills/c", 2, "PNG", {}),
        ("hills/d", 3, "WEBP", {}),
        ("lakes/e", 4, "GIF", {}),
        ("lakes/f", 1, "JPEG", {"quality": 80}),
        ("lakes/g", 5, "BMP", {}),
    ):
        path = top / f"{name}.{kind.lower().replace('jpeg', 'jpg')}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(landscape(seed, 48, 32), kind, **options))


def commanded(home: Home, archive: Path, password: str | None) -> None:
    """What a person does with an archive, in the words of the commands."""
    secret: tuple[object, ...] = ()
    if password is not None:
        file = home.path / "password"
        file.write_text(password, encoding="utf-8")
        file.chmod(0o600)
        secret = ("--password-file", file)

    def run(script: str, *words: object) -> None:
        done = home.run(script, *words, "-d", archive, *secret)
        assert done.code == 0, (words, done.err)

    run("favorites", "read", "-l", home.path / "pictures" / "hills", "--model", "off")
    run("process", "tag", "add", "Hills")
    run("process", "tag", "add", "Grün")
    run("process", "tag", "apply", "Hills", "--album", "hills")
    run("process", "compact")
    run("favorites", "read", "-l", home.path / "pictures" / "lakes", "--model", "off")
    run("process", "tag", "apply", "Grün", "--album", "lakes")
    run("process", "undo")
    run("process", "remove", "album", "lakes", "--yes")


def completed(archive: Archive) -> None:
    """Rows of the tables that no command above writes, and embeddings in two frames."""
    with archive.write("kept for later versions") as tx:
        tx.put(*everything(*sorted(archive.blobs)[:2]))
        add_vectors(tx, {1: (1, -2, 3, -128)})
    with archive.write("kept for later versions") as tx:
        first = sorted(archive.blobs)[0]
        tx.add_vectors("cnn", [first], *_vector())


def _vector() -> Any:
    import numpy as np

    return np.array([0.25], np.float32), np.array([[5, -6, 7, 127]], np.int8)
