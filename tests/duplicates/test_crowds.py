"""Pictures with one hash: a large crowd falls into parts of about one colour."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fapfav.duplicates.alike import FEW
from fapfav.duplicates.crowds import STEP, of_one_colour
from fapfav.duplicates.find import How, Prints, find_pairs
from fapfav.duplicates.limits import ANIMATED, REGULAR
from tests.duplicates.making import name

COLOURS = st.tuples(*(st.integers(0, 255) for _ in range(3)))


@given(st.lists(COLOURS, min_size=FEW + 1, max_size=40))
def test_near_colours_are_together_in_a_part_and_far_ones_in_none(
    colours: list[tuple[int, int, int]],
) -> None:
    members = [name(number) for number in range(len(colours))]

    parts = [set(part) for part in of_one_colour(members, np.array(colours, np.uint8))]

    for one, other in combinations(range(len(colours)), 2):
        apart = max(abs(a - b) for a, b in zip(colours[one], colours[other], strict=True))
        together = any({members[one], members[other]} <= part for part in parts)
        assert together or apart >= STEP
        assert not together or apart < 4 * STEP


def test_a_few_are_a_crowd_whatever_their_colours() -> None:
    members = [name(number) for number in range(FEW)]
    colours = np.arange(3 * FEW, dtype=np.uint8).reshape(-1, 3) * 5

    assert [*of_one_colour(members, colours)] == [tuple(members)]


def test_copies_among_many_that_share_one_weak_hash_are_found() -> None:
    rng = np.random.default_rng(1)
    originals = rng.integers(0, 1 << 63, (40, 4), np.uint64)
    copies = originals.copy()
    copies[:, 0] ^= np.uint64(3)
    hashes = np.concatenate([originals, copies])
    hashes[:, 1] = 7
    prints = Prints([name(n) for n in range(80)], hashes, np.zeros(80, np.bool_))

    found = find_pairs(prints, REGULAR, ANIMATED, np.ones(80, np.bool_), how=How(wide=True))

    wanted = {(name(n), name(n + 40)) for n in range(40)}
    assert wanted <= {(pair.first, pair.second) for pair in found}


def test_pictures_of_one_template_have_a_bounded_number_of_candidates() -> None:
    count = 600
    rng = np.random.default_rng(2)
    hashes = rng.integers(0, 1 << 63, (count, 4), np.uint64)
    inner = np.full(count, 9, np.uint64) ^ (np.uint64(1) << rng.integers(0, 8, count).astype("u8"))
    prints = Prints([name(n) for n in range(count)], hashes, np.zeros(count, np.bool_), inner=inner)

    found = find_pairs(prints, REGULAR, ANIMATED, np.ones(count, np.bool_), how=How(wide=True))

    assert 0 < len(found) <= 64 * count


def test_of_pictures_that_may_be_parts_of_many_only_the_nearest_are_looked_at() -> None:
    count = 60
    rng = np.random.default_rng(4)
    hashes = rng.integers(0, 1 << 63, (count, 4), np.uint64)
    bits = np.uint64(1) << rng.integers(0, 60, (count, 4)).astype("u8")
    hashes[:, 0] = np.bitwise_or.reduce(bits, axis=1)
    prints = Prints([name(n) for n in range(count)], hashes, np.zeros(count, np.bool_))

    found = find_pairs(prints, REGULAR, ANIMATED, np.ones(count, np.bool_), how=How(wide=True))

    of_each = Counter(one for pair in found for one in (pair.first, pair.second))
    assert min(of_each.values()) >= 6
    assert len(found) <= 6 * count
