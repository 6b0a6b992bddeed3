"""The form of one rule: what it shows, and the JSON that it amounts to; and a rule in words.

What makes no sense is for `fapfav.resolve.rules` to say, which names the field: here that is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fapfav import text
from fapfav.resolve.rules import By, Mode, Related, Rule, Spared, Tie, to_json

MODES = {
    Mode.OFF: "off: it is not asked",
    Mode.ASK: "ask: it is in the plan, left out until you include it",
    Mode.AUTO: "automatic: the same, but not left out; and it is applied after each search",
}
RELATIONS = {Related.SAME: "surely the same picture", Related.ANY: "whatever they are"}
TIES = {Tie.ASK: "ask me", Tie.DIGEST: "keep the one with the smaller digest"}
SPARED = {
    Spared.PROTECTED: "copies in protected albums",
    Spared.ONLY_COPY: "only copies of what vanished from its site",
    Spared.WRITTEN: "copies where only one of the two has words or a mark over it",
}
BYS = {
    By.PIXELS: "pixels, more is better",
    By.QUALITY: "quality of a JPEG, higher is better",
    By.FORMAT: "format, in the order of a list",
    By.AGE: "age, earlier is better",
    By.ALBUM: "album, by priority or the order of a list",
    By.SOURCE: "source, in the order of a list",
    By.TAGGED: "tagged before not tagged",
    By.BYTES: "bytes, more is better",
}
CRITERIA = len(By)
"""Rows for criteria."""

_EITHER = (("", "does not matter"), ("yes", "one is"), ("no", "none is"))
_MOVES = (("", "does not matter"), ("yes", "all move"), ("no", "none moves"))


@dataclass(frozen=True, slots=True)
class Field:
    """One condition as it is shown; `choices` are those of a list, `wrong` why it was refused."""

    name: str
    label: str
    kind: str
    hint: str = ""
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    wrong: str = ""


USUAL = (
    Field("probability_at_least", "Probability, at least", "number", "0 to 1"),
    Field("pixels_ratio_at_least", "Largest to smallest, at least", "number", "of the pixels"),
    Field("gone", "Vanished from its site", "yes", choices=_EITHER),
    Field("protected", "In a protected album", "yes", choices=_EITHER),
    Field("tagged", "Tagged", "yes", choices=_EITHER),
    Field("animated", "Animated", "yes", choices=_MOVES),
)
MORE = (
    Field(
        "certainty_at_least",
        "Certainty, at least",
        "number",
        "0 to 1, also by prints",
    ),
    Field("pixels_ratio_at_most", "Largest to smallest, at most", "number", "of the pixels"),
    Field("bytes_at_least", "Bytes of each, at least", "number"),
    Field("bytes_at_most", "Bytes of each, at most", "number"),
    Field("formats", "Formats", "list", "such as jpg, png"),
    Field("posted_after", "Posted from this day on", "day", "2024-12-31"),
    Field("posted_before", "Posted before this day", "day", "2024-12-31"),
    Field("added_after", "Added from this day on", "day", "2024-12-31"),
    Field("added_before", "Added before this day", "day", "2024-12-31"),
    Field("albums", "In one of these albums", "lines", "one a line: a name, or SOURCE/USER/ALBUM"),
    Field("sources", "Only from these sources", "list", "such as imagefap, local"),
    Field("priority_at_least", "Priority of the album, at least", "number"),
)
"""Conditions that are asked for less often."""


@dataclass(frozen=True, slots=True)
class CriterionField:
    """One row of what pictures are compared by, with the list some take; numbered from 1."""

    number: int
    by: str = ""
    prefer: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One rule as it is shown and sent; `wrong` is what no single field is to blame for."""

    name: str = ""
    about: str = ""
    mode: str = Mode.ASK
    relation: str = Related.SAME
    tie: str = Tie.ASK
    may_hide: tuple[str, ...] = ()
    usual: tuple[Field, ...] = USUAL
    more: tuple[Field, ...] = MORE
    keep: tuple[CriterionField, ...] = (CriterionField(1, By.PIXELS), CriterionField(2, By.QUALITY))
    wrong: str = ""
    wrong_name: str = ""

    @property
    def rows(self) -> tuple[CriterionField, ...]:
        """The criteria, and empty rows for more."""
        rest = range(len(self.keep) + 1, CRITERIA + 1)
        return (*self.keep, *map(CriterionField, rest))

    @property
    def has_more(self) -> bool:
        """Whether a condition is given, or refused, that is asked for less often."""
        return any(field.value or field.wrong for field in self.more)


