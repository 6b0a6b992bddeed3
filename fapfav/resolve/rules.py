"""What a rule is: conditions that a set meets or not, and criteria by which its keeper is chosen.

Rules are kept and edited as JSON, `{"rules": [...]}`; `example.EXAMPLE` explains every field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from fapfav.resolve.fields import (
    Fields,
    among,
    day,
    day_words,
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
from fapfav.words import EXTENSIONS

MOST_RULES = 100
LONGEST_NAME = 60
"""Characters."""


class Mode(StrEnum):
    """Not asked at all, shown in plans for a person to say yes, or in plans as decided."""

    OFF = "off"
    ASK = "ask"
    AUTO = "auto"


class Related(StrEnum):
    """Sets whose pictures are surely the same, or any."""

    SAME = "same"
    ANY = "any"


class Tie(StrEnum):
    """Where no criterion tells pictures apart: the user chooses, or the digest does."""

    ASK = "ask"
    DIGEST = "smaller digest"


class Spared(StrEnum):
    """What is never a copy unless a rule names it in `may_hide`."""

    PROTECTED = "protected albums"
    ONLY_COPY = "only copies"
    WRITTEN = "words or marks"


class By(StrEnum):
    """What pictures are compared by."""

    PIXELS = "pixels"
    QUALITY = "quality"
    FORMAT = "format"
    AGE = "age"
    ALBUM = "album"
    SOURCE = "source"
    TAGGED = "tagged"
    BYTES = "bytes"


_LISTS = (By.FORMAT, By.SOURCE)  # these compare by a list of the user's only
_LISTED = (*_LISTS, By.ALBUM)  # albums also by the priorities they were given


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing to compare by. `prefer` is in order, the best first; what is not in it is last."""

    by: By
    prefer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to hold of a set; None and empty ask nothing.

    Certainty is a probability of what was judged, by its user or a closer look, and how near prints
    are of what was not; a probability is never met by a set of which one picture was not judged.
    Bytes, formats, days, albums, sources and priority have to hold of every picture that is not
    decided yet or kept. `animated` False, `tagged`, `protected` and `gone` are about any of them:
    no picture moves, one carries a tag, one is in a protected album, one vanished from its site;
    `animated` True says that all move. Days are seconds UTC at which they begin.
    """

    relation: Related = Related.SAME
    certainty_at_least: float | None = None
    probability_at_least: float | None = None
    pixels_ratio_at_least: float | None = None
    pixels_ratio_at_most: float | None = None
    bytes_at_least: int | None = None
    bytes_at_most: int | None = None
    formats: tuple[str, ...] = ()
    animated: bool | None = None
    posted_before: int | None = None
    posted_after: int | None = None
    added_before: int | None = None
    added_after: int | None = None
    albums: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    priority_at_least: int | None = None
    tagged: bool | None = None
    protected: bool | None = None
    gone: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; of several the first whose conditions hold decides a set."""

    name: str
    mode: Mode
    keep: tuple[Criterion, ...]
    when: Conditions = Conditions()
    tie: Tie = Tie.ASK
    may_hide: tuple[Spared, ...] = ()
    about: str = ""


_DAYS = ("posted_before", "posted_after", "added_before", "added_after")


def _relation(value: Any, path: str) -> Related:
    if value == "related":
        wrong(path, "related pictures are in no set, so there is nothing for a rule to decide")
    return one_of(Related, "relation")(value, path)


_READERS: dict[str, Any] = {
    "relation": _relation,
    "certainty_at_least": number(0, 1),
    "probability_at_least": number(0, 1),
    "pixels_ratio_at_least": number(1),
    "pixels_ratio_at_most": number(1),
    "bytes_at_least": whole(0),
    "bytes_at_most": whole(0),
    "formats": several(among(EXTENSIONS, "format")),
    "animated": flag,
    **dict.fromkeys(_DAYS, day),
    "albums": several(words),
    "sources": several(words),
    "priority_at_least": whole(-(2**31), 2**31 - 1),
    "tagged": flag,
    "protected": flag,
    "gone": flag,
}


def from_json(value: Any) -> tuple[Rule, ...]:
    """Rules as they were written. Raises UsageError that names where, and what is allowed there."""
    top = Fields(value, "the file")
    top.read("about", _about, "")
    rows = listed(top.raw("rules"), "rules")
    top.done()
    if len(rows) > MOST_RULES:
        wrong("rules", f"{len(rows)} are too many: {MOST_RULES} at most")
    rules = [_rule(each, f"rules[{at}]") for at, each in enumerate(rows)]
    names = [rule.name for rule in rules]
    for at, name in enumerate(names):
        if name in names[:at]:
            wrong(f"rules[{at}].name", f"{shown(name)} is the name of rules[{names.index(name)}]")
    return tuple(rules)


