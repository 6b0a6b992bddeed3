"""Jobs in a browser: started, watched live, cancelled, and still going when the page is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fapfav.jobs.removal import remove_picture
from fapfav.model import Config
from fapfav.practice.child import Child
from tests.browser.axe import violations
from tests.browser.serving import PATIENCE, Served
from tests.viewer.working import alone, at_home, over, practice
from viewer import workers


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with practice(tmp_path_factory.mktemp("site")) as child:
        yield child


@pytest.fixture(autouse=True)
def there(tmp_path: Path, site: Child, served: Served) -> Iterator[pytest.MonkeyPatch]:
    """The practice site, which takes a while to be read; jobs end with the test."""
    with served.viewer.archive() as archive, archive.write("settings") as tx:
        tx.put(Config("model", "off"))
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home") as patch:
        patch.setenv("FAPFAV_IMAGEFAP_URL", site.url)
        patch.setenv("FAPFAV_PACE", "0.1,0.1")
        yield patch
    workers.of(served.viewer).shut_down()


def begun(page: Page, served: Served) -> None:
    """A read of the site, started by its form."""
    page.goto(f"{served.url}/viewer/jobs/")
    page.get_by_label("User name").fill("practice")
    page.get_by_role("button", name="Read: Read favourites").click()
    expect(page.locator("#job-1")).to_be_visible()


def test_progress_comes_by_itself_and_the_page_stays(page: Page, served: Served) -> None:
    begun(page, served)
    page.get_by_label("Folder", exact=True).last.fill("/half/typed")
    expect(page.locator("#job-1")).to_contain_text("of listings")
    page.locator("#job-1-cancel").focus()
    before = page.locator("#job-1 .steps").text_content() or ""
    expect(page.locator("#job-1 .steps")).not_to_have_text(before)

    expect(page.locator("#job-1-cancel")).to_be_focused()
    expect(page.get_by_label("Folder", exact=True).last).to_have_value("/half/typed")
    page.locator("#job-1-cancel").click()
    expect(page.locator("#past-1")).to_contain_text("cancelled")
    expect(page.locator("#jobs-now")).to_have_text("Nothing is running.")


def test_a_job_that_ends_moves_to_what_is_over(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/viewer/jobs/")
    page.get_by_role("button", name="Find: Find duplicates").click()

    expect(page.locator("#past-1")).to_contain_text("done")
    expect(page.locator("#past-1")).to_contain_text("new pairs")


def test_a_job_goes_on_while_pages_are_used_and_left(
    page: Page, served: Served, there: pytest.MonkeyPatch
) -> None:
    begun(page, served)
    page.goto(f"{served.url}/viewer/tag/0/")
    expect(page.get_by_role("link", name="Jobs")).to_contain_text("1")
    assert not workers.job(1).is_over
    page.goto("about:blank")

    done = over(1)
    assert (done.state, done.error) == ("done", "")
    with alone(served.viewer) as archive:
        assert {album.name for album in archive.albums.records()} >= {"Hills", "Lakes", "Skies"}


def test_the_page_of_a_job_shows_its_report_when_it_ends(page: Page, served: Served) -> None:
    begun(page, served)
    page.locator("#job-1-link").click()
    expect(page.locator("#job-now")).to_contain_text("of listings")
    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    expect(page.locator("dl.facts")).to_contain_text("Requests to the site")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_break_no_rule_of_accessibility(
    page: Page, served: Served, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    with served.viewer.archive() as archive:
        remove_picture(archive, *(digest.hex() for digest in sorted(archive.blobs)[:2]))
    begun(page, served)
    page.reload()
    assert violations(page) == []
    page.locator("#job-1-link").click()
    assert violations(page) == []
    workers.cancel(1)
    over(1)
    for path in ("jobs/", "jobs/1/", "trash/", "export/"):
        page.goto(f"{served.url}/viewer/{path}")
        assert violations(page) == [], path
    page.get_by_label("Number the files").check()
    page.get_by_role("button", name="Show what it does").click()
    assert violations(page) == []


def test_without_script_it_is_looked_at_again_by_a_link(browser: Browser, served: Served) -> None:
    context: BrowserContext = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(served.link)
    begun(page, served)
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Cancel: Read").click()
    over(1)
    page.goto(f"{served.url}/viewer/jobs/")

    expect(page.locator("#past-1")).to_contain_text("cancelled")
    context.close()
