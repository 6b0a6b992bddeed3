"""fapfav/jobs/judging.py: verdicts on sets and places, of sets that were seen, and taken back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.review import JudgeReport, judge
from fapfav.jobs.sets import Changed, completed, judge_set, quick, set_lines, set_view
from fapfav.model import Digest, PlaceKey, Verdict
from tests.jobs.alike import Alike, digest, place_key

NEW, FALSE, KEEP, SKIP = Verdict.NEW, Verdict.FALSE, Verdict.KEEP, Verdict.SKIP


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return Alike(tmp_path / "archive")


def decide(
    archive: Archive,
    one: Digest,
    verdicts: Mapping[Digest, Verdict],
    places: Mapping[PlaceKey, Verdict] | None = None,
) -> JudgeReport:
    return judge_set(archive, one, set_view(archive, one).revision, verdicts, places or {})


def shown(archive: Archive, one: Digest) -> list[Verdict]:
    return [member.verdict for member in set_view(archive, one).members]


def at_places(archive: Archive, number: int) -> list[Verdict]:
    return [archive.places[place_key(number, album)].verdict for album in "12"]


def test_pictures_and_places_are_one_change_that_one_undo_takes_back(alike: Alike) -> None:
    archive = alike.archive
    big = alike.picture(1, 1, width=2000, height=1333, albums="12")
    small = alike.picture(2, 1)
    before = alike.rows()

    report = decide(archive, big, {big: KEEP, small: SKIP}, {place_key(1, "2"): SKIP})

    assert report.change
    assert shown(archive, big) == [KEEP, SKIP]
    assert at_places(archive, 1) == [NEW, SKIP]
    assert report.verdicts == {
        big.hex(): "keep",
        small.hex(): "skip",
        "imagefap/7/2/i1": "skip",
    }
    assert archive.undo(report.change).conflicts == ()
    assert alike.rows() == before


def test_a_set_that_changed_since_it_was_seen_is_not_judged(alike: Alike) -> None:
    archive = alike.archive
    big, small = alike.pair(1)
    seen = set_view(archive, big).revision
    judge(archive, big, {small: KEEP})
    before, last = alike.rows(), archive.last

    with pytest.raises(Changed, match="changed since") as caught:
        judge_set(archive, big, seen, {big: KEEP, small: SKIP}, {})

    assert caught.value.view == set_view(archive, big)
    assert isinstance(caught.value, UsageError)
    assert (alike.rows(), archive.last) == (before, last)


def test_what_breaks_a_rule_writes_nothing_of_all_that_was_asked(alike: Alike) -> None:
    archive = alike.archive
    big = alike.picture(1, 1, width=2000, height=1333, albums="12")
    small = alike.picture(2, 1)
    copies = {place_key(1, "1"): SKIP, place_key(1, "2"): SKIP}
    wrong: list[tuple[dict[Digest, Verdict], dict[PlaceKey, Verdict], str]] = [
        ({big: SKIP, small: SKIP}, {}, "not all can be skip"),
        ({big: FALSE, small: KEEP}, {}, "both are false or neither"),
        ({big: KEEP, small: SKIP}, copies, "not all places can be skip"),
        ({big: KEEP}, {place_key(1, "2"): FALSE}, "never false"),
        ({big: KEEP}, {place_key(9): KEEP}, "no place of a picture of this set"),
        ({digest(9): KEEP}, {}, "no member"),
    ]
    before = archive.last
    for verdicts, places, words in wrong:
        with pytest.raises(UsageError, match=words):
            decide(archive, big, verdicts, places)
    assert archive.last == before


def test_a_skipped_picture_is_skipped_at_all_places_and_says_so(alike: Alike) -> None:
    archive = alike.archive
    big = alike.picture(1, 1, width=2000, height=1333, albums="12")
    small = alike.picture(2, 1)
    before = alike.rows()

    report = decide(archive, big, {big: SKIP, small: KEEP}, {place_key(1, "1"): KEEP})

    assert at_places(archive, 1) == [SKIP, SKIP]
    assert len(report.warnings) == 1
    assert "skipped in its set" in report.warnings[0]
    archive.undo(report.change)
    assert alike.rows() == before


def test_radio_buttons_of_places_nobody_touched_say_nothing(alike: Alike) -> None:
    archive = alike.archive
    big = alike.picture(1, 1, width=2000, height=1333, albums="12")
    small = alike.picture(2, 1)
    decide(archive, big, {big: SKIP, small: KEEP})
    untouched = {place_key(1, album): SKIP for album in "12"}

    report = decide(archive, big, {big: KEEP, small: KEEP}, untouched)

    assert report.warnings == ()
    assert at_places(archive, 1) == [NEW, NEW]


def test_exact_copies_are_judged_by_place(alike: Alike) -> None:
    archive = alike.archive
    one = alike.picture(1, 1, albums="12")

    decide(archive, one, {}, {place_key(1, "1"): KEEP, place_key(1, "2"): SKIP})

    assert at_places(archive, 1) == [KEEP, SKIP]
    with pytest.raises(UsageError, match="the places are judged"):
        decide(archive, one, {one: KEEP})


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        ((NEW, NEW), {0: FALSE}, (FALSE, FALSE)),
        ((NEW, NEW), {0: FALSE, 1: NEW}, (FALSE, FALSE)),
        ((KEEP, SKIP), {1: FALSE}, (FALSE, FALSE)),
        ((FALSE, FALSE), {0: KEEP, 1: FALSE}, (KEEP, NEW)),
        ((FALSE, FALSE), {1: NEW}, (NEW, NEW)),
        ((NEW, NEW), {0: KEEP, 1: SKIP}, (KEEP, SKIP)),
        ((KEEP, NEW), {1: SKIP}, (KEEP, SKIP)),
    ],
)
def test_in_a_pair_false_is_said_of_both(
    alike: Alike,
    before: tuple[Verdict, Verdict],
    asked: dict[int, Verdict],
    expected: tuple[Verdict, Verdict],
) -> None:
    archive = alike.archive
    pair = alike.pair(1)
    if set(before) != {NEW}:
        decide(archive, pair[0], dict(zip(pair, before, strict=True)))

    view = set_view(archive, pair[0])
    decide(archive, pair[0], completed(view, {pair[at]: v for at, v in asked.items()}))

    assert tuple(shown(archive, pair[0])) == expected


def test_in_larger_sets_each_is_false_by_itself(alike: Alike) -> None:
    big, _ = alike.pair(1)
    alike.picture(12, 1)
    view = set_view(alike.archive, big)

    assert completed(view, {big: FALSE}) == {big: FALSE}


def test_one_key_decides_a_set(alike: Alike) -> None:
    archive = alike.archive
    big, _ = alike.pair(1, quality=70)
    expected = {
        ("accept", None): [KEEP, SKIP],
        ("keep", 2): [SKIP, KEEP],
        ("keep-all", None): [KEEP, KEEP],
        ("false-all", None): [FALSE, FALSE],
        ("keep", 1): [KEEP, SKIP],
    }
    for (action, keep), verdicts in expected.items():
        decide(archive, big, *quick(set_view(archive, big), action, keep))
        assert shown(archive, big) == verdicts, action
        assert not set_view(archive, big).needs_action


def test_one_key_leaves_what_is_no_duplicate_alone(alike: Alike) -> None:
    archive = alike.archive
    big, _ = alike.pair(1)
    other = alike.picture(12, 1, width=300, height=200)
    decide(archive, big, {other: FALSE})

    decide(archive, big, *quick(set_view(archive, big), "keep", 2))
    assert shown(archive, big) == [SKIP, KEEP, FALSE]
    decide(archive, big, *quick(set_view(archive, big), "keep-all"))
    assert shown(archive, big) == [KEEP, KEEP, FALSE]


def test_in_a_settled_set_one_key_speaks_of_the_newcomer(alike: Alike) -> None:
    archive = alike.archive
    big, small = alike.pair(1)
    decide(archive, big, {big: KEEP, small: SKIP})
    alike.picture(12, 1, width=300, height=200, added=archive.choices[big].at + 60)
    view = set_view(archive, big)

    decide(archive, big, *quick(view, "keep-all"))
    assert shown(archive, big) == [KEEP, SKIP, KEEP]
    archive.undo()
    decide(archive, big, *quick(view, "false-all"))
    assert shown(archive, big) == [KEEP, SKIP, FALSE]
    archive.undo()
    decide(archive, big, *quick(view, "keep", 3))
    assert shown(archive, big) == [SKIP, SKIP, KEEP]


def test_one_key_decides_between_places(alike: Alike) -> None:
    archive = alike.archive
    one = alike.picture(1, 1, albums="12")
    for action, keep, verdicts in (
        ("accept", None, [KEEP, SKIP]),
        ("keep", 2, [SKIP, KEEP]),
        ("keep-all", None, [KEEP, KEEP]),
    ):
        decide(archive, one, *quick(set_view(archive, one), action, keep))
        assert at_places(archive, 1) == verdicts
    with pytest.raises(UsageError, match="none of them can be false"):
        quick(set_view(archive, one), "false-all")


def test_a_key_that_makes_no_sense_is_refused(alike: Alike) -> None:
    big = alike.picture(1, 1)
    alike.picture(2, 1)  # nothing tells the two apart
    view = set_view(alike.archive, big)

    for action, keep, words in (
        ("accept", None, "nothing is suggested"),
        ("keep", None, "from 1 to 2"),
        ("keep", 3, "from 1 to 2"),
        ("keep", 0, "from 1 to 2"),
        ("later", None, "says nothing"),
    ):
        with pytest.raises(UsageError, match=words):
            quick(view, action, keep)


def test_fifty_mixed_steps_are_all_taken_back(alike: Alike) -> None:
    archive = alike.archive
    rng = random.Random(11)
    for kind in range(1, 7):
        alike.pair(kind, quality=rng.choice([70, 90]), albums=rng.choice(["1", "12"]))
        if kind % 2:
            alike.picture(10 * kind + 2, kind, width=400, height=267, albums="12", tags=(1,))
    alike.picture(100, 100, albums="12")
    before = alike.rows()
    steps: list[int] = []
    while len(steps) < 50:
        try:
            number = _step(archive, rng, rng.choice(set_lines(archive)).key)
        except UsageError:
            continue
        if number:
            steps.append(number)
    assert alike.rows() != before

    for step in reversed(steps):
        assert archive.undo(step).conflicts == ()

    assert alike.rows() == before


def _step(archive: Archive, rng: random.Random, key: Digest) -> int:
    """A tag given or taken, a set decided by one key, or one verdict."""
    view = set_view(archive, key)
    kind = rng.randrange(3)
    if kind == 0:
        tagged = rng.choice([tagging.apply, tagging.clear])
        return tagged(archive, rng.choice(["nature", "water"]), [key]).change
    if kind == 1:
        action = rng.choice(["accept", "keep", "keep-all", "false-all"])
        return decide(archive, key, *quick(view, action, rng.choice([1, 2]))).change
    return decide(archive, key, completed(view, {key: rng.choice([KEEP, SKIP, NEW])})).change
