"""Going through the sets: buttons that decide, the queue and its orders, the summary."""

from __future__ import annotations

import pytest

from fapfav.duplicates.queue import Kind, Order, Scope, queue
from fapfav.jobs.sets import set_lines
from fapfav.model import Digest, Verdict
from tests.viewer.browsing import Page, Visitor
from tests.viewer.reviewed import (
    address,
    fields,
    forged,
    keys,
    last,
    press,
    shown,
    verdicts,
    view_of,
)
from viewer.reviewing import Reviewing, Step
from viewer.state import Viewer

START = "/viewer/review/"


def order_of(viewer: Viewer, order: Order, scope: Scope = Scope.ALL) -> list[str]:
    with viewer.archive() as archive:
        return [line.key.hex() for line in queue(set_lines(archive), order, scope)]


def number(page: Page, word: str) -> str:
    """What the queue's bar says of something."""
    text = " ".join(page.one(".queue-bar").text_content().split())
    return text.split(word, 1)[1].split()[0]


@pytest.mark.parametrize(
    ("quick", "keep", "then"),
    [
        ("keep", 2, ["skip", "keep"]),
        ("keep-all", None, ["keep", "keep"]),
        ("false-all", None, ["false", "false"]),
        ("accept", None, ["keep", "skip"]),
    ],
)
def test_one_button_decides_a_set_and_the_next_one_comes(
    viewer: Viewer, visitor: Visitor, quick: str, keep: int | None, then: list[str]
) -> None:
    key = next(key for key in keys(viewer) if view_of(viewer, key).suggestion.keep == 1)
    page = press(visitor.get(address(viewer, key)), quick, keep)

    assert page.status == 200
    assert verdicts(viewer, key) == then
    assert shown(page) not in ("", key.hex())
    assert page.all(".message.success")


def test_buttons_say_their_outcome_and_key(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address(viewer, keys(viewer, 3)[0]))
    words = {
        button.get("data-key"): " ".join(button.text_content().split())
        for button in page.all(".quick button")
    }

    assert words["2"] == "2 Keep 2, skip the other 2"
    assert words["a"] == "A Keep all"
    assert words["x"] == "X None is a duplicate"
    assert words["l"] == "L Later"
    assert words["u"].startswith("U Undo")
    assert "Shift+u" in words


def test_accepting_is_there_only_with_a_suggestion(viewer: Viewer, visitor: Visitor) -> None:
    for key in (*keys(viewer), *keys(viewer, 3)):
        page = visitor.get(address(viewer, key))
        suggested = view_of(viewer, key).suggestion.keep is not None
        assert bool(page.all('button[value="accept"]')) == suggested
        if not suggested:
            before = last(viewer)
            assert forged(visitor, page, quick="accept").status == 400
            assert last(viewer) == before


@pytest.mark.parametrize(
    "values",
    [
        {"quick": "keep"},
        {"quick": "keep", "keep": "0"},
        {"quick": "keep", "keep": "3"},
        {"quick": "keep", "keep": "-1"},
        {"quick": "keep", "keep": "1e0"},
        {"quick": "keep", "keep": "x"},
        {"quick": "skip-all"},
        {"quick": "nonsense"},
    ],
)
def test_a_button_that_makes_no_sense_changes_nothing(
    viewer: Viewer, visitor: Visitor, values: dict[str, str]
) -> None:
    key = keys(viewer)[0]
    before = last(viewer)
    answer = forged(visitor, visitor.get(address(viewer, key)), **values)

    assert answer.status == 400
    assert last(viewer) == before


def test_a_button_with_changed_choices_is_refused(viewer: Viewer, visitor: Visitor) -> None:
    key = keys(viewer)[0]
    before = last(viewer)
    page = visitor.get(address(viewer, key))
    answer = forged(visitor, page, quick="keep-all", **fields(viewer, key, "keep", "skip"))

    assert answer.status == 400
    assert last(viewer) == before
    unchanged = fields(viewer, key, "new", "new")
    assert forged(visitor, page, quick="keep-all", **unchanged).status == 200
    assert verdicts(viewer, key) == ["keep", "keep"]


def test_later_comes_again_at_the_end_and_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    every = order_of(viewer, Order.CERTAIN)
    before = last(viewer)
    page = visitor.get(f"{START}?go=1")
    assert shown(page) == every[0]
    page = press(page, "later")
    assert shown(page) == every[1]
    assert last(viewer) == before

    seen = [every[0]]
    while shown(page) != every[0]:
        seen.append(shown(page))
        page = press(page, "keep-all")
    assert seen == every
    assert order_of(viewer, Order.CERTAIN) == every[:1]
    page = press(page, "keep-all")
    assert "All reviewed" in page.text


@pytest.mark.parametrize("order", list(Order))
def test_reviewing_goes_through_all_sets_in_an_order(
    viewer: Viewer, visitor: Visitor, order: Order
) -> None:
    every = order_of(viewer, order)
    page = visitor.get(f"{START}?go=1&order={order}")
    seen = []
    while page.all(".stage"):
        seen.append(shown(page))
        assert seen[-1] not in seen[:-1]
        page = press(page, "keep-all")

    assert seen == every
    assert "All reviewed" in page.text
    assert order_of(viewer, order) == []


