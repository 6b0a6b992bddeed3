"""A large archive for measuring pages: made-up rows, a few hundred real pictures and thumbnails.

    python -m benchmarks.large FOLDER [--pictures 100000] [--sets 5000] [--plain]

The first pictures are parts of photographs, read and fingerprinted by the real jobs. The others are
rows with random digests and hashes; each has a thumbnail of its own, a copy of a real one, sealed
under its own name. Their blobs have no files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.pictures import build
from fapfav import model
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import Settings, read
from fapfav.sources.local import LocalFolder
from fapfav.store import opening
from fapfav.store.blobs import Kind
from fapfav.store.slots import Cost
from fapfav.store.transaction import Transaction

CHEAP = Cost(1, 32, 4)
PASSWORD = "benchmark"
SOURCE, USER = "imagefap", "1000"
BIG_ALBUM, BIG = "1", 10_000
ALBUM = 450
TAGS = 200
BATCH = 2_000
NOW = 1_750_000_000


@dataclass(slots=True)
class Maker:
    """What rows are made of: one generator of numbers, and the real thumbnails to copy."""

    archive: Archive
    rng: np.random.Generator
    thumbs: Sequence[tuple[model.Blob, bytes]]
    space: str

    def blob(self, number: int) -> model.Blob:
        """The facts of a made-up picture, shaped like one of the real ones."""
        like, _ = self.thumbs[number % len(self.thumbs)]
        scale = 1 + number % 7
        return replace(
            like,
            digest=model.Digest(self.rng.bytes(32)),
            size=like.size * scale + number % 977,
            width=like.width * scale,
            height=like.height * scale,
            md5=self.rng.bytes(16),
            added=NOW - 86_400 * (number % 2_000),
            date=NOW - 86_400 * (number % 3_000),
        )

    def rows(self, tx: Transaction, start: int, count: int) -> list[tuple[model.Blob, bytes]]:
        """Puts so many pictures with places, hashes and tags; returns what files they need."""
        made = []
        for number in range(start, start + count):
            blob = self.blob(number)
            made.append((blob, self.thumbs[number % len(self.thumbs)][1]))
            tx.put(blob, model.Print(self.space, blob.digest, self.rng.bytes(32)))
            tx.put(self.place(number, blob))
            if number % 3 == 0:
                tags = (1 + number % TAGS, 1 + (number * 7) % TAGS)
                tx.put(model.Tagged(blob.digest, "user", tuple(sorted(set(tags))), at=NOW))
            if number % 50 == 0:  # in a second album as well
                tx.put(self.place(number, blob, album=str(900 + number % 17)))
        return made

    def place(self, number: int, blob: model.Blob, album: str = "") -> model.Place:
        """Where it was seen."""
        return model.Place(
            SOURCE,
            USER,
            album or album_of(number),
            str(200_000_000 + number),
            position=number,
            name=f"holiday picture {number}.{blob.ext}",
            state=model.PlaceState.STORED,
            holds=blob.digest,
            served=blob.digest,
            served_size=blob.size,
            added=blob.added,
            posted=blob.date,
        )


def album_of(number: int) -> str:
    """The album a picture is in: the first ones in a big one."""
    return BIG_ALBUM if number < BIG else str(2 + (number - BIG) // ALBUM)


def albums(pictures: int) -> Iterator[model.Album]:
    """All albums, with what they need to count as read."""
    numbers = {album_of(number) for number in range(0, pictures, 50)}
    for album in sorted(numbers | {str(900 + n) for n in range(17)}, key=int):
        yield model.Album(
            SOURCE, USER, album, f"Album {album}", pages=3, date_listed=NOW, date_blobs=NOW
        )


def pairs(rng: np.random.Generator, digests: Sequence[model.Digest], sets: int) -> list[model.Pair]:
    """Evidence that makes so many sets of two to five."""
    found, at = [], 0
    for number in range(sets):
        size = (2, 2, 2, 2, 3, 2, 2, 5)[number % 8]
        members = digests[at : at + size]
        at += size
        for first, second in pairwise(members):
            scores = {
                "percept": float(rng.integers(0, 5)),
                "average": float(rng.integers(0, 2)),
                "diff": float(rng.integers(0, 5)),
            }
            found.append(model.Pair(*model.pair_of(first, second), scores))
    return found


def make(path: Path, pictures: int, sets: int, *, sealed: bool, real: int = 300) -> None:
    """Makes the archive in a folder that is not there yet."""
    drawn = path.with_name(path.name + "-drawn")
    build(real, drawn)
    password = PASSWORD if sealed else None
    with opening.create_archive(
        path, password, plain=not sealed, cost=CHEAP, kind=Archive
    ) as archive:
        read(archive, LocalFolder(drawn), Settings(ModelInUse()))
        find_duplicates(archive)
        rng = np.random.default_rng(7)
        thumbs = [
            (blob, data)
            for blob in archive.blobs.records()
            if (data := archive.thumbnail(blob.digest)) is not None
        ]
        space = next(each.name for each in archive.spaces.records() if each.kind == "bits")
        maker = Maker(archive, rng, thumbs, space)
        digests = _fill(maker, pictures)
        order = rng.permutation(len(digests))
        chosen = [digests[at] for at in order[: sets * 3]]
        with archive.write("duplicates find") as tx:
            tx.put(*pairs(rng, chosen, sets))
            gone = [maker.place(n, maker.blob(n)).key for n in range(0, pictures, 400)]
            tx.put(*(model.Check(*key, NOW, (model.Sighting(NOW, 1, ""),)) for key in gone))
        archive.compact()


def _fill(maker: Maker, pictures: int) -> list[model.Digest]:
    archive = maker.archive
    with archive.write("read") as tx:
        tx.put(model.User(SOURCE, USER, "somebody", NOW, NOW))
        tx.put(*albums(pictures))
        for number in range(1, TAGS + 1):
            tx.put(model.Tag(number, f"tag {number}", 0 if number < 20 else 1 + number % 19))
        tx.put(model.Config("next_tag", TAGS + 1))
    digests: list[model.Digest] = []
    with ThreadPoolExecutor(4) as pool:
        for start in range(0, pictures, BATCH):
            with archive.write("read") as tx:
                made = maker.rows(tx, start, min(BATCH, pictures - start))
            digests += [blob.digest for blob, _ in made]
            staged = pool.map(
                lambda each: archive.files.stage(
                    Kind.THUMB, each[0].digest, each[0].thumb_ext, each[1]
                ),
                made,
            )
            archive.files.publish(staged)
    return digests


def main() -> None:
    """Makes one where it is wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--sets", type=int, default=5_000)
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    make(options.folder, options.pictures, options.sets, sealed=not options.plain)


if __name__ == "__main__":
    main()
