"""What verdicts say of methods, held against counting one by one; and what may be suggested."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.components import components
from fapfav.duplicates.interval import needed, wilson
from fapfav.duplicates.learning import (
    learn,
    possible,
)
from fapfav.duplicates.learning_words import reason
from fapfav.duplicates.limits import (
    LARGEST,
    OFF,
    REGULAR,
    SMALLEST,
    Rule,
    check_limits,
    passes,
)
from fapfav.errors import UsageError
from fapfav.model import HASHES, Limits, Method
from tests.duplicates.judging import RULE, Row, apart, judged

hash_scores = st.integers(0, 20).map(float)
cosines = st.one_of(st.just(math.nan), st.integers(4500, 10_000).map(lambda n: n / 10_000))
rows_of = st.dictionaries(
    st.sampled_from(list(combinations(range(9), 2))),
    st.tuples(
        st.booleans(),
        st.booleans(),
        st.tuples(hash_scores, hash_scores, hash_scores, hash_scores, cosines),
    ),
    max_size=30,
).map(lambda found: [(*pair, *rest) for pair, rest in found.items()])
limits_of = st.builds(
    Limits,
    *(st.integers(OFF, LARGEST) for _ in HASHES),
    cnn=st.sampled_from([OFF, 0.5, 0.9321, 0.95, 0.97, 0.9999]),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any limits, those for animations as strict at least, and any count of methods."""
    regular, other = draw(limits_of), draw(limits_of)
    hashes = {m.value: int(min(regular.of(m), other.of(m))) for m in HASHES}
    cnn = OFF if OFF in (regular.cnn, other.cnn) else max(regular.cnn, other.cnn)
    return Rule(regular, Limits(**hashes, cnn=cnn), agree=draw(st.integers(1, 3)))


def cluster_of(rows: Sequence[Row]) -> dict[int, int]:
    """By picture, the smallest one that it is the same as by any chain."""
    homes = {one: one for row in rows for one in row[:2]}
    for _ in rows:
        for first, second, same, _, _ in rows:
            if same:
                homes[first] = homes[second] = min(homes[first], homes[second])
    return homes


def counted(
    rows: Sequence[Row], inside: Sequence[bool], homes: dict[int, int]
) -> tuple[float, ...]:
    """Pairs, the same of them, cases of right, cases of all, recall's hits and clusters."""
    hits = [row for row, one in zip(rows, inside, strict=True) if one]
    right = {homes[row[0]] for row in hits if row[2]}
    wrong = {frozenset((homes[row[0]], homes[row[1]])) for row in hits if not row[2]}
    clusters = {homes[row[0]] for row in rows if row[2]}
    found = 0.0
    for home in clusters:
        mine = [
            one for row, one in zip(rows, inside, strict=True) if row[2] and homes[row[0]] == home
        ]
        found += sum(mine) / len(mine)
    same = sum(row[2] for row in hits)
    return len(hits), same, len(right), len(right) + len(wrong), found, len(clusters)


@settings(max_examples=30, deadline=None)
@given(rows_of, rules())
def test_precision_and_recall_are_what_counting_gives(rows: list[Row], rule: Rule) -> None:
    found, homes = learn(judged(rows), rule), cluster_of(rows)

    for says in found.methods:
        at = list(Method).index(says.method)
        here = [row for row in rows if row[3] == says.moving and not math.isnan(row[4][at])]
        limits = rule.animated if says.moving else rule.regular
        assert (says.judged, says.same) == (len(here), sum(row[2] for row in here))
        assert says.now.limit == limits.of(says.method)
        for measure in says.limits:
            values: dict[str, Any] = {says.method.value: measure.limit}
            only = replace(REGULAR, **values)
            inside = [passes(says.method, row[4][at], only) for row in here]
            assert_counted(measure, counted(here, inside, homes))
    for moving, both in enumerate(found.together):
        here = [row for row in rows if row[3] == bool(moving)]
        then = (found.regular, found.animated)[moving]
        for measure, limits in (
            (both.now, (rule.regular, rule.animated)[moving]),
            (both.then, then),
        ):
            inside = [
                sum(passes(m, row[4][n], limits) for n, m in enumerate(Method)) >= rule.agree
                for row in here
            ]
            assert_counted(measure, counted(here, inside, homes))


def assert_counted(measure: object, expected: tuple[float, ...]) -> None:
    pairs, same, right, cases, hits, clusters = expected
    assert (measure.pairs, measure.same) == (pairs, same)  # type: ignore[attr-defined]
    precision, recall = measure.precision, measure.recall  # type: ignore[attr-defined]
    assert (precision.right, precision.of) == (right, cases)
    assert recall.of == clusters
    assert recall.right == pytest.approx(hits, abs=1e-5)
    assert precision.share == (pytest.approx(right / cases) if cases else None)
    assert precision.low <= (right / cases if cases else 0) + 1e-9


