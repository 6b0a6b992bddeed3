"""The plan as its page shows it: which rows, at which bar, what was left out, what was seen."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from django.urls import reverse

from fapfav import text
from fapfav.jobs.library import Archive
from fapfav.jobs.plan import DEFAULT_BAR, Plan, PlanRow, bound, make_plan, plan_of, sample, steps
from fapfav.jobs.reasons import how_sure
from fapfav.jobs.sets import Kind, Scope
from fapfav.model import Digest
from viewer import forms
from viewer.addresses import digests_of, name_of
from viewer.sets import Way
from viewer.state import the_viewer

BARS = (0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Certainties to choose from."""

NOT_SEEN = "This is not the plan you saw: look at it as it is now. Nothing was done."
ALL_LEFT_OUT = "Every set is left out: there is nothing to apply."
"""Why a plan is not applied."""

KEPT = 8
"""So many plans that were shown can still be applied."""

_TABLES = (
    *("places", "blobs", "prints", "pairs", "decisions", "choices", "fresh"),
    *("tagged", "checks", "users", "albums", "configs"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which plan: its bar, its kind of sets, and the seed of a sample, None for all rows."""

    bar: float = DEFAULT_BAR
    scope: Scope = Scope.PERCEPTUAL
    sample: int | None = None

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Asked:
        """From an address; what makes no sense is as if it were not there."""
        scope = forms.choice(fields, "scope", tuple(Scope), Scope.PERCEPTUAL)
        seed = fields.get("sample", "")
        is_seed = seed.isascii() and seed.isdigit() and len(seed) < 10
        return cls(_bar(fields.get("certainty", "")), Scope(scope), int(seed) if is_seed else None)

    @property
    def query(self) -> str:
        """As the query of an address; empty, or begins with `?`."""
        return forms.query(
            certainty=f"{self.bar:g}" if self.bar != DEFAULT_BAR else "",
            scope=self.scope if self.scope is not Scope.PERCEPTUAL else "",
            sample="" if self.sample is None else self.sample,
        )


def _bar(given: str) -> float:
    try:
        bar = float(given) if given.isascii() and len(given) < 20 else DEFAULT_BAR
    except ValueError:
        return DEFAULT_BAR
    return min(max(bar, BARS[0]), 1.0) if isfinite(bar) else DEFAULT_BAR


@dataclass(slots=True)
class _Memory:
    """What was left out, and the plans that were shown, until it is locked."""

    dropped: set[Digest] = field(default_factory=set)
    seen: OrderedDict[str, tuple[PlanRow, ...]] = field(default_factory=OrderedDict)
    left_out: tuple[Digest, ...] = ()


def _memory() -> _Memory:
    viewer = the_viewer()
    return viewer.remembered("planning", viewer.epoch, _Memory)


def _widest(archive: Archive, scope: Scope) -> Plan:
    version = archive.version(*_TABLES)
    return the_viewer().remembered(
        ("plan", scope), version, lambda: make_plan(archive, BARS[0], scope)
    )


def plan(archive: Archive, asked: Asked) -> Plan:
    """The plan at its bar, which can be applied from now on."""
    widest = _widest(archive, asked.scope)
    found = plan_of(archive, asked.bar, (r for r in widest.rows if r.certainty >= asked.bar))
    seen = _memory().seen
    seen[found.identity] = found.rows
    seen.move_to_end(found.identity)
    while len(seen) > KEPT:
        seen.popitem(last=False)
    return found


def seen(identity: str) -> tuple[PlanRow, ...] | None:
    """The rows of a plan that was shown, without those left out; None for one that was not."""
    rows = _memory().seen.get(identity)
    dropped = _memory().dropped
    return None if rows is None else tuple(row for row in rows if row.key not in dropped)


def chosen(found: Plan, asked: Asked) -> tuple[PlanRow, ...]:
    """The rows to show: all, or some at random."""
    return found.rows if asked.sample is None else sample(found, asked.sample)


def another(asked: Asked) -> str:
    """The address of some rows at random."""
    seed = secrets.randbelow(10**9)
    return reverse("plan") + Asked(asked.bar, asked.scope, seed).query


def drop(archive: Archive, shown: Iterable[str], ticked: Iterable[str]) -> None:
    """Leaves out what is ticked of the sets that were shown, and takes the others in again."""
    dropped = _memory().dropped
    dropped.difference_update(digests_of(archive, shown))
    dropped.update(digests_of(archive, ticked))


def dropped(found: Plan) -> int:
    """How many sets of a plan are left out."""
    return sum(row.key in _memory().dropped for row in found.rows)


def remember_left_out(keys: Sequence[Digest]) -> None:
    """Keeps what the last plan could not decide."""
    _memory().left_out = tuple(keys)


def left_out(archive: Archive) -> tuple[tuple[str, str], ...]:
    """What the last plan could not decide: (name, address) of the sets; told once."""
    memory = _memory()
    keys, memory.left_out = memory.left_out, ()
    here = [key for key in keys if key in archive.blobs]
    return tuple((name_of(archive, key), Way().address(archive, key)) for key in here)


@dataclass(frozen=True, slots=True)
class BarLine:
    """One bar: what a plan at it would come to."""

    bar: float
    sets: int
    bytes: int
    address: str
    is_current: bool


def bars(archive: Archive, asked: Asked) -> tuple[BarLine, ...]:
    """The bars to choose from, with the one that is chosen."""
    widest = _widest(archive, asked.scope)
    return tuple(
        BarLine(
            bar,
            count,
            saved,
            reverse("plan") + Asked(bar, asked.scope).query,
            bar == asked.bar,
        )
        for bar, count, saved in steps(widest, sorted({*BARS, asked.bar}))
    )


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A set of the plan: its pictures by name, and whether it is left out."""

    row: PlanRow
    name: str
    keep: str
    skip: tuple[str, ...]
    more: int
    address: str
    is_dropped: bool

    @property
    def sure(self) -> str:
        """How sure it is, in words."""
        if self.row.kind is Kind.EXACT:
            return "the same file"
        return how_sure(self.row.certainty, is_probability=self.row.is_probability)


MOST = 4
"""Skipped pictures of one set that a row shows."""


def rows(archive: Archive, found: Iterable[PlanRow]) -> list[ShownRow]:
    """Rows as the page shows them."""
    dropped = _memory().dropped
    return [
        ShownRow(
            row,
            name_of(archive, row.key),
            name_of(archive, row.keep),
            tuple(name_of(archive, one) for one in row.skip[:MOST]),
            max(0, len(row.skip) - MOST),
            Way().address(archive, row.key),
            row.key in dropped,
        )
        for row in found
    ]


def sampled(found: Sequence[PlanRow]) -> str:
    """What a look at some rows at random tells of all."""
    wrong = sum(row.key in _memory().dropped for row in found)
    share = text.percent(bound(len(found), wrong))
    return (
        f"{len(found)} at random, {wrong} left out. If nothing else is wrong with these, then with"
        f" 95 % confidence fewer than {share} of the plan are wrong; look at 300 for 1 %."
    )
