"""A change: the only way to write, and one entry of the log.

It spans any number of transactions; each is durable when its `with` block ends, and carries the
values it replaced, so that the whole change can be taken back later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Protocol, Self

from fapfav.model import ChangeRecord, Undo
from fapfav.store.rows import Rows
from fapfav.store.tables import TABLES
from fapfav.store.transaction import Transaction


class Keeper(Protocol):
    """What a change needs of the archive it writes to."""

    def writing(self, verb: str) -> AbstractContextManager[Rows]:
        """Holds the lock and gives the state as it is now."""

    def commit(self, transaction: Transaction) -> None:
        """Makes a transaction durable; called within `writing`."""

    def time(self) -> int:
        """Now, in seconds UTC."""


class Change:
    """One running verb. Use as a context manager; an exception leaves what was committed."""

    def __init__(self, keeper: Keeper, verb: str, by: str, what: str, page: str) -> None:
        self.verb = verb
        self.what = what
        """In words, for the log; may be set until the last transaction."""
        self.number = 0
        """Given by the first transaction; 0 until then."""
        self._keeper = keeper
        self._by = by
        self._page = page
        self._started = keeper.time()
        self._parts = 0
        self._closed = False
        self.undoes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self.number and not self._closed:
            with self.transaction(last=True) as tx:
                if self.number:
                    tx.put(self._record(self.number, "done"))

    @contextmanager
    def transaction(self, last: bool = False) -> Iterator[Transaction]:
        """Collects changes over the state as it is now and commits them at the end.

        `last` marks the change as done with it. An exception in the block writes nothing.
        Raises ArchiveInUse when the lock cannot be had, ArchiveError when the disk refuses.
        """
        with self._keeper.writing(self.verb) as rows:
            if self.number and not _is_open(rows, self.number):
                # Somebody undid it meanwhile: that stands, and what follows is a change of its own.
                self.number, self._parts = 0, 0
            number = self.number or _next_change(rows)
            tx = Transaction(rows, number, self._keeper.time())
            yield tx
            if tx.is_empty:
                return
            before = tx.before()
            if not self.number:
                tx.count("next_change")
            tx.put(self._record(number, "done" if last else "open"))
            tx.put(*(Undo(number, self._parts + at, ops) for at, ops in enumerate(before)))
            self._keeper.commit(tx)
            # Only now is the number ours: had this failed, another process might have taken it.
            self.number = number
            self._parts += len(before)
            self._closed = last

    def _record(self, number: int, state: str) -> ChangeRecord:
        ended = self._keeper.time() if state == "done" else 0
        return ChangeRecord(
            number=number,
            verb=self.verb,
            by=self._by,
            page=self._page,
            what=self.what,
            started=self._started,
            ended=ended,
            state=state,
            undoes=self.undoes,
        )


def _next_change(rows: Rows) -> int:
    row = rows.tables["configs"].get("next_change")
    return 1 if row is None else int(row[0])


def _is_open(rows: Rows, number: int) -> bool:
    table = TABLES["changes"]
    key = table.pack_key((number,))
    row = rows.tables["changes"].get(key)
    return row is not None and table.record_of(key, row).state == "open"
