"""Duplicates resolved by rules: plans of what an archive's rules come to, and applying them.

A plan decides nothing. Applying one is a single change, whatever its size: one undo takes it back.
The thinking is the pure functions of `resolve` and `duplicates`; here they meet the rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from fapfav import text
from fapfav.duplicates.comparison import format_name
from fapfav.duplicates.queue import Kind
from fapfav.errors import UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.jobs.new_file import new_file, refuse_inside
from fapfav.jobs.removal import RESOLVE_VERB
from fapfav.jobs.rule_facts import OPEN, picture_of, pictures_of
from fapfav.jobs.rules import rules_of
from fapfav.jobs.set_facts import Gathering
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import Member, SetView, group_with, view_of_group
from fapfav.jobs.standing_in import put_in_place, takeover
from fapfav.model import Digest, Place, Verdict
from fapfav.resolve import plan_file
from fapfav.resolve.choosing import Left, Pictures, Resolution, resolve, spared_for
from fapfav.resolve.fields import first_problems
from fapfav.resolve.plan_file import Entry, PlanFile
from fapfav.resolve.rules import Mode, Rule
from fapfav.store.transaction import Transaction
from fapfav.store.undo import UndoReport

Guard = Callable[[SetView, Entry], str]
"""Says in words what stands against resolving a set as it is now; empty for nothing."""

_BATCH = 100  # sets in a transaction: what a reader waits for, and what a crash leaves undone


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan, and of the sets that it leaves out how many for which reason, in words."""

    plan: PlanFile
    left: Counter[str]


@dataclass(frozen=True, slots=True)
class ResolvedReport(Report):
    """What applying a plan did.

    `pictures` of `bytes` were skipped, or with `reclaimed` moved into the trash; their keepers took
    over so many `tags` and `places`. `already` sets were as the plan wants them, `unapproved` had
    `apply` false, and of `left` each is named by its keeper, with why.
    """

    change: int
    sets: int
    pictures: int
    bytes: int
    tags: int
    places: int
    reclaimed: bool
    already: int
    unapproved: int
    left: tuple[tuple[Digest, str], ...]
    stopped: bool = False


def plan_resolution(
    archive: Archive, only: str | None = None, *, tell: Tell = tell_nobody, stop: Stop = never_stop
) -> Proposal:
    """What the rules make of all sets of pictures that need action, the least sure first.

    With `only` what the rule of that name decides; the others are still asked before it. Sets of
    exact copies have no copies to hide, and are left to the review. Raises UsageError where there
    are no rules, or none of that name.
    """
    rules = rules_of(archive)
    _check_rules(rules, only)
    gathering = Gathering(archive)
    lines = [x for x in set_lines(archive) if x.kind is Kind.PERCEPTUAL and x.needs_action]
    pace = Pace(tell, "asking the rules", total=len(lines))
    entries: list[Entry] = []
    left: Counter[str] = Counter()
    for line in lines:
        if stop():
            left["stopped before"] = len(lines) - pace.done
            break
        view = _view(gathering, line.key)
        asked = None if view is None else pictures_of(gathering, view)
        found = Left("it is gone") if asked is None else resolve(rules, asked)
        if isinstance(found, Left):
            left[found.words] += 1
        elif only is not None and found.rule.name != only:
            left["another rule decides"] += 1
        elif view is not None and asked is not None:
            entries.append(_entry(archive, view, asked, found))
        pace.step()
    entries.sort(key=lambda entry: (entry.certainty, entry.keep))
    return Proposal(PlanFile(text.date(archive.time()), tuple(entries)), left)


def write_plan(archive: Archive, path: Path, plan: PlanFile, *, replace: bool = False) -> None:
    """Writes a plan as a file, in the clear. Raises UsageError for a name that is no place for it.

    With `replace` an ordinary file of that name may be there.
    """
    refuse_inside(archive.path, path)
    with new_file(path, replace=replace) as file:
        file.write(json.dumps(plan_file.to_json(plan), indent=2, ensure_ascii=False) + "\n")


def _check_rules(rules: tuple[Rule, ...], only: str | None) -> None:
    if not rules:
        raise UsageError(
            "there are no rules yet; `duplicates rules example` has some to begin with"
        )
    if only is None:
        return
    rule = next((rule for rule in rules if rule.name == only), None)
    if rule is None:
        names = ", ".join(repr(text.shown(rule.name)) for rule in rules)
        raise UsageError(f"there is no rule {text.shown(only)!r}: {names}")
    if rule.mode is Mode.OFF:
        raise UsageError(f"the rule {text.shown(only)!r} is off")


