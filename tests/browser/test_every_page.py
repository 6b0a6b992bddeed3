"""Every page in every state: accessible, quiet, no wider than the screen, and quick to come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import states
from tests.browser.looking import WIDE, looked_at
from tests.browser.rich import stale_change
from tests.browser.serving import PATIENCE, Served, serving
from tests.browser.walk import Walk
from tests.browser.watching import Watch
from tests.viewer.archives import copied


@pytest.fixture(scope="module")
def rich_served(
    rich: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server of a plain archive with a bit of everything; no page of the walk changes it."""
    where = copied(rich[False], tmp_path_factory.mktemp("walked") / "archive")
    with serving(where, sealed=False) as found:
        yield found


@pytest.fixture(scope="module")
def walk(browser: Browser, rich_served: Served) -> Iterator[Walk]:
    """A tab that was let in, and knows its way."""
    context = browser.new_context(viewport=WIDE, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(rich_served.link)
    with rich_served.viewer.archive() as archive:
        found = Walk(page, rich_served, extra={"stale": str(stale_change(archive))})
    found.look_round()
    yield found
    context.close()


@pytest.fixture(scope="module")
def watch(walk: Walk) -> Watch:
    return Watch.of(walk.page)


@pytest.mark.parametrize("group", ["PEOPLE", "PICTURES", "SETS", "DUPLICATES", "WORK"])
def test_pages_are_for_everyone_at_every_width(walk: Walk, watch: Watch, group: str) -> None:
    wrong = [each for state in getattr(states, group) for each in looked_at(walk, watch, state)]

    assert "\n".join(wrong) == ""
