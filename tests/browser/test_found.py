"""What annoyed whoever used the viewer for the first time, one by one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import sets
from tests.browser.galleries import ALBUM, Grid
from tests.browser.serving import Served, serving
from tests.browser.staging import open_set, set_with, wait_for_stage
from tests.support import encoded
from tests.viewer.galleries import digest, make_gallery

SIZES = (480, 400, 340, 300, 260)
"""How wide the five copies of one picture are."""


@pytest.fixture(scope="module")
def made_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three pairs and a set of five."""
    base = tmp_path_factory.mktemp("found")
    sets.write_small_sets(base / "pictures", 3)
    picture = sets.mosaic(7)
    for at, width in enumerate(SIZES):
        raw = encoded(picture.resize((width, width * 2 // 3)), "JPEG", quality=92 - 4 * at)
        (base / "pictures" / f"five {at}.jpg").write_bytes(raw)
    return sets.make_sets(base / "archive", base / "pictures")


@pytest.fixture
def reviewed(made_sets: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of a copy of it."""
    shutil.copytree(made_sets, tmp_path / "sets")
    with serving(tmp_path / "sets", sealed=False) as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, reviewed: Served) -> Iterator[Page]:
    """A tab that was let in; what goes wrong in it fails the test."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(reviewed.link)
    yield page
    assert troubles == []


@pytest.fixture
def grid(context: BrowserContext, tmp_path: Path) -> Iterator[Grid]:
    """An album of many rows."""
    make_gallery(tmp_path / "album", 60)
    with serving(tmp_path / "album", sealed=False) as served:
        page = context.new_page()
        page.goto(served.link)
        yield Grid(page, served)


def press(page: Page, key: str) -> None:
    """Presses what decides, and waits for the page that answers."""
    page.evaluate("document.querySelector('.stage').dataset.old = 'yes'")
    page.keyboard.press(key)
    page.wait_for_selector(".stage:not([data-old])")
    wait_for_stage(page)


def test_letters_go_from_picture_to_picture_of_a_large_set(tab: Page, reviewed: Served) -> None:
    open_set(tab, reviewed, set_with(reviewed, "five 0.jpg"))
    active = tab.locator(".pane[data-active]")
    tab.keyboard.press("ArrowRight")
    expect(active).to_have_attribute("data-picture", "2")

    press(tab, "k")
    expect(active).to_have_attribute("data-picture", "3")
    press(tab, "s")
    expect(active).to_have_attribute("data-picture", "4")
    press(tab, "u")
    expect(active).to_have_attribute("data-picture", "4")


def test_each_set_of_a_run_has_a_number_of_its_own(tab: Page, reviewed: Served) -> None:
    tab.goto(f"{reviewed.url}/viewer/review/?go=1")
    wait_for_stage(tab)
    numbers = []
    for _ in range(3):
        found = re.match(r"Set (\d) of 4", tab.locator("#title").inner_text())
        assert found
        numbers.append(int(found[1]))
        press(tab, "x")

    assert numbers == [1, 2, 3]


def test_the_row_of_the_queue_and_that_of_the_buttons_are_one_line(
    tab: Page, reviewed: Served
) -> None:
    open_set(tab, reviewed, set_with(reviewed, "five 0.jpg"))
    press(tab, "k")

    for rows in (".queue-bar > *", ".quick > form"):
        boxes = [one.bounding_box() for one in tab.locator(rows).all() if one.is_visible()]
        tops = [box["y"] + box["height"] / 2 for box in boxes if box]
        assert max(tops) - min(tops) < 12, rows


def test_the_help_is_shown_from_its_beginning(tab: Page, reviewed: Served) -> None:
    open_set(tab, reviewed, set_with(reviewed, "five 0.jpg"))

    tab.keyboard.press("?")

    expect(tab.locator("#keys-help-title")).to_be_in_viewport()


def test_typing_a_tag_leaves_the_pictures_where_they_are(grid: Grid) -> None:
    grid.open("?lock=1")
    grid.cell(3).locator("label").click()
    grid.count(1)

    grid.page.keyboard.press("t")
    grid.page.keyboard.type("any")

    expect(grid.page.locator("#tag_select")).to_have_value("any")
    assert grid.page.evaluate("scrollY") == 0


def test_keys_go_on_at_the_picture_one_comes_back_to(grid: Grid) -> None:
    grid.page.goto(f"{grid.served.url}{ALBUM}?at={digest(4).hex()}")
    grid.ready()

    assert grid.focused() == 4
