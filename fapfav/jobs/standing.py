"""How pictures stand at their places, following the archive: at several, undecided, vanished."""

from __future__ import annotations

from collections.abc import Iterable

from fapfav.jobs.following import Following, at
from fapfav.jobs.holdings import is_gone
from fapfav.model import Verdict
from fapfav.sources.local import LocalFolder
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR, Key, Row

FOLDERS = (LocalFolder.name,)
"""The sources that are no sites."""

_HOLDS, _VERDICT = at("places", "holds", "verdict")


class Standing:
    """Pictures at `several` places, of these those `undecided` at one; those that have `vanished`

    from a place at least, of these those `lost` to every site they were at.
    """

    def __init__(self, following: Following) -> None:
        archive = following.archive
        self._places = archive.rows_of("places")
        self._checks = archive.rows_of("checks")
        self._index = archive.index("places", lookups.blob_of_place)
        self.several: set[Key] = {one for one in self._index if len(self._index[one]) > 1}
        self.undecided: set[Key] = set()
        self.vanished: set[Key] = set()
        self.lost: set[Key] = set()
        for one in (*self.several, *self._checked(self._checks)):
            self._look(one)

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows places and checks."""
        if table == "places":
            for row in (old, new):
                if row is not None and row[_HOLDS] is not None:
                    self._look(row[_HOLDS])
        elif table == "checks":
            for one in self._checked((key,)):
                self._look(one)

    def _checked(self, keys: Iterable[Key]) -> list[Key]:
        """The pictures at places."""
        rows = (self._places.get(key) for key in keys)
        return [row[_HOLDS] for row in rows if row is not None and row[_HOLDS] is not None]

    def _look(self, one: Key) -> None:
        keys = self._index[one]
        gone = {key for key in keys if is_gone(self._checks.get(key))}
        places = self._places
        _put(self.several, one, is_in=len(keys) > 1)
        is_new = len(keys) > 1 and any(places[key][_VERDICT] is Verdict.NEW for key in keys)
        _put(self.undecided, one, is_in=is_new)
        _put(self.vanished, one, is_in=bool(gone))
        _put(self.lost, one, is_in=bool(gone) and not any(map(_is_at_a_site, keys - gone)))


def _put(found: set[Key], one: Key, *, is_in: bool) -> None:
    if is_in:
        found.add(one)
    else:
        found.discard(one)


def _is_at_a_site(key: Key) -> bool:
    return str(key).partition(SEPARATOR)[0] not in FOLDERS
