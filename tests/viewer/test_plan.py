"""The plan: what it proposes, what is left out of it, and that one undo takes it back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.plan import make_plan
from fapfav.jobs.reasons import how_sure
from fapfav.jobs.review import judge
from fapfav.model import Verdict
from tests.support import encoded, landscape, new_archive, read_folder
from tests.viewer.archives import copied
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.reviewed import address, last, verdicts, view_of
from tests.viewer.reviewed import press as decide
from tests.viewer.test_undo import state_of, undo
from tests.viewer.working import at_home
from viewer import workers
from viewer.addresses import name_of
from viewer.page import BY
from viewer.pages import plan as plan_page
from viewer.state import Viewer, install

PLAN = "/viewer/review/plan/?certainty=0.8"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Archives of pictures and smaller copies of them, by whether they are sealed."""
    base = tmp_path_factory.mktemp("plan")
    (base / "pictures").mkdir()
    for seed in range(6):
        picture = landscape(seed, 480, 320)
        small = picture.resize((360, 240))
        (base / "pictures" / f"{seed} a.jpg").write_bytes(encoded(picture, "JPEG", quality=92))
        (base / "pictures" / f"{seed} b.jpg").write_bytes(encoded(small, "JPEG", quality=75))
    found = {sealed: base / f"archive {sealed}" for sealed in (False, True)}
    for sealed, where in found.items():
        with new_archive(where, sealed=sealed) as archive:
            read_folder(archive, base / "pictures")
            find_duplicates(archive)
    return found


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def pairs(
    made: dict[bool, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Viewer]:
    """A viewer of one of them."""
    found = viewer_of(copied(made[request.param], tmp_path / "archive"), sealed=request.param)
    yield found
    found.lock()
    install(None)


def names(page: Page) -> list[str]:
    return [one.get("value") for one in page.all('input[name="drop"]')]


def press(page: Page, button: str, *ticked: str) -> Page:
    name = page.one(f'button[name="{button}"]')
    return page.submit("form#plan", button=f"{button}={name.get('value')}", drop=list(ticked))


def test_the_plan_shows_every_obvious_set_and_its_effect(pairs: Viewer) -> None:
    with pairs.archive() as archive:
        plan = make_plan(archive, 0.8)
    page = Visitor(pairs).get(PLAN)

    assert len(plan.rows) > 2
    assert f"{len(plan.rows)} obvious sets" in page.text
    assert f"Skips {plan.pictures} pictures" in page.text
    said = [row.cssselect(".muted")[0].text_content() for row in page.all(".plan-row")]
    assert len(said) == len(plan.rows)
    assert [row.certainty for row in plan.rows] == sorted(row.certainty for row in plan.rows)
    for words, row in zip(said, plan.rows, strict=True):
        assert words.startswith(how_sure(row.certainty, is_probability=row.is_probability))
    assert plan.rows[0].reason in page.text


def test_a_higher_bar_leaves_fewer(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    counts = [int(row.cssselect("td")[0].text_content()) for row in page.all(".bars tbody tr")]

    assert counts == sorted(counts, reverse=True)
    link = page.all(".bars tbody th a")[-1]
    strict = page.visitor.get(link.get("href"))
    assert len(names(strict)) == counts[-1]


@pytest.mark.parametrize("bar", ["", "x", "-1", "nan", "2", "1e999", "0.5"])
def test_a_bar_that_makes_no_sense_is_the_nearest_or_the_usual(pairs: Viewer, bar: str) -> None:
    assert Visitor(pairs).get(f"/viewer/review/plan/?certainty={bar}").status == 200


def test_applying_decides_every_set_and_one_undo_takes_it_back(pairs: Viewer) -> None:
    with pairs.archive() as archive:
        rows = make_plan(archive, 0.8).rows
    page = press(Visitor(pairs).get(PLAN), "apply")

    assert f"Decided {len(rows)} sets" in page.text
    for row in rows:
        assert sorted(verdicts(pairs, row.key)) == ["keep", "skip"]
        assert view_of(pairs, row.key).member(row.keep).verdict is Verdict.KEEP  # type: ignore[union-attr]
    page = page.submit(".message.success form")
    assert page.address.startswith("/viewer/review/plan/")
    for row in rows:
        assert verdicts(pairs, row.key) == ["new", "new"]


def test_what_is_left_out_stays(pairs: Viewer) -> None:
    with pairs.archive() as archive:
        rows = make_plan(archive, 0.8).rows
    page = Visitor(pairs).get(PLAN)
    page = press(page, "leave_out", names(page)[0])
    assert "1 left out" in page.text
    ticked = [one.get("value") for one in page.all('input[name="drop"][checked]')]
    assert ticked == names(page)[:1]
    page = press(page, "apply", names(page)[0], names(page)[1])

    assert f"Decided {len(rows) - 2} sets" in page.text
    assert verdicts(pairs, rows[0].key) == ["new", "new"]
    assert verdicts(pairs, rows[1].key) == ["new", "new"]


def test_what_was_left_out_can_be_taken_in_again(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    page = press(page, "leave_out", names(page)[0])
    page = press(page, "leave_out")
    assert not page.all('input[name="drop"][checked]')


def test_a_set_that_changed_since_is_left_as_it_is_and_named(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    with pairs.archive() as archive:
        rows = make_plan(archive, 0.8).rows
        changed = rows[0]
        members = (changed.keep, *changed.skip)
        judge(archive, changed.key, dict.fromkeys(members, Verdict.FALSE))
    answer = press(page, "apply")

    assert f"Decided {len(rows) - 1} sets" in answer.text
    assert "1 set changed since you saw the plan" in answer.text
    assert answer.all('img[alt="A set that changed"]')
    assert verdicts(pairs, changed.key) == ["false", "false"]


def test_a_plan_that_was_not_seen_is_not_applied(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    before = last(pairs)
    answer = page.submit("form#plan", button="apply=0123456789abcdef")
    assert "not the plan you saw" in answer.text
    answer = page.submit("form#plan", button="apply=x", leave_out="1")
    assert answer.status == 400
    answer = page.submit("form#plan")
    assert answer.status == 400
    answer = press(page, "apply", *names(page))
    assert "there is nothing to apply" in answer.text
    answer = press(page, "leave_out", "nonsense", "0" * 64)
    assert answer.status == 200
    assert last(pairs) == before


def test_looking_at_the_plan_changes_nothing(pairs: Viewer) -> None:
    before = last(pairs)
    visitor = Visitor(pairs)
    visitor.get(f"{PLAN}&apply=1&leave_out=1&scope=all&sample=3&page=2")
    visitor.get("/viewer/review/plan/?scope=exact")
    assert last(pairs) == before


def test_some_at_random_bound_how_much_is_wrong(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    every = names(page)
    page = page.visitor.get(page.all('form#plan a.button[href*="sample"]')[0].get("href"))

    assert set(names(page)) <= set(every)
    assert "0 left out" in page.one(".sampled").text_content()
    share = f"{100 * 3 / len(names(page)):.2f} %"
    assert f"fewer than {share} of the plan" in " ".join(
        page.one(".sampled").text_content().split()
    )


def test_a_large_plan_is_a_job_of_its_own(
    pairs: Viewer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plan_page, "AT_ONCE", 1)
    with at_home(tmp_path / "home"):
        try:
            page = press(Visitor(pairs).get(PLAN), "apply")
            assert "/viewer/jobs/" in page.address
            with pairs.archive() as archive:
                assert [row.verb for row in archive.jobs.records()] == ["plan"]
        finally:
            workers.shut_down()


def test_without_obvious_sets_it_says_so(pairs: Viewer) -> None:
    page = press(Visitor(pairs).get(PLAN), "apply")
    page = page.visitor.get(PLAN)
    assert "Nothing is near enough" in page.text


def test_an_encrypted_archive_prints_no_digest(pairs: Viewer) -> None:
    page = Visitor(pairs).get(PLAN)
    with pairs.archive() as archive:
        printed = [digest.hex() for digest in archive.blobs if digest.hex() in page.source]
    assert bool(printed) is not pairs.is_sealed


def test_fifty_steps_and_a_plan_are_taken_back_after_a_restart(pairs: Viewer) -> None:
    before = state_of(pairs)
    visitor = Visitor(pairs)
    with pairs.archive() as archive:
        tagging.add(archive, "lakes", by=BY)
        rows = make_plan(archive, 0.8).rows[:4]  # the others are left to the plan
        places = [f"/viewer/picture/{name_of(archive, row.keep)}/" for row in rows]
    for step in range(52):
        turn, what = divmod(step, 4)
        key, picture = rows[turn % 4].key, places[turn % 4]
        if what % 2:
            page, name = visitor.get(picture), ("add_tag", "remove_tag")[what // 2]
            secret = str(page.one("meta[name=csrf]").get("content"))
            visitor.post(picture, [("csrfmiddlewaretoken", secret), (name, "lakes")])
        else:
            quick = "keep" if what else ("keep-all", "false-all")[turn // 4 % 2]
            decide(visitor.get(address(pairs, key)), quick, 2 if what else None)
    press(visitor.get(PLAN), "apply")
    pairs.lock()
    again = viewer_of(pairs.directory, sealed=pairs.is_sealed)
    assert state_of(again) != before

    page, steps = Visitor(again).get("/viewer/history/"), 0
    while "There is nothing to undo" not in page.text:
        page = undo(page)
        assert page.status == 200
        steps += 1
    assert steps - 1 == 1 + 52 + 1  # the tag, all that was decided, the plan
    assert state_of(again) == before
    again.lock()
