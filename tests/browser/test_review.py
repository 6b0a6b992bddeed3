"""Reviewing by keyboard alone, in one document: what is decided, asked for, said and focused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from fapfav.model import Verdict
from tests.browser import sets
from tests.browser.hands import Held
from tests.browser.serving import Served, serving
from tests.browser.staging import open_set, set_with, wait_for_stage
from tests.viewer.archives import opened

PAIRS = 30


@pytest.fixture(scope="module")
def made_pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of thirty pairs that waits to be reviewed; copied for each test."""
    base = tmp_path_factory.mktemp("review")
    sets.write_small_sets(base / "pictures", PAIRS)
    return sets.make_sets(base / "archive", base / "pictures")


@pytest.fixture
def waiting(made_pairs: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of the thirty pairs."""
    where = tmp_path / "pairs"
    shutil.copytree(made_pairs, where)
    with serving(where, sealed=False) as found:
        yield found


@pytest.fixture
def asked() -> list[Request]:
    """What the tab asked for since it was opened."""
    return []


@pytest.fixture
def tab(context: BrowserContext, waiting: Served, asked: list[Request]) -> Iterator[Page]:
    """A tab that shows the first set of the queue; what goes wrong in it fails the test."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it marks its listeners
    page.goto(waiting.link)
    page.goto(f"{waiting.url}/viewer/review/?go=1")
    wait_for_stage(page)
    yield page
    assert troubles == []


def shown_set(page: Page) -> str:
    """The name of the set that is shown."""
    return str(page.get_attribute(".stage", "data-set"))


def names(page: Page) -> list[str]:
    """The pictures that are shown, as they are called, in the order of their numbers."""
    return list(page.locator(".pane").evaluate_all("(all) => all.map((one) => one.dataset.name)"))


def decide(page: Page, key: str) -> None:
    """Presses a key and waits until another set is shown, or none."""
    before = shown_set(page)
    page.keyboard.press(key)
    page.wait_for_function(
        """(before) => {
          const stage = document.querySelector(".stage");
          return !stage || (stage.dataset.set !== before && stage.dataset.painted);
        }""",
        arg=before,
    )


def verdicts(where: Path) -> dict[str, Verdict]:
    """What the archive holds, by picture."""
    with opened(where, sealed=False) as archive:
        return {
            digest.hex(): verdict
            for group in archive.groups
            for digest, verdict in group.verdicts.items()
        }


def test_thirty_sets_by_keyboard_alone_and_no_picture_is_asked_for_twice(
    tab: Page, waiting: Served, asked: list[Request]
) -> None:
    begun = len([one for one in asked if one.resource_type == "document"])
    expected: dict[str, Verdict] = {}
    for number in range(PAIRS):
        one, other = names(tab)
        key = "12AX"[number % 4].lower()
        kept = {"1": (one,), "2": (other,), "a": (one, other), "x": ()}[key]
        for name in (one, other):
            chosen = Verdict.KEEP if name in kept else Verdict.SKIP
            expected[name] = Verdict.FALSE if key == "x" else chosen
        decide(tab, key)

    pictures = [one.url for one in asked if "/show/" in one.url]
    assert len(pictures) == len(set(pictures)) == 2 * PAIRS
    assert len([one for one in asked if one.resource_type == "document"]) == begun
    assert tab.locator(".stage").count() == 0
    found = verdicts(waiting.where)
    assert {name: found.get(name, Verdict.FALSE) for name in expected} == expected


def test_letters_decide_the_active_picture(tab: Page, waiting: Served) -> None:
    one, other = names(tab)
    tab.keyboard.press("k")
    tab.wait_for_selector("#picture-1[data-verdict=keep]")
    wait_for_stage(tab)
    tab.keyboard.press("ArrowRight")
    decide(tab, "s")
    third, fourth = names(tab)
    decide(tab, "f")

    found = verdicts(waiting.where)
    assert found[one] is Verdict.KEEP
    assert found[other] is Verdict.SKIP
    assert found.get(third, Verdict.FALSE) is found.get(fourth, Verdict.FALSE) is Verdict.FALSE


def test_after_a_decision_the_title_has_the_focus_and_the_next_set_is_announced(tab: Page) -> None:
    decide(tab, "1")
    tab.wait_for_function("() => document.getElementById('live').textContent.includes('Set 2')")
    said = tab.inner_text("#live")

    assert tab.evaluate("document.activeElement.id") == "title"
    assert re.search(r"Keep 1, skip 2\. Set 2 of 30\. Two pictures\. .+ Suggested: keep 1\.$", said)
    assert tab.title().startswith("Set 2 of 30")
    assert shown_set(tab) in tab.url


def test_a_key_held_down_decides_one_set(tab: Page, waiting: Served) -> None:
    before = shown_set(tab)
    tab.keyboard.down("1")
    for _ in range(20):
        tab.keyboard.down("1")
    tab.wait_for_function(
        "(before) => document.querySelector('.stage[data-painted]')?.dataset.set !== before",
        arg=before,
    )
    for _ in range(20):
        tab.keyboard.down("1")
    tab.keyboard.press("a")
    tab.keyboard.up("1")
    second = shown_set(tab)
    decide(tab, "1")

    assert second != before
    assert sum(verdict is not Verdict.NEW for verdict in verdicts(waiting.where).values()) == 4


def test_keys_while_a_set_is_loading_decide_none(tab: Page, waiting: Served) -> None:
    before = shown_set(tab)
    held = Held(tab, "**/viewer/duplicate/**", method="POST")
    for key in "1ax2l":
        tab.keyboard.press(key)
    held.release()
    tab.wait_for_function(
        "(before) => document.querySelector('.stage[data-painted]')?.dataset.set !== before",
        arg=before,
    )

    assert len(held.routes) == 1
    found = [one for one in verdicts(waiting.where).values() if one is not Verdict.NEW]
    assert sorted(found) == [Verdict.KEEP, Verdict.SKIP]


def test_undo_shows_that_set_again_and_its_pictures_are_not_asked_for(
    tab: Page, waiting: Served, asked: list[Request]
) -> None:
    before = shown_set(tab)
    decide(tab, "1")
    asked.clear()
    decide(tab, "u")
    undone = verdicts(waiting.where)
    back = shown_set(tab)
    pictures = [one.url for one in asked if "/show/" in one.url]
    repeated = [url for url in pictures if any(name in url for name in names(tab))]
    tab.keyboard.press("Shift+U")
    tab.wait_for_function("() => /Done again/.test(document.body.textContent)")

    assert back == before
    assert set(undone.values()) == {Verdict.NEW}
    assert repeated == []
    assert Verdict.KEEP in verdicts(waiting.where).values()


def test_later_comes_again_and_the_way_goes_back_and_forth(tab: Page) -> None:
    first = shown_set(tab)
    decide(tab, "l")
    second = shown_set(tab)
    decide(tab, "PageDown")
    third = shown_set(tab)
    decide(tab, "PageUp")

    assert len({first, second, third}) == 3
    assert shown_set(tab) != third


def test_what_is_refused_is_said_in_red_where_one_is(tab: Page, waiting: Served) -> None:
    tab.keyboard.press("s")
    tab.wait_for_selector("#picture-1[data-verdict=skip]")
    wait_for_stage(tab)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("s")
    tab.wait_for_selector(".message.error")

    assert "Nothing was changed" in tab.inner_text(".message.error")
    assert tab.locator(".stage").count() == 1
    assert list(verdicts(waiting.where).values()).count(Verdict.SKIP) == 1


def test_a_set_that_changed_meanwhile_is_not_decided(
    tab: Page, waiting: Served, context: BrowserContext
) -> None:
    other = context.new_page()
    other.goto(tab.url)
    wait_for_stage(other)
    decide(other, "a")
    before = verdicts(waiting.where)
    tab.keyboard.press("x")
    tab.wait_for_function("() => !document.querySelector('.stage')")

    assert verdicts(waiting.where) == before


def test_an_unreachable_viewer_is_said_and_the_set_stays(tab: Page) -> None:
    tab.route("**/viewer/duplicate/**", lambda route: route.abort())
    tab.keyboard.press("1")
    tab.wait_for_selector(".message.error")

    assert "does not answer" in tab.inner_text(".message.error")
    assert tab.locator(".stage").count() == 1


def test_pictures_ahead_stay_within_a_bound(tab: Page, waiting: Served) -> None:
    found = tab.evaluate(
        """async () => {
          const address = [...document.scripts].find((one) => one.src.includes("main.js")).src;
          const { within } = await import(new URL("stage-ahead.js", address).href);
          const wanted = [300, 200, 100, 50].map((bytes) => ({ bytes }));
          return within(wanted, 550).map(({ bytes }) => bytes);
        }"""
    )

    assert found == [300, 200]


def test_the_view_stays_from_set_to_set(tab: Page) -> None:
    tab.keyboard.press("v")
    decide(tab, "1")
    over = tab.get_attribute(".stage", "data-view")
    tab.keyboard.press("v")
    tab.keyboard.press("v")
    decide(tab, "1")

    assert over == "over"
    assert tab.get_attribute(".stage", "data-view") == "side"


def test_a_set_can_be_opened_by_any_of_its_pictures(tab: Page, waiting: Served) -> None:
    open_set(tab, waiting, set_with(waiting, "100 b.jpg"))

    assert set_with(waiting, "100 a.jpg").hex() in names(tab)


def test_where_nothing_may_be_kept_pictures_are_asked_for_once_all_the_same(
    context: BrowserContext, tmp_path: Path
) -> None:
    sets.write_small_sets(tmp_path / "pictures", 4)
    archive = sets.make_sets(tmp_path / "archive", tmp_path / "pictures", sealed=True)
    asked: list[str] = []
    with serving(archive, sealed=True) as served:
        page = context.new_page()
        page.on("request", lambda one: asked.append(one.url) if "/show/" in one.url else None)
        page.goto(served.link)
        page.goto(f"{served.url}/viewer/review/?go=1")
        wait_for_stage(page)
        shown = [*names(page)]
        for key in "1u1ax":
            decide(page, key)
            shown += names(page)

    assert len(asked) == len(set(asked)) == len(set(shown)) == 8
