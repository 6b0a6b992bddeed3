"""From accepted pairs and the truth to precision, recall and their intervals; nothing is read.

Pairs become sets, and every pair inside a set is claimed to be the same picture, whether a method
named it or not: that is what a user sees. A claimed pair of related or of different pictures is
false. Counts come from how many pictures of each base lie in each set, so sets of any size cost
what their members cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.dataset import Entry
from fapfav.model import Label

Ints = NDArray[np.int64]
PairsOf = NDArray[np.int64]
"""Pairs of numbers of pictures, (n, 2)."""

_RESAMPLES: Final = 1000
_TAIL: Final = 2.5  # percent cut off on either side: what is left are 95


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs: `same` there are, `found` of them, `related` and `different` ones in sets."""

    same: int
    found: int
    related: int
    different: int

    @property
    def precision(self) -> float:
        """The share of pairs in sets that are the same picture; 1 without any."""
        return _ratio(self.found, self.found + self.related + self.different)

    @property
    def precision_lenient(self) -> float:
        """The same with related pairs counted neither way."""
        return _ratio(self.found, self.found + self.different)

    @property
    def recall(self) -> float:
        """The share of the pairs there are that lie in one set; 1 without any."""
        return _ratio(self.found, self.same)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _f1(self.precision, self.recall)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True, slots=True)
class Score:
    """All that is said of one method: counts, intervals, by family of change and of negatives.

    `families` counts the pairs of which one picture or both went through a change of the family,
    `kinds` those of which both are of the kind.
    `negatives` counts false pairs whose two pictures are of the family.
    """

    counts: Counts
    precision: Interval
    recall: Interval
    f1: Interval
    families: dict[str, Counts]
    kinds: dict[str, Counts]
    negatives: dict[str, int]


