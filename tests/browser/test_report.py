"""The page of `duplicates report`, opened from the disk as whoever was given it does."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fapfav.jobs import tagging
from fapfav.jobs.report import report_html
from fapfav.jobs.sets import judge_set, quick, set_lines, set_view
from tests.browser.axe import violations
from tests.browser.watching import REACH, Watch
from tests.jobs.repeated import write_pictures
from tests.support import new_archive, read_folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of pairs, a larger set, animations and exact copies, one with a very long name."""
    top = tmp_path_factory.mktemp("page")
    write_pictures(top / "pictures")
    (top / "pictures" / "bay" / "once.jpg").rename(top / "pictures" / "bay" / f"{'x' * 240}.jpg")
    with new_archive(top / "archive") as archive:
        read_folder(archive, top / "pictures")
        tagging.add(archive, "nature")
        tagging.apply(archive, "nature", sorted(archive.blobs)[::2])
        line = next(one for one in set_lines(archive) if one.members == 3)
        view = set_view(archive, line.key)
        judge_set(archive, line.key, view.revision, *quick(view, "accept"), by="viewer")
        next((top / "archive" / "thumbs").iterdir()).unlink()
        report_html(archive, top / "duplicates.html")
    return top / "duplicates.html"


def unfolded(page: Page) -> None:
    """Opens all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")


def test_it_reads_well_in_both_themes_and_is_never_too_wide(
    context: BrowserContext, file: Path
) -> None:
    page = context.new_page()
    watch = Watch.of(page)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(file.as_uri())
        unfolded(page)
        assert violations(page) == []
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(REACH) == []
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert background == {"light": "rgb(251, 251, 252)", "dark": "rgb(20, 22, 26)"}[theme]

    expect(page.locator("h1")).to_have_text("Duplicates")
    assert page.get_attribute("html", "lang") == "en"
    assert {each.url.partition(":")[0] for each in watch.requests} <= {"file", "data"}
    assert watch.complaints == []


def test_pictures_stand_side_by_side_and_all_are_drawn(context: BrowserContext, file: Path) -> None:
    page = context.new_page()
    page.goto(file.as_uri())
    pair = page.locator("article", has_text="2 pictures").first
    pair.scroll_into_view_if_needed()
    one, other = (box.bounding_box() for box in pair.locator(".frame").all())

    assert one is not None
    assert other is not None
    assert one["y"] == other["y"]
    assert one["x"] + one["width"] < other["x"]
    drawn = "images => Promise.all(images.map(one => one.decode().then(() => one.naturalWidth)))"
    assert all(page.locator(".frame img").evaluate_all(drawn))
