"""Albums without a script: filters, marks, pages, and where links lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fapfav.model import AlbumKey, Choice, Chosen, Place, PlaceKey, PlaceState
from fapfav.model import Failure as Why
from tests.viewer.archives import LAKES, MOVING, copied
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.galleries import KEY, digest, image, make_gallery
from viewer.addresses import album_address
from viewer.state import Viewer, install

ALBUM = "/viewer/favorite/7/70/"
FILTERED = "dup=1&portrait=2&tf1=0&tv1=2&sort=bytes&size=l"


def address_of(viewer: Viewer, name: str) -> str:
    with viewer.archive() as archive:
        album = next(a for a in archive.albums.records() if a.name.endswith(name))
        return album_address(archive, AlbumKey(album.source, album.user, album.album))


def names(page: Page) -> list[str]:
    return [link.get("title").split("\n")[0] for link in page.all("li.cell a.to")]


def cell_of(page: Page, name: str) -> str:
    return f"li.cell:nth-child({names(page).index(name) + 1})"


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album of 250 pictures that stays as it is."""
    made = tmp_path_factory.mktemp("gallery") / "album"
    make_gallery(made, 250)
    return made


@pytest.fixture
def large(album: Path, tmp_path: Path) -> Iterator[Viewer]:
    """A viewer of a copy of it."""
    found = viewer_of(copied(album, tmp_path / "large"), sealed=False)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def looker(large: Viewer) -> Visitor:
    return Visitor(large)


def test_an_album_says_what_it_is(looker: Visitor) -> None:
    page = looker.get(ALBUM)

    assert page.status == 200
    assert page.title == "Many shapes, page 1"
    assert "250 pictures, 10 pages, read 2025/06/15" in page.text
    link = page.one("a[href*='folderid=70']")
    assert link.get("rel") == "noreferrer noopener"


def test_an_unfinished_album_says_so(large: Viewer, looker: Visitor) -> None:
    with large.archive() as archive, archive.write("read") as tx:
        tx.put(replace(tx.albums[KEY], date_blobs=0))

    assert "not read to its end yet" in looker.get(ALBUM).text


def test_an_album_that_is_not_there_is_not_found(looker: Visitor) -> None:
    assert looker.get("/viewer/favorite/7/71/").status == 404


def test_repeats_are_shown_only_when_asked_for(viewer: Viewer, visitor: Visitor) -> None:
    address = address_of(viewer, LAKES)

    once, all_of_them = visitor.get(address), visitor.get(address + "?dup=1")

    assert len(names(once)) == 8
    assert "duplicates hides 1" in once.text
    assert len(names(all_of_them)) == 9


def test_what_is_skipped_is_hidden_with_the_duplicates(viewer: Viewer, visitor: Visitor) -> None:
    address = address_of(viewer, LAKES)
    with viewer.archive() as archive, archive.write("duplicates verdict") as tx:
        chosen = next(p.holds for p in tx.places.records() if p.name == "lake 0.jpg")
        assert chosen is not None
        tx.put(Chosen(chosen, Choice.SKIP, 1, tx.number))

    assert "lake 0.jpg" not in names(visitor.get(address))
    assert "lake 0.jpg" in names(visitor.get(address + "?dup=1"))


def test_marks_say_where_a_picture_is_repeated_and_lead_to_its_set(
    viewer: Viewer, visitor: Visitor
) -> None:
    page = visitor.get(address_of(viewer, LAKES))

    cell = cell_of(page, "lake 4 again.jpg")
    here, elsewhere = page.one(f"{cell} a.mark.here"), page.one(f"{cell} a.mark.elsewhere")
    assert here.get("href") == elsewhere.get("href")
    assert here.get("href").startswith("/viewer/duplicate/")
    places = here.get("title").split("\n")
    assert "exact: LOCAL DISK > pictures/Lakes > lake 4 again.jpg <= THIS" in places
    assert "exact: LOCAL DISK > pictures/Lakes > lake 4.jpg" in places
    assert any(line.endswith("borrowed img src=x.jpg") for line in places)
    similar = page.one(f"{cell_of(page, 'lake 0.jpg')} a.mark.similar")
    assert any(line.startswith("visual: ") for line in similar.get("title").split("\n"))


def test_hover_text_tells_all_of_a_picture(looker: Visitor) -> None:
    page = looker.get(ALBUM)

    title = page.all("li.cell a.to")[10].get("title").split("\n")
    alt = page.all("li.cell a.to img:first-child")[3].get("alt")
    assert title == [
        "picture 10.jpg",
        "9.78 kb, 400 x 180",
        "nature/water",
        "2025/06/15-15:06:30-UTC",
    ]
    assert alt == "picture 3.jpg, 400 x 180, gone from the site"


