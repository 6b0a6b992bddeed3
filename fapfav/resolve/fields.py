"""Values of JSON that a person wrote, read one by one; what is wrong is named with where it is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from fapfav import text
from fapfav.errors import UsageError
from fapfav.words import Digest, digest_of

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MISSING: Any = object()
"""Stands for no default: the field has to be there."""

LARGEST = 2**62
"""Numbers beyond it are refused: no count and no size comes near it."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def wrong(path: str, words: str) -> NoReturn:
    """Raises UsageError saying where and what."""
    raise UsageError(f"{path}: {words}")


def shown(value: Any) -> str:
    """A value in an error: in one line, and not longer than one reads."""
    return text.short(text.shown(repr(value)), 60)


class Fields:
    """The fields of one object of JSON. Each is asked for once; `done` refuses what nobody asked.

    All methods raise UsageError, beginning with the path of the field: `rules[2].mode: ...`.
    """

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            wrong(path, f"{shown(value)} is no object with named fields")
        self.path = path
        self._left = dict(value)
        self._asked: list[str] = []

    def at(self, name: str) -> str:
        """The path of a field."""
        return f"{self.path}.{name}"

    def raw(self, name: str, default: Any = MISSING) -> Any:
        """A field as it is."""
        self._asked.append(name)
        value = self._left.pop(name, default)
        if value is MISSING:
            wrong(self.path, f"{name!r} is missing")
        return value

    def read(self, name: str, reader: Callable[[Any, str], T], default: Any = MISSING) -> T:
        """A field as a reader makes it of value and path; the default is not read."""
        value = self.raw(name, default)
        return value if value is default else reader(value, self.at(name))

    def done(self) -> None:
        """Refuses fields that there are none of: a mistyped condition must not hold for all."""
        for name in sorted(self._left):
            wrong(self.path, f"there is no {shown(name)} here: {', '.join(sorted(self._asked))}")


def flag(value: Any, path: str) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        wrong(path, f"{shown(value)} is neither true nor false")
    return value


def words(value: Any, path: str) -> str:
    """A text, not empty."""
    if not isinstance(value, str) or not value.strip():
        wrong(path, f"{shown(value)} is no text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        wrong(path, "half a character is no text")
    return value


def number(least: float, most: float = LARGEST) -> Callable[[Any, str], float]:
    """A reader of numbers within bounds."""

    def read(value: Any, path: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value) or not least <= value <= most:
            upto = f"{least:g} to {most:g}" if most < LARGEST else f"{least:g} on"
            wrong(path, f"{shown(value)} is no number from {upto}")
        return float(value)

    return read


def whole(least: int, most: int = LARGEST) -> Callable[[Any, str], int]:
    """A reader of whole numbers within bounds."""

    def read(value: Any, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            upto = f"{least} to {most}" if most < LARGEST else f"{least} or more"
            wrong(path, f"{shown(value)} is no whole number, {upto}")
        return value

    return read


def one_of(kind: type[E], noun: str) -> Callable[[Any, str], E]:
    """A reader of one of several words."""

    def read(value: Any, path: str) -> E:
        if not isinstance(value, str) or value not in list(kind):
            wrong(path, f"{shown(value)} is no {noun}: {', '.join(kind)}")
        return kind(value)

    return read


def several(reader: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
    """A reader of lists that are not empty and name nothing twice."""

    def read(value: Any, path: str) -> tuple[T, ...]:
        found = [reader(each, f"{path}[{at}]") for at, each in enumerate(listed(value, path))]
        if not found:
            wrong(path, "it is an empty list; leave it out, or name something")
        for at, each in enumerate(found):
            if each in found[:at]:
                wrong(f"{path}[{at}]", f"{shown(value[at])} is there twice")
        return tuple(found)

    return read


def listed(value: Any, path: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list | tuple):
        wrong(path, f"{shown(value)} is no list")
    return list(value)


def among(known: Collection[str], noun: str) -> Callable[[Any, str], str]:
    """A reader of one of several texts that are no enum."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in known:
            wrong(path, f"{shown(value)} is no {noun}: {', '.join(known)}")
        return value

    return read


def day(value: Any, path: str) -> int:
    """The seconds UTC at which a day begins that is written `2024-12-31`."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return int(datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        pass
    wrong(path, f"{shown(value)} is no day; write it as 2024-12-31")


def day_words(seconds: int) -> str:
    """A day as `day` reads it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def digest(value: Any, path: str) -> Digest:
    """A digest of 64 hex digits."""
    try:
        if isinstance(value, str):
            return digest_of(value)
    except UsageError:
        pass
    wrong(path, f"{shown(value)} is no digest: it takes 64 hex digits")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which nothing is said twice: of two the last would count unseen.

    For `json.loads` as its `object_pairs_hook`. Raises ValueError.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice in one object")
    return found


def first_problems(found: Iterable[str], most: int = 10) -> None:
    """Raises UsageError with all that is wrong, if anything is."""
    problems = list(found)
    if problems:
        more = [f"and {len(problems) - most} more"] if len(problems) > most else []
        raise UsageError("; ".join([*problems[:most], *more]))
