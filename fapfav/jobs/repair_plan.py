"""What `repair` would do: the same look at everything, and nothing written."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from fapfav.jobs.base import Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.contradictions import Contradiction, contradictions
from fapfav.jobs.filecheck import MISPLACED, FileProblem, Files, Stray
from fapfav.jobs.mending import Spares
from fapfav.jobs.verify import VerifyReport, verified
from fapfav.model import Digest, Place
from fapfav.store.blobs import Kind
from fapfav.store.folder import QUARANTINE
from fapfav.store.inspect import Severity
from fapfav.store.opening import Unlocked
from fapfav.store.seen import Seen
from fapfav.store.tables import TABLES

_DATABASE = {
    Severity.DAMAGE: "what is left is written anew; the old file is kept beside it",
    Severity.TORN: f"it is cut off and kept in {QUARANTINE}/",
    Severity.WORN: "it is made to stand twice again",
}


@dataclass(frozen=True, slots=True)
class RepairPlan(Report):
    """What is wrong and what would be done about it, in words; `left` of them cannot be repaired.

    `verified` is what was looked at.
    """

    steps: tuple[tuple[str, str], ...]
    left: int
    verified: VerifyReport


def plan_repair(
    unlocked: Unlocked,
    sources: Collection[str] = (),
    *,
    seen: Seen | None = None,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> RepairPlan:
    """What a repair would do that may ask the sources of these names. Raises as `verify`."""
    report, files = verified(unlocked, seen=seen, tell=tell, stop=stop)
    plan = _Plan(report, files, sources)
    steps = tuple(plan.steps())
    return RepairPlan(steps, plan.left, report)


class _Plan:
    """Goes through what was found."""

    def __init__(self, report: VerifyReport, files: Files, sources: Collection[str]) -> None:
        self.left = 0
        self._report = report
        self._files = files
        self._sources = sources
        self._spares = Spares(files, report.problems, list(report.strays))
        self._from = self._origins()
        self._named = files.named() if report.strays else set()

    def steps(self) -> Iterator[tuple[str, str]]:
        """What is wrong, and what would be done about it."""
        for finding in self._report.database:
            yield str(finding), _DATABASE[finding.severity]
        if self._report.older:
            self.left += not self._report.is_damaged
            yield self._report.older, "put the newer one back, or go on with --accept-older"
        tables = {name: self._files.rows_of(name) for name in TABLES}
        for each in contradictions(tables, int(time.time())):
            yield each.wrong, self._row(each)
        taken = set()
        for problem in self._report.problems:
            spare = self._spares.find(problem.wanted)
            if spare is not None:
                taken.add((spare.sub, spare.name))
                where = f"it is moved to {problem.wanted.sub} from {spare.sub}/{spare.name}"
                yield str(problem), where
            else:
                yield str(problem), self._elsewhere(problem)
        for stray in self._report.strays:
            if (stray.sub, stray.name) not in taken:
                yield f"{stray}: no row names it", self._stray(stray)
        for path in self._report.odd:
            self.left += 1
            yield f"{path} is no file", "nothing; move it away"
        if self._report.unprinted:
            count = len(self._report.unprinted)
            yield f"pictures without hashes: {count}", "they are made anew from the pictures"

    def _row(self, each: Contradiction) -> str:
        if each.lost is None:
            return each.corrected
        return f"the picture is looked for among the files and at its source, else {each.corrected}"

    def _stray(self, stray: Stray) -> str:
        live = stray.sub.removeprefix("trash/")
        if stray.sub != live and (live, stray.name) in self._named:
            return f"it is moved to {QUARANTINE}/, or goes where the same is whole in {live}"
        return f"it is moved to {QUARANTINE}/"

    def _elsewhere(self, problem: FileProblem) -> str:
        if problem.wanted.kind is Kind.THUMB:
            return "it is made anew from its picture"
        if problem.problem == MISPLACED:
            return f"it is moved to {problem.wanted.sub}"
        origins = self._from.get(problem.wanted.digest, set())
        if asked := sorted(origins & set(self._sources)):
            return f"it is fetched again from {' or '.join(asked)}"
        self.left += 1
        if origins:
            return f"nothing; it came from {' and '.join(sorted(origins))}, which is not asked"
        return "nothing; put its file back from a backup"

    def _origins(self) -> dict[Digest, set[str]]:
        """The sources of the pictures that are in question."""
        wanted = {problem.wanted.digest for problem in self._report.problems}
        found: dict[Digest, set[str]] = {}
        if not wanted:
            return found
        table = TABLES["places"]
        for key, row in self._files.rows_of("places").items():
            place: Place = table.record_of(key, row)
            digest = place.served or place.holds
            if digest in wanted and digest is not None:
                found.setdefault(digest, set()).add(place.source)
        return found
