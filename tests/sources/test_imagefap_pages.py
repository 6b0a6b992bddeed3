from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import SourceError
from fapfav.sources import imagefap_pages as pages
from fapfav.sources.imagefap_pages import Kind

SAVED = Path(__file__).parent / "pages"
NAMES = sorted(path.name for path in SAVED.glob("*.html"))
PICTURES = ("1500007932", "1500007931", "1600000001")
FOLDERS = (("20002", "Landscapes & lakes"), ("20003", "山と川 ❄"), ("20004", "Boats"))
FULL = "https://cdn.imagefap.com/images/full/61/150/1500007932.jpg?end=1700000000&secure=0f0f"
IMAGE = "1500007932"


def saved(name: str) -> bytes:
    """A saved page."""
    return (SAVED / name).read_bytes()


def photo(page: bytes | str) -> pages.PhotoPage:
    """What a page says of the one picture these tests speak of."""
    return pages.photo_page(page.encode() if isinstance(page, str) else page, "/photo", IMAGE)


def refused(read: Callable[[], object]) -> str | None:
    """Why a page is refused; nothing else may be raised."""
    try:
        read()
    except SourceError as error:
        return str(error)
    return None


def stated(record: str) -> pages.PhotoPage:
    """What a page says that has this record and nothing else."""
    return photo(f'<script type="application/ld+json">{record}</script>')


@pytest.mark.parametrize("name", ["profile.html", "profile_loose.html"])
def test_a_profile_tells_the_number(name: str) -> None:
    assert pages.user_id(saved(name), "/profile/alice") == "100001"


def test_the_profile_of_nobody_tells_no_number() -> None:
    assert pages.user_id(saved("profile_unknown.html"), "/profile/nobody") is None


def test_a_profile_with_two_numbers_is_a_changed_page() -> None:
    link = b'<a class="blk_header" href="/showfavorites.php?userid=100002">Favorites</a>'

    with pytest.raises(SourceError, match=r"^/profile/alice does not show one link"):
        pages.user_id(saved("profile.html") + link, "/profile/alice")


@pytest.mark.parametrize("name", ["list.html", "list_loose.html", "list_end.html", "folder.html"])
def test_favourites_tell_whose_they_are(name: str) -> None:
    assert pages.display_name(saved(name), "/list") == "alice"


def test_a_link_without_a_text_names_the_user_in_its_address() -> None:
    for href in ("/profile.php?user=Al%20ice", "/site/profile/Al%20ice"):
        page = f'<a class="blk_header" style="x" href="{href}"><img></a>'

        assert pages.display_name(page.encode(), "/list") == "Al ice"


@pytest.mark.parametrize("name", ["list.html", "list_loose.html"])
def test_a_list_gives_each_folder_once_in_order(name: str) -> None:
    assert pages.list_page(saved(name), "/list", "100001").folders == FOLDERS


def test_a_list_past_its_end_is_empty() -> None:
    listed = pages.list_page(saved("list_end.html"), "/list", "100001")

    assert listed == pages.ListPage("alice", (), strange=False)


def test_folders_that_look_otherwise_are_strange() -> None:
    page = saved("list.html").replace(b"blk_galleries", b"folder")
    listed = pages.list_page(page, "/list", "100001")

    assert listed == pages.ListPage("alice", (), strange=True)


@pytest.mark.parametrize("name", ["folder.html", "folder_loose.html"])
def test_a_folder_gives_its_name_and_each_picture_once(name: str) -> None:
    page = pages.folder_page(saved(name), "/folder")

    assert page == pages.FolderPage(Kind.PICTURES, "Landscapes & lakes", PICTURES, strange=False)


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("folder_empty.html", Kind.PICTURES, "Landscapes & lakes"),
        ("folder_galleries.html", Kind.GALLERIES, "Whole walks"),
        ("folder_missing.html", Kind.NONE, ""),
    ],
)
def test_a_folder_without_pictures_says_which_kind_it_is(
    name: str, kind: Kind, called: str
) -> None:
    assert pages.folder_page(saved(name), "/folder") == pages.FolderPage(kind, called, (), False)


@pytest.mark.parametrize("change", [(b'"img-', b'"pic-'), (b"<td", b"<p"), (b"blk_f", b"x")])
def test_pictures_that_look_otherwise_are_strange_or_refused(change: tuple[bytes, bytes]) -> None:
    head, cells, tail = saved("folder.html").partition(b'<table class="pics">')
    page = pages.folder_page(head + cells + tail.replace(*change), "/folder")

    assert page.images == ()
    assert page.strange


@pytest.mark.parametrize("number", ["15x", "-1", "", "1" * 21, "٣"])
def test_a_picture_without_a_number_is_a_changed_page(number: str) -> None:
    page = saved("folder.html").replace(b"1600000001", number.encode())

    with pytest.raises(SourceError, match="a number for every picture"):
        pages.folder_page(page, "/folder")


def test_a_page_without_its_frame_is_no_empty_one() -> None:
    for page in (saved("nothing_known.html"), b"", b" ", b"<!--", b"\xff\xfe", b"{}"):
        with pytest.raises(SourceError, match=r"^/there .*may have changed.*Nothing was damaged"):
            pages.list_page(page, "/there", "100001")
        with pytest.raises(SourceError, match=r"^/there .*may have changed.*Nothing was damaged"):
            pages.folder_page(page, "/there")


def test_no_picture_is_lost_below_tags_that_are_never_closed() -> None:
    cells = (f'<td class="blk_favorites" id="img-{n}" align="x"><b><i><u><p>' for n in range(4000))
    page = saved("folder_empty.html") + "".join(cells).encode()

    assert len(pages.folder_page(page, "/folder").images) == 4000


