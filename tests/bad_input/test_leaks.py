"""What a thief of the disk can find of an encrypted archive: no name, no digest, no byte of a
picture, in the archive, in the user's home or among temporary files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest
import zstandard

from fapfav.cli.passwords import Passwords
from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock
from tests.bad_input.trouble import (
    OFF,
    ended,
    in_place,
    kept,
    opened,
    secret,
    started,
    until_it_waits,
)
from tests.cli.running import Home, Ran
from tests.support import PASSWORD, encoded, landscape

USER, ALBUM, PICTURE, TAG = "canarybird-u", "canarybird-a", "canarybird-p", "canarybird-t"
WINDOW = 16


class Watched:
    """A home, pictures with names to look out for, and everything that is written meanwhile."""

    def __init__(self, top: Path, password: str | None) -> None:
        self.home = Home(top / "home")
        self.temporary = top / "temporary"
        self.archive = top / "archive"
        self.pictures = top / USER / ALBUM
        for folder in (self.home.path, self.temporary, self.pictures):
            folder.mkdir(parents=True)
        self.raw = [encoded(landscape(n, 160, 120), "JPEG", quality=92) for n in range(4)]
        self.raw.append(encoded(landscape(9, 120, 160)))
        for number, raw in enumerate(self.raw):
            (self.pictures / f"{PICTURE}{number}.jpg").write_bytes(raw)
        (self.pictures / f"{PICTURE}-broken.jpg").write_bytes(b"canarybird-c in a broken picture")
        self._clean: set[tuple[int, bytes]] = set()  # what was looked through before
        self.password = (
            ("--no-password",)
            if password is None
            else ("--password-file", str(secret(top, password)))
        )

    def run(self, script: str, *arguments: object) -> Ran:
        """Runs a command, whose temporary files are watched."""
        return self.home.run(
            script,
            *arguments,
            "-d",
            self.archive,
            *(self.password if script == "favorites" or "--no-" not in self.password[0] else ()),
            TMPDIR=str(self.temporary),
        )

    def read(self) -> Ran:
        """Reads the pictures."""
        return self.run("favorites", "read", "-l", self.pictures.parent, *OFF)

    def written(self) -> dict[Path, bytes]:
        """Every file that the commands made, and its bytes."""
        tops = (self.archive, self.home.path, self.temporary)
        return {
            path: path.read_bytes() for top in tops for path in top.rglob("*") if path.is_file()
        }

    def found(self) -> set[str]:
        """What of the pictures can be found in any file or file's name."""
        words = {
            "name": [b"canarybird", b"CANARYBIRD", "canarybird".encode("utf-16-le")],
            "password": [PASSWORD.encode()],
            "digest": [form for raw in self.raw for form in forms(hashlib.sha256(raw).digest())],
            "md5": [form for raw in self.raw for form in forms(hashlib.md5(raw).digest())],
        }
        windows = {raw[at : at + WINDOW] for raw in self.raw for at in range(len(raw) - WINDOW)}
        written = self.written()
        lengths = {len(raw) for path, raw in written.items() if path.parent.name == "blobs"}
        # One alone may be that of another picture's padded file.
        found = {"size"} if lengths >= {len(raw) for raw in self.raw} else set()
        for path, raw in written.items():
            name = os.fsencode(path.relative_to(self.archive.parent))
            text = b"\n".join((name, raw, *unpacked(raw)))
            if (len(windows), text) in self._clean:
                continue
            here = {kind for kind, sought in words.items() if any(w in text for w in sought)}
            if not windows.isdisjoint(windows_of(raw)):
                here.add("picture")
            found |= here
            if not here:
                self._clean.add((len(windows), text))
        return found


def unpacked(raw: bytes) -> Iterable[bytes]:
    """What is merely compressed in these bytes, and not encrypted."""
    at = raw.find(zstandard.MAGIC_NUMBER.to_bytes(4, "little"))
    while at >= 0:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(raw[at:])
        at = raw.find(zstandard.MAGIC_NUMBER.to_bytes(4, "little"), at + 1)


