"""Sets of duplicates in a browser: by keys, by mouse, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fapfav.jobs.sets import set_lines, set_view
from tests.browser.axe import violations
from tests.browser.serving import Served
from tests.viewer.archives import opened

PAGES = (
    "/viewer/duplicates/",
    "/viewer/review/",
    "/viewer/review/?go=1",
    "/viewer/review/?go=1&scope=exact",
    "/viewer/review/plan/?certainty=0.8",
    "/viewer/review/summary/",
    "/viewer/history/",
)


@pytest.fixture
def plain(browser: Browser, served: Served) -> Iterator[Page]:
    """A tab without scripts."""
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(served.link)
    yield tab
    context.close()


def waiting(served: Served) -> int:
    with opened(served.where, sealed=served.sealed) as archive:
        return sum(line.needs_action for line in set_lines(archive))


def ready(page: Page) -> str:
    """Waits until keys may decide; says which set it is."""
    page.wait_for_selector('.stage[data-painted="yes"]')
    return page.locator(".stage").get_attribute("data-set") or ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_duplicates_have_no_barrier(page: Page, served: Served, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES:
        page.goto(served.url + path)
        assert violations(page) == [], path


def test_pages_of_duplicates_fit_the_window(page: Page, served: Served) -> None:
    for path in PAGES:
        page.goto(served.url + path)
        for width in (320, 360, 1280, 3840):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_sets_are_decided_and_taken_back_by_keys(page: Page, served: Served) -> None:
    before = waiting(served)
    page.goto(served.url + "/viewer/review/?go=1")
    first = ready(page)
    page.keyboard.press("a")
    expect(page.locator(".stage")).not_to_have_attribute("data-set", first)
    second = ready(page)
    page.keyboard.press("2")
    expect(page.locator(".stage")).not_to_have_attribute("data-set", second)
    ready(page)
    assert waiting(served) == before - 2

    page.keyboard.press("u")
    expect(page.locator(".stage")).to_have_attribute("data-set", second)
    ready(page)
    page.keyboard.press("u")
    expect(page.locator(".stage")).to_have_attribute("data-set", first)
    ready(page)
    assert waiting(served) == before
    page.keyboard.press("Shift+U")
    expect(page.locator(".queue-bar")).to_contain_text("done 1")
    assert waiting(served) == before - 1


def test_later_next_and_evidence_have_keys(page: Page, served: Served) -> None:
    before = waiting(served)
    page.goto(served.url + "/viewer/review/?go=1")
    first = ready(page)
    page.keyboard.press("l")
    expect(page.locator(".stage")).not_to_have_attribute("data-set", first)
    second = ready(page)
    page.keyboard.press("PageDown")
    expect(page.locator(".stage")).not_to_have_attribute("data-set", second)
    ready(page)
    page.keyboard.press("i")
    expect(page.locator("#evidence")).to_have_attribute("open", "")
    assert waiting(served) == before


def test_another_order_is_one_choice_away(page: Page, served: Served) -> None:
    page.goto(served.url + "/viewer/review/?go=1")
    ready(page)
    page.locator('.queue-bar select[name="order"]').select_option("bytes")
    page.wait_for_url("**order=bytes**")
    ready(page)


def test_a_search_is_begun_once(page: Page, served: Served) -> None:
    page.goto(served.url + "/viewer/duplicates/")
    page.locator("#find button").click()
    page.locator("#confirm button").dblclick()
    page.wait_for_url("**/jobs/**")
    with opened(served.where, sealed=False) as archive:
        assert len(archive.jobs) == 1


def test_everything_is_decided_without_scripts(plain: Page, served: Served) -> None:
    plain.goto(served.url + "/viewer/review/?go=1")
    name = plain.locator(".stage").get_attribute("data-set") or ""
    panes = plain.locator("figure.pane")
    if panes.count() == 1:
        plain.locator(".of-place").nth(0).get_by_label("keep").check()
        plain.locator(".of-place").nth(1).get_by_label("skip").check()
        plain.locator(".of-place").nth(2).get_by_label("skip").check()
    else:
        panes.nth(0).get_by_label("keep").first.check()
        for number in range(1, panes.count()):
            panes.nth(number).get_by_label("skip").first.check()
    with plain.expect_navigation():
        plain.get_by_role("button", name="Save").click()
    with opened(served.where, sealed=False) as archive:
        assert not set_view(archive, bytes.fromhex(name)).needs_action  # type: ignore[arg-type]
    plain.get_by_role("button", name=re.compile(r"Keep (place )?1 ?, skip")).first.click()
    expect(plain.locator(".message.success")).to_be_visible()
    plain.locator("form.quick-undo button").click()
    expect(plain.locator(".message.success")).to_contain_text("Undone")
