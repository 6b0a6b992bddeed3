from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fapfav.duplicates.verdicts import (
    Judgement,
    after_removal,
    alone,
    judge,
    judge_places,
)
from fapfav.errors import UsageError
from fapfav.model import Choice, Digest, Group, Label, PairKey, PlaceKey, Verdict, pair_of
from tests.duplicates.making import bucket, chosen, name, pair, said, sets

NEW, FALSE, KEEP, SKIP = Verdict.NEW, Verdict.FALSE, Verdict.KEEP, Verdict.SKIP
Decisions = dict[PairKey, Label]
Choices = dict[Digest, Choice]


def asked(**verdicts: list[int]) -> dict[Digest, Verdict]:
    return {name(one): Verdict(verdict) for verdict, some in verdicts.items() for one in some}


def clique(size: int, decisions: Decisions | None = None, choices: Choices | None = None) -> Group:
    """The one set of pictures 1 to size, all alike."""
    near = [pair(*both) for both in combinations(range(1, size + 1), 2)]
    (only,) = sets(near, decisions=decisions, choices=choices)
    return only


def apply(
    judgement: Judgement, decisions: Decisions, choices: Choices
) -> tuple[Decisions, Choices]:
    labels = {key: label for key, label in decisions.items() if key not in judgement.dropped}
    kept = {
        one: choice for one, choice in choices.items() if judgement.choices.get(one, 0) is not None
    }
    return labels | dict(judgement.decisions), kept | {
        one: choice for one, choice in judgement.choices.items() if choice is not None
    }


def test_keep_and_skip_record_the_same_among_all_so_decided() -> None:
    judgement = judge(clique(4), asked(keep=[1, 2], skip=[3]), {}, {})

    assert judgement == Judgement(
        said(same=[(1, 2), (1, 3), (2, 3)]), (), chosen(keep=[1, 2], skip=[3])
    )


def test_false_records_different_against_every_other_member() -> None:
    judgement = judge(clique(3), asked(false=[2]), {}, {})

    assert judgement == Judgement(said(different=[(1, 2), (2, 3)]), (), {})


def test_in_a_set_of_two_both_are_false_or_neither() -> None:
    judgement = judge(clique(2), asked(false=[1, 2]), {}, {})
    assert judgement.decisions == said(different=[(1, 2)])

    for verdicts in (asked(false=[1]), asked(false=[1], keep=[2]), asked(false=[2], new=[1])):
        with pytest.raises(UsageError, match="both are false or neither") as caught:
            judge(clique(2), verdicts, {}, {})
        assert name(1).hex()[:12] in str(caught.value)
        assert name(2).hex()[:12] in str(caught.value)


def test_not_all_members_can_be_skipped() -> None:
    with pytest.raises(UsageError, match="not all can be skip") as caught:
        judge(clique(3), asked(skip=[1, 2, 3]), {}, {})

    assert name(3).hex()[:12] in str(caught.value)


def test_what_is_not_false_cannot_be_skipped_altogether_either() -> None:
    with pytest.raises(UsageError, match="not all can be skip") as caught:
        judge(clique(3), asked(skip=[1, 2], false=[3]), {}, {})

    assert name(3).hex()[:12] not in str(caught.value)


def test_members_not_named_count_with_what_they_show() -> None:
    decisions, choices = said(same=[(1, 2)]), chosen(keep=[1], skip=[2])
    known = clique(2, decisions, choices)

    with pytest.raises(UsageError, match="not all can be skip"):
        judge(known, asked(skip=[1]), decisions, choices)


def test_a_digest_of_another_set_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=name(7).hex()):
        judge(clique(2), asked(keep=[1, 7]), {}, {})


def test_a_long_list_of_offenders_is_cut() -> None:
    (only,) = sets(buckets=[bucket(*range(30))])

    with pytest.raises(UsageError, match="and 20 more"):
        judge(only, asked(skip=list(range(30))), {}, {})


