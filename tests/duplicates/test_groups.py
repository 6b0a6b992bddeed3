from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations

import pytest

from fapfav.duplicates.groups import groups
from fapfav.duplicates.limits import ANIMATED, REGULAR, Rule
from fapfav.model import Group, Method, Pair, PairKey, Verdict, pair_of
from tests.duplicates.making import ALL_OFF, RULE, bucket, chosen, name, numbers, pair, said, sets


def members(found: tuple[Group, ...]) -> list[list[int]]:
    return [numbers(group.members) for group in found]


def shown(group: Group) -> dict[int, str]:
    return {numbers([one])[0]: verdict.value for one, verdict in group.verdicts.items()}


def test_a_pair_of_unknown_pictures_is_a_set_of_two_new_ones() -> None:
    (only,) = sets([pair(2, 1, percept=3, cnn=0.97)])

    assert numbers(only.members) == [1, 2]
    assert only.sources == {
        Method.PERCEPT: {PairKey(name(1), name(2)): 3},
        Method.CNN: {PairKey(name(1), name(2)): 0.97},
    }
    assert shown(only) == {1: "new", 2: "new"}
    assert only.needs_action


def test_pairs_that_share_a_picture_are_one_set() -> None:
    assert members(sets([pair(1, 2), pair(2, 3), pair(8, 9)])) == [[1, 2, 3], [8, 9]]


def test_a_bucket_is_a_set_and_shows_a_star_of_zeros() -> None:
    (only,) = sets(buckets=[bucket(1, 2, 3)])

    assert only.sources == {
        Method.AVERAGE: {pair_of(name(1), name(2)): 0, pair_of(name(1), name(3)): 0}
    }


def test_a_crowd_with_one_stranger_in_it_costs_no_more_than_the_crowd() -> None:
    crowd = range(40_000)
    different = said(different=[(7, other) for other in crowd if other != 7])
    began = time.process_time()

    (only,) = sets(buckets=[bucket(*crowd)], decisions=different)

    assert time.process_time() - began < 10  # a step for each pair of them takes minutes
    assert len(only.members) == 40_000
    assert only.verdicts[name(7)] is Verdict.FALSE


def test_buckets_and_pairs_join_each_other() -> None:
    found = sets([pair(3, 4)], [bucket(1, 2, 3), bucket(4, 5, method="diff")])

    assert members(found) == [[1, 2, 3, 4, 5]]


def test_a_set_lists_its_methods_in_one_order() -> None:
    (only,) = sets([pair(1, 2, cnn=0.99), pair(2, 3, wavelet=1), pair(3, 4, percept=2)])

    assert list(only.sources) == [Method.PERCEPT, Method.WAVELET, Method.CNN]


def test_a_recorded_pair_beyond_the_limits_of_today_ties_nothing() -> None:
    tight = replace(REGULAR, percept=2)

    assert sets([pair(1, 2, percept=5)]) == ()
    assert groups([pair(1, 2, percept=3)], [], {}, {}, Rule(tight, ALL_OFF)) == ()
    (only,) = groups([pair(1, 2, percept=3, diff=1)], [], {}, {}, Rule(tight, ALL_OFF))
    assert set(only.sources) == {Method.DIFF}


def test_animated_members_are_held_to_the_animated_limits() -> None:
    moving = Rule(REGULAR, ANIMATED, moving={name(1)})

    assert groups([pair(1, 2, percept=4)], [], {}, {}, moving) == ()
    assert members(groups([pair(2, 3, percept=4)], [], {}, {}, moving)) == [[2, 3]]
    assert members(groups([], [bucket(1, 2, 3)], {}, {}, moving)) == [[2, 3]]
    assert members(groups([], [bucket(1, 2, method="diff")], {}, {}, moving)) == [[1, 2]]


def test_a_bucket_of_a_method_that_is_off_ties_nothing() -> None:
    assert groups([], [bucket(1, 2)], {}, {}, Rule(ALL_OFF, ALL_OFF)) == ()


def test_a_score_of_a_method_unknown_here_is_passed_over() -> None:
    assert sets([Pair(name(1), name(2), {"later": 1.0})]) == ()


