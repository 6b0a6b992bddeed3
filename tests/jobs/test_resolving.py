"""fapfav/jobs/resolving.py: rules kept, plans made, plans applied in one change and taken back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import resolving
from fapfav.jobs.contradictions import contradictions
from fapfav.jobs.resolving import (
    apply_resolution,
    check_plan,
    plan_resolution,
    undo_resolution,
)
from fapfav.jobs.review import judge, judge_places
from fapfav.jobs.rules import set_rules
from fapfav.jobs.sets import set_lines, set_view
from fapfav.model import AlbumKey, Label, PairKey, Progress, Tagged, Verdict, pair_of
from fapfav.resolve import plan_file
from fapfav.resolve.plan_file import Entry, PlanFile
from fapfav.resolve.rules import Spared
from tests.jobs.alike import SITE, USER, Alike, digest, place_key

KEEP, SKIP, FALSE, NEW = Verdict.KEEP, Verdict.SKIP, Verdict.FALSE, Verdict.NEW
LARGER = {"name": "larger", "mode": "auto", "keep": ["pixels", "quality"]}


def given(archive: Any, *rules: dict[str, Any]) -> None:
    set_rules(archive, {"rules": list(rules)})


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    """Three pairs in the album 1, of which the second ones are in the album 2 as well; tagged."""
    made = Alike(tmp_path / "archive")
    for kind in range(1, 4):
        made.pair(kind, flips=(kind - 1,), albums="12", tags=(2,))
    given(made.archive, LARGER)
    return made


def edited(plan: PlanFile, at: int, **parts: Any) -> PlanFile:
    """A plan of which one set was edited, by way of its JSON."""
    value = json.loads(json.dumps(plan_file.to_json(plan)))
    value["sets"][at] |= parts
    return plan_file.from_json(value)


def entry_of(plan: PlanFile, number: int) -> Entry:
    return next(entry for entry in plan.entries if entry.keep == digest(number))


def test_a_plan_says_who_is_kept_what_moves_and_why_the_least_close_first(alike: Alike) -> None:
    plan = plan_resolution(alike.archive).plan

    assert [entry.keep for entry in plan.entries] == [digest(30), digest(20), digest(10)]
    last = plan.entries[-1]
    view = set_view(alike.archive, digest(10))
    assert last == Entry(
        apply=True,
        rule="larger",
        keep=digest(10),
        copies=(digest(11),),
        reason="2.0x the pixels.",
        certainty=view.certainty,
        moves=(
            "tag: nature/water",
            "place: 11.jpg in Bays",
            "hidden, its album has the picture: 11.jpg in Alps",
        ),
        saves=400_011,
        may_hide=(),
        revision=view.revision,
        pictures=(
            (digest(10), "JPEG 1700 x 1133, 390.63 kb, quality 90, 10.jpg in Alps"),
            (
                digest(11),
                "JPEG 1200 x 800, 390.64 kb, quality 90, 11.jpg in Alps, 11.jpg in Bays",
            ),
        ),
    )
    assert plan_file.from_json(json.loads(json.dumps(plan_file.to_json(plan)))) == plan


def test_applying_gives_the_keeper_tags_and_places_and_decides_the_set(alike: Alike) -> None:
    archive = alike.archive

    report = apply_resolution(archive, plan_resolution(archive).plan)

    assert (report.sets, report.pictures, report.tags, report.places) == (3, 3, 3, 3)
    assert report.bytes == 1_200_063
    assert (report.left, report.already, report.unapproved) == ((), 0, 0)
    assert archive.changes[report.change].verb == "duplicates apply"
    moved, stayed = archive.places[place_key(11, "2")], archive.places[place_key(11)]
    assert (moved.holds, moved.served, moved.verdict) == (digest(10), digest(11), KEEP)
    assert stayed.holds == digest(11)
    assert archive.tagged[digest(10), "user"].tags == (2,)
    assert archive.tagged[digest(11), "user"].tags == (2,)
    assert archive.decisions[PairKey(*pair_of(digest(10), digest(11)))].label is Label.SAME
    shown = [(one.blob.digest, one.verdict) for one in set_view(archive, digest(10)).members]
    assert shown == [(digest(10), KEEP), (digest(11), SKIP)]
    assert not any(line.needs_action for line in set_lines(archive))
    assert contradictions(tables(alike), 0) == []
    assert plan_resolution(archive).plan.entries == ()


def tables(alike: Alike) -> dict[str, Any]:
    archive = alike.archive
    return {name: archive.rows_of(name) for name in (*alike.rows(), "changes")}


def test_one_undo_restores_every_row(alike: Alike, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = alike.archive
    monkeypatch.setattr(resolving, "_BATCH", 2)
    judge_places(archive, digest(11), {place_key(11): KEEP, place_key(11, "2"): SKIP})
    plan = plan_resolution(archive).plan
    before, changes = alike.rows(), set(archive.changes)

    report = apply_resolution(archive, plan)

    assert report.sets == 3
    assert alike.rows() != before
    assert archive.places[place_key(11, "2")].verdict is SKIP  # its user hid it there
    assert set(archive.changes) - changes == {report.change}
    undone = undo_resolution(archive)
    assert (undone.number, undone.conflicts) == (report.change, ())
    assert alike.rows() == before
    with pytest.raises(UsageError, match="no plan was applied"):
        undo_resolution(archive)


def test_reclaiming_puts_the_copies_into_the_trash(alike: Alike) -> None:
    archive = alike.archive

    report = apply_resolution(archive, plan_resolution(archive).plan, reclaim=True)

    assert report.reclaimed
    assert set(archive.trash) == {digest(11), digest(21), digest(31)}
    assert set(archive.blobs) == {digest(10), digest(20), digest(30)}
    emptied = archive.places[place_key(11)]
    assert (emptied.state.value, emptied.holds, emptied.served) == ("removed", None, digest(11))
    assert archive.places[place_key(11, "2")].holds == digest(10)
    assert {place.holds for place in archive.places.records()} - {None} == set(archive.blobs)
    assert not any(line.needs_action for line in set_lines(archive))
    assert contradictions(tables(alike), 0) == []


def test_only_sets_marked_to_apply_are_applied(alike: Alike) -> None:
    archive = alike.archive
    given(archive, LARGER | {"mode": "ask"})
    plan = plan_resolution(archive).plan
    assert [entry.apply for entry in plan.entries] == [False] * 3

    assert apply_resolution(archive, plan).change == 0
    report = apply_resolution(archive, edited(plan, 1, apply=True))

    assert (report.sets, report.unapproved) == (1, 2)
    assert set_view(archive, digest(20)).members[1].verdict is SKIP
    assert set_view(archive, digest(10)).members[1].verdict is NEW


def test_one_rule_is_shown_as_it_decides_among_the_others(alike: Alike) -> None:
    archive = alike.archive
    near = LARGER | {"name": "near", "when": {"certainty_at_least": 0.999}}
    given(archive, near, LARGER, LARGER | {"name": "off", "mode": "off"})

    proposal = plan_resolution(archive, "larger")

    assert [entry.keep for entry in proposal.plan.entries] == [digest(30), digest(20)]
    assert proposal.left == Counter({"another rule decides": 1})
    with pytest.raises(UsageError, match="there is no rule 'x': 'near', 'larger', 'off'"):
        plan_resolution(archive, "x")
    with pytest.raises(UsageError, match="the rule 'off' is off"):
        plan_resolution(archive, "off")
    given(archive)
    with pytest.raises(UsageError, match="there are no rules yet"):
        plan_resolution(archive)


def test_what_no_rule_may_decide_is_left_and_counted_by_why(alike: Alike) -> None:
    archive = alike.archive
    alike.vanish(11)
    alike.vanish(11, "2")
    judge(archive, digest(20), {digest(21): KEEP})
    alike.picture(32, 3, flips=(20, 0, 20, 20))  # not surely the same

    proposal = plan_resolution(archive)

    assert proposal.plan.entries == ()
    assert proposal.left == Counter(
        {
            "the rule may not hide only copies": 1,
            "you keep another one than the rule would": 1,
            "no rule holds": 1,
        }
    )
    given(archive, LARGER | {"may_hide": ["only copies"], "when": {"gone": True}})
    assert [entry.keep for entry in plan_resolution(archive).plan.entries] == [digest(10)]


def test_decisions_stand_when_a_picture_comes_to_a_decided_set(alike: Alike) -> None:
    archive = alike.archive
    alike.picture(12, 1, width=900, height=600)
    judge(archive, digest(10), {digest(10): KEEP, digest(11): SKIP})

    (entry,) = (one for one in plan_resolution(archive).plan.entries if one.keep == digest(10))
    assert entry.copies == (digest(12),)
    chosen = archive.choices[digest(11)]

    apply_resolution(archive, plan_resolution(archive).plan)

    assert archive.choices[digest(11)] == chosen
    assert archive.places[place_key(11, "2")].holds == digest(11)


def test_sets_that_changed_are_left_and_named_and_applying_again_does_the_rest(
    alike: Alike,
) -> None:
    archive = alike.archive
    plan = plan_resolution(archive).plan
    judge(archive, digest(10), {digest(10): FALSE, digest(11): FALSE})
    apply_resolution(archive, PlanFile("", (entry_of(plan, 20),)))

    report = apply_resolution(archive, plan)

    assert (report.sets, report.already) == (1, 1)
    assert report.left == ((digest(10), "it changed since the plan was made"),)
    again = apply_resolution(archive, plan)
    assert (again.change, again.sets, again.already, len(again.left)) == (0, 0, 2, 1)


def test_what_became_protected_or_vanished_meanwhile_is_left(alike: Alike) -> None:
    archive = alike.archive
    plan = plan_resolution(archive).plan
    alike.vanish(11)
    alike.vanish(11, "2")
    alike.protect("2")

    report = apply_resolution(archive, edited(plan, 1, may_hide=[Spared.PROTECTED.value]))

    assert report.sets == 1
    assert report.left == (
        (digest(30), "it may not hide protected albums; `may_hide` says what it may"),
        (
            digest(10),
            "it may not hide only copies or protected albums; `may_hide` says what it may",
        ),
    )


def test_an_edited_keeper_is_kept(alike: Alike) -> None:
    archive = alike.archive
    plan = plan_resolution(archive).plan

    apply_resolution(archive, edited(plan, 2, keep=digest(11).hex(), copies=[digest(10).hex()]))

    assert [one.verdict for one in set_view(archive, digest(10)).members] == [SKIP, KEEP]
    assert archive.places[place_key(10)].holds == digest(10)


def test_an_edited_plan_is_checked_whole_before_anything_is_changed(alike: Alike) -> None:
    archive = alike.archive
    plan = plan_resolution(archive).plan
    alike.picture(12, 1)
    judge(archive, digest(10), {digest(10): KEEP, digest(11): SKIP})
    decided = plan_resolution(archive).plan
    nobody, other = digest(99).hex(), alike.picture(40, 4).hex()
    before = alike.rows()
    at = [entry.keep for entry in decided.entries].index(digest(10))

    def added(at: int, plan: PlanFile, one: str, **parts: Any) -> PlanFile:
        pictures = {each.hex(): "" for each, _ in plan.entries[at].pictures} | {one: ""}
        return edited(plan, at, pictures=pictures, **parts)

    for wrong, words in (
        (added(0, plan, nobody, keep=nobody), "sets[0].keep: {} is no picture that this archive"),
        (added(0, plan, other, keep=other), "sets[0].keep: {} is no picture of this set"),
        (
            edited(decided, at, copies=[digest(11).hex()]),
            f"sets[{at}].copies[0]: {digest(11).hex()[:12]} is decided already: skip",
        ),
        (
            edited(decided, at, keep=digest(11).hex(), copies=[digest(12).hex()]),
            f"sets[{at}].keep: {digest(11).hex()[:12]} is decided already: skip",
        ),
    ):
        with pytest.raises(UsageError) as caught:
            apply_resolution(archive, wrong)
        named = wrong.entries[0].keep.hex()[:12]
        assert str(caught.value).startswith(words.format(named))
    assert alike.rows() == before


def test_a_set_that_is_there_twice_under_other_pictures_is_refused(alike: Alike) -> None:
    plan = plan_resolution(alike.archive).plan
    alike.picture(13, 1, width=300, height=200)
    alike.picture(14, 1, width=300, height=200)
    entry = entry_of(plan_resolution(alike.archive).plan, 10)
    pairs = [entry.pictures[:2], entry.pictures[2:]]
    halves = tuple(
        replace(entry, keep=two[0][0], copies=(two[1][0],), pictures=two) for two in pairs
    )

    with pytest.raises(UsageError, match=r"sets\[1\]: it is the same set as sets\[0\]"):
        check_plan(alike.archive, replace(plan, entries=halves))


def test_a_set_that_needs_too_many_decisions_is_left_and_the_others_are_resolved(
    alike: Alike, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12, 20):
        alike.picture(number, 1, width=300, height=200)
    monkeypatch.setattr("fapfav.duplicates.verdicts.MOST", 9)

    report = apply_resolution(alike.archive, plan_resolution(alike.archive).plan)

    assert report.sets == 2
    ((keep, why),) = report.left
    assert keep == digest(10)
    assert "would write 45 decisions, more than 9" in why


def test_stopped_it_keeps_what_was_done_and_undo_takes_that_back(
    alike: Alike, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = alike.archive
    monkeypatch.setattr(resolving, "_BATCH", 2)
    before, told = alike.rows(), list[Progress]()
    answers = iter([False, True])

    report = apply_resolution(
        archive, plan_resolution(archive).plan, tell=told.append, stop=lambda: next(answers)
    )

    assert (report.sets, report.stopped) == (2, True)
    assert told[-1].total == 3
    undo_resolution(archive)
    assert alike.rows() == before


def test_tags_that_were_rejected_of_the_keeper_stay_away(alike: Alike) -> None:
    archive = alike.archive
    with archive.write("tag") as tx:
        tx.put(Tagged(digest(10), "user", (), rejected=(2,)))
        tx.put(Tagged(digest(21), "model:1", (1,)))

    report = apply_resolution(archive, plan_resolution(archive).plan)

    assert report.tags == 2
    assert archive.tagged[digest(10), "user"].tags == ()
    assert archive.tagged[digest(20), "user"].tags == (2,)


def test_places_that_wait_for_a_verdict_go_on_waiting_with_the_new_one(tmp_path: Path) -> None:
    made = Alike(tmp_path / "archive")
    with made.archive.write("read") as tx:
        tx.put(replace(tx.albums[AlbumKey(SITE, USER, "2")], album="3", name="Capes"))
    made.picture(10, 1, width=1700, height=1133, albums="12")
    made.picture(11, 1, albums="3")
    given(made.archive, LARGER)

    apply_resolution(made.archive, plan_resolution(made.archive).plan, reclaim=True)

    assert {place.verdict for place in made.archive.places.records()} == {NEW}
    assert {place.holds for place in made.archive.places.records()} == {digest(10)}
