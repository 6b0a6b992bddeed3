"""fapfav/jobs/handed_search.py: in parts, by others, and the same pairs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.alike import Indices
from fapfav.duplicates.hamming import Distances, Values, near_values
from fapfav.jobs.handed_search import near_values_by


def as_set(found: tuple[Indices, Indices, Distances]) -> set[tuple[int, int, int]]:
    rows = zip(*(column.tolist() for column in found), strict=True)
    pairs = [(min(a, b), max(a, b), distance) for a, b, distance in rows]
    assert len(pairs) == len(set(pairs))
    return set(pairs)


def clustered(seed: int, count: int) -> Values:
    """Values of which many differ in a few bits."""
    rng = np.random.default_rng(seed)
    centres = rng.integers(0, 2**63, max(count // 6, 1), dtype=np.uint64)
    flips = np.uint64(1) << rng.integers(0, 64, (3, count)).astype(np.uint64)
    values: Values = rng.choice(centres, count) ^ flips[0] ^ flips[1] ^ flips[2]
    return values


@settings(max_examples=25)
@given(
    seed=st.integers(0, 1000),
    count=st.integers(0, 60),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    limit=st.sampled_from([-1, 2, 4, 8]),
    parts=st.integers(1, 7),
)
def test_parts_find_what_one_search_finds(
    seed: int, count: int, share: float, limit: int, parts: int
) -> None:
    values = clustered(seed, count)
    fresh = np.random.default_rng(seed + 1).random(count) < share
    with ThreadPoolExecutor(2) as pool:
        found = near_values_by(pool, values, limit, fresh, parts)

    assert as_set(found) == as_set(near_values(values, limit, fresh))


def test_there_is_something_to_find() -> None:
    assert len(as_set(near_values(clustered(1, 60), 8, np.ones(60, np.bool_)))) > 50
