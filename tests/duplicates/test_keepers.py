"""Sets of pairs that were looked at: with a keeper, without chains, in any order the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.groups import groups
from fapfav.duplicates.keepers import BLIND
from fapfav.model import Digest, Judged, Label, Pair, PairKey, Verdict, pair_of
from tests.duplicates.making import RULE, bucket, chosen, name, said

NUMBERS = range(6)
PAIRS = list(combinations(NUMBERS, 2))


def judged(one: int, other: int, label: str, **scores: float) -> Pair:
    """A pair that was looked at; by default no method passes it."""
    found = Judged(Label(label), 0.9, "in words", {}, 1)
    return Pair(*pair_of(name(one), name(other)), scores=scores, judged=found)


def unlooked(one: int, other: int, **scores: float) -> Pair:
    """A pair that could not be looked at."""
    found = Judged(Label.RELATED, 0.0, "", {}, BLIND)
    return Pair(*pair_of(name(one), name(other)), scores=scores, judged=found)


def best_first(digest: Digest) -> bytes:
    """Smaller numbers are better pictures."""
    return digest


BEST_FIRST = replace(RULE, order=best_first)


def sets_of(
    pairs: Iterable[Pair],
    buckets: Iterable[tuple[int, ...]] = (),
    decided: Mapping[PairKey, Label] | None = None,
) -> list[tuple[int, ...]]:
    found = groups(pairs, [bucket(*each) for each in buckets], decided or {}, {}, BEST_FIRST)
    return [tuple(int.from_bytes(one[:4]) for one in group.members) for group in found]


def test_what_was_judged_the_same_is_a_set_and_nothing_else_is() -> None:
    pairs = [judged(0, 1, "same"), judged(2, 3, "related", percept=1.0), judged(4, 5, "different")]

    assert sets_of(pairs) == [(0, 1)]


def test_a_chain_whose_ends_are_unlike_is_no_set_of_three() -> None:
    pairs = [judged(0, 1, "same"), judged(1, 2, "same"), judged(0, 2, "different", percept=2.0)]

    assert sets_of(pairs) == [(0, 1)]


def test_a_pair_nobody_could_look_at_is_tied_by_its_prints() -> None:
    assert sets_of([unlooked(0, 1, percept=4.0), unlooked(2, 3, percept=5.0)]) == [(0, 1)]


def test_a_pair_that_was_not_looked_at_yet_is_no_set() -> None:
    assert sets_of([Pair(*pair_of(name(0), name(1)), scores={"percept": 0.0})]) == []


def test_equal_hashes_alone_are_no_set() -> None:
    assert sets_of([], buckets=[(0, 1, 2)]) == []


def test_equal_hashes_bring_the_members_of_a_crowd_to_their_keeper() -> None:
    pairs = [judged(0, number, "same") for number in (1, 2, 3)]

    found = groups(pairs, [bucket(0, 1, 2, 3)], {}, {}, BEST_FIRST)

    assert [len(group.members) for group in found] == [4]
    shown = {method.value: [*scores.values()] for method, scores in found[0].sources.items()}
    assert shown == {"average": [0.0, 0.0, 0.0]}


@pytest.mark.parametrize("label", ["related", "different"])
def test_what_the_user_said_comes_before_what_was_found(label: str) -> None:
    pairs = [judged(0, 1, "same", percept=0.0), judged(2, 3, label, percept=0.0)]
    decided = said(**{label: [(0, 1)]}) | said(same=[(2, 3)])

    assert (2, 3) in sets_of(pairs, decided=decided)
    assert not any({0, 1} == set(one) for one in sets_of(pairs, decided=said(related=[(0, 1)])))


def test_two_sets_the_user_joined_are_one() -> None:
    pairs = [judged(0, 1, "same"), judged(2, 3, "same"), judged(1, 2, "different")]

    assert sets_of(pairs, decided=said(same=[(1, 3)])) == [(0, 1, 2, 3)]


def test_a_pair_turned_down_is_no_open_link_between_two_kept_ones() -> None:
    pairs = [
        judged(0, 1, "same"), judged(0, 2, "same"), judged(1, 2, "different", percept=1.0)
    ]  # fmt: skip
    decided = said(same=[(0, 1), (0, 2)])

    (found,) = groups(
        pairs, [], decided, chosen(keep=[0, 1, 2]), BEST_FIRST
    )  # fmt: skip

    assert not found.needs_action


def test_a_pair_between_two_decided_sets_that_nobody_looked_at_asks_for_nothing() -> None:
    pairs = [
        judged(0, 2, "same"),
        judged(1, 3, "same"),
        Pair(*pair_of(name(2), name(3)), scores={"percept": 1.0}),
    ]
    decided = said(same=[(0, 2), (1, 3)])

    found = groups(pairs, [], decided, chosen(keep=[0, 1, 2, 3]), BEST_FIRST)

    assert [group.needs_action for group in found] == [False, False]


def test_one_called_different_from_its_keeper_stays_listed_as_false() -> None:
    pairs = [judged(0, 1, "same", percept=0.0), judged(0, 2, "same", percept=1.0)]

    (found,) = groups(
        pairs, [], said(different=[(0, 2), (1, 2)]), {}, BEST_FIRST
    )  # fmt: skip

    assert found.verdicts[name(2)] is Verdict.FALSE


@given(
    st.lists(st.sampled_from(["same", "related", "different", "", "-"]), min_size=15, max_size=15),
    st.lists(st.sampled_from(["same", "related", "different", "", ""]), min_size=15, max_size=15),
    st.randoms(),
)
def test_the_same_pairs_in_any_order_make_sets_in_which_all_are_the_keepers(
    found: list[str], told: list[str], random: object
) -> None:
    pairs = [
        judged(*pair, label) if label != "-" else unlooked(*pair, percept=1.0)
        for pair, label in zip(PAIRS, found, strict=True)
        if label
    ]
    decided: dict[PairKey, Label] = {}
    for pair, label in zip(PAIRS, told, strict=True):
        if label:
            decided |= said(**{label: [pair]})
    first = sets_of(pairs, decided=decided)
    random.shuffle(pairs)  # type: ignore[attr-defined]

    assert sets_of(pairs, decided=decided) == first
    same = {
        pair
        for pair, label in zip(PAIRS, found, strict=True)
        if decided.get(pair_of(name(pair[0]), name(pair[1]))) is Label.SAME
        or (
            label in ("same", "-")
            and pair_of(name(pair[0]), name(pair[1])) not in decided
        )
    }  # fmt: skip
    if not any(label for label in told):
        for members in first:
            keeper = members[0]
            assert all((keeper, one) in same for one in members[1:])
    for members in first:
        assert _connected(
            members, same | {(a, b) for a, b in PAIRS if _called_different(decided, a, b)}
        )


def _called_different(decided: Mapping[PairKey, Label], one: int, other: int) -> bool:
    return decided.get(pair_of(name(one), name(other))) is Label.DIFFERENT


def _connected(members: tuple[int, ...], ties: set[tuple[int, int]]) -> bool:
    reached, waiting = {members[0]}, [members[0]]
    while waiting:
        one = waiting.pop()
        near = {b if a == one else a for a, b in ties if one in (a, b)} & set(members)
        waiting += near - reached
        reached |= near
    return reached == set(members)
