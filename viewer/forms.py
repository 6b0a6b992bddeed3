"""Values of addresses and forms: parsed here, so that what makes no sense is refused in one way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.utils.datastructures import MultiValueDict

from fapfav import text
from fapfav.errors import UsageError

T = TypeVar("T")


SEVERAL = frozenset({"pick", "select", "unselect", "selected_blobs", "row", "drop"})
"""Fields that a form may have several times, each with another value."""


def refuse_contradictions(fields: MultiValueDict[str, str]) -> None:
    """Raises UsageError for a form that says two things in one field: which one is meant?"""
    for name, values in fields.lists():
        said = {value.strip() for value in values} - {""}
        if len(said) > 1 and name not in SEVERAL:
            shown = text.shown(text.short(name, 40))
            raise UsageError(f"this form says two things as {shown}: nothing was done")


def number(fields: Mapping[str, str], name: str) -> int | None:
    """A whole number, None when it is not there. Raises UsageError for anything else."""
    given = fields.get(name, "").strip()
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise UsageError(f"{name} takes a number, not {text.shown(text.short(given, 40))}")
    return int(given)


def choice(fields: Mapping[str, str], name: str, known: Collection[str], default: str) -> str:
    """One of some words; the default for any other."""
    given = fields.get(name, "")
    return given if given in known else default


def pressed(fields: Mapping[str, str], *buttons: str) -> str:
    """Which one of these buttons sent a form. Raises UsageError for none and for several."""
    found = [name for name in buttons if name in fields]
    if len(found) != 1:
        raise UsageError("a form does one thing at a time, and nothing was done")
    return found[0]


def page_of(fields: Mapping[str, str], items: Sequence[T], size: int) -> Page[T]:
    """The page that is asked for, or the nearest there is."""
    return Paginator(items, size).get_page(fields.get("page", "1"))


def counted(count: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return text.many(count, noun)


def query(**values: object) -> str:
    """As the query of an address, without what is empty; empty, or begins with `?`."""
    given = {name: str(value) for name, value in values.items() if value not in ("", None)}
    return f"?{urlencode(given)}" if given else ""


def listed(words: Sequence[str], most: int = 10) -> str:
    """`1`, `1 and 2`, `1, 2 and 3`; of many the first and how many more."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
