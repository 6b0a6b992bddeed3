"""The practice site as a visitor meets it: its pages, its files, its log."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from fapfav.errors import UsageError
from fapfav.practice.site import Account, Folder, Item, PracticeSite, Style
from tests.practice.asking import (
    EMPTY,
    GALLERIES,
    LAKES,
    USER,
    alice,
    ask,
    ask_on,
    connected,
    file_of,
    image,
    listed,
    listing,
)


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([alice()], page_size=3) as running:
        yield running


@pytest.mark.parametrize("path", ["/profile/ALICE", "/profile.php?user=alice", "/profile/alice/"])
def test_a_profile_links_to_the_favourites_once(site: PracticeSite, path: str) -> None:
    told = ask(site.url, path)

    assert told.status == 200
    link = f'<a class="blk_header" href="/showfavorites.php?userid={USER}">Favorites</a>'
    assert told.text.count("blk_header") == told.text.count(link) == 1


def test_an_unknown_user_has_an_ordinary_page_without_that_link(site: PracticeSite) -> None:
    told = ask(site.url, "/profile/bob")

    assert told.status == 200
    assert "blk_header" not in told.text
    assert told.text.rstrip().endswith("</html>")
    assert "blk_" not in ask(site.url, "/showfavorites.php?userid=9&page=0").text


def test_the_list_of_folders_goes_on_until_a_page_has_none() -> None:
    folders = tuple(Folder(str(30000 + at), f"Folder {at}") for at in range(5))
    with PracticeSite([Account("7", "Bob", folders)], folders_a_page=2) as site:
        pages = [ask(site.url, f"/showfavorites.php?userid=7&page={at}").text for at in range(4)]

    link = r'<td class="blk_favorites"><a class="blk_galleries" href="https://www\.imagefap\.com/'
    found = [
        re.findall(link + r"showfavorites\.php\?userid=7&folderid=(\d+)", one) for one in pages
    ]
    assert found == [["30000", "30001"], ["30002", "30003"], ["30004"], []]
    header = '<a class="blk_header" href="/profile.php?user=Bob" style="font-size:20px;">Bob</a>'
    assert all(header in page for page in pages)


def test_a_picture_folder_shows_its_name_and_then_opens_a_table(site: PracticeSite) -> None:
    for folder, name in ((LAKES, "Landscapes &amp; lakes"), (EMPTY, "Nothing yet")):
        text = ask(site.url, listing(folder)).text
        assert f'style="text-decoration:none;">{name}</a></td></tr>\n</table>\n<table' in text
        assert "blk_favorites_hdr" not in text


def test_the_pictures_of_a_folder_are_listed_page_by_page_in_order(site: PracticeSite) -> None:
    pages = [ask(site.url, listing(page=page)) for page in range(4)]

    assert [listed(page) for page in pages] == [
        [image(0), image(1), image(2)],
        [image(3), image(4), image(5)],
        [image(6)],
        [],
    ]
    assert all("Landscapes &amp; lakes" in page.text for page in pages)


def test_a_galleries_folder_has_a_header_and_one_table(site: PracticeSite) -> None:
    text = ask(site.url, listing(GALLERIES)).text

    assert (
        '<td class="blk_favorites_hdr" align="left"><span><b>Gallery Name</span></b></td>' in text
    )
    assert not re.search(r"</table>\s*<table", text)
    assert re.findall(r"/gallery/(\d+)", text) == ["7000001", "7000002", "7000003"]


def test_a_folder_the_user_does_not_have_shows_the_header_alone(site: PracticeSite) -> None:
    for folder in ("999", "no number"):
        told = ask(site.url, listing(folder).replace(" ", "%20"))

        assert told.status == 200
        assert "blk_header" in told.text
        assert "blk_favorites" not in told.text


def test_a_photo_page_tells_the_picture_and_where_its_file_is(site: PracticeSite) -> None:
    text = ask(site.url, f"/photo/{image(2)}/").text

    assert f'id="imageid_input" value="{image(2)}"' in text
    assert '{"@type":"ImageObject","name":"lake 2.jpg","author":"practice"' in text
    assert 'content="View this fine lake 2.jpg sample picture uploaded by practice"' in text
    full = re.search(r'<a href="([^"]+)" framed="1" original="([^"]+)">', text)
    assert full is not None
    assert full[1] == full[2]
    assert re.fullmatch(
        rf"{site.url}/images/full/32/150/{image(2)}\.jpg\?end=\d+&secure=\w+", full[1]
    )


def test_a_file_is_served_from_memory_or_disk_with_its_length(tmp_path: Path) -> None:
    path = tmp_path / "hill.png"
    path.write_bytes(b"\x89PNG" + bytes(3_000_000))
    hill = Item("1600000001", "hill.png", path, ext="png")
    with PracticeSite([alice(2, hill=hill)]) as site:
        small = ask(site.url, file_of(site.url, image(1)))
        large = ask(site.url, file_of(site.url, hill.image))

    assert small.body == b"\xff\xd8 picture 1" * 50
    assert small.headers["content-type"] == "image/jpeg"
    assert large.body == path.read_bytes()
    assert large.headers["content-length"] == str(len(large.body))
    assert large.headers["content-type"] == "image/png"


def test_head_tells_the_same_as_get_and_sends_no_body(site: PracticeSite) -> None:
    with connected(site.url) as connection:
        for path in (listing(), file_of(site.url, image(0))):
            got = ask_on(connection, path)
            told = ask_on(connection, path, "HEAD")
            assert told == (got.status, got.headers, b"")
            assert got.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-3", 206, slice(0, 4)),
        ("bytes=590-", 206, slice(590, None)),
        ("bytes=-5", 206, slice(-5, None)),
        ("bytes=595-9999", 206, slice(595, None)),
        ("bytes=600-", 416, slice(0, 0)),
        ("bytes=0-1,3-4", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
    ],
)
def test_a_range_of_a_file_can_be_asked_for(
    site: PracticeSite, wanted: str, status: int, part: slice
) -> None:
    whole = b"\xff\xd8 picture 4" * 50

    told = ask(site.url, file_of(site.url, image(4)), Range=wanted)

    assert (told.status, told.body) == (status, whole[part])
    if status == 206:
        start, end, _ = part.indices(len(whole))
        assert told.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"


def test_addresses_that_have_nothing_answer_404(site: PracticeSite) -> None:
    for path in ("/", "/photo/12/", "/photo/", "/gallery/7000001", "/photo/7000001/"):
        assert ask(site.url, path).status == 404, path


def test_other_methods_and_broken_addresses_are_refused(site: PracticeSite) -> None:
    told = ask(site.url, listing(), "DELETE")

    assert (told.status, told.headers["allow"]) == (405, "GET, HEAD")
    with connected(site.url) as connection:
        assert ask_on(connection, "//[/").status == 400


def test_a_file_link_is_good_for_as_many_requests_as_it_says() -> None:
    with PracticeSite([alice(1)], style=Style(link_uses=2)) as site:
        address = file_of(site.url, image(0))
        assert [ask(site.url, address).status for _ in range(3)] == [200, 200, 403]
        assert ask(site.url, file_of(site.url, image(0))).status == 200


def test_a_file_link_ends_with_its_time_or_when_it_is_made_to() -> None:
    with PracticeSite([alice(1)], style=Style(link_seconds=0)) as site:
        assert ask(site.url, file_of(site.url, image(0))).status == 403
    with PracticeSite([alice(1)]) as site:
        address = file_of(site.url, image(0))
        site.expire_links()
        assert ask(site.url, address).status == 403
        assert ask(site.url, address.split("?")[0]).status == 403
        assert ask(site.url, file_of(site.url, image(0))).status == 200


def test_with_a_prefix_everything_is_below_it_and_nothing_beside() -> None:
    with PracticeSite([alice()], prefix="fap/site/") as site:
        assert site.url.endswith("/fap/site")
        assert ask(site.url, "/profile/alice").status == 200
        address = file_of(site.url, image(0))
        assert address.startswith(f"{site.url}/images/full/")
        assert ask(site.url, address).status == 200
        with connected(site.url) as connection:
            assert ask_on(connection, "/profile/alice").status == 404


def test_pages_say_they_are_utf_8_and_may_hold_bytes_that_are_not() -> None:
    odd = Item("1600000002", b"b\xf6rse \xe2\x82\xac.jpg".decode("utf-8", "surrogateescape"), b"1")
    with PracticeSite([alice(0, odd=odd)]) as site:
        told = ask(site.url, "/photo/1600000002/")

    assert told.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>b\udcf6rse €.jpg</title>".encode("utf-8", "surrogateescape") in told.body


def test_the_log_has_every_request_in_order_with_its_times(site: PracticeSite) -> None:
    before = time.monotonic()
    with connected(site.url) as connection:
        ask_on(connection, "/profile/alice", **{"User-Agent": "visitor/1"})
        ask_on(connection, "/photo/1/", "HEAD")
    ask(site.url, listing())
    first, second, third = site.log

    assert (first.method, first.path, first.status) == ("GET", "/profile/alice", 200)
    assert first.headers["user-agent"] == "visitor/1"
    assert (second.method, second.path, second.status) == ("HEAD", "/photo/1/", 404)
    assert before < first.started <= second.started <= third.started
    # The next question on a connection is read when the answer before it has left.
    assert first.started <= first.ended <= second.started
    assert first.address == second.address != third.address
    site.forget()
    assert site.log == ()


def test_a_common_client_reads_it_as_it_is(site: PracticeSite) -> None:
    with urlopen(f"{site.url}/profile/alice") as answer:
        assert b"blk_header" in answer.read()


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([alice(), Account("5", "ALICE")], "twice"),
        ([Account("5", "b", (Folder("1", "x"), Folder("1", "y")))], "folder 1 .* twice"),
        ([Account("5", "b", (Folder("1", "x", kind="videos"),))], "no known kind"),
        ([Account("5", "b", (Folder("1", "x", (Item("a1", "x", b""),)),))], "takes digits"),
        (
            [Account("5", "b", (Folder("1", "x", (Item("1", "x", b""), Item("1", "y", b""))),))],
            "picture 1 .* two different",
        ),
    ],
)
def test_accounts_that_contradict_themselves_are_refused(
    accounts: list[Account], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        PracticeSite(accounts)


def test_a_page_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        PracticeSite([], page_size=0)