def test_names_of_strangers_are_text(large: Viewer, looker: Visitor) -> None:
    evil = "<img src=x onerror=alert(1)>\u202egpj.exe"
    with large.archive() as archive, archive.write("read") as tx:
        tx.put(replace(tx.albums[KEY], name=f"<b>{evil}</b>"))
        tx.put(replace(tx.places[PlaceKey(*KEY, image(1))], name=evil))
        tx.put(replace(tx.tags[2], name="<b>water"))

    page = looker.get(ALBUM + "?tf1=1&tv1=2")

    assert names(page)[1] == r"<img src=x onerror=alert(1)>\u202egpj.exe"
    assert page.all("img[src=x]") == page.all("h1 b") == []
    assert "<b>" in page.one("h1").text_content()
    assert page.one("#tag1").get("value") == "nature/<b>water"
    assert "\u202e" not in page.source


def test_what_disappeared_is_marked_and_listed_with_its_dates(looker: Visitor) -> None:
    page = looker.get(ALBUM)

    mark = page.one("li.cell .mark.gone")
    assert mark.get("href") == f"https://www.imagefap.com/photo/{image(3)}/"
    assert mark.get("title") == "2025/06/15-15:06:40-UTC: page gone"
    assert "Disappeared (1)" in page.text
    assert "page gone" in page.one(".gone-list").text_content()


def test_what_failed_is_listed_and_can_be_tried_again(large: Viewer, looker: Visitor) -> None:
    with large.archive() as archive, archive.write("read") as tx:
        why = Why(1_750_000_000, 2, "no answer", "https://cdn.example.test/full.jpg")
        state = PlaceState.FAILED
        tx.put(Place(*KEY, "600001", 900, "lost.jpg", state, failure=why))
        evil = why._replace(url="javascript:alert(1)")
        tx.put(Place(*KEY, "600002", 901, "odd.jpg", state, failure=evil))

    page = looker.get(ALBUM)

    cells = [cell.text_content() for cell in page.all(".failed tbody tr:first-child td")]
    assert cells == ["600001", "2025/06/15-15:06:40-UTC", "lost.jpg", "no answer", "full size"]
    links = [link.get("href") for link in page.all(".failed tbody a")]
    assert links == [
        "https://www.imagefap.com/photo/600001/",
        "https://cdn.example.test/full.jpg",
        "https://www.imagefap.com/photo/600002/",
    ]
    fields = dict(page.one("#retry").form_values())
    assert (fields["start"], fields["number"]) == ("retry", "7")


def test_an_animation_shows_its_first_frame_until_it_is_looked_at(looker: Visitor) -> None:
    page = looker.get(ALBUM)

    still, moving = page.all("li.cell:first-child img")
    assert still.get("src").endswith("?still=1")
    assert still.get("src") == moving.get("src") + "?still=1"
    assert moving.get("loading") == "lazy"


def test_pages_have_a_hundred_and_their_own_addresses(looker: Visitor) -> None:
    first = looker.get(ALBUM)
    second = first.follow("a[rel=next]")
    last = second.follow("a[rel=next]")

    assert [len(names(page)) for page in (first, second, last)] == [100, 100, 50]
    assert names(second)[0] == "picture 100.jpg"
    assert last.all("a[rel=next]") == []
    assert names(last.follow("a[rel=prev]")) == names(second)
    assert [link.text_content() for link in first.all(".scrubber a")] == [
        "Page 1",
        "Page 2",
        "Page 3",
    ]


def test_a_page_beyond_the_last_is_the_last(looker: Visitor) -> None:
    assert names(looker.get(ALBUM + "?page=999"))[-1] == "picture 249.jpg"


@pytest.mark.parametrize("at", [image(207), digest(207).hex()])
def test_a_picture_is_jumped_to_by_its_id_or_digest(looker: Visitor, at: str) -> None:
    page = looker.get(f"{ALBUM}?at={at}&page=1")

    assert page.one("li#at a.to").get("title").startswith("picture 207.jpg")
    assert page.one("section.cells").get("data-page") == "3"


def test_a_picture_that_is_not_there_is_not_jumped_to(looker: Visitor) -> None:
    assert looker.get(f"{ALBUM}?at={'0' * 64}&page=2").all("#at") == []


