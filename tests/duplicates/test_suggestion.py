from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates.comparison import Facts, frames_over, pixels_over, quality_over
from fapfav.duplicates.evidence import Relation
from fapfav.duplicates.suggestion import Suggestion, suggest
from tests.duplicates.facts import DAY, facts, several


def keep(*pictures: Facts, relation: Relation = Relation.SAME) -> tuple[int | None, str]:
    found = suggest(dict(enumerate(pictures, start=1)), relation)
    return found.keep, found.words


def test_the_larger_one_of_the_same_quality_is_kept() -> None:
    found = keep(facts(1), facts(2, width=828, height=552))
    assert found == (1, "Keep 1: 2.1x the pixels, same quality.")


def test_pixels_are_those_of_the_picture() -> None:
    framed = facts(1, width=1440, height=960, share=0.694, around="border")

    assert keep(framed, facts(2)) == (2, "Keep 2: as large without the border, same quality.")
    assert keep(framed, facts(2, width=600, height=400)) == (
        1,
        "Keep 1: 4.0x the pixels, border not counted, same quality.",
    )
    assert keep(framed, facts(2, quality=70)) == (
        None,
        "Your eye decides: 2 is without a border, 1 is of better quality.",
    )


def test_one_that_shows_less_of_the_picture_is_not_kept() -> None:
    assert keep(facts(1, cropped=True), facts(2))[0] == 2
    assert keep(facts(1, width=2400, height=1600, cropped=True), facts(2)) == (
        None,
        "Your eye decides: 1 is larger; 1 is cropped.",
    )


def test_quality_decides_and_bytes_do_not() -> None:
    assert keep(facts(1, quality=70, size=900_000), facts(2, size=100_000)) == (
        2,
        "Keep 2: quality 90 over 70, same pixels.",
    )
    assert keep(facts(1, size=900_000), facts(2, size=100_000))[0] is None


def test_all_that_speaks_for_it_is_said() -> None:
    assert keep(facts(1), facts(2, width=828, height=552, quality=70))[1] == (
        "Keep 1: quality 90 over 70, 2.1x the pixels."
    )


def test_where_facts_point_apart_the_eye_decides() -> None:
    assert keep(facts(1, quality=95, width=828, height=552), facts(2, quality=70)) == (
        None,
        "Your eye decides: 2 is larger, 1 is of better quality.",
    )


def test_what_moves_comes_before_a_still_of_the_same_size() -> None:
    moving = facts(2, ext="gif", animated=True, frames=9, duration=900, quality=0)
    assert keep(facts(1, ext="png", quality=0), moving)[:1] == (2,)
    assert keep(facts(1, width=2400, height=1600), moving) == (
        None,
        "Your eye decides: 1 is larger, 2 is the longer animation.",
    )


def test_age_then_priority_decide_between_equal_files() -> None:
    assert keep(facts(1, posted=3 * DAY), facts(2, posted=DAY))[1] == (
        "Keep 2: posted earlier, same quality."
    )
    assert keep(facts(1), facts(2, priority=1))[0] == 2
    assert keep(facts(1, posted=DAY), facts(2, posted=3 * DAY, priority=1))[0] == 1


def test_weak_signs_do_not_choose_between_formats() -> None:
    assert keep(facts(1, posted=DAY), facts(2, ext="png", quality=0, posted=9 * DAY)) == (
        None,
        "Your eye decides: 1 is JPEG, 2 is PNG.",
    )


@pytest.mark.parametrize("relation", [Relation.SIMILAR, Relation.DIFFERENT])
def test_of_what_may_be_two_pictures_none_is_suggested(relation: Relation) -> None:
    found = keep(facts(1), facts(2, width=828, height=552, quality=70), relation=relation)
    assert found == (
        None,
        "Your eye decides: they may not be the same; 1 is larger and of better quality.",
    )


def test_a_warning_blocks_hiding_and_not_keeping() -> None:
    big, small = {"width": 2400, "height": 1600}, {"width": 1200}
    assert keep(facts(1, **big), facts(2, is_only_copy=True, **small)) == (
        None,
        "Your eye decides: 2 would be hidden (gone from the site: cannot be fetched again).",
    )
    assert keep(facts(1, is_protected=True, **big), facts(2, **small))[0] == 1


def test_what_is_hidden_already_blocks_nothing() -> None:
    pictures = {1: facts(1, width=2400, height=1600), 2: facts(2, is_protected=True)}

    assert suggest(pictures, Relation.SAME).keep is None
    assert suggest(pictures, Relation.SAME, hidden=[2]).keep == 1


def test_of_one_picture_nothing_is_said() -> None:
    assert suggest({1: facts(1)}, Relation.SAME) == Suggestion(None, "")


@settings(deadline=None)
@given(several())
def test_nothing_is_over_what_is_suggested(pictures: list[Facts]) -> None:
    found, words = keep(*pictures)

    assert words.endswith(".")
    if found is None:
        return
    kept = pictures[found - 1]
    for other in pictures:
        assert not any(is_over(other, kept) for is_over in (frames_over, quality_over, pixels_over))
        assert other is kept or not other.warnings


@settings(deadline=None)
@given(several(), st.integers())
def test_the_suggested_picture_is_the_same_in_any_order(pictures: list[Facts], seed: int) -> None:
    shuffled = list(pictures)
    random.Random(seed).shuffle(shuffled)

    one, other = keep(*pictures)[0], keep(*shuffled)[0]

    if one is None or other is None:
        assert one == other
    else:
        assert pictures[one - 1] == shuffled[other - 1]
