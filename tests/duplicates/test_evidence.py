from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.evidence import (
    ALL_PAIRS,
    FULL,
    Known,
    Looks,
    PairScores,
    Relation,
    agreement,
    certainty_of,
    closeness,
    compared_pairs,
    normalised,
    pair_scores,
    relation_of,
    shapes_agree,
)
from fapfav.duplicates.limits import ANIMATED, LARGEST, OFF, REGULAR, passes, with_cnn
from fapfav.model import HASHES, Label, Limits, Method

TELLING = 0x5555_5555_5555_5555
"""Bits as a picture has them that shows something."""

LIMITS = (replace(REGULAR, cnn=OFF), replace(ANIMATED, cnn=OFF))


def looks(*flips: int, base: int = TELLING, width: int = 1200, **changes: Any) -> Looks:
    """A picture whose hashes differ from the plain one by so many bits, in the order of HASHES."""
    bits = (*flips, 0, 0, 0, 0)[:4]
    hashes = {method: base ^ (1 << n) - 1 for method, n in zip(HASHES, bits, strict=True)}
    return replace(Looks(hashes, False, width, 800), **changes)


def scored(
    *flips: int, known: Known | None = None, limits: tuple[Limits, Limits] = LIMITS, **of: Any
) -> PairScores:
    return pair_scores((1, 2), (looks(), looks(*flips, **of)), known or Known(), limits)


def test_a_pair_has_the_distance_of_every_hash_and_the_limit_that_applied() -> None:
    pair = scored(2, 0, 5, 1)

    by_method = {score.method: score for score in pair.scores}
    assert [by_method[method].raw for method in HASHES] == [2, 0, 5, 1]
    assert [by_method[method].limit for method in HASHES] == [4, 1, 4, 1]
    assert [by_method[method].normalised for method in HASHES] == [5.0, 10.0, 0.0, 0.0]
    assert [by_method[method].passes for method in HASHES] == [True, True, False, True]
    assert (pair.agreeing, pair.asked) == (3, 4)


def test_the_limits_of_animations_apply_where_either_moves() -> None:
    pair = scored(1, 0, 0, 0, moving=True)

    assert pair.moving
    limits = {score.method: score.limit for score in pair.scores}
    assert limits[Method.PERCEPT] == 3
    assert limits[Method.AVERAGE] is None
    assert "animations" in agreement([pair])


def test_a_method_that_is_off_says_so_and_keeps_its_distance() -> None:
    limits = (replace(LIMITS[0], diff=OFF), LIMITS[1])
    pair = scored(0, 0, 7, 0, limits=limits)

    score = next(each for each in pair.scores if each.method is Method.DIFF)
    assert (score.raw, score.limit, score.normalised, score.passes) == (7, None, None, False)
    assert (pair.agreeing, pair.asked) == (3, 3)


def test_the_embedding_speaks_where_it_is_recorded_only() -> None:
    limits = with_cnn(0.9, 0.95)

    near = scored(2, known=Known({"cnn": 0.95, "percept": 2}), limits=limits)
    far = scored(2, known=Known({"percept": 2}), limits=limits)
    unasked = scored(limits=limits)

    assert near.scores[-1].normalised == pytest.approx(5.0)
    assert (near.agreeing, near.asked) == (5, 5)
    assert (far.scores[-1].raw, far.agreeing, far.asked) == (None, 4, 5)
    assert (unasked.scores[-1].raw, unasked.agreeing, unasked.asked) == (None, 4, 4)


def test_without_hashes_what_is_recorded_stands_in() -> None:
    bare = Looks({}, False, 1200, 800)
    pair = pair_scores((1, 2), (bare, bare), Known({"percept": 3}), LIMITS)

    assert pair.scores[0].raw == 3
    assert (pair.agreeing, pair.asked, pair.closeness) == (1, 1, 0.0)
    assert pair.relation is Relation.SIMILAR
    with_cosine = pair_scores((1, 2), (bare, bare), Known({"cnn": 0.9}), with_cnn(0.8, 0.9))
    assert with_cosine.closeness == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("flips", "relation"),
    [
        ((0, 0, 0, 0), Relation.SAME),
        ((4, 1, 4, 1), Relation.SAME),
        ((0, 3, 0, 0), Relation.SAME),  # past one limit, but three bits are nothing
        ((1, 3, 0, 0), Relation.SIMILAR),
        ((0, 2, 0, 2), Relation.SIMILAR),
    ],
)
def test_pictures_are_the_same_where_their_hashes_agree(
    flips: tuple[int, ...], relation: Relation
) -> None:
    assert scored(*flips).relation is relation


