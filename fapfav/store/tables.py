"""Every table: its key, its columns, and the record a row becomes.

Nothing else knows how a record lies on disk. A row in memory is a tuple of column values in the
order of `Table.columns`, under a packed key that is `str` or `bytes` whatever the key is made of:
hashes of ints, alone or in tuples, can be chosen to collide, hashes of these are secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from fapfav import model
from fapfav.errors import DamagedArchive, NewerVersion, UsageError
from fapfav.store import columns as c
from fapfav.store import nested

SEPARATOR = nested.SEPARATOR

Key = str | bytes
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `parts` names the key's fields and spells their kinds: s str, d digest, i int."""

    name: str
    record: type
    parts: tuple[tuple[str, str], ...]
    columns: tuple[c.Column, ...]
    kinds: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", "".join(kind for _, kind in self.parts))

    def pack_key(self, parts: tuple[Any, ...]) -> Key:
        """The key in memory. Raises UsageError for an id that holds the separator."""
        kinds = self.kinds
        if kinds.strip("s") == "":
            if any(SEPARATOR in part for part in parts):
                raise UsageError(f"an id of {self.name} holds the character U+001F")
            return parts[0] if len(parts) == 1 else SEPARATOR.join(parts)
        packed = [_PACK[kind](part) for kind, part in zip(kinds, parts, strict=True)]
        # A text has no fixed width: it goes last, whatever its place in the key.
        return b"".join(packed[::-1] if kinds == "sd" else packed)

    def unpack_key(self, key: Key) -> tuple[Any, ...]:
        """The parts of a key in memory."""
        kinds = self.kinds
        if isinstance(key, str):
            return tuple(key.split(SEPARATOR))
        if kinds == "sd":
            return key[32:].decode(), key[:32]
        parts: list[Any] = []
        at = 0
        for kind in kinds:
            width = {"d": 32, "i": 8, "s": len(key) - at}[kind]
            parts.append(_UNPACK[kind](key[at : at + width]))
            at += width
        return tuple(parts)

    def key_to_disk(self, key: Key) -> Any:
        """The key as the log holds it."""
        if isinstance(key, str) or self.kinds in ("d", "dd"):
            return key
        parts = self.unpack_key(key)
        return parts[0] if len(parts) == 1 else list(parts)

    def key_from_disk(self, value: Any) -> Key:
        """The key in memory, checked. Raises DamagedArchive."""
        kinds = self.kinds
        if kinds.strip("s") == "":
            if type(value) is str and value.count(SEPARATOR) == len(kinds) - 1:
                return value
        elif kinds in ("d", "dd"):
            if type(value) is bytes and len(value) == 32 * len(kinds):
                return value
        else:
            parts = value if type(value) is list else [value]
            if len(parts) == len(kinds) and all(map(_fits, kinds, parts)):
                return self.pack_key(tuple(parts))
        raise DamagedArchive(f"the database holds a wrong key in its table {self.name}")

    def row_of(self, record: Any) -> tuple[Key, Row]:
        """Key and row of a record."""
        key = self.pack_key(tuple(getattr(record, name) for name, _ in self.parts))
        return key, tuple([getattr(record, column.name) for column in self.columns])

    def record_of(self, key: Key, row: Row) -> Any:
        """The record of a row."""
        return self.record(*self.unpack_key(key), *row)

    def row_to_disk(self, row: Row) -> dict[str, Any]:
        """A row as a change holds it."""
        return {col.name: col.to_disk(v) for col, v in zip(self.columns, row, strict=True)}

    def row_from_disk(self, value: Any) -> Row:
        """A row from a change, checked. Raises DamagedArchive, or NewerVersion for new fields."""
        if type(value) is not dict:
            raise DamagedArchive(f"the database holds no row in its table {self.name}")
        names = {column.name for column in self.columns}
        if not names >= value.keys():
            raise NewerVersion(_newer(f"a field of {self.name}"))
        if len(value) != len(names):
            raise DamagedArchive(f"the database holds half a row in its table {self.name}")
        return tuple([column.from_disk(value[column.name]) for column in self.columns])

    def pack_rows(self, rows: Iterable[tuple[Key, Row]]) -> dict[str, Any]:
        """A chunk of a snapshot."""
        keys, values = zip(*rows, strict=True)
        named = {"key": _KEYS[self.kinds].pack(keys)}
        for column, run in zip(self.columns, zip(*values, strict=True), strict=True):
            named[column.name] = column.pack(run)
        return {"table": self.name, "count": len(keys), "columns": named}

    def unpack_rows(self, count: int, named: dict[str, Any]) -> dict[Key, Row]:
        """The rows of a chunk, checked. Raises DamagedArchive, or NewerVersion for new columns."""
        if not {"key", *(column.name for column in self.columns)} >= named.keys():
            raise NewerVersion(_newer(f"a column of {self.name}"))
        if len(named) != len(self.columns) + 1:
            raise DamagedArchive(f"the database's table {self.name} lacks a column")
        keys = self._check_keys(_KEYS[self.kinds].unpack(named["key"], count))
        runs = [column.unpack(named[column.name], count) for column in self.columns]
        return dict(zip(keys, zip(*runs, strict=True), strict=True))

    def _check_keys(self, keys: list[Any]) -> list[Key]:
        """Keys of a run, where they stand as in memory; their width is the run's to check."""
        if self.kinds in _BYTES_KEYS:
            fits = "s" not in self.kinds or all(len(key) >= 32 for key in keys)
        else:
            breaks = len(self.kinds) - 1
            fits = all(key.count(SEPARATOR) == breaks for key in keys)
        if not fits:
            raise DamagedArchive(f"the database holds a wrong key in its table {self.name}")
        return keys


