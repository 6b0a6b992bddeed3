"""Taking a change back: which one, what it replaced, and what stands in the way.

Reads the values before from the log and says what to write; `archive.py` writes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fapfav import model
from fapfav.errors import UsageError
from fapfav.model import ChangeRecord
from fapfav.store import lookups
from fapfav.store.database import decode_ops
from fapfav.store.rows import Op, Rows
from fapfav.store.tables import TABLES, Key, Row, Table
from fapfav.store.transaction import Transaction, unpack_before
from fapfav.store.values import decode

NEVER = frozenset({"key", "encrypt", "decrypt", "trash empty", "compact"})
"""Verbs that cannot be undone, which they say before they run."""
READS = frozenset({"read", "retry"})
"""Verbs that bring pictures in."""
ONLY_BY_NUMBER = READS | {"audit", "undo", "fingerprint", "repair"}
"""Verbs that a plain `undo` steps over: they were hours of work, or are themselves an undo."""


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo did: `conflicts` names rows a later change touched; then nothing was undone.

    `number` is the change taken back, `redo` the undo's own, 0 if there was nothing to undo.
    """

    number: int
    verb: str
    what: str
    rows: int
    conflicts: tuple[str, ...] = ()
    redo: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "undone": 0 if self.conflicts else self.number,
            "change": self.number,
            "verb": self.verb,
            "what": self.what,
            "rows": self.rows,
            "redo": self.redo,
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
    """All rows of the undo log, by (change, part) in the order they were written in."""
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
    touched: Mapping[tuple[str, Key], Row | None],
    rows: Rows,
) -> list[str]:
    """What standing changes touched after this one first did, in words."""
    bare = _made_again(changes[number], touched, rows)
    # What is compared by now is nobody's work: it is as easily compared again.
    wanted = {(name, key) for name, key in touched if name != "fresh"}
    seen: set[tuple[str, Key]] = set()
    both: dict[int, set[tuple[str, Key]]] = {}
    # By the order of writing and not by number: changes of two processes may interleave.
    for (change, _), raw in parts.items():
        if change == number:
            seen.update(wanted.intersection(_touched(raw)))
        elif seen and change in changes and _stands(changes[change], changes, number):
            with_it = seen.intersection(_touched(raw))
            both.setdefault(change, set()).update(
                with_it - bare if changes[change].verb in READS else with_it
            )
    found = []
    for later in sorted(change for change, rows in both.items() if rows):
        names = ", ".join(sorted({name for name, _ in both[later]}))
        verb = changes[later].verb
        found.append(f"change {later} ({verb}) also changed {len(both[later])} rows of {names}")
    return found


def _made_again(
    record: ChangeRecord, touched: Mapping[tuple[str, Key], Row | None], rows: Rows
) -> set[tuple[str, Key]]:
    """Rows that a later read writes again without anybody having decided anything.

    It dates the users and albums it visits, and makes anew what was removed, knowing less of it.
    """
    removed = record.verb.startswith("remove ")
    if not removed and record.verb not in READS:
        return set()
    places = TABLES["places"]
    found = {where for where in touched if where[0] in ("users", "albums")}
    if removed:
        now = rows.tables["places"]
        for name, key in touched:
            if name == "places" and _is_empty(places, key, now.get(key)):
                found.add((name, key))
    return found


def _is_empty(places: Table, key: Key, row: Row | None) -> bool:
    return row is None or places.record_of(key, row).state is model.PlaceState.REMOVED


def _touched(raw: bytes) -> Iterator[tuple[str, Key]]:
    return ((name, key) for name, key, _ in unpack_before(raw))


def _stands(record: ChangeRecord, changes: Mapping[int, ChangeRecord], number: int) -> bool:
    """Whether a change is in the way of taking back change `number`.

    An undone change and the one that undid it cancel out, unless only the latter came after
    `number`: then what it put back is news.
    """
    if record.state not in ("open", "done"):
        return False
    target = changes.get(record.undoes)
    return target is None or target.state != "undone" or target.number < number


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
    """What to write: rows as they were, less what others came to need since, or is about nothing.

    A picture whose last place goes with it goes too, as it does when an album is removed.
    """
    needed: set[tuple[str, Key]] = set()
    for name, by, key_of in _NAMED_BY:
        for (of, key), row in touched.items():
            if of == name and row is None:
                others = {(by, other) for other in rows.index(by, key_of)[key]}
                if not needed.isdisjoint(others) or not others <= touched.keys():
                    needed.add((of, key))
    # A picture that stays has still to be compared with the others, and is not in the trash.
    stay = [key for name, key in needed if name == "blobs"]
    needed.update((name, key) for name in ("fresh", "trash") for key in stay)
    ops = {key: row for key, row in touched.items() if key not in needed}
    ops.update({("blobs", key): None for key in _homeless(ops, rows)})
    if any(ops.get(("blobs", key), row) is not None for key, row in rows.tables["blobs"].items()):
        for setting in _OF_PRINTS:
            if ops.get(("configs", setting), ()) is None:
                del ops["configs", setting]
    gone = [key for (name, key), row in ops.items() if name == "places" and row is None]
    ops.update({("checks", key): None for key in gone if key in rows.tables["checks"]})
    after = After(rows, ops)
    return [
        (name, key, None if row is None or _is_idle(name, key, after) else row)
        for (name, key), row in ops.items()
    ]


