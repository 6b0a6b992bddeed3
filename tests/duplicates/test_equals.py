"""Buckets that are kept while pictures come and go are those sorted out anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.equals import Equals, Hashed
from fapfav.duplicates.find import Prints, equal_buckets
from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR
from fapfav.model import HASHES, Digest, Limits, Method

ONES = st.integers(0, 9)
HASHED = st.builds(Hashed, st.tuples(*[st.integers(0, 2) for _ in HASHES]), st.booleans())
LARGE = 2**64 - 1

Known = dict[Digest, Hashed]
Told = dict[Method, set[frozenset[Digest]]]


def digest(number: int) -> Digest:
    return Digest(bytes([number]) * 32)


def prints(known: Known) -> Prints:
    digests = sorted(known)
    hashes = np.array([known[one].values for one in digests], np.uint64).reshape(-1, len(HASHES))
    return Prints(digests, hashes, np.array([known[one].animated for one in digests], np.bool_))


def told(equals: Equals, known: Known, animated: Limits) -> Told:
    """By method who is equal, of those its method is on for; as `groups` reads buckets."""
    found: Told = {}
    for bucket in equals.all:
        is_off = animated.of(bucket.method) == OFF
        members = {one for one in bucket.members if not (is_off and known[one].animated)}
        if len(members) > 1:
            found.setdefault(bucket.method, set()).add(frozenset(members))
    return found


def anew(known: Known, regular: Limits, animated: Limits) -> Told:
    found: Told = {}
    for bucket in equal_buckets(prints(known), regular, animated):
        found.setdefault(bucket.method, set()).add(frozenset(bucket.members))
    return found


@settings(max_examples=200, deadline=None)
@given(
    start=st.dictionaries(ONES.map(digest), HASHED),
    steps=st.lists(st.tuples(ONES.map(digest), st.none() | HASHED), max_size=20),
    regular=st.sampled_from([REGULAR, Limits(4, OFF, 4, 1, 0.95)]),
)
def test_buckets_are_those_made_anew(
    start: Known, steps: list[tuple[Digest, Hashed | None]], regular: Limits
) -> None:
    animated = Limits(3, OFF, 1, OFF, 0.97)
    known = dict(start)
    equals = Equals(prints(known), regular, animated)
    for one, now in steps:
        before = {each for _, bucket in equals.of(one) for each in bucket.members}
        near = equals.put(one, now)
        is_other = known.get(one) != now
        known.pop(one, None)
        if now is not None:
            known[one] = now
        after = {each for _, bucket in equals.of(one) for each in bucket.members}

        assert told(equals, known, animated) == anew(known, regular, animated)
        assert set(near) == ((before | after) - {one} if is_other else set())
        assert all(one in bucket.members for _, bucket in equals.of(one))


@pytest.mark.parametrize("value", [0, 1, 2**63, LARGE])
def test_hashes_of_any_size_are_found(value: int) -> None:
    first = Hashed((value, 1, 2, 3), animated=False)
    equals = Equals(prints({digest(1): first}), REGULAR, ANIMATED)

    assert equals.put(digest(2), Hashed((value, 4, 5, 6), animated=False)) == {digest(1)}
    assert [bucket.method for _, bucket in equals.of(digest(1))] == [HASHES[0]]
