"""What a frame's payload holds, checked to the last value: also what opening never reads.

The payload is authentic by then; what it says may still be what no program of ours would write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fapfav.errors import DamagedArchive, FapfavError, NewerVersion
from fapfav.store import values
from fapfav.store.database import decode_ops, read_chunk, read_end
from fapfav.store.frames import Kind
from fapfav.store.rows import Op
from fapfav.store.tables import Key
from fapfav.store.transaction import unpack_before
from fapfav.store.vectors import decode_block


@dataclass(slots=True)
class Counted:
    """The rows a snapshot holds, and those it says it holds (None: it does not get to say)."""

    held: dict[str, set[Key]] = field(default_factory=dict)
    stated: dict[str, int] | None = None

    def lacking(self) -> dict[str, int]:
        """How many rows of each table are not there; negative where there are more."""
        found = {name: len(keys) for name, keys in self.held.items()}
        stated = self.stated or {}
        both = {name: stated.get(name, 0) - found.get(name, 0) for name in {*stated, *found}}
        return {name: count for name, count in sorted(both.items()) if count}


def check(kind: Kind, payload: bytes, counted: Counted) -> str:
    """What is wrong with a payload, in words, or nothing. Raises NewerVersion."""
    try:
        _check(kind, payload, counted)
    except NewerVersion:
        raise
    except DamagedArchive as error:
        return str(error)
    except (FapfavError, TypeError, KeyError, ValueError, AttributeError):
        return "it holds something that is not well formed"
    return ""


def _check(kind: Kind, payload: bytes, counted: Counted) -> None:
    if kind in (Kind.TABLE, Kind.UNDO):
        table, rows = read_chunk(values.decode(payload))
        if (table.name == "undo") != (kind is Kind.UNDO):
            raise DamagedArchive(f"rows of {table.name} do not belong here")
        if kind is Kind.UNDO:
            for row in rows.values():
                unpack_before(row[0])
        else:
            counted.held.setdefault(table.name, set()).update(rows)
    elif kind is Kind.VECTORS:
        decode_block(payload)
    elif kind is Kind.END:
        counted.stated = read_end(values.decode(payload))
    else:
        _check_ops(decode_ops(payload))


def _check_ops(ops: Iterable[Op]) -> None:
    for name, _, row in ops:
        if name == "undo" and row is not None:
            unpack_before(row[0])
