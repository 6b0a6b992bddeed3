"""What can be read of a database: tables, indexes, embeddings, values before a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fapfav import model
from fapfav.errors import ArchiveError, DamagedArchive
from fapfav.store import undo
from fapfav.store.database import Database, Outdated
from fapfav.store.lock import ArchiveLock
from fapfav.store.rows import Index, KeyOf, View
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.vectors import Vectors, decode_block, gather
from fapfav.store.views import TableViews

_TRIES = 5

T = TypeVar("T")


class Records(TableViews):
    """The state that one process knows of an archive's database."""

    def __init__(self, database: Database, lock: ArchiveLock) -> None:
        self._database = database
        self._lock = lock

    def _view(self, name: str) -> View[Any, Any]:
        return View(TABLES[name], self._database.rows.tables[name])

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table as it lies in memory, for walks over all of it; valid until the next change."""
        return self._database.rows.tables[table]

    def index(self, table: str, key_of: KeyOf) -> Index:
        """Rows of a table by a derived key of `lookups`; valid until the next refresh or change."""
        return self._database.rows.index(table, key_of)

    def version(self, *tables: str) -> tuple[int, ...]:
        """Numbers that are others whenever one of these tables has changed; only for comparing."""
        stamps = self._database.rows.stamps
        return tuple(stamps[table] for table in tables)

    @property
    def stamp(self) -> int:
        """A number that is another one after every change, for `changed_since`."""
        return self._database.rows.stamp

    def changed_since(self, stamp: int) -> set[tuple[str, Key]] | None:
        """The rows, as table and packed key, that changed after a stamp; None if nobody knows."""
        return self._database.rows.changed_since(stamp)

    def config(self, name: str, default: Any) -> Any:
        """The value of a setting, or the default while it has none."""
        row = self._database.rows.tables["configs"].get(name)
        return default if row is None else row[0]

    @property
    def last(self) -> tuple[int, bytes]:
        """Sequence and tag of the last frame known: what tells an older copy of the archive."""
        position = self._database.now.position
        return position.sequence - 1, position.tag

    def tag_of(self, sequence: int) -> bytes | None:
        """The tag of a frame, None when the log does not go back that far or on that long."""
        return self._database.tag_of(sequence)

    @property
    def database_size(self) -> int:
        """Bytes of the database file that are committed."""
        return self._database.now.position.offset

    def refresh(self) -> None:
        """Takes over what other processes committed. Raises DamagedArchive."""
        try:
            self._database.catch_up()
        except DamagedArchive:
            with self._lock.hold("refresh"):
                self._database.catch_up()

    def vectors(self, space: str) -> Vectors:
        """The embeddings of a space, of pictures that are in the archive or its trash."""
        width = self.spaces[space].width
        return self._retry(
            lambda: gather(
                space,
                width,
                [(at, decode_block(raw)) for at, raw in self._database.vector_frames()],
                self._is_alive,
            )
        )

    def _is_alive(self, digest: model.Digest) -> bool:
        tables = self._database.rows.tables
        return digest in tables["blobs"] or digest in tables["trash"]

    def values_before(self, number: int) -> dict[tuple[str, Key], Row | None]:
        """Every row a change touched, by table and packed key, as it was before it."""
        return undo.before(self.undo_log(), number)

    def undo_log(self) -> dict[tuple[int, int], bytes]:
        """What changes put by, for `undo.before`; reading it takes as long as the log is."""
        return self._retry(lambda: undo.undo_parts(self._database.undo_frames()))

    def _retry(self, read: Callable[[], T]) -> T:
        for _ in range(_TRIES):
            try:
                return read()
            except Outdated:
                self.refresh()
        raise ArchiveError("the archive is compacted again and again; try again later")