def test_the_grid_can_ask_for_the_pictures_of_a_page_alone(looker: Visitor) -> None:
    part = looker.get(ALBUM + "?page=2", **{"X-Part": "cells"})

    assert part.tree.tag == "section"
    assert len(names(part)) == 100
    assert part.all("form") == []


def test_filters_survive_every_link_and_form(looker: Visitor) -> None:
    page = looker.get(f"{ALBUM}?{FILTERED}&lock=1")

    wanted = parse_qs(FILTERED)
    own = [link.get("href") for link in page.all(".gallery a[href*=favorite], #lock, #larger")]
    own.append(page.one("#grid").get("action"))
    assert len(own) > 3
    for address in own:
        query = parse_qs(urlsplit(address).query)
        assert {name: query.get(name) for name in wanted} == wanted, address
    for link in page.all("a.open"):
        query = parse_qs(urlsplit(link.get("href")).query)
        assert query.pop("in") == ["favorite/7/70/"]
        assert {name: query.get(name) for name in wanted} == wanted


def test_the_form_of_filters_says_what_it_does_in_the_address(looker: Visitor) -> None:
    page = looker.get(ALBUM).submit("#filters", tag1="Water", tf1=2, portrait=0, sort="pixels")

    assert page.address == f"{ALBUM}?portrait=0&tf1=2&tv1=2&sort=pixels"
    assert page.one("#tag1").get("value") == "nature/water"
    assert page.one("select[name=tf1] option[selected]").get("value") == "2"
    assert "picture 1.jpg" not in page.source
    shown = page.submit("#filters", tag1="nature", dup=1)
    assert shown.address == f"{ALBUM}?dup=1&portrait=0&tf1=2&tv1=1&sort=pixels"


def test_a_tag_that_is_not_there_filters_nothing_and_is_named(looker: Visitor) -> None:
    page = looker.get(ALBUM).submit("#filters", tag2="no such")

    assert page.address == ALBUM
    assert "there is no tag 'no such'" in page.one("[role=alert]").text_content()


@pytest.mark.parametrize(
    "query",
    [
        "dup=7&portrait=-3&landscape=9&tf1=x&tv1=-1&lock=2&page=0",
        "tv1=99999999999999999999",
        "at=%00",
    ],
)
def test_parameters_out_of_range_are_clamped(looker: Visitor, query: str) -> None:
    assert looker.get(f"{ALBUM}?{query}").status == 200


def test_no_pictures_for_some_filters_says_what_each_hides(looker: Visitor) -> None:
    page = looker.get(f"{ALBUM}?portrait=0&landscape=0&tf1=2&tv1=1&lock=1")
    assert page.status == 200
    page = looker.get(f"{ALBUM}?portrait=2&tf1=2&tv1=1&tf2=0&tv2=2&lock=1")

    empty = page.one("#nothing")
    assert "No pictures for these filters" in empty.text_content()
    assert "the second tag: hides 25 pictures of 250" in page.text
    assert page.all("form#grid") == []
    cleared = page.follow("a#clear")
    assert cleared.address == f"{ALBUM}?dup=1&lock=1"
    assert len(cleared.all("li.cell")) == 100


def test_an_album_without_pictures_says_so(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive, archive.write("read") as tx:
        album = next(iter(tx.albums.records()))
        tx.put(replace(album, album="empty", name="Empty"))

    page = visitor.get(f"/viewer/favorite/local/{album.user}/empty/")

    assert "There are no pictures here." in page.text


def test_a_broken_picture_is_listed_and_spoils_nothing(viewer: Viewer, visitor: Visitor) -> None:
    page = visitor.get(address_of(viewer, MOVING))

    assert names(page) == ["waves.gif"]
    assert "Failed (1)" in page.text


def test_an_encrypted_archive_prints_no_names_in_titles_and_addresses(
    sealed_viewer: Viewer,
) -> None:
    visitor = Visitor(sealed_viewer)

    page = visitor.get(address_of(sealed_viewer, LAKES))

    assert page.title == "Album"
    with sealed_viewer.archive() as archive:
        secrets = [each.hex() for each in archive.blobs] + [
            a.album for a in archive.albums.records()
        ]
    links = "".join(
        e.get(k) or "" for e in page.all("*") for k in ("href", "src", "action", "value")
    )
    assert [each for each in secrets if each in links] == []
    tagged = page.submit("#filters", tag1="water", tf1=2)
    assert "water" not in tagged.address
    assert len(page.all("li.cell")) == 8
