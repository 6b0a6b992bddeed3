"""What is counted once and then follows the archive row by row.

Numbers of a hundred thousand pictures take a second to make and each row changes them by little. A
`Follower` is told of every row what it was and what it is now; what it needs of other rows it asks
the archive, which is ahead of it, or `past`, which is where it is itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Protocol, TypeVar

from fapfav.jobs.library import Archive
from fapfav.store.tables import TABLES, Key, Row

_ORDER = ("places", "checks", "blobs", "tagged", "tags", "choices", "users", "albums")
"""Places come first: when rows of other tables are told, what the archive says of places is so."""

_PAST = ("places", "checks", "blobs", "users", "albums")
"""Of other tables it is not told what a row was."""


class Follower(Protocol):
    """Something that keeps up with the archive."""

    def change(self, table: str, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows one row; `old` is None as well where nobody knows it any more."""


F = TypeVar("F", bound=Follower)


def at(table: str, *names: str) -> tuple[int, ...]:
    """Where columns stand in the rows of a table."""
    known = [column.name for column in TABLES[table].columns]
    return tuple(known.index(name) for name in names)


class Following:
    """All followers of one archive. All begin again where too much changed to follow it."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.past: Mapping[str, dict[Key, Row]] = {}
        self._stamp = -1
        self._followers: dict[Hashable, Follower] = {}

    def the(self, name: Hashable, make: Callable[[Following], F]) -> F:
        """The follower of that name, up to date; made when it is first asked for."""
        self._catch_up()
        found = self._followers.get(name)
        if found is None:
            found = self._followers[name] = make(self)
        return found  # type: ignore[return-value]

    def drop(self, name: Hashable) -> None:
        """Follows no longer with this one."""
        self._followers.pop(name, None)

    def _catch_up(self) -> None:
        stamp = self.archive.stamp
        if stamp == self._stamp:
            return
        changed = self.archive.changed_since(self._stamp)
        self._stamp = -1  # whatever goes wrong half way, nobody goes on from there
        if changed is None:
            self._followers.clear()
            self.past = {name: dict(self.archive.rows_of(name)) for name in _PAST}
        else:
            self._follow(changed)
        self._stamp = stamp

    def _follow(self, changed: Iterable[tuple[str, Key]]) -> None:
        keys: dict[str, list[Key]] = {}
        for table, key in changed:
            keys.setdefault(table, []).append(key)
        followers = tuple(self._followers.values())
        for table in _ORDER:
            past, now = self.past.get(table), self.archive.rows_of(table)
            for key in keys.get(table, ()):
                old, new = None if past is None else past.get(key), now.get(key)
                if past is not None and old == new:
                    continue
                for follower in followers:
                    follower.change(table, key, old, new)
                if past is None:
                    continue
                if new is None:
                    past.pop(key, None)
                else:
                    past[key] = new