def form_of(rule: Rule) -> RuleForm:
    """The form of a rule there is."""
    (plain,) = to_json([rule])["rules"]
    when = plain.get("when", {})
    return RuleForm(
        name=rule.name,
        about=rule.about,
        mode=rule.mode,
        relation=rule.when.relation,
        tie=rule.tie,
        may_hide=tuple(rule.may_hide),
        usual=tuple(_filled(field, when) for field in USUAL),
        more=tuple(_filled(field, when) for field in MORE),
        keep=tuple(
            CriterionField(number, one.by, ", ".join(one.prefer))
            for number, one in enumerate(rule.keep, 1)
        ),
    )


def _filled(field: Field, when: Mapping[str, Any]) -> Field:
    value = when.get(field.name)
    if value is None:
        return field
    if field.kind == "yes":
        return replace(field, value="yes" if value else "no")
    if isinstance(value, list):
        return replace(field, value=("\n" if field.kind == "lines" else ", ").join(value))
    return replace(field, value=f"{value:.12g}" if isinstance(value, float) else str(value))


def sent(given: Mapping[str, str], may_hide: Sequence[str]) -> RuleForm:
    """The form as it was sent; nothing in it is checked yet."""

    def with_value(field: Field) -> Field:
        return replace(field, value=given.get(field.name, "").strip())

    rows = (
        CriterionField(at, given.get(f"by{at}", ""), given.get(f"prefer{at}", "").strip())
        for at in range(1, CRITERIA + 1)
    )
    keep = [row for row in rows if row.by]
    return RuleForm(
        name=given.get("name", "").strip(),
        about=given.get("about", "").replace("\r\n", "\n").strip(),
        mode=given.get("mode", ""),
        relation=given.get("relation", ""),
        tie=given.get("tie", ""),
        may_hide=tuple(may_hide),
        usual=tuple(map(with_value, USUAL)),
        more=tuple(map(with_value, MORE)),
        keep=tuple(replace(row, number=at) for at, row in enumerate(keep, 1)),
    )


def json_of(form: RuleForm) -> dict[str, Any]:
    """The rule that a form amounts to, as JSON has it; what is no number there stays a text."""
    when: dict[str, Any] = {"relation": form.relation}
    when |= {f.name: _plain(f) for f in (*form.usual, *form.more) if f.value}
    found: dict[str, Any] = {"name": form.name, "mode": form.mode, "when": when, "tie": form.tie}
    found["keep"] = [{row.by: _listed(row.prefer)} if row.prefer else row.by for row in form.keep]
    if form.about:
        found["about"] = form.about
    if form.may_hide:
        found["may_hide"] = list(form.may_hide)
    return found


def _plain(field: Field) -> Any:
    if field.kind == "yes":
        return field.value == "yes"
    if field.kind == "list":
        return _listed(field.value)
    if field.kind == "lines":
        return [line.strip() for line in field.value.splitlines() if line.strip()]
    return _number(field.value) if field.kind == "number" else field.value


def _number(given: str) -> Any:
    """A number as JSON has it; what is none stays a text, which is refused by its name."""
    for kind in (int, float):
        try:
            return kind(given) if given.isascii() and len(given) < 20 else given
        except ValueError:
            continue
    return given


def _listed(given: str) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()]


_PATH = re.compile(r"rules\[\d+\]\.?([a-z_]*)(?:\.([a-z_]+)|\[(\d+)\])?[^:]*: (.*)", re.DOTALL)


def refused(form: RuleForm, error: str) -> RuleForm:
    """The form with what is wrong at the field that is to blame, if that is one of its own."""
    found = _PATH.fullmatch(error)
    if found is None:
        return replace(form, wrong=error)
    part, condition, at, words = found.groups()
    if part == "name":
        return replace(form, wrong_name=words)
    if part == "when" and condition:
        groups = [
            tuple(replace(f, wrong=words) if f.name == condition else f for f in each)
            for each in (form.usual, form.more)
        ]
        if (groups[0], groups[1]) != (form.usual, form.more):
            return replace(form, usual=groups[0], more=groups[1])
    if part == "keep" and at is not None:
        rows = [replace(r, wrong=words) if r.number == int(at) + 1 else r for r in form.keep]
        return replace(form, keep=tuple(rows))
    return replace(form, wrong=f"{part}: {words}" if part else words)


def in_words(rule: Rule) -> Iterator[str]:
    """What a rule asks of a set, and what it then does."""
    form = form_of(rule)
    yield f"pictures: {RELATIONS[rule.when.relation]}"
    for field in (*form.usual, *form.more):
        if field.value:
            shown = dict(field.choices).get(field.value, field.value).replace("\n", ", ")
            yield f"{field.label[0].lower()}{field.label[1:]}: {text.shown(shown)}"


def keeps(rule: Rule) -> str:
    """By what a rule chooses the picture that is kept."""
    named = (
        f"{one.by.value} ({', '.join(map(text.shown, one.prefer))})" if one.prefer else one.by.value
        for one in rule.keep
    )
    return f"{', then '.join(named)}; a tie: {TIES[rule.tie]}"
