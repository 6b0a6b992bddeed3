"""What is not in one set with a picture and worth seeing with it: related, or turned down.

Nothing that was found alike is hidden: what a closer look called related or different, though it
passes the owner's limits, is in no set and listed here. What the user called different is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fapfav.duplicates.groups import evidence
from fapfav.duplicates.keepers import BLIND
from fapfav.duplicates.limits import Rule
from fapfav.jobs.base import plain
from fapfav.jobs.grouping import Grouping
from fapfav.jobs.library import Archive
from fapfav.jobs.reasons import seen, seen_from
from fapfav.model import Blob, Digest, Group, Label, Pair, PairKey, pair_of
from fapfav.store import lookups
from fapfav.store.tables import Key, Row

MOST = 50
"""Others that are listed with a set."""

YOU_SAID = "you called them related"


class Standing(StrEnum):
    """Why two pictures are listed beside each other, in the order in which they are.

    They are related; or they pass the limits and were judged different; or they are alike, though
    not both the same as the keeper of one set.
    """

    RELATED = "related"
    TURNED_DOWN = "turned down"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Other:
    """A picture that is listed with `member`, and what it is to that.

    `probability` is of what was found, None where nobody looked or the user said so (`said`).
    """

    blob: Blob
    member: Digest
    standing: Standing
    reason: str
    probability: float | None
    said: bool

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        named = {"digest": self.blob.digest, "member": self.member, "label": self.standing}
        rest = {"reason": self.reason, "probability": self.probability, "said": self.said}
        return {name: plain(value) for name, value in {**named, **rest}.items()}


@dataclass(frozen=True, slots=True)
class SeeAlso:
    """The others, related ones first, then the surest first; `count` is how many there are."""

    others: tuple[Other, ...]
    count: int

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.others)


def see_also(archive: Archive, members: Collection[Digest], most: int = MOST) -> SeeAlso:
    """What is worth seeing with the pictures of a set, or with one picture."""
    best: dict[Digest, tuple[_Rank, Standing, Digest]] = {}
    inside, rule = frozenset(members), archive.rule()
    for at, member in enumerate(members):
        for pair, row, said in _pairs_of(archive, member):
            other = pair.second if pair.first == member else pair.first
            standing = standing_of(row, said, rule)
            if standing is None or other in inside or not is_apart(archive, pair):
                continue
            rank = (_ORDER[standing], -_probability(row), at)
            if other not in best or rank < best[other][0]:
                best[other] = rank, standing, member
    ordered = sorted(best, key=lambda one: (best[one][0], one))
    others = (other_of(archive, best[one][2], one, best[one][1]) for one in ordered[:most])
    return SeeAlso(tuple(others), len(best))


_Rank = tuple[int, float, int]
_ORDER = {standing: at for at, standing in enumerate(Standing)}


def _pairs_of(archive: Archive, one: Digest) -> Iterator[tuple[PairKey, Pair | None, Label | None]]:
    """Every pair of a picture that is recorded or decided."""
    rows, said = (
        archive.index(name, lookups.blobs_of_pair)[one] for name in ("pairs", "decisions")
    )
    decided = {PairKey(d.first, d.second): d.label for d in archive.decisions.picked(said)}
    for row in archive.pairs.picked(rows):
        pair = PairKey(row.first, row.second)
        yield pair, row, decided.pop(pair, None)
    for pair, label in decided.items():
        yield pair, None, label


def standing_of(row: Pair | None, said: Label | None, rule: Rule) -> Standing | None:
    """Why a pair is worth listing; None where it is not, or where the user said what it is."""
    if said is not None:
        return Standing.RELATED if said is Label.RELATED else None
    if row is None:
        return None
    judged = seen(row)
    label = judged.label if judged is not None else None
    if label is Label.RELATED:
        return Standing.RELATED
    if label is Label.SAME:
        return Standing.ALIKE
    if not evidence({PairKey(row.first, row.second): row}, rule):
        return None
    return Standing.ALIKE if label is None else Standing.TURNED_DOWN


def is_apart(archive: Archive, pair: PairKey) -> bool:
    """Whether both pictures are there, not in one set, and nothing else is said in their place.

    Nobody looks at a pair whose pictures were told apart by the keepers of their sets: where what
    these are to each other is listed, that says it.
    """
    blobs = archive.rows_of("blobs")
    if pair.first not in blobs or pair.second not in blobs:
        return False
    groups = archive.kept(Grouping)
    one, other = groups.of(pair.first), groups.of(pair.second)
    if one is not None and one is other:
        return False
    return not (_is_unlooked(archive, pair) and _is_told_by_keepers(archive, pair, one, other))


def _is_unlooked(archive: Archive, pair: PairKey) -> bool:
    return pair not in archive.decisions and seen(archive.pairs.get(pair)) is None


def _is_told_by_keepers(
    archive: Archive, pair: PairKey, one: Group | None, other: Group | None
) -> bool:
    """Whether the keeper of one's set is listed with the other, or with its keeper."""
    order = archive.keeper_order()
    if order is None:
        return False
    keepers = [
        digest if group is None else min(group.members, key=order)
        for digest, group in zip(pair, (one, other), strict=True)
    ]
    crossed = {(a, b) for a in (pair.first, keepers[0]) for b in (pair.second, keepers[1])}
    rule = archive.rule()
    return any(
        a != b
        and seen(row := archive.pairs.get(pair_of(a, b))) is not None
        and standing_of(row, None, rule) is not None
        for a, b in crossed
    )


