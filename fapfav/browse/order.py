"""Pictures and places in the order they are shown, the tags they have, the names they get."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    Digest,
    Place,
    Tagged,
    User,
    UserKey,
    Verdict,
)


class Shown(NamedTuple):
    """A picture and the place it is shown at; None when no place holds it."""

    digest: Digest
    place: Place | None


@dataclass(frozen=True, slots=True)
class Names:
    """The names places are sorted by."""

    users: Mapping[UserKey, str]
    albums: Mapping[AlbumKey, str]
    _orders: dict[tuple[str, ...], tuple[str, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, users: Iterable[User], albums: Iterable[Album]) -> Names:
        """From the records."""
        return cls(
            {UserKey(user.source, user.user): user.name for user in users},
            {AlbumKey(a.source, a.user, a.album): a.name for a in albums},
        )

    def order(self, source: str, user: str, album: str) -> tuple[str, ...]:
        """What albums sort by: names whatever their case, then ids where names are alike."""
        key = (source, user, album)
        if (order := self._orders.get(key)) is None:
            owner = self.users.get(UserKey(source, user), "")
            name = self.albums.get(AlbumKey(*key), "")
            order = (owner.casefold(), owner, source, user, name.casefold(), name, album)
            self._orders[key] = order  # asked for every place, and places are many
        return order


def in_album(places: Iterable[Place], album: AlbumKey) -> list[Place]:
    """The places of an album by their position."""
    mine = (place for place in places if place.key[:3] == album)
    return sorted(mine, key=lambda place: (place.position, place.image))


def tags_of(records: Iterable[Tagged]) -> frozenset[int]:
    """The tags of one picture from all who tagged it: what its user rejected it does not have."""
    given: set[int] = set()
    rejected: set[int] = set()
    for record in records:
        given.update(record.tags)
        if record.by == "user":
            rejected.update(record.rejected)
    return frozenset(given - rejected)


def with_tags(tagged: Iterable[Tagged], numbers: Collection[int]) -> frozenset[Digest]:
    """The pictures that have at least one of the tags; a tag with those below it is several."""
    records: dict[Digest, list[Tagged]] = {}
    for record in tagged:
        records.setdefault(record.digest, []).append(record)
    wanted = frozenset(numbers)
    return frozenset(digest for digest, those in records.items() if wanted & tags_of(those))


def preferred(places: Iterable[Place], digest: Digest, names: Names) -> Place | None:
    """The place a picture is named after: one with the verdict keep, else the first in order."""
    holding = (place for place in places if place.holds == digest)
    return min(holding, key=lambda p: (p.verdict != Verdict.KEEP, _order(p, names)), default=None)


def in_order(
    digests: Iterable[Digest], places_of: Mapping[Digest, Iterable[Place]], names: Names
) -> list[Shown]:
    """Pictures by the user, album and position of the place each is shown at.

    Those that no place holds come last, by digest.
    """
    shown = [Shown(each, preferred(places_of.get(each, ()), each, names)) for each in set(digests)]
    placed = [(_order(s.place, names), s.digest, s) for s in shown if s.place]
    homeless = sorted(s for s in shown if not s.place)
    return [last for *_, last in sorted(placed, key=lambda row: row[:2])] + homeless


def name_of(blob: Blob, place: Place | None) -> str:
    """What a picture is called outside the archive: its name at the place, else from its digest."""
    return place.name if place and place.name else f"{blob.digest.hex()[:16]}.{blob.ext}"


def _order(place: Place, names: Names) -> tuple[tuple[str, ...], int, str]:
    return names.order(place.source, place.user, place.album), place.position, place.image
