"""Which limits are suggested from verdicts, when none is, and the reason given."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

from fapfav.duplicates.interval import needed
from fapfav.duplicates.learning import FEWEST, WANTED, allowed, learn
from fapfav.duplicates.learning_words import reason, share
from fapfav.duplicates.limits import ANIMATED, LARGEST, OFF, REGULAR, Rule
from fapfav.model import Method
from tests.duplicates.judging import RULE, apart, judged, of


def test_a_laxer_limit_is_suggested_where_what_it_adds_was_the_same() -> None:
    rows = apart(60, 2, same=True) + apart(30, 5, same=True, start=200)
    found = learn(judged(rows + apart(11, 6, same=True, start=400)), RULE)

    says = of(found)
    assert found.regular.percept == 6
    assert found.animated.percept == ANIMATED.percept
    assert reason(says, WANTED) == (
        "percept 4 -> 6: 41 of 41 pairs judged at 5 and 6 were the same (41 cases)"
    )


def test_what_something_in_use_proposes_says_nothing_of_what_would_be_added() -> None:
    rows = apart(60, 2, same=True) + apart(300, 5, same=True, start=200)
    linked = judged(rows, [True] * len(rows))
    found = learn(linked, RULE)

    assert found.methods[0].limits == learn(judged(rows), RULE).methods[0].limits
    assert found.regular.percept == REGULAR.percept
    assert reason(of(found), WANTED) == (
        "percept stays 4: of what a laxer one would add nothing was judged"
    )


def test_it_is_not_suggested_for_all_that_is_right_already_within() -> None:
    rows = apart(2000, 2, same=True) + apart(40, 5, same=False, start=5000)
    found = learn(judged(rows), RULE)

    assert of(found).limits[5].precision.low > WANTED
    assert found.regular.percept == REGULAR.percept


def test_nor_where_what_it_adds_was_not_the_same_nearer_by() -> None:
    rows = apart(2000, 2, same=True) + apart(30, 5, same=False, start=5000)
    found = learn(judged(rows + apart(20, 6, same=True, start=6000)), RULE)

    assert found.regular.percept == REGULAR.percept


def test_nor_where_all_that_it_lets_through_is_not_known_to_be_precise() -> None:
    rows = apart(50, 2, same=True) + apart(5, 2, same=False, start=200)
    found = learn(judged(rows + apart(60, 5, same=True, start=400)), RULE)

    assert found.regular.percept == REGULAR.percept


def test_nor_where_it_is_wrong_at_the_very_limit() -> None:
    rows = apart(400, 2, same=True) + apart(400, 5, same=True, start=1000)
    far = apart(5, 6, same=True, start=2000) + apart(5, 6, same=False, start=3000)

    assert learn(judged(rows + far), RULE).regular.percept == 5


def test_nor_for_the_few_that_nothing_in_use_proposes() -> None:
    within, beyond = apart(100, 2, same=True), apart(300, 5, same=True, start=1000)
    few = apart(10, 5, same=True, start=3000)
    linked = [False] * 100 + [True] * 300 + [False] * 10
    assert learn(judged(within + beyond + few, linked), RULE).regular.percept == 4

    many, far = apart(40, 5, same=True, start=4000), apart(50, 6, same=True, start=5000)
    linked = [True] * 100 + [False] * 40 + [True] * 50
    assert learn(judged(within + many + far, linked), RULE).regular.percept == 5


def test_the_very_limit_takes_some_cases_of_its_own() -> None:
    rows = apart(100, 2, same=True) + apart(60, 5, same=True, start=300)
    far = apart(FEWEST, 9, same=True, start=600)

    assert learn(judged(rows + far), RULE).regular.percept == 9
    assert learn(judged(rows + far[1:]), RULE).regular.percept == 5


def test_pairs_of_one_set_count_as_one_case() -> None:
    scores = (5.0, *(math.nan,) * 4)
    crowd = [(a, b, True, False, scores) for a, b in combinations(range(30), 2)]
    found = learn(judged(crowd), RULE)

    says = of(found)
    assert (says.judged, says.limits[5].precision.of) == (435, 1)
    assert found.regular.percept == REGULAR.percept
    assert reason(says, WANTED) == (
        "percept stays 4: 435 of 435 pairs judged at 5 were the same (1 case); a laxer one"
        f" takes {needed(allowed(WANTED))} cases at least, all the same"
    )


def test_a_stricter_limit_is_suggested_where_the_one_in_use_is_wrong_too_often() -> None:
    rows = apart(50, 1, same=True) + apart(20, 4, same=False, start=200)
    found = learn(judged(rows), RULE)

    assert found.regular.percept == 3
    assert found.animated.percept == 3
    assert reason(of(found), WANTED) == (
        "percept 4 -> 3: none of 20 pairs judged at 4 were the same (20 cases)"
    )


def test_animations_follow_where_still_pictures_are_limited_more_strictly() -> None:
    found = learn(judged(apart(20, 2, same=False)), RULE)

    assert found.regular.percept == found.animated.percept == 1
    assert "as strict as for still pictures" in reason(of(found, moving=True), WANTED)


def test_no_method_is_switched_off_or_on() -> None:
    rows = apart(40, 0, same=False)
    off = Rule(replace(REGULAR, percept=OFF), replace(ANIMATED, percept=OFF))
    good = apart(200, 3, same=True)

    found = learn(judged(rows), RULE)
    assert found.regular.percept == 0
    assert reason(of(found), WANTED) == (
        "percept 4 -> 0: none of 40 pairs within even 0 were the same;"
        " to switch it off is up to you"
    )
    assert learn(judged(good), off).regular.percept == OFF
    assert "stays off" in reason(of(learn(judged(good), off)), WANTED)


def test_nothing_judged_changes_nothing() -> None:
    found = learn(judged([]), RULE)

    assert (found.regular, found.animated) == (REGULAR, ANIMATED)
    assert reason(of(found), WANTED) == "percept stays 4: nothing was judged by it"
    assert of(found).now.precision.share is None
    assert found.together[0].now.pairs == 0


def test_a_cosine_is_let_through_by_the_limit_that_equals_it() -> None:
    rows = [(2 * n, 2 * n + 1, True, False, (20.0, 20.0, 20.0, 20.0, 0.9)) for n in range(80)]
    found = learn(judged(rows), RULE)

    assert found.regular.cnn == 0.9
    assert reason(of(found, Method.CNN), WANTED).startswith(
        "cnn 0.95 -> 0.9: 80 of 80 pairs judged"
    )


def test_what_speaks_against_a_laxer_limit_is_said() -> None:
    rows = apart(60, 2, same=True) + apart(30, 5, same=True, start=200)
    mixed = learn(judged(rows + apart(20, 6, same=False, start=400)), RULE)
    lax = Rule(replace(REGULAR, percept=LARGEST), ANIMATED)

    assert reason(of(mixed), WANTED) == (
        "percept stays 4: 30 of 50 pairs judged at 5 and 6 were the same (50 cases),"
        " too few or too mixed for a laxer one"
    )
    assert reason(of(learn(judged(rows), lax)), WANTED) == (
        "percept stays 15: it is the laxest there is"
    )
    assert share(of(mixed).limits[0].precision) == "-"
    few = learn(judged(apart(2, 2, same=True) + apart(40, 5, same=True, start=200)), RULE)
    assert reason(of(few), WANTED).endswith(f"; a laxer one takes {needed(WANTED)} cases in all")