def test_bytes_that_are_no_text_take_nothing_with_them() -> None:
    page = saved("folder.html").replace(b"Landscapes", b"Land\xff\xc3scapes\x00")

    assert pages.folder_page(page, "/folder").images == PICTURES


def test_the_encoding_a_page_claims_is_not_believed() -> None:
    page = b'\xef\xbb\xbf<?xml version="1.0" encoding="latin-1"?><meta charset="latin-1">'

    assert pages.list_page(page + saved("list.html"), "/list", "100001").folders == FOLDERS


def test_a_picture_page_gives_its_own_file_and_facts() -> None:
    page = photo(saved("photo.html"))
    facts = page.facts

    assert page.full == FULL
    assert (facts.name, facts.author) == ("boat-at-dawn.jpg", "harbour_cam")
    assert (facts.posted, facts.width, facts.height) == (1408579200, 1066, 800)


def test_a_framed_link_will_do_and_the_advertisement_has_the_name() -> None:
    page = photo(saved("photo_loose.html"))

    assert page.full is not None
    assert page.full.startswith("http://127.0.0.1:8080/site/cdn/images/full/61/150/1500007932.jpg")
    assert page.full.endswith("?end=1700000000&secure=0f0f")
    assert page.facts.name == "a quiet boat.jpg"


def test_the_picture_itself_has_the_second_best_name() -> None:
    page = re.sub(rb"<script.*</script>", b"", saved("photo.html"))

    assert photo(page).facts.name == "another-name.jpg"


def test_a_page_without_a_file_may_be_known_or_not() -> None:
    assert photo(saved("photo_gone.html")).known
    assert photo(saved("photo_gone.html")).full is None
    assert not photo(saved("nothing_known.html")).known


def test_the_file_of_another_picture_is_not_this_ones() -> None:
    page = pages.photo_page(saved("photo.html"), "/photo", "150000793")

    assert page.full is None


@pytest.mark.parametrize("before", ["//cdn.example", "", "ftp://cdn.example", "data:", "http://"])
def test_a_file_without_a_whole_address_is_a_changed_page(before: str) -> None:
    with pytest.raises(SourceError, match="whole address"):
        photo(f'<a original="{before}/images/full/61/150/{IMAGE}.jpg">')


@pytest.mark.parametrize(
    "record",
    ["", "[]", "3", "null", '{"@type":"Person"}', "[" * 100_000, '{"@type":', "9" * 5000, '"a"'],
)
def test_a_record_of_something_else_is_passed_over(record: str) -> None:
    assert not stated(record).known


@pytest.mark.parametrize("day", ["31/02/2014", "2014-08-21", "0/0/0000", "1/1/1950", "", "21/8/14"])
def test_a_day_that_is_none_is_no_time(day: str) -> None:
    page = stated(f'[{{"@type":"ImageObject","datePublished":"{day}","width":-3,"height":"tall"}}]')

    assert page.known
    assert (page.facts.posted, page.facts.width, page.facts.height) == (0, 0, 0)


def test_a_record_may_be_unusual_and_still_be_read() -> None:
    page = stated(
        '[{"@type":["ImageObject"],"name":"a &amp; b.jpg","author":{"name":"cam"},"width":640}]'
    )

    assert (page.facts.name, page.facts.author, page.facts.width) == ("a & b.jpg", "cam", 640)


def test_check_pages_are_told_by_their_address_or_their_words() -> None:
    plain = saved("folder.html")

    assert pages.is_check("https://www.imagefap.com/human-verification", b"")
    assert pages.is_check("http://127.0.0.1:8080/site/human-verification/?back=1", plain)
    assert pages.is_check("https://www.imagefap.com/photo/1/", saved("check.html"))
    assert not pages.is_check("https://www.imagefap.com/photo/1/", plain)
    assert not pages.is_check("https://www.imagefap.com/human-verification/x", plain)


def test_a_folder_with_the_words_of_a_check_page_is_none() -> None:
    page = saved("folder.html").replace(b"Landscapes", b"Too many requests")
    page = page.replace(b"<body>", b"<body><div class='mt-4'>")

    assert not pages.is_check("https://www.imagefap.com/x", page)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_cut_or_noisy_page_is_read_or_refused(name: str, data: st.DataObject) -> None:
    page = saved(name)
    at = data.draw(st.integers(0, len(page)))
    noise = data.draw(
        st.sampled_from([b"", b"<", b"</", b"<!--", b"'", b'"', b"\0", b"<td id=img-"])
    )
    rest = data.draw(st.sampled_from([b"", page[at:]]))
    for reads in (
        lambda it: pages.user_id(it, "/x"),
        lambda it: pages.list_page(it, "/x", "100001"),
        lambda it: pages.folder_page(it, "/x"),
        lambda it: pages.photo_page(it, "/x", IMAGE),
        lambda it: pages.is_check("https://www.imagefap.com/x", it),
    ):
        refusal = refused(lambda reads=reads: reads(page[:at] + noise + rest))  # type: ignore[misc]
        assert refusal is None or "/x" in refusal


@pytest.mark.parametrize(
    "piece",
    [
        "<b>", "<div>", "</p>", "<a href='/photo/1/'>", "<td class='blk_favorites' id='img-1'>",
        "<table><tr><td>", "<", "<!--", "<body>", " a=1", "&amp;", "<script>", "\0", "<td",
    ],
)  # fmt: skip
def test_a_hostile_page_takes_bounded_work(piece: str) -> None:
    page = saved("folder_empty.html") + (piece * (2**22 // len(piece))).encode()
    started = time.process_time()
    refusal = refused(lambda: pages.folder_page(page, "/folder"))

    assert refusal is None or "far too much" in refusal
    assert time.process_time() - started < 20