@settings(max_examples=30, deadline=None)
@given(rows_of, rules(), st.randoms(use_true_random=False), st.floats(0.51, 0.99))
def test_a_suggestion_keeps_the_bounds_and_does_not_hang_on_the_order(
    rows: list[Row], rule: Rule, mixer: object, wanted: float
) -> None:
    found = learn(judged(rows), rule, wanted=wanted)
    shuffled = list(rows)
    mixer.shuffle(shuffled)  # type: ignore[attr-defined]

    check_limits(found.regular, found.animated)
    assert learn(judged(shuffled), rule, wanted=wanted) == found
    for says in found.methods:
        assert (says.now.limit == OFF) == (says.then.limit == OFF)
        assert reason(says, wanted).startswith(says.method.value)


def laxer(method: Method, one: float, other: float) -> bool:
    if OFF in (one, other):
        return one != OFF and other == OFF
    return one < other if method is Method.CNN else one > other


@st.composite
def plenty(draw: st.DrawFn) -> list[Row]:
    """Enough pairs that limits move both ways."""
    rows: list[Row] = []
    for moving in (False, True):
        for bits in range(0, 9, draw(st.integers(1, 3))):
            for same, most in ((True, 90), (False, draw(st.sampled_from([0, 4, 30])))):
                count = draw(st.integers(0, most))
                scores = (float(bits), *(math.nan,) * 3, 1 - bits / 50)
                for _ in range(count):
                    at = 2 * len(rows)
                    rows.append((at, at + 1, same, moving, scores))
    return rows


@settings(max_examples=30, deadline=None)
@given(plenty(), rules(), st.data())
def test_one_more_that_is_not_the_same_makes_no_limit_laxer(
    rows: list[Row], rule: Rule, data: st.DataObject
) -> None:
    before = learn(judged(rows), rule)
    pictures = max((row[1] for row in rows), default=1) + 2
    pair = data.draw(
        st.tuples(*(st.integers(0, pictures) for _ in range(2))).filter(lambda p: p[0] < p[1])
    )
    known = {row[:2] for row in rows}
    if pair in known:
        return
    bits = data.draw(st.integers(0, 16))
    scores = (float(bits), float(bits), math.nan, 1.0, 1 - bits / 50)
    after = learn(judged([*rows, (*pair, False, data.draw(st.booleans()), scores)]), rule)

    for one, other in zip(after.methods, before.methods, strict=True):
        assert not laxer(one.method, one.then.limit, other.then.limit)


def test_recall_is_the_same_to_the_last_bit_in_any_order() -> None:
    rows: list[Row] = []
    for size in range(3, 9):
        scores = (float(size % 3), *(math.nan,) * 4)
        pictures = range(20 * size, 21 * size)
        rows += [(a, b, True, False, scores) for a, b in combinations(pictures, 2)]
    found = learn(judged(rows), RULE)

    for seed in range(10):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert learn(judged(shuffled), RULE) == found


def test_what_hangs_together_has_one_number() -> None:
    first, second = np.array([4, 2, 6, 1]), np.array([2, 5, 6, 0])

    assert components(first, second, 7).tolist() == [0, 0, 2, 3, 2, 2, 6]
    assert components(first[:0], second[:0], 2).tolist() == [0, 1]


def test_the_interval_is_wilsons() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    for (right, count), expected in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson(right, count) == pytest.approx(expected, abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("wanted", [0.6, 0.9, 0.95, 0.98, 0.999])
def test_so_many_cases_are_needed_and_no_fewer(wanted: float) -> None:
    count = needed(wanted)

    assert wilson(count, count)[0] >= wanted > wilson(count - 1, count - 1)[0]


def test_the_limits_looked_at_are_within_their_bounds() -> None:
    cosines = possible(Method.CNN, (0.9321, OFF))

    assert possible(Method.DIFF) == tuple(map(float, range(LARGEST + 1)))
    assert cosines == tuple(sorted(cosines, reverse=True))
    assert (cosines[0], cosines[-1]) == (0.995, SMALLEST)
    assert 0.9321 in cosines


@pytest.mark.parametrize("wanted", [0.5, 1.0, math.nan])
def test_what_cannot_be_wanted_is_refused(wanted: float) -> None:
    with pytest.raises(UsageError, match="precision"):
        learn(judged([]), RULE, wanted=wanted)


def test_columns_that_do_not_fit_are_refused() -> None:
    rows = judged(apart(2, 1, same=True))
    with pytest.raises(UsageError, match="2 judged pairs"):
        replace(rows, same=rows.same[:1])
