"""Users in numbers, with the albums each has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from fapfav.browse.numbers import spread
from fapfav.browse.sums import Spread
from fapfav.model import Album, Blob, Digest, Place, PlaceKey, PlaceState, User, UserKey


@dataclass(frozen=True, slots=True)
class UserNumbers:
    """A user in numbers; each picture is counted once, in however many of the albums it is.

    `images` are places, `disappeared` those whose picture has vanished there.
    """

    user: User
    albums: int
    images: int
    failed: int
    disappeared: int
    animated: int
    sizes: Spread
    thumbnails: Spread


def per_user(
    users: Iterable[User],
    albums: Iterable[Album],
    places: Iterable[Place],
    blobs: Mapping[Digest, Blob],
    gone: Collection[PlaceKey] = (),
) -> tuple[UserNumbers, ...]:
    """Every user in numbers, and last all of them together as a user without a name."""
    known = {UserKey(user.source, user.user): user for user in users}
    owned = Counter(UserKey(album.source, album.user) for album in albums)
    held: dict[UserKey, set[Digest]] = {key: set() for key in known}
    images: Counter[UserKey] = Counter()
    failed: Counter[UserKey] = Counter()
    lost: Counter[UserKey] = Counter()
    for place in places:
        key = UserKey(place.source, place.user)
        failed[key] += place.state is PlaceState.FAILED
        if place.holds is not None:
            images[key] += 1
            lost[key] += place.key in gone
            held.setdefault(key, set()).add(place.holds)

    def line(user: User, key: UserKey) -> UserNumbers:
        return _numbers(user, (owned[key], images[key], failed[key], lost[key]), held[key], blobs)

    everyone = (owned.total(), images.total(), failed.total(), lost.total())
    total = _numbers(User("", "", ""), everyone, set().union(*held.values()), blobs)
    return (*(line(user, key) for key, user in known.items()), total)


def _numbers(
    user: User,
    counted: tuple[int, int, int, int],
    held: Collection[Digest],
    blobs: Mapping[Digest, Blob],
) -> UserNumbers:
    pictures = [blobs[digest] for digest in held if digest in blobs]
    albums, images, failed, disappeared = counted
    return UserNumbers(
        user=user,
        albums=albums,
        images=images,
        failed=failed,
        disappeared=disappeared,
        animated=sum(blob.animated for blob in pictures),
        sizes=spread(blob.size for blob in pictures),
        thumbnails=spread(blob.thumb_size for blob in pictures if blob.thumb_size),
    )
