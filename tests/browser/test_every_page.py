"""Every page in every state: accessible, quiet, no wider than the screen, and quick to come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import walk as walks
from tests.browser.axe import violations
from tests.browser.rich import stale_change
from tests.browser.serving import Served, serving
from tests.browser.walk import State, Walk
from tests.browser.watching import REACH, Watch
from tests.viewer.archives import copied

WIDE, PHONE, NARROWEST = (
    {"width": 1280, "height": 800},
    {"width": 360, "height": 740},
    {"width": 320, "height": 640},
)


@pytest.fixture(scope="module")
def rich_served(rich: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a plain archive with a bit of everything; no page of the walk changes it."""
    where = copied(rich[False], tmp_path_factory.mktemp("walked") / "archive")
    with serving(where, sealed=False) as found:
        yield found


@pytest.fixture(scope="module")
def walk(browser: Browser, rich_served: Served) -> Iterator[Walk]:
    """A tab that was let in, and knows its way."""
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(rich_served.link)
    with rich_served.viewer.archive() as archive:
        found = Walk(page, rich_served, extra={"stale": str(stale_change(archive))})
    found.look_round()
    yield found
    context.close()


@pytest.fixture(scope="module")
def watch(walk: Walk) -> Watch:
    return Watch.of(walk.page)


def faults(walk: Walk, *rules: str) -> list[str]:
    """What breaks a rule, but for targets that lie below a bar until one scrolls."""
    return [each for each in violations(walk.page, *rules) if "partially obscured" not in each]


def looked_at(walk: Walk, watch: Watch, state: State) -> list[str]:
    """What is wrong with a page in one of its states."""
    page = walk.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    watch.forget()
    state.open(walk)
    said = [] if watch.status == state.status else [f"answers {watch.status}"]
    said += [f"at 1280 px, {each}" for each in faults(walk)]
    page.emulate_media(color_scheme="dark")
    said += [f"dark, {each}" for each in faults(walk, "color-contrast")]
    page.set_viewport_size(PHONE)
    said += [f"at 360 px, {each}" for each in faults(walk)]
    page.set_viewport_size(NARROWEST)
    said += [f"at 320 px scrolls sideways: {each}" for each in page.evaluate(REACH)]
    said += [f"has {page.locator('h1').count()} h1"] * (page.locator("h1").count() != 1)
    said += ["has no title"] * (not page.title().strip())
    said += ["says no language"] * (page.get_attribute("html", "lang") != "en")
    return [f"{state.name}: {each}" for each in said + watch.complaints]


@pytest.mark.parametrize("group", ["PEOPLE", "PICTURES", "SETS", "DUPLICATES", "WORK"])
def test_pages_are_for_everyone_at_every_width(walk: Walk, watch: Watch, group: str) -> None:
    wrong = []
    for state in getattr(walks, group):
        try: wrong += looked_at(walk, watch, state)
        except Exception as e: wrong.append(f"{state.name}: OPEN {str(e)[:600]}"); continue
    print("\n".join(wrong))
    assert wrong == []

def test_cost(walk, watch):
    session = walk.page.context.new_cdp_session(walk.page)
    walk.page.set_viewport_size(WIDE)
    for state in walks.ALL:
        if not state.is_plain_visit: continue
        session.send("Network.clearBrowserCache")
        watch.forget()
        state.open(walk)
        parts = watch.parts()
        print(state.name, len(parts), sum(parts.values()), walk.page.evaluate("self.shifted"))
        if state.name in ("set of two","tag","home"): print(parts)