def _newer(what: str) -> str:
    return f"the archive holds {what} that this program does not know: use a newer fapfav"


def _fits(kind: str, part: Any) -> bool:
    if kind == "s":
        return type(part) is str
    if kind == "d":
        return type(part) is bytes and len(part) == 32
    return type(part) is int and 0 <= part < 2**63


_PACK: dict[str, Callable[[Any], bytes]] = {
    "s": lambda part: part.encode(),
    "d": bytes,
    "i": lambda part: part.to_bytes(8, "big"),
}
_UNPACK: dict[str, Callable[[bytes], Any]] = {
    "s": lambda raw: raw.decode(),
    "d": bytes,
    "i": lambda raw: int.from_bytes(raw, "big"),
}

# In a chunk a key stands as it does in memory.
_BYTES_KEYS = {"d": 32, "dd": 64, "i": 8, "ii": 16, "ds": 32, "sd": 32}
_KEYS = {
    **{kinds: c.text("key") for kinds in ("s", "ss", "sss", "ssss")},
    **{kinds: c.fixed("key", width) for kinds, width in _BYTES_KEYS.items() if "s" not in kinds},
    **{kinds: c.raw("key") for kinds in ("ds", "sd")},
}


def _u4(*names: str) -> tuple[c.Column, ...]:
    return tuple(c.integer(name, 4) for name in names)


def _u8(*names: str) -> tuple[c.Column, ...]:
    return tuple(c.integer(name, 8) for name in names)


