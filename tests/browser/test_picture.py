"""Full screen in a browser: opening, going on, zooming, tagging and leaving, by mouse and keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import Held, tap, touch
from tests.browser.serving import Served
from tests.viewer.archives import opened

FULL = "dialog.full"
STARTED = """import(new URL("picture.js", document.querySelector("script[type=module]").src))
  .then(() => new Promise(requestAnimationFrame))"""
STAGE = f"{FULL} .picture-stage"


def grid(page: Page, served: Served, path: str = "tag/2/") -> list[str]:
    """Goes to a grid; returns the addresses of its pictures."""
    page.goto(f"{served.url}/viewer/{path}")
    page.evaluate(STARTED)
    links = page.locator("li.cell a.to")
    return [f"{served.url}{links.nth(at).get_attribute('href')}" for at in range(links.count())]


def open_first(page: Page, served: Served, path: str = "tag/2/") -> list[str]:
    """Opens the first picture of a grid in full screen."""
    found = grid(page, served, path)
    page.locator("li.cell a.to").first.click()
    expect(page.locator(STAGE)).to_be_focused()
    return found


def back_at(served: Served) -> re.Pattern[str]:
    """The address of the grid, which follows the picture that has the focus soon after."""
    return re.compile(re.escape(f"{served.url}/viewer/tag/2/") + r"(\?at=[0-9a-f]{64})?$")


def position(page: Page) -> Any:
    return page.locator(f"{FULL} .picture-position")


def percent(page: Page) -> Any:
    return page.locator(f"{FULL} .picture-percent")


def test_a_click_opens_a_picture_and_escape_brings_the_focus_back(
    page: Page, served: Served
) -> None:
    found = open_first(page, served)
    expect(page).to_have_url(found[0])

    page.keyboard.press("Escape")

    expect(page.locator(FULL)).to_have_count(0)
    expect(page).to_have_url(back_at(served))
    expect(page.locator("li.cell a.to").first).to_be_focused()


def test_escape_before_a_picture_is_there_opens_none(page: Page, served: Served) -> None:
    grid(page, served)
    held = Held(page, "**/viewer/picture/**")
    page.locator("li.cell a.to").first.click()
    page.keyboard.press("Escape")
    page.locator("li.cell a.to").nth(1).click()
    held.release()

    expect(position(page)).to_have_text("2 of 5")
    page.go_back()
    expect(page.locator(FULL)).to_have_count(0)
    expect(page).to_have_url(back_at(served))


def test_enter_opens_one_arrows_go_on_and_the_focus_comes_back_where_they_ended(
    page: Page, served: Served
) -> None:
    found = grid(page, served)
    page.locator("li.cell a.to").first.focus()

    page.keyboard.press("Enter")
    expect(position(page)).to_have_text("1 of 5")
    page.keyboard.press("ArrowRight")
    expect(position(page)).to_have_text("2 of 5")
    page.keyboard.press("End")
    expect(position(page)).to_have_text("5 of 5")
    expect(page).to_have_url(found[4])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(position(page)).to_have_text("4 of 5")
    page.keyboard.press("PageUp")
    expect(position(page)).to_have_text("1 of 5")
    page.keyboard.press("PageDown")
    expect(position(page)).to_have_text("5 of 5")
    page.keyboard.press("Enter")

    expect(page.locator(FULL)).to_have_count(0)
    expect(page.locator("li.cell a.to").nth(4)).to_be_focused()


def test_going_back_closes_it_and_reloading_shows_the_picture_itself(
    page: Page, served: Served
) -> None:
    found = open_first(page, served)
    page.keyboard.press("ArrowRight")
    expect(position(page)).to_have_text("2 of 5")

    page.go_back()

    expect(page.locator(FULL)).to_have_count(0)
    expect(page).to_have_url(back_at(served))
    page.go_forward()
    page.reload()
    expect(page).to_have_url(found[1])
    expect(page.locator("section.picture")).to_be_visible()


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])
def test_no_picture_is_asked_for_twice(request: pytest.FixtureRequest, sealed: bool) -> None:
    served: Served = request.getfixturevalue("sealed_served" if sealed else "served")
    page: Page = request.getfixturevalue("context").new_page()
    page.goto(served.link)
    asked: Counter[str] = Counter()
    page.on("request", lambda made: asked.update([made.url] if "/show/" in made.url else []))
    open_first(page, served)

    for key, at in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("ArrowRight", 3)):
        page.keyboard.press(key)
        expect(position(page)).to_have_text(f"{at} of 5")
        expect(page.locator(f"{STAGE} img")).to_have_js_property("complete", True)

    assert max(asked.values()) == 1
    assert len(asked) >= 4


# Zoom

WHERE = """([fx, fy]) => {
  const box = document.querySelector('dialog.full .picture-stage img').getBoundingClientRect();
  return [box.left + fx * box.width, box.top + fy * box.height];
}"""


def drawn(page: Page, fraction: list[float]) -> list[float]:
    """Where a point of the picture is on the screen, once what was asked for is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[float] = page.evaluate(WHERE, fraction)
    return found


