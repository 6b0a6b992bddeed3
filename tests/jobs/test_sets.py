"""fapfav/jobs/set_views.py and set_lines.py: a set as it is reviewed, and all of them as lines."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import DamagedFile, UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.review import judge, judge_places, set_limits
from fapfav.jobs.set_lines import SetLines, some_set_lines
from fapfav.jobs.sets import (
    Kind,
    Order,
    Relation,
    SetLine,
    after,
    ordered,
    queue,
    set_lines,
    set_view,
)
from fapfav.model import AlbumKey, Digest, Label, Method, Tagged, Verdict, pair_of
from tests.jobs.alike import SITE, USER, Alike, digest, place_key, placed

NEW, FALSE, KEEP, SKIP = Verdict.NEW, Verdict.FALSE, Verdict.KEEP, Verdict.SKIP


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return Alike(tmp_path / "archive")


def line_of(archive: Archive, key: Digest) -> SetLine:
    (only,) = [line for line in set_lines(archive) if line.key == key]
    return only


def test_members_stand_by_pixels_then_bytes_with_all_there_is_to_know(alike: Alike) -> None:
    small = alike.picture(1, 1, width=600, height=400, size=9, quality=70)
    big = alike.picture(2, 1, size=500, albums="21", tags=(2,))
    heavy = alike.picture(3, 1, size=800, flips=(2,))
    alike.vanish(1)
    alike.vanish(2, "2", level=1)

    view = set_view(alike.archive, small)

    assert view.kind is Kind.PERCEPTUAL
    assert [member.blob.digest for member in view.members] == [heavy, big, small]
    assert [member.number for member in view.members] == [1, 2, 3]
    assert view.key == min(small, big, heavy)
    first, second, third = view.members
    assert second.tags == ((2, "nature/water"),)
    assert [(s.user_name, s.album_name, s.level, s.since) for s in second.spots] == [
        ("someone", "Alps", 0, 0),
        ("someone", "Bays", 1, 40),
    ]
    assert (second.gone, second.only_copy, third.gone, third.only_copy) == (True, False, True, True)
    assert (first.hashes[Method.PERCEPT] ^ second.hashes[Method.PERCEPT]).bit_count() == 2
    assert [(chip.fact, chip.trend) for chip in third.chips if chip.trend == "worse"] == [
        ("pixels", "worse"),
        ("quality", "worse"),
    ]
    assert view.saves == 500 + 9


def test_evidence_has_the_true_distance_of_every_pair(alike: Alike) -> None:
    one = alike.picture(1, 1)
    alike.picture(2, 1, flips=(2, 0, 4))
    alike.picture(3, 1, flips=(9,))

    view = set_view(alike.archive, one)

    assert [(pair.first, pair.second) for pair in view.pairs] == [(1, 2), (1, 3), (2, 3)]
    distances = {(p.first, p.second): [score.raw for score in p.scores[:4]] for p in view.pairs}
    assert sorted(distances.values()) == [[2, 0, 4, 0], [7, 0, 4, 0], [9, 0, 0, 0]]
    assert (view.agreeing, view.asked) == (3, 4)


def test_a_recompressed_and_smaller_copy_is_said_to_be_one(alike: Alike) -> None:
    big, _ = alike.pair(1, quality=70)

    view = set_view(alike.archive, big)

    assert view.sentence == "Same picture: recompressed and 2.0x larger. All 4 methods agree."
    assert view.suggestion.keep == 1
    assert view.relation == Relation.SAME.value
    assert view.certainty == pytest.approx(1.0, abs=0.001)
    assert view.same == "JPEG, shape"


def test_limits_that_are_off_count_no_longer(alike: Alike) -> None:
    big, _ = alike.pair(1)
    off = {Method.DIFF: -1, Method.WAVELET: -1}
    set_limits(alike.archive, off, off)

    view = set_view(alike.archive, big)

    assert (view.agreeing, view.asked) == (2, 2)
    assert view.certainty == line_of(alike.archive, view.key).certainty


def test_what_is_no_duplicate_has_no_say_in_the_rest(alike: Alike) -> None:
    big, small = alike.pair(1)
    other = alike.picture(12, 1, flips=(30, 0, 30, 30))
    assert set_view(alike.archive, big).suggestion.keep is None

    judge(alike.archive, big, {other: FALSE})

    view = set_view(alike.archive, big)
    assert view.suggestion.keep == 1
    assert view.saves == alike.archive.blobs[small].size
    labels = {pair.label for pair in view.pairs if pair.label}
    assert labels == {Label.DIFFERENT}


def test_a_warning_leaves_it_to_the_user(alike: Alike) -> None:
    big, small = alike.pair(1)
    alike.vanish(11)

    view = set_view(alike.archive, big)

    assert view.suggestion.keep is None
    assert "2 would be hidden" in view.suggestion.words
    member = view.member(small)
    assert member is not None
    assert [chip.trend for chip in member.chips].count("warning") == 1


def test_a_newcomer_is_asked_about_and_the_others_are_locked(alike: Alike) -> None:
    big, small = alike.pair(1)
    judge(alike.archive, big, {big: KEEP, small: SKIP})
    decided = alike.archive.choices[big].at
    assert not any(member.locked for member in set_view(alike.archive, big).members)

    alike.picture(12, 1, width=300, height=200, added=decided + 60)

    view = set_view(alike.archive, big)
    assert [(member.verdict, member.locked) for member in view.members] == [
        (KEEP, True),
        (SKIP, True),
        (NEW, False),
    ]
    assert view.needs_action


def test_half_decided_is_not_locked(alike: Alike) -> None:
    big, _ = alike.pair(1)
    alike.picture(12, 1, width=300, height=200)
    judge(alike.archive, big, {big: KEEP})

    assert not any(member.locked for member in set_view(alike.archive, big).members)


def test_copies_of_one_picture_are_a_set_of_places(alike: Alike) -> None:
    one = alike.picture(1, 1, albums="21")
    alike.vanish(1, "1")

    view = set_view(alike.archive, one)

    assert view.kind is Kind.EXACT
    (member,) = view.members
    assert [spot.album_name for spot in member.spots] == ["Alps", "Bays"]
    assert view.suggestion.keep == 2  # the first one is gone
    assert view.needs_action
    assert view.sentence == "The same file at 2 places."
    judge_places(alike.archive, one, {place_key(1, "1"): SKIP, place_key(1, "2"): KEEP})
    assert not set_view(alike.archive, one).needs_action


def test_the_album_of_highest_priority_comes_first(alike: Alike) -> None:
    one = alike.picture(1, 1, albums="12")
    with alike.archive.write("priority") as tx:
        tx.put(replace(tx.albums[AlbumKey(SITE, USER, "2")], priority=3))

    view = set_view(alike.archive, one)

    assert [spot.album_name for spot in view.members[0].spots] == ["Bays", "Alps"]
    assert view.suggestion.keep == 1


def test_no_place_of_a_protected_album_is_hidden_by_suggestion(alike: Alike) -> None:
    one = alike.picture(1, 1, albums="12")
    alike.protect("2")
    assert set_view(alike.archive, one).suggestion.keep is None


def test_a_picture_in_both_kinds_of_set_is_in_the_perceptual_one_only(alike: Alike) -> None:
    both = alike.picture(1, 1, albums="12")
    alike.picture(2, 1)

    assert set_view(alike.archive, both).kind is Kind.PERCEPTUAL
    assert [line.kind for line in set_lines(alike.archive)] == [Kind.PERCEPTUAL]


def test_a_picture_in_no_set_is_none(alike: Alike) -> None:
    for one in (alike.picture(1, 1), digest(99)):
        with pytest.raises(UsageError, match="no duplicates"):
            set_view(alike.archive, one)


def test_a_large_set_is_compared_with_one_picture(alike: Alike) -> None:
    for number in range(20):
        alike.picture(number, 1, width=1200 - number, flips=(number % 3,))

    view = set_view(alike.archive, digest(5))

    assert {pair.first for pair in view.pairs} == {1}
    assert len(view.pairs) == 19
    assert line_of(alike.archive, view.key).certainty == view.certainty


def test_every_row_a_verdict_rests_on_makes_another_revision(alike: Alike) -> None:
    archive = alike.archive
    big, small = alike.pair(1)
    seen = [set_view(archive, big).revision]

    judge(archive, big, {big: KEEP, small: SKIP})
    seen.append(set_view(archive, big).revision)
    judge(archive, big, {small: KEEP})
    seen.append(set_view(archive, big).revision)
    with archive.write("read") as tx:
        tx.put(placed(10, "2"))
    seen.append(set_view(archive, big).revision)
    judge_places(archive, big, {place_key(10, "2"): SKIP})
    seen.append(set_view(archive, big).revision)
    alike.picture(12, 1)
    seen.append(set_view(archive, big).revision)
    assert len(set(seen)) == len(seen)

    with archive.write("tag apply") as tx:
        tx.put(Tagged(big, "user", (1,)))
    assert set_view(archive, big).revision == seen[-1]
    assert set_view(archive, small).revision == seen[-1]


def test_a_set_of_which_nothing_is_alike_keeps_its_place(alike: Alike) -> None:
    big, small = alike.pair(1, flips=(3,))
    before = line_of(alike.archive, big).certainty

    judge(alike.archive, big, {big: FALSE, small: FALSE})

    assert line_of(alike.archive, big).certainty == before > 0
    assert set_view(alike.archive, big).certainty == before


def test_lines_say_what_the_pages_of_the_sets_say(alike: Alike) -> None:
    alike.pair(1, flips=(3,))
    alike.pair(2)
    alike.picture(50, 5, albums="12")

    lines = set_lines(alike.archive)

    assert len(lines) == 3
    for line in lines:
        view = set_view(alike.archive, line.key)
        count = len(view.members) if view.kind is Kind.PERCEPTUAL else len(view.members[0].spots)
        assert (line.kind, line.members, line.needs_action) == (view.kind, count, view.needs_action)
        assert (line.certainty, line.saves) == (view.certainty, view.saves)
        assert sum(line.letters.values()) == count


def test_going_through_the_queue_meets_every_set_once(alike: Alike) -> None:
    archive = alike.archive
    for kind in range(1, 6):
        alike.pair(kind, flips=(kind % 4,))
    met: list[Digest] = []
    here: SetLine | None = queue(set_lines(archive), Order.CERTAIN)[0]
    while here is not None:
        met.append(here.key)
        view = set_view(archive, here.key)
        judge(archive, here.key, dict.fromkeys((m.blob.digest for m in view.members), FALSE))
        here = after(set_lines(archive), Order.CERTAIN, here)

    assert len(met) == len(set(met)) == 5
    assert queue(set_lines(archive), Order.CERTAIN) == ()
    assert len(ordered(set_lines(archive), Order.CERTAIN)) == 5


def test_lines_kept_between_looks_are_those_made_anew(alike: Alike) -> None:
    archive = alike.archive
    rng = random.Random(3)
    for number in range(12):
        # Half of them in sets of three, the others alone, some with copies.
        kind = number // 3 if number < 6 else number
        alike.picture(number, kind, albums=rng.choice(["1", "12"]), flips=(number % 3,))
    changes: list[Callable[[int], object]] = [
        lambda n: judge(archive, digest(n), {digest(n): rng.choice([KEEP, NEW, FALSE])}),
        lambda n: judge_places(archive, digest(n), {place_key(n): rng.choice([KEEP, NEW])}),
        lambda n: alike.picture(100 + n, n % 5, albums=rng.choice(["2", "12"])),
        lambda n: remove_picture(archive, digest(n).hex()),
        lambda n: archive.undo(),
        lambda n: _move(archive, n, rng.choice("12"), rng.choice("12")),
        lambda n: _rename(archive, f"Album {n}"),
        lambda n: set_limits(archive, {Method.PERCEPT: n % 5}, {Method.PERCEPT: 0}),
    ]
    made = 0
    for _ in range(120):
        some_set_lines(archive, rng.randrange(3))
        try:
            rng.choice(changes)(rng.randrange(12))
        except (UsageError, DamagedFile):  # these pictures have no files to come back
            continue
        made += 1
        some_set_lines(archive, rng.randrange(3))
        kept, anew = set_lines(archive), SetLines(archive).now()
        assert ordered(kept, Order.ALBUM) == ordered(anew, Order.ALBUM)
        for line in kept:
            assert set_view(archive, line.key).needs_action == line.needs_action
    assert made > 60


def _move(archive: Archive, number: int, album: str, to: str) -> None:
    if digest(number) in archive.blobs:
        with archive.write("read") as tx:
            tx.delete("places", place_key(number, album))
            tx.put(placed(number, to))


def _rename(archive: Archive, name: str) -> None:
    with archive.write("read") as tx:
        tx.put(replace(tx.albums[AlbumKey(SITE, USER, "1")], name=name))


def test_the_pair_that_was_called_the_same_is_said_to_be(alike: Alike) -> None:
    big = alike.picture(1, 1)
    far = alike.picture(2, 1, flips=(20, 0, 20, 20))
    judge(alike.archive, big, {big: KEEP, far: SKIP})

    view = set_view(alike.archive, big)

    assert "You called them the same." in view.sentence
    assert {pair.label for pair in view.pairs} == {Label.SAME}
    assert pair_of(big, far) in alike.archive.decisions
