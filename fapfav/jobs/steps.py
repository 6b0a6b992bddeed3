"""Steps: the changes of one party as undo and redo take them, and what each was about.

Undo goes back through what a party did, latest first, however long ago that was; redo goes forward
again until the party does something new. Searches, reads and settings are no steps: they are taken
back by their number only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from fapfav.errors import UsageError
from fapfav.jobs.base import Report
from fapfav.jobs.review import VERB
from fapfav.model import ChangeRecord, Choice, Digest, Label, PlaceKey
from fapfav.store.archive import Archive
from fapfav.store.tables import TABLES, Key
from fapfav.store.undo import NEVER, ONLY_BY_NUMBER, UndoReport

NO_STEPS = ONLY_BY_NUMBER | NEVER | {"duplicates find", "settings"}
"""Verbs that undo steps over."""

BREAK = 600
"""Seconds after which whoever decides has been away."""

_STANDING = ("open", "done")


@dataclass(frozen=True, slots=True)
class BackReport(Report):
    """Steps that were taken back, latest first; `conflicts` say what stopped it before the end."""

    undone: tuple[int, ...]
    conflicts: tuple[str, ...] = ()
    at: int = 0


def is_step(change: ChangeRecord, by: str) -> bool:
    """Whether a change is one that undo of this party takes back."""
    return change.by == by and change.verb not in NO_STEPS


def standing(changes: Iterable[ChangeRecord], by: str) -> tuple[ChangeRecord, ...]:
    """The steps of a party that can be taken back, latest first."""
    found = [each for each in changes if is_step(each, by) and each.state in _STANDING]
    return tuple(sorted(found, key=lambda each: -each.number))


def to_redo(changes: Iterable[ChangeRecord], by: str) -> ChangeRecord | None:
    """The undo that redo takes back: the latest, unless the party has done something since."""
    known = {each.number: each for each in changes}
    latest = max((n for n, each in known.items() if is_step(each, by)), default=0)
    undone = [
        number
        for number, each in known.items()
        if number > latest and each.verb == "undo" and each.by == by and each.state == "done"
        if (target := known.get(each.undoes)) is not None
        if target.verb != "undo" and target.state == "undone"
    ]
    return known[max(undone)] if undone else None


def undo_step(archive: Archive, number: int | None, *, by: str) -> UndoReport:
    """Takes back a change by its number, else the party's latest step. Raises UsageError."""
    archive.refresh()
    if number is None:
        steps = standing(archive.changes.records(), by)
        if not steps:
            raise UsageError("there is nothing to undo")
        number = steps[0].number
    return archive.undo(number, by=by)


def redo_step(archive: Archive, *, by: str) -> UndoReport:
    """Takes back the party's latest undo. Raises UsageError when there is none."""
    archive.refresh()
    found = to_redo(archive.changes.records(), by)
    if found is None:
        raise UsageError("there is nothing to redo")
    return archive.undo(found.number, by=by)


def undo_to(archive: Archive, number: int, *, by: str, verdicts: bool = False) -> BackReport:
    """Takes back every step of the party from this change on; ends at the first conflict.

    With `verdicts` only what was decided of duplicates.
    """
    archive.refresh()
    undone: list[int] = []
    for step in since(archive.changes.records(), number, by, verdicts=verdicts):
        report = archive.undo(step.number, by=by)
        if report.conflicts:
            return BackReport(tuple(undone), report.conflicts, step.number)
        undone.append(step.number)
    return BackReport(tuple(undone))


def since(
    changes: Iterable[ChangeRecord], number: int, by: str, *, verdicts: bool = False
) -> tuple[ChangeRecord, ...]:
    """The standing steps of the party from this change on, latest first."""
    return tuple(
        each
        for each in standing(changes, by)
        if each.number >= number and (each.verb == VERB or not verdicts)
    )


def pictures_of(archive: Archive, number: int) -> tuple[Digest, ...]:
    """The pictures a change said something of, sorted; it takes as long as the log is."""
    found = {
        digest
        for table, key in archive.values_before(number)
        for digest in _pictures(archive, table, key)
    }
    return tuple(sorted(found))


def _pictures(archive: Archive, table: str, key: Key) -> Iterator[Digest]:
    if table in ("choices", "decisions"):
        yield from (Digest(part) for part in TABLES[table].unpack_key(key))
    elif table == "places":
        place = archive.places.get(PlaceKey(*TABLES[table].unpack_key(key)))
        if place is not None and place.holds is not None:
            yield place.holds


@dataclass(frozen=True, slots=True)
class Summary(Report):
    """What a party decided since a change, as it stands now.

    Pictures were kept, skipped, or called no duplicates; `bytes` are of the skipped ones,
    `seconds` is how long a step took on average, without breaks, None where nobody can tell.
    """

    steps: int
    kept: int
    skipped: int
    false: int
    bytes: int
    seconds: float | None


def summary(archive: Archive, number: int, by: str) -> Summary:
    """What was decided from this change on."""
    changes = {
        each.number: each for each in since(archive.changes.records(), number, by, verdicts=True)
    }
    blobs = archive.rows_of("blobs")
    choices = [each for each in archive.choices.records() if each.change in changes]
    skipped = [each.digest for each in choices if each.choice is Choice.SKIP]
    false = {
        digest
        for each in archive.decisions.records()
        if each.change in changes and each.label is Label.DIFFERENT
        for digest in (each.first, each.second)
    }
    return Summary(
        steps=len(changes),
        kept=len(choices) - len(skipped),
        skipped=len(skipped),
        false=len(false - {each.digest for each in choices}),
        bytes=sum(archive.blobs[one].size for one in skipped if one in blobs),
        seconds=_pace([each.started for each in changes.values()]),
    )


def _pace(times: list[int]) -> float | None:
    """Seconds from one step to the next, on average, without breaks."""
    times = sorted(times)
    gaps = [b - a for a, b in pairwise(times) if b - a < BREAK]
    total = sum(gaps)  # in whole seconds: of a quick hand they tell nothing
    return total / len(gaps) if total else None


def first_verdict(archive: Archive, by: str) -> int:
    """The party's first change of duplicates that stands, 0 where there is none."""
    found = standing(archive.changes.records(), by)
    return min((each.number for each in found if each.verb == VERB), default=0)
