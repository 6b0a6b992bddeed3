"""What differs between two pictures: the map, its words, and the view of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import sets
from tests.browser.serving import Served, serving
from tests.browser.staging import open_set, set_with

MAP = """
async ({ width, height, make }) => {
  const address = [...document.scripts].find((one) => one.src.includes("main.js")).src;
  const map = await import(new URL("difference-worker.js", address).href);
  const size = width * height * 4;
  const first = new Uint8ClampedArray(size);
  const second = new Uint8ClampedArray(size);
  for (let at = 0; at < size; at++) {
    const [x, y] = [Math.floor(at / 4) % width, Math.floor(at / 4 / width)];
    first[at] = at % 4 === 3 ? 255 : 60 + ((x * 7 + y * 3) % 80);
    second[at] = first[at];
  }
  eval(make);
  const found = map.differenceMap(first, second, width, height);
  return { words: map.differenceWords(found), boxes: found.boxes, shift: found.shift };
}
"""
PAINT = """
const paint = (left, top, right, bottom, value) => {
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) for (let c = 0; c < 3; c++)
    second[(y * width + x) * 4 + c] = value;
};
"""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of three pairs: recompressed and halved, painted over, cropped."""
    base = tmp_path_factory.mktemp("difference")
    sets.write_set(base / "pictures", 1, sets.half)
    sets.write_set(base / "pictures", 2, sets.patched)
    sets.write_set(base / "pictures", 3, sets.cropped)
    with serving(sets.make_sets(base / "archive", base / "pictures"), sealed=False) as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, compared: Served) -> Page:
    """A tab that was let in."""
    page = context.new_page()
    page.goto(compared.link)
    return page


@pytest.fixture(scope="module")
def calculator(browser: Browser, compared: Served) -> Iterator[Page]:
    """A tab without the policy of pages, which runs functions of the worker on made up pixels."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(compared.link)
    yield page
    context.close()


def mapped(page: Page, make: str, width: int = 320, height: int = 240) -> dict[str, Any]:
    """The map of two made up pictures; the second is what `make` makes of the first."""
    found: dict[str, Any] = page.evaluate(
        MAP, {"width": width, "height": height, "make": PAINT + make}
    )
    return found


def test_equal_pictures_do_not_differ(calculator: Page) -> None:
    found = mapped(calculator, "")

    assert found["boxes"] == []
    assert found["words"] == "Nothing differs beyond compression"


def test_a_brighter_picture_is_said_to_be_brighter_and_does_not_differ_else(
    calculator: Page,
) -> None:
    brighter = "for (let at = 0; at < size; at++) if (at % 4 < 3) second[at] = first[at] + 13;"
    found = mapped(calculator, brighter)

    assert found["boxes"] == []
    assert found["words"] == "Nothing differs beyond compression; 5 % brighter"


def test_noise_stays_below_the_limit(calculator: Page) -> None:
    found = mapped(
        calculator, "for (let at = 0; at < size; at++) if (at % 4 < 3) second[at] += (at % 3) * 3;"
    )

    assert found["boxes"] == []


def test_a_painted_place_is_one_box_where_it_is(calculator: Page) -> None:
    found = mapped(calculator, "paint(16, 192, 48, 224, 255);")
    (box,) = found["boxes"]

    assert (box["x"], box["y"]) == (16 / 320, 192 / 240)
    assert (box["width"], box["height"]) == (32 / 320, 32 / 240)
    assert found["words"] == "One place differs, 1.3 % of the picture, lower left"


def test_places_that_do_not_touch_are_boxes_of_their_own_largest_first(calculator: Page) -> None:
    found = mapped(calculator, "paint(0, 0, 16, 16, 255); paint(288, 96, 320, 144, 255);")
    boxes: list[dict[str, float]] = found["boxes"]

    assert [round(box["x"] * 320) for box in boxes] == [288, 0]
    assert found["words"] == "2 places differ, 2.3 % of the picture, most right"


def test_another_picture_differs_all_over(calculator: Page) -> None:
    found = mapped(
        calculator,
        "for (let at = 0; at < size; at++) if (at % 4 < 3) second[at] = (at >> 7) % 2 ? 0 : 255;",
    )

    assert found["words"] == "Differs all over: another picture or strong edit"


def test_tiles_at_an_edge_are_no_larger_than_the_picture(calculator: Page) -> None:
    found = mapped(calculator, "paint(96, 96, 100, 100, 255);", width=100, height=100)
    (box,) = found["boxes"]

    assert (box["x"], box["y"]) == (0.96, 0.96)
    assert box["x"] + box["width"] == pytest.approx(1)


def look_at_difference(page: Page, served: Served, name: str) -> str:
    """Opens a set and asks for its difference; returns what is said of it."""
    open_set(page, served, set_with(served, name))
    page.keyboard.press("d")
    words = page.locator(".difference-words")
    page.wait_for_function(
        "() => /differ/i.test(document.querySelector('.difference-words').textContent)"
    )
    return words.inner_text()


def test_a_smaller_recompressed_copy_does_not_differ(tab: Page, compared: Served) -> None:
    assert look_at_difference(tab, compared, "001 first.jpg") == (
        "Nothing differs beyond compression"
    )
    expect(tab).to_have_url(re.compile("view=diff"))


def test_what_was_painted_is_said_and_shown_and_gone_to(tab: Page, compared: Served) -> None:
    words = look_at_difference(tab, compared, "002 first.jpg")
    tab.keyboard.press("g")
    view = tab.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
          const frame = document.querySelector(".frame");
          const shot = new DOMMatrix(getComputedStyle(frame.querySelector(".shot")).transform);
          const across = (frame.clientWidth / 2 - shot.e) / shot.a;
          const down = (frame.clientHeight / 2 - shot.f) / shot.d;
          done([across, down]);
        })))"""
    )

    assert re.fullmatch(r"One place differs, 0\.[3-6] % of the picture, lower right", words)
    assert view[0] == pytest.approx(sets.WIDE * 0.8315, abs=20)
    assert view[1] == pytest.approx(sets.HIGH * 0.7815, abs=20)


def test_the_picture_of_the_difference_is_dark_where_nothing_differs(
    tab: Page, compared: Served
) -> None:
    look_at_difference(tab, compared, "002 first.jpg")
    found = tab.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => {
          const canvas = document.querySelector("canvas.difference");
          const context = canvas.getContext("2d");
          const at = (x, y) =>
            [...context.getImageData(canvas.width * x, canvas.height * y, 1, 1).data];
          const frame = document.querySelector(".frame");
          const shot = new DOMMatrix(getComputedStyle(frame.querySelector(".shot")).transform);
          const on = (x, y) => at((shot.e + x * 1732 * shot.a) / frame.clientWidth,
            (shot.f + y * 1155 * shot.d) / frame.clientHeight);
          done([on(0.3, 0.98), on(0.83, 0.78)]);
        }))"""
    )

    assert max(found[0][:3]) < 40
    assert max(found[1][:3]) > 120


def test_without_the_same_shape_the_common_part_is_compared(tab: Page, compared: Served) -> None:
    words = look_at_difference(tab, compared, "003 first.jpg")

    assert words
    assert tab.locator(".pane .chip", has_text="cropped").count() >= 1
