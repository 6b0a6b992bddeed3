from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, after, before, ordered, queue
from fapfav.model import Verdict
from tests.duplicates.making import name, numbers

ORDERS = st.sampled_from(list(Order))
SCOPES = st.sampled_from(list(Scope))


def line(number: int, **changes: object) -> SetLine:
    plain = SetLine(
        key=name(number),
        kind=Kind.PERCEPTUAL,
        members=2,
        letters={Verdict.NEW: 2},
        needs_action=True,
        certainty=0.5,
        saves=10,
        album=("someone", "album"),
        newest=7,
        bytes=30,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@st.composite
def lines(draw: st.DrawFn) -> list[SetLine]:
    return [
        line(
            number,
            kind=draw(st.sampled_from(list(Kind))),
            needs_action=draw(st.booleans()),
            certainty=draw(st.sampled_from([0.1, 0.5, 1.0])),
            saves=draw(st.integers(0, 2)),
            album=(draw(st.sampled_from("ab")),),
            newest=draw(st.integers(0, 2)),
        )
        for number in range(1, draw(st.integers(1, 8)) + 1)
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.CERTAIN, [3, 1, 2]),
        (Order.BYTES, [2, 1, 3]),
        (Order.ALBUM, [2, 3, 1]),
        (Order.NEW, [1, 3, 2]),
    ],
)
def test_each_order_begins_with_what_it_is_called_after(order: Order, expected: list[int]) -> None:
    some = [
        line(1, certainty=0.6, saves=10, album=("b",), newest=9),
        line(2, certainty=0.2, saves=90, album=("a", "a"), newest=1),
        line(3, certainty=0.9, saves=5, album=("a", "b"), newest=5),
    ]

    assert numbers(each.key for each in queue(some, order)) == expected


def test_the_queue_holds_what_needs_action_and_the_list_all() -> None:
    some = [line(1), line(2, needs_action=False), line(3, kind=Kind.EXACT)]

    assert numbers(each.key for each in queue(some, Order.CERTAIN)) == [1, 3]
    assert numbers(each.key for each in ordered(some, Order.CERTAIN)) == [1, 2, 3]
    assert numbers(each.key for each in queue(some, Order.CERTAIN, Scope.EXACT)) == [3]
    assert numbers(each.key for each in queue(some, Order.CERTAIN, Scope.PERCEPTUAL)) == [1]


@settings(deadline=None)
@given(lines(), ORDERS, SCOPES)
def test_going_on_from_the_first_meets_all_of_the_queue(
    some: list[SetLine], order: Order, scope: Scope
) -> None:
    expected = queue(some, order, scope)
    met = list(expected[:1])
    while met and (following := after(some, order, met[-1].key, scope)) is not None:
        met.append(following)
    assert tuple(met) == expected

    back = list(expected[-1:])
    while back and (preceding := before(some, order, back[-1].key, scope)) is not None:
        back.append(preceding)
    assert tuple(reversed(back)) == expected


@settings(deadline=None)
@given(lines(), ORDERS, SCOPES, st.booleans(), st.data())
def test_nothing_is_passed_over_when_the_set_one_stands_at_goes(
    some: list[SetLine], order: Order, scope: Scope, pending: bool, data: st.DataObject
) -> None:
    here = data.draw(st.sampled_from(some))
    rest = [each for each in some if each is not here]

    for way in (after, before):
        known = way(some, order, here.key, scope, pending=pending)
        assert way(rest, order, here, scope, pending=pending) == known
        decided = [
            replace(each, needs_action=each.needs_action and each is not here) for each in some
        ]
        assert way(decided, order, here.key, scope, pending=pending) == known


@settings(deadline=None)
@given(lines(), ORDERS, st.integers())
def test_orders_do_not_depend_on_how_the_sets_came(
    some: list[SetLine], order: Order, seed: int
) -> None:
    shuffled = list(some)
    random.Random(seed).shuffle(shuffled)

    assert ordered(shuffled, order) == ordered(some, order)
    assert {each.key for each in ordered(some, order)} == {each.key for each in some}


@settings(deadline=None)
@given(lines(), ORDERS)
def test_a_key_nobody_knows_stands_before_all(some: list[SetLine], order: Order) -> None:
    waiting = queue(some, order)

    assert after(some, order, name(99)) == (waiting[0] if waiting else None)
    assert before(some, order, name(99)) is None
