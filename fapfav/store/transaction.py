"""One transaction: changes collected over the state as it is now, written at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fapfav import model
from fapfav.store import values
from fapfav.store.rows import Op, Rows, View
from fapfav.store.tables import BY_RECORD, TABLES, Key, Row, table_of
from fapfav.store.vectors import encode_vectors
from fapfav.store.views import TableViews

# Rows an undo must not take back: the log itself, and prints, which follow from the pictures alone
# and stay as long as those are in the archive or its trash.
_NOT_UNDONE = frozenset({"changes", "undo", "prints", "spaces"})
_PART_BYTES = 1024 * 1024  # of one row of `undo`, of which several make a frame
_COUNTERS = frozenset({"next_tag", "next_change"})


class Transaction(TableViews):
    """Views with the changes so far in them, and the two ways to change a row."""

    def __init__(self, rows: Rows, number: int, now: int) -> None:
        self.number = number
        """Number of the change this belongs to."""
        self.now = now
        """Seconds UTC when it began."""
        self._rows = rows
        self._overlay: dict[str, dict[Key, Row | None]] = {}
        self._vectors: list[bytes] = []

    def _view(self, name: str) -> View[Any, Any]:
        return View(TABLES[name], self._rows.tables[name], self._overlay.get(name))

    def put(self, *records: Any) -> None:
        """Writes records, new ones or over those of the same key; equal ones are no change."""
        for record in records:
            table = BY_RECORD[type(record)]
            key, row = table.row_of(record)
            if self._now(table.name, key) != row:
                self._overlay.setdefault(table.name, {})[key] = row

    def delete(self, name: str, *keys: Any) -> None:
        """Deletes rows of a table by their keys; one that is not there is no change."""
        table = TABLES[name]
        for key in keys:
            self.delete_packed(name, table.pack_key((key,) if len(table.parts) == 1 else key))

    def delete_packed(self, name: str, key: Key) -> None:
        """Deletes a row by its key in memory."""
        if self._now(name, key) is not None or name == "prints":
            self._overlay.setdefault(name, {})[key] = None

    def put_packed(self, name: str, key: Key, row: Row | None) -> None:
        """Writes or deletes a row as it lies in memory: how an undo brings one back."""
        if self._now(name, key) != row:
            self._overlay.setdefault(name, {})[key] = row

    def _now(self, name: str, key: Key) -> Row | None:
        overlay = self._overlay.get(name, {})
        return overlay[key] if key in overlay else self._rows.tables[name].get(key)

    def add_vectors(
        self,
        space: str,
        digests: Sequence[model.Digest],
        scales: npt.NDArray[np.float32],
        rows: npt.NDArray[np.int8],
    ) -> None:
        """Adds embeddings: scales (n,), rows (n, width)."""
        if digests:
            self._vectors.extend(encode_vectors(space, digests, scales, rows))

    def next_tag(self) -> int:
        """A tag number that no tag ever had."""
        return self.count("next_tag")

    def count(self, counter: str) -> int:
        """The next number of a counter."""
        config = self.configs.get(counter)
        number = int(config.value) if config is not None else 1
        self.put(model.Config(counter, number + 1))
        return number

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not self._vectors and not any(self._overlay.values())

    def ops(self) -> list[Op]:
        """What would be written."""
        return [
            (name, key, row)
            for name, changed in self._overlay.items()
            for key, row in changed.items()
        ]

    def vectors(self) -> list[bytes]:
        """Payloads of the embeddings that would be written."""
        return self._vectors

    def before(self) -> list[bytes]:
        """The values that are replaced, packed for the undo log, in as many parts as it takes."""
        plain = []
        for name, key, _ in self.ops():
            if name in _NOT_UNDONE or (name == "configs" and key in _COUNTERS):
                continue
            table, old = TABLES[name], self._rows.tables[name].get(key)
            row = None if old is None else table.row_to_disk(old)
            plain.append([name, table.key_to_disk(key), row])
        return _packed(plain) if plain else []


def _packed(plain: list[list[Any]]) -> list[bytes]:
    try:
        raw = values.encode(plain)
        if len(raw) <= _PART_BYTES or len(plain) == 1:
            return [raw]
    except values.TooLarge:
        if len(plain) == 1:
            raise
    middle = len(plain) // 2
    return _packed(plain[:middle]) + _packed(plain[middle:])


def unpack_before(raw: bytes) -> list[Op]:
    """The replaced values of one part: each row as it was, None where there was none."""
    found: list[Op] = []
    for name, key, row in values.decode(raw):
        table = table_of(name)
        old = None if row is None else table.row_from_disk(row)
        found.append((name, table.key_from_disk(key), old))
    return found