def test_as_many_methods_must_agree_as_the_rule_says() -> None:
    two = replace(RULE, agree=2)
    pairs = [pair(1, 2, percept=1), pair(2, 3, percept=1, diff=0), pair(3, 4, diff=9, percept=1)]

    assert members(groups(pairs, [], {}, {}, two)) == [[2, 3]]


def test_buckets_tie_only_what_lies_in_enough_of_them_together() -> None:
    two = replace(RULE, agree=2)
    buckets = [bucket(1, 2, 3, 4), bucket(2, 3, 5, method="diff"), bucket(1, 4, method="wavelet")]

    found = groups([], buckets, {}, {}, two)

    assert members(found) == [[1, 4], [2, 3]]
    assert set(found[0].sources) == {Method.AVERAGE, Method.WAVELET}


def test_blobs_that_are_gone_are_passed_over() -> None:
    gone = name(2)
    found = groups(
        [pair(1, 2), pair(2, 3)],
        [bucket(2, 4, 5), bucket(2, 7, method="diff")],
        said(same=[(2, 6)]),
        {},
        RULE,
        present=lambda one: one != gone,
    )

    assert members(found) == [[4, 5]]


@pytest.mark.parametrize("label", ["different", "related"])
def test_a_pair_called_different_or_related_does_not_chain(label: str) -> None:
    found = sets([pair(1, 2), pair(2, 3), pair(3, 4)], decisions=said(**{label: [(2, 3)]}))

    assert members(found) == [[1, 2], [3, 4]]
    assert all(
        pair_of(name(2), name(3)) not in scores for g in found for scores in g.sources.values()
    )


def test_pictures_called_different_stay_together_when_others_join_them() -> None:
    (only,) = sets([pair(1, 2), pair(2, 3), pair(1, 3)], decisions=said(different=[(1, 3)]))

    assert numbers(only.members) == [1, 2, 3]
    assert pair_of(name(1), name(3)) in only.sources[Method.PERCEPT]
    assert shown(only) == {1: "new", 2: "new", 3: "new"}


def test_two_pictures_called_different_stay_listed_as_false() -> None:
    (only,) = sets([pair(1, 2)], decisions=said(different=[(1, 2)]))

    assert shown(only) == {1: "false", 2: "false"}
    assert not only.needs_action
    assert only.sources == {Method.PERCEPT: {pair_of(name(1), name(2)): 1}}


def test_two_pictures_with_equal_hashes_called_different_stay_listed_with_their_zero() -> None:
    (only,) = sets(buckets=[bucket(1, 2)], decisions=said(different=[(1, 2)]))

    assert shown(only) == {1: "false", 2: "false"}
    assert only.sources == {Method.AVERAGE: {pair_of(name(1), name(2)): 0}}


def test_two_pictures_called_related_are_no_set() -> None:
    assert sets([pair(1, 2)], [bucket(1, 2)], decisions=said(related=[(1, 2)])) == ()


def test_different_without_any_evidence_makes_no_set() -> None:
    assert sets(decisions=said(different=[(1, 2)])) == ()


def test_a_false_member_stays_listed_in_the_set_of_most_methods() -> None:
    pairs = [pair(1, 2), pair(4, 5), pair(3, 1, percept=0.0, cnn=0.96), pair(3, 5, diff=1)]

    found = sets(pairs, decisions=said(different=[(3, 1), (3, 5)]))

    assert members(found) == [[1, 2, 3], [4, 5]]
    assert shown(found[0]) == {1: "new", 2: "new", 3: "false"}


def test_among_as_many_methods_the_nearest_counts_and_then_the_smallest_digest() -> None:
    different = said(different=[(9, 1), (9, 5)])
    rest = [pair(1, 2), pair(5, 6)]

    nearer = sets([*rest, pair(9, 1, percept=4), pair(9, 5, percept=1)], decisions=different)
    equal = sets([*rest, pair(9, 1, percept=2), pair(9, 5, percept=2)], decisions=different)

    assert members(nearer) == [[1, 2], [5, 6, 9]]
    assert members(equal) == [[1, 2, 9], [5, 6]]


def test_listing_a_false_member_never_joins_two_sets() -> None:
    pairs = [pair(1, 2), pair(5, 6), pair(1, 9), pair(5, 9), pair(8, 9), pair(8, 5)]
    different = said(different=[(9, 1), (9, 5), (9, 8), (8, 5)])

    found = sets(pairs, decisions=different)

    assert members(found) == [[1, 2, 9], [5, 6, 8]]


