"""What the user's own verdicts say of each method, and which limits they speak for.

A judged pair is right for a method if it was called the same; related counts as not the same. Pairs
of one set hang together: ten copies are 45 pairs and one fact. So the intervals count *cases*.
Pictures called the same, directly or by others, are a cluster; a cluster that a limit finds is one
case of right, every two clusters that it finds alike wrongly are one case of wrong.

What was never proposed was never judged, and no arithmetic mends that: recall is of what was
judged. And most of what was judged beyond a limit was proposed by another method, or by the set it
is in. It is the same far more often than what a laxer limit would add, and says nothing of it. So a
laxer one takes pairs that nothing in use proposes: judged while limits were laxer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.components import components
from fapfav.duplicates.interval import Share, share_of, wilson
from fapfav.duplicates.limits import LARGEST, OFF, SMALLEST, Rule
from fapfav.errors import UsageError
from fapfav.model import HASHES, Limits, Method

WANTED = 0.95
"""The share of what a limit lets through that should be the same, at the lower end of its interval.

A wrong proposal costs one look and hides nothing; one in twenty of them is borne, and 73 cases are
enough to show it. To show one in fifty takes 189.
"""

FEWEST = 5
"""Cases of right at the very limit that a laxer one takes."""

_COSINES = tuple(
    round(each / 1000, 3)
    for each in (*range(995, 899, -5), *range(890, round(1000 * SMALLEST) - 1, -10))
)


@dataclass(frozen=True, slots=True)
class Judged:
    """n judged pairs, each given once.

    `first` and `second` (n,) are the numbers of its pictures, `same` and `moving` (n,) whether it
    was called the same and whether either picture is animated; `linked` (n,) whether the limits in
    use tie the two, directly or by others. `scores` is float64 (n, 5) in the order of Method, NaN
    where a method gives nothing.
    """

    first: Indices
    second: Indices
    same: Flags
    moving: Flags
    linked: Flags
    scores: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Raises UsageError when the parts do not fit each other."""
        count = self.first.size
        parts = (self.first, self.second, self.same, self.moving, self.linked)
        if {part.shape for part in parts} != {(count,)} or self.scores.shape != (
            count,
            len(Method),
        ):
            raise UsageError(f"{count} judged pairs need columns of {count} rows each")

    def picked(self, rows: Indices | Flags) -> Judged:
        """Some of the pairs, or all in another order."""
        first, second, same = self.first[rows], self.second[rows], self.same[rows]
        moving, linked, scores = self.moving[rows], self.linked[rows], self.scores[rows]
        return Judged(first, second, same, moving, linked, scores)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a limit, or a rule, lets through of the judged pairs.

    `same` of `pairs` were called the same. For recall each cluster counts once, by the share of its
    judged pairs that is let through.
    """

    limit: float
    pairs: int
    same: int
    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class Band:
    """Judged pairs between two limits: scores from `nearest` to `farthest`, None of none.

    Of those beyond the limit in use only the ones that nothing in use proposes.
    """

    pairs: int
    same: int
    cases: int
    nearest: float | None
    farthest: float | None


@dataclass(frozen=True, slots=True)
class MethodSays:
    """What is known of one method, for still pictures or where one is animated.

    `limits` are all possible ones, strictest first; `now` and `then` the one in use and the
    suggested one. `band` lies between these two; where both are one, beyond it.
    """

    method: Method
    moving: bool
    judged: int
    same: int
    limits: tuple[Measure, ...]
    now: Measure
    then: Measure
    band: Band
    is_bound: bool = False
    """Whether it is held back by the limit for still pictures."""


@dataclass(frozen=True, slots=True)
class Together:
    """All methods, as sets are made: under the limits in use, and under the suggested ones."""

    judged: int
    same: int
    cases: int
    now: Measure
    then: Measure


@dataclass(frozen=True, slots=True)
class Learned:
    """All that the verdicts say; `regular` and `animated` are the suggested limits."""

    wanted: float
    regular: Limits
    animated: Limits
    methods: tuple[MethodSays, ...]
    together: tuple[Together, Together]


def learn(
    judged: Judged, rule: Rule, methods: Sequence[Method] = tuple(Method), wanted: float = WANTED
) -> Learned:
    """Precision and recall of each method at each limit, and a suggestion; whatever the order.

    A laxer limit is suggested where the interval's lower end reaches `wanted` for all that it lets
    through, and for what it adds allows twice as many wrong ones; at the very limit itself so many
    have to be right too, in `FEWEST` cases. Of what it adds only pairs that are not linked tell. A
    stricter one is suggested where even the upper end of
    the limit in use stays below `wanted`. So the burden of proof lies with the change, and a pair
    more that is not the same never makes any limit laxer. A method that is off stays off, one that
    is on stays on, and animations are limited at least as strictly.

    Raises UsageError for a `wanted` that no limit could be held against.
    """
    if not 0.5 < wanted < 1:
        raise UsageError(f"the wanted precision is more than 0.5 and less than 1, not {wanted:g}")
    judged = judged.picked(np.lexsort((judged.second, judged.first)))
    clusters = _clusters(judged)
    limits = (rule.regular, rule.animated)
    found: list[MethodSays] = []
    for method in methods:
        both = tuple(each.of(method) for each in limits)
        bound: float | None = None
        for moving, in_use in enumerate(both):
            column = _column(judged, clusters, method, bool(moving), both)
            found.append(_says(column, in_use, wanted, bound))
            bound = found[-1].then.limit
    found.sort(key=lambda says: says.moving)
    then = tuple(_suggested(each, found, bool(moving)) for moving, each in enumerate(limits))
    together = tuple(
        _together(judged, clusters, bool(moving), (limits[moving], then[moving]), rule.agree)
        for moving in range(2)
    )
    return Learned(wanted, then[0], then[1], tuple(found), (together[0], together[1]))


def allowed(wanted: float) -> float:
    """The precision that what is added has to reach: it may be wrong twice as often."""
    return 2 * wanted - 1


def possible(method: Method, in_use: Sequence[float] = ()) -> tuple[float, ...]:
    """The limits that are looked at, strictest first; those in use are among them."""
    if method in HASHES:
        return tuple(float(each) for each in range(LARGEST + 1))
    return tuple(sorted({*_COSINES, *(each for each in in_use if each != OFF)}, reverse=True))


def _clusters(judged: Judged) -> Indices:
    """For each picture, by its number, the smallest number of those called the same as it."""
    count = int(max(judged.first.max(), judged.second.max())) + 1 if judged.first.size else 0
    return components(judged.first[judged.same], judged.second[judged.same], count)


@dataclass(frozen=True, slots=True)
class _Column:
    """The m pairs that a method speaks of: by which of its limits each is let through first (the
    number of limits, if by none), whether it was called the same, whether it is linked, and the
    case it belongs to."""

    method: Method
    moving: bool
    limits: tuple[float, ...]
    scores: NDArray[np.float64]
    steps: Indices
    same: Flags
    linked: Flags
    cases: Indices

    def within(self, right: bool) -> Indices:
        """By limit, the cases of right, or of wrong, that have a pair within it."""
        chosen = self.same == right
        return _distinct_within(self.cases[chosen], self.steps[chosen], len(self.limits))

    def added(self, right: bool, after: int) -> Indices:
        """By limit, such cases with a pair beyond another limit that nothing in use proposes."""
        chosen = (self.same == right) & (self.steps > after) & ~self.linked
        return _distinct_within(self.cases[chosen], self.steps[chosen], len(self.limits))

    def added_at(self, right: bool) -> Indices:
        """By limit, such cases with a pair that is let through there first."""
        chosen = (self.same == right) & ~self.linked
        size = len(self.limits) + 1
        codes = np.unique(self.cases[chosen] * size + self.steps[chosen])
        return np.bincount(codes % size, minlength=size)[:-1]

    def measures(self) -> tuple[Measure, ...]:
        """What each limit lets through."""
        size = len(self.limits)
        pairs, same = (
            np.cumsum(np.bincount(steps, minlength=size + 1)[:size])
            for steps in (self.steps, self.steps[self.same])
        )
        right, wrong = self.within(True), self.within(False)
        clusters, found = _recalled(self.cases[self.same], self.steps[self.same], size)
        return tuple(
            Measure(
                limit,
                int(pairs[at]),
                int(same[at]),
                share_of(int(right[at]), int(right[at] + wrong[at])),
                share_of(float(found[at]), clusters),
            )
            for at, limit in enumerate(self.limits)
        )

    def band(self, after: int, last: int, *, added: bool) -> Band:
        """What lies beyond one limit and within another; or what is added there."""
        chosen = (self.steps > after) & (self.steps <= last) & ~(added & self.linked)
        scores, same = self.scores[chosen], self.same[chosen]
        cases = np.unique(2 * self.cases[chosen] + same).size
        ends = sorted((float(scores.min()), float(scores.max()))) if scores.size else [None, None]
        if self.method is Method.CNN:
            ends.reverse()
        return Band(int(scores.size), int(same.sum()), cases, *ends)


def _column(
    judged: Judged, clusters: Indices, method: Method, moving: bool, in_use: Sequence[float]
) -> _Column:
    scores = judged.scores[:, list(Method).index(method)]
    chosen = (judged.moving == moving) & ~np.isnan(scores)
    limits = possible(method, in_use)
    sign = -1.0 if method is Method.CNN else 1.0
    steps = np.searchsorted(sign * np.array(limits), sign * scores[chosen])
    here = judged.picked(chosen)
    return _Column(
        *(method, moving, limits, scores[chosen], steps.astype(np.int64)),
        *(here.same, here.linked, _cases(here, clusters)),
    )


def _cases(judged: Judged, clusters: Indices) -> Indices:
    """The case of each pair: its cluster, or the two clusters that are not the same."""
    one, other = clusters[judged.first], clusters[judged.second]
    if not clusters.size:
        return one
    code = np.minimum(one, other) * clusters.size + np.maximum(one, other)
    return np.unique(code, return_inverse=True)[1].astype(np.int64)


def _distinct_within(cases: Indices, steps: Indices, size: int) -> Indices:
    """By limit (size,), how many cases have a pair within it."""
    order = np.lexsort((steps, cases))
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = cases[order][1:] != cases[order][:-1]
    return np.cumsum(np.bincount(steps[order][first], minlength=size + 1)[:size])


def _recalled(clusters: Indices, steps: Indices, size: int) -> tuple[int, NDArray[np.float64]]:
    """How many clusters there are, and by limit (size,) what is found of them: each weighs one."""
    _, which, counts = np.unique(clusters, return_inverse=True, return_counts=True)
    found = np.bincount(steps, weights=1.0 / counts[which], minlength=size + 1)
    return counts.size, np.cumsum(found[:size])


def _says(column: _Column, in_use: float, wanted: float, bound: float | None) -> MethodSays:
    """What a method's pairs say; `bound` is the limit it may not be laxer than."""
    measures = column.measures()
    judged, same = int(column.steps.size), int(column.same.sum())
    if in_use == OFF:
        none = Measure(OFF, 0, 0, share_of(0, 0), share_of(0, measures[-1].recall.of))
        band = column.band(-1, len(measures) - 1, added=True)
        return MethodSays(column.method, column.moving, judged, same, measures, none, none, band)
    at = column.limits.index(in_use)
    best = _best(column, measures, at, wanted)
    then = best if bound is None else min(best, column.limits.index(bound))
    if then < at:
        band = column.band(then, at, added=False)
    else:
        band = column.band(at, then if then > at else len(measures) - 1, added=True)
    return MethodSays(
        *(column.method, column.moving, judged, same, measures),
        *(measures[at], measures[then], band, then < best),
    )


