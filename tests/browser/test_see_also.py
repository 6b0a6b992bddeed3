"""What is listed beside sets and pictures, in a browser: for everyone, at every width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import NARROWEST, PHONE, WIDE, faults
from tests.browser.serving import PATIENCE, Served, serving
from tests.browser.walk import Walk
from tests.browser.watching import REACH, Watch
from tests.viewer.apart import make_apart, write_apart


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of an archive of pictures that are related; nothing changes it."""
    base = tmp_path_factory.mktemp("apart")
    write_apart(base / "pictures")
    make_apart(base / "archive", base / "pictures")
    with serving(base / "archive", sealed=False) as found:
        yield found


def test_what_is_listed_is_for_everyone_at_every_width(browser: Browser, apart: Served) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme="dark")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(apart.link)
    walk, watch = Walk(page, apart), Watch.of(page)
    with apart.viewer.archive() as archive:
        key = archive.groups[0].members[0].hex()
        lone = next(p.holds for p in archive.places.records() if p.name == "lone.jpg")
    assert lone is not None

    wrong: list[str] = []
    for path in (f"duplicate/{key}/", f"picture/{lone.hex()}/", "duplicates/?related=1"):
        page.set_viewport_size(PHONE)
        walk.go(path)
        assert page.locator(".also > li").count() > 0
        wrong += faults(walk)
        page.set_viewport_size(NARROWEST)
        wrong += page.evaluate(REACH) + watch.complaints
    page.set_viewport_size(WIDE)
    walk.go(f"duplicate/{key}/")
    evidence = page.locator(".evidence").bounding_box()
    context.close()

    assert wrong == []
    assert evidence is not None
    # What is listed takes no room of the pictures: they have the window, and it comes below.
    assert WIDE["height"] - 60 < evidence["y"] + evidence["height"] <= WIDE["height"]
