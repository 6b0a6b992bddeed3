"""What a picture's page says of the picture: its name, who put it there, when, and how large."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from fapfav.sources.imagefap_markup import Marks

_DAY = re.compile(r"\s*([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})\s*")
_SIDE = re.compile(r"\s*([0-9]{1,6})\s*")


@dataclass(frozen=True, slots=True)
class Facts:
    """As the site puts them; empty or 0 where it does not. `posted` is in seconds UTC.

    `stated` says that the page carries a record of a picture, whatever is in it.
    """

    name: str = ""
    author: str = ""
    posted: int = 0
    width: int = 0
    height: int = 0
    stated: bool = False


def facts_of(marks: Marks) -> Facts:
    """The facts of a page: from its record, the name otherwise from the next best place."""
    record = next(_records(marks), None)
    given: dict[str, Any] = record or {}
    named = (_text(given.get("name")), *marks.titles, *map(_advertised, marks.descriptions))
    return Facts(
        name=next((name for name in named if name.strip()), ""),
        author=_text(given.get("author")),
        posted=_seconds(given.get("datePublished")),
        width=_side(given.get("width")),
        height=_side(given.get("height")),
        stated=record is not None,
    )


def _records(marks: Marks) -> Iterator[dict[str, Any]]:
    """The records of pictures; scripts that are no JSON are passed over."""
    for script in marks.scripts:
        try:
            said = json.loads(str(script), strict=False)
        except (ValueError, RecursionError):
            continue
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, dict) and one.get("@type") in ("ImageObject", ["ImageObject"]):
                yield one


def _text(value: object) -> str:
    """Text as a person wrote it; the author may be a record of its own with a name."""
    if isinstance(value, dict):
        value = value.get("name")
    return unescape(value).strip() if isinstance(value, str) else ""


def _seconds(value: object) -> int:
    """The start of a day given as day/month/year, or 0."""
    match = _DAY.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return 0
    day, month, year = map(int, match.groups())
    try:
        return max(0, int(datetime(year, month, day, tzinfo=UTC).timestamp()))
    except ValueError:
        return 0


def _side(value: object) -> int:
    """A number of pixels, which the site gives as text, or 0."""
    match = _SIDE.fullmatch(value) if isinstance(value, str) else None
    if match:
        return int(match[1])
    return value if type(value) is int and 0 < value < 10**6 else 0


def _advertised(description: str) -> str:
    """The name in the sentence that advertises a picture: three words before it, two after it."""
    words = description.partition(" uploaded by ")[0].split()
    return " ".join(words[3:-2])
