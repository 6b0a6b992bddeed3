"""The archive, its albums and its tags in numbers; each record is gone through once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fapfav.browse.order import Names, tags_of
from fapfav.browse.sums import Spread, Sums
from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    Digest,
    Group,
    Place,
    PlaceKey,
    PlaceState,
    Tagged,
    User,
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What statistics are made of; each is gone through once.

    `gone` are the places whose picture has vanished there, `folders` the sources that are no sites.
    """

    users: Iterable[User]
    albums: Iterable[Album]
    places: Iterable[Place]
    blobs: Iterable[Blob]
    groups: Iterable[Group] = ()
    gone: Collection[PlaceKey] = ()
    folders: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """The archive in numbers, in the order they are shown.

    `exact_duplicates` counts the places beyond the first of each picture, `exact_sets` the pictures
    that have several. `oldest` and `newest` are of the albums read to their end. `disappeared`
    pictures are gone from a place at least, `only_copies` from all their places at sites.
    """

    database: str
    database_size: int
    database_share: float
    sizes: Spread
    animated: int
    animated_share: float
    pixels: Spread
    fewest_pixels: tuple[int, int]
    most_pixels: tuple[int, int]
    thumbnails: Spread
    thumbnails_share: float
    users: int
    albums: int
    albums_pending: int
    oldest: int
    newest: int
    unique_images: int
    locations: int
    exact_duplicates: int
    exact_sets: int
    unique_failed: int
    disappeared: int
    only_copies: int
    perceptual_images: int
    perceptual_sets: int

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {
            "fewest_pixels": list(self.fewest_pixels),
            "most_pixels": list(self.most_pixels),
        }


@dataclass(frozen=True, slots=True)
class AlbumNumbers:
    """One album in numbers; its pictures are counted once each.

    `images` are its places, `disappeared` those whose picture has vanished there.
    """

    album: Album
    images: int
    failed: int
    disappeared: int
    animated: int
    sizes: Spread
    thumbnails: Spread


@dataclass(frozen=True, slots=True)
class TagNumbers:
    """How many pictures carry a tag itself, and their bytes."""

    images: int = 0
    size: int = 0


def spread(numbers: Iterable[int]) -> Spread:
    """How some numbers lie."""
    return Sums.of(numbers).spread()


@dataclass(slots=True)
class _BlobSums:
    """What statistics take from blobs, gathered in one pass."""

    sizes: Sums = field(default_factory=Sums)
    pixels: Sums = field(default_factory=Sums)
    thumbnails: Sums = field(default_factory=Sums)
    animated: int = 0
    fewest: tuple[int, int, int] = (0, 0, 0)
    most: tuple[int, int, int] = (0, 0, 0)

    def add(self, blob: Blob) -> None:
        pixels = blob.width * blob.height
        shape = (pixels, blob.width, blob.height)
        self.fewest = min(shape, self.fewest) if self.pixels.count else shape
        self.most = max(shape, self.most)
        self.pixels.add(pixels)
        self.sizes.add(blob.size)
        self.animated += blob.animated
        if blob.thumb_size:
            self.thumbnails.add(blob.thumb_size)


@dataclass(slots=True)
class _PlaceSums:
    """What statistics take from places, gathered in one pass."""

    gone_at: Collection[PlaceKey]
    folders: Collection[str]
    copies: Counter[Digest] = field(default_factory=Counter)
    failed: set[tuple[str, str]] = field(default_factory=set)
    gone: set[Digest] = field(default_factory=set)
    there: set[Digest] = field(default_factory=set)

    def add(self, place: Place) -> None:
        if place.state == PlaceState.FAILED:
            self.failed.add((place.source, place.image))
        if place.holds is None:
            return
        self.copies[place.holds] += 1
        if place.key in self.gone_at:
            self.gone.add(place.holds)
        elif place.source not in self.folders:
            self.there.add(place.holds)


def share(part: int, whole: int) -> float:
    """A fraction of 1; of nothing it is 0."""
    return part / whole if whole else 0.0