def _homeless(ops: Mapping[tuple[str, Key], Row | None], rows: Rows) -> set[Key]:
    """The pictures that no place would hold any more."""
    after = After(rows, ops)
    found: set[Key] = set()
    for (name, key), row in ops.items():
        old = rows.tables["places"].get(key) if name == "places" else None
        if old is None or row is not None:
            continue
        for blob in lookups.blob_of_place(key, old):
            holding = rows.index("places", lookups.blob_of_place)[blob]
            if ("blobs", blob) not in ops and not any(after.row("places", k) for k in holding):
                found.add(blob)
    return found


class After:
    """The tables as they would be."""

    def __init__(self, rows: Rows, ops: Mapping[tuple[str, Key], Row | None]) -> None:
        self._rows = rows
        self._ops = ops

    def row(self, name: str, key: Key) -> Row | None:
        """One row."""
        if (name, key) in self._ops:
            return self._ops[name, key]
        return self._rows.tables[name].get(key)

    def tags(self) -> dict[int, model.Tag]:
        """The tag tree."""
        table = TABLES["tags"]
        keys = [*self._rows.tables["tags"], *(key for name, key in self._ops if name == "tags")]
        found = ((key, self.row("tags", key)) for key in dict.fromkeys(keys))
        return {
            table.unpack_key(key)[0]: table.record_of(key, row)
            for key, row in found
            if row is not None
        }


def _is_idle(name: str, key: Key, after: After) -> bool:
    """Whether a row says something only of what is gone; decisions outlive their pictures."""
    if name == "fresh":
        return after.row("blobs", key) is None
    if name == "checks":
        return after.row("places", key) is None
    about: Iterable[Key] = (key,) if name == "choices" else ()
    if name == "pairs":
        about = lookups.blobs_of_pair(key, ())
    elif name == "tagged":
        about = (TABLES[name].unpack_key(key)[0],)
    return not all(after.row("blobs", blob) or after.row("trash", blob) for blob in about)


def astray(ops: Iterable[Op], rows: Rows) -> list[str]:
    """What would come back without what it needs, in words.

    Changes that emptied the trash, or cannot be undone for it, leave no trace to conflict with.
    """
    after = After(rows, {(name, key): row for name, key, row in ops})
    lacking: Counter[str] = Counter()
    for name, key, row in ops:
        if row is not None:
            lacking.update(
                f"{name} that need {word} which are gone by now"
                for of, word, key_of in _NEEDS.get(name, ())
                if any(after.row(of, needed) is None for needed in key_of(key, row))
            )
    return [f"it would bring back {count} {words}" for words, count in sorted(lacking.items())]


_OF_PRINTS = ("preparation", "vector_space")
"""Settings that the first read makes, and that the prints of all later ones go by."""

_NEEDS = {
    "places": (
        ("blobs", "pictures", lookups.blob_of_place),
        ("albums", "albums", lookups.album_of_place),
    ),
    "albums": (("users", "users", lookups.user_of_album),),
    "tagged": (("tags", "tags", lookups.tags_of_row),),
}


# Each after what names it: an album that stays keeps its user.
_NAMED_BY = (
    ("blobs", "places", lookups.blob_of_place),
    ("albums", "places", lookups.album_of_place),
    ("users", "albums", lookups.user_of_album),
)


def others_came(changes: Iterable[ChangeRecord], record: ChangeRecord) -> bool:
    """Whether pictures were read since a change began."""
    return any(c.number > record.number and c.verb in READS for c in changes)


def compare_again(tx: Transaction, ops: Iterable[Op]) -> None:
    """Notes pictures that come back as not compared with what was read meanwhile.

    At 0 and not now: what they are known to be alike to stays in force until the search.
    """
    for name, key, row in ops:
        digest = model.Digest(TABLES[name].unpack_key(key)[0]) if name == "blobs" else None
        if digest is not None and row is not None and digest not in tx.blobs:
            tx.put(model.Fresh(digest, 0))


def mark(tx: Transaction, record: ChangeRecord) -> None:
    """Notes that a change is undone; undoing an undo makes its target stand again, and so on."""
    next_one: ChangeRecord | None = record
    state = "undone"
    while next_one is not None and next_one.state != "final":
        tx.put(replace(next_one, state=state))
        state = "done" if state == "undone" else "undone"
        # A log whose changes take back later ones, or themselves, would be followed for ever.
        earlier = next_one.undoes if next_one.undoes < next_one.number else 0
        next_one = tx.changes.get(earlier)