def test_flat_pictures_are_not_the_same_by_equal_hashes() -> None:
    flat = looks(base=0)
    assert pair_scores((1, 2), (flat, flat), Known(), LIMITS).relation is Relation.SIMILAR


def test_pictures_of_different_shapes_are_not_surely_the_same() -> None:
    assert scored(width=1224).relation is Relation.SAME
    assert scored(width=1300).relation is Relation.SIMILAR
    assert shapes_agree(Looks({}, False, 31, 20), Looks({}, False, 1550, 1024))


@pytest.mark.parametrize(
    ("label", "relation"),
    [
        (Label.SAME, Relation.SAME),
        (Label.RELATED, Relation.SIMILAR),
        (Label.DIFFERENT, Relation.DIFFERENT),
    ],
)
def test_what_was_decided_comes_before_hashes(label: Label, relation: Relation) -> None:
    assert scored(9, 9, 9, 9, known=Known(label=label)).relation is relation
    assert scored(known=Known(label=label)).relation is relation


def test_a_set_is_the_same_where_every_pair_is() -> None:
    same, other = scored(), scored(9, 9, 9, 9)

    assert relation_of([same, same]) is Relation.SAME
    assert relation_of([same, other]) is Relation.SIMILAR
    assert relation_of([]) is Relation.DIFFERENT
    assert certainty_of([same, other]) == other.closeness < same.closeness == 1.0


def test_agreement_is_said_of_the_weakest_pair() -> None:
    assert agreement([scored()]) == "All 4 methods agree."
    assert agreement([scored(9)]) == "3 of 4 methods agree."
    assert agreement([scored(9, 9, 9)]) == "1 of 4 methods agrees."
    assert agreement([scored(), scored(9, 9)]) == "At least 2 of 4 methods agree."
    assert agreement([]) == ""


@settings(deadline=None)
@given(st.integers(2, 30), st.data())
def test_every_picture_of_a_set_is_compared(count: int, data: st.DataObject) -> None:
    numbers = range(1, count + 1)
    reference = data.draw(st.sampled_from(list(numbers)))
    pairs = list(compared_pairs(numbers, reference))

    assert {number for pair in pairs for number in pair} == set(numbers)
    assert all(first < second for first, second in pairs)
    assert len(set(pairs)) == len(pairs)
    assert len(pairs) == (count * (count - 1) // 2 if count <= ALL_PAIRS else count - 1)


@settings(deadline=None)
@given(
    st.sampled_from(list(Method)),
    st.floats(0, 64, allow_nan=False),
    st.integers(0, LARGEST),
    st.floats(0.5, 0.999),
)
def test_what_is_normalised_lies_on_the_scale_and_above_zero_only_if_it_passes(
    method: Method, raw: float, limit: int, cosine: float
) -> None:
    of_cnn = method is Method.CNN
    score = raw / 64 if of_cnn else float(round(raw))
    share = normalised(method, score, cosine if of_cnn else limit)

    limits = Limits(limit, limit, limit, limit, cosine)
    assert 0.0 <= share <= FULL
    assert share == 0.0 or passes(method, score, limits)
    assert normalised(method, 1.0 if of_cnn else 0.0, cosine if of_cnn else limit) == FULL
    assert normalised(method, score, OFF) == 0.0


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=4), st.integers(0, 3), st.integers(0, 9))
def test_no_distance_makes_pictures_closer(flips: list[int], at: int, more: int) -> None:
    further = [n + more * (number == at) for number, n in enumerate(flips)]
    near, far = looks(*flips), looks(*further)

    assert 0.0 <= closeness(looks(), far, Known()) <= closeness(looks(), near, Known()) <= 1.0
    assert closeness(looks(), near, Known()) == closeness(near, looks(), Known())
