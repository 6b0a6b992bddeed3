"""fapfav/store/padding.py: lengths that tell little, at little cost."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.store.padding import padme

SIZES = st.integers(0, 2**40)


def by_the_paper(size: int) -> int:
    """The definition in logarithms, for sizes floating point gets right."""
    exponent = math.floor(math.log2(size))
    zeros = exponent - (math.floor(math.log2(exponent)) + 1)
    step = 1 << zeros
    return math.ceil(size / step) * step


@pytest.mark.parametrize(
    ("size", "padded"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (7, 7), (8, 8), (9, 10), (300_000, 303_104)],
)
def test_known_lengths_are_padded_as_published(size: int, padded: int) -> None:
    assert padme(size) == padded


@settings(deadline=None)
@given(st.integers(2, 2**32))
def test_it_follows_the_definition_in_logarithms(size: int) -> None:
    assert padme(size) == by_the_paper(size)


@settings(deadline=None)
@given(SIZES)
def test_nothing_gets_shorter_or_an_eighth_longer(size: int) -> None:
    assert size <= padme(size) <= size * 1.125


@settings(deadline=None)
@given(SIZES)
def test_a_padded_length_is_left_as_it_is(size: int) -> None:
    assert padme(padme(size)) == padme(size)


@settings(deadline=None)
@given(SIZES, SIZES)
def test_a_longer_thing_never_looks_shorter(one: int, other: int) -> None:
    assert (one <= other) <= (padme(one) <= padme(other))


def test_of_a_million_lengths_a_few_hundred_remain() -> None:
    assert len({padme(size) for size in range(2**16, 2**20, 7)}) < 300
