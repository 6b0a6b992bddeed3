"""fapfav/resolve/choosing.py: who is kept, who is a copy, and what stays with the user."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.duplicates import comparison
from fapfav.resolve import choosing
from fapfav.resolve.choosing import Left, Pictures, Resolution, holds, resolve
from fapfav.resolve.rules import By, Conditions, Criterion, Mode, Related, Rule, Spared, Tie
from tests.resolve import made
from tests.resolve.made import DAY, EXAMPLES, digest, picture, rule, several


def resolved(pictures: Pictures, *rules: Rule) -> Resolution:
    found = resolve(rules, pictures)
    assert isinstance(found, Resolution), found
    return found


def left(pictures: Pictures, *rules: Rule) -> str:
    found = resolve(rules, pictures)
    assert isinstance(found, Left), found
    return found.words


@settings(max_examples=EXAMPLES)
@given(made.lax_rules, made.sets, st.randoms(use_true_random=False))
def test_the_order_of_pictures_changes_nothing(
    rules: tuple[Rule, ...], pictures: Pictures, rng: random.Random
) -> None:
    other = list(pictures.pictures)
    rng.shuffle(other)

    assert resolve(rules, replace(pictures, pictures=tuple(other))) == resolve(rules, pictures)


@settings(max_examples=EXAMPLES)
@given(made.lax_rules, made.sets)
def test_no_verdict_is_overridden_and_nothing_spared_is_a_copy(
    rules: tuple[Rule, ...], pictures: Pictures
) -> None:
    found = resolve(rules, pictures)
    if isinstance(found, Left):
        return
    by_digest = {one.digest: one for one in pictures.pictures}
    copies = [by_digest[one] for one in found.copies]
    kept = {one.digest for one in pictures.pictures if one.kept}

    assert found.keep in by_digest
    assert copies
    assert found.keep not in found.copies
    assert not any(one.kept for one in copies)
    assert not kept or found.keep in kept
    assert by_digest.keys() == {found.keep, *found.copies, *found.spared, *kept}
    allowed = found.rule.may_hide
    assert Spared.PROTECTED in allowed or not any(one.protected for one in copies)
    assert Spared.ONLY_COPY in allowed or not any(one.only_copy for one in copies)
    written = any(one.written for one in [by_digest[found.keep], *copies])
    assert Spared.WRITTEN in allowed or not written


@settings(max_examples=EXAMPLES)
@given(made.lax_rules, made.sets)
def test_the_first_rule_that_is_on_and_holds_decides(
    rules: tuple[Rule, ...], pictures: Pictures
) -> None:
    on = [one for one in rules if one.mode is not Mode.OFF and holds(one.when, pictures)]
    found = resolve(rules, pictures)

    assert (resolve(on[:1], pictures) if on else Left("no rule holds")) == found
    if isinstance(found, Resolution):
        assert found.rule is on[0]
        assert not found.apply or found.rule.mode is Mode.AUTO


@settings(max_examples=EXAMPLES)
@given(made.lax_rules, made.sets)
def test_a_picture_that_is_worse_in_the_first_criterion_changes_no_keeper(
    rules: tuple[Rule, ...], pictures: Pictures
) -> None:
    by_pixels = [replace(one, keep=(Criterion(By.PIXELS), *_others(one))) for one in rules]
    worse = replace(pictures.pictures[0], digest=digest(2**31 + 1), pixels=0, kept=False)
    more = replace(pictures, pictures=(*pictures.pictures, worse))
    any_set = [replace(one, when=Conditions(Related.ANY)) for one in by_pixels]

    before, after = resolve(any_set, pictures), resolve(any_set, more)

    if isinstance(before, Resolution) and max(one.pixels for one in pictures.pictures):
        assert isinstance(after, Resolution)
        assert after.keep == before.keep


def _others(one: Rule) -> tuple[Criterion, ...]:
    return tuple(each for each in one.keep if each.by is not By.PIXELS)


@pytest.mark.parametrize(
    ("criterion", "better", "worse", "reason"),
    [
        (By.PIXELS, {"pixels": 1_920_000}, {}, "2.0x the pixels."),
        (By.PIXELS, {"pixels": 1_200_000}, {}, "25 % more pixels."),
        (By.PIXELS, {}, {"around": "border"}, "as large without the border."),
        (By.PIXELS, {}, {"around": "caption", "pixels": 970_000}, "as large without the caption."),
        (By.PIXELS, {}, {"cropped": True}, "shows more at the edges."),
        (
            By.PIXELS,
            {"pixels": 3_840_000, "around": "border"},
            {},
            "4.0x the pixels, border not counted.",
        ),
        (By.PIXELS, {"pixels": 3_840_000, "cropped": True}, {}, "4.0x the pixels, cropped."),
        (By.QUALITY, {}, {"quality": 80}, "quality 90 over 80."),
        (By.AGE, {"posted": 2 * DAY}, {"posted": 4 * DAY}, "posted earlier."),
        (By.AGE, {"posted": 9 * DAY, "added": 0}, {"added": 9 * DAY}, "added earlier."),
        (By.ALBUM, {"priority": 3}, {"priority": -1}, "album priority 3 over -1."),
        (By.TAGGED, {"tagged": True}, {}, "it has tags."),
        (By.BYTES, {"size": 500_000}, {}, "488.28 kb over 390.62 kb."),
        (
            Criterion(By.FORMAT, ("png", "jpg")),
            {"ext": "png"},
            {"ext": "jpg"},
            "png, which comes first.",
        ),
        (
            Criterion(By.SOURCE, ("site", "local")),
            {"sources": frozenset({"site"})},
            {"sources": frozenset({"local"})},
            "from site, which comes first.",
        ),
        (
            Criterion(By.ALBUM, ("Alps", "Bays")),
            {"albums": frozenset({"Alps", "Bays"})},
            {"albums": frozenset({"Bays"})},
            "in Alps, which comes first.",
        ),
    ],
)
def test_each_criterion_decides_and_says_why(
    criterion: By | Criterion, better: dict[str, Any], worse: dict[str, Any], reason: str
) -> None:
    for good, bad in ((1, 2), (2, 1)):
        pictures = several(picture(good, **better), picture(bad, **worse))
        found = resolved(pictures, rule(criterion))
        assert (found.keep, found.copies) == (digest(good), (digest(bad),))
        assert found.reason == reason
        assert found.apply


def test_criteria_are_asked_in_order_until_one_is_left() -> None:
    small, large = picture(1, quality=95), picture(2, pixels=2_000_000, quality=70)
    third = picture(3, pixels=2_000_000, quality=80)

    assert resolved(several(small, large), rule(By.PIXELS, By.QUALITY)).keep == digest(2)
    assert resolved(several(small, large), rule(By.QUALITY, By.PIXELS)).keep == digest(1)
    found = resolved(several(small, large, third), rule(By.PIXELS, By.QUALITY))
    assert (found.keep, found.reason) == (digest(3), "2.1x the pixels; quality 80 over 70.")


def test_what_does_not_tell_is_a_tie() -> None:
    ask, smaller = rule(By.PIXELS, By.QUALITY), rule(By.PIXELS, tie=Tie.DIGEST)
    nearly = several(picture(2), picture(1, pixels=970_000, quality=93))
    unknown = several(picture(2), picture(1, ext="png", quality=0))

    for pictures in (nearly, unknown):
        found = resolved(pictures, ask)
        assert (found.keep, found.apply) == (digest(1), False)
        assert found.reason == "alike in pixels, quality: yours to choose."
    found = resolved(nearly, smaller)
    assert (found.keep, found.apply) == (digest(1), True)
    assert found.reason == "alike in pixels: the smaller digest."


def test_what_tells_is_what_a_review_shows_as_better() -> None:
    ours = (choosing.PIXELS, choosing.QUALITY, choosing.BYTES, choosing.DAY)
    theirs = (comparison.PIXELS, comparison.QUALITY, comparison.BYTES, comparison.DAY)
    assert ours == theirs


def test_a_rule_that_asks_leaves_it_to_the_user_and_one_that_is_off_is_passed_over() -> None:
    pictures = several(picture(1, pixels=2_000_000), picture(2, quality=99))
    off = rule(By.QUALITY, name="off", mode=Mode.OFF)
    ask = rule(By.PIXELS, name="ask", mode=Mode.ASK)
    auto = rule(By.QUALITY, name="auto")

    found = resolved(pictures, off, ask, auto)

    assert (found.rule.name, found.keep, found.apply) == ("ask", digest(1), False)
    assert left(pictures, off) == "no rule holds"


def test_what_the_user_keeps_is_kept() -> None:
    large, small = picture(1, pixels=2_000_000), picture(2)
    kept = replace(small, kept=True)

    assert left(several(large, kept), rule(By.PIXELS)) == "you keep another one than the rule would"
    found = resolved(several(replace(large, kept=True), kept, picture(3)), rule(By.PIXELS))
    assert (found.keep, found.copies) == (digest(1), (digest(3),))
    found = resolved(several(picture(1), kept), rule(By.PIXELS))
    assert (found.keep, found.apply, found.copies) == (digest(2), True, (digest(1),))
    assert found.reason == "alike in pixels: the one you keep."
    both = several(replace(large, kept=True), kept)
    assert left(both, rule(By.PIXELS)) == "nothing to decide"


def test_protected_and_only_copies_are_spared_unless_the_rule_says_so() -> None:
    large, plain = picture(1, pixels=2_000_000), picture(2)
    protected, gone = picture(3, protected=True), picture(4, gone=True, only_copy=True)
    every = (Spared.PROTECTED, Spared.ONLY_COPY)

    found = resolved(several(large, plain, protected, gone), rule(By.PIXELS))
    assert (found.copies, found.spared) == ((digest(2),), (digest(3), digest(4)))
    assert left(several(large, gone, protected), rule(By.PIXELS)) == (
        "the rule may not hide only copies or protected albums"
    )
    found = resolved(several(large, gone, protected), rule(By.PIXELS, may_hide=every))
    assert (found.copies, found.spared) == ((digest(3), digest(4)), ())
    found = resolved(several(large, gone, protected), rule(By.PIXELS, may_hide=every[:1]))
    assert (found.copies, found.spared) == ((digest(3),), (digest(4),))


SITE = {"sources": frozenset({"site"}), "albums": frozenset({"Alps", "site/7/1"})}


@pytest.mark.parametrize(
    ("when", "does", "does_not"),
    [
        ({}, several(picture(1), picture(2)), several(picture(1), picture(2), same=False)),
        (
            {"certainty_at_least": 0.9},
            several(picture(1), picture(2), certainty=0.9),
            several(picture(1), picture(2), certainty=0.89),
        ),
        (
            {"pixels_ratio_at_least": 2, "pixels_ratio_at_most": 4},
            several(picture(1, pixels=200), picture(2, pixels=100)),
            several(picture(1, pixels=500), picture(2, pixels=100)),
        ),
        (
            {"bytes_at_least": 400_000, "bytes_at_most": 400_000},
            several(picture(1), picture(2)),
            several(picture(1), picture(2, size=399_999)),
        ),
        (
            {"formats": ("jpg", "png")},
            several(picture(1), picture(2, ext="png")),
            several(picture(1), picture(2, ext="gif")),
        ),
        (
            {"animated": False},
            several(picture(1), picture(2)),
            several(picture(1), picture(2, animated=True)),
        ),
        (
            {"animated": True},
            several(picture(1, animated=True), picture(2, animated=True)),
            several(picture(1), picture(2, animated=True)),
        ),
        (
            {"posted_after": 2 * DAY, "posted_before": 3 * DAY},
            several(picture(1, posted=2 * DAY), picture(2, posted=3 * DAY - 1)),
            several(picture(1, posted=2 * DAY), picture(2, posted=3 * DAY)),
        ),
        (
            {"posted_before": 3 * DAY},
            several(picture(1, posted=2), picture(2, posted=1)),
            several(picture(1, posted=2), picture(2, posted=0)),
        ),
        (
            {"added_after": DAY},
            several(picture(1), picture(2)),
            several(picture(1), picture(2, added=DAY - 1)),
        ),
        (
            {"albums": ("Alps",)},
            several(picture(1, **SITE), picture(2, **SITE)),
            several(picture(1, **SITE), picture(2)),
        ),
        (
            {"albums": ("site/7/1",), "sources": ("site",)},
            several(picture(1, **SITE), picture(2, **SITE)),
            several(
                picture(1, **SITE),
                picture(2, **SITE | {"sources": frozenset({"site", "local"})}),
            ),
        ),
        (
            {"priority_at_least": 1},
            several(picture(1, priority=1), picture(2, priority=9)),
            several(picture(1, priority=1), picture(2)),
        ),
        *(
            (
                {name: asked},
                several(picture(1, **{name: asked}), picture(2)),
                several(picture(1, **{name: not asked}), picture(2)),
            )
            for name in ("tagged", "protected", "gone")
            for asked in (True, False)
        ),
    ],
)
def test_each_condition_holds_of_what_it_says(
    when: dict[str, Any], does: Pictures, does_not: Pictures
) -> None:
    assert holds(Conditions(**when), does)
    assert not holds(Conditions(**when), does_not)


def test_any_relation_means_any() -> None:
    assert holds(Conditions(Related.ANY), several(picture(1), picture(2), same=False))