def _entry(archive: Archive, view: SetView, asked: Pictures, found: Resolution) -> Entry:
    taken = takeover(archive, view, found.keep, found.copies)
    paths = {number: path for member in view.members for number, path in member.tags}
    names = {spot.place.key: spot.album_name for one in view.members for spot in one.spots}

    def place(verb: str, one: Place) -> str:
        return f"{verb}: {one.name or one.image} in {names[one.key]}"

    return Entry(
        apply=found.apply,
        rule=found.rule.name,
        keep=found.keep,
        copies=found.copies,
        reason=found.reason,
        certainty=asked.certainty,
        moves=(
            *(f"tag: {paths[number]}" for number in taken.tags if number in paths),
            *(place("place", one) for one in taken.places),
            *(place("hidden, its album has the picture", one) for one in taken.stay),
        ),
        saves=sum(one.blob.size for one in view.members if one.blob.digest in found.copies),
        may_hide=found.rule.may_hide,
        revision=view.revision,
        pictures=tuple((one.blob.digest, _line(one)) for one in view.members),
        is_probability=asked.probability is not None,
    )


def _line(member: Member) -> str:
    """One picture in words: what it is, what was said of it, where it is."""
    blob = member.blob
    parts = [f"{format_name(blob)} {blob.width} x {blob.height}", text.size(blob.size)]
    if blob.quality:
        parts.append(f"quality {blob.quality}")
    if member.verdict is not Verdict.NEW:
        parts.append(member.verdict.value)
    where = [f"{spot.place.name} in {spot.album_name}" for spot in member.spots[:3]]
    more = len(member.spots) - len(where)
    return ", ".join([*parts, *where, *([f"{more} more"] if more else [])])


