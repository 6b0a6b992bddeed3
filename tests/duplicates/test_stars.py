"""Sets with a keeper: no chains, the same in any order, and bounded whatever the crowd."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.stars import MOST_OF_A_CROWD, passed_over, stars

Pairs = set[frozenset[int]]
Case = tuple[list[int], Pairs, Pairs, Pairs]


def pairs(*given: tuple[int, int]) -> Pairs:
    return {frozenset(each) for each in given}


def near(found: Pairs) -> dict[int, list[int]]:
    """Candidates of each, the nearest by number first."""
    known: dict[int, list[int]] = {}
    for pair in found:
        one, other = sorted(pair)
        known.setdefault(one, []).append(other)
        known.setdefault(other, []).append(one)
    return {one: sorted(others, key=lambda b: (abs(b - one), b)) for one, others in known.items()}


def in_words(told: Pairs) -> list[tuple[int, int]]:
    """What the user said, the smaller number first."""
    return [(min(pair), max(pair)) for pair in sorted(told, key=sorted)]


class Judge:
    """Says what was set up, and remembers what it was asked."""

    def __init__(self, same: Pairs) -> None:
        self.same = same
        self.asked: list[frozenset[int]] = []

    def __call__(self, keeper: int, other: int) -> bool:
        self.asked.append(frozenset((keeper, other)))
        return frozenset((keeper, other)) in self.same


def test_a_chain_is_no_set() -> None:
    chain = pairs((1, 2), (2, 3))

    assert stars([1, 2, 3], near(chain), Judge(chain)) == {1: 1, 2: 1}


def test_a_picture_is_tested_against_the_keeper_of_a_set_one_of_which_it_is_near() -> None:
    judge = Judge(pairs((1, 2), (2, 3), (1, 3)))

    assert stars([1, 2, 3], near(pairs((1, 2), (2, 3))), judge) == {1: 1, 2: 1, 3: 1}
    assert judge.asked == [frozenset((1, 2)), frozenset((1, 3))]


def test_the_best_picture_is_the_keeper() -> None:
    both = pairs((1, 2))

    assert stars([2, 1], near(both), Judge(both)) == {1: 2, 2: 2}


def test_what_the_user_called_the_same_is_one_set_though_nobody_else_says_so() -> None:
    judge = Judge(pairs((1, 2)))

    found = stars([1, 2, 3, 4], near(pairs((1, 2))), judge, told=[(2, 4), (4, 3), (3, 9)])

    assert found == {1: 1, 2: 1, 3: 1, 4: 1}


def test_any_member_speaks_for_those_the_user_put_together() -> None:
    judge = Judge(pairs((1, 4)))

    assert stars([1, 2, 4], near(pairs((1, 4))), judge, told=[(2, 4)]) == {1: 1, 2: 1, 4: 1}


def test_what_is_like_one_that_the_user_joined_is_in_the_set_that_it_joined() -> None:
    same = pairs((1, 3), (2, 4), (4, 5))

    found = stars([1, 2, 3, 4, 5], near(same), Judge(same), told=[(1, 2)])

    assert found == dict.fromkeys([1, 2, 3, 4], 1)


def test_a_crowd_that_is_the_same_is_tested_once_each() -> None:
    judge = Judge({frozenset(pair) for pair in combinations(range(300), 2)})

    found = stars(range(300), {}, judge, crowds=[range(300)])

    assert found == dict.fromkeys(range(300), 0)
    assert len(judge.asked) == 299


def test_a_crowd_of_which_none_is_the_same_is_tested_no_more_than_a_bound() -> None:
    judge = Judge(set())

    assert stars(range(2000), {}, judge, crowds=[range(2000)]) == {}
    few = MOST_OF_A_CROWD
    assert len(judge.asked) == few * (2000 - few) + sum(range(few))


def test_what_the_user_told_apart_from_one_is_not_brought_in_by_another() -> None:
    same = pairs((3, 4))

    def apart(one: int, other: int) -> bool:
        return {one, other} == {1, 4}

    assert stars([1, 3, 4], near(same), Judge(same), told=[(1, 3)]) == dict.fromkeys([1, 3, 4], 1)
    assert stars([1, 3, 4], near(same), Judge(same), told=[(1, 3)], apart=apart) == {1: 1, 3: 1}


everything = st.integers(2, 9).flatmap(
    lambda count: st.tuples(
        st.permutations(range(count)),
        st.sets(st.sampled_from([frozenset(p) for p in combinations(range(count), 2)])),
        st.sets(st.sampled_from([frozenset(p) for p in combinations(range(count), 2)])),
        st.sets(st.sampled_from([frozenset(p) for p in combinations(range(count), 2)]), max_size=3),
    )
)


@given(everything)
def test_every_member_is_the_same_as_its_keeper_or_the_user_said_so(
    case: Case,
) -> None:
    order, candidates, same, told = case
    found = stars(order, near(candidates), Judge(same), told=in_words(told))

    for one, keeper in found.items():
        assert found[keeper] == keeper
        assert one == keeper or order.index(keeper) < order.index(one)
        here = {other for other in found if found[other] == keeper}
        assert one == keeper or linked(one, keeper, same, told, here)
    for pair in told:
        one, other = pair
        assert found[one] == found[other]


def linked(one: int, keeper: int, same: Pairs, told: Pairs, among: set[int]) -> bool:
    """Whether one, or another that the user put with it, is the same as the keeper, or as one of
    the set that the user put with others."""
    own = together(one, told, among)
    others = together(keeper, told, among).union(*told) & among
    return keeper in own or any(frozenset((a, b)) in same for a in own for b in others)


def together(one: int, told: Pairs, among: set[int]) -> set[int]:
    """A picture with those that the user put with it."""
    unit, waiting = {one}, [one]
    while waiting:
        here = waiting.pop()
        for other in among - unit:
            if frozenset((here, other)) in told:
                unit.add(other)
                waiting.append(other)
    return unit


@given(everything, st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_and_words_are_given_changes_nothing(
    case: Case, shuffled: object
) -> None:
    order, candidates, same, told = case
    words = in_words(told)
    turned = [(b, a) for a, b in words]
    shuffled.shuffle(turned)  # type: ignore[attr-defined]

    assert stars(order, near(candidates), Judge(same), told=words) == stars(
        order, dict(reversed(near(candidates).items())), Judge(same), told=turned
    )


@given(everything)
def test_pictures_that_hang_together_with_nothing_else_may_be_looked_at_apart(
    case: Case,
) -> None:
    order, candidates, same, told = case
    words = in_words(told)
    whole = stars(order, near(candidates), Judge(same), told=words)

    parts: dict[int, int] = {}
    for part in components(order, candidates | told):
        parts |= stars(
            [one for one in order if one in part],
            {one: others for one, others in near(candidates).items() if one in part},
            Judge(same),
            told=[pair for pair in words if pair[0] in part],
        )
    assert parts == whole


def components(order: list[int], links: Pairs) -> list[set[int]]:
    left, found = set(order), []
    while left:
        part = {left.pop()}
        while more := {o for pair in links if pair & part for o in pair} - part:
            part |= more
        left -= part
        found.append(part)
    return found


@given(everything)
def test_nobody_is_asked_twice_of_two_pictures(case: Case) -> None:
    order, candidates, same, _ = case
    judge = Judge(same)

    stars(order, near(candidates), judge, crowds=[order[:4], order[2:]])

    assert len(judge.asked) == len(set(judge.asked))


@pytest.mark.parametrize("order", [[], [1]])
def test_of_nothing_there_are_no_sets(order: list[int]) -> None:
    assert stars(order, {}, Judge(set())) == {}


def test_what_came_between_a_keeper_and_its_copy_is_asked_about_afterwards() -> None:
    candidates = near(pairs((1, 3), (2, 3)))  # 2 is in a frame, and near the small copy only
    judge = Judge(pairs((1, 3)))

    found = stars([1, 2, 3], candidates, judge)

    assert found == {1: 1, 3: 1}
    assert frozenset((1, 2)) not in {frozenset(each) for each in judge.asked}
    assert list(passed_over([1, 2, 3], candidates, found)) == [(2, 1)]


@given(st.data())
def test_nothing_that_was_asked_is_passed_over(data: st.DataObject) -> None:
    order = list(range(8))
    pair = st.tuples(st.sampled_from(order), st.sampled_from(order)).filter(lambda p: p[0] != p[1])
    candidates = near(pairs(*data.draw(st.lists(pair, max_size=20))))
    judge = Judge(pairs(*data.draw(st.lists(pair, max_size=10))))

    found = stars(order, candidates, judge)

    over = list(passed_over(order, candidates, found))
    assert len({frozenset(each) for each in over}) == len(over)
    assert not {frozenset(each) for each in judge.asked} & {frozenset(each) for each in over}
    assert all(one not in found and found[other] == other for one, other in over)
