"""The form of sensitivities: what it shows, and what it takes.

A method is on or off and has a limit, for still pictures and for animated ones. What makes no
sense is named at its field, and then nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import isfinite

from fapfav.duplicates.limits import LARGEST, OFF, SMALLEST, check_limits
from fapfav.errors import UsageError
from fapfav.model import HASHES, Limits, Method

USED = "parameters_form_used"
"""The field that tells that the form was sent: boxes that are not ticked are not."""

CLOSER = "closer"
"""The field of the box that has pictures looked at closely."""

KINDS = ("regular", "animated")


@dataclass(frozen=True, slots=True)
class Field:
    """One method for one kind of pictures, as it is shown; `wrong` says why it was refused."""

    kind: str
    method: Method
    is_on: bool
    value: str
    suggested: str
    bounds: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class LimitsForm:
    """What was given, by kind and method; `fields` are what to show when something is wrong.

    `closer` is whether pictures are looked at closely before they become a set.
    """

    fields: tuple[Field, ...]
    regular: Mapping[Method, float]
    animated: Mapping[Method, float]
    closer: bool = True

    @property
    def wrong(self) -> tuple[Field, ...]:
        """The fields that were refused."""
        return tuple(field for field in self.fields if field.wrong)

    def applied_to(self, now: tuple[Limits, Limits]) -> tuple[Limits, Limits]:
        """The limits as they become."""
        return _with(now[0], self.regular), _with(now[1], self.animated)

    @property
    def rows(self) -> tuple[tuple[Field, ...], ...]:
        """The fields of each method, still pictures first."""
        methods = dict.fromkeys(field.method for field in self.fields)
        return tuple(tuple(f for f in self.fields if f.method is method) for method in methods)


def shown(
    now: tuple[Limits, Limits],
    suggested: tuple[Limits, Limits],
    *,
    has_vectors: bool,
    closer: bool = True,
) -> LimitsForm:
    """The form as the archive is set; without embeddings there is no cosine to limit."""
    methods = tuple(Method) if has_vectors else HASHES
    fields = tuple(
        _field(kind, method, limits.of(method), default.of(method))
        for method in methods
        for kind, limits, default in zip(KINDS, now, suggested, strict=True)
    )
    return LimitsForm(fields, {}, {}, closer)


def parsed(
    given: Mapping[str, str],
    now: tuple[Limits, Limits],
    suggested: tuple[Limits, Limits],
    *,
    has_vectors: bool,
) -> LimitsForm:
    """The form as it was sent."""
    before = shown(now, suggested, has_vectors=has_vectors)
    fields = tuple(_parsed(given, field) for field in before.fields)
    taken = {
        kind: {f.method: _limit(f) for f in fields if f.kind == kind and not f.wrong}
        for kind in KINDS
    }
    laxer = dict(_laxer(taken["regular"], taken["animated"]))
    fields = tuple(
        replace(field, wrong=laxer[field.method])
        if field.kind == "animated" and field.method in laxer
        else field
        for field in fields
    )
    closer = given.get(CLOSER) is not None
    return LimitsForm(fields, taken["regular"], taken["animated"], closer)


def _field(kind: str, method: Method, limit: float, default: float) -> Field:
    bounds = f"0 to {LARGEST}" if method in HASHES else f"{SMALLEST:g} up to, not including, 1"
    suggested = "off" if default == OFF else f"{default:g}"
    is_on = limit != OFF
    usual = 0.0 if method in HASHES else 0.99
    value = limit if is_on else (usual if default == OFF else default)
    return Field(kind, method, is_on, f"{value:g}", suggested, bounds)


def _parsed(given: Mapping[str, str], field: Field) -> Field:
    name = f"{field.kind}_{field.method.value}"
    is_on = given.get(f"enabled_{name}") is not None
    text = given.get(name)
    if text is None:
        return replace(field, wrong="This value is missing.")
    sent = replace(field, is_on=is_on, value=text.strip()[:20])
    if is_on and _number(sent) is None:
        return replace(sent, wrong=f"It takes {field.bounds}.")
    return sent


def _number(field: Field) -> float | None:
    """The value of a field, None when it is out of bounds or no number."""
    try:
        value = float(field.value) if field.value.isascii() else float("nan")
    except ValueError:
        return None
    if field.method in HASHES:
        return value if value.is_integer() and 0 <= value <= LARGEST else None
    return value if isfinite(value) and SMALLEST <= value < 1 else None


def _limit(field: Field) -> float:
    value = _number(field) if field.is_on else None
    return OFF if value is None else value


def _laxer(
    regular: Mapping[Method, float], animated: Mapping[Method, float]
) -> Iterator[tuple[Method, str]]:
    """The methods whose limit for animated pictures is not as strict as the other."""
    off = Limits(OFF, OFF, OFF, OFF, OFF)
    for method in Method:
        if method in regular and method in animated:
            pair = (_only(off, method, regular[method]), _only(off, method, animated[method]))
            try:
                check_limits(*pair)
            except UsageError:
                yield method, "Make it at least as strict as for still pictures."


def _only(off: Limits, method: Method, value: float) -> Limits:
    return _with(off, {method: value})


def _with(limits: Limits, given: Mapping[Method, float]) -> Limits:
    found = {each: given.get(each, limits.of(each)) for each in Method}
    cnn = found.pop(Method.CNN)
    return Limits(**{each.value: int(value) for each, value in found.items()}, cnn=cnn)
