"""A real browser at a real server; skipped with a reason where there is none."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.rich import make_rich_archive, write_rich_pictures
from tests.browser.serving import PATIENCE, Served, serving
from tests.viewer import conftest as of_pages
from tests.viewer.archives import copied

made = of_pages.made

expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
"""What the browser is started with: nothing of its own goes over the network."""


class Profile:
    """A browser's profile that is emptied between tests.

    A server has another port than the last, so pages have no storage in common, nor cached files;
    still all that is deleted, for a port may come again. A test that changes the profile itself,
    not only its pages, makes one of its own.
    """

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(PATIENCE)
        self._kept = self.context.new_page()
        self._orders = self.context.new_cdp_session(self._kept)
        self._asked: set[str] = set()
        self.context.on("request", lambda request: self._asked.add(_origin(request.url)))

    def forget(self) -> None:
        """Closes all pages and deletes what they left."""
        for page in self.context.pages:
            if page is not self._kept:
                page.close()
        self._orders.send("Network.clearBrowserCache")
        for origin in self._asked:
            every = {"origin": origin, "storageTypes": "all"}
            self._orders.send("Storage.clearDataForOrigin", every)
        self._asked.clear()
        self.context.clear_cookies()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no Chromium here, and CI=true asks for one")
        pytest.skip("there is no Chromium: on Debian and Ubuntu, apt install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """By whether it is sealed, an archive of everything, that stays as it is."""
    base = tmp_path_factory.mktemp("rich")
    write_rich_pictures(base / "pictures")
    for sealed in (False, True):
        make_rich_archive(base / str(sealed), base / "pictures", sealed=sealed)
    return {sealed: base / str(sealed) for sealed in (False, True)}


@pytest.fixture
def served(made: dict[bool, Path], tmp_path: Path) -> Iterator[Served]:
    """A server of a plain archive, which may be changed."""
    with serving(copied(made[False], tmp_path / "archive"), sealed=False) as found:
        yield found


@pytest.fixture
def sealed_served(made: dict[bool, Path], tmp_path: Path) -> Iterator[Served]:
    """A server of an encrypted archive, which may be changed."""
    with serving(copied(made[True], tmp_path / "archive"), sealed=True) as found:
        yield found


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[Profile]:
    """What `context` is of: one for all tests, because a new one takes Chromium a second."""
    made = Profile(browser)
    yield made
    made.context.close()


@pytest.fixture
def context(profile: Profile) -> Iterator[BrowserContext]:
    """A browser's profile with nothing in it, 1280 by 800."""
    yield profile.context
    profile.forget()


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Iterator[Page]:
    """A tab that was let in to the plain archive; what goes wrong in it fails the test."""
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on(
        "console",
        lambda said: troubles.append(said.text) if said.type == "error" else None,
    )
    opened.goto(served.link)
    yield opened
    assert troubles == []


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    """A server that a test started ends with it."""
    before = threading.active_count()
    yield
    assert threading.active_count() <= before + 16
