"""Reading favourites over real HTTP: everything once, and never the same question twice."""

from __future__ import annotations

import pytest

from fapfav.jobs.library import Archive
from fapfav.practice.site import Account, PracticeSite
from tests.jobs.sites import (
    ALICE,
    BOB,
    EVERYTHING,
    LAKES,
    PEAKS,
    age,
    asked,
    files,
    hills,
    image,
    images,
    item,
    listings,
    photos,
    places,
    read_site,
    shelf,
    total,
)


def test_all_picture_folders_of_a_user_are_read(site: PracticeSite, archive: Archive) -> None:
    report = read_site(archive, site, "ALICE")

    assert total(report) == (12, 0, 0, 0)
    assert images(archive, LAKES.folder) == EVERYTHING[:5]
    assert images(archive, PEAKS.folder) == EVERYTHING[5:]
    assert [p.name for p in places(archive, LAKES.folder)] == [i.name for i in LAKES.items]
    assert {blob.size for blob in archive.blobs.records()} == {len(hills(n)) for n in range(12)}
    assert {album.name for album in archive.albums.records()} == {
        "Lakes & rivers",
        "Peaks",
        "Nothing yet",
    }
    user = archive.users["imagefap", ALICE]  # type: ignore[index]
    assert user.name == "Alice"
    assert user.date_albums
    assert user.date_finished >= user.date_albums
    assert all(a.date_blobs >= a.date_listed > 0 for a in archive.albums.records())
    assert sorted(files(site)) == EVERYTHING
    assert {line.name: line.saved for line in report.albums} == {"Lakes & rivers": 5, "Peaks": 7}
    assert report.requests == len(site.log) - 2  # the account was asked for before


def test_the_albums_are_read_by_name(site: PracticeSite, archive: Archive) -> None:
    read_site(archive, site)

    assert photos(site) == EVERYTHING


def test_a_second_run_asks_nothing_for_three_days(site: PracticeSite, archive: Archive) -> None:
    read_site(archive, site)
    age(archive, 71)
    site.forget()

    report = read_site(archive, site)

    assert asked(site) == []
    assert report.skipped == 3
    assert total(report) == (0, 0, 0, 0)
    assert report.change == 0


def test_a_later_run_asks_for_lists_and_last_pages_only(
    site: PracticeSite, archive: Archive
) -> None:
    site.add(PEAKS.folder, item(50))
    for number in range(51, 70):
        site.add(PEAKS.folder, item(number))
    read_site(archive, site)
    age(archive, 73)
    site.forget()

    report = read_site(archive, site)

    assert photos(site) == []
    assert files(site) == []
    assert listings(site, PEAKS.folder) == [8, 9, 10, 11]  # 27 pictures on 9 pages, then 3 empty
    assert listings(site, LAKES.folder) == [0, 1, 2, 3, 4]  # small: walked whole
    assert report.known == 32
    assert total(report) == (0, 32, 0, 0)


def test_new_pictures_at_the_end_of_a_large_folder_are_found(
    site: PracticeSite, archive: Archive
) -> None:
    for number in range(50, 70):
        site.add(PEAKS.folder, item(number))
    read_site(archive, site)
    age(archive, 73)
    site.add(PEAKS.folder, item(90))
    site.add(PEAKS.folder, item(91))
    site.forget()

    report = read_site(archive, site)

    assert report.saved == 2
    assert images(archive, PEAKS.folder)[-2:] == [image(90), image(91)]
    assert photos(site) == [image(90), image(91)]
    assert 0 not in listings(site, PEAKS.folder)


def test_force_walks_the_whole_folder_and_fetches_nothing_again(
    site: PracticeSite, archive: Archive
) -> None:
    for number in range(50, 70):
        site.add(PEAKS.folder, item(number))
    read_site(archive, site)
    site.forget()

    report = read_site(archive, site, force=True)

    assert listings(site, PEAKS.folder) == list(range(12))
    assert photos(site) == []
    assert report.saved == 0