def other_of(archive: Archive, member: Digest, one: Digest, standing: Standing) -> Other:
    """A picture that is there as it is listed with another one."""
    pair = pair_of(member, one)
    row, decision = archive.pairs.get(pair), archive.decisions.get(pair)
    judged = seen(row)
    reason = seen_from(member, pair, judged) if judged is not None else _by_scores(row)
    probability = judged.probability if judged is not None else None
    said = decision is not None and decision.label is Label.RELATED
    if said and (judged is None or judged.label is not Label.RELATED):
        reason, probability = YOU_SAID, None
    elif standing is Standing.ALIKE and judged is not None:
        has_keepers = archive.keeper_order() is not None
        reason += ", but not as the keeper of a set" if has_keepers else ", beyond your limits"
    return Other(archive.blobs[one], member, standing, reason, probability, said)


def _by_scores(row: Pair | None) -> str:
    methods = ", ".join(row.scores) if row is not None else ""
    return f"alike by {methods}, not looked at closely"


def _probability(row: Pair | None) -> float:
    judged = seen(row)
    return judged.probability if judged is not None else 0.0


def is_listed(archive: Archive, pair: PairKey) -> bool:
    """Whether two pictures are listed beside each other."""
    row, said = archive.pairs.get(pair), archive.decisions.get(pair)
    standing = standing_of(row, said.label if said is not None else None, archive.rule())
    return standing is not None and is_apart(archive, pair)


class Apart:
    """All pairs that are listed anywhere, of one archive, kept between looks."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._stamp = -1
        self._known: dict[PairKey, tuple[Standing, float]] = {}
        self._sorted: dict[Standing, tuple[PairKey, ...]] = {}

    def now(self) -> Mapping[Standing, Sequence[PairKey]]:
        """By why they are listed, the surest first; pictures that are gone are left out."""
        archive = self._archive
        stamp = archive.stamp
        if self._stamp != stamp:
            changed = archive.changed_since(self._stamp)
            self._stamp = -1
            touched = None if changed is None else self._touched(changed)
            if touched is None:
                self._known = {}
                touched = {*_worth_a_look(archive), *map(_pair, archive.rows_of("decisions"))}
            self._learn(touched)
            self._sorted = self._by_standing()
            self._stamp = stamp
        return self._sorted

    def _touched(self, changed: Iterable[tuple[str, Key]]) -> set[PairKey] | None:
        """The pairs that may be others now; None where all may be."""
        touched: set[PairKey] = set()
        index = self._archive.index("pairs", lookups.blobs_of_pair)
        for table, key in changed:
            if table == "configs" and key in _LIMITS:
                return None
            if table in ("pairs", "decisions"):
                touched.add(_pair(key))
            elif table == "blobs":  # it may move now, and other limits apply
                touched.update(map(_pair, index[key]))
        return touched

    def _learn(self, pairs: Iterable[PairKey]) -> None:
        archive, rule = self._archive, self._archive.rule()
        for pair in pairs:
            row, said = archive.pairs.get(pair), archive.decisions.get(pair)
            standing = standing_of(row, said.label if said is not None else None, rule)
            if standing is None:
                self._known.pop(pair, None)
            else:
                self._known[pair] = standing, _probability(row)

    def _by_standing(self) -> dict[Standing, tuple[PairKey, ...]]:
        here = [pair for pair in self._known if is_apart(self._archive, pair)]
        here.sort(key=lambda pair: (-self._known[pair][1], pair))
        return {
            standing: tuple(pair for pair in here if self._known[pair][0] is standing)
            for standing in Standing
        }


_LIMITS = {"limits_regular", "limits_animated", "agree", "vector_space"}


def _worth_a_look(archive: Archive) -> Iterator[PairKey]:
    """The recorded pairs but those that pass no limit and were found different, or nothing.

    By the rows as they lie in memory: most are of this kind, and a record of each takes its time.
    """
    for key, row in archive.rows_of("pairs").items():
        if not _is_dull(row):
            yield _pair(key)


def _is_dull(row: Row) -> bool:
    scores, judged = row
    if scores:
        return False
    return judged is None or judged.version == BLIND or judged.label is Label.DIFFERENT


def _pair(key: Key) -> PairKey:
    assert isinstance(key, bytes)
    return PairKey(Digest(key[:32]), Digest(key[32:]))
