from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fapfav.duplicates.alike import FEW
from fapfav.duplicates.find import Prints, equal_buckets, find_pairs
from fapfav.duplicates.groups import groups
from fapfav.duplicates.limits import ANIMATED, REGULAR, Rule, passes
from fapfav.errors import UsageError
from fapfav.model import HASHES, Limits, Method, Pair
from tests.duplicates.making import ALL_OFF, name, numbers, prints

FAR = [0x0123456789ABCDEF, 0xFEDCBA9876543210, 0xF0F0F0F00F0F0F0F, 0xAAAA5555AAAA5555]


def hashes(*rows: tuple[int, int, int, int]) -> NDArray[np.uint64]:
    """Four hashes a picture, given as what differs from a base far from 0 in each."""
    return np.array([[FAR[k] ^ row[k] for k in range(4)] for row in rows], dtype=np.uint64)


def everything(given: Prints) -> NDArray[np.bool_]:
    return np.ones(len(given.digests), np.bool_)


def found(given: Prints, regular: Limits = REGULAR, animated: Limits = ANIMATED) -> list[Pair]:
    return find_pairs(given, regular, animated, everything(given))


def bits(count: int) -> int:
    return (1 << count) - 1


FAR_OFF = bits(30)


def test_a_pair_has_the_score_of_every_method_it_passes() -> None:
    given = prints(hashes((0, 0, 0, 0), (bits(3), bits(1), bits(9), 0)))

    (only,) = found(given)

    assert (only.first, only.second) == (name(0), name(1))
    assert only.scores == {"percept": 3, "average": 1, "wavelet": 0}


def test_scores_are_plain_numbers() -> None:
    rows = np.full((2, 8), 10, np.int8)
    given = prints(hashes((0, 0, 0, 0), (1, 0, 0, 0)), rows=rows)

    (only,) = found(given)

    assert {key: type(score) for key, score in only.scores.items()} == {
        "percept": int, "average": int, "diff": int, "wavelet": int, "cnn": float,
    }  # fmt: skip
    assert all(type(key) is str for key in only.scores)


def test_pictures_with_equal_hashes_only_are_a_bucket_and_no_pair() -> None:
    given = prints(hashes((0, 0, 0, 0), (FAR_OFF, 0, FAR_OFF, FAR_OFF), (bits(40),) * 4))

    assert found(given) == []
    (only,) = equal_buckets(given, REGULAR, ANIMATED)
    assert only.method is Method.AVERAGE
    assert numbers(only.members) == [0, 1]


def test_animated_limits_hold_when_either_picture_is_animated() -> None:
    near = hashes((0, 0, 0, 0), (bits(4), FAR_OFF, bits(4), FAR_OFF))

    assert len(found(prints(near))) == 1
    for animated in ([True, False], [False, True], [True, True]):
        assert found(prints(near, animated)) == []


def test_an_equal_hash_alone_makes_no_pair_even_where_the_regular_limits_found_it_near() -> None:
    # percept 4 is near for stills only; diff is equal: a bucket, and nothing to record.
    given = prints(hashes((0, 0, 0, 0), (bits(4), FAR_OFF, 0, FAR_OFF)), [True, False])

    assert found(given) == []
    assert [each.method for each in equal_buckets(given, REGULAR, ANIMATED)] == [Method.DIFF]


def test_a_method_off_for_animations_scores_and_buckets_none_of_them() -> None:
    given = prints(hashes(*[(place, 0, 0, 0) for place in (0, 1, 2)]), [False, True, False])

    scores = {tuple(numbers([each.first, each.second])): dict(each.scores) for each in found(given)}
    assert scores == {
        (0, 1): {"percept": 1, "diff": 0},
        (0, 2): {"percept": 1, "average": 0, "diff": 0, "wavelet": 0},
        (1, 2): {"percept": 2, "diff": 0},
    }
    assert {
        each.method: numbers(each.members) for each in equal_buckets(given, REGULAR, ANIMATED)
    } == {
        Method.AVERAGE: [0, 2],
        Method.DIFF: [0, 1, 2],
        Method.WAVELET: [0, 2],
    }


def test_methods_that_are_off_find_nothing_at_all() -> None:
    rows = np.full((3, 8), 10, np.int8)
    given = prints(hashes((0, 0, 0, 0), (1, 1, 1, 1), (0, 0, 0, 0)), rows=rows)

    assert found(given, ALL_OFF, ALL_OFF) == []
    assert equal_buckets(given, ALL_OFF, ALL_OFF) == []


