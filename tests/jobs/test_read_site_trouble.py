"""Reading favourites from a site in trouble: pictures and folders go, the site bans or changes."""

from __future__ import annotations

import pytest

from fapfav.errors import SourceError
from fapfav.jobs.library import Archive
from fapfav.model import PlaceState
from fapfav.practice import kinds
from fapfav.practice.site import Account, PracticeSite, Trouble
from tests.jobs.sites import (
    ALICE,
    EVERYTHING,
    LAKES,
    PEAKS,
    age,
    asked,
    image,
    images,
    item,
    photos,
    places,
    read_site,
    shelf,
    total,
)


def test_a_lost_picture_is_tried_on_three_visits_and_then_left_alone(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.status(404), path=f"/photo/{image(2)}", times=None))
    reports = []
    for _ in range(4):
        site.forget()
        reports.append((read_site(archive, site), photos(site).count(image(2))))
        age(archive, 73)

    assert [report.failed for report, _ in reports] == [1, 1, 1, 0]
    assert [requests for _, requests in reports] == [1, 1, 1, 0]
    assert reports[3][0].left_alone == 1
    lost = places(archive, LAKES.folder)[2]
    assert lost.state is PlaceState.FAILED
    assert lost.failure is not None
    assert lost.failure.tries == 3
    assert "404" in lost.failure.reason
    assert lost.failure.url is not None
    assert lost.failure.url.endswith(f"/photo/{image(2)}/")


def test_a_picture_that_comes_back_takes_its_old_position(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.status(404), path=f"/photo/{image(2)}"))
    read_site(archive, site)
    before = images(archive, LAKES.folder)
    age(archive, 73)

    report = read_site(archive, site)

    assert before == [image(n) for n in (0, 1, 3, 4)]
    assert images(archive, LAKES.folder) == EVERYTHING[:5]
    assert report.saved == 1


def test_a_lost_image_in_two_folders_is_asked_for_once_and_failed_in_both(
    archive: Archive,
) -> None:
    both = Account(ALICE, "Alice", (shelf("1", "A", [1, 2]), shelf("2", "B", [2])))
    with PracticeSite([both]) as site:
        site.lose_link(image(2))

        report = read_site(archive, site)

        assert photos(site).count(image(2)) == 1
    assert report.failed == 2
    assert images(archive, "1", PlaceState.FAILED) == [image(2)]
    assert images(archive, "2", PlaceState.FAILED) == [image(2)]
    assert {name for _, name, _ in report.failures} == {"hill-0002.jpg"}


def test_what_is_no_picture_is_a_failure_with_its_name(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.noise(), path=f"/{image(1)}\\.jpg"))
    site.troubles.add(Trouble(kinds.html_instead(), path=f"/{image(2)}\\.jpg"))
    site.lose_file(image(3))

    report = read_site(archive, site)

    assert total(report) == (9, 0, 0, 3)
    assert [name for _, name, _ in report.failures] == [f"hill-000{n}.jpg" for n in (1, 2, 3)]


def test_holes_repeats_and_vanished_pictures_are_survived(
    site: PracticeSite, archive: Archive
) -> None:
    site.hole(PEAKS.folder, 1, 2)
    site.repeat(PEAKS.folder, image(6))
    site.vanish(image(8))

    report = read_site(archive, site)

    assert total(report) == (11, 0, 0, 0)
    assert images(archive, PEAKS.folder) == [image(n) for n in (5, 6, 7, 9, 10, 11)]


def test_pictures_that_moved_to_an_earlier_page_between_visits_are_found(
    site: PracticeSite, archive: Archive
) -> None:
    for number in range(50, 70):
        site.add(PEAKS.folder, item(number))
    read_site(archive, site)
    age(archive, 73)
    for number in (5, 6, 7, 8):
        site.vanish(image(number))
    site.add(PEAKS.folder, item(80))

    report = read_site(archive, site)

    assert report.saved == 1
    assert images(archive, PEAKS.folder)[-1] == image(80)
    assert len(images(archive, PEAKS.folder)) == 28  # what vanished there is kept here