@pytest.mark.parametrize("requests", range(1, 40, 3))
def test_broken_off_anywhere_it_asks_for_nothing_it_has(
    site: PracticeSite, archive: Archive, requests: int
) -> None:
    first = read_site(archive, site, stop=lambda: len(site.log) >= requests)
    has = {place.image for place in archive.places.records() if place.holds}
    pages = set(asked(site, "folderid="))
    site.forget()

    second = read_site(archive, site)

    assert first.stopped or first.saved == 12  # all was asked for before anybody looked
    assert has.isdisjoint(photos(site))
    assert first.saved + second.saved == 12
    assert len(archive.blobs) == 12
    # The page in hand when it stopped was answered and committed; three empty ones end a folder
    # only when seen together.
    again = pages & set(asked(site, "folderid="))
    assert len(again) <= 3
    assert all("page=0" not in page for page in again if "20004" not in page) or requests < 5


def test_an_image_in_two_folders_is_fetched_once(archive: Archive) -> None:
    both = Account(ALICE, "Alice", (shelf("1", "A", [1, 2, 3]), shelf("2", "B", [3, 2, 4])))

    with PracticeSite([both]) as site:
        report = read_site(archive, site)

        assert sorted(files(site)) == [image(n) for n in (1, 2, 3, 4)]
    assert total(report) == (4, 0, 2, 0)
    assert images(archive, "1") == [image(n) for n in (1, 2, 3)]
    assert images(archive, "2") == [image(n) for n in (3, 2, 4)]
    assert [p.name for p in places(archive, "2")] == [
        "hill-0003.jpg",
        "hill-0002.jpg",
        "hill-0004.jpg",
    ]


def test_an_image_of_another_user_gets_a_place_without_a_request(archive: Archive) -> None:
    alice = Account(ALICE, "Alice", (shelf("1", "A", [1, 2]),))
    bob = Account(BOB, "Bob", (shelf("2", "B", [2, 3]),))

    with PracticeSite([alice, bob]) as site:
        read_site(archive, site, "alice")
        site.forget()
        report = read_site(archive, site, "bob")

        assert photos(site) == [image(3)]
    assert total(report) == (1, 0, 1, 0)


def test_the_same_bytes_under_two_ids_are_kept_once(archive: Archive) -> None:
    twin = item(1)
    other = item(9)
    album = shelf("1", "A", [1])
    album = type(album)("1", "A", (twin, type(other)(other.image, other.name, twin.data)))

    with PracticeSite([Account(ALICE, "Alice", (album,))]) as site:
        report = read_site(archive, site)

    assert total(report) == (1, 0, 1, 0)
    assert len(archive.blobs) == 1
    assert len(places(archive, "1")) == 2


def test_a_removed_picture_is_not_asked_for_again(archive: Archive) -> None:
    from fapfav.jobs.removal import remove_picture

    one = Account(ALICE, "Alice", (shelf("1", "A", [1, 2]),))
    with PracticeSite([one, Account(BOB, "Bob", (shelf("2", "B", [2]),))]) as site:
        read_site(archive, site)
        held = next(p.holds for p in places(archive, "1") if p.image == image(2))
        assert held is not None
        remove_picture(archive, held.hex())
        site.forget()

        again = read_site(archive, site, force=True)
        bob = read_site(archive, site, "bob")

        assert photos(site) == []
    assert again.saved == bob.saved == 0
    assert bob.removed == 1
    assert len(archive.blobs) == 1


def test_one_folder_by_name_or_number(site: PracticeSite, archive: Archive) -> None:
    by_name = read_site(archive, site, folder="lakes & RIVERS")
    by_number = read_site(archive, site, folder=PEAKS.folder)

    assert by_name.saved == 5
    assert by_number.saved == 7
    user = archive.users["imagefap", ALICE]  # type: ignore[index]
    assert user.date_finished == 0