def forms(digest: bytes) -> Iterable[bytes]:
    """A digest as it might be written; the first half of it is enough to tell."""
    half = digest[: len(digest) // 2]
    return half, half.hex().encode(), half.hex().upper().encode(), half[::-1]


def windows_of(raw: bytes) -> Iterable[bytes]:
    """Every run of so many bytes."""
    return (raw[at : at + WINDOW] for at in range(len(raw) - WINDOW + 1))


@pytest.fixture
def sealed_home(tmp_path: Path) -> Watched:
    """Commands with an encrypted archive."""
    return Watched(tmp_path, PASSWORD)


def test_an_encrypted_archive_shows_nothing_whatever_is_done_with_it(sealed_home: Watched) -> None:
    watched = sealed_home
    steps = [
        ("process", "tag", "add", TAG),
        ("process", "tag", "apply", TAG, "--album", f"{USER}/{ALBUM}"),
        ("process", "print", "--json", "--blobs"),
        ("process", "duplicates", "find"),
        ("process", "undo"),
        ("process", "remove", "album", f"{USER}/{ALBUM}"),
        ("process", "compact"),
        ("process", "undo", "1"),
        ("process", "trash", "empty"),
    ]

    read = watched.read()
    assert read.code == 1, read.err
    assert "canarybird-p-broken.jpg" in read.out
    assert len(kept(watched.archive, PASSWORD)) == len(watched.raw)
    assert watched.found() == set()
    for step in steps:
        done = watched.run(*step)
        assert done.code in (0, 1, 2), (step, done.err)
        assert "Traceback" not in done.err
        assert watched.found() == set(), step

    assert list(watched.temporary.iterdir()) == []
    assert set(os.listdir(watched.archive)) == {
        *("imagefap.database", "lock", "blobs", "thumbs", "trash", "quarantine")
    }


def test_the_same_search_finds_all_of_it_in_an_archive_that_is_not_encrypted(
    tmp_path: Path,
) -> None:
    watched = Watched(tmp_path, None)

    read = watched.read()

    assert read.code == 1, read.err
    assert watched.found() >= {"name", "digest", "md5", "picture", "size"}


def test_a_read_that_is_killed_leaves_nothing_to_be_found(sealed_home: Watched) -> None:
    watched = sealed_home
    assert watched.read().code == 1
    for number in range(150):  # more than one batch: some stay beside their names
        raw = encoded(landscape(number + 100, 48, 32), "JPEG")
        (watched.pictures / f"{PICTURE}-more{number}.jpg").write_bytes(raw)
        watched.raw.append(raw)
    given = ("read", "-l", watched.pictures.parent, *OFF, *watched.password)
    before = in_place(watched.archive)
    with ArchiveLock(Folder(watched.archive)).hold("read"):
        reading = started(
            watched.home, "favorites", *given, "-d", watched.archive, TMPDIR=str(watched.temporary)
        )
        until_it_waits(watched.archive, before)
        reading.send_signal(signal.SIGKILL)
        reading.wait()
    ended(reading)

    assert list((watched.archive / "blobs").glob("*.new-*"))
    assert watched.found() == set()


def test_the_lock_names_a_process_a_time_and_a_verb_and_no_more(sealed_home: Watched) -> None:
    assert sealed_home.read().code == 1

    words = (sealed_home.archive / "lock").read_text(encoding="ascii").split()

    assert words[0].isdecimal()
    assert words[1].isdecimal()
    assert words[2:] in (["read"], ["compact"])


def test_nothing_that_is_printed_by_mistake_shows_a_key_or_a_password(sealed: Path) -> None:
    with opened(sealed, PASSWORD) as archive:
        keys = archive._keys
        assert keys is not None
        said = repr([archive, keys, archive.files, archive._database, Passwords(None, PASSWORD)])
        inner = [getattr(keys, name) for name in dir(keys) if not name.startswith("__")]
        secrets = [value for value in inner if isinstance(value, bytes) and len(value) >= 32]

    assert PASSWORD not in said
    assert all(key.hex() not in said and repr(key)[2:-1] not in said for key in secrets)
