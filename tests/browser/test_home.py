"""The first page, as a browser shows it."""

from __future__ import annotations

from playwright.sync_api import Page


def test_a_browser_that_opened_the_link_is_let_in(page: Page) -> None:
    assert page.url.endswith("/viewer/")
    assert page.get_by_role("link", name="Albums", exact=True).is_visible()
