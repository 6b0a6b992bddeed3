"""The pictures of a set on the stage: zoomed together, blinking, under a slider."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import sets
from tests.browser.axe import violations
from tests.browser.hands import tap
from tests.browser.serving import Served, serving
from tests.browser.staging import frame, module, open_set, set_with, wait_for_stage

PANES = ("#picture-1", "#picture-2")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a halved pair, a cropped pair, three and six pictures."""
    base = tmp_path_factory.mktemp("stage")
    sets.write_set(base / "pictures", 1, sets.half)
    sets.write_set(base / "pictures", 3, sets.cropped)
    sets.write_set(base / "pictures", 4, sets.half, sets.patched)
    many = [lambda picture, q=q: sets.smaller(picture, q) for q in (60, 70, 80)]
    sets.write_set(base / "pictures", 5, sets.half, sets.patched, *many)
    with serving(sets.make_sets(base / "archive", base / "pictures"), sealed=False) as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, staged: Served) -> Iterator[Page]:
    """A tab that was let in; what goes wrong in it fails the test."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    page.goto(staged.link)
    yield page
    assert troubles == []


@pytest.fixture
def pair(tab: Page, staged: Served) -> Page:
    """The set of a picture and one half as wide."""
    open_set(tab, staged, set_with(staged, "001 first.jpg"))
    return tab


def seen_at(page: Page, pane: str, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a point of a picture is, given as fractions of the picture."""
    found = page.evaluate(
        """async ([pane, x, y]) => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const box = document.querySelector(`${pane} .shot`).getBoundingClientRect();
          const frame = document.querySelector(`${pane} .frame`).getBoundingClientRect();
          return [box.left - frame.left + x * box.width, box.top - frame.top + y * box.height];
        }""",
        [pane, x, y],
    )
    return found[0], found[1]


def wheel(page: Page, pane: str, at: tuple[float, float], notches: int) -> None:
    """Turns the wheel over a place of a pane."""
    box = page.locator(f"{pane} .frame").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    for _ in range(abs(notches)):
        page.mouse.wheel(0, -100 if notches > 0 else 100)


def showing(page: Page) -> list[str]:
    """The numbers in the corners, from left to right as they are on the screen."""
    return list(
        page.evaluate(
            """async () => {
              await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              const seen = [...document.querySelectorAll(".frame")].filter((one) =>
                one.checkVisibility({ visibilityProperty: true }));
              seen.sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
              return seen.map((one) => one.querySelector(".number").textContent);
            }"""
        )
    )


def names(page: Page) -> list[str]:
    """The pictures of the set, as they are called in addresses."""
    return list(page.locator(".pane").evaluate_all("(all) => all.map((one) => one.dataset.name)"))


def test_the_point_under_the_pointer_stays_in_both_panes_while_zooming(pair: Page) -> None:
    left, top, *_ = frame(pair, "#picture-1")
    at = (round(left + 180) - left, round(top + 170) - top)  # pointers are at whole units
    corner, end = (seen_at(pair, "#picture-1", *point) for point in ((0, 0), (1, 1)))
    mark = tuple((at[i] - corner[i]) / (end[i] - corner[i]) for i in (0, 1))
    wheel(pair, "#picture-1", at, 5)
    zoomed = [seen_at(pair, pane, *mark) for pane in PANES]
    sizes = [pair.locator(f"{pane} .shot").bounding_box() for pane in PANES]

    assert sizes[0]
    assert sizes[1]
    assert sizes[0]["width"] == pytest.approx(sizes[1]["width"], abs=1)
    assert sizes[0]["width"] > 1500
    for found in zoomed:
        assert found == pytest.approx(at, abs=1)


def test_panes_are_dragged_together_and_fit_again(pair: Page) -> None:
    before = [seen_at(pair, pane, 0.5, 0.5) for pane in PANES]
    wheel(pair, "#picture-2", (200, 200), 4)
    here = [seen_at(pair, pane, 0.5, 0.5) for pane in PANES]
    pair.mouse.down()
    pair.mouse.move(*_moved(pair, "#picture-2", 260, 230), steps=3)
    pair.mouse.up()
    there = [seen_at(pair, pane, 0.5, 0.5) for pane in PANES]
    pair.keyboard.press("0")
    after = [seen_at(pair, pane, 0.5, 0.5) for pane in PANES]

    for old, new in zip(here, there, strict=True):
        assert (new[0] - old[0], new[1] - old[1]) == pytest.approx((60, 30), abs=1)
    assert after == before


def _moved(page: Page, pane: str, x: float, y: float) -> tuple[float, float]:
    box = page.locator(f"{pane} .frame").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def test_z_shows_every_pixel_of_the_largest_and_keys_zoom_by_steps(pair: Page) -> None:
    tap(pair, "z")
    full = pair.locator("#picture-1 .shot").bounding_box()
    small = pair.locator("#picture-2 .shot").bounding_box()
    pair.keyboard.press("+")

    assert full
    assert small
    assert full["width"] == pytest.approx(sets.WIDE, abs=1)
    assert small["width"] == pytest.approx(sets.WIDE, abs=1)
    pair.wait_for_function("() => document.querySelector('.scale').textContent === '125 %'")


