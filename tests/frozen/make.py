"""Made the archives of format version 1 that stay here as they are; run once, and kept to be read.

`python -m tests.frozen.make FOLDER` makes `sealed.tar.gz`, `plain.tar.gz` and `expected.json` in a
new folder. Nothing is ever written over those beside this file: they are what a program of any
later version must still read.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fapfav import model
from fapfav.jobs.library import Archive
from fapfav.store import keyring, opening
from fapfav.store.recovery import new_code, show_code
from tests.cli.running import Home
from tests.frozen.telling import told
from tests.reader import reader
from tests.support import CHEAP, encoded, landscape

PASSWORD = "Zwölf Boxkämpfer"  # with letters that have two forms

JUDGED = model.Judged(model.Label.RELATED, 0.0, "", {"a": [1]}, -1)
"""A judgement of another shape than those of today."""


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
    run("process", "remove", "album", "lakes")


def completed(archive: Archive) -> None:
    """Rows of the tables that no command above writes, and embeddings in two frames."""
    one, two = sorted(archive.blobs)[:2]
    failed = model.Failure(9, 2, "gone", "https://pictures.example/7")
    space = model.Space("cnn", "vector", 4, "int8", "m", "p", "12", 1)
    with archive.write("kept for later versions") as tx:
        tx.put(
            model.Config("limits", {"percept": 3, "cnn": [0.5, None, True], "raw": b"\xff\0"}),
            model.User("s", "u", "Ünsal", 1, 2, 3, -4, True),
            model.Album("s", "u", "a", "name", "pictures", 3, "c", 7, 8, 1, False),
            model.Check("s", "u", "a", "i", 9, (model.Sighting(5, 2, "x:y"),)),
            model.Place(
                *("s", "u", "a", "i7", 2**32 - 1, "", model.PlaceState.FAILED, None, one),
                *(2**63, model.Verdict.SKIP, 2**64 - 1, -(2**63), "stamp", b"\xff\0", failed),
            ),
            space,
            model.Pair(*model.pair_of(one, two), {"percept": 3, "cnn": 0.25}, JUDGED),
            model.Fresh(one, 7),
            model.Decision(*model.pair_of(one, two), model.Label.RELATED, 5, 6),
            model.Chosen(one, model.Choice.KEEP, 5, 6),
            model.Tag(300, "bird", 2, "user", ("birds", "Vögel"), (70000, 2**40)),
            model.Tagged(one, "model", (1, 300), (2,), (0.5, 1.0), 9),
            model.Removed(model.Digest(bytes(32)), 1, 2, "user", (("s", "i9"),), bytes(32), one),
            model.Job(2**40, "read", {"user": "Ünsal"}, "done", 8, 9, {"saved": 3}, 12),
            model.Job(2**41, "find", {}, "running", 8),
        )
        tx.add_vectors("cnn", [one, two], *vectors([0.5, 2.0], [[1, -2, 3, -128], [9, 9, 9, 9]]))
    with archive.write("kept for later versions") as tx:
        tx.add_vectors("cnn", [two], *vectors([0.25], [[5, -6, 7, 127]]))
        tx.put(model.Config("after", 1))


def vectors(scales: list[float], rows: list[list[int]]) -> tuple[Any, Any]:
    """Embeddings as they are handed over."""
    return np.array(scales, np.float32), np.array(rows, np.int8)


def made(home: Home, path: Path, password: str | None) -> dict[str, Any]:
    """One archive; gives what is to be found in it for ever."""
    opening.create_archive(path, password, plain=password is None, cost=CHEAP).close()
    commanded(home, path, password)
    code = None
    if password is not None:
        code = new_code()
        with keyring.open_keyring(path, password) as ring:
            slot = ring.recovery(code)
            ring.change(lambda slots: (*slots, slot))
    with opening.open_archive(path, password, kind=Archive) as archive:
        completed(archive)
    found = told(reader.read(path, password))
    return {**found, "password": password, "code": None if code is None else show_code(code)}


def packed(path: Path, target: Path) -> None:
    """An archive as one file, with its empty folders, and nothing of who made it."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return None if member.name.endswith("/lock") else member

    with tarfile.open(target, "x:gz") as tar:
        tar.add(path, "archive", filter=plain)


def main() -> None:
    """Makes both archives and says what is in them."""
    target = Path(sys.argv[1])
    target.mkdir()
    expected = {}
    with tempfile.TemporaryDirectory() as top:
        for name, password in (("plain", None), ("sealed", PASSWORD)):
            home = Home(Path(top) / name)
            home.path.mkdir()
            pictures(home.path / "pictures")
            expected[name] = made(home, home.path / "archive", password)
            packed(home.path / "archive", target / f"{name}.tar.gz")
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (target / "expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
