"""What changes on the practice site while it runs is so with the next request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.practice.changes import Changes
from fapfav.practice.site import Item, PracticeSite
from fapfav.practice.world import World
from tests.practice.asking import (
    EMPTY,
    GALLERIES,
    LAKES,
    USER,
    alice,
    ask,
    file_of,
    image,
    listed,
    listing,
)


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([alice()], page_size=3) as running:
        yield running


def pages(site: PracticeSite, count: int, folder: str = LAKES) -> list[list[int]]:
    """The places of the pictures on the first pages of a folder."""
    found = (listed(ask(site.url, listing(folder, page))) for page in range(count))
    return [[int(number) - int(image(0)) for number in one] for one in found]


def test_a_picture_that_vanished_leaves_the_listing_and_can_come_back(site: PracticeSite) -> None:
    address = file_of(site.url, image(1))

    site.vanish(image(1))

    assert pages(site, 3) == [[0, 2, 3], [4, 5, 6], []]
    assert ask(site.url, f"/photo/{image(1)}/").status == 404
    assert ask(site.url, address).status == 404
    site.come_back(image(1))
    assert pages(site, 3) == [[0, 1, 2], [3, 4, 5], [6]]
    assert ask(site.url, file_of(site.url, image(1))).status == 200


def test_a_page_can_lose_the_address_of_its_file(site: PracticeSite) -> None:
    site.lose_link(image(0))

    told = ask(site.url, f"/photo/{image(0)}/")
    assert told.status == 200
    assert "/images/full/" not in told.text
    assert f'value="{image(0)}"' in told.text
    site.come_back(image(0))
    assert "/images/full/" in ask(site.url, f"/photo/{image(0)}/").text


def test_a_file_can_be_lost_while_its_page_stays(site: PracticeSite) -> None:
    site.lose_file(image(0))

    assert ask(site.url, file_of(site.url, image(0))).status == 404
    assert pages(site, 1) == [[0, 1, 2]]


def test_a_file_whose_path_is_gone_answers_404(tmp_path: Path) -> None:
    lost = Item("1600000001", "lost.jpg", tmp_path / "lost.jpg")
    with PracticeSite([alice(0, lost=lost)]) as site:
        assert ask(site.url, file_of(site.url, lost.image)).status == 404


def test_a_file_can_become_another(site: PracticeSite) -> None:
    address = file_of(site.url, image(0))

    site.change(image(0), b"another")

    assert ask(site.url, address).body == b"another"


def test_a_new_picture_comes_at_the_end(site: PracticeSite) -> None:
    site.add(LAKES, Item(image(40), "new.jpg", b"new"))
    site.add(GALLERIES, Item("7000009", "New harbour", b""))

    assert pages(site, 3) == [[0, 1, 2], [3, 4, 5], [6, 40]]
    assert ask(site.url, file_of(site.url, image(40))).body == b"new"
    assert "/gallery/7000009" in ask(site.url, listing(GALLERIES, 1)).text


def test_one_picture_can_be_in_two_folders_and_twice_in_one(site: PracticeSite) -> None:
    site.repeat(EMPTY, image(3))
    site.repeat(LAKES, image(0))

    assert pages(site, 1, EMPTY) == [[3]]
    assert pages(site, 3) == [[0, 1, 2], [3, 4, 5], [6, 0]]


def test_holes_are_empty_pages_in_the_middle(site: PracticeSite) -> None:
    site.hole(LAKES, 1, 2)

    assert pages(site, 6) == [[0, 1, 2], [], [], [3, 4, 5], [6], []]
    assert "Landscapes &amp; lakes" in ask(site.url, listing(LAKES, 1)).text


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 3)), max_size=4))
def test_holes_are_put_in_one_after_the_other(holes: list[tuple[int, int]]) -> None:
    world = World([alice(4)], page_size=1, folders_a_page=9)
    expected = [[image(at)] for at in range(4)]
    for page, count in holes:
        Changes(world).hole(LAKES, page, count)
        expected += [[] for _ in range(page - len(expected))]
        expected[page:page] = [[] for _ in range(count)]
    expected += [[] for _ in range(24 - len(expected))]

    shown = [world.listing(world.members[USER], LAKES, page) for page in range(24)]

    assert [[item.image for item in one.items] for one in shown if one] == expected


def test_a_removed_folder_is_listed_no_more(site: PracticeSite) -> None:
    site.remove_folder(LAKES)

    assert LAKES not in ask(site.url, f"/showfavorites.php?userid={USER}&page=0").text
    assert "blk_favorites" not in ask(site.url, listing()).text


def test_hidden_favourites_show_no_folder_to_anybody(site: PracticeSite) -> None:
    site.hide(USER)

    text = ask(site.url, f"/showfavorites.php?userid={USER}&page=0").text
    assert "private" in text
    assert "blk_galleries" not in text
    assert "blk_favorites" not in ask(site.url, listing()).text
    site.hide(USER, hidden=False)
    assert LAKES in ask(site.url, f"/showfavorites.php?userid={USER}&page=0").text


def test_pages_can_be_made_anew_while_files_stay(site: PracticeSite) -> None:
    address = file_of(site.url, image(0))

    site.break_pages()

    for path in ("/profile/alice", listing(), listing(GALLERIES), f"/photo/{image(0)}/"):
        told = ask(site.url, path)
        assert told.status == 200
        assert "blk_" not in told.text
        assert image(0) not in told.text
    assert ask(site.url, address).status == 200
    site.break_pages(False)
    assert pages(site, 1) == [[0, 1, 2]]


@pytest.mark.parametrize(
    "call",
    [
        lambda site: site.vanish("1"),
        lambda site: site.come_back("1"),
        lambda site: site.change("1", b""),
        lambda site: site.repeat(LAKES, "1"),
        lambda site: site.add("1", Item("5", "x", b"")),
        lambda site: site.hole("1", 0),
        lambda site: site.remove_folder("1"),
        lambda site: site.hide("1"),
    ],
)
def test_changing_what_is_not_there_is_an_error(site: PracticeSite, call: object) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match="the practice site has no"):
        call(site)


def test_changes_from_another_thread_never_tear_a_page(site: PracticeSite) -> None:
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            site.vanish(image(1))
            site.come_back(image(1))

    changer = threading.Thread(target=come_and_go)
    changer.start()
    try:
        seen = {tuple(one) for _ in range(20) for one in pages(site, 1)}
    finally:
        stop.set()
        changer.join()

    assert seen <= {(0, 1, 2), (0, 2, 3)}