def test_a_galleries_folder_is_refused_by_name_and_skipped_when_walking(
    site: PracticeSite, archive: Archive
) -> None:
    with pytest.raises(SourceError, match="galleries"):
        read_site(archive, site, folder="All of it")
    read_site(archive, site)

    assert "All of it" not in {album.name for album in archive.albums.records()}


def test_an_unknown_folder_is_refused_with_those_there_are(
    site: PracticeSite, archive: Archive
) -> None:
    with pytest.raises(SourceError, match=r"(?s)Deserts.*Peaks.*Lakes & rivers"):
        read_site(archive, site, folder="Deserts")

    assert len(archive.places) == 0


def test_a_folder_removed_half_way_is_a_warning_and_its_pictures_are_kept(
    site: PracticeSite, archive: Archive
) -> None:
    read_site(archive, site, stop=lambda: len(photos(site)) >= 7)
    age(archive, 73)
    site.remove_folder(PEAKS.folder)

    report = read_site(archive, site)

    assert images(archive, PEAKS.folder) == EVERYTHING[5:]
    assert report.stopped is False
    assert archive.users["imagefap", ALICE].date_finished  # type: ignore[index]


def test_a_folder_that_goes_while_it_is_walked_is_a_warning(
    site: PracticeSite, archive: Archive
) -> None:
    read_site(archive, site)
    age(archive, 1)  # the list of albums is still fresh
    with archive.change("age") as change, change.transaction() as tx:
        album = tx.albums["imagefap", ALICE, PEAKS.folder]  # type: ignore[index]
        tx.put(type(album)(*("imagefap", ALICE, PEAKS.folder), name=album.name))
    site.remove_folder(PEAKS.folder)

    report = read_site(archive, site)

    assert any("Peaks" in warning for warning in report.warnings)


def test_a_changed_site_is_one_clear_error_and_nothing_is_damaged(
    site: PracticeSite, archive: Archive
) -> None:
    read_site(archive, site)
    age(archive, 73)
    before = sorted(map(repr, archive.places.records()))
    site.break_pages()

    with pytest.raises(SourceError, match="changed"):
        read_site(archive, site)

    assert sorted(map(repr, archive.places.records())) == before
    site.break_pages(False)
    assert total(read_site(archive, site)) == (0, 12, 0, 0)


def test_a_ban_in_the_middle_keeps_what_is_there_and_the_next_run_goes_on(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(kinds.ban(kinds.too_many(), after=26))

    with pytest.raises(SourceError):
        read_site(archive, site)
    has = {place.image for place in archive.places.records() if place.holds}
    site.troubles.clear()
    site.forget()
    report = read_site(archive, site)

    assert 0 < len(has) < 12
    assert has.isdisjoint(photos(site))
    assert report.saved == 12 - len(has)


def test_a_ban_that_ends_is_waited_out_and_nothing_is_fetched_twice(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(kinds.ban(kinds.checked(), after=20, times=2))

    report = read_site(archive, site)

    assert report.saved == 12
    good = [one.path for one in site.log if one.status == 200]
    assert len(good) == len(set(good))


def test_asked_to_stop_in_a_long_wait_it_ends_and_keeps_everything(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.status(503, 3600), path="/photo/", after=4))
    waiting = f"/photo/{image(4)}"

    report = read_site(archive, site, stop=lambda: bool(asked(site, waiting)))

    assert report.stopped
    assert report.saved == 4
    site.forget()
    assert read_site(archive, site).saved == 8
    assert photos(site) == EVERYTHING[4:]


def test_a_file_that_always_breaks_off_is_one_failure_and_the_rest_is_read(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.reset(), path=f"/{image(5)}\\.jpg", times=None))

    report = read_site(archive, site)

    assert total(report) == (11, 0, 0, 1)
    assert images(archive, PEAKS.folder, PlaceState.FAILED) == [image(5)]
