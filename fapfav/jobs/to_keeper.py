"""What each picture of a set is to its keeper, and how sure that is.

Sets have keepers once a search has looked closely at their pairs. Where nobody looked, nothing is
said here, and how near pictures are to each other is all that is known: `duplicates.evidence`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fapfav.jobs.library import Archive
from fapfav.jobs.reasons import changes_beside_size, lies_from, seen, seen_from
from fapfav.model import Digest, Group, Label, PairKey, Verdict, pair_of
from fapfav.relation.placement import UNMOVED, Placement
from fapfav.store import lookups

NOT_LOOKED_AT = "alike by its hashes, not looked at closely"
YOU_SAID = "you called it the same"


@dataclass(frozen=True, slots=True)
class ToKeeper:
    """One picture: why it is in the set, as seen from the keeper.

    `probability` is that a closer look found it the same with, None where none did; `said` tells
    that the user called it the same. `lies` says which point of the keeper it shows at each of its
    own points.
    """

    reason: str
    probability: float | None
    said: bool = False
    lies: Placement = UNMOVED

    @property
    def changes(self) -> tuple[str, ...]:
        """What was done to it besides another size and compression."""
        return () if self.probability is None else changes_beside_size(self.reason)


@dataclass(frozen=True, slots=True)
class Kept:
    """The keeper of a set, None where it has none, and what the others are to it."""

    keeper: Digest | None = None
    others: Mapping[Digest, ToKeeper] = field(default_factory=dict)

    @property
    def probability(self) -> float | None:
        """The least of all that are in the set; None where one of them is not known.

        What was found does not change with what the user says of it, so that a set keeps its place
        among others when it is decided; only where nothing was found the user's word is 1.
        """
        found = [1.0 if e.probability is None and e.said else e.probability for e in self._those]
        known = [each for each in found if each is not None]
        return min(known) if known and len(known) == len(found) else None

    @property
    def _those(self) -> Collection[ToKeeper]:
        return self.others.values()


def to_keeper(archive: Archive, group: Group) -> Kept:
    """The keeper of a set with what the others are to it, but for those called no duplicates.

    Where all were called so, all are compared: the set keeps its place among others.
    """
    order = archive.keeper_order()
    if order is None:
        return Kept()
    alike = [one for one in group.members if group.verdicts[one] is not Verdict.FALSE]
    if len(alike) < 2:
        alike = list(group.members)
    told = _told_same(archive, frozenset(alike))
    keeper = min(_ties(archive, alike) or alike, key=order)
    among = {one for pair in told for one in pair}
    return Kept(
        keeper,
        {one: _found(archive, keeper, one, said=one in among) for one in alike if one != keeper},
    )


def _ties(archive: Archive, alike: Collection[Digest]) -> list[Digest]:
    """Those that the user did not call something else than all the others."""
    index = archive.index("decisions", lookups.blobs_of_pair)
    cut: dict[Digest, set[Digest]] = {}
    for one in alike:
        for said in archive.decisions.picked(index[one]):
            if said.label is not Label.SAME:
                cut.setdefault(one, set()).update((said.first, said.second))
    others = set(alike)
    return [one for one in alike if not others <= cut.get(one, set()) | {one}]


def _told_same(archive: Archive, members: frozenset[Digest]) -> set[PairKey]:
    """The pairs among these that the user called the same."""
    index = archive.index("decisions", lookups.blobs_of_pair)
    keys = {key for one in members for key in index[one]}
    return {
        PairKey(each.first, each.second)
        for each in (archive.decisions.picked(keys) if keys else ())
        if each.label is Label.SAME and members.issuperset((each.first, each.second))
    }


def _found(archive: Archive, keeper: Digest, one: Digest, *, said: bool) -> ToKeeper:
    """`said` tells whether it was called the same as any other picture of the set."""
    pair = pair_of(keeper, one)
    judged = seen(archive.pairs.get(pair))
    if judged is not None and judged.label is Label.SAME:
        lies = lies_from(keeper, pair, judged)
        return ToKeeper(seen_from(keeper, pair, judged), judged.probability, said=said, lies=lies)
    if said:
        return ToKeeper(YOU_SAID, None, said=True)
    return ToKeeper(NOT_LOOKED_AT, None)
