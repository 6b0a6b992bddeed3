"""What a checker of accessibility rules finds on pages of pictures and tags, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.serving import Served
from tests.browser.test_picture import FULL, open_first
from tests.viewer.archives import opened


@pytest.fixture(params=["light", "dark"])
def tab(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Page]:
    """A tab of one theme."""
    context = browser.new_context(color_scheme=request.param)
    page = context.new_page()
    page.goto(served.link)
    yield page
    context.close()


def test_the_tree_while_a_tag_is_moved(tab: Page, served: Served) -> None:
    tab.goto(f"{served.url}/viewer/tag/0/")
    tab.get_by_role("button", name="Move stone").click()
    expect(tab.locator(".tag-top")).to_be_visible()

    assert violations(tab) == []


def test_a_tag_with_its_forms_and_its_deletion(tab: Page, served: Served) -> None:
    tab.goto(f"{served.url}/viewer/tag/2/?delete=2")

    assert violations(tab) == []


def test_the_page_of_a_picture_with_tags_offered(tab: Page, served: Served) -> None:
    name = min(opened(served.where, sealed=False).blobs).hex()
    tab.goto(f"{served.url}/viewer/picture/{name}/?in=tag/2/")
    tab.get_by_role("combobox", name="Add a tag").fill("s")
    expect(tab.get_by_role("option").first).to_be_visible()

    assert violations(tab) == []


def test_full_screen_with_facts_after_a_change(tab: Page, served: Served) -> None:
    open_first(tab, served)
    tab.keyboard.press("t")
    tab.keyboard.type("stone")
    tab.keyboard.press("Enter")
    expect(tab.locator(f"{FULL} .message")).to_be_visible()

    assert violations(tab) == []


def test_a_picture_opened_from_its_set(tab: Page, served: Served) -> None:
    name = opened(served.where, sealed=False).groups[0].members[0].hex()
    tab.goto(f"{served.url}/viewer/picture/{name}/?in=duplicate/{name}/")

    assert violations(tab) == []
