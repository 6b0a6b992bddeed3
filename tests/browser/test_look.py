"""What all pages share, in a real browser: themes, widths, search, messages, locking."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from fapfav.jobs import preferences
from tests.browser.axe import violations
from tests.browser.serving import Served

PAGES = (
    "",
    "users/",
    "favorites/local/1/",
    "users/?delete=local%2F1",
    "settings/",
    "search/",
)


def go(page: Page, served: Served, path: str) -> None:
    page.goto(f"{served.url}/viewer/{path}")


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(page: Page, served: Served, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for path in PAGES:
        go(page, served, path)
        for details in page.locator("main details").all():
            details.locator("summary").first.click()
        assert violations(page) == [], path


@pytest.mark.parametrize("width", [320, 768, 3840])
def test_no_page_is_wider_than_the_screen(page: Page, served: Served, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        go(page, served, path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_targets_are_large_enough_for_a_finger(browser: Browser, served: Served) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(served.link)

    sizes = page.eval_on_selector_all(
        "header a, header button, header summary, main .button",
        "all => all.filter(one => one.checkVisibility())"
        ".map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])",
    )

    context.close()
    assert len(sizes) > 8
    assert [each for each in sizes if each[1] < 44] == []


def test_the_theme_follows_the_system_unless_told_otherwise(page: Page, served: Served) -> None:
    page.emulate_media(color_scheme="dark")
    dark = background(page)
    page.emulate_media(color_scheme="light")
    light = background(page)
    assert dark != light

    go(page, served, "settings/")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".message.success")).to_contain_text("saved")
    page.wait_for_load_state()
    assert background(page) == dark


def test_the_skip_link_leads_past_the_header(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_be_focused()


def test_what_one_types_is_found_and_reached_by_arrows(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("lake")
    expect(page.locator("#found .hits")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("found")

    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#found .hits")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Found for lake")
    assert "lake" not in page.url


def test_the_menu_opens_by_keyboard_and_closes_by_escape(page: Page) -> None:
    summary = page.locator("header details summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="History")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("link", name="History")).to_be_hidden()
    expect(summary).to_be_focused()


def test_a_message_can_be_put_away(page: Page, served: Served) -> None:
    go(page, served, "settings/")
    page.get_by_label("Compact").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Close this message").click()

    expect(page.locator(".message")).to_have_count(0)


def test_a_deleted_album_comes_back_by_one_click(page: Page, served: Served) -> None:
    go(page, served, "favorites/local/1/")
    page.get_by_role("link", name=re.compile("^Delete .*Lakes")).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("tbody")).not_to_contain_text("Lakes")
    page.locator(".message").get_by_role("button", name="Undo").click()
    expect(page.locator(".message")).to_contain_text("Undone")

    go(page, served, "favorites/local/1/")
    expect(page.locator("tbody")).to_contain_text("Lakes")


def test_a_page_that_comes_back_from_memory_asks_first_whether_it_may(
    context: BrowserContext, served: Served
) -> None:
    page = context.new_page()
    page.goto(served.link)
    go(page, served, "users/")
    expect(page.get_by_role("link", name="LOCAL DISK", exact=True)).to_be_visible()
    served.viewer.lock()

    with page.expect_navigation():
        found = page.evaluate(
            """() => {
              dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
              return document.title + document.body.textContent;
            }"""
        )

    assert found == "fapfav"  # nothing is left before the server has answered
    expect(page.locator("#unlock")).to_be_visible()


def test_a_locked_page_is_emptied_by_the_next_pulse(
    context: BrowserContext, served: Served
) -> None:
    left_open = context.new_page()
    left_open.goto(served.link)
    left_open.clock.install()
    go(left_open, served, "users/")
    expect(left_open.get_by_role("link", name="LOCAL DISK", exact=True)).to_be_visible()
    served.viewer.lock()

    with left_open.expect_navigation():
        left_open.clock.run_for(21_000)

    expect(left_open.locator("#unlock")).to_be_visible()
    assert "LOCAL DISK" not in left_open.content()


def test_before_it_locks_itself_one_is_warned_and_can_stay(page: Page, served: Served) -> None:
    left = ["30"]

    def answer(route: Route) -> None:
        route.fulfill(status=204, headers={"X-Locks-In": left[0]})

    page.route("**/viewer/pulse/", answer)
    page.clock.install()
    go(page, served, "users/")
    page.clock.run_for(21_000)
    expect(page.locator("#locks-soon")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("locks itself")
    left[0] = "900"
    with page.expect_request(lambda request: request.method == "HEAD"):
        page.get_by_role("button", name="Stay").click()

    expect(page.locator("#locks-soon")).to_be_hidden()


def test_keys_can_be_switched_off_and_moved(page: Page, served: Served) -> None:
    with served.viewer.archive() as archive:
        preferences.save(archive, preferences.Preferences(keys={"/": "q"}), by="viewer")
    go(page, served, "users/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.keyboard.press("q")
    expect(page.get_by_role("searchbox")).to_be_focused()
    with served.viewer.archive() as archive:
        preferences.save(archive, preferences.Preferences(single_keys=False), by="viewer")

    go(page, served, "users/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_without_scripts_nothing_is_offered_that_needs_them(
    browser: Browser, served: Served
) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served.link)
    page.locator("header details summary").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Light", exact=True).check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".message.success")).to_contain_text("saved")
    expect(page.get_by_role("button", name="Close this message")).to_be_hidden()
    context.close()
