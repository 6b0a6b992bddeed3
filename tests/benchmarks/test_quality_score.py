from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.quality.dataset import Entry, truth
from benchmarks.quality.score import (
    Counts,
    Labelled,
    RelatedScore,
    false_related,
    related_scores,
    transitive,
)
from fapfav.model import Label

FAMILIES = ("original", "jpeg", "geometry")


@st.composite
def pictures(draw: st.DrawFn) -> list[Entry]:
    """Some units of one or two bases with a few copies each; a unit is kin or not throughout."""
    entries = []
    for unit in range(draw(st.integers(1, 4))):
        within = draw(st.sampled_from((Label.RELATED, Label.DIFFERENT)))
        for base in range(draw(st.integers(1, 2))):
            for copy in range(draw(st.integers(1, 4))):
                told = draw(st.sampled_from((Label.SAME, Label.SAME, Label.RELATED)))
                entries.append(
                    Entry(
                        path=f"{unit}/{base}/{copy}",
                        base=f"{unit} {base}",
                        kind="drawing",
                        change="original" if copy == 0 else f"change {copy}",
                        family=FAMILIES[copy % 3],
                        truth=Label.SAME if copy == 0 else told,
                        unit=str(unit),
                        within=within,
                        negative="cards" if unit % 2 else "",
                    )
                )
    return entries


