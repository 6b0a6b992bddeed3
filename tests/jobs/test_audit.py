"""fapfav/jobs/audit.py: what is still there, what vanished, what came back, and when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs.audit import FRESH, FRESH_FORCED, AuditSettings, audit
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_album, remove_picture, remove_user
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.model import Check, PlaceKey, PlaceState, Sighting, UserKey
from fapfav.sources.base import Site
from fapfav.sources.local import LocalFolder
from tests.jobs.audited import ANNA, BEN, NOW, Audited, address, shared
from tests.jobs.holding import digest
from tests.jobs.plain_site import PlainSite
from tests.store.archives import tables


@pytest.fixture
def world(tmp_path: Path) -> Audited:
    return shared(tmp_path / "archive")


def test_the_plain_site_is_a_site() -> None:
    assert isinstance(PlainSite(), Site)
    assert not isinstance(LocalFolder(Path(__file__).parent), Site)


def test_a_picture_that_is_there_is_dated_and_has_no_history(world: Audited) -> None:
    report = world.audit()

    assert world.row(ANNA, "b", "i2") == Check("plain", ANNA, "b", "i2", NOW)
    assert (report.checked, report.there, report.gone, report.findings) == (5, 5, 0, ())
    assert (report.requests, report.skipped, report.left, report.stopped) == (5, 0, 0, False)
    assert [world.archive.blobs[digest(number)].date for number in (1, 2, 3, 4, 7)] == [
        *(NOW, NOW, NOW, NOW),
        8,
    ]
    record = world.archive.changes[report.change]
    assert (record.verb, record.what, record.state) == ("audit", "anna", "done")
    assert world.archive.users[UserKey("plain", ANNA)].date_audit == NOW
    assert world.archive.users[UserKey("plain", BEN)].date_audit == 0


def test_every_image_of_the_users_pictures_is_asked_about_once_in_order(world: Audited) -> None:
    world.audit()

    # Alps, Bay, then where else its pictures are; what only Ben has is not asked about.
    assert world.site.checked == ["i4", "i1", "i2", "i3", "i20"]
    assert {key[1:] for key in world.archive.checks} == {
        (ANNA, "a", "i4"),
        (ANNA, "a", "i1"),
        (ANNA, "b", "i1"),
        (ANNA, "b", "i2"),
        (ANNA, "b", "i3"),
        (BEN, "z", "i1"),
        (BEN, "z", "i20"),
    }


def test_places_without_a_picture_are_not_asked_about(world: Audited) -> None:
    world.state(PlaceKey("plain", ANNA, "b", "i2"), PlaceState.REMOVED)
    world.state(PlaceKey("plain", ANNA, "b", "i3"), PlaceState.FAILED)
    world.state(PlaceKey("plain", ANNA, "a", "i4"), PlaceState.WANTED)

    assert world.audit().checked == 1
    assert world.site.checked == ["i1"]


def test_another_user_does_not_ask_again_about_what_they_share(world: Audited) -> None:
    world.audit()

    report = world.audit(BEN)

    assert world.site.checked[5:] == ["i7"]
    assert (report.checked, report.skipped) == (1, 3)


def test_nothing_is_downloaded_and_nothing_deleted(world: Audited) -> None:
    world.site.levels = {"i1": 1, "i2": 2, "i3": 3}
    before = tables(world.archive, "changes", "undo", "configs", "checks", "users", "blobs")
    blobs = set(world.archive.blobs)

    world.audit()

    assert world.site.fetched == []
    unchanged = tables(world.archive, "changes", "undo", "configs", "checks", "users", "blobs")
    assert unchanged == before
    assert set(world.archive.blobs) == blobs


def test_what_is_gone_is_listed_with_its_level_and_address(world: Audited) -> None:
    world.site.levels = {"i1": 1, "i2": 2, "i3": 3}

    report = world.audit()

    assert (report.there, report.gone, report.newly_gone, report.back) == (2, 3, 3, 0)
    assert report.by_level == {1: 1, 2: 1, 3: 1}
    assert report.findings == (
        ("Alps", "alps i1.jpg", "i1", 1, address("i1")),
        ("Bay", "bay i2.jpg", "i2", 2, address("i2")),
        ("Bay", "bay i3.jpg", "i3", 3, address("i3")),
    )
    for user, album in ((ANNA, "a"), (ANNA, "b"), (BEN, "z")):
        assert world.row(user, album, "i1").history == (Sighting(NOW, 1, address("i1")),)
    assert world.archive.blobs[digest(3)].date == 8
    assert world.archive.blobs[digest(2)].date == NOW  # i20, the same picture, is there
    assert report.to_json()["findings"][0][2] == "i1"


def test_gone_and_back_leaves_both_dates(world: Audited) -> None:
    for later, level in ((0, 0), (1, 1), (2, 1), (3, 3), (4, 0), (5, 0)):
        world.now = NOW + later * FRESH
        world.site.levels = {"i2": level}
        report = world.audit()

    found = world.row(ANNA, "b", "i2")
    assert found.checked == NOW + 5 * FRESH
    assert found.history == (
        Sighting(NOW + FRESH, 1, address("i2")),
        Sighting(NOW + 3 * FRESH, 3, address("i2")),
        Sighting(NOW + 4 * FRESH, 0, ""),
    )
    assert (report.newly_gone, report.back, report.gone) == (0, 0, 0)


def test_what_came_back_and_what_is_still_gone_are_no_news_of_another_kind(world: Audited) -> None:
    world.site.levels = {"i2": 1, "i3": 1}
    world.audit()
    world.now += FRESH
    world.site.levels = {"i3": 2}

    report = world.audit()

    assert (report.gone, report.newly_gone, report.findings) == (1, 0, ())
    assert (report.back, report.returned) == (1, (("Bay", "bay i2.jpg", "i2", 0, ""),))


@pytest.mark.parametrize(
    ("later", "force", "asked"),
    [
        (FRESH - 1, False, 0),
        (FRESH, False, 5),
        (-1, False, 5),  # checked in the future: by a clock that was wrong
        (FRESH_FORCED - 1, True, 0),
        (FRESH_FORCED, True, 5),
    ],
)
def test_what_was_checked_a_short_time_ago_is_skipped(
    world: Audited, later: int, force: bool, asked: int
) -> None:
    world.audit()
    world.now += later

    report = world.audit(force=force)

    assert (report.checked, report.skipped) == (asked, 5 - asked)
    assert len(world.site.checked) == 5 + asked


def test_an_audit_with_nothing_to_ask_writes_nothing(world: Audited) -> None:
    world.audit()
    before = tables(world.archive)
    world.now += 60

    assert world.audit().change == 0
    assert tables(world.archive) == before


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (UserKey("plain", "3"), "there is no user '3' of plain"),
        (UserKey("local", "1"), "there is no user '1' of plain"),
        (UserKey("plain", "9"), "read it to the end first: favorites.py read --user 'not yet'"),
    ],
)
def test_users_that_cannot_be_audited_are_refused(
    world: Audited, user: UserKey, message: str
) -> None:
    world.user("9", "not yet", finished=0)
    before = tables(world.archive)

    with pytest.raises(UsageError, match=message):
        audit(world.archive, world.site, AuditSettings(user))

    assert tables(world.archive) == before
    assert world.site.asked == 0


def test_local_folders_are_not_audited(world: Audited, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="local folders are not audited"):
        audit(world.archive, LocalFolder(tmp_path), AuditSettings(UserKey("local", "1")))


def test_an_audit_is_undone_by_its_number_only(world: Audited) -> None:
    before = tables(world.archive, "changes", "undo", "configs")
    world.site.levels = {"i2": 1}
    report = world.audit()

    with pytest.raises(UsageError, match="nothing to undo"):
        world.archive.undo()
    undone = world.archive.undo(report.change)

    assert undone.conflicts == ()
    assert tables(world.archive, "changes", "undo", "configs") == before
    assert world.audit().findings == report.findings


def test_a_place_that_goes_while_the_site_is_asked_leaves_no_check(world: Audited) -> None:
    def remove() -> None:
        with open_archive(world.archive.path) as other, other.write("remove album") as tx:
            tx.delete("places", PlaceKey("plain", ANNA, "b", "i2"))

    world.site.meanwhile["i2"] = remove

    world.audit()

    assert PlaceKey("plain", ANNA, "b", "i2") not in world.archive.checks
    assert set(world.archive.checks) <= set(world.archive.places)


@pytest.mark.parametrize(
    ("remove", "left"),
    [
        (lambda archive: remove_album(archive, "Bay"), {"a", "z"}),
        (lambda archive: remove_user(archive, "anna"), {"z"}),
    ],
    ids=["album", "user"],
)
def test_checks_go_with_their_places_and_come_back_with_them(
    world: Audited, remove: Callable[[Archive], object], left: set[str]
) -> None:
    world.site.levels = {"i1": 1, "i3": 2}
    world.audit()
    before = dict(world.archive.checks.items())

    remove(world.archive)

    assert {album for _, _, album, _ in world.archive.checks} == left
    world.archive.undo()
    assert dict(world.archive.checks.items()) == before


def test_checks_come_back_with_pictures_from_the_trash(world: Audited) -> None:
    world.site.levels = {"i2": 1, "i3": 2}
    world.audit()
    before = dict(world.archive.checks.items())
    remove_user(world.archive, "anna")

    trash_restore(world.archive, [digest(3).hex()])

    # Picture 2 is at another place still and was never in the trash.
    assert world.row(ANNA, "b", "i3") == before[PlaceKey("plain", ANNA, "b", "i3")]
    assert set(world.archive.checks) == {
        ("plain", ANNA, "b", "i3"),
        ("plain", BEN, "z", "i1"),
        ("plain", BEN, "z", "i20"),
    }


def test_checks_of_a_removed_picture_are_destroyed_with_it(world: Audited) -> None:
    world.site.levels = {"i2": 1}
    world.audit()
    before = dict(world.archive.checks.items())
    remove_picture(world.archive, digest(2).hex())
    trash_restore(world.archive)
    assert dict(world.archive.checks.items()) == before

    remove_picture(world.archive, digest(2).hex())
    trash_empty(world.archive)

    assert {image for *_, image in world.archive.checks} == {"i1", "i3", "i4"}
    # No trace of the address either: what cannot be undone is not kept.
    assert b"photo/i2/" not in (world.archive.path / "imagefap.database").read_bytes()
