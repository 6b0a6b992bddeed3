"""What waits for the user: sets to decide, pictures that failed or vanished, albums half read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fapfav.jobs.gone import gone_places
from fapfav.model import Digest, Group, PlaceState, Verdict
from fapfav.store.archive import Archive


@dataclass(frozen=True, slots=True)
class Attention:
    """How many of each; `exact` pictures lie at several places that nobody decided between."""

    sets: int
    exact: int
    failed: int
    unfinished: int
    disappeared: int
    trashed: int
    trashed_bytes: int


def attention(archive: Archive, groups: Iterable[Group]) -> Attention:
    """As it is now; `groups` are the archive's duplicates."""
    gone = gone_places(archive)
    failed = 0
    seen: set[Digest] = set()
    several: set[Digest] = set()
    undecided: set[Digest] = set()
    vanished: set[Digest] = set()
    for place in archive.places.records():
        failed += place.state is PlaceState.FAILED
        if place.holds is None:
            continue
        if place.holds in seen:
            several.add(place.holds)
        seen.add(place.holds)
        if place.verdict is Verdict.NEW:
            undecided.add(place.holds)
        if place.key in gone:
            vanished.add(place.holds)
    alike: set[Digest] = set()
    sets = 0
    for group in groups:
        alike.update(group.members)
        sets += group.needs_action
    trash = tuple(archive.trash.records())
    return Attention(
        sets=sets,
        # A picture in both kinds of set is decided in the one of alike pictures.
        exact=len((several & undecided) - alike),
        failed=failed,
        unfinished=sum(1 for album in archive.albums.records() if not album.date_blobs),
        disappeared=len(vanished),
        trashed=len(trash),
        trashed_bytes=sum(row.size for row in trash),
    )
