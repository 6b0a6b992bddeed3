"""Selecting pictures in a browser: by mouse and by keys, kept by the server, tagged in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fapfav.jobs import tagging
from tests.browser.galleries import ALBUM, Grid
from tests.browser.serving import Served, serving
from tests.viewer.archives import copied
from tests.viewer.galleries import digest, make_gallery


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album of 150 pictures that stays as it is."""
    made = tmp_path_factory.mktemp("gallery") / "album"
    make_gallery(made, 150)
    return made


@pytest.fixture
def served(album: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of a copy of it."""
    with serving(copied(album, tmp_path / "album"), sealed=False) as found:
        yield found


@pytest.fixture
def grid(page: Page, served: Served) -> Grid:
    """The album, locked for tagging."""
    found = Grid(page, served)
    found.open("?lock=1")
    return found


def tagged(served: Served, tag: int) -> set[int]:
    with served.viewer.archive() as archive:
        carrying = tagging.carriers(archive).get(tag, set())
    return {number for number in range(150) if digest(number) in carrying}


def test_a_click_selects_and_another_does_no_longer(grid: Grid) -> None:
    grid.cell(1).locator("label").click()
    grid.cell(4).locator("label").click()
    grid.count(2)

    grid.cell(1).locator("label").click()

    grid.count(1)
    assert grid.selected() == {4}


def test_shift_click_selects_all_between(grid: Grid) -> None:
    grid.cell(1).locator("label").click()
    grid.cell(6).locator("label").click(modifiers=["Shift"])

    grid.count(6)
    assert grid.selected() == set(range(1, 7))


def test_a_rectangle_selects_what_it_touches(grid: Grid) -> None:
    first, last = grid.cell(0).bounding_box(), grid.cell(2).bounding_box()
    mouse = grid.page.mouse

    mouse.move(first["x"] + first["width"] / 2, first["y"] + 60)
    mouse.down()
    mouse.move(last["x"] + 20, last["y"] + 80, steps=5)
    expect(grid.page.locator(".band")).to_be_visible()
    mouse.up()

    grid.count(3)
    assert grid.selected() == {0, 1, 2}
    expect(grid.page.locator(".band")).to_have_count(0)


def test_what_is_selected_survives_reload_and_back_and_other_pages(grid: Grid) -> None:
    grid.cell(1).locator("label").click()
    grid.cell(2).locator("label").click()
    grid.count(2)

    grid.page.reload()
    grid.ready()
    assert grid.selected() == {1, 2}
    grid.page.goto(f"{grid.served.url}/viewer/users/")
    grid.page.go_back()
    grid.ready()
    assert grid.selected() == {1, 2}
    grid.open("?lock=1&page=2")
    grid.count(2)


def test_all_of_the_view_and_none(grid: Grid) -> None:
    grid.page.keyboard.press("a")
    grid.count(150)
    assert grid.selected() == set(range(100))
    grid.scroll_to_page(2)
    assert len(grid.selected()) == 150

    grid.page.keyboard.press("Shift+A")

    grid.count(0)
    assert grid.selected() == set()


def test_space_selects_and_shift_with_arrows_extends(grid: Grid) -> None:
    press = grid.page.keyboard.press
    press("ArrowRight")
    press("ArrowRight")
    press("Space")
    grid.count(1)

    press("Shift+ArrowRight")
    press("Shift+ArrowRight")
    grid.count(3)
    press("Shift+ArrowLeft")

    grid.count(2)
    assert grid.selected() == {1, 2}
    press("Escape")
    grid.count(0)


def test_space_on_a_picture_that_is_looked_at_locks_and_selects_it(grid: Grid) -> None:
    grid.open()
    grid.cell(5).locator("a.to").focus()

    grid.page.keyboard.press("Space")

    grid.page.wait_for_url("**lock=1*")
    grid.ready()
    assert grid.selected() == {5}
    assert grid.focused() == 5


def test_enter_opens_also_when_locked(grid: Grid) -> None:
    grid.cell(5).locator("input").focus()

    grid.page.keyboard.press("Enter")

    grid.page.wait_for_url(f"**/picture/{digest(5).hex()}/**")


def test_tagging_by_keys_changes_the_page_in_place(grid: Grid) -> None:
    press = grid.page.keyboard.press
    grid.page.evaluate("() => { window.same = true; }")
    grid.cell(1).locator("input").focus()
    press("Space")
    press("Shift+ArrowRight")
    grid.count(2)

    press("t")
    grid.page.keyboard.type("wat")
    expect(grid.page.locator(".tagbox-list:visible li").first).to_contain_text("water")
    press("Enter")

    message = grid.page.locator(".message.success")
    expect(message).to_contain_text("2 pictures got the tag nature/water")
    expect(grid.cell(1).locator("label")).to_have_attribute(
        "title", "picture 1.gif\n9.77 kb, 150 x 100\nnature/water\n2025/06/15-15:06:39-UTC"
    )
    assert {1, 2} <= tagged(grid.served, 2)
    assert grid.page.evaluate("() => window.same")
    assert grid.focused() == 2
    assert grid.selected() == {1, 2}


def test_a_digit_gives_a_recent_tag(grid: Grid) -> None:
    grid.cell(1).locator("label").click()
    grid.page.locator("#tag_select").fill("nature")
    grid.page.get_by_role("button", name="Tag", exact=True).click()
    expect(grid.page.locator(".recent button")).to_have_count(1)
    grid.page.keyboard.press("Escape")
    grid.count(0)
    grid.cell(7).locator("label").click()
    grid.count(1)

    with grid.page.expect_response(lambda one: one.request.method == "POST"):
        grid.page.keyboard.press("1")

    expect(grid.page.locator(".message.success")).to_contain_text("1 picture got the tag nature.")
    assert tagged(grid.served, 1) == {1, 7}


def test_tags_are_taken_off_by_key(grid: Grid) -> None:
    grid.cell(10).locator("label").click()
    grid.page.keyboard.press("Shift+T")
    expect(grid.page.locator("#clear_tag")).to_be_focused()

    grid.page.keyboard.type("water")
    grid.page.keyboard.press("Enter")

    expect(grid.page.locator(".message.success")).to_contain_text("1 picture lost the tag")
    assert 10 not in tagged(grid.served, 2)


def test_pictures_go_to_the_trash_by_key_and_come_back_by_undo(grid: Grid) -> None:
    grid.cell(3).locator("label").click()
    grid.cell(4).locator("label").click()

    grid.page.keyboard.press("Delete")

    expect(grid.cell(3)).to_have_count(0)
    expect(grid.cell(5)).to_be_visible()
    grid.count(0)
    expect(grid.page.locator(".cells .cell")).to_have_count(100)
    grid.page.locator(".message").get_by_role("button", name="Undo").click()
    expect(grid.cell(3)).to_be_visible()


def test_the_last_pictures_of_a_view_may_go(grid: Grid) -> None:
    grid.open("?lock=1&tf1=2&tv1=2")
    grid.page.keyboard.press("a")
    grid.count(15)

    grid.page.keyboard.press("Delete")

    expect(grid.page.locator("#nothing")).to_contain_text("No pictures for these filters")


def test_all_are_refused_when_there_are_others_now(context: BrowserContext, served: Served) -> None:
    grid = Grid(context.new_page(), served)  # a refusal is an error to the browser's console
    grid.page.goto(served.link)
    with served.viewer.archive() as archive:
        tagging.apply(archive, "nature", [digest(1)])
    grid.open("?lock=1&tf1=2&tv1=1")
    with served.viewer.archive() as archive:
        tagging.apply(archive, "nature", [digest(2)])

    grid.page.keyboard.press("a")

    expect(grid.page.locator(".message.error")).to_contain_text("there are 17 now")
    assert grid.selected() == set()


def test_a_phone_has_room_for_pictures_beside_the_tools(grid: Grid) -> None:
    grid.page.set_viewport_size({"width": 360, "height": 780})
    grid.page.goto(f"{grid.served.url}{ALBUM}?lock=1")

    height = grid.page.locator("#tools").evaluate("one => one.offsetHeight")
    assert height <= 200
