"""Rows in memory: tables, the indexes derived from them, and read-only views as records.

An index is built when it is first asked for and kept up to date from then on; nothing derived is
ever stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Generic, TypeVar

from fapfav.store.tables import TABLES, Key, Row, Table

K = TypeVar("K")
R = TypeVar("R")

Op = tuple[str, Key, Row | None]
"""One change of one row: table, key, and the row from now on or None."""

KeyOf = Callable[[Key, Row], Iterable[Key]]


class Index:
    """Derived key -> keys of a table's rows."""

    def __init__(self, key_of: KeyOf, rows: Mapping[Key, Row]) -> None:
        self._key_of = key_of
        self._found: dict[Key, set[Key]] = {}
        for key, row in rows.items():
            self._add(key, row)

    def _add(self, key: Key, row: Row) -> None:
        for derived in self._key_of(key, row):
            self._found.setdefault(derived, set()).add(key)

    def change(self, key: Key, old: Row | None, new: Row | None) -> None:
        """Follows one row."""
        if old is not None:
            for derived in self._key_of(key, old):
                keys = self._found.get(derived, set())
                keys.discard(key)
                if not keys:
                    self._found.pop(derived, None)
        if new is not None:
            self._add(key, new)

    def __getitem__(self, derived: Key) -> frozenset[Key] | set[Key]:
        return self._found.get(derived, frozenset())

    def __iter__(self) -> Iterator[Key]:
        return iter(self._found)


_STAMPS = count(1)
_REMEMBERED = 20_000  # changes of rows; whoever is further behind looks at everything anew


class Rows:
    """All tables of one archive, as one process knows them.

    `stamps` has a number for each table that is another one whenever its rows are; `stamp` is the
    newest of them.
    """

    def __init__(self) -> None:
        self.stamp = next(_STAMPS)
        self.stamps: dict[str, int] = dict.fromkeys(TABLES, self.stamp)
        self._born = self.stamp
        self._journal: deque[tuple[int, str, Key]] = deque(maxlen=_REMEMBERED)
        self.tables: dict[str, dict[Key, Row]] = {name: {} for name in TABLES}
        self._indexes: dict[tuple[str, KeyOf], Index] = {}

    def apply(self, ops: Iterable[Op]) -> None:
        """Takes over committed changes."""
        self.stamp = stamp = next(_STAMPS)
        for name, key, row in ops:
            table = self.tables[name]
            self.stamps[name] = stamp
            self._journal.append((stamp, name, key))
            for (of, _), index in self._indexes.items():
                if of == name:
                    index.change(key, table.get(key), row)
            if row is None:
                table.pop(key, None)
            else:
                table[key] = row

    def changed_since(self, stamp: int) -> set[tuple[str, Key]] | None:
        """The rows, as table and key, that changed after this stamp; None if nobody knows."""
        journal = self._journal
        forgotten = len(journal) == _REMEMBERED and journal[0][0] > stamp
        if stamp < self._born or forgotten:
            return None
        found = set()
        for at, name, key in reversed(journal):
            if at <= stamp:
                break
            found.add((name, key))
        return found

    def index(self, name: str, key_of: KeyOf) -> Index:
        """The index of a table by a function, which must be a named one: it is the index's name."""
        found = self._indexes.get((name, key_of))
        if found is None:
            found = self._indexes[name, key_of] = Index(key_of, self.tables[name])
        return found


class View(Mapping[K, R], Generic[K, R]):
    """A table as records by key; with an overlay, as it will be once that is committed.

    Keys are what the record's key fields say: one value, or a tuple of them.
    """

    def __init__(
        self, table: Table, rows: Mapping[Key, Row], overlay: Mapping[Key, Row | None] | None = None
    ) -> None:
        self._table = table
        self._rows = rows
        self._overlay = overlay if overlay is not None else {}
        self._single = len(table.parts) == 1

    def _pack(self, key: Any) -> Key:
        return self._table.pack_key((key,) if self._single else tuple(key))

    def _row(self, packed: Key) -> Row | None:
        if packed in self._overlay:
            return self._overlay[packed]
        return self._rows.get(packed)

    def __getitem__(self, key: K) -> R:
        packed = self._pack(key)
        row = self._row(packed)
        if row is None:
            raise KeyError(key)
        return self._table.record_of(packed, row)  # type: ignore[no-any-return]

    def __contains__(self, key: object) -> bool:
        return self._row(self._pack(key)) is not None

    def _packed(self) -> Iterator[tuple[Key, Row]]:
        if not self._overlay:
            yield from self._rows.items()
            return
        for key, row in self._rows.items():
            if key not in self._overlay:
                yield key, row
        for key, new in self._overlay.items():
            if new is not None:
                yield key, new

    def __iter__(self) -> Iterator[K]:
        for key, _ in self._packed():
            parts = self._table.unpack_key(key)
            yield parts[0] if self._single else parts  # type: ignore[misc]

    def __len__(self) -> int:
        return sum(1 for _ in self._packed()) if self._overlay else len(self._rows)

    def records(self) -> Iterator[R]:
        """Every record, in no order that means anything."""
        for key, row in self._packed():
            yield self._table.record_of(key, row)

    def picked(self, keys: Iterable[Key]) -> Iterator[R]:
        """The records under packed keys, as an index gives them; those gone are left out."""
        for key in keys:
            row = self._row(key)
            if row is not None:
                yield self._table.record_of(key, row)