def test_a_judgement_too_large_to_write_is_refused_before_it_is_made() -> None:
    (only,) = sets(buckets=[bucket(*range(2_000))])

    with pytest.raises(UsageError, match="would write 1999000 decisions"):
        judge(only, asked(false=list(range(2_000))), {}, {})
    with pytest.raises(UsageError, match="would write 1999000 decisions"):
        judge(only, asked(keep=list(range(2_000))), {}, {})
    assert len(judge(only, asked(false=[5]), {}, {}).decisions) == 1_999


def test_judging_the_same_again_writes_nothing() -> None:
    decisions, choices = said(same=[(1, 2)]) | said(different=[(1, 3), (2, 3)]), chosen(keep=[1, 2])

    again = judge(clique(3, decisions, choices), asked(keep=[1, 2], false=[3]), decisions, choices)

    assert again == Judgement({}, (), {})


def test_back_to_new_takes_choice_and_labels_back() -> None:
    decisions = said(same=[(1, 2), (1, 3), (2, 3)])
    choices = chosen(keep=[1, 2], skip=[3])

    judgement = judge(clique(3, decisions, choices), asked(new=[3]), decisions, choices)

    assert judgement.choices == {name(3): None}
    assert set(judgement.dropped) == {pair_of(name(1), name(3)), pair_of(name(2), name(3))}
    assert judgement.decisions == {}


def test_new_for_a_member_that_is_new_takes_nothing_back() -> None:
    decisions = said(different=[(1, 3)])

    judgement = judge(clique(3, decisions), asked(new=[1, 2, 3]), decisions, {})

    assert judgement == Judgement({}, (), {})


def test_related_is_never_taken_back_by_a_verdict_of_new() -> None:
    decisions, choices = said(related=[(1, 2)], same=[(1, 3)]), chosen(keep=[1, 3])

    judgement = judge(clique(3, decisions, choices), asked(new=[1]), decisions, choices)

    assert judgement.dropped == (pair_of(name(1), name(3)),)


def test_leaving_false_takes_different_back_unless_the_other_is_false() -> None:
    decisions = said(different=[(1, 2), (1, 3), (1, 4), (2, 3), (2, 4)])
    known = clique(4, decisions)
    assert known.verdicts[name(1)] is known.verdicts[name(2)] is FALSE

    judgement = judge(known, asked(keep=[1, 3]), decisions, {})

    assert judgement.decisions == said(same=[(1, 3)])
    assert judgement.dropped == (pair_of(name(1), name(4)),)


def test_false_after_keep_clears_the_choice_and_turns_same_into_different() -> None:
    decisions, choices = said(same=[(1, 2), (1, 3), (2, 3)]), chosen(keep=[1, 2, 3])

    judgement = judge(clique(3, decisions, choices), asked(false=[3]), decisions, choices)

    assert judgement == Judgement(said(different=[(1, 3), (2, 3)]), (), {name(3): None})


def test_unnamed_members_say_nothing_among_themselves() -> None:
    choices = chosen(keep=[1, 2])

    judgement = judge(clique(3, choices=choices), asked(skip=[3]), {}, choices)

    assert judgement.decisions == said(same=[(1, 3), (2, 3)])


VERDICTS = st.lists(st.sampled_from(list(Verdict)), min_size=2, max_size=6)


@settings(deadline=None, max_examples=100)
@given(VERDICTS, st.booleans())
def test_what_was_judged_is_what_is_shown_next(verdicts: list[Verdict], equal: bool) -> None:
    size = len(verdicts)
    wanted = {name(number): verdict for number, verdict in enumerate(verdicts, start=1)}
    others = [verdict for verdict in verdicts if verdict is not FALSE]
    # A lone one that is not false is different from all, whatever it is called.
    assume(others != [NEW] or size == 2)
    near = [] if equal else [pair(*both) for both in combinations(range(1, size + 1), 2)]
    buckets = [bucket(*range(1, size + 1))] if equal else []
    (before,) = sets(near, buckets)
    try:
        judgement = judge(before, wanted, {}, {})
    except UsageError:
        assert (others and set(others) == {SKIP}) or (size == 2 and len(others) == 1)
        return

    decisions, choices = apply(judgement, {}, {})
    (after,) = sets(near, buckets, decisions, choices)

    assert after.verdicts == wanted
    assert after.needs_action is (NEW in verdicts)
    assert judge(after, wanted, decisions, choices) == Judgement({}, (), {})