def test_the_point_under_the_pointer_stays_there_while_the_wheel_turns(
    page: Page, served: Served
) -> None:
    open_first(page, served)
    point = [0.3, 0.7]
    x, y = drawn(page, point)
    page.mouse.move(x, y)

    for turned in (-100, -100, -300, 200, -150):
        page.mouse.wheel(0, turned)
        at = drawn(page, point)
        assert abs(at[0] - x) < 1
        assert abs(at[1] - y) < 1

    assert int(percent(page).inner_text().split()[0]) > 200


def test_a_picture_is_whole_at_first_and_zoomed_by_keys_buttons_and_double_click(
    page: Page, served: Served
) -> None:
    open_first(page, served)
    expect(percent(page)).to_have_text("100 %")

    page.keyboard.press("+")
    expect(percent(page)).to_have_text("125 %")
    page.get_by_role("button", name="Larger").click()
    expect(percent(page)).to_have_text("156 %")
    page.keyboard.press("-")
    expect(percent(page)).to_have_text("125 %")
    page.keyboard.press("0")
    expect(percent(page)).to_have_text("100 %")
    page.mouse.dblclick(640, 400)
    expect(percent(page)).to_have_text("200 %")
    tap(page, "z")
    expect(percent(page)).to_have_text("100 %")


def test_it_is_dragged_and_pushed_with_shift_and_arrows_while_arrows_still_go_on(
    page: Page, served: Served
) -> None:
    open_first(page, served)
    for _ in range(6):
        page.keyboard.press("+")
    before = drawn(page, [0.5, 0.5])

    page.mouse.move(640, 400)
    page.mouse.down()
    page.mouse.move(690, 370, steps=3)
    page.mouse.up()
    after = drawn(page, [0.5, 0.5])
    assert [round(after[0] - before[0]), round(after[1] - before[1])] == [50, -30]

    page.keyboard.press("Shift+ArrowRight")
    assert round(drawn(page, [0.5, 0.5])[0] - after[0]) == -128
    page.keyboard.press("ArrowRight")
    expect(position(page)).to_have_text("2 of 5")


# What is done there


def test_tagging_by_typing_and_undo_by_key(page: Page, served: Served) -> None:
    open_first(page, served, "tag/2/?tf1=0&tv1=3")

    page.keyboard.press("t")
    page.keyboard.type("sto")
    expect(page.locator(FULL).get_by_role("option", selected=True)).to_contain_text("stone")
    page.keyboard.press("Enter")
    expect(page.locator(f"{FULL} .tag-list")).to_contain_text("stone")
    expect(page.locator(STAGE)).to_be_focused()
    expect(page.locator(f"{FULL} .message")).to_contain_text("Tagged stone.")

    page.keyboard.press("u")

    expect(page.locator(f"{FULL} .tag-list")).not_to_contain_text("stone")
    page.keyboard.press("Escape")
    expect(page.locator(FULL)).to_have_count(0)
    expect(page.locator("li.cell#at")).to_have_count(1)


def test_escape_closes_the_list_of_tags_before_the_picture(page: Page, served: Served) -> None:
    open_first(page, served)
    page.keyboard.press("t")
    page.keyboard.type("s")
    expect(page.locator(f"{FULL} [role=option]").first).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator(f"{FULL} [role=listbox]")).to_be_hidden()
    expect(page.locator(FULL)).to_be_visible()


