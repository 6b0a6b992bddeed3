"""Reading favourites: what is dated as read has every picture that was listed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, SourceError
from fapfav.jobs import engine
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import Settings, read
from fapfav.model import PlaceState, Progress
from fapfav.practice import kinds
from fapfav.practice.site import Account, PracticeSite, Trouble
from fapfav.sources.waits import Waits
from fapfav.store import folder
from tests.cli.running import LIMIT
from tests.jobs.sites import (
    ACCOUNT,
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
    read_site,
    shelf,
    source,
)


def wanted(archive: Archive) -> list[str]:
    return [p.image for p in archive.places.records() if p.state is PlaceState.WANTED]


def test_an_album_is_not_dated_when_the_disk_refuses_its_pictures(
    site: PracticeSite, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_staged: object) -> None:
        raise ArchiveError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "BATCH_PICTURES", 6)  # the first album's five, and one more
        patch.setattr(folder.Staged, "publish", refuse)
        with pytest.raises(ArchiveError, match="full"):
            read_site(archive, site)

    assert wanted(archive)
    assert not any(album.date_blobs for album in archive.albums.records())
    assert read_site(archive, site).saved == 12
    assert not wanted(archive)


def test_an_album_is_not_dated_while_a_picture_of_it_was_taken_away(
    site: PracticeSite, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(archive.files), "present", lambda *_: False)
        first = read_site(archive, site)
    second = read_site(archive, site)

    assert first.saved == 0
    assert any("taken away" in warning for warning in first.warnings)
    assert second.saved == 12


def test_what_a_broken_off_forced_listing_found_is_fetched_by_the_next_run(
    site: PracticeSite, archive: Archive
) -> None:
    read_site(archive, site)
    for number in range(50, 70):
        site.add(PEAKS.folder, item(number))
    trouble = Trouble(kinds.status(401), path=f"page=7&.*folderid={PEAKS.folder}")
    site.troubles.add(trouble)
    with pytest.raises(SourceError):
        read_site(archive, site, force=True)
    site.troubles.clear()
    found = len(wanted(archive))

    report = read_site(archive, site)

    assert found
    assert report.saved == 20
    assert images(archive, PEAKS.folder) == [*EVERYTHING[5:], *map(image, range(50, 70))]


def test_pictures_of_a_folder_that_came_to_hold_galleries_stay_and_come(archive: Archive) -> None:
    made = [Account(ALICE, "Alice", (shelf("1", "A", range(6)), shelf("2", "B", range(6, 8))))]
    with PracticeSite(made, page_size=3) as site:
        read_site(archive, site, stop=lambda: len(photos(site)) >= 2)
        assert wanted(archive)
        page = kinds.other_bytes(
            Path(__file__)
            .parent.with_name("sources")
            .joinpath("pages", "folder_galleries.html")
            .read_bytes()
        )
        site.troubles.add(Trouble(page, path=r"folderid=1\b", times=None))
        age(archive, 73)
        read_site(archive, site)

    assert images(archive, "1") == [image(n) for n in range(6)]
    assert {album.album for album in archive.albums.records()} == {"1", "2"}


def test_a_user_who_was_renamed_is_known_by_the_new_name(
    site: PracticeSite, archive: Archive
) -> None:
    read_site(archive, site)
    renamed = Account(ALICE, "Alicia", ACCOUNT.folders)

    with PracticeSite([renamed], page_size=3) as later:
        age(archive, 73)
        read_site(archive, later, "alicia")
        later.forget()
        read_site(archive, later, "alicia")
        assert asked(later) == []

    assert [user.name for user in archive.users.records()] == ["Alicia"]


def test_a_wait_that_is_over_is_not_told_any_more(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Progress] = []
    heard = threading.Event()
    nap = Waits._nap

    def tell(progress: Progress) -> None:
        told.append(progress)
        if progress.waiting:
            heard.set()

    def until_told(self: Waits, seconds: float) -> None:
        """As long as ever, and on a busy computer until somebody looked."""
        nap(self, seconds)
        assert self.waiting is None or heard.wait(LIMIT)

    monkeypatch.setattr(Waits, "_nap", until_told)
    account = Account(ALICE, "Alice", (shelf("1", "A", range(40)),))
    with PracticeSite([account]) as site, source(site) as client:
        site.troubles.add(Trouble(kinds.status(429, 1), path=f"/photo/{image(4)}", times=1))
        accounts = (client.account("alice"),)
        read(archive, client, Settings(ModelInUse(), accounts=accounts), tell=tell)

    reading = [each for each in told if each.doing == "reading"]
    assert any(each.waiting for each in reading)
    assert not any(each.waiting for each in reading if each.done > 5)
    assert any(each.done > 5 for each in reading)


def test_after_the_sites_trouble_nothing_more_is_asked(
    site: PracticeSite, archive: Archive
) -> None:
    site.troubles.add(Trouble(kinds.status(401), path=f"/photo/{image(4)}/"))

    with pytest.raises(SourceError, match="401"):
        read_site(archive, site)

    assert photos(site) == EVERYTHING[:5]
    assert sorted(images(archive, LAKES.folder)) == EVERYTHING[:4]