@settings(deadline=None, max_examples=100)
@given(VERDICTS, st.data())
def test_one_judgement_after_another_shows_the_last(
    verdicts: list[Verdict], data: st.DataObject
) -> None:
    size = len(verdicts)
    again = data.draw(st.lists(st.sampled_from(list(Verdict)), min_size=size, max_size=size))
    decisions: Decisions = {}
    choices: Choices = {}
    shown: dict[Digest, Verdict] = {}
    for each in (verdicts, again):
        shown = {name(number): verdict for number, verdict in enumerate(each, start=1)}
        others = [verdict for verdict in each if verdict is not FALSE]
        assume(not (others and set(others) == {SKIP}) and len(others) != 1)
        judgement = judge(clique(size, decisions, choices), shown, decisions, choices)
        decisions, choices = apply(judgement, decisions, choices)

    assert clique(size, decisions, choices).verdicts == shown


def test_taking_out_a_chosen_picture_clears_the_choices_made_because_of_it() -> None:
    decisions = said(same=[(1, 2), (1, 3), (4, 5)], different=[(1, 6)], related=[(1, 7)])
    choices = chosen(keep=[1, 4, 6, 7], skip=[2, 5])

    assert after_removal(name(1), choices, decisions) == (name(2),)
    assert after_removal(name(5), choices, decisions) == (name(4),)


def test_taking_out_a_picture_without_a_choice_clears_none() -> None:
    assert after_removal(name(3), chosen(keep=[1]), said(same=[(1, 3)])) == ()


HERE, THERE, ELSEWHERE = (PlaceKey("local", "me", album, "1") for album in ("a", "b", "c"))
SHOWN = {HERE: KEEP, THERE: NEW}


def test_places_not_named_keep_what_they_show() -> None:
    assert judge_places(SHOWN, {THERE: SKIP}, KEEP).verdicts == {HERE: KEEP, THERE: SKIP}
    assert judge_places(SHOWN, {THERE: SKIP}, KEEP).warning == ""


@pytest.mark.parametrize("picture", [NEW, FALSE, KEEP])
def test_not_all_places_can_be_skipped_unless_the_picture_is(picture: Verdict) -> None:
    with pytest.raises(UsageError, match="local/me/a/1, local/me/b/1"):
        judge_places(SHOWN, {HERE: SKIP, THERE: SKIP}, picture)


def test_a_skipped_picture_skips_all_its_places_and_says_so() -> None:
    forced = judge_places(SHOWN, {HERE: SKIP}, SKIP)

    assert forced.verdicts == {HERE: SKIP, THERE: SKIP}
    assert "local/me/b/1" in forced.warning
    assert "local/me/a/1" not in forced.warning


def test_a_skipped_picture_whose_places_are_skipped_needs_no_warning() -> None:
    assert judge_places(SHOWN, {HERE: SKIP, THERE: SKIP}, SKIP).warning == ""


def test_a_place_of_another_picture_and_a_false_place_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match="local/me/c/1 is no place"):
        judge_places(SHOWN, {ELSEWHERE: KEEP}, NEW)
    with pytest.raises(UsageError, match=r"local/me/a/1: .* never false"):
        judge_places(SHOWN, {HERE: FALSE}, NEW)


def test_a_picture_with_a_single_place_goes_back_to_new_there() -> None:
    assert alone({HERE: SKIP}) == {HERE: NEW}
    assert alone({HERE: NEW}) == {}
    assert alone(SHOWN) == {}
