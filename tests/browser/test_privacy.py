"""What looking at an encrypted archive leaves behind: in addresses, titles, and the browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import FLAGS
from tests.browser.leftovers import Secrets, left_in
from tests.browser.rich import NAMES, stale_change
from tests.browser.serving import PATIENCE, Served, serving
from tests.browser.states import ALL
from tests.browser.walk import Walk
from tests.support import PASSWORD
from tests.viewer.archives import copied

KEPT = """async () => {
  const found = [];
  if (localStorage.length || sessionStorage.length) found.push("storage");
  if ((await indexedDB.databases()).length) found.push("a database");
  if (self.caches && (await caches.keys()).length) found.push("a cache of its own");
  if ((await navigator.serviceWorker?.getRegistrations())?.length) found.push("a service worker");
  if (document.cookie) found.push("a cookie that scripts read");
  return found;
}"""
"""What a page keeps in the browser by itself."""

FILLED_IN = """() => [...document.querySelectorAll("input, textarea")]
  .filter((one) => !/^(hidden|checkbox|radio|range|submit|button)$/.test(one.type))
  .filter((one) => (one.getAttribute("autocomplete") ?? one.form?.autocomplete) !== "off")
  .map((one) => one.outerHTML)"""
"""Fields whose text the browser may remember."""


@dataclass
class Visit:
    """What was seen on a walk over all pages, and what was left when the browser was closed."""

    served: Served
    profile: Path
    secrets: Secrets
    asked: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    """Addresses and titles."""
    kept: list[str] = field(default_factory=list)
    filled_in: list[str] = field(default_factory=list)
    after_locking: list[tuple[str, int]] = field(default_factory=list)
    """Text and number of pictures of each page that was shown from then on."""


@contextmanager
def browsing(browser: Browser, profile: Path) -> Iterator[BrowserContext]:
    """A browser that keeps its profile, as people's do."""
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=FLAGS,
        viewport={"width": 1280, "height": 800},
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def visit(
    browser: Browser, rich: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """A walk over all pages of an encrypted archive that ends with locking it."""
    base = tmp_path_factory.mktemp("sealed")
    with serving(copied(rich[True], base / "archive"), sealed=True) as served:
        with served.viewer.archive() as archive:
            visit = Visit(served, base / "profile", Secrets.of(archive, [*NAMES, PASSWORD]))
            stale = str(stale_change(archive))
        with browsing(browser, visit.profile) as context:
            context.on("request", lambda request: visit.asked.append(request.url))
            page = context.pages[0]
            page.goto(f"{served.url}/viewer/")
            page.fill("#password", PASSWORD)
            with page.expect_navigation():
                page.click("#unlock button")
            walk = Walk(page, served, extra={"stale": stale})
            walk.look_round()
            _look(walk, visit)
            _leave(walk, context.new_page(), visit)
        yield visit


def _look(walk: Walk, visit: Visit) -> None:
    page = walk.page
    page.on("framenavigated", lambda frame: visit.seen.append((frame.url, "")))
    for state in ALL:
        state.open(walk)
        visit.seen.append((page.url, page.title()))
        visit.kept += [f"{state.name}: {each}" for each in page.evaluate(KEPT)]
        visit.filled_in += [f"{state.name}: {each}" for each in page.evaluate(FILLED_IN)]


def _leave(walk: Walk, other: Page, visit: Visit) -> None:
    """Locks, with an album shown in this tab and a set of duplicates in another."""
    other.clock.install()
    other.goto(walk.address(walk.found["5 pictures"]))
    other.wait_for_selector(".stage[data-painted]")
    walk.page.bring_to_front()
    walk.go("")
    walk.go(walk.found["album"])
    with walk.page.expect_navigation():
        walk.page.keyboard.press("Shift+L")
    other.clock.fast_forward(25_000)  # more than between two looks whether all is open still
    expect(other.locator("#unlock")).to_be_visible()
    visit.after_locking += [_shown(walk.page), _shown(other)]
    for _ in range(2):
        walk.page.go_back()
        visit.after_locking.append(_shown(walk.page))


def _shown(page: Page) -> tuple[str, int]:
    return page.title() + page.inner_text("body"), page.locator("img, canvas, video").count()


def test_nothing_is_asked_for_elsewhere(visit: Visit) -> None:
    origins = {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in visit.asked}

    assert len(visit.asked) > 300
    assert origins == {visit.served.url}


def test_addresses_and_titles_tell_nothing(visit: Visit) -> None:
    told = [
        (text, visit.secrets.in_text(text))
        for text in {*visit.asked, *(text for both in visit.seen for text in both)}
        if visit.secrets.in_text(unquote(text).replace("+", " "))
    ]

    assert len(visit.seen) > len(ALL)
    assert told == []


def test_pages_keep_nothing_in_the_browser_and_nothing_typed_is_remembered(visit: Visit) -> None:
    assert visit.kept == []
    assert visit.filled_in == []


def test_once_locked_no_page_shows_anything_nor_does_the_way_back(visit: Visit) -> None:
    told = [visit.secrets.in_text(text) for text, _ in visit.after_locking]

    assert len(told) == 4
    assert [text for text, _ in visit.after_locking if "Locked" not in text] == []
    assert told == [[], [], [], []]
    assert [pictures for _, pictures in visit.after_locking] == [0, 0, 0, 0]


def test_the_profile_on_the_disk_has_nothing_of_the_archive(visit: Visit) -> None:
    assert any(b"/viewer/review/plan/" in path.read_bytes() for path in files(visit.profile))
    assert left_in(visit.profile, visit.secrets) == []


def files(profile: Path) -> list[Path]:
    return [path for path in profile.rglob("*") if path.is_file()]


def test_what_is_looked_for_is_found_where_nothing_is_hidden(
    browser: Browser, rich: dict[bool, Path], tmp_path: Path
) -> None:
    with serving(copied(rich[False], tmp_path / "archive"), sealed=False) as served:
        with served.viewer.archive() as archive:
            secrets = Secrets.of(archive, NAMES)
        with browsing(browser, tmp_path / "profile") as context:
            page = context.pages[0]
            page.goto(served.link)
            walk = Walk(page, served)
            walk.look_round()
            walk.go(walk.found["album"])
            digest = urlsplit(walk.found["picture"]).path.split("/")[3]
    found = {line.partition(": ")[2] for line in left_in(tmp_path / "profile", secrets)}

    assert {"a picture", "Zanderbucht", digest} <= found