def test_only_one_kind_of_sets_comes_if_asked_for(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(f"{START}?go=1&scope=exact")
    assert shown(page) == keys(viewer, 3, Kind.EXACT)[0].hex()
    page = press(page, "keep-all")

    assert "All reviewed" in page.text
    assert len(order_of(viewer, Order.CERTAIN, Scope.PERCEPTUAL)) > 0


def test_next_and_previous_go_by_the_order(viewer: Viewer, visitor: Visitor) -> None:
    every = order_of(viewer, Order.CERTAIN)
    page = visitor.get(f"{START}?go=1")
    for expected in every:
        assert shown(page) == expected
        if expected != every[-1]:
            page = page.follow('a[rel="next"]')
    page = page.follow('a[rel="prev"]')
    assert shown(page) == every[-2]


def test_sets_that_are_decided_can_still_be_paged_through(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(f"{START}?go=1")
    first = page.address
    while page.all(".stage"):
        page = press(page, "keep-all")
    page = visitor.get(first)

    assert page.follow('a[rel="next"]').follow('a[rel="prev"]').one("h1").text_content() == (
        page.one("h1").text_content()
    )


def test_the_bar_counts_what_was_done(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address(viewer, keys(viewer)[0]))
    left = int(number(page, "left"))
    view = view_of(viewer, keys(viewer)[0])
    page = press(page, "keep", 1 if view.suggestion.keep != 1 else 2)

    assert number(page, "done") == "1"
    assert int(number(page, "left")) == left - 1
    page = page.submit("form.quick-undo")
    assert number(page, "done") == "0"
    assert int(number(page, "left")) == left


def test_the_start_page_counts_and_goes_on(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(START)
    assert f"{len(order_of(viewer, Order.CERTAIN))} sets to decide" in page.text
    assert "Begin" in page.text

    here = visitor.get(f"{START}?go=1").follow('a[rel="next"]')
    again = visitor.get(START)
    assert "Go on where you stopped" in again.text
    assert shown(again.follow("a.big")) == shown(here)


def test_a_page_loaded_ahead_is_not_where_one_stopped(viewer: Viewer, visitor: Visitor) -> None:
    here = visitor.get(f"{START}?go=1")
    ahead = here.one('a[rel="next"]').get("href")
    visitor.get(ahead, **{"X-Background": "1"})

    assert shown(visitor.get(START).follow("a.big")) == shown(here)


def test_the_summary_tells_what_stands(viewer: Viewer, visitor: Visitor) -> None:
    assert "Nothing was decided yet" in visitor.get("/viewer/review/summary/").text
    one, two = keys(viewer)[:2]
    press(visitor.get(address(viewer, one)), "keep", 2)
    press(visitor.get(address(viewer, two)), "false-all")
    page = visitor.get("/viewer/review/summary/")
    told = {
        "".join(each.find("dt").text_content()): each.find("dd").text_content()
        for each in page.all(".figures > div")
    }

    assert (told["steps"], told["kept"], told["skipped"]) == ("2", "1", "1")
    assert told["no duplicates"] == "2"
    asked = page.submit("main form")
    assert "Undo 2 steps" in asked.text
    asked.submit("form.confirm")
    assert verdicts(viewer, one) == verdicts(viewer, two) == ["new", "new"]
    assert "Nothing was decided yet" in visitor.get("/viewer/review/summary/").text


def test_exact_copies_are_decided_place_by_place(viewer: Viewer, visitor: Visitor) -> None:
    (key,) = keys(viewer, 3, Kind.EXACT)
    page = visitor.get(address(viewer, key))

    assert len(page.all("figure.pane")) == 1
    assert len(page.all("fieldset.of-place")) == 3
    assert not page.all('input[value="false"]')
    assert not page.all('button[value="false-all"]')
    press(page, "keep", 2)
    assert verdicts(viewer, key) == ["skip", "keep", "skip"]

    page = visitor.get(address(viewer, key))
    page.submit("form#verdicts", **fields(viewer, key, "keep", "new", "skip"))
    assert verdicts(viewer, key) == ["keep", "new", "skip"]


@pytest.mark.parametrize("asked", [("skip", "skip", "skip"), ("false", "keep", "keep")])
def test_exact_copies_are_never_false_and_never_all_skipped(
    viewer: Viewer, visitor: Visitor, asked: tuple[str, ...]
) -> None:
    (key,) = keys(viewer, 3, Kind.EXACT)
    before = last(viewer)
    page = visitor.get(address(viewer, key))
    values = fields(viewer, key, *asked)

    answer = forged(visitor, page, **values)
    assert answer.status == 400
    assert answer.all(".wrong")
    assert forged(visitor, page, quick="false-all").status == 400
    few = dict(list(values.items())[1:])
    assert forged(visitor, page, **few).status == 400
    assert last(viewer) == before


def test_the_run_counts_only_what_stands() -> None:
    times = iter([0.0, 10.0, 12.0, 2000.0, 2004.0])
    run = Reviewing(clock=lambda: next(times))
    run.look(Digest(b"a" * 32))
    for change, is_done in ((1, True), (2, True), (3, False), (4, True), (5, True)):
        key = Digest(bytes([change]) * 32)
        run.decide(change, Step(key, "/", 100, is_done))

    assert run.seconds_a_set() == 4.0
    done = run.done({1, 3, 5})
    assert (done.sets, done.bytes, done.steps) == (2, 300, 3)


def test_every_verdict_has_a_letter(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address(viewer, keys(viewer)[0]))
    letters = [b.text_content() for b in page.all("#picture-1 fieldset.verdict b")[: len(Verdict)]]
    assert letters == ["N", "F", "K", "S"]
