"""The grid of pictures, as a browser shows it: rows, endless pages, keys, animations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.galleries import ALBUM, Grid
from tests.browser.serving import Served, serving
from tests.viewer.galleries import digest, image, make_gallery

SHIFTS = """
  window.shifts = [];
  new PerformanceObserver(list => {
    for (const one of list.getEntries()) window.shifts.push(one.value);
  }).observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of an album of 1,000 pictures, which no test here changes."""
    where = tmp_path_factory.mktemp("gallery") / "album"
    make_gallery(where, 1000)
    with serving(where, sealed=False) as found:
        yield found


@pytest.fixture
def grid(page: Page, served: Served) -> Grid:
    return Grid(page, served)


@pytest.mark.parametrize("width", [768, 1280, 3840])
def test_rows_are_even_and_end_exactly_at_the_right_edge(grid: Grid, width: int) -> None:
    grid.page.set_viewport_size({"width": width, "height": 900})
    grid.open()

    right = grid.page.evaluate(
        "() => document.querySelector('section.cells ul').getBoundingClientRect().right"
    )
    rows = [list(row) for _, row in groupby(grid.boxes(), lambda box: round(box["top"]))]
    assert len(rows) > 3
    for row in rows:
        heights = [box["height"] for box in row]
        assert max(heights) - min(heights) <= 0.5
    for row in rows[:-1]:
        assert abs(row[-1]["right"] - right) <= 0.5


@pytest.mark.parametrize("size", ["s", "m", "l"])
def test_the_last_row_is_not_stretched(grid: Grid, size: str) -> None:
    grid.open(f"?page=10&size={size}")

    row = grid.page.evaluate(
        """() => { const probe = document.createElement("div");
           probe.style.setProperty("height", "var(--row)");
           document.querySelector(".gallery").append(probe);
           return probe.getBoundingClientRect().height; }"""
    )
    assert abs(grid.boxes()[-1]["height"] - row) <= 0.5


def test_on_a_phone_nothing_is_wider_than_the_screen(grid: Grid) -> None:
    grid.page.set_viewport_size({"width": 360, "height": 780})
    grid.open("?lock=1")

    assert grid.page.evaluate("() => document.documentElement.scrollWidth") == 360
    assert {round(box["left"]) for box in grid.boxes()} >= {12}


@pytest.mark.parametrize("slower", [1, 12])
def test_nothing_jumps_while_pictures_and_pages_come(grid: Grid, slower: int) -> None:
    session = grid.page.context.new_cdp_session(grid.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    grid.page.add_init_script(SHIFTS)
    grid.open()

    grid.scroll_to_page(4)
    grid.page.wait_for_load_state("networkidle")

    assert sum(grid.page.evaluate("() => window.shifts")) == 0


def test_at_most_seven_pages_are_filled_all_the_way_and_back(grid: Grid) -> None:
    grid.open()
    seen = 0
    for number in (*range(2, 11), *range(9, 0, -1)):
        grid.scroll_to_page(number)
        seen = max(seen, len(grid.filled()))

    assert seen == 7
    assert min(grid.filled()) == 1


def test_the_page_with_the_focus_is_never_emptied(grid: Grid) -> None:
    grid.open()
    grid.cell(1).locator("a.to").focus()

    grid.scroll_to_page(10)

    assert 1 in grid.filled()
    assert len(grid.filled()) <= 7
    assert grid.focused() == 1


def test_emptied_pages_keep_their_height(grid: Grid) -> None:
    grid.open()
    height = "() => document.querySelector('section.cells').getBoundingClientRect().height"
    before = grid.page.evaluate(height)

    grid.scroll_to_page(10)

    assert 1 not in grid.filled()
    assert abs(grid.page.evaluate(height) - before) <= 1


def test_the_address_follows_and_a_reload_lands_on_the_same_picture(grid: Grid) -> None:
    grid.open("?dup=1&sort=bytes")
    grid.scroll_to_page(4)
    grid.page.wait_for_url("**page=*")
    grid.cell(650).scroll_into_view_if_needed()
    grid.page.wait_for_function("() => new URL(location).searchParams.get('page') === '4'")
    at = parse_qs(urlsplit(grid.page.url).query)["at"][0]

    grid.page.reload()
    grid.ready()

    expect(grid.page.locator("#at")).to_be_in_viewport()
    assert at in (grid.page.locator("#at a.to").get_attribute("href") or "")
    assert parse_qs(urlsplit(grid.page.url).query)["sort"] == ["bytes"]
    expect(grid.page.locator(".scrubber [aria-current]")).to_have_text("Page 4")


def test_one_comes_back_from_a_picture_to_where_one_was(grid: Grid) -> None:
    grid.open()
    grid.scroll_to_page(3)
    grid.cell(230).locator("a.to").focus()
    grid.cell(230).scroll_into_view_if_needed()
    grid.page.wait_for_function(f"() => location.search.includes('{digest(230).hex()}')")
    grid.page.keyboard.press("Enter")
    grid.page.wait_for_url("**/picture/**")

    grid.page.go_back()

    grid.ready()
    expect(grid.cell(230)).to_be_in_viewport()


def test_a_page_in_the_middle_goes_on_in_both_directions(grid: Grid) -> None:
    grid.open("?page=5")
    grid.page.evaluate("() => scrollTo(0, 600)")
    seen = grid.cell(405)
    before = seen.bounding_box()["y"]

    grid.page.mouse.wheel(0, -10)
    expect(grid.page.locator("section[data-page='4'] .cell").first).to_be_attached()

    # The wheel may still be turning when the page is there; in the end it moved by that alone.
    seen.evaluate_handle(
        """(one, before) => new Promise((done) => {
          const look = () => {
            const moved = one.getBoundingClientRect().top - before;
            if (Math.abs(moved - 10) <= 2) done(moved);
            else requestAnimationFrame(look);
          };
          look();
        })""",
        before,
    )


def test_arrows_go_from_picture_to_picture(grid: Grid) -> None:
    grid.open()
    press = grid.page.keyboard.press

    press("ArrowRight")
    assert grid.focused() == 0
    press("ArrowRight")
    press("ArrowRight")
    assert grid.focused() == 2
    press("ArrowLeft")
    assert grid.focused() == 1
    below = grid.page.evaluate(
        """() => { const all = [...document.querySelectorAll(".cell")];
           const boxes = all.map(one => one.getBoundingClientRect());
           const middle = (box) => box.left + box.width / 2;
           const row = boxes.find(box => box.top > boxes[1].bottom).top;
           const next = boxes.filter(box => Math.abs(box.top - row) < 2);
           const far = (box) => Math.abs(middle(box) - middle(boxes[1]));
           next.sort((one, other) => far(one) - far(other));
           return boxes.indexOf(next[0]); }"""
    )
    press("ArrowDown")
    assert grid.focused() == below
    press("ArrowUp")
    assert grid.focused() < below
    press("End")
    assert grid.focused() == 99
    press("Home")
    assert grid.focused() == 0


def test_arrows_go_on_to_pages_that_are_not_loaded_yet(grid: Grid) -> None:
    grid.open("?page=2")
    grid.cell(100).locator("a.to").focus()

    grid.page.keyboard.press("ArrowLeft")
    grid.page.wait_for_function(
        f"() => document.activeElement.href?.includes('{digest(99).hex()}')"
    )

    grid.page.keyboard.press("ArrowRight")
    assert grid.focused() == 100


def test_tab_goes_through_the_grid_in_one_step(grid: Grid) -> None:
    grid.open()
    grid.cell(5).locator("a.to").focus()

    grid.page.keyboard.press("Tab")
    grid.page.keyboard.press("Tab")

    assert grid.page.evaluate("() => document.activeElement.closest('.cell')") is None


def test_an_animation_moves_only_while_it_is_looked_at(grid: Grid) -> None:
    asked: list[str] = []
    grid.page.on(
        "request",
        lambda request: asked.append(urlsplit(request.url)._replace(netloc="", scheme="").geturl()),
    )
    grid.open()
    grid.page.wait_for_load_state("networkidle")
    moving = f"/viewer/thumb/{digest(0).hex()}/"
    assert f"{moving}?still=1" in asked
    assert moving not in asked

    with grid.page.expect_request(f"**{moving}"):
        grid.cell(0).hover()

    expect(grid.cell(0).locator("img.moving")).to_be_visible()


def test_with_less_motion_a_button_plays(grid: Grid) -> None:
    grid.page.emulate_media(reduced_motion="reduce")
    grid.open()
    grid.cell(0).hover()
    expect(grid.cell(0).locator("img.moving")).to_be_hidden()
    button = grid.cell(0).get_by_role("button", name="Play picture 0.gif")

    button.click()

    expect(grid.cell(0).locator("img.moving")).to_be_visible()
    button.click()
    expect(grid.cell(0).locator("img.moving")).to_be_hidden()


def test_rows_grow_and_shrink_by_key_and_stay_so(grid: Grid) -> None:
    grid.open()
    before = grid.boxes()[0]["height"]

    grid.page.keyboard.press("+")

    assert grid.boxes()[0]["height"] > before
    grid.page.wait_for_url("**size=l*")
    grid.page.reload()
    assert grid.page.locator(".gallery").get_attribute("data-size") == "l"


def test_without_a_script_the_grid_is_as_even(context: BrowserContext, served: Served) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    try:
        page = plain.new_page()
        page.goto(served.link)
        page.goto(f"{served.url}{ALBUM}?lock=1")
        page.locator(".cell label").nth(4).click()
        page.get_by_role("button", name="ALL").click()
        expect(page.locator("input[name=pick]:checked")).to_have_count(100)
        page.locator("a[rel=next]").click()
        expect(page.locator("input[name=pick]:checked")).to_have_count(100)
    finally:
        plain.close()


@pytest.mark.parametrize("query", ["", "?lock=1&page=2", "?portrait=2&tf1=2&tv1=2&tf2=0&tv2=1"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(grid: Grid, query: str, scheme: str) -> None:
    grid.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    grid.page.goto(f"{grid.served.url}{ALBUM}{query}")
    grid.page.wait_for_load_state("networkidle")

    assert violations(grid.page) == []


def test_the_facts_of_a_picture_are_one_key_away(grid: Grid) -> None:
    grid.open()
    grid.page.keyboard.press("ArrowRight")
    grid.page.keyboard.press("i")

    expect(grid.page.locator("dialog.full .picture-side")).to_be_visible()
    assert digest(0).hex() in grid.page.url


def test_an_anchor_that_names_a_picture_leads_to_its_page(grid: Grid) -> None:
    grid.page.goto(f"{grid.served.url}{ALBUM}?dup=1#{image(250)}")
    grid.page.wait_for_url("**/*at=*")
    grid.ready()

    assert "dup=1" in grid.page.url
    expect(grid.cell(250)).to_be_in_viewport()


def test_an_anchor_that_names_nothing_is_asked_for_once(grid: Grid) -> None:
    asked: list[str] = []
    grid.page.on(
        "request", lambda one: asked.append(one.url) if one.is_navigation_request() else None
    )
    grid.page.goto(f"{grid.served.url}{ALBUM}#%e0nothing")
    grid.ready()
    assert len(asked) == 1

    grid.page.goto(f"{grid.served.url}{ALBUM}?size=s#nothing")
    grid.page.wait_for_url("**/*at=nothing*")
    grid.ready()
    assert len(asked) == 3
