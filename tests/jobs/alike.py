"""Archives of made-up rows in which every set is known: who is alike, how alike, and where."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fapfav.jobs.library import HASHES_SPACE, Archive
from fapfav.model import (
    HASHES,
    Album,
    Blob,
    Check,
    Config,
    Digest,
    Place,
    PlaceKey,
    PlaceState,
    Print,
    Sighting,
    Space,
    Tag,
    Tagged,
    User,
)
from tests.store.archives import tables
from tests.support import new_archive

SPACE = f"{HASHES_SPACE}scaled/1"
SITE, USER = "imagefap", "7"


def digest(number: int) -> Digest:
    """What a picture is known by."""
    return Digest(hashlib.sha256(b"picture %d" % number).digest())


def hashes(kind: int, flips: Sequence[int] = ()) -> bytes:
    """Four hashes of a kind of picture; each with so many bits turned over."""
    rng = random.Random(kind)
    each = [rng.getrandbits(64) for _ in HASHES]
    turned = [*flips, 0, 0, 0, 0][:4]
    return b"".join(
        (value ^ (1 << count) - 1).to_bytes(8) for value, count in zip(each, turned, strict=True)
    )


def place_key(number: int, album: str = "1") -> PlaceKey:
    """Where a picture is."""
    return PlaceKey(SITE, USER, album, f"i{number}")


class Alike:
    """An archive to put pictures into; those of one kind are a set."""

    def __init__(self, path: Path) -> None:
        self.archive: Archive = new_archive(path)
        with self.archive.write("read") as tx:
            tx.put(User(SITE, USER, "someone", 1, 2, 3), Config("preparation", "scaled"))
            tx.put(Space(SPACE, "bits", 256, "u8", "", "scaled", "1", 1))
            tx.put(Album(SITE, USER, "1", "Alps", date_blobs=9))
            tx.put(Album(SITE, USER, "2", "Bays", date_blobs=9))
            tx.put(Tag(1, "nature"), Tag(2, "water", 1), Config("next_tag", 3))

    def picture(
        self,
        number: int,
        kind: int,
        *,
        flips: Sequence[int] = (),
        albums: str = "1",
        tags: Sequence[int] = (),
        **facts: Any,
    ) -> Digest:
        """A picture of a kind, at one place in each of the albums."""
        one = digest(number)
        plain = Blob(
            *(one, 400_000 + number, "jpg", 1200, 800, False, 1, 0, 1, 90),
            *(hashlib.md5(one, usedforsecurity=False).digest(), 0, "", 7, 8),
        )
        with self.archive.write("read") as tx:
            tx.put(replace(plain, **facts), Print(SPACE, one, hashes(kind, flips)))
            tx.put(*(placed(number, album) for album in albums))
            if tags:
                tx.put(Tagged(one, "user", tuple(tags)))
        return one

    def pair(self, kind: int, **facts: Any) -> tuple[Digest, Digest]:
        """Two pictures of a kind, the first of twice the pixels."""
        big = self.picture(10 * kind, kind, width=1700, height=1133)
        return big, self.picture(10 * kind + 1, kind, width=1200, height=800, **facts)

    def vanish(self, number: int, album: str = "1", level: int = 2) -> None:
        """A picture is gone from a place."""
        key = place_key(number, album)
        with self.archive.write("audit") as tx:
            tx.put(Check(*key, 50, (Sighting(40, level, ""),)))

    def protect(self, album: str) -> None:
        """An album that keeps what it has."""
        with self.archive.write("protect") as tx:
            tx.put(replace(tx.albums[(SITE, USER, album)], protected=True))  # type: ignore[index]

    def rows(self) -> dict[str, Any]:
        """Everything but the log, to compare with later."""
        found = tables(self.archive, "changes", "undo")
        found["configs"].pop("next_change", None)
        return found


def placed(number: int, album: str) -> Place:
    """A place that holds a picture."""
    one = digest(number)
    return Place(
        *place_key(number, album),
        position=number,
        name=f"{number}.jpg",
        state=PlaceState.STORED,
        holds=one,
        served=one,
        served_size=5,
        added=7,
    )
