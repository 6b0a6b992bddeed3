"""Tags in a browser: typing with what is offered, and moving by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from fapfav.jobs import tagging
from tests.browser.hands import Held
from tests.browser.serving import Served
from tests.viewer.archives import opened

PATHS = ["nature", "nature/water", "stone"]


def paths(served: Served) -> list[str]:
    return [line.path for line in tagging.listing(opened(served.where, sealed=False)).tags]


def tree(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/viewer/tag/0/")
    expect(page.locator("#tag-1[draggable=true]")).to_have_count(1)  # the module has started


def test_a_tag_is_dragged_onto_another_and_undone_from_the_message(
    page: Page, served: Served
) -> None:
    tree(page, served)

    page.drag_and_drop("#tag-3 > .tag-row > a", "#tag-2 > .tag-row")
    expect(page.locator("#tag-2 #tag-3")).to_be_visible()

    assert paths(served) == ["nature", "nature/water", "nature/water/stone"]
    expect(page.locator("#tag-3 > .tag-row > a")).to_be_focused()
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator("#tag-tree > #tag-3")).to_be_visible()
    assert paths(served) == PATHS


def test_a_tag_is_not_dropped_below_itself(page: Page, served: Served) -> None:
    tree(page, served)

    page.drag_and_drop("#tag-1 > .tag-row > a", "#tag-2 > .tag-row")

    expect(page.locator(".tag-top")).to_be_hidden()
    assert paths(served) == PATHS


def test_a_tag_is_moved_by_keyboard_alone(page: Page, served: Served) -> None:
    tree(page, served)
    page.locator("#tag-3 > .tag-row > a").focus()

    page.keyboard.press("m")
    expect(page.locator(".tag-top")).to_contain_text("Moving stone")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#tag-2 > .tag-row > a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(page.locator("#tag-1 #tag-3 > .tag-row > a")).to_be_focused()
    assert paths(served) == ["nature", "nature/stone", "nature/water"]


def test_escape_leaves_everything_where_it_is(page: Page, served: Served) -> None:
    tree(page, served)
    page.locator("#tag-3 > .tag-row > a").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowUp")

    page.keyboard.press("Escape")

    expect(page.locator("#tag-3 > .tag-row > a")).to_be_focused()
    expect(page.locator(".is-target")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.url}/viewer/tag/3/")
    assert paths(served) == PATHS


def test_a_tag_is_moved_by_its_button_and_then_a_click_and_to_the_top(
    page: Page, served: Served
) -> None:
    tree(page, served)

    page.get_by_role("button", name="Move water").click()
    page.locator("#tag-3 > .tag-row > a").click()
    expect(page.locator("#tag-3 #tag-2")).to_be_visible()
    page.get_by_role("button", name="Move water").click()
    page.get_by_role("button", name="To the top level").click()

    expect(page.locator("#tag-tree > #tag-2")).to_be_visible()
    assert paths(served) == ["nature", "stone", "water"]


# Typing


def picture(page: Page, served: Served) -> None:
    """The page of a picture that has the tag water alone."""
    page.goto(f"{served.url}/viewer/tag/2/?sort=name&tf1=0&tv1=3")
    page.goto(f"{served.url}{page.locator('li.cell a.to').first.get_attribute('href')}")
    expect(page.get_by_role("combobox", name="Add a tag")).to_be_visible()


def test_a_few_letters_and_enter_give_the_tag_that_is_offered_first(
    page: Page, served: Served
) -> None:
    picture(page, served)

    page.keyboard.press("t")
    page.keyboard.type("st")
    expect(page.get_by_role("option", selected=True)).to_contain_text("stone")
    page.keyboard.press("Enter")

    expect(page.locator(".tag-list")).to_contain_text("stone")
    page.locator("#messages").get_by_role("button", name="Undo").click()
    expect(page.locator(".tag-list")).not_to_contain_text("stone")


def test_what_is_offered_shows_what_is_above_and_tab_only_completes(
    page: Page, served: Served
) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")

    box.fill("wat")
    expect(page.get_by_role("option").first).to_contain_text("water < nature")
    box.press("Tab")

    expect(box).to_have_value("nature/water")
    expect(box).to_be_focused()
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_new_tag_is_made_only_when_it_was_chosen(page: Page, served: Served) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")

    box.fill("nature/sto")
    expect(page.get_by_role("option", name="New tag nature/sto")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")

    expect(page.locator(".tag-list")).to_contain_text("nature/sto")
    assert "nature/sto" in paths(served)


def test_escape_closes_the_list_and_keeps_what_was_typed(page: Page, served: Served) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")
    box.fill("st")
    expect(box).to_have_attribute("aria-expanded", "true")

    box.press("Escape")

    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("st")


def test_letters_typed_faster_than_they_are_answered_mean_what_they_say(
    page: Page, served: Served
) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")
    box.fill("s")
    expect(page.get_by_role("option").first).to_contain_text("stone")

    box.fill("nature")
    box.press("Enter")

    expect(page.locator(".tag-list li")).to_have_count(2)
    expect(page.locator(".tag-list")).not_to_contain_text("stone")


def nothing_the_first_time(held: Held) -> Callable[[Route], None]:
    """Answers the first request as where there is no tag yet."""

    def go(route: Route) -> None:
        if route is held.routes[0]:
            route.fulfill(body="", content_type="text/html")
        else:
            route.continue_()

    return go


def test_an_answer_with_nothing_to_offer_does_not_end_what_is_asked_for_since(
    page: Page, served: Served
) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")
    held = Held(page, "**/suggest/*")
    with page.expect_request("**/suggest/*"):
        box.focus()
    box.fill("sto")
    held.release(nothing_the_first_time(held))

    expect(page.get_by_role("option").first).to_contain_text("stone")


def test_what_was_chosen_stays_chosen_when_the_answer_to_the_last_letter_comes(
    page: Page, served: Served
) -> None:
    picture(page, served)
    box = page.get_by_role("combobox", name="Add a tag")
    box.fill("sto")
    expect(page.get_by_role("option", name="New tag sto")).to_be_visible()
    held = Held(page, "**/suggest/*")
    with page.expect_request("**/suggest/*"):
        box.fill("ston")
    box.press("ArrowDown")
    held.release()

    expect(page.get_by_role("option", name="New tag ston", selected=True)).to_be_visible()
    box.press("Enter")
    expect(page.locator(".tag-list")).to_contain_text("ston")
    assert "ston" in paths(served)


def test_a_click_on_what_is_offered_gives_it(page: Page, served: Served) -> None:
    picture(page, served)
    page.get_by_role("combobox", name="Add a tag").click()

    page.get_by_role("option", name="stone").click()

    expect(page.locator(".tag-list")).to_contain_text("stone")
