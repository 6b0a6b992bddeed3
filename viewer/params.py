"""The state of a gallery that its address holds: filters, page, order, selection mode.

Parsed here and nowhere else. What is out of range is clamped, what makes no sense is as if it were
not there; written back in one spelling, without what is as it would be anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from fapfav.browse.filters import Sort

E = TypeVar("E", bound=StrEnum)


class Size(StrEnum):
    """How high the rows of a grid are."""

    SMALL = "s"
    MEDIUM = "m"
    LARGE = "l"


@dataclass(frozen=True, slots=True)
class ViewParams:
    """Filters 0 don't show, 1 allow, 2 only; `tv` are tag numbers, 0 none; `at` a picture."""

    dup: int = 0
    portrait: int = 1
    landscape: int = 1
    tf1: int = 1
    tv1: int = 0
    tf2: int = 1
    tv2: int = 0
    lock: int = 0
    sort: Sort = Sort.ALBUM
    size: Size = Size.MEDIUM
    page: int = 1
    at: str = ""

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> ViewParams:
        """From the parameters of an address; never refuses any."""
        numbers = {name: _number(query, name, low, high) for name, (low, high) in _RANGES.items()}
        return cls(
            **{name: value for name, value in numbers.items() if value is not None},
            sort=_word(query.get("sort", ""), Sort.ALBUM),
            size=_word(query.get("size", ""), Size.MEDIUM),
            at=_at(query.get("at", "")),
        )

    @property
    def filters(self) -> tuple[int, ...]:
        """What decides which pictures are shown; not their order, nor the page."""
        return tuple(getattr(self, name) for name in _FILTERS)

    def query(self, **changes: object) -> str:
        """As the query of an address, with some changed; empty, or begins with `?`."""
        wanted = replace(self, **changes)  # type: ignore[arg-type]
        given = {
            each.name: str(value)
            for each in fields(ViewParams)
            if (value := getattr(wanted, each.name)) != each.default
        }
        return f"?{urlencode(given)}" if given else ""


_LARGEST = 2**63 - 1
_FILTERS = ("dup", "portrait", "landscape", "tf1", "tv1", "tf2", "tv2")
_RANGES = {
    "dup": (0, 1),
    "portrait": (0, 2),
    "landscape": (0, 2),
    "tf1": (0, 2),
    "tv1": (0, _LARGEST),
    "tf2": (0, 2),
    "tv2": (0, _LARGEST),
    "lock": (0, 1),
    "page": (1, 1_000_000),
}


def _number(query: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = query.get(name, "").strip()[:20]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return min(max(int(text), low), high)


def _word(text: str, default: E) -> E:
    try:
        return type(default)(text)
    except ValueError:
        return default


def _at(text: str) -> str:
    return text if len(text) <= 200 and text.isprintable() else ""
