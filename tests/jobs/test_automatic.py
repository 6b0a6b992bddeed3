"""fapfav/jobs/automatic.py: what rules do unasked after a search, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.jobs import orders
from fapfav.jobs.automatic import DECIDED, PROTECTED, TAKEN_BACK, apply_automatic, find_and_resolve
from fapfav.jobs.base import never_stop, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.jobs.resolving import apply_resolution, plan_resolution, undo_resolution
from fapfav.jobs.review import judge, judge_places
from fapfav.jobs.sets import set_view
from fapfav.model import Choice, Config, Decision, Digest, Label, Verdict, pair_of
from tests.jobs.alike import Alike, digest, place_key
from tests.jobs.resolved import LARGER, given, pairs

KEEP, SKIP, NEW = Verdict.KEEP, Verdict.SKIP, Verdict.NEW


@pytest.fixture
def alike(tmp_path: Path) -> Alike:
    return pairs(tmp_path / "archive")


def shown(archive: Archive, number: int) -> list[Verdict]:
    return [one.verdict for one in set_view(archive, digest(number)).members]


def left(archive: Archive) -> dict[Digest, str]:
    report = apply_automatic(archive)
    assert report is not None
    return dict(report.left)


def test_after_a_search_automatic_rules_are_applied_in_a_change_of_their_own(alike: Alike) -> None:
    archive = alike.archive

    report = find_and_resolve(archive, again=True)

    assert report.resolved is not None
    assert report.found.change < report.resolved.change
    assert report.to_json()["rules_sets"] == 3
    assert archive.changes[report.resolved.change].by == "rules"
    assert [shown(archive, 10 * kind) for kind in (1, 2, 3)] == [[KEEP, SKIP]] * 3
    assert not archive.trash
    assert undo_resolution(archive).number == report.resolved.change
    assert [shown(archive, 10 * kind) for kind in (1, 2, 3)] == [[NEW, NEW]] * 3


def test_the_job_of_the_viewer_does_so_too(alike: Alike) -> None:
    done = orders.carry_out(alike.archive, "find", {}, tell=tell_nobody, stop=never_stop)

    assert done.to_json()["rules_pictures"] == 3
    assert shown(alike.archive, 10) == [KEEP, SKIP]


def test_a_search_that_was_broken_off_applies_nothing(alike: Alike) -> None:
    report = find_and_resolve(alike.archive, stop=lambda: True)

    assert report.resolved is None
    assert shown(alike.archive, 10) == [NEW, NEW]


def test_only_rules_of_that_mode_act_and_only_where_they_need_not_ask(alike: Alike) -> None:
    archive = alike.archive
    given(archive, LARGER | {"mode": "ask"})
    assert apply_automatic(archive) is None
    given(archive, LARGER | {"name": "alike", "keep": ["tagged"], "when": {"tagged": False}})
    alike.picture(40, 4)
    alike.picture(41, 4)

    report = apply_automatic(archive)  # a tie is the user's to choose, and the others do not match

    assert report is not None
    assert (report.change, report.sets) == (0, 0)


def test_rules_that_cannot_be_read_are_named_and_what_was_found_stays(alike: Alike) -> None:
    with alike.archive.write("settings") as tx:
        tx.put(Config("rules", "no rules"))

    report = find_and_resolve(alike.archive)

    (words,) = report.warnings
    assert words.startswith("your rules were not applied: the rules in this archive cannot be read")
    assert report.found.groups == 3


def test_what_its_user_decided_is_never_touched(alike: Alike) -> None:
    archive = alike.archive
    alike.picture(12, 1, width=900, height=600)
    judge(archive, digest(10), {digest(10): KEEP, digest(11): SKIP})
    judge_places(archive, digest(21), {place_key(21): KEEP, place_key(21, "2"): SKIP})
    with archive.write("duplicates verdict") as tx:  # of a picture that is in no set with it
        pair = pair_of(digest(31), digest(21))
        tx.put(Decision(*pair, Label.DIFFERENT, tx.now, tx.number))
    before = alike.rows()

    assert left(archive) == dict.fromkeys((digest(10), digest(20), digest(30)), DECIDED)
    assert alike.rows() == before


@pytest.mark.parametrize("album", ["1", "2"], ids=["of the kept one", "of the copy"])
def test_what_is_protected_is_never_touched_whatever_a_rule_may_hide(
    alike: Alike, album: str
) -> None:
    archive = alike.archive
    alike.picture(41, 4, width=300, height=200)
    alike.picture(40, 4, width=900, height=600, albums="2")
    given(archive, LARGER | {"may_hide": ["protected albums"]})
    alike.protect(album)
    before = alike.rows()

    assert set(left(archive).values()) == {PROTECTED}
    assert alike.rows() == before


def test_what_was_taken_back_is_not_done_again_and_the_rest_is(alike: Alike) -> None:
    archive = alike.archive
    apply_automatic(archive)
    archive.undo()
    alike.pair(4)

    assert left(archive) == dict.fromkeys((digest(10), digest(20), digest(30)), TAKEN_BACK)
    assert shown(archive, 40) == [KEEP, SKIP]


def test_a_copy_that_comes_later_joins_what_rules_decided(alike: Alike) -> None:
    archive = alike.archive
    apply_automatic(archive)
    alike.picture(12, 1, width=600, height=400)

    assert left(archive) == {}
    assert archive.choices[digest(12)].choice is Choice.SKIP


def test_a_plan_that_its_user_applied_is_a_decision(alike: Alike) -> None:
    archive = alike.archive
    apply_resolution(archive, plan_resolution(archive).plan)
    alike.picture(12, 1, width=600, height=400)

    assert left(archive) == {digest(10): DECIDED}