def statistics(contents: Contents, database: str, database_size: int) -> Statistics:
    """The archive in numbers; `database` is where its database lies, for the user to read."""
    sums = _BlobSums()
    for blob in contents.blobs:
        sums.add(blob)
    albums = [album.date_blobs for album in contents.albums]
    finished = [date for date in albums if date]
    held = _PlaceSums(contents.gone, contents.folders)
    for place in contents.places:
        held.add(place)
    members = [len(group.members) for group in contents.groups]
    return Statistics(
        database=database,
        database_size=database_size,
        database_share=share(database_size, sums.sizes.total),
        sizes=sums.sizes.spread(),
        animated=sums.animated,
        animated_share=share(sums.animated, sums.sizes.count),
        pixels=sums.pixels.spread(),
        fewest_pixels=sums.fewest[1:],
        most_pixels=sums.most[1:],
        thumbnails=sums.thumbnails.spread(),
        thumbnails_share=share(sums.thumbnails.total, sums.sizes.total),
        users=sum(1 for _ in contents.users),
        albums=len(albums),
        albums_pending=len(albums) - len(finished),
        oldest=min(finished, default=0),
        newest=max(finished, default=0),
        unique_images=sums.sizes.count,
        locations=held.copies.total(),
        exact_duplicates=held.copies.total() - len(held.copies),
        exact_sets=sum(1 for count in held.copies.values() if count > 1),
        unique_failed=len(held.failed),
        disappeared=len(held.gone),
        only_copies=len(held.gone - held.there),
        perceptual_images=sum(members),
        perceptual_sets=len(members),
    )


def only_copies(
    places: Iterable[Place], gone: Collection[PlaceKey], folders: Collection[str] = ()
) -> frozenset[Digest]:
    """The pictures that have vanished from all their places at sites, and had one there.

    `folders` are the sources that are no sites.
    """
    held = _PlaceSums(gone, folders)
    for place in places:
        held.add(place)
    return frozenset(held.gone - held.there)


def per_album(
    albums: Iterable[Album],
    places: Iterable[Place],
    blobs: Mapping[Digest, Blob],
    users: Iterable[User] = (),
    gone: Collection[PlaceKey] = (),
) -> Iterator[AlbumNumbers]:
    """Every album in numbers, by the names of user and album; `gone` as in Contents."""
    by_key = {AlbumKey(a.source, a.user, a.album): a for a in albums}
    names = Names.of(users, by_key.values())
    held: dict[AlbumKey, list[Digest]] = {key: [] for key in by_key}
    failed: Counter[AlbumKey] = Counter()
    disappeared: Counter[AlbumKey] = Counter()
    for place in places:
        key = AlbumKey(*place.key[:3])
        if place.holds is not None and key in held:
            held[key].append(place.holds)
            disappeared[key] += place.key in gone
        failed[key] += place.state == PlaceState.FAILED
    for key in sorted(by_key, key=lambda key: names.order(*key)):
        sums = _BlobSums()
        for digest in set(held[key]) & blobs.keys():
            sums.add(blobs[digest])
        yield AlbumNumbers(
            album=by_key[key],
            images=len(held[key]),
            failed=failed[key],
            disappeared=disappeared[key],
            animated=sums.animated,
            sizes=sums.sizes.spread(),
            thumbnails=sums.thumbnails.spread(),
        )


def per_tag(tagged: Iterable[Tagged], blobs: Mapping[Digest, Blob]) -> dict[int, TagNumbers]:
    """By tag number, how many pictures carry that very tag and their bytes."""
    records: dict[Digest, list[Tagged]] = {}
    for record in tagged:
        if record.digest in blobs:
            records.setdefault(record.digest, []).append(record)
    numbers: dict[int, TagNumbers] = {}
    for digest, those in records.items():
        for tag in tags_of(those):
            before = numbers.get(tag, TagNumbers())
            numbers[tag] = TagNumbers(before.images + 1, before.size + blobs[digest].size)
    return numbers
