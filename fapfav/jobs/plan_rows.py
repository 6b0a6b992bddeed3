"""The rows of a plan as plain values, to go to the process that applies it, and back, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from fapfav.duplicates.queue import Kind
from fapfav.errors import UsageError
from fapfav.jobs.base import plain
from fapfav.jobs.plan import PlanRow
from fapfav.model import AlbumKey, digest_of

_NAMES = {field.name for field in fields(PlanRow)}


def to_plain(rows: Iterable[PlanRow]) -> list[dict[str, Any]]:
    """Rows as JSON takes them."""
    return [plain(row) for row in rows]


def from_plain(value: Any) -> tuple[PlanRow, ...]:
    """The very rows again. Raises UsageError for what are none."""
    try:
        return tuple(_row(each) for each in value)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise UsageError("these are no rows of a plan") from None


def _row(value: dict[str, Any]) -> PlanRow:
    if value.keys() != _NAMES or not all(isinstance(value[name], str) for name in _TEXTS):
        raise ValueError
    if not isinstance(value["is_probability"], bool):
        raise ValueError
    row = PlanRow(**value)
    return replace(
        row,
        key=digest_of(value["key"]),
        keep=digest_of(value["keep"]),
        skip=tuple(digest_of(each) for each in value["skip"]),
        kind=Kind(value["kind"]),
        certainty=float(value["certainty"]),
        bytes=int(value["bytes"]),
        places=int(value["places"]),
        albums=frozenset(AlbumKey(*each) for each in value["albums"]),
    )


_TEXTS = ("key", "keep", "reason", "revision", "kind")