def test_delete_sends_to_the_trash_shows_the_next_and_undo_brings_it_back(
    page: Page, served: Served
) -> None:
    open_first(page, served)

    page.keyboard.press("Delete")
    expect(position(page)).to_have_text("1 of 4")
    assert len(opened(served.where, sealed=False).trash) == 1
    page.locator(f"{FULL} .message").get_by_role("button", name="Undo").click()

    expect(position(page)).to_have_text("2 of 5")
    assert len(opened(served.where, sealed=False).trash) == 0


def test_a_verdict_is_one_key_when_it_was_opened_from_a_set(page: Page, served: Served) -> None:
    archive = opened(served.where, sealed=False)
    group = archive.groups[0]
    name = group.members[0].hex()
    page.goto(f"{served.url}/viewer/picture/{name}/?in=duplicate/{name}/")
    page.evaluate(STARTED)
    page.keyboard.press("Enter")
    expect(page.locator(STAGE)).to_be_focused()

    page.keyboard.press("k")

    keep = page.locator(f"{FULL} [name=verdict][value=keep]")
    expect(keep).to_have_attribute("aria-pressed", "true")
    verdict = opened(served.where, sealed=False).group_of(group.members[0]).verdicts
    assert verdict[group.members[0]] == "keep"


def test_an_animation_is_paused_and_played_by_the_space_bar(page: Page, served: Served) -> None:
    archive = opened(served.where, sealed=False)
    moving = next(blob.digest for blob in archive.blobs.records() if blob.animated)
    page.goto(f"{served.url}/viewer/picture/{moving.hex()}/")
    page.evaluate(STARTED)
    page.locator(".picture-link").click()
    expect(page.locator(STAGE)).to_be_focused()

    page.keyboard.press("Space")
    expect(page.locator(f"{STAGE} canvas")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Space")

    expect(page.locator(f"{STAGE} img")).to_be_visible()


def test_the_page_of_a_picture_comes_back_as_it_was(page: Page, served: Served) -> None:
    page.goto(grid(page, served)[0])
    page.evaluate(STARTED)
    page.locator(".picture-open").click()
    expect(page.locator(STAGE)).to_be_focused()

    page.keyboard.press("i")
    expect(page.locator(f"{FULL} .picture-side")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator(f"{FULL}")).to_have_count(0)
    expect(page.locator("main .picture-link")).to_be_focused()
    box = page.locator("main .picture-stage img").bounding_box()
    assert box is not None
    assert box["width"] <= 480


# Fingers


@pytest.fixture
def phone(browser: Browser, served: Served) -> Iterator[Page]:
    """A tab of a phone."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(served.link)
    yield page
    context.close()


def test_a_swipe_and_a_tap_at_the_side_go_on_and_two_fingers_zoom(
    phone: Page, served: Served
) -> None:
    open_first(phone, served)

    touch(phone, [(300, 400)], [(200, 405)], [(90, 410)])
    expect(position(phone)).to_have_text("2 of 5")
    phone.touchscreen.tap(340, 400)
    expect(position(phone)).to_have_text("3 of 5")
    phone.touchscreen.tap(20, 400)
    expect(position(phone)).to_have_text("2 of 5")

    before = drawn(phone, [1, 0])[0] - drawn(phone, [0, 0])[0]
    touch(phone, [(150, 400), (210, 400)], [(120, 400), (240, 400)], [(90, 400), (270, 400)])
    after = drawn(phone, [1, 0])[0] - drawn(phone, [0, 0])[0]
    assert after / before == pytest.approx(3, rel=0.1)


def test_controls_are_large_enough_for_a_thumb_and_nothing_lies_beyond_the_screen(
    phone: Page, served: Served
) -> None:
    open_first(phone, served)

    boxes = [
        box
        for control in phone.locator(f"{FULL} :is(button, .picture-go)").all()
        if control.is_visible() and (box := control.bounding_box()) is not None
    ]

    assert len(boxes) >= 6
    assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