_ALBUM = (("source", "s"), ("user", "s"), ("album", "s"))
_PAIR = (("first", "d"), ("second", "d"))
_DIGEST = (("digest", "d"),)
_NUMBER = (("number", "i"),)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table("configs", model.Config, (("name", "s"),), (c.plain("value"),)),
        Table(
            "users",
            model.User,
            _ALBUM[:2],
            (
                c.text("name"),
                *_u8("date_albums", "date_finished", "date_audit"),
                c.integer("priority", 4, signed=True),
                c.boolean("protected"),
            ),
        ),
        Table(
            "albums",
            model.Album,
            _ALBUM,
            (
                c.text("name"),
                c.text("kind"),
                *_u4("pages"),
                c.text("cursor"),
                *_u8("date_listed", "date_blobs"),
                c.integer("priority", 4, signed=True),
                c.boolean("protected"),
            ),
        ),
        Table(
            "places",
            model.Place,
            (*_ALBUM, ("image", "s")),
            (
                *_u4("position"),
                c.text("name"),
                c.word("state", model.PlaceState),
                c.digest_or_none("holds"),
                c.digest_or_none("served"),
                *_u8("served_size"),
                c.word("verdict", model.Verdict),
                *_u8("added"),
                c.integer("posted", 8, signed=True),
                c.text("stamp"),
                c.raw("raw"),
                c.plain("failure", nested.failure_to_disk, nested.failure_from_disk),
            ),
        ),
        Table(
            "checks",
            model.Check,
            (*_ALBUM, ("image", "s")),
            (
                *_u8("checked"),
                c.plain("history", nested.history_to_disk, nested.history_from_disk),
            ),
        ),
        Table(
            "blobs",
            model.Blob,
            _DIGEST,
            (
                *_u8("size"),
                c.one_of("ext", model.EXTENSIONS),
                *_u4("width", "height"),
                c.boolean("animated"),
                *_u4("frames"),
                *_u8("duration"),
                c.integer("orientation", 1),
                c.integer("quality", 1),
                c.fixed("md5", 16),
                *_u4("thumb_size"),
                c.one_of("thumb_ext", ("", *model.EXTENSIONS)),
                *_u8("added", "date"),
            ),
        ),
        Table(
            "spaces",
            model.Space,
            (("name", "s"),),
            (
                c.text("kind"),
                *_u4("width"),
                *(c.text(name) for name in ("dtype", "model", "preparation", "pillow")),
                *_u4("version"),
            ),
        ),
        Table("prints", model.Print, (("space", "s"), ("digest", "d")), (c.raw("value"),)),
        Table(
            "pairs",
            model.Pair,
            _PAIR,
            (
                c.plain("scores", dict, nested.scores_from_disk),
                c.plain("judged", nested.judged_to_disk, nested.judged_from_disk),
            ),
        ),
        Table("fresh", model.Fresh, _DIGEST, _u8("at")),
        Table(
            "decisions",
            model.Decision,
            _PAIR,
            (c.word("label", model.Label), *_u8("at", "change")),
        ),
        Table(
            "choices",
            model.Chosen,
            _DIGEST,
            (c.word("choice", model.Choice), *_u8("at", "change")),
        ),
        Table(
            "tags",
            model.Tag,
            _NUMBER,
            (
                c.text("name"),
                *_u8("parent"),
                c.text("category"),
                c.words("aliases"),
                c.numbers("implies"),
            ),
        ),
        Table(
            "tagged",
            model.Tagged,
            (*_DIGEST, ("by", "s")),
            (
                c.numbers("tags"),
                c.numbers("rejected"),
                c.plain("confidence", lambda v: v and list(v), nested.confidence_from_disk),
                *_u8("at"),
            ),
        ),
        Table(
            "changes",
            model.ChangeRecord,
            _NUMBER,
            (
                *(c.text(name) for name in ("verb", "by", "page", "what")),
                *_u8("started", "ended"),
                c.text("state"),
                *_u8("undoes"),
            ),
        ),
        Table("undo", model.Undo, (("change", "i"), ("part", "i")), (c.raw("ops"),)),
        Table(
            "trash",
            model.Trashed,
            _DIGEST,
            (
                *_u8("at", "change", "size"),
                c.one_of("ext", model.EXTENSIONS),
                *_u4("thumb_size"),
                c.one_of("thumb_ext", ("", *model.EXTENSIONS)),
            ),
        ),
        Table(
            "removed",
            model.Removed,
            _DIGEST,
            (
                *_u8("at", "change"),
                c.text("why"),
                c.plain("images", nested.images_to_disk, nested.images_from_disk),
                c.raw("hashes"),
                c.digest_or_none("successor"),
            ),
        ),
        Table(
            "jobs",
            model.Job,
            _NUMBER,
            (
                c.text("verb"),
                c.plain("arguments", dict, nested.dictionary_from_disk),
                c.text("state"),
                *_u8("started", "ended"),
                c.plain("report", lambda v: v and dict(v), nested.maybe_dictionary_from_disk),
                *_u8("change"),
            ),
        ),
    )
}


def table_of(name: Any) -> Table:
    """The table of that name. Raises NewerVersion for one this program does not know."""
    table = TABLES.get(name) if type(name) is str else None
    if table is None:
        raise NewerVersion(_newer(f"a table {name!r}"))
    return table


BY_RECORD: dict[type, Table] = {table.record: table for table in TABLES.values()}