def test_cnn_off_for_animations_is_off() -> None:
    rows = np.full((2, 8), 10, np.int8)
    far = hashes((0, 0, 0, 0), (FAR_OFF,) * 4)

    assert [dict(p.scores) for p in found(prints(far, rows=rows))] == [{"cnn": 1.0}]
    assert found(prints(far, [True, False], rows), REGULAR, replace(ANIMATED, cnn=-1)) == []


def test_a_rounded_cosine_is_what_the_limit_is_compared_with() -> None:
    rows = np.array([[100, 0, 0], [100, 33, 0]], np.int8)  # 0.94962...
    given = prints(hashes((0, 0, 0, 0), (FAR_OFF,) * 4), rows=rows)

    def at(limit: float) -> list[Pair]:
        return found(given, replace(REGULAR, cnn=limit), replace(ANIMATED, cnn=-1))

    assert [dict(each.scores) for each in at(0.9496)] == [{"cnn": 0.9496}]
    assert at(0.9497) == []


def test_a_picture_without_a_vector_is_compared_by_hashes_only() -> None:
    rows = np.full((3, 8), 10, np.int8)
    given = prints(hashes((0, 0, 0, 0), (1, FAR_OFF, FAR_OFF, FAR_OFF), (FAR_OFF,) * 4), rows=rows)
    given = replace(given, has_vector=np.array([True, False, True]))

    scores = {tuple(numbers([each.first, each.second])): dict(each.scores) for each in found(given)}

    assert scores == {(0, 1): {"percept": 1}, (0, 2): {"cnn": 1.0}}


def test_no_pictures_have_no_pairs() -> None:
    given = prints(np.zeros((0, 4), np.uint64), rows=np.zeros((0, 8), np.int8))

    assert found(given) == []
    assert equal_buckets(given, REGULAR, ANIMATED) == []


def test_limits_are_checked_before_anything_is_compared() -> None:
    given = prints(hashes((0, 0, 0, 0)))

    with pytest.raises(UsageError, match="percept"):
        found(given, replace(REGULAR, percept=16))
    with pytest.raises(UsageError, match="laxer"):
        equal_buckets(given, REGULAR, replace(ANIMATED, diff=5))


def test_prints_out_of_order_or_out_of_shape_are_refused() -> None:
    two = hashes((0, 0, 0, 0), (1, 1, 1, 1))
    still = np.zeros(2, np.bool_)

    with pytest.raises(UsageError, match="sorted by digest"):
        Prints((name(2), name(1)), two, still)
    with pytest.raises(UsageError, match="each digest once"):
        Prints((name(1), name(1)), two, still)
    with pytest.raises(UsageError, match="2 pictures need"):
        Prints((name(1), name(2)), two[:1], still)
    with pytest.raises(UsageError, match="2 pictures need"):
        Prints((name(1), name(2)), two, still, np.ones((2, 8), np.int8))


def test_watching_sees_the_share_rise_and_can_stop() -> None:
    rows = np.full((2, 8), 10, np.int8)
    given = prints(hashes((0, 0, 0, 0), (1, FAR_OFF, FAR_OFF, FAR_OFF)), rows=rows)
    told: list[float] = []

    def note(share: float) -> bool:
        told.append(share)
        return False

    complete = find_pairs(given, REGULAR, ANIMATED, everything(given), note)
    stopped = find_pairs(given, REGULAR, ANIMATED, everything(given), lambda share: share > 0)

    assert told == sorted(told)
    assert told[0] == 0
    assert 0 < told[-1] < 1
    assert [dict(each.scores) for each in complete] == [{"percept": 1, "cnn": 1.0}]
    assert len(stopped) == 1
    assert find_pairs(given, REGULAR, ANIMATED, everything(given), lambda _: True) == []


def test_twenty_thousand_flat_pictures_are_one_bucket_a_method_and_few_pairs() -> None:
    random = np.random.default_rng(8)
    size = 20_000
    flat = np.tile(hashes((0, 0, 0, 0)), (size, 1))
    flat[7] ^= np.uint64(1)
    rows = np.zeros((size, 4), np.int8)
    rows[:1_500] = 100 + random.integers(-4, 5, (1_500, 4))
    given = prints(flat, rows=rows)

    buckets = equal_buckets(given, REGULAR, ANIMATED)
    pairs = found(given)

    assert [(each.method, len(each.members)) for each in buckets] == [
        (method, size - 1) for method in HASHES
    ]
    assert len(pairs) < 2 * FEW * 1_500
    (only,) = groups(pairs, buckets, {}, {}, Rule(REGULAR, ANIMATED))
    assert len(only.members) == size


