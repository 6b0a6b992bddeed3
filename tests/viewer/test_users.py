"""Users and albums in tables, sorted by their heads, and removed with the effect shown before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.model import Album, AlbumKey, Check, Sighting, User
from fapfav.store.blobs import Kind
from fapfav.text import size
from tests.jobs.holding import blob, digest, picture, place
from tests.support import new_archive
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from viewer.people import ALBUM_COLUMNS, USER_COLUMNS
from viewer.state import Viewer, install

KEY = AlbumKey("imagefap", "7", "70")
NOW = 1_750_000_000
HOSTILE = "<i>\u202eevil</i>"


def write_site(where: Path) -> None:
    with new_archive(where, sealed=False) as archive, archive.write("read") as tx:
        tx.put(User("imagefap", "7", "somebody", NOW, NOW))
        tx.put(Album(*KEY, "Many shapes", pages=2, date_blobs=NOW))
        for at in range(30):
            files = archive.files
            files.publish([files.stage(kind, digest(at), "jpg", picture(at)) for kind in Kind])
            tx.put(replace(blob(at), animated=at < 3), place(KEY, at, at, f"{at}.jpg"))
        tx.put(Check(*KEY, "i3", NOW, (Sighting(NOW, 1, ""),)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Viewer]:
    """One user of a site with 30 pictures in an album, and an album that was never read."""
    write_site(tmp_path / "archive")
    viewer = viewer_of(tmp_path / "archive", sealed=False)
    with viewer.archive() as archive, archive.write("read") as tx:
        tx.put(User("imagefap", "8", HOSTILE), Album("imagefap", "7", "9", HOSTILE))
    yield viewer
    viewer.lock()
    install(None)


def names(page: Page) -> list[str]:
    return [head.text_content().split("\n")[0].strip() for head in page.all("tbody th a")]


def cells(page: Page, name: str) -> list[str]:
    row = next(row for row in page.all("tbody tr") if name in row.text_content())
    return [" ".join(cell.text_content().split()) for cell in row]


def test_a_user_has_all_columns(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/users/")

    heads = [head.text_content() for head in page.all("thead th a")]
    assert heads == [column.words for column in USER_COLUMNS]
    found = cells(page, "somebody")
    assert found[:7] == ["somebody", "7", "2", "30", "0", "1", "3 10.00 %"]
    assert found[7] == size(sum(blob(number).size for number in range(30)))
    assert "2025/06/15" in found[13]


def test_all_users_together_stand_last(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/users/")

    total = [cell.text_content().strip() for cell in page.all("tfoot tr > *")]
    assert total[:5] == ["All", "", "2", "30", "0"]


def test_the_sites_page_is_a_link_that_tells_it_nothing(site: Viewer) -> None:
    link = Visitor(site).get("/viewer/users/").all("a.leaving")[0]

    assert link.get("href").startswith("https://www.imagefap.com/")
    assert set(link.get("rel").split()) == {"noreferrer", "noopener"}


def test_a_folder_has_no_page_at_a_site(visitor: Visitor) -> None:
    assert visitor.get("/viewer/users/").all("a.leaving") == []


def test_hostile_names_are_text(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/users/?sort=name&dir=up")

    assert "<i>\\u202eevil</i>" in names(page)
    assert page.all("main i") == []


def test_users_are_sorted_by_any_column(site: Viewer) -> None:
    visitor = Visitor(site)

    for column in USER_COLUMNS:
        up = visitor.get(f"/viewer/users/?sort={column.name}&dir=up")
        down = visitor.get(f"/viewer/users/?sort={column.name}&dir=down")

        assert up.one("th[aria-sort=ascending]").text_content() == column.words
        assert down.one("th[aria-sort=descending]").text_content() == column.words
        assert sorted(names(up)) == sorted(names(down))


def test_the_head_of_a_sorted_column_turns_it_round(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/users/")
    first = names(page)

    turned = page.follow("thead th:first-child a")

    assert names(turned) == first[::-1]


def test_a_sort_that_is_none_is_by_name(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/users/?sort=nothing&dir=sideways")

    assert page.one("th[aria-sort]").text_content() == "Name"


def test_albums_have_all_columns_and_a_total(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/favorites/7/")

    assert [head.text_content() for head in page.all("thead th a")] == [
        column.words for column in ALBUM_COLUMNS
    ]
    assert cells(page, "Many shapes")[:7] == ["Many shapes", "70", "30", "0", "1", "3 10.00 %", "2"]
    unread = cells(page, "evil")
    assert "unfinished" in unread[0]
    assert "pending" in unread
    total = [cell.text_content().strip() for cell in page.all("tfoot tr > *")]
    assert total[2] == "30"


def test_albums_sort_by_pictures(site: Viewer) -> None:
    page = Visitor(site).get("/viewer/favorites/7/?sort=images&dir=down")

    assert names(page)[0] == "Many shapes"


def test_a_user_that_is_not_there_is_404(visitor: Visitor) -> None:
    assert visitor.get("/viewer/favorites/404/").status == 404
    assert visitor.get("/viewer/users/?delete=404").status == 404


def test_thousands_of_albums_come_in_pages(site: Viewer) -> None:
    with site.archive() as archive, archive.write("read") as tx:
        tx.put(*(Album("imagefap", "7", str(1000 + at), f"Album {at}") for at in range(2500)))
    visitor = Visitor(site)

    page = visitor.get("/viewer/favorites/7/?sort=name&dir=up")

    assert len(page.all("tbody tr")) == 60
    assert len(page.response.content) < 65_000
    assert "2,502 albums" in page.text
    following = page.follow("nav.pages a[rel=next]")
    assert set(names(page)).isdisjoint(names(following))
    assert "sort=name" in following.address or following.one("th[aria-sort]") is not None


def test_before_an_album_goes_its_effect_is_shown_and_nothing_changes(site: Viewer) -> None:
    with site.archive() as archive:
        before = archive.last

    page = Visitor(site).get("/viewer/favorites/7/?delete=70")

    assert "30 pictures" in page.text
    with site.archive() as archive:
        assert archive.last == before


def test_a_deleted_album_can_be_brought_back_from_the_message(site: Viewer) -> None:
    visitor = Visitor(site)
    asked = visitor.get("/viewer/favorites/7/?delete=70")

    done = asked.submit("form#delete")

    assert done.status == 200
    assert "Many shapes is deleted" in done.one(".message.success").text_content()
    assert "30 pictures" in done.one(".message.success").text_content()
    assert "Many shapes" not in " ".join(names(done))
    with site.archive() as archive:
        assert KEY not in archive.albums
    done.submit(".message.success form")
    with site.archive() as archive:
        assert KEY in archive.albums
        assert len(archive.blobs) == 30


def test_a_user_is_deleted_only_once_that_was_confirmed(site: Viewer) -> None:
    visitor = Visitor(site)
    page = visitor.get("/viewer/users/")
    token = page.all("input[name=csrfmiddlewaretoken]")[0].get("value")

    asked = visitor.post("/viewer/users/", [("delete_input", "7"), ("csrfmiddlewaretoken", token)])

    assert asked.address.endswith("?delete=7")
    with site.archive() as archive:
        assert ("imagefap", "7") in archive.users
    asked.submit("form#delete")
    with site.archive() as archive:
        assert ("imagefap", "7") not in archive.users
        assert len(archive.blobs) == 0


def test_what_is_protected_stays(site: Viewer) -> None:
    with site.archive() as archive, archive.write("protect") as tx:
        tx.put(replace(archive.albums[KEY], protected=True))
    visitor = Visitor(site)

    asked = visitor.get("/viewer/users/?delete=7")

    assert "Many shapes is protected" in asked.text
    assert asked.all("form#delete") == []
    token = asked.all("input[name=csrfmiddlewaretoken]")[0].get("value")
    fields = [("delete_input", "7"), ("confirm", "1"), ("csrfmiddlewaretoken", token)]
    refused = visitor.post("/viewer/users/", fields)
    assert "protected" in refused.one(".message.error").text_content()
    with site.archive() as archive:
        assert ("imagefap", "7") in archive.users


def test_pages_of_an_encrypted_archive_name_nobody_in_addresses(sealed_viewer: Viewer) -> None:
    visitor = Visitor(sealed_viewer)
    with sealed_viewer.archive() as archive:
        ids = {part for key in archive.albums for part in AlbumKey(*key)[2:]}

    users = visitor.get("/viewer/users/")
    albums = users.follow("tbody th a")
    asked = albums.visitor.get(albums.address + albums.all("td.stick-end a")[0].get("href"))

    assert albums.title == "User"
    for page in (users, albums, asked):
        links = " ".join(link.get("href") for link in page.all("a[href]"))
        assert not any(each in links for each in ids)
    done = asked.submit("form#delete")
    assert "is deleted" in done.one(".message.success").text_content()


def test_no_users_yet(site: Viewer) -> None:
    with site.archive() as archive, archive.write("remove") as tx:
        tx.delete("users", *list(archive.users))

    page = Visitor(site).get("/viewer/users/")

    assert "No users yet" in page.text
    assert page.all("table") == []


def test_numbers_in_names_sort_by_how_large_they_are(site: Viewer) -> None:
    with site.archive() as archive, archive.write("read") as tx:
        tx.put(*(Album("imagefap", "7", f"x{at}", f"Tour {at}") for at in (10, 9, 100)))

    found = names(Visitor(site).get("/viewer/favorites/7/"))

    assert [name for name in found if name.startswith("Tour")] == ["Tour 9", "Tour 10", "Tour 100"]
