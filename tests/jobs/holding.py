"""Archives filled row by row, for tests that care which picture is where and under which name."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from fapfav.jobs.library import HASHES_SPACE, Archive
from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    Choice,
    Chosen,
    Config,
    Decision,
    Digest,
    Failure,
    Label,
    Pair,
    Place,
    PlaceState,
    Print,
    User,
    pair_of,
)
from fapfav.store import lookups
from fapfav.store.blobs import Kind
from fapfav.store.tables import SEPARATOR
from tests.support import encoded, landscape, new_archive

SOURCE, USER = "local", "1"


@cache
def picture(number: int) -> bytes:
    """The bytes of one of many different JPEGs."""
    return encoded(landscape(number, 24, 16), "JPEG")


def digest(number: int) -> Digest:
    """Its digest."""
    return Digest(hashlib.sha256(picture(number)).digest())


def hashes(number: int) -> bytes:
    """Four hashes that are near no other picture's: as good as random."""
    return bytes(digest(number))


def blob(number: int) -> Blob:
    """Its facts."""
    return Blob(
        digest=digest(number),
        size=len(picture(number)),
        ext="jpg",
        width=24,
        height=16,
        animated=False,
        frames=1,
        duration=0,
        orientation=1,
        quality=75,
        md5=hashlib.md5(picture(number), usedforsecurity=False).digest(),
        thumb_size=len(picture(number)),
        thumb_ext="jpg",
        added=7,
        date=8,
    )


class Shelves:
    """A new archive of one user, and the means to put pictures into its albums."""

    def __init__(self, path: Path, *, sealed: bool = True) -> None:
        self.archive: Archive = new_archive(path, sealed=sealed)
        self.add_user(USER, "LOCAL DISK")

    def add_user(self, user: str, name: str) -> None:
        """Another user."""
        with self.archive.write("read") as tx:
            tx.put(User(SOURCE, user, name, 1, 2, 3))

    def album(
        self, album: str, name: str, *names: tuple[int, str], user: str = USER, date: int = 9
    ) -> AlbumKey:
        """An album of pictures, each a (number, name), after those it has."""
        files = self.archive.files
        for number, _ in names:
            raw = picture(number)
            files.publish([files.stage(kind, digest(number), "jpg", raw) for kind in Kind])
        key = AlbumKey(SOURCE, user, album)
        held = len(self.archive.index("places", lookups.album_of_place)[SEPARATOR.join(key)])
        with self.archive.write("read") as tx:
            tx.put(Album(*key, name, date_blobs=date), Config("preparation", "scaled"))
            for position, (number, called) in enumerate(names, start=held):
                tx.put(blob(number), place(key, position, number, called))
                tx.put(Print(f"{HASHES_SPACE}scaled/1", digest(number), hashes(number)))
        return key

    def failure(self, key: AlbumKey, image: str, name: str, url: str | None) -> None:
        """A place without a picture."""
        failed = Failure(77, 1, "no picture", url)
        with self.archive.write("read") as tx:
            tx.put(Place(*key, image, 90, name, PlaceState.FAILED, failure=failed))

    def choose(self, choice: Choice, *numbers: int) -> None:
        """What the user said of pictures; those said at once are the same."""
        with self.archive.write("duplicates verdict") as tx:
            for number in numbers:
                tx.put(Chosen(digest(number), choice, 5, tx.number))
            for other in numbers[1:]:
                key = pair_of(digest(numbers[0]), digest(other))
                tx.put(Decision(*key, Label.SAME, 5, tx.number))

    def alike(self, one: int, other: int) -> None:
        """Evidence that two pictures are alike."""
        with self.archive.write("duplicates find") as tx:
            tx.put(Pair(*pair_of(digest(one), digest(other)), {"percept": 2}))


def place(key: AlbumKey, position: int, number: int, name: str) -> Place:
    """A place that holds a picture."""
    return Place(
        *key,
        f"i{number}",
        position,
        name,
        PlaceState.STORED,
        holds=digest(number),
        served=digest(number),
        served_size=len(picture(number)),
        added=7,
    )
