"""What waits for the user: sets to decide, pictures that failed or vanished, albums half read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fapfav.jobs.gone import gone_places
from fapfav.model import Group, PlaceState, Verdict
from fapfav.store.archive import Archive
from fapfav.store.tables import SEPARATOR, TABLES

_COLUMNS = [column.name for column in TABLES["places"].columns]
_STATE, _HOLDS, _VERDICT = (_COLUMNS.index(name) for name in ("state", "holds", "verdict"))


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
    gone = {SEPARATOR.join(key) for key in gone_places(archive)}
    failed = 0
    seen: set[bytes] = set()
    several: set[bytes] = set()
    undecided: set[bytes] = set()
    vanished: set[bytes] = set()
    # Row by row, not as records: this is asked after every decision, and places are many.
    for key, row in archive.rows_of("places").items():
        failed += row[_STATE] == PlaceState.FAILED
        holds = row[_HOLDS]
        if holds is None:
            continue
        if holds in seen:
            several.add(holds)
        seen.add(holds)
        if row[_VERDICT] == Verdict.NEW:
            undecided.add(holds)
        if key in gone:
            vanished.add(holds)
    alike: set[bytes] = set()
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
