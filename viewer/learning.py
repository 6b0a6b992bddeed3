"""What verdicts say of each method, as the page of duplicates shows it."""

from __future__ import annotations

from dataclasses import dataclass

from fapfav.duplicates.interval import Share
from fapfav.duplicates.learning import Measure, MethodSays, Together
from fapfav.duplicates.learning_words import NOTES
from fapfav.duplicates.limits import OFF
from fapfav.jobs.learning import LearnedReport, learned
from fapfav.jobs.library import Archive
from viewer import limits

TITLES = ("Still pictures", "With an animation")


@dataclass(frozen=True, slots=True)
class Cell:
    """A share in words: `98.6 %`, and from where to where; empty where there is none."""

    share: str
    interval: str


@dataclass(frozen=True, slots=True)
class Row:
    """One method, or all together; `then` is the suggested limit where it is another one."""

    name: str
    now: str
    judged: int
    same: str
    precision: Cell
    recall: Cell
    then: str = ""
    reason: str = ""

    @property
    def shares(self) -> tuple[Cell, Cell]:
        """Both, as they stand beside each other."""
        return self.precision, self.recall


@dataclass(frozen=True, slots=True)
class Part:
    """All methods for one kind of pictures; `last` is what they come to together."""

    title: str
    judged: int
    same: int
    cases: int
    rows: tuple[Row, ...]
    last: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What verdicts say; `fields` are those of a form that asks for the suggestion's effect."""

    decisions: int
    judged: int
    wanted: int
    parts: tuple[Part, ...]
    fields: tuple[limits.Field, ...]
    closer: bool
    notes: tuple[str, ...]


def shown(archive: Archive) -> Shown:
    """The archive's verdicts as they are now; takes a second or two for a hundred thousand."""
    report = learned(archive, effect=False)
    has_vectors = bool(archive.vector_space)
    form = limits.shown(report.then, report.then, has_vectors=has_vectors)
    return Shown(
        decisions=report.decisions,
        judged=report.judged,
        wanted=round(100 * report.learned.wanted),
        parts=tuple(_part(report, moving) for moving in (False, True)),
        fields=form.fields if report.is_change else (),
        closer=archive.looks_closer,
        notes=NOTES,
    )


def _part(report: LearnedReport, moving: bool) -> Part:
    both = report.learned.together[moving]
    rows = [
        _row(says, words)
        for says, words in zip(report.learned.methods, report.reasons, strict=True)
        if says.moving == moving
    ]
    return Part(
        *(TITLES[moving], both.judged, both.same, both.cases),
        *(tuple(rows), tuple(_last(both, report.now[moving] != report.then[moving]))),
    )


def _row(says: MethodSays, words: str) -> Row:
    now, then = _limit(says.now.limit), _limit(says.then.limit)
    return Row(
        *(says.method.value, now, says.judged, *_measured(says.now)),
        then if then != now else "",
        words,
    )


def _last(both: Together, is_change: bool) -> list[Row]:
    rows = [Row("together", "", both.judged, *_measured(both.now))]
    if is_change:
        rows.append(Row("as suggested", "", both.judged, *_measured(both.then)))
    return rows


def _measured(measure: Measure) -> tuple[str, Cell, Cell]:
    same = f"{measure.same} of {measure.pairs}" if measure.pairs else "none"
    same = "" if measure.limit == OFF else same
    return same, _cell(measure.precision), _cell(measure.recall)


def _cell(share: Share) -> Cell:
    if share.share is None:
        return Cell("", "")
    return Cell(f"{100 * share.share:.1f} %", f"{100 * share.low:.1f} to {100 * share.high:.1f}")


def _limit(limit: float) -> str:
    return "off" if limit == OFF else f"{limit:g}"
