"""The search box: what is found, how much of it, and that words stay out of addresses."""

from __future__ import annotations

import pytest

from fapfav.jobs import search as job
from fapfav.model import Album, AlbumKey, Place, PlaceState, User
from tests.viewer.browsing import Page, Visitor
from viewer.state import Viewer


def sought(visitor: Visitor, text: str) -> Page:
    return visitor.get("/viewer/").submit("header search form", q=text)


def found(page: Page) -> list[str]:
    return [each.text_content() for each in page.all(".hits li span")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("local", "LOCAL DISK"),
        ("LAKES", "Lakes"),
        ("water", "nature/water"),
        ("borrowed", "borrowed img src=x.jpg"),
        ("ke 3", "lake 3.jpg"),
    ],
    ids=["user", "album", "tag", "picture", "within a name"],
)
def test_things_are_found_by_a_part_of_their_name(visitor: Visitor, text: str, name: str) -> None:
    page = sought(visitor, text)

    assert page.address.endswith("/viewer/search/")
    assert any(name in each for each in found(page))
    link = next(each for each in page.all(".hits a") if name in each.text_content())
    assert visitor.get(link.get("href")).status == 200


def test_a_picture_is_found_by_the_beginning_of_its_digest(
    visitor: Visitor, viewer: Viewer
) -> None:
    with viewer.archive() as archive:
        digest = min(archive.blobs)

    page = sought(visitor, digest.hex()[:9])

    assert page.one(".thumbs a").get("href") == f"/viewer/picture/{digest.hex()}/"


def test_a_picture_with_several_names_is_one_result(visitor: Visitor) -> None:
    page = sought(visitor, "4 again")

    assert len(page.all(".thumbs li")) == 1


def test_names_are_text(visitor: Visitor, viewer: Viewer) -> None:
    with viewer.archive() as archive, archive.write("read") as tx:
        tx.put(User("imagefap", "6", "<img src=x>"))

    page = sought(visitor, "<img")

    assert found(page) == ["<img src=x>"]

    assert page.all("img[src=x]") == []
    assert "<img" in page.one("h1").text_content()


def test_what_was_looked_for_is_in_no_address(visitor: Visitor) -> None:
    page = sought(visitor, "lake")

    assert "lake" not in page.address
    assert all("q=" not in (link.get("href") or "") for link in page.all("a"))
    assert visitor.get("/viewer/search/?q=lake").all(".hits") == []


def test_nothing_found_is_said(visitor: Visitor) -> None:
    assert "Nothing is called so" in sought(visitor, "no such thing").text


def test_of_each_kind_there_is_an_end(visitor: Visitor, viewer: Viewer) -> None:
    with viewer.archive() as archive, archive.write("read") as tx:
        album = AlbumKey(*next(iter(archive.albums)))
        digests = list(archive.blobs)
        for at in range(200):
            held = digests[at % len(digests)]
            name = f"many {at}.jpg"
            tx.put(Place(*album, f"m{at}", at, name, PlaceState.STORED, held, held))
        for at in range(job.MOST + 9):
            tx.put(Album(*album[:2], f"x{at}", f"many {at}"))

    page = sought(visitor, "many")

    assert len(page.all(".hits .thumbs li")) == len(digests)
    assert len(page.all(".hits ul:not(.thumbs) li")) == job.MOST
    assert "There is more" in page.text


def test_while_one_types_there_is_a_short_list_alone(visitor: Visitor) -> None:
    token = visitor.get("/viewer/").all("header input[name=csrfmiddlewaretoken]")[0].get("value")
    fields = [("q", "hill"), ("csrfmiddlewaretoken", token)]

    page = visitor.post("/viewer/search/", fields, **{"X-Part": "found"})

    assert page.all("h1") == []
    assert page.tree.get("data-say")
    assert 0 < len(page.all(".thumbs li")) <= 6


def test_an_encrypted_archive_prints_keyed_names_only(sealed_viewer: Viewer) -> None:
    with sealed_viewer.archive() as archive:
        digests = [digest.hex() for digest in archive.blobs]

    page = sought(Visitor(sealed_viewer), "lake")

    assert page.title == "Search"
    assert page.all(".thumbs a")
    assert not any(digest in page.source for digest in digests)