def test_above_three_pixels_a_pixel_pictures_are_not_smoothed(pair: Page) -> None:
    for _ in range(12):
        pair.keyboard.press("+")

    pair.wait_for_selector("#picture-1 .shot.pixelated")


def test_the_numbers_of_zoom(pair: Page) -> None:
    zoom = module(pair, "zoom.js")
    found = pair.evaluate(
        """(zoom) => {
          const [reference, pane] = [{ width: 2000, height: 1000 }, { width: 500, height: 500 }];
          const fitted = zoom.fitted(reference, pane);
          const far = zoom.clamp({ x: 3, y: -1, zoom: 99 }, reference, pane);
          const square = zoom.place({ width: 800, height: 800 }, reference);
          const half = zoom.place({ width: 1000, height: 500 }, reference, { x: 5, y: 0 });
          return { fitted, far, square, half,
            wide: zoom.arrange(2, { width: 900, height: 300 }, { width: 1000, height: 900 }).across,
            high: zoom.arrange(2, { width: 300, height: 900 }, { width: 1000, height: 900 }).across,
            four: zoom.arrange(4, { width: 900, height: 600 }, { width: 1200, height: 800 }).across,
          };
        }""",
        zoom,
    )

    assert found["fitted"] == {"x": 0.5, "y": 0.5, "zoom": 0.25}
    assert found["far"] == {"x": 1, "y": 0, "zoom": 8}
    assert found["square"] == {"x": 500, "y": 0, "sx": 1.25, "sy": 1.25, "alike": False}
    assert found["half"] == {"x": 5, "y": 0, "sx": 2, "sy": 2, "alike": True}
    assert (found["wide"], found["high"], found["four"]) == (1, 2, 2)


def test_another_shape_lies_in_the_middle_and_the_rest_is_hatched(
    tab: Page, staged: Served
) -> None:
    open_set(tab, staged, set_with(staged, "003 first.jpg"))
    smaller = tab.locator("#picture-2")
    rest = smaller.locator(".rest").bounding_box()
    shot = smaller.locator(".shot").bounding_box()

    assert rest
    assert shot
    assert shot["width"] < rest["width"] - 10
    assert shot["x"] + shot["width"] / 2 == pytest.approx(rest["x"] + rest["width"] / 2, abs=1)
    assert smaller.locator(".chip", has_text="cropped").count() == 1


def test_what_is_hatched_is_no_larger_than_the_pane_however_far_it_is_zoomed(
    tab: Page, staged: Served
) -> None:
    open_set(tab, staged, set_with(staged, "003 first.jpg"))
    wheel(tab, "#picture-2", (200, 200), 12)
    pane = frame(tab, "#picture-2")
    rest = tab.locator("#picture-2 .rest").bounding_box()
    shot = tab.locator("#picture-2 .shot").bounding_box()

    assert rest
    assert shot
    assert shot["width"] > 2 * pane[2]
    assert rest["width"] <= pane[2] + 12
    assert rest["height"] <= pane[3] + 12


def test_blink_swaps_the_pictures_while_held_and_asks_for_nothing(pair: Page) -> None:
    asked: list[str] = []
    pair.on("request", lambda request: asked.append(request.url))
    wheel(pair, "#picture-1", (200, 200), 3)
    at = [frame(pair, pane) for pane in PANES]
    pair.keyboard.down("b")
    swapped = [frame(pair, pane) for pane in PANES]
    numbers = showing(pair)
    pair.keyboard.down("b")
    pair.wait_for_timeout(400)
    pair.keyboard.up("b")

    assert numbers == ["2", "1"]
    assert swapped == [pytest.approx(at[1]), pytest.approx(at[0])]
    assert showing(pair) == ["1", "2"]
    assert [url for url in asked for name in names(pair) if name in url] == []


def test_a_short_press_of_blink_stays(pair: Page) -> None:
    tap(pair, "b")
    assert showing(pair) == ["2", "1"]
    tap(pair, "b")
    assert showing(pair) == ["1", "2"]


def test_nothing_blinks_by_itself_for_who_wants_no_motion(
    context: BrowserContext, tab: Page, staged: Served
) -> None:
    tab.emulate_media(reduced_motion="reduce")
    open_set(tab, staged, set_with(staged, "001 first.jpg"))

    assert tab.locator('[data-stage="alternate"]').is_disabled()


NEXT_FOUR_BLINKS = """() => new Promise((done) => {
  const panes = document.querySelector(".panes");
  const seen = [];
  new MutationObserver(() => {
    const is = panes.classList.contains("blinking");
    if (seen.at(-1) !== is) seen.push(is);
    if (seen.length === 4) done(seen);
  }).observe(panes, { attributeFilter: ["class"] });
})"""
"""Waits until it came and went twice; every change is seen, however busy the machine is."""


