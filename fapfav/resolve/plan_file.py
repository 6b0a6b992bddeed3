"""A plan as a file: what is to become of each set, as JSON that a person may read and edit.

What may be edited is `apply`, `keep`, `copies` and `may_hide`, and entries may be taken out; the
rest says what it is about. Whether pictures and sets are still as they were is the archive's to
say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fapfav.errors import UsageError
from fapfav.resolve.fields import (
    Fields,
    digest,
    first_problems,
    flag,
    listed,
    number,
    one_of,
    several,
    shown,
    whole,
    words,
    wrong,
)
from fapfav.resolve.rules import Spared
from fapfav.words import Digest

VERSION = 1

NOTE = (
    "Of each set 'keep' stays and 'copies' are hidden, their tags and places going to 'keep'."
    " Edit 'apply', 'keep', 'copies' and 'may_hide', or take whole sets out, then"
    " `duplicates apply FILE`. A set that changed meanwhile is left as it is."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One set of a plan.

    `pictures` has all of its pictures, each with a line about it; `moves` says what `keep` gets,
    `saves` how many bytes the copies have. `certainty`, 0 to 1, `is_probability` that all are the
    same, or it is how near they are. `revision` is another one after any change that counts.
    """

    apply: bool
    rule: str
    keep: Digest
    copies: tuple[Digest, ...]
    reason: str
    certainty: float
    moves: tuple[str, ...]
    saves: int
    may_hide: tuple[Spared, ...]
    revision: str
    pictures: tuple[tuple[Digest, str], ...]
    is_probability: bool = False


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A whole plan; `made` is when, in words."""

    made: str
    entries: tuple[Entry, ...]


def to_json(plan: PlanFile) -> dict[str, Any]:
    """A plan as it is written."""
    return {
        "plan": VERSION,
        "made": plan.made,
        "note": NOTE,
        "sets": [_written(entry) for entry in plan.entries],
    }


def _written(entry: Entry) -> dict[str, Any]:
    return {
        "apply": entry.apply,
        "rule": entry.rule,
        "reason": entry.reason,
        "certainty": entry.certainty,
        "is_probability": entry.is_probability,
        "keep": entry.keep.hex(),
        "copies": [each.hex() for each in entry.copies],
        "moves": list(entry.moves),
        "saves": entry.saves,
        "may_hide": [each.value for each in entry.may_hide],
        "pictures": {each.hex(): words for each, words in entry.pictures},
        "revision": entry.revision,
    }


def from_json(value: Any) -> PlanFile:
    """A plan as it was written, edited or not.

    Raises UsageError with all that is wrong, each beginning with its entry: `sets[3].keep: ...`.
    """
    top = Fields(value, "the plan")
    version = top.read("plan", whole(1))
    if version != VERSION:
        wrong("the plan", f"it is of version {version}, this program reads {VERSION}")
    made = top.read("made", _line, "")
    top.read("note", _line, "")
    rows = listed(top.raw("sets"), "sets")
    top.done()
    entries: list[Entry] = []
    problems: list[str] = []
    for at, row in enumerate(rows):
        try:
            entries.append(_entry(row, f"sets[{at}]"))
        except UsageError as error:
            problems.append(str(error))
    if not problems:
        problems += _twice(entries)
    first_problems(problems)
    return PlanFile(made, tuple(entries))


def _entry(value: Any, path: str) -> Entry:
    given = Fields(value, path)
    entry = Entry(
        apply=given.read("apply", flag),
        rule=given.read("rule", words),
        reason=given.read("reason", _line, ""),
        certainty=given.read("certainty", number(0, 1), 0.0),
        keep=given.read("keep", digest),
        copies=given.read("copies", several(digest)),
        moves=given.read("moves", _lines, ()),
        saves=given.read("saves", whole(0), 0),
        may_hide=given.read("may_hide", _may_hide, ()),
        pictures=given.read("pictures", _pictures),
        revision=given.read("revision", words),
        is_probability=given.read("is_probability", flag, False),
    )
    given.done()
    known = dict(entry.pictures)
    if entry.keep not in known:
        wrong(f"{path}.keep", f"{_short(entry.keep)} is no picture of this set; {_names(entry)}")
    for at, each in enumerate(entry.copies):
        if each not in known:
            wrong(f"{path}.copies[{at}]", f"{_short(each)} is no picture of this set")
        if each == entry.keep:
            wrong(f"{path}.copies[{at}]", f"{_short(each)} is kept: it cannot be a copy as well")
    return entry


def _twice(entries: Iterable[Entry]) -> Iterator[str]:
    """Sets that are there twice: what one entry decides another must not decide otherwise."""
    seen: dict[Digest, int] = {}
    for at, entry in enumerate(entries):
        for one, _ in entry.pictures:
            before = seen.setdefault(one, at)
            if before != at:
                yield f"sets[{at}]: {_short(one)} is in sets[{before}] already; take one out"
                break


def _line(value: Any, path: str) -> str:
    if not isinstance(value, str):
        wrong(path, f"{shown(value)} is no text")
    return value


def _lines(value: Any, path: str) -> tuple[str, ...]:
    return tuple(_line(each, f"{path}[{at}]") for at, each in enumerate(listed(value, path)))


def _may_hide(value: Any, path: str) -> tuple[Spared, ...]:
    reader = several(one_of(Spared, "reason to spare"))
    return reader(value, path) if listed(value, path) else ()


def _pictures(value: Any, path: str) -> tuple[tuple[Digest, str], ...]:
    if not isinstance(value, dict):
        wrong(path, f"{shown(value)} is no object with a line for each picture")
    found = [(digest(name, path), _line(line, f"{path}.{name}")) for name, line in value.items()]
    for one, count in Counter(one for one, _ in found).items():
        if count > 1:  # the same digest in small and in capital letters
            wrong(path, f"{_short(one)} is there twice")
    return tuple(found)


def _short(one: Digest) -> str:
    return one.hex()[:12]


def _names(entry: Entry) -> str:
    return f"it has {', '.join(_short(one) for one, _ in entry.pictures) or 'none'}"