def numbers(count: int) -> st.SearchStrategy[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    each = st.lists(st.integers(0, 5), min_size=count, max_size=count)
    return each.map(lambda found: np.array(found, np.int64))


def counted(entries: list[Entry], sets: list[int], chosen: list[bool]) -> Counts:
    """The same by looking at every pair."""
    same = found = related = different = 0
    for i, j in combinations(range(len(entries)), 2):
        if not (chosen[i] and chosen[j]):
            continue
        told = truth(entries[i], entries[j])
        inside = sets[i] == sets[j]
        same += told is Label.SAME
        found += inside and told is Label.SAME
        related += inside and told is Label.RELATED
        different += inside and told is Label.DIFFERENT
    return Counts(same, found, related, different)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_counts_are_those_of_looking_at_every_pair(data: st.DataObject) -> None:
    entries = data.draw(pictures())
    sets = data.draw(numbers(len(entries)))
    chosen = np.array([data.draw(st.booleans()) for _ in entries], np.bool_)
    labelled = Labelled(entries)

    assert labelled.counts(sets) == counted(entries, sets.tolist(), [True] * len(entries))
    assert labelled.counts(sets, chosen) == counted(entries, sets.tolist(), chosen.tolist())


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_a_family_has_the_pairs_that_touch_it(data: st.DataObject) -> None:
    entries = data.draw(pictures())
    sets = data.draw(numbers(len(entries)))
    score = Labelled(entries).score(sets)

    for family, found in score.families.items():
        pairs = [
            (i, j)
            for i, j in combinations(range(len(entries)), 2)
            if family in (entries[i].family, entries[j].family)
        ]
        told = [truth(entries[i], entries[j]) for i, j in pairs]
        inside = [sets[i] == sets[j] for i, j in pairs]
        assert found == Counts(
            told.count(Label.SAME),
            *(
                sum(here and each is label for here, each in zip(inside, told, strict=True))
                for label in (Label.SAME, Label.RELATED, Label.DIFFERENT)
            ),
        )


@given(pictures())
@settings(max_examples=40, deadline=None)
def test_relatives_are_all_pairs_that_are_not_different(entries: list[Entry]) -> None:
    labelled = Labelled(entries)
    pairs = labelled.relatives()
    told = {(i, j): truth(entries[i], entries[j]) for i, j in combinations(range(len(entries)), 2)}

    assert sorted(map(tuple, pairs.tolist())) == sorted(
        pair for pair, label in told.items() if label is not Label.DIFFERENT
    )
    assert labelled.are_same(pairs).tolist() == [
        told[i, j] is Label.SAME for i, j in pairs.tolist()
    ]


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_intervals_hold_bounds_in_order_and_the_counts_figures(data: st.DataObject) -> None:
    entries = data.draw(pictures())
    score = Labelled(entries).score(data.draw(numbers(len(entries))))

    for interval in (score.precision, score.recall, score.f1):
        assert 0 <= interval.low <= interval.high <= 1
    assert score.precision.value == pytest.approx(score.counts.precision)
    assert score.recall.value == pytest.approx(score.counts.recall)
    assert score.f1.value == pytest.approx(score.counts.f1)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_the_truth_as_sets_is_right_throughout(data: st.DataObject) -> None:
    entries = data.draw(pictures())
    # One set for the same pictures of each base; whoever is only related is alone.
    names = [e.base if e.truth is Label.SAME else e.path for e in entries]
    sets = np.array([names.index(name) for name in names], np.int64)
    counts = Labelled(entries).counts(sets)

    assert (counts.precision, counts.recall, counts.f1) == (1, 1, 1)
    assert counts.same == counts.found


def test_related_pairs_in_sets_are_false_and_left_out_of_the_lenient_precision() -> None:
    counts = Counts(same=10, found=6, related=3, different=1)

    assert counts.precision == 0.6
    assert counts.precision_lenient == pytest.approx(6 / 7)
    assert counts.recall == 0.6


def entry(base: str, told: Label, unit: str = "", negative: str = "") -> Entry:
    change = "original" if told is Label.SAME else "mirrored"
    family = "original" if told is Label.SAME else "geometry"
    within = Label.DIFFERENT
    return Entry("", base, "drawing", change, family, told, unit or base, within, negative)


def test_resampling_whole_bases_shows_when_one_base_decides() -> None:
    wrong = [entry("bad", Label.SAME) for _ in range(4)]
    right = [entry(f"good {n}", Label.SAME) for n in range(12) for _ in range(2)]
    alone = list(range(4))
    together = [10 + n // 2 for n in range(24)]
    score = Labelled([*wrong, *right]).score(np.array([*alone, *together], np.int64))

    assert score.recall.value == pytest.approx(12 / 18)
    assert score.recall.low < 0.5
    assert score.recall.high == 1.0


def test_a_kind_has_the_pairs_inside_it() -> None:
    screen = [replace(entry("s", Label.SAME), kind="text screen") for _ in range(2)]
    score = Labelled([*screen, entry("d", Label.SAME)]).score(np.array([1, 1, 1], np.int64))

    assert score.kinds == {"drawing": Counts(0, 0, 0, 0), "text screen": Counts(1, 1, 0, 0)}


def test_false_pairs_are_counted_by_family_of_negatives() -> None:
    entries = [
        entry("a", Label.SAME, "u", "dice"),
        entry("b", Label.SAME, "u", "dice"),
        entry("c", Label.SAME, "v", "skies"),
        entry("d", Label.SAME, "v", "skies"),
    ]
    score = Labelled(entries).score(np.array([1, 1, 1, 2], np.int64))

    assert score.negatives == {"dice": 1, "skies": 0}
    assert score.counts.different == 3


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11))))
def test_transitive_sets_are_what_pairs_connect(count: int, drawn: list[tuple[int, int]]) -> None:
    pairs = [(i % count, j % count) for i, j in drawn]
    sets = transitive(count, np.array(pairs, np.int64).reshape(-1, 2))

    linked = np.eye(count, dtype=np.bool_)
    for i, j in pairs:
        linked[i, j] = linked[j, i] = True
    for _ in range(count):
        linked = linked @ linked
    np.testing.assert_array_equal(linked, sets[:, None] == sets[None, :])


def test_a_related_picture_is_found_by_a_pair_with_any_same_picture_of_its_base() -> None:
    entries = [
        entry("a", Label.SAME),
        entry("a", Label.SAME),
        entry("a", Label.RELATED),
        entry("a", Label.RELATED),
        entry("b", Label.SAME),
        entry("b", Label.RELATED),
    ]
    related = np.array([(1, 2), (2, 3), (4, 3)], np.int64)
    sets = np.array([0, 0, 2, 3, 4, 4], np.int64)

    assert related_scores(entries, sets, related) == {"geometry": RelatedScore(3, 1, 1)}
    assert false_related(lambda i, j: truth(entries[i], entries[j]), related) == [(4, 3)]
