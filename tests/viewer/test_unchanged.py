"""Pages of a plain archive that a browser has already come as 304, as long as nothing changed."""

from __future__ import annotations

import pytest

from tests.viewer.browsing import Page, Visitor
from tests.viewer.routes import addresses
from viewer.state import Viewer

ALBUMS = "/viewer/users/"


def again(visitor: Visitor, page: Page) -> Page:
    """Asks as a browser does that kept the page."""
    return visitor.get(page.address, **{"If-None-Match": page.response["ETag"]})


def test_a_page_that_did_not_change_is_not_sent_again(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        everywhere = [path for path in addresses(archive) if "/plan/" not in path]
    known = 0
    for address in everywhere:
        page = visitor.get(address)
        page = visitor.get(page.address)  # what has messages, or is looked at first, is another one
        if page.status == 200 and page.response.get("ETag") and "max-age" not in page.response:
            answer = again(visitor, page)
            assert (answer.status, answer.response.content) == (304, b""), address
            known += 1

    assert known > 12


def test_a_change_and_a_setting_make_it_another_page(visitor: Visitor) -> None:
    albums, tags = visitor.get(ALBUMS), visitor.get("/viewer/tag/0/")
    assert again(visitor, albums).status == again(visitor, tags).status == 304

    visitor.get("/viewer/tag/0/").submit("form#child", named_child="new")
    changed = again(visitor, tags)
    assert changed.status == 200
    assert "new" in changed.text
    assert again(visitor, albums).status == 304

    visitor.get("/viewer/settings/").submit("form#settings", theme="dark")
    assert again(visitor, albums).tree.get("data-theme") == "dark"


def secret(page: Page) -> list[tuple[str, str]]:
    return [("csrfmiddlewaretoken", str(page.one("meta[name=csrf]").get("content")))]


def test_forms_of_a_page_that_was_kept_are_still_good(viewer: Viewer, visitor: Visitor) -> None:
    kept = visitor.get("/viewer/tag/0/")
    assert again(visitor, kept).status == 304
    with viewer.archive() as archive:
        before = len(archive.tags)

    kept.submit("form#child", named_child="new")

    with viewer.archive() as archive:
        assert len(archive.tags) == before + 1


def test_another_browser_has_another_page(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(ALBUMS)

    assert again(Visitor(viewer), page).status == 200


@pytest.mark.parametrize("method", ["post", "get"])
def test_nothing_of_an_encrypted_archive_has_a_mark_to_ask_by(
    sealed_viewer: Viewer, method: str
) -> None:
    visitor = Visitor(sealed_viewer)
    page = visitor.get(ALBUMS)
    if method == "post":
        page = visitor.post("/viewer/search/", [("q", "lake"), *secret(page)])

    assert page.status == 200
    assert "ETag" not in page.response