def naive(
    given: Prints, regular: Limits, animated: Limits
) -> dict[tuple[int, int], dict[str, float]]:
    assert given.rows is not None
    wide = given.rows.astype(np.float64)
    result: dict[tuple[int, int], dict[str, float]] = {}
    for b in range(len(given.digests)):
        for a in range(b):
            limits = animated if given.animated[a] or given.animated[b] else regular
            differing = given.hashes[a] ^ given.hashes[b]
            scores: dict[Method, float] = {
                method: int(differing[k]).bit_count() for k, method in enumerate(HASHES)
            }
            length = float(np.linalg.norm(wide[a]) * np.linalg.norm(wide[b]))
            scores[Method.CNN] = round(float(wide[a] @ wide[b]) / length, 4) if length else 0.0
            passing = {m.value: s for m, s in scores.items() if passes(m, s, limits)}
            if "cnn" in passing or any(passing.values()):
                result[a, b] = passing
    return result


@st.composite
def many_prints(draw: st.DrawFn, most: int = FEW) -> Prints:
    size = draw(st.integers(0, most))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    base = random.integers(0, 2**64, (3, 4), dtype=np.uint64)
    flips = np.uint64(1) << random.integers(0, 64, (size, 4), dtype=np.uint64)
    changed = draw(st.sampled_from([0.1, 0.5]))
    own = np.where(random.random((size, 4)) < changed, flips, np.uint64(0))
    centre = random.integers(0, 3, size)
    rows = random.integers(-100, 101, (3, 12))[centre]
    rows = rows + random.integers(-20, 21, (size, 12)) * random.integers(0, 2, (size, 1))
    return prints(base[centre] ^ own, random.random(size) < 0.3, rows.astype(np.int8))


@settings(deadline=None, max_examples=40)
@given(many_prints())
def test_pairs_and_scores_are_those_of_a_naive_search(given: Prints) -> None:
    scores = {tuple(numbers([each.first, each.second])): dict(each.scores) for each in found(given)}

    assert scores == naive(given, REGULAR, ANIMATED)
    assert list(scores) == sorted(scores)


def part(given: Prints, keep: NDArray[np.int64]) -> Prints:
    assert given.rows is not None
    assert given.scales is not None
    assert given.has_vector is not None
    return Prints(
        tuple(given.digests[place] for place in keep),
        given.hashes[keep],
        given.animated[keep],
        given.rows[keep],
        given.scales[keep],
        given.has_vector[keep],
    )


@settings(deadline=None, max_examples=30)
@given(many_prints(most=80), st.data())
def test_finding_as_pictures_arrive_gives_the_sets_of_one_full_search(
    given: Prints, data: st.DataObject
) -> None:
    size = len(given.digests)
    arrival = np.array(data.draw(st.permutations(range(size))), dtype=np.int64)
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=3)))
    gathered: dict[tuple[bytes, bytes], Pair] = {}
    before = 0
    for cut in [*cuts, size]:
        here = np.sort(arrival[:cut])
        new = np.isin(here, arrival[before:cut])
        for each in find_pairs(part(given, here), REGULAR, ANIMATED, new):
            gathered[each.first, each.second] = each
        before = cut

    buckets = equal_buckets(given, REGULAR, ANIMATED)
    moving = {
        one for one, is_moving in zip(given.digests, given.animated, strict=True) if is_moving
    }
    rule = Rule(REGULAR, ANIMATED, moving)
    full = found(given)

    assert [each.members for each in groups(gathered.values(), buckets, {}, {}, rule)] == [
        each.members for each in groups(full, buckets, {}, {}, rule)
    ]
    if size <= FEW:
        assert sorted(gathered.values(), key=lambda each: (each.first, each.second)) == full


@settings(deadline=None, max_examples=30)
@given(many_prints())
def test_buckets_are_exactly_the_sets_of_equal_hashes(given: Prints) -> None:
    buckets = equal_buckets(given, REGULAR, ANIMATED)

    expected = []
    for column, method in enumerate(HASHES):
        same: dict[int, list[int]] = {}
        for place, value in enumerate(given.hashes[:, column].tolist()):
            if ANIMATED.of(method) != -1 or not given.animated[place]:
                same.setdefault(value, []).append(place)
        expected += sorted((HASHES.index(method), some) for some in same.values() if len(some) > 1)
    assert [(HASHES.index(each.method), numbers(each.members)) for each in buckets] == expected
