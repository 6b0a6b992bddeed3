"""Rules that act by themselves: those of the mode auto, once a search has ended.

They do what a plan of theirs would, in a change of its own, but never more than hide pictures, and
only in sets of which their user has decided nothing. What was taken back is not done again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from fapfav import text
from fapfav.errors import ArchiveInUse, UsageError
from fapfav.jobs.base import Report, Stop, Tell, never_stop, plain, tell_nobody
from fapfav.jobs.find import FindReport, find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.resolving import ResolvedReport, apply_guarded, plan_resolution
from fapfav.jobs.rules import rules_of
from fapfav.jobs.set_views import Member, SetView
from fapfav.jobs.steps import pictures_of
from fapfav.model import Digest, Verdict
from fapfav.resolve.plan_file import Entry
from fapfav.resolve.rules import Mode
from fapfav.store import lookups

BY = "rules"
"""Who makes these changes, in the log: what it decided nobody else did."""

DECIDED = "you decided something of its pictures"
PROTECTED = "it has a picture in a protected album"
TAKEN_BACK = "you took it back before"


@dataclass(frozen=True, slots=True)
class SearchReport(Report):
    """A search, and what rules did after it; None where none is automatic or it was broken off.

    `warnings` say why rules were not applied though they should have been.
    """

    found: FindReport
    resolved: ResolvedReport | None = None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain values: those of the search, and beside them those of the rules."""
        done = self.resolved
        return {
            **self.found.to_json(),
            "rules_change": 0 if done is None else done.change,
            "rules_sets": 0 if done is None else done.sets,
            "rules_pictures": 0 if done is None else done.pictures,
            "rules_left": [] if done is None else plain(done.left),
            "warnings": list(self.warnings),
        }


def find_and_resolve(
    archive: Archive,
    *,
    again: bool = False,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
    executor: Executor | None = None,
) -> SearchReport:
    """`duplicates find`: a search, and what automatic rules make of it if it came to its end."""
    found = find_duplicates(archive, again=again, by=by, tell=tell, stop=stop, executor=executor)
    if stop():
        return SearchReport(found)
    try:
        return SearchReport(found, apply_automatic(archive, tell=tell, stop=stop))
    except (UsageError, ArchiveInUse) as error:  # what was found is there all the same
        return SearchReport(found, warnings=(f"your rules were not applied: {error}",))


def apply_automatic(
    archive: Archive, *, tell: Tell = tell_nobody, stop: Stop = never_stop
) -> ResolvedReport | None:
    """Resolves what automatic rules decide, all in one change; None where there is no such rule.

    Nothing goes into the trash. A set is left and named where its user decided anything of one of
    its pictures, where one of those concerned is in a protected album, and where rules resolved it
    before and that was undone. Raises UsageError for stored rules that are none.
    """
    if not any(rule.mode is Mode.AUTO for rule in rules_of(archive)):
        return None
    plan = plan_resolution(archive, tell=tell, stop=stop).plan
    sure = replace(plan, entries=tuple(entry for entry in plan.entries if entry.apply))
    guard = _Guard(archive)
    return apply_guarded(archive, sure, guard.words, by=BY, tell=tell, stop=stop)


class _Guard:
    """Says what stands against resolving a set unasked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        undone = [c.number for c in archive.changes.records() if c.by == BY and c.state == "undone"]
        self._taken_back = {one for number in undone for one in pictures_of(archive, number)}

    def words(self, view: SetView, entry: Entry) -> str:
        """Empty for nothing."""
        members = {member.blob.digest: member for member in view.members}
        if any(self._is_decided(member) for member in view.members):
            return DECIDED
        if any(members[one].protected for one in (entry.keep, *entry.copies)):
            return PROTECTED
        return TAKEN_BACK if not self._taken_back.isdisjoint(members) else ""

    def _is_decided(self, member: Member) -> bool:
        """Whether its user said anything of a picture, of a pair with it, or of its places."""
        one = member.blob.digest
        chosen = self._archive.choices.get(one)
        said = {spot.place.verdict for spot in member.spots} - {Verdict.NEW}
        if chosen is not None and self._is_by_rules(chosen.change):
            # Rules keep and skip pictures; one place of several only a person hides.
            said &= {Verdict.SKIP} if member.verdict is Verdict.KEEP else set()
        elif chosen is not None:
            return True
        return bool(said) or not all(map(self._is_by_rules, self._decided_by(one)))

    def _decided_by(self, one: Digest) -> Iterator[int]:
        """The changes in which something was said of pairs with a picture."""
        index = self._archive.index("decisions", lookups.blobs_of_pair)
        keys: Collection[Any] = index[one]
        return (each.change for each in self._archive.decisions.picked(keys))

    def _is_by_rules(self, change: int) -> bool:
        record = self._archive.changes.get(change)
        return record is not None and record.by == BY


def resolved_words(report: ResolvedReport) -> str:
    """What rules did after a search, in a line."""
    hidden = text.many(report.pictures, "picture")
    return f"resolved by your rules: {text.many(report.sets, 'set')}, {hidden} hidden"