class Labelled:
    """The truth of n pictures in the form that scoring wants; made once for many methods."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.base = _numbers([entry.base for entry in entries])
        self.unit = _numbers([entry.unit for entry in entries])
        self.same = np.array([entry.truth is Label.SAME for entry in entries], np.bool_)
        # Two bases of one unit are the same thing to each other throughout.
        self.kin = np.array([entry.within is Label.RELATED for entry in entries], np.bool_)

    def counts(self, sets: Ints, where: NDArray[np.bool_] | None = None) -> Counts:
        """The pairs inside sets (n,); with `where` (n,) only those of the pictures it names."""
        chosen = np.ones(len(sets), np.bool_) if where is None else where
        parts = _Parts.of(self, sets, chosen)
        return Counts(
            int(parts.same.sum()),
            int(parts.found.sum()),
            int(parts.related.sum()),
            int(parts.different.sum() + parts.across_count.sum()),
        )

    def relatives(self) -> PairsOf:
        """Every pair i < j of one base, or of two bases that are related, each once."""
        found = [np.zeros((0, 2), np.int64)]
        for unit in range(int(self.unit.max(initial=-1)) + 1):
            members = np.flatnonzero(self.unit == unit)
            one, other = np.triu_indices(len(members), 1)
            pairs = np.stack([members[one], members[other]], axis=1)
            kin = self.kin[pairs[:, 0]] | (self.base[pairs[:, 0]] == self.base[pairs[:, 1]])
            found.append(pairs[kin])
        return np.concatenate(found)

    def are_same(self, pairs: PairsOf) -> NDArray[np.bool_]:
        """Which pairs (n, 2) are of the same picture, (n,)."""
        one, other = pairs[:, 0], pairs[:, 1]
        both: NDArray[np.bool_] = self.same[one] & self.same[other]
        here: NDArray[np.bool_] = self.base[one] == self.base[other]
        return np.logical_and(both, here)

    def score(self, sets: Ints) -> Score:
        """Everything there is to say of these sets."""
        everything = np.ones(len(sets), np.bool_)
        whole = self.counts(sets)
        intervals = bootstrap(_Parts.of(self, sets, everything))
        families = self._families(sets, whole)
        return Score(whole, *intervals, families, self._kinds(sets), self._negatives(sets))

    def _families(self, sets: Ints, whole: Counts) -> dict[str, Counts]:
        """Pairs that touch a family: all but those among the others."""
        found = {}
        names = np.array([entry.family for entry in self.entries])
        for family in sorted(set(names.tolist())):
            others = self.counts(sets, names != family)
            found[family] = Counts(
                whole.same - others.same,
                whole.found - others.found,
                whole.related - others.related,
                whole.different - others.different,
            )
        return found

    def _kinds(self, sets: Ints) -> dict[str, Counts]:
        names = np.array([entry.kind for entry in self.entries])
        return {kind: self.counts(sets, names == kind) for kind in sorted(set(names.tolist()))}

    def _negatives(self, sets: Ints) -> dict[str, int]:
        found = {}
        names = np.array([entry.negative for entry in self.entries])
        for family in sorted(set(names.tolist()) - {""}):
            inside = self.counts(sets, names == family)
            found[family] = inside.related + inside.different
        return found


@dataclass(frozen=True, slots=True)
class _Parts:
    """Counts by unit, each (units,), and false pairs across units: two numbers and how many."""

    same: Ints
    found: Ints
    related: Ints
    different: Ints
    across: PairsOf
    across_count: Ints

    @classmethod
    def of(cls, truth: Labelled, sets: Ints, chosen: NDArray[np.bool_]) -> _Parts:
        units = int(truth.unit.max(initial=-1)) + 1
        both = chosen & truth.same
        same = _by_unit(truth, both, [truth.base], units)
        found = _by_unit(truth, both, [truth.base, sets], units)
        of_base = _by_unit(truth, chosen, [truth.base, sets], units)
        of_unit = _by_unit(truth, chosen, [truth.unit, sets], units)
        kin = np.zeros(units, np.bool_)
        kin[truth.unit] = truth.kin
        # Pairs of two bases of one unit are related in some units and different in the others.
        beyond = of_unit - of_base
        related = of_base - found + np.where(kin, beyond, 0)
        across, count = _across(truth.unit[chosen], sets[chosen])
        return cls(same, found, related, np.where(kin, 0, beyond), across, count)


def _by_unit(truth: Labelled, chosen: NDArray[np.bool_], keys: Sequence[Ints], units: int) -> Ints:
    """Pairs of chosen pictures that agree in all keys, by unit (units,)."""
    rows = np.stack([truth.unit[chosen], *(key[chosen] for key in keys)], axis=1)
    if not len(rows):
        return np.zeros(units, np.int64)
    kinds, sizes = np.unique(rows, axis=0, return_counts=True)
    pairs = sizes * (sizes - 1) // 2
    return np.bincount(kinds[:, 0], pairs, units).astype(np.int64)


def _across(unit: Ints, sets: Ints) -> tuple[PairsOf, Ints]:
    """Pairs of units with pictures in one set, and how many pairs of pictures those are."""
    rows, sizes = np.unique(np.stack([sets, unit], axis=1), axis=0, return_counts=True)
    ends = np.flatnonzero(np.diff(rows[:, 0], append=-1)) + 1
    pairs: list[PairsOf] = [np.zeros((0, 2), np.int64)]
    counts: list[Ints] = [np.zeros(0, np.int64)]
    start = 0
    for end in ends.tolist():
        if end - start > 1:
            one, other = np.triu_indices(end - start, 1)
            pairs.append(np.stack([rows[start + one, 1], rows[start + other, 1]], axis=1))
            counts.append(sizes[start + one] * sizes[start + other])
        start = end
    return np.concatenate(pairs), np.concatenate(counts)


def bootstrap(parts: _Parts, resamples: int = _RESAMPLES) -> tuple[Interval, Interval, Interval]:
    """Precision, recall and F1, with percentile intervals over resampled units.

    Pictures of one base are not independent, so whole units are drawn, with replacement (Efron and
    Tibshirani, An Introduction to the Bootstrap, chapter 13). A pair across two units counts as
    often as both were drawn.
    """
    rng = np.random.default_rng(20)
    units = len(parts.same)
    drawn = rng.multinomial(units, np.full(units, 1 / max(units, 1)), resamples).astype(np.float64)
    drawn = np.concatenate([np.ones((1, units)), drawn])
    same, found = drawn @ parts.same, drawn @ parts.found
    false = drawn @ (parts.related + parts.different)
    one, other = parts.across[:, 0], parts.across[:, 1]
    false += np.array([(row[one] * row[other]) @ parts.across_count for row in drawn])
    precision = np.divide(found, found + false, np.ones_like(found), where=found + false > 0)
    recall = np.divide(found, same, np.ones_like(found), where=same > 0)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, np.zeros_like(found), where=total > 0)
    return _interval(precision), _interval(recall), _interval(f1)


def _interval(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values[1:], [_TAIL, 100 - _TAIL])
    return Interval(float(values[0]), float(low), float(high))


def transitive(count: int, pairs: PairsOf) -> Ints:
    """Sets (count,) by connected components, each named after its smallest member.

    Every picture takes the smallest name among its partners, and then the name of that one, until
    nothing changes: millions of pairs take a second.
    """
    names = np.arange(count)
    while True:
        smallest = names[pairs].min(axis=1, initial=count)
        before = names.copy()
        # Through the names that the two had, so that whole sets follow at once.
        np.minimum.at(names, before[pairs[:, 0]], smallest)
        np.minimum.at(names, before[pairs[:, 1]], smallest)
        while not np.array_equal(names, names[names]):
            names = names[names]
        if np.array_equal(names, before):
            return names


@dataclass(frozen=True, slots=True)
class RelatedScore:
    """Of one family of related pictures: how many there are, linked with their base, and false.

    A picture is linked when a pair that was called related joins it to any same picture of its
    base; it is `merged` when it lies in a set with one.
    """

    pictures: int
    linked: int
    merged: int

    @property
    def recall(self) -> float:
        """The share that is linked."""
        return _ratio(self.linked, self.pictures)


def related_scores(
    entries: Sequence[Entry], sets: Ints, related: PairsOf
) -> dict[str, RelatedScore]:
    """By family of change, what became of the pictures that are related to their base."""
    linked: set[int] = set()
    for one, other in related.tolist():
        for here, there in ((one, other), (other, one)):
            a, b = entries[here], entries[there]
            if a.base == b.base and a.truth is Label.RELATED and b.truth is Label.SAME:
                linked.add(here)
    homes = {(e.base, int(sets[n])) for n, e in enumerate(entries) if e.truth is Label.SAME}
    found: dict[str, RelatedScore] = {}
    for number, entry in enumerate(entries):
        if entry.truth is Label.RELATED:
            old = found.get(entry.family, RelatedScore(0, 0, 0))
            found[entry.family] = RelatedScore(
                old.pictures + 1,
                old.linked + (number in linked),
                old.merged + ((entry.base, int(sets[number])) in homes),
            )
    return found


def false_related(truth: Callable[[int, int], Label], related: PairsOf) -> list[tuple[int, int]]:
    """Pairs that were called related and are different."""
    return [(i, j) for i, j in related.tolist() if truth(i, j) is Label.DIFFERENT]


def inside(sets: Ints) -> Iterable[tuple[int, int]]:
    """Every pair of pictures in one set."""
    order = np.argsort(sets, kind="stable")
    starts = np.flatnonzero(np.diff(sets[order], prepend=-1))
    for members in np.split(order, starts[1:]):
        few = members.tolist()
        yield from ((a, b) for place, a in enumerate(few) for b in few[place + 1 :])


def _numbers(names: Sequence[str]) -> Ints:
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], np.int64)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0
