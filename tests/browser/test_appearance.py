"""What a page looks like where something is missing, small, or large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fapfav.model import Digest
from tests.browser import sets
from tests.browser.serving import Served, serving
from tests.browser.staging import open_set, set_with
from tests.support import encoded
from tests.viewer.archives import copied

WIDTHS = (480, 440, 400, 360)
"""How wide the pictures of the set of four are."""


@pytest.fixture(scope="module")
def made_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pair for which nothing is suggested, and a set of four."""
    base = tmp_path_factory.mktemp("appearance")
    pictures = base / "pictures"
    pictures.mkdir()
    large = sets.mosaic(3)
    (pictures / "large.jpg").write_bytes(encoded(large, "JPEG", quality=40))
    (pictures / "fine.jpg").write_bytes(encoded(large.resize((360, 240)), "JPEG", quality=95))
    four = sets.mosaic(4)
    for width in WIDTHS:
        raw = encoded(four.resize((width, width * 2 // 3)), "JPEG", quality=50 + width // 12)
        (pictures / f"four {width}.jpg").write_bytes(raw)
    return sets.make_sets(base / "archive", pictures)


@pytest.fixture
def shown(made_sets: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of a copy of it."""
    with serving(copied(made_sets, tmp_path / "archive"), sealed=False) as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, shown: Served) -> Page:
    """A tab that was let in."""
    page = context.new_page()
    page.goto(shown.link)
    return page


def album(page: Page, served: Served) -> str:
    """The address of the one album."""
    page.goto(f"{served.url}/viewer/users/")
    page.locator("tbody th a").click()
    page.locator("tbody th a").click()
    expect(page.locator(".cell [tabindex='-1']").first).to_be_attached()
    return page.url


def lose(served: Served, digest: Digest, folder: str) -> None:
    """Removes a file of a picture, as a failing disk does."""
    for file in (served.where / folder).glob(f"{digest.hex()}.*"):
        file.unlink()


def top(page: Page, selector: str) -> set[float]:
    """Where the upper edges of all these are."""
    return {box["y"] for one in page.locator(selector).all() if (box := one.bounding_box())}


def test_enter_says_that_nothing_is_suggested(tab: Page, shown: Served) -> None:
    open_set(tab, shown, set_with(shown, "large.jpg"))
    where = tab.url
    expect(tab.locator("#no-suggestion")).to_be_visible()

    tab.locator("#title").focus()
    tab.keyboard.press("Enter")

    expect(tab.locator("#live")).to_contain_text("Nothing is suggested")
    expect(tab.locator("#no-suggestion.said")).to_be_visible()
    assert tab.url == where


def test_where_something_is_suggested_enter_takes_it(tab: Page, shown: Served) -> None:
    open_set(tab, shown, set_with(shown, "four 480.jpg"))

    expect(tab.locator("#no-suggestion")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_verdicts_of_a_picture_are_one_row(tab: Page, shown: Served, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    open_set(tab, shown, set_with(shown, "four 480.jpg"))

    assert len(top(tab, "#picture-1 .verdict label")) == 1
    outside = tab.locator("#picture-1 .verdict label").last.evaluate(
        "one => one.getBoundingClientRect().right > innerWidth"
    )
    assert not outside


def test_a_picture_without_its_thumbnail_says_so_in_its_cell(tab: Page, shown: Served) -> None:
    lost = set_with(shown, "four 440.jpg")
    lose(shown, lost, "thumbs")
    album(tab, shown)
    image = tab.locator(f".cell a.to[href*='{lost.hex()}'] img")

    expect(image).to_have_js_property("naturalWidth", 0)
    words = image.evaluate("one => getComputedStyle(one, '::after').content")
    assert "no thumbnail" in words
    assert "four 440.jpg" in words
    box = image.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) > 100


def test_high_rows_show_more_than_a_thumbnail_has(tab: Page, shown: Served) -> None:
    address = album(tab, shown)
    image = tab.locator(".cell img[width='480']").first
    expect(image).to_have_js_property("naturalWidth", 280)

    tab.keyboard.press("+")
    expect(image).to_have_js_property("naturalWidth", 480)
    tab.keyboard.press("-")
    expect(image).to_have_js_property("naturalWidth", 280)

    tab.goto(f"{address.split('?')[0]}?size=l")
    expect(image).to_have_js_property("naturalWidth", 480)


def test_high_rows_show_the_thumbnail_of_a_picture_that_is_lost(tab: Page, shown: Served) -> None:
    lost = set_with(shown, "four 480.jpg")
    lose(shown, lost, "blobs")
    address = album(tab, shown)

    tab.goto(f"{address.split('?')[0]}?size=l")

    image = tab.locator(f".cell a.to[href*='{lost.hex()}'] img")
    expect(image).to_have_js_property("naturalWidth", 280)
