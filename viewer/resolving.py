"""What the rules come to, as its page shows it: which sets, what was left out, what was seen."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from fapfav.jobs.library import Archive
from fapfav.jobs.reasons import how_sure
from fapfav.jobs.resolving import Proposal, ResolvedReport, plan_resolution
from fapfav.model import Digest
from fapfav.resolve.plan_file import Entry, PlanFile
from viewer import forms
from viewer.addresses import digests_of, name_of
from viewer.sets import Way
from viewer.state import the_viewer

KEPT = 8
"""So many plans that were shown can still be applied."""

MOST = 4
"""Copies of one set that a row shows."""

_TABLES = (
    *("places", "blobs", "prints", "pairs", "decisions", "choices", "fresh"),
    *("tagged", "tags", "checks", "users", "albums", "configs"),
)


@dataclass(slots=True)
class _Memory:
    """What was left out or taken in by hand, and the plans that were shown, until it is locked."""

    dropped: dict[Digest, bool] = field(default_factory=dict)
    seen: OrderedDict[str, PlanFile] = field(default_factory=OrderedDict)


def _memory() -> _Memory:
    viewer = the_viewer()
    return viewer.remembered("resolving", viewer.epoch, _Memory)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the rules come to now; `identity` names exactly this."""

    proposal: Proposal
    identity: str

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The sets, the least sure first."""
        return self.proposal.plan.entries

    @property
    def wanted(self) -> tuple[Entry, ...]:
        """Those that are not left out."""
        return tuple(entry for entry in self.entries if not is_dropped(entry))

    @property
    def pictures(self) -> int:
        """The copies of these."""
        return sum(len(entry.copies) for entry in self.wanted)

    @property
    def bytes(self) -> int:
        """What these copies take."""
        return sum(entry.saves for entry in self.wanted)

    @property
    def left(self) -> list[tuple[str, int]]:
        """Why sets are not in it, and how many each."""
        return self.proposal.left.most_common()


def shown(archive: Archive) -> Shown:
    """The plan as it is now, which can be applied from now on. Raises UsageError without rules."""
    version = archive.version(*_TABLES)
    found = the_viewer().remembered("resolution", version, lambda: _made(archive))
    seen = _memory().seen
    seen[found.identity] = found.proposal.plan
    seen.move_to_end(found.identity)
    while len(seen) > KEPT:
        seen.popitem(last=False)
    return found


def _made(archive: Archive) -> Shown:
    proposal = plan_resolution(archive)
    words = (
        " ".join((e.keep.hex(), *(one.hex() for one in e.copies), e.revision, *e.may_hide))
        for e in proposal.plan.entries
    )
    return Shown(proposal, archive.keyed("resolution", *words))


def seen(identity: str) -> PlanFile | None:
    """A plan that was shown, of what is not left out; None for one that was not."""
    found = _memory().seen.get(identity)
    if found is None:
        return None
    wanted = (replace(e, apply=True) for e in found.entries if not is_dropped(e))
    return replace(found, entries=tuple(wanted))


def is_dropped(entry: Entry) -> bool:
    """Whether a set is left out: as was ticked, else where its rule asks first."""
    return _memory().dropped.get(entry.keep, not entry.apply)


def drop(archive: Archive, shown: Iterable[str], ticked: Iterable[str]) -> None:
    """Leaves out what is ticked of the sets that were shown, and takes the others in."""
    out = set(digests_of(archive, ticked))
    _memory().dropped.update({key: key in out for key in digests_of(archive, shown)})


@dataclass(frozen=True, slots=True)
class Row:
    """A set of the plan: its pictures by name, and whether it is left out."""

    entry: Entry
    keep: str
    copies: tuple[str, ...]
    more: int
    address: str
    is_dropped: bool

    @property
    def sure(self) -> str:
        """How sure it is, in words."""
        return how_sure(self.entry.certainty, is_probability=self.entry.is_probability)


def rows(archive: Archive, entries: Iterable[Entry]) -> list[Row]:
    """Sets as the page shows them."""
    return [
        Row(
            entry,
            name_of(archive, entry.keep),
            tuple(name_of(archive, one) for one in entry.copies[:MOST]),
            max(0, len(entry.copies) - MOST),
            Way().address(archive, entry.keep),
            is_dropped(entry),
        )
        for entry in entries
    ]


def left_words(report: ResolvedReport) -> str:
    """What was not resolved though it was wanted, in words; empty for nothing."""
    why = Counter(words for _, words in report.left)
    listed: Sequence[str] = [f"{count}: {words}" for words, count in why.most_common()]
    if not listed:
        return ""
    return f"{forms.counted(len(report.left), 'set')} left as they are: {'; '.join(listed)}."