def test_it_blinks_by_itself_until_told_not_to(pair: Page) -> None:
    pair.keyboard.press("Shift+B")
    blinked = pair.evaluate(NEXT_FOUR_BLINKS)
    pair.keyboard.press("Shift+B")

    assert blinked in ([True, False] * 2, [False, True] * 2)

    assert pair.get_attribute('[data-stage="alternate"]', "aria-pressed") == "false"
    assert showing(pair) == ["1", "2"]


def test_the_slider_is_moved_by_keys_and_says_where_it_is(pair: Page) -> None:
    pair.keyboard.press("v")
    divider = pair.get_by_role("slider", name="Divider between the pictures")
    divider.focus()
    pair.keyboard.press("Home")
    for _ in range(4):
        pair.keyboard.press("ArrowRight")
    clip = pair.evaluate("document.querySelector('#picture-1 .frame').style.clipPath")

    expect(pair).to_have_url(re.compile("view=over"))
    assert divider.get_attribute("aria-valuetext") == "1: 4 %, 2: 96 %"
    assert clip == "inset(0px 96% 0px 0px)"
    assert frame(pair, "#picture-1") == frame(pair, "#picture-2")


def test_a_view_survives_reload_and_can_be_left(pair: Page) -> None:
    pair.keyboard.press("v")
    pair.reload()
    pair.wait_for_selector(".stage[data-painted]")
    over = pair.get_attribute(".stage", "data-view")
    pair.keyboard.press("v")
    pair.keyboard.press("v")

    assert over == "over"
    assert pair.get_attribute(".stage", "data-view") == "side"
    expect(pair).not_to_have_url(re.compile("view="))


def test_arrows_choose_the_active_picture(tab: Page, staged: Served) -> None:
    open_set(tab, staged, set_with(staged, "004 first.jpg"))
    tab.keyboard.press("ArrowRight")
    second = tab.get_attribute(".pane[data-active]", "data-picture")
    tab.keyboard.press("End")
    last = tab.get_attribute(".pane[data-active]", "data-picture")
    tab.keyboard.press("ArrowRight")

    assert (second, last) == ("2", "3")
    assert tab.get_attribute(".pane[data-active]", "data-picture") == "1"


def test_of_many_two_are_seen_large_and_the_rest_in_a_strip(tab: Page, staged: Served) -> None:
    open_set(tab, staged, set_with(staged, "005 first.jpg"))
    first = showing(tab)
    tab.keyboard.press("End")
    last = showing(tab)
    tab.get_by_role("button", name="Pin as reference").click()
    pinned = showing(tab)

    assert tab.locator(".strip li").count() == 6
    assert first[1] == "2"
    assert last == [first[0], "6"]
    assert pinned == ["6", first[0]]
    assert tab.locator(".strip .kept").text_content() == "6 N: look at picture 6, new"
    expect(tab).to_have_url(re.compile("with=6%2C1"))
    tab.reload()
    wait_for_stage(tab)
    assert showing(tab) == pinned


def test_all_of_many_are_seen_on_a_sheet(tab: Page, staged: Served) -> None:
    open_set(tab, staged, set_with(staged, "005 first.jpg"), "?view=sheet")

    assert sorted(showing(tab)) == list("123456")
    assert tab.locator(".verdict").count() == 6
    assert tab.locator(".verdict").first.is_visible()


def test_on_a_phone_a_tap_shows_the_other_picture_in_the_same_place(
    tab: Page, staged: Served
) -> None:
    tab.set_viewport_size({"width": 360, "height": 740})
    open_set(tab, staged, set_with(staged, "001 first.jpg"))
    one = showing(tab)
    tab.locator("#picture-1 .frame").click(position={"x": 300, "y": 100})
    other = showing(tab)

    assert (one, other) == (["1"], ["2"])
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_picture_is_nudged_into_place_by_buttons(pair: Page) -> None:
    before = seen_at(pair, "#picture-1", 0, 0)
    pair.locator(".nudges summary").click()
    pair.get_by_role("button", name="Move the active picture right").click()
    moved = seen_at(pair, "#picture-1", 0, 0)
    pair.locator(".nudges").get_by_role("button", name="Reset").click()

    assert (moved[0] - before[0], moved[1] - before[1]) == pytest.approx((1, 0), abs=0.01)
    assert seen_at(pair, "#picture-1", 0, 0) == pytest.approx(before)


@pytest.mark.parametrize("view", ["side", "over", "diff", "sheet"])
def test_a_checker_of_accessibility_finds_nothing(tab: Page, staged: Served, view: str) -> None:
    open_set(tab, staged, set_with(staged, "005 first.jpg"), f"?view={view}")

    assert violations(tab) == []


def test_the_whole_page_fits_the_window_and_pictures_take_most_of_it(pair: Page) -> None:
    found = pair.evaluate(
        """() => [document.documentElement.scrollHeight,
          document.querySelector(".frame").clientHeight]"""
    )

    assert found[0] <= 800
    assert found[1] >= 300
