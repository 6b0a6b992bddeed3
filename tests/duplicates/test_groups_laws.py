from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.find import Bucket
from fapfav.duplicates.groups import groups
from fapfav.model import Choice, Digest, Group, Label, Pair, PairKey, Verdict, pair_of
from tests.duplicates.making import RULE, bucket, name, pair, sets

Web = tuple[list[Pair], list[Bucket], dict[PairKey, Label], dict[Digest, Choice]]
SMALL = range(9)
SCORES = st.sampled_from(
    [{"percept": 2.0}, {"diff": 0.0, "cnn": 0.96}, {"diff": 9.0}, {"percept": 1.0, "wavelet": 0.0}]
)
PAIRS = st.sampled_from(list(combinations(SMALL, 2)))


@st.composite
def webs(draw: st.DrawFn) -> Web:
    """Some pairs and buckets over few pictures, some decisions and choices."""
    near = draw(st.lists(PAIRS, unique=True, max_size=10))
    scores = [draw(SCORES) for _ in near]
    pairs = [
        Pair(*pair_of(name(one), name(other)), scores=some)
        for (one, other), some in zip(near, scores, strict=True)
    ]
    buckets = []
    for method in ("average", "diff"):
        homes = draw(st.lists(st.integers(0, 5), min_size=len(SMALL), max_size=len(SMALL)))
        for home in range(3):
            some = [number for number in SMALL if homes[number] == home]
            if len(some) > 1:
                buckets.append(bucket(*some, method=method))
    labels = draw(st.dictionaries(PAIRS, st.sampled_from(list(Label)), max_size=8))
    decisions = {pair_of(name(one), name(other)): label for (one, other), label in labels.items()}
    choices = draw(
        st.dictionaries(
            st.sampled_from([name(n) for n in SMALL]), st.sampled_from(list(Choice)), max_size=4
        )
    )
    return pairs, buckets, decisions, choices


Item = TypeVar("Item")


def mixed(some: list[Item], random: Random) -> list[Item]:
    return random.sample(some, len(some))


@settings(deadline=None, max_examples=80)
@given(webs(), st.randoms(use_true_random=False), st.integers(1, 2))
def test_the_order_of_what_is_known_changes_nothing(web: Web, random: Random, agree: int) -> None:
    pairs, buckets, decisions, choices = web
    rule = replace(RULE, agree=agree)
    expected = groups(pairs, buckets, decisions, choices, rule)

    again = groups(
        mixed(pairs, random),
        mixed(buckets, random),
        dict(mixed(list(decisions.items()), random)),
        dict(mixed(list(choices.items()), random)),
        rule,
    )

    assert again == expected
    assert [list(group.sources.items()) for group in again] == [
        list(group.sources.items()) for group in expected
    ]


@settings(deadline=None, max_examples=80)
@given(webs())
def test_no_picture_is_in_two_sets_and_every_set_is_whole(web: Web) -> None:
    found = sets(*web)

    everyone = [one for group in found for one in group.members]
    assert len(everyone) == len(set(everyone))
    for group in found:
        assert len(group.members) > 1
        assert list(group.members) == sorted(group.members)
        assert set(group.verdicts) == set(group.members)
        for scores in group.sources.values():
            assert all(set(key) <= set(group.members) for key in scores)


def naive_sets(web: Web) -> set[frozenset[Digest]]:
    """Components over uncut ties, by spelling out every pair."""
    pairs, buckets, decisions, _ = web
    ties = {pair_of(one, other) for b in buckets for one, other in combinations(b.members, 2)}
    ties |= {PairKey(p.first, p.second) for p in pairs if p.scores != {"diff": 9}}
    ties = {key for key in ties if decisions.get(key) not in (Label.DIFFERENT, Label.RELATED)}
    ties |= {key for key, label in decisions.items() if label is Label.SAME}
    found: list[frozenset[Digest]] = []
    for key in ties:
        touching = [some for some in found if some & set(key)]
        found = [some for some in found if some not in touching]
        found.append(frozenset(key).union(*touching))
    return set(found)


@settings(deadline=None, max_examples=100)
@given(webs())
def test_sets_without_what_is_only_listed_are_the_components_of_the_ties(web: Web) -> None:
    components = naive_sets(web)
    tied = frozenset[Digest]().union(*components)

    found = {frozenset(tied.intersection(group.members)) for group in sets(*web)} - {frozenset()}

    assert found == components


@settings(deadline=None, max_examples=80)
@given(webs())
def test_evidence_of_pairs_called_different_changes_no_set_that_holds_without_it(web: Web) -> None:
    pairs, buckets, decisions, choices = web
    cut = {key for key, label in decisions.items() if label is Label.DIFFERENT}
    without = [each for each in pairs if PairKey(each.first, each.second) not in cut]
    tied = frozenset[Digest]().union(*naive_sets(web))

    def kept(found: tuple[Group, ...]) -> set[frozenset[Digest]]:
        return {frozenset(tied.intersection(g.members)) for g in found} - {frozenset()}

    assert kept(sets(pairs, buckets, decisions, choices)) == kept(
        sets(without, buckets, decisions, choices)
    )


@settings(deadline=None, max_examples=80)
@given(webs(), st.lists(PAIRS, unique=True, max_size=4))
def test_more_evidence_never_changes_a_choice_that_is_shown(
    web: Web, more: list[tuple[int, int]]
) -> None:
    pairs, buckets, decisions, choices = web
    known = {PairKey(each.first, each.second) for each in pairs}
    added = [
        each
        for each in (pair(*one) for one in more)
        if PairKey(each.first, each.second) not in known
    ]

    for group in sets([*pairs, *added], buckets, decisions, choices):
        for one in group.members:
            if one in choices:
                assert group.verdicts[one] == choices[one].value
            else:
                assert group.verdicts[one] in (Verdict.NEW, Verdict.FALSE)


@settings(deadline=None, max_examples=80)
@given(webs())
def test_a_picture_whose_every_tie_was_called_different_is_listed_as_false(web: Web) -> None:
    pairs, buckets, decisions, _ = web
    tied = frozenset[Digest]().union(*naive_sets(web))
    near = {PairKey(p.first, p.second) for p in pairs if p.scores != {"diff": 9}}
    near |= {pair_of(one, other) for b in buckets for one, other in combinations(b.members, 2)}
    refused = {one for key in near if decisions.get(key) is Label.DIFFERENT for one in key} - tied

    verdicts = {
        one: verdict
        for group in sets(pairs, buckets, decisions)
        for one, verdict in group.verdicts.items()
    }

    assert {one for one in verdicts if one not in tied} == refused
    assert all(verdicts[one] is Verdict.FALSE for one in refused)
