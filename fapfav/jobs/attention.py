"""What waits for the user: sets to decide, pictures that failed or vanished, albums half read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fapfav.jobs.following import Following
from fapfav.jobs.holdings import EVERYONE, Holdings
from fapfav.jobs.library import Archive
from fapfav.jobs.standing import Standing
from fapfav.model import Group
from fapfav.store.tables import Key


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
    following = archive.kept(Following)
    standing = following.the(Standing, Standing)
    alike: set[Key] = set()
    sets = 0
    for group in groups:
        alike.update(group.members)
        sets += group.needs_action
    trash = tuple(archive.trash.records())
    return Attention(
        sets=sets,
        # A picture in both kinds of set is decided in the one of alike pictures.
        exact=len(standing.undecided - alike),
        failed=following.the(Holdings, Holdings).of(EVERYONE).failed,
        unfinished=sum(1 for album in archive.albums.records() if not album.date_blobs),
        disappeared=len(standing.vanished),
        trashed=len(trash),
        trashed_bytes=sum(row.size for row in trash),
    )
