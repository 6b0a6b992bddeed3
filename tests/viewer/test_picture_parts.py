"""What full screen asks of the page of a picture, and what an encrypted archive's never tells."""

from __future__ import annotations

from fapfav.model import Digest
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from viewer.addresses import name_of
from viewer.state import Viewer


def first(viewer: Viewer) -> Page:
    """The first picture of a tag, opened from there."""
    visitor = Visitor(viewer)
    return visitor.get(visitor.get("/viewer/tag/2/").all("li.cell a.to")[0].get("href"))


def digest_of(viewer: Viewer, page: Page) -> Digest:
    archive = opened(viewer.directory, sealed=viewer.is_sealed)
    name = page.one(".picture").get("data-name")
    return next(digest for digest in archive.blobs if name_of(archive, digest) == name)


def test_a_part_is_what_the_page_shows_without_the_page_around_it(viewer: Viewer) -> None:
    page = first(viewer)

    part = page.visitor.get(page.address, **{"X-Part": "picture"})

    assert part.tree.tag == "section"
    assert part.all("header, h1, main") == []
    kept = ("data-address", "data-next", "data-up", "data-width", "data-title")
    whole = page.one("section.picture")
    assert [part.tree.get(name) for name in kept] == [whole.get(name) for name in kept]


def test_a_form_of_the_part_is_answered_by_the_page_that_says_what_was_done(
    viewer: Viewer,
) -> None:
    page = first(viewer)
    part = page.visitor.get(page.address, **{"X-Part": "picture"})

    after = part.submit("#tag", add_tag="stone")

    assert after.address == page.address
    assert "stone" in after.one("#messages").text_content()


def test_an_encrypted_archive_names_nothing_in_titles_and_addresses(sealed_viewer: Viewer) -> None:
    page = first(sealed_viewer)
    digest = digest_of(sealed_viewer, page).hex()

    assert page.title == "Picture 1 of 5"
    assert page.one("h1").text == "Picture 1 of 5"
    addresses = [
        each.get(name) for name in ("href", "src", "action") for each in page.all(f"[{name}]")
    ]
    addresses += list(page.one(".picture").attrib.values())
    assert len(addresses) > 20
    assert not any(digest in each for each in addresses)
    assert not any("jpg" in each and "static" not in each for each in addresses)


def test_its_text_tells_whoever_was_let_in_everything(sealed_viewer: Viewer) -> None:
    page = first(sealed_viewer)

    assert digest_of(sealed_viewer, page).hex() in page.text
    assert ".jpg" in page.all("dl.facts")[0].text_content()
    assert page.response["Cache-Control"] == "no-store"


def test_its_places_lead_to_their_albums_without_their_ids(sealed_viewer: Viewer) -> None:
    page = first(sealed_viewer)
    link = page.all(".picture-places > li > a")[0].get("href")

    album = page.visitor.get(link)

    assert link.startswith("/viewer/favorite/k/")
    assert len(album.all("li.cell#at")) == 1


def test_its_pictures_are_tagged_as_well(sealed_viewer: Viewer) -> None:
    page = first(sealed_viewer).submit("#tag", add_tag="sunset", create="1")

    assert "sunset" in [a.text for a in page.all(".tag-list a")]
    assert page.title == "Picture 1 of 5"
