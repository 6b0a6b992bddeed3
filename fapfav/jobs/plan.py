"""The bulk plan: all sets that are obvious, decided in one step that one undo takes back.

Obvious is a set whose pictures are the same as far as a closer look or else hashes and shapes tell,
from a certainty on that the user chooses, with a suggestion and no warning. Where nobody looked the
certainty is a closeness and no probability: `sample` and `bound` are how the user finds out how
often a plan is wrong before applying it. Nothing is deleted; what is skipped is hidden.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import comb

from fapfav.duplicates.evidence import Relation
from fapfav.duplicates.queue import Kind, Scope
from fapfav.errors import UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.judging import Action, quick, record_set
from fapfav.jobs.library import Archive
from fapfav.jobs.review import VERB
from fapfav.jobs.set_facts import Gathering
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import Member, SetView, group_with, view_of_copies, view_of_group
from fapfav.model import AlbumKey, Digest, Verdict

DEFAULT_BAR = 0.95
"""What a plan begins with: 95 % sure, or of closeness some three of the 256 bits differ."""

SAMPLE = 30
"""How many rows are looked at before a plan is trusted."""

CONFIDENCE = 0.95
"""How sure `bound` is."""

_BATCH = 200  # sets in a transaction: what a reader waits for, and what a crash leaves undone


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One set: what is kept, what is skipped and why, and the bytes that hides.

    Of exact copies nothing is skipped but `places` of the picture, and no bytes are hidden. The
    `certainty` `is_probability` where all were judged, else it is how near they are.
    """

    key: Digest
    keep: Digest
    skip: tuple[Digest, ...]
    reason: str
    certainty: float
    bytes: int
    revision: str
    kind: Kind = Kind.PERCEPTUAL
    places: int = 0
    albums: frozenset[AlbumKey] = frozenset()
    """Those that show less afterwards."""
    is_probability: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows, the least sure first; `identity` names exactly these.

    `pictures` of `bytes` would be skipped in so many `albums`.
    """

    bar: float
    rows: tuple[PlanRow, ...]
    identity: str
    pictures: int
    bytes: int
    albums: int


@dataclass(frozen=True, slots=True)
class PlanReport(Report):
    """What a plan did; `changed` sets were others by then and were left as they are."""

    change: int
    sets: int
    pictures: int
    bytes: int
    changed: tuple[Digest, ...]


def make_plan(archive: Archive, bar: float = DEFAULT_BAR, scope: Scope = Scope.PERCEPTUAL) -> Plan:
    """Every obvious set that needs action. Raises UsageError for a bar not from 0 to 1."""
    if not 0.0 <= bar <= 1.0:
        raise UsageError(f"the bar is a certainty from 0 to 1, not {bar:g}")
    gathering = Gathering(archive)
    views = (
        view
        for line in set_lines(archive)
        if line.needs_action and line.certainty >= bar and scope in (Scope.ALL, line.kind.value)
        if (view := _view(gathering, line.key)) is not None
    )
    rows = [row for view in views if (row := _row(view)) is not None and row.certainty >= bar]
    return plan_of(archive, bar, rows)


def plan_of(archive: Archive, bar: float, rows: Iterable[PlanRow]) -> Plan:
    """A plan of these rows: all of one, or those that were not dropped."""
    ordered = tuple(sorted(rows, key=lambda row: (row.certainty, row.key)))
    albums = frozenset[AlbumKey]().union(*(row.albums for row in ordered))
    words = (f"{row.key.hex()} {row.keep.hex()} {row.revision}" for row in ordered)
    return Plan(
        bar=bar,
        rows=ordered,
        identity=archive.keyed("plan", *words),
        pictures=sum(len(row.skip) for row in ordered),
        bytes=sum(row.bytes for row in ordered),
        albums=len(albums),
    )


def steps(plan: Plan, bars: Iterable[float]) -> tuple[tuple[float, int, int], ...]:
    """For each of several bars not below the plan's: (bar, sets, bytes) that would be left."""
    return tuple(
        (
            bar,
            sum(1 for row in plan.rows if row.certainty >= bar),
            sum(row.bytes for row in plan.rows if row.certainty >= bar),
        )
        for bar in bars
    )


def sample(plan: Plan, seed: int, count: int = SAMPLE) -> tuple[PlanRow, ...]:
    """Rows at random, other ones by another seed, in the plan's order."""
    chosen = random.Random(seed).sample(range(len(plan.rows)), min(count, len(plan.rows)))  # noqa: S311 - nobody is kept from guessing
    return tuple(plan.rows[at] for at in sorted(chosen))


