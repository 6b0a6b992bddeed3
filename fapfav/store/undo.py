"""Taking a change back: which one, what it replaced, and what stands in the way.

Reads the values before from the log and says what to write; `archive.py` writes it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fapfav.errors import UsageError
from fapfav.model import ChangeRecord
from fapfav.store import lookups
from fapfav.store.database import decode_ops
from fapfav.store.rows import Op, Rows
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.transaction import Transaction, unpack_before
from fapfav.store.values import decode

NEVER = frozenset({"key", "encrypt", "decrypt", "trash empty", "compact"})
"""Verbs that cannot be undone, which they say before they run."""
ONLY_BY_NUMBER = frozenset({"read", "audit", "undo", "fingerprint"})
"""Verbs that a plain `undo` steps over: they were hours of work, or are themselves an undo."""


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo did: `conflicts` names rows a later change touched; then nothing was undone."""

    number: int
    verb: str
    what: str
    rows: int
    conflicts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "undone": 0 if self.conflicts else self.number,
            "change": self.number,
            "verb": self.verb,
            "what": self.what,
            "rows": self.rows,
            "conflicts": list(self.conflicts),
        }


def choose(changes: Iterable[ChangeRecord], number: int | None) -> ChangeRecord:
    """The change to take back. Raises UsageError when there is none that can be."""
    known = {change.number: change for change in changes}
    if number is None:
        standing = [
            change
            for change in known.values()
            if change.state in ("open", "done") and change.verb not in ONLY_BY_NUMBER | NEVER
        ]
        if not standing:
            raise UsageError("there is nothing to undo; `log` lists what can be undone by number")
        return max(standing, key=lambda change: change.number)
    change = known.get(number)
    if change is None:
        raise UsageError(f"there is no change {number}; `log` lists them")
    if change.verb in NEVER or change.state == "final":
        raise UsageError(f"change {number} ({change.verb}) cannot be undone")
    if change.state == "undone":
        raise UsageError(f"change {number} ({change.verb}) is undone already")
    return change


def undo_parts(frames: Iterable[tuple[int, bytes]]) -> dict[tuple[int, int], bytes]:
    """All rows of the undo log, by (change, part), out of the frames that hold some."""
    parts: dict[tuple[int, int], bytes] = {}
    table = TABLES["undo"]
    for _, payload in frames:
        for key, row in _undo_rows(payload):
            where = table.unpack_key(key)
            if row is None:
                parts.pop((where[0], where[1]), None)
            else:
                parts[where[0], where[1]] = row[0]
    return parts


def _undo_rows(payload: bytes) -> Iterator[tuple[Key, Row | None]]:
    plain = decode(payload)
    if isinstance(plain, dict) and plain.get("table") == "undo":
        yield from TABLES["undo"].unpack_rows(plain["count"], plain["columns"]).items()
        return
    for _, key, row in decode_ops(payload, only="undo"):
        yield key, row


def before(
    parts: Mapping[tuple[int, int], bytes], number: int
) -> dict[tuple[str, Key], Row | None]:
    """Every row a change touched, as it was before it."""
    found: dict[tuple[str, Key], Row | None] = {}
    for part in sorted(part for change, part in parts if change == number):
        for name, key, row in unpack_before(parts[number, part]):
            found.setdefault((name, key), row)  # the first value it had, if touched twice
    return found


def conflicts(
    parts: Mapping[tuple[int, int], bytes],
    changes: Mapping[int, ChangeRecord],
    number: int,
    touched: Iterable[tuple[str, Key]],
) -> list[str]:
    """What later standing changes also touched, in words."""
    # What is compared by now is nobody's work: it is as easily compared again.
    wanted = {(name, key) for name, key in touched if name != "fresh"}
    found = []
    for later in sorted({change for change, _ in parts if change > number}):
        record = changes.get(later)
        if record is None or not _stands(record, changes):
            continue
        both = wanted & before(parts, later).keys()
        if both:
            names = ", ".join(sorted({name for name, _ in both}))
            found.append(f"change {later} ({record.verb}) also changed {len(both)} rows of {names}")
    return found


def _stands(record: ChangeRecord, changes: Mapping[int, ChangeRecord]) -> bool:
    """An undone change and the change that undid it cancel out; neither is in the way."""
    if record.state not in ("open", "done"):
        return False
    target = changes.get(record.undoes)
    return target is None or target.state != "undone"


def tags_in_use(rows: Rows, touched: Mapping[tuple[str, Key], Row | None]) -> list[str]:
    """Tags that would go although pictures or other tags came to hang on them since."""
    found = []
    tagged = rows.index("tagged", lookups.tags_of_row)
    for (name, key), row in touched.items():
        if name != "tags" or row is not None:
            continue
        pictures = [held for held in tagged[key] if ("tagged", held) not in touched]
        children = [
            number
            for number in rows.index("tags", lookups.parent_of_tag)[key]
            if ("tags", number) not in touched
        ]
        if pictures or children:
            number = TABLES["tags"].unpack_key(key)[0]
            found.append(
                f"tag {number} is on {len(pictures)} pictures and above {len(children)} tags by now"
            )
    return found


def as_ops(touched: Mapping[tuple[str, Key], Row | None], rows: Rows) -> list[Op]:
    """What to write: rows as they were, less the deletions of what others came to need since."""
    return [
        (name, key, row)
        for (name, key), row in touched.items()
        if row is not None or not _is_needed(name, key, touched, rows)
    ]


def _is_needed(name: str, key: Key, touched: Container[tuple[str, Key]], rows: Rows) -> bool:
    """Whether a row that would go is named by one that stays."""
    by = _NAMED_BY.get(name)
    if by is None:
        return False
    return any((by[0], other) not in touched for other in rows.index(*by)[key])


_NAMED_BY = {
    "users": ("albums", lookups.user_of_album),
    "albums": ("places", lookups.album_of_place),
    "blobs": ("places", lookups.blob_of_place),
}


def mark(tx: Transaction, record: ChangeRecord) -> None:
    """Notes that a change is undone; undoing an undo makes its target stand again."""
    tx.put(replace(record, state="undone"))
    target = tx.changes.get(record.undoes)
    if target is not None and target.state == "undone":
        tx.put(replace(target, state="done"))