def _best(column: _Column, measures: Sequence[Measure], at: int, wanted: float) -> int:
    """The number of the laxest limit that the pairs speak for, or do not speak against."""
    added = [column.added(right, at) for right in (True, False)]
    there = [column.added_at(right) for right in (True, False)]
    least = allowed(wanted)

    def is_shown(step: int) -> bool:
        right, wrong = (int(each[step]) for each in there)
        if right < FEWEST or right < least * (right + wrong):
            return False
        new = [int(each[step]) for each in added]
        return measures[step].precision.low >= wanted and wilson(new[0], sum(new))[0] >= least

    for step in range(len(measures) - 1, at, -1):
        if is_shown(step):
            return step
    for step in range(at, 0, -1):
        if measures[step].precision.high >= wanted:
            return step
    return 0


def _suggested(limits: Limits, found: Sequence[MethodSays], moving: bool) -> Limits:
    said = {each.method: each.then.limit for each in found if each.moving == moving}
    values = {method: said.get(method, limits.of(method)) for method in Method}
    hashes = {method.value: int(values[method]) for method in HASHES}
    return Limits(**hashes, cnn=values[Method.CNN])


def _together(
    judged: Judged, clusters: Indices, moving: bool, limits: tuple[Limits, Limits], agree: int
) -> Together:
    here = judged.picked(judged.moving == moving)
    cases = _cases(here, clusters)
    now, then = (
        _Column(
            *(Method.CNN, moving, (float(agree),), here.scores[:, 0]),
            *((~ties(here.scores, each, agree)).astype(np.int64), here.same, here.linked, cases),
        ).measures()[0]
        for each in limits
    )
    right = int(np.unique(cases[here.same]).size)
    wrong = int(np.unique(cases[~here.same]).size)
    return Together(here.first.size, int(here.same.sum()), right + wrong, now, then)


def ties(scores: NDArray[np.float64], limits: Limits, agree: int) -> Flags:
    """Which of n pairs, with scores (n, 5) as in Judged, so many methods pass."""
    count = np.zeros(len(scores), dtype=np.int64)
    for number, method in enumerate(Method):
        limit, given = limits.of(method), scores[:, number]
        if limit != OFF:
            count += given >= limit if method is Method.CNN else given <= limit
    return count >= agree