def bound(looked: int, wrong: int) -> float:
    """The share of a plan that is wrong at the most, with 95 % confidence.

    After so many rows chosen at random, of which so many were wrong. With none wrong it is the
    rule of three, 3 / looked; else Clopper and Pearson's bound.
    """
    if not 0 <= wrong <= looked:
        raise UsageError(f"{wrong} of {looked} looked at cannot be wrong")
    if not looked:
        return 1.0
    three = min(1.0, 3 / looked)
    low, high = wrong / looked, 1.0
    for _ in range(40 if wrong else 0):
        middle = (low + high) / 2
        if _at_most(wrong, looked, middle) > 1.0 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return max(three, high) if wrong else three


def _at_most(wrong: int, looked: int, share: float) -> float:
    """How likely so few are wrong, if this is the share."""
    return sum(comb(looked, k) * share**k * (1.0 - share) ** (looked - k) for k in range(wrong + 1))


def apply_plan(
    archive: Archive,
    plan_rows: Sequence[PlanRow],
    *,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> PlanReport:
    """Decides the sets of a plan, all in one change.

    A set that is another one by now, or is decided, is left out and named. Stopped, what was done
    by then stays, and one undo takes it back as well.
    """
    pace = Pace(tell, "deciding sets", total=len(plan_rows))
    done: list[PlanRow] = []
    changed: list[Digest] = []
    left = iter(plan_rows)
    with archive.change(VERB, by=by, what=f"a plan of {len(plan_rows)} sets") as change:
        while batch := list(islice(left, _BATCH)):
            if stop():
                break
            with change.transaction() as tx:
                gathering = Gathering(archive)  # as the archive is now, under the lock
                for row in batch:
                    view = _view(gathering, row.key)
                    if view is None or view.revision != row.revision or _row(view) != row:
                        changed.append(row.key)
                    else:
                        record_set(archive, tx, view, *quick(view, Action.ACCEPT))
                        done.append(row)
                    pace.step()
    return PlanReport(
        change=change.number,
        sets=len(done),
        pictures=sum(len(row.skip) for row in done),
        bytes=sum(row.bytes for row in done),
        changed=tuple(changed),
    )


def _view(gathering: Gathering, key: Digest) -> SetView | None:
    """The set as it is now; None when there is none any more."""
    group = group_with(gathering.archive, key)
    if group is not None:
        return view_of_group(gathering, group)
    if key not in gathering.archive.blobs:
        return None
    view = view_of_copies(gathering, key)
    return view if len(view.members[0].spots) > 1 else None


def _row(view: SetView) -> PlanRow | None:
    """The row of a set; None when it is not obvious, is decided, or would undo a decision."""
    keep = view.suggestion.keep
    if keep is None or not view.needs_action:
        return None
    if view.kind is Kind.EXACT:
        return _copies_row(view, keep)
    if view.relation != Relation.SAME.value:
        return None
    others = [member for member in view.members if member.number != keep]
    kept = view.members[keep - 1].verdict
    if kept is Verdict.SKIP or any(member.verdict is Verdict.KEEP for member in others):
        return None
    hidden = [member for member in others if member.verdict is Verdict.NEW]
    return PlanRow(
        key=view.key,
        keep=view.members[keep - 1].blob.digest,
        skip=tuple(member.blob.digest for member in hidden),
        reason=view.suggestion.words,
        certainty=view.certainty,
        bytes=sum(member.blob.size for member in hidden),
        revision=view.revision,
        albums=frozenset(_albums(hidden)),
        is_probability=view.is_probability,
    )


def _copies_row(view: SetView, keep: int) -> PlanRow | None:
    (member,) = view.members
    kept = member.spots[keep - 1].place
    rest = [spot.place for spot in member.spots if spot.place is not kept]
    if kept.verdict is Verdict.SKIP or any(place.verdict is Verdict.KEEP for place in rest):
        return None
    return PlanRow(
        key=view.key,
        keep=view.key,
        skip=(),
        reason=view.suggestion.words,
        certainty=view.certainty,
        bytes=0,
        revision=view.revision,
        kind=Kind.EXACT,
        places=len(rest),
        albums=frozenset(AlbumKey(*place.key[:3]) for place in rest),
    )


def _albums(members: Iterable[Member]) -> Iterator[AlbumKey]:
    return (AlbumKey(*spot.place.key[:3]) for member in members for spot in member.spots)