def test_a_decision_same_outlives_limits_and_evidence() -> None:
    (only,) = groups([], [], said(same=[(1, 2)]), chosen(keep=[1, 2]), Rule(ALL_OFF, ALL_OFF))

    assert numbers(only.members) == [1, 2]
    assert only.sources == {}
    assert not only.needs_action


def test_a_choice_is_what_is_shown_whatever_else_is_known() -> None:
    (only,) = sets(
        [pair(1, 2)], decisions=said(different=[(1, 2)]), choices=chosen(keep=[1], skip=[2])
    )

    assert shown(only) == {1: "keep", 2: "skip"}


def test_a_picture_different_from_all_others_shows_false_though_ties_remain() -> None:
    (only,) = sets(
        [pair(1, 2), pair(2, 3)], decisions=said(different=[(3, 1), (3, 2)]) | said(same=[(1, 2)])
    )

    assert shown(only) == {1: "new", 2: "new", 3: "false"}


def test_a_merge_keeps_every_choice_and_asks_about_the_link() -> None:
    choices = chosen(keep=[1, 4], skip=[2, 3])
    decided = said(same=[(1, 2), (3, 4)])
    apart = sets([pair(1, 2), pair(3, 4)], decisions=decided, choices=choices)

    (merged,) = sets([pair(1, 2), pair(3, 4), pair(1, 4)], decisions=decided, choices=choices)

    assert not any(group.needs_action for group in apart)
    assert merged.needs_action
    assert shown(merged) == {1: "keep", 2: "skip", 3: "skip", 4: "keep"}


def test_a_decided_link_between_kept_members_needs_no_action() -> None:
    for label in ("same", "different", "related"):
        (only,) = sets(
            [pair(1, 2), pair(2, 3), pair(1, 3)],
            decisions=said(same=[(1, 2), (2, 3)]) | said(**{label: [(1, 3)]}),
            choices=chosen(keep=[1, 3], skip=[2]),
        )
        assert not only.needs_action


def test_a_new_member_is_all_that_a_settled_set_asks_about() -> None:
    (only,) = sets(
        [pair(1, 2), pair(2, 3)], decisions=said(same=[(1, 2)]), choices=chosen(keep=[1], skip=[2])
    )

    assert only.needs_action
    assert shown(only) == {1: "keep", 2: "skip", 3: "new"}


def test_kept_members_of_a_bucket_need_each_pair_decided() -> None:
    kept = chosen(keep=[1, 2, 3])

    (settled,) = sets(
        buckets=[bucket(1, 2, 3)], decisions=said(same=combinations((1, 2, 3), 2)), choices=kept
    )
    (open_one,) = sets(
        buckets=[bucket(1, 2, 3)], decisions=said(same=[(1, 2), (1, 3)]), choices=kept
    )

    assert not settled.needs_action
    assert open_one.needs_action


def test_a_bucket_connects_around_what_was_called_different() -> None:
    (only,) = sets(buckets=[bucket(1, 2, 3, 4)], decisions=said(different=[(1, 2), (1, 3), (2, 3)]))

    assert numbers(only.members) == [1, 2, 3, 4]
    assert set(only.sources[Method.AVERAGE]) == {pair_of(name(4), name(n)) for n in (1, 2, 3)}


def test_a_bucket_falls_apart_where_everything_across_was_called_different() -> None:
    across = said(different=[(a, b) for a in (1, 2) for b in (3, 4)])

    assert members(sets(buckets=[bucket(1, 2, 3, 4)], decisions=across)) == [[1, 2], [3, 4]]


def test_a_bucket_of_twenty_thousand_with_decisions_is_walked_in_linear_steps() -> None:
    size = 20_000
    large = bucket(*range(size))
    different = said(different=[(0, other) for other in range(1, size)] + [(5, 6), (5, 7)])
    kept = chosen(keep=range(1, size))

    (only,) = sets(
        buckets=[large, replace(large, method=Method.DIFF)], decisions=different, choices=kept
    )

    assert only.verdicts[name(0)] is Verdict.FALSE
    # All pairs would be 200 million; a tree and the one listed tie are what is there.
    assert [len(scores) for scores in only.sources.values()] == [size - 1, size - 1]
    assert only.needs_action
