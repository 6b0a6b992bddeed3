from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates import cosine, parallel, pruned, sketch
from fapfav.duplicates.cosine import measured, near_rows

Rows = NDArray[np.int8]
Pairs = dict[tuple[int, int], float]


def rows_of(seed: int, size: int, width: int = 160, skew: float = 0.0) -> Rows:
    """Rows around a few directions, a share `skew` of them nearly the same."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(6, width)) + 0.5
    spread = random.uniform(0, 1, size=(size, 1))
    rows = centres[random.integers(0, 6, size)] + spread * random.normal(size=(size, width))
    few = int(skew * size)
    rows[:few] = centres[0] + 0.05 * random.normal(size=(few, width))
    scaled: Rows = np.rint(rows * 127 / np.abs(rows).max(axis=1)[:, None]).astype(np.int8)
    return scaled


def found_by(pays: bool, rows: Rows, limit: float, fresh: NDArray[np.bool_]) -> Pairs:
    """The pairs with their cosines, by way of sketches or by plain products."""
    which = np.arange(len(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine, "_pays", lambda *_: pays)
        a, b, cosines = near_rows(measured(rows), which, limit, fresh)
    low, high = np.minimum(a, b).tolist(), np.maximum(a, b).tolist()
    pairs = dict(zip(zip(low, high, strict=True), cosines.tolist(), strict=True))
    assert len(pairs) == a.size
    return pairs


@settings(deadline=None, max_examples=12)
@given(
    st.integers(0, 10**6),
    st.integers(2, 150),
    st.sampled_from([0.5, 0.8, 0.9, 0.97]),
    st.sampled_from([0.0, 0.4]),
    st.sampled_from([1.0, 0.3]),
)
def test_sketches_find_the_same_pairs_with_the_same_cosines_as_plain_products(
    seed: int, size: int, limit: float, skew: float, share: float
) -> None:
    rows = rows_of(seed, size, skew=skew)
    fresh = np.random.default_rng(seed).random(size) < share

    assert found_by(True, rows, limit, fresh) == found_by(False, rows, limit, fresh)


@pytest.mark.parametrize("cores", [1, 3])
@pytest.mark.parametrize("crowded", [1, 10**9], ids=["all in squares", "none in squares"])
def test_blocks_and_threads_change_nothing(
    cores: int, crowded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(3, 700, skew=0.2)
    fresh = np.arange(700) % 7 != 0
    expected = found_by(False, rows, 0.85, fresh)
    for module, name, value in (
        (parallel, "cores", lambda: cores),
        (pruned, "ROWS", 100),
        (cosine, "ROWS", 100),
        (pruned, "_COLUMNS", 90),
        (pruned, "_SQUARE", 16),
        (pruned, "_CROWDED", crowded),
        (sketch, "_BLOCK", 128),
        (sketch, "_CLUSTER", 50),
    ):
        monkeypatch.setattr(module, name, value)

    assert len(expected) > 1000
    assert found_by(True, rows, 0.85, fresh) == expected


def test_rows_wider_than_one_exact_product_are_found_as_well() -> None:
    rows = rows_of(4, 120, width=1030)
    fresh = np.ones(120, np.bool_)

    found = found_by(True, rows, 0.8, fresh)

    assert 0 < len(found) < 120 * 119 / 2
    assert found == found_by(False, rows, 0.8, fresh)


def test_dropped_pairs_are_not_found() -> None:
    rows = rows_of(5, 200)

    def drop(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.equal(a % 2, b % 2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cosine, "_pays", lambda *_: True)
        a, b, _ = near_rows(measured(rows), np.arange(200), 0.8, np.ones(200, np.bool_), drop=drop)

    assert a.size
    assert (a % 2 != b % 2).all()


def test_stopping_keeps_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(6, 400)
    monkeypatch.setattr(cosine, "_pays", lambda *_: True)
    monkeypatch.setattr(cosine, "ROWS", 100)
    monkeypatch.setattr(pruned, "ROWS", 100)
    told: list[float] = []

    def watch(share: float) -> bool:
        told.append(share)
        return share > 0.5

    a, _, _ = near_rows(measured(rows), np.arange(400), 0.8, np.ones(400, np.bool_), watch=watch)

    assert told == [0, 0.4375, 0.75]
    assert 0 < a.size < len(found_by(True, rows, 0.8, np.ones(400, np.bool_)))


def test_many_rows_are_searched_by_sketches_and_few_new_ones_are_not() -> None:
    assert cosine._pays(100_000, 100_000, 1280)
    assert cosine._pays(1_000_000, 5_000, 1280)
    assert not cosine._pays(1_000_000, 100, 1280)
    assert not cosine._pays(2_000, 2_000, 1280)
    assert not cosine._pays(100_000, 100_000, 64)
