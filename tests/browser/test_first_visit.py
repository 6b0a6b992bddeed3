"""What comes late moves nothing: modules and pictures after the page was painted, or never."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.looking import STEADY
from tests.browser.serving import Served
from tests.browser.staging import wait_for_stage
from tests.browser.watching import SHIFTS

SIZES = [(360, 740), (1280, 800), (3840, 2160)]

PAINTED = "() => performance.getEntriesByName('first-contentful-paint').length"
SHOWN = """async () => {
  const all = [...document.querySelectorAll("main img")].filter((one) => one.checkVisibility());
  await Promise.all(all.map((one) => one.decode()));
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
}"""


@pytest.fixture
def tab(context: BrowserContext, served: Served) -> Page:
    """A tab that was let in and has seen nothing yet."""
    page = context.new_page()
    page.request.get(served.link)
    page.add_init_script(SHIFTS)
    return page


def first_set(tab: Page, served: Served) -> str:
    """The address of the first set of a review."""
    return tab.request.get(f"{served.url}/viewer/review/?go=1").url


def opened(tab: Page, address: str, late: str) -> None:
    """A page that was painted before anything came from addresses of this kind."""
    held: list[Route] = []
    is_painted = False

    def meet(route: Route) -> None:
        if is_painted:
            route.continue_()
        else:
            held.append(route)

    tab.route(late, meet)
    tab.goto(address, wait_until="commit")
    tab.wait_for_function(PAINTED)
    is_painted = True
    for each in held:
        each.continue_()


@pytest.mark.parametrize(
    ("view", "size"), [*(("side", size) for size in SIZES), ("over", SIZES[1]), ("diff", SIZES[0])]
)
def test_a_set_whose_module_comes_late_does_not_jump(
    tab: Page, served: Served, view: str, size: tuple[int, int]
) -> None:
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    opened(tab, f"{first_set(tab, served)}?view={view}", "**/js/stage.js")
    wait_for_stage(tab)
    tab.evaluate(SHOWN)

    expect(tab.locator(".stage .frame").first).to_be_visible()
    assert tab.evaluate("self.shifted") < STEADY


def test_a_set_whose_module_never_comes_is_seen_all_the_same(tab: Page, served: Served) -> None:
    tab.route("**/js/stage.js", lambda route: route.abort())
    tab.goto(first_set(tab, served))

    expect(tab.locator(".stage .shot").first).to_be_visible()
    expect(tab.locator("#verdicts button")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size[0]))
def test_a_picture_that_comes_late_has_its_place(
    tab: Page, served: Served, size: tuple[int, int]
) -> None:
    with served.viewer.archive() as archive:
        name = min(archive.blobs).hex()
    tab.set_viewport_size({"width": size[0], "height": size[1]})
    opened(tab, f"{served.url}/viewer/picture/{name}/", "**/viewer/show/**")
    tab.evaluate(SHOWN)

    assert tab.evaluate("self.shifted") < STEADY
