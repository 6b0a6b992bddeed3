"""Pages of who is not let in, of a locked archive, and while a job is at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from fapfav.model import Config
from tests.browser.looking import looked_at
from tests.browser.serving import Served, serving
from tests.browser.states import AT_WORK, LOCKED, OUTSIDE, State
from tests.browser.walk import Walk
from tests.browser.watching import Watch
from tests.viewer.archives import copied
from tests.viewer.working import at_home, practice
from viewer import workers


def wrong(context: BrowserContext, served: Served, states: tuple[State, ...], link: str) -> str:
    """What is wrong with pages that a new tab sees."""
    page = context.new_page()
    page.goto(link)
    walk = Walk(page, served)
    if link == served.link:
        walk.look_round()
    watch = Watch.of(page)
    return "\n".join(each for state in states for each in looked_at(walk, watch, state))


@pytest.fixture
def rich_served(
    rich: dict[bool, Path], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Served]:
    """A server of an archive with a bit of everything, encrypted if the test is."""
    sealed = "locked" in request.node.name
    with serving(copied(rich[sealed], tmp_path / "archive"), sealed=sealed) as found:
        yield found


def test_who_is_not_let_in_has_pages_too(context: BrowserContext, rich_served: Served) -> None:
    assert wrong(context, rich_served, OUTSIDE, rich_served.url) == ""


def test_a_locked_archive_has_pages_too(context: BrowserContext, rich_served: Served) -> None:
    assert wrong(context, rich_served, LOCKED, rich_served.link) == ""


def test_pages_while_a_job_is_at_work(
    context: BrowserContext, rich_served: Served, tmp_path: Path
) -> None:
    with rich_served.viewer.archive() as archive, archive.write("settings") as tx:
        tx.put(Config("model", "off"))
    (tmp_path / "home").mkdir()
    with practice(tmp_path / "site") as site, at_home(tmp_path / "home") as patch:
        patch.setenv("FAPFAV_IMAGEFAP_URL", site.url)
        patch.setenv("FAPFAV_PACE", "30,30")  # longer than anyone looks
        try:
            assert wrong(context, rich_served, AT_WORK, rich_served.link) == ""
        finally:
            workers.of(rich_served.viewer).shut_down()