def apply_resolution(
    archive: Archive,
    plan: PlanFile,
    *,
    reclaim: bool = False,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> ResolvedReport:
    """Does what a plan says, all in one change; with `reclaim` copies go into the trash.

    A set that is another one by now is left as it is, and so is one whose copies became protected
    or vanished from their site. Raises UsageError, and changes nothing, where an edited plan asks
    what cannot be. Stopped or killed, what was done by then stays; applying again does the rest.
    """
    work = _Applying(archive, reclaim=reclaim)
    return _applied(work, plan, by=by, tell=tell, stop=stop)


def apply_guarded(
    archive: Archive, plan: PlanFile, guard: Guard, *, by: str, tell: Tell, stop: Stop
) -> ResolvedReport:
    """The same without `reclaim`, and but for sets that a guard has a word against."""
    work = _Applying(archive, reclaim=False, guard=guard)
    return _applied(work, plan, by=by, tell=tell, stop=stop)


def _applied(work: _Applying, plan: PlanFile, *, by: str, tell: Tell, stop: Stop) -> ResolvedReport:
    archive = work.archive
    archive.refresh()
    check_plan(archive, plan)
    wanted = [entry for entry in plan.entries if entry.apply]
    pace = Pace(tell, "resolving sets", total=len(wanted))
    left, stopped = iter(wanted), False
    with archive.change(RESOLVE_VERB, by=by, what=f"a plan of {len(wanted)} sets") as change:
        while batch := list(islice(left, _BATCH)):
            if stop():
                stopped = True
                break
            with change.transaction() as tx:
                gathering = Gathering(archive)  # as the archive is now, under the lock
                for entry in batch:
                    work.entry(gathering, tx, entry)
                    pace.step()
            change.what = f"{work.sets} of a plan of {len(wanted)} sets"
    return ResolvedReport(
        change=change.number,
        sets=work.sets,
        pictures=work.pictures,
        bytes=work.bytes,
        tags=work.tags,
        places=work.places,
        reclaimed=work.reclaim,
        already=work.already,
        unapproved=len(plan.entries) - len(wanted),
        left=tuple(work.left),
        stopped=stopped,
    )


def _nothing_against(_view: SetView, _entry: Entry) -> str:
    return ""


@dataclass(slots=True)
class _Applying:
    """Resolves sets one by one and counts what it does."""

    archive: Archive
    reclaim: bool
    guard: Guard = _nothing_against
    sets: int = 0
    pictures: int = 0
    bytes: int = 0
    tags: int = 0
    places: int = 0
    already: int = 0
    left: list[tuple[Digest, str]] = field(default_factory=list)

    def entry(self, gathering: Gathering, tx: Transaction, entry: Entry) -> None:
        """Writes one set, or notes why not."""
        view = _view_of(gathering, entry)
        if _is_done(gathering.archive, view, entry):
            self.already += 1
            return
        if view is None or view.revision != entry.revision:
            self.left.append((entry.keep, "it changed since the plan was made"))
            return
        if words := self.guard(view, entry):
            self.left.append((entry.keep, words))
            return
        members = [one for one in view.members if one.blob.digest in entry.copies]
        pictures = {one.blob.digest: picture_of(gathering, one) for one in view.members}
        why = {
            word
            for copy in entry.copies
            for word in spared_for(pictures[copy], pictures[entry.keep], entry.may_hide)
        }
        if why:
            words = f"it may not hide {' or '.join(sorted(why))}; `may_hide` says what it may"
            self.left.append((entry.keep, words))
            return
        try:
            taken = put_in_place(
                self.archive, tx, view, entry.keep, entry.copies, reclaim=self.reclaim
            )
        except UsageError as error:  # a rule of verdicts: the set needs too many decisions
            self.left.append((entry.keep, str(error)))
            return
        self.sets += 1
        self.pictures += len(members)
        self.bytes += sum(one.blob.size for one in members)
        self.tags += len(taken.tags)
        self.places += len(taken.places)


def check_plan(archive: Archive, plan: PlanFile) -> None:
    """Raises UsageError with all that is wrong with a plan, each beginning with its entry."""
    gathering = Gathering(archive)
    sets: dict[Digest, int] = {}
    problems: list[str] = []
    for at, entry in enumerate(plan.entries):
        found = list(_problems(gathering, entry, f"sets[{at}]"))
        view = None if found else _view_of(gathering, entry)
        if view is not None and sets.setdefault(view.key, at) != at:
            found.append(f"sets[{at}]: it is the same set as sets[{sets[view.key]}]; take one out")
        problems += found
    first_problems(problems)


def _problems(gathering: Gathering, entry: Entry, path: str) -> Iterator[str]:
    archive = gathering.archive
    named = [(f"{path}.keep", entry.keep)]
    named += [(f"{path}.copies[{at}]", copy) for at, copy in enumerate(entry.copies)]
    tables = [archive.rows_of(name) for name in ("blobs", "trash", "removed")]
    unknown = [one for one in named if not any(one[1] in table for table in tables)]
    for where, one in unknown:
        yield f"{where}: {_short(one)} is no picture that this archive knows"
    view = None if unknown else _view_of(gathering, entry)
    if view is None or view.revision != entry.revision:
        return  # of what changed meanwhile applying says so
    for where, one in named:
        member = view.member(one)
        if member is None:
            yield f"{where}: {_short(one)} is no picture of this set"
        elif member.verdict not in (OPEN if one == entry.keep else OPEN[:1]):
            yield f"{where}: {_short(one)} is decided already: {member.verdict.value}"


def undo_resolution(archive: Archive, *, by: str = "cli") -> UndoReport:
    """Takes back the plan that was applied last, as `undo` with its number would.

    Raises UsageError when no plan is in force.
    """
    archive.refresh()
    standing = [
        change.number
        for change in archive.changes.records()
        if change.verb == RESOLVE_VERB and change.state in ("open", "done")
    ]
    if not standing:
        raise UsageError("no plan was applied that could be taken back; `log` lists all changes")
    return archive.undo(max(standing), by=by)


def _view(gathering: Gathering, digest: Digest) -> SetView | None:
    """The set a picture is in now; None when there is none any more."""
    group = group_with(gathering.archive, digest)
    return None if group is None else view_of_group(gathering, group)


def _view_of(gathering: Gathering, entry: Entry) -> SetView | None:
    """The set that an entry is about: it is told by its first picture, whatever was edited."""
    return _view(gathering, entry.pictures[0][0])


def _is_done(archive: Archive, view: SetView | None, entry: Entry) -> bool:
    """Whether a set is as the entry wants it: kept, and the copies skipped or in the trash."""

    def says(digest: Digest, verdict: Verdict) -> bool:
        member = view.member(digest) if view is not None else None
        return member is not None and member.verdict is verdict

    trash = archive.rows_of("trash")
    if all(copy in trash for copy in entry.copies):
        return entry.keep in archive.blobs
    skipped = (says(copy, Verdict.SKIP) or copy in trash for copy in entry.copies)
    return says(entry.keep, Verdict.KEEP) and all(skipped)


def _short(digest: Digest) -> str:
    return digest.hex()[: text.SHORT]