def to_json(rules: Iterable[Rule]) -> dict[str, Any]:
    """Rules as `from_json` reads them; what is as it is by default is left out."""
    return {"rules": [_written(rule) for rule in rules]}


def _rule(value: Any, path: str) -> Rule:
    given = Fields(value, path)
    found = Rule(
        name=given.read("name", _name),
        about=given.read("about", _about, ""),
        mode=given.read("mode", one_of(Mode, "mode")),
        when=given.read("when", _conditions, Conditions()),
        keep=given.read("keep", _criteria),
        tie=given.read("tie", one_of(Tie, "answer to a tie"), Tie.ASK),
        may_hide=given.read("may_hide", several(one_of(Spared, "reason to spare")), ()),
    )
    given.done()
    return found


def _name(value: Any, path: str) -> str:
    name = words(value, path)
    if len(name) > LONGEST_NAME or not name.isprintable():
        wrong(path, f"{shown(name)} is no name: one line of {LONGEST_NAME} characters at most")
    return name


def _about(value: Any, path: str) -> str:
    """Words for people, also over several lines."""
    if isinstance(value, list):
        return "\n".join(words(each, f"{path}[{at}]") for at, each in enumerate(value))
    return words(value, path)


def _conditions(value: Any, path: str) -> Conditions:
    given = Fields(value, path)
    read = {
        field.name: given.read(field.name, _READERS[field.name], field.default)
        for field in fields(Conditions)
    }
    given.done()
    for kind in ("pixels_ratio", "bytes"):
        least, most = read[f"{kind}_at_least"], read[f"{kind}_at_most"]
        if least is not None and most is not None and least > most:
            wrong(f"{path}.{kind}_at_least", f"{least:g} is more than {kind}_at_most: never met")
    for kind in ("posted", "added"):
        after, before = read[f"{kind}_after"], read[f"{kind}_before"]
        if after is not None and before is not None and after >= before:
            wrong(f"{path}.{kind}_after", f"it is not before {kind}_before: never met")
    return Conditions(**read)


def _criteria(value: Any, path: str) -> tuple[Criterion, ...]:
    found: list[Criterion] = []
    for at, each in enumerate(listed(value, path)):
        criterion = _criterion(each, f"{path}[{at}]")
        if criterion.by in [one.by for one in found]:
            wrong(f"{path}[{at}]", f"{criterion.by.value!r} is there twice")
        found.append(criterion)
    if not found:
        wrong(path, f"a rule takes one criterion at least: {', '.join(By)}")
    return tuple(found)


def _criterion(value: Any, path: str) -> Criterion:
    if isinstance(value, str):
        by = _by(value, path)
        if by in _LISTS:
            example = '["png", "jpg"]' if by is By.FORMAT else '["imagefap", "local"]'
            wrong(path, f"{by.value!r} takes a list, the best first: {{{by.value!r}: {example}}}")
        return Criterion(by)
    given = Fields(value, path)
    if len(value) != 1:
        wrong(path, f"{shown(value)} is no criterion: one name with its list, the best first")
    (name,) = value
    by = _by(name, path)
    if by not in _LISTED:
        wrong(path, f"{by.value!r} takes no list; write it as a text")
    reader = among(EXTENSIONS, "format") if by is By.FORMAT else words
    return Criterion(by, given.read(name, several(reader)))


def _by(value: Any, path: str) -> By:
    return one_of(By, "criterion")(value, path)


def _written(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {"name": rule.name}
    if rule.about:
        lines = rule.about.split("\n")
        # Only lines that are read again: an empty one would be refused.
        found["about"] = lines if len(lines) > 1 and all(map(str.strip, lines)) else rule.about
    found["mode"] = rule.mode.value
    when = {
        field.name: _plain(field.name, value)
        for field in fields(Conditions)
        if (value := getattr(rule.when, field.name)) != field.default
    }
    if when:
        found["when"] = when
    found["keep"] = [
        {one.by.value: list(one.prefer)} if one.prefer else one.by.value for one in rule.keep
    ]
    if rule.tie is not Tie.ASK:
        found["tie"] = rule.tie.value
    if rule.may_hide:
        found["may_hide"] = [each.value for each in rule.may_hide]
    return found


def _plain(name: str, value: Any) -> Any:
    if name in _DAYS:
        return day_words(value)
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
