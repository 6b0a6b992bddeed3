"""A read killed by SIGKILL at any moment loses nothing that was committed, and goes on."""

from __future__ import annotations

import hashlib
import random
import signal
from pathlib import Path

from fapfav.jobs.library import open_archive
from fapfav.model import PlaceState
from fapfav.practice.site import Account, PracticeSite
from tests import warm
from tests.jobs.sites import ALICE, listings, photos, shelf
from tests.support import PASSWORD, album, new_archive

PICTURES = 150
MOMENTS = 50


def run(archive: Path, folder: Path | str, kill: int) -> tuple[int, str]:
    """How it ended, and what it wrote."""
    words = ["-m", "tests.jobs.killed_read", str(archive), str(folder), str(kill)]
    code, out, err = warm.run(words)
    return code, (out + err).decode()


def committed(path: Path) -> set[bytes]:
    """The pictures an archive has, each read whole and checked."""
    with open_archive(path, PASSWORD) as archive:
        for digest, blob in archive.blobs.items():
            assert hashlib.sha256(archive.blob_bytes(digest)).digest() == digest
            assert not blob.thumb_size or archive.thumbnail(digest)
        for place in archive.places.records():
            assert place.state is PlaceState.WANTED or place.holds in archive.blobs
        return set(archive.blobs)


def test_fifty_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    made = album(tmp_path / "pictures", PICTURES)
    new_archive(tmp_path / "whole").close()
    code, said = run(tmp_path / "whole", tmp_path / "pictures", 0)
    assert code == 0, said
    touches = int(said.split()[0])
    assert touches > 5 * PICTURES
    moments = random.Random(20).choices(range(1, touches // 3), k=MOMENTS)
    new_archive(tmp_path / "killed").close()
    before: set[bytes] = set()
    finished = 0

    for number, moment in enumerate(moments):
        code, said = run(tmp_path / "killed", tmp_path / "pictures", moment)
        if code == 0:  # nothing was left to do: begin a new one
            finished += 1
            before = set()
            new_archive(tmp_path / f"killed-{number}").close()
            (tmp_path / "killed").rename(tmp_path / f"finished-{number}")
            (tmp_path / f"killed-{number}").rename(tmp_path / "killed")
            continue
        assert code == -signal.SIGKILL, said
        now = committed(tmp_path / "killed")
        assert before <= now
        before = now

    code, said = run(tmp_path / "killed", tmp_path / "pictures", 0)
    assert code == 0, said
    assert committed(tmp_path / "killed") == {hashlib.sha256(raw).digest() for raw in made}
    assert finished < MOMENTS / 2


def test_a_site_read_killed_at_random_moments_asks_for_nothing_committed(tmp_path: Path) -> None:
    numbers = range(40)
    account = Account(ALICE, "Alice", (shelf("1", "A", numbers), shelf("2", "B", numbers[:5])))
    new_archive(tmp_path / "archive").close()
    moments = random.Random(3)
    killed = kept = 0

    with PracticeSite([account], page_size=6) as site:
        for moment in (*(moments.randrange(20, 120) for _ in range(12)), 0):  # the last one lives
            with open_archive(tmp_path / "archive", PASSWORD) as archive:
                has = {place.image for place in archive.places.records() if place.holds}
                listed = {a.album for a in archive.albums.records() if a.date_listed}
            site.forget()
            code, said = run(tmp_path / "archive", site.url, moment)
            assert code in (0, -signal.SIGKILL), said
            assert has.isdisjoint(photos(site)), "a picture that was committed"
            assert not any(listings(site, album) for album in listed), "a folder that was listed"
            committed(tmp_path / "archive")
            killed += code != 0
            kept += bool(has) and code != 0
        assert code == 0

    assert killed > 3
    assert kept > 1
    assert len(committed(tmp_path / "archive")) == len(numbers)
