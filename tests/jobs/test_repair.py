"""fapfav/jobs/repair.py, mending.py and refetch.py: what is wrong with files is put right."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from fapfav.errors import OlderArchive
from fapfav.jobs import convert
from fapfav.jobs.filecheck import MISPLACED
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.repair import Means, repair
from fapfav.jobs.repair_plan import plan_repair
from fapfav.jobs.trash import trash_restore
from fapfav.jobs.verify import verify
from fapfav.model import Album, Place, PlaceState, User
from fapfav.store import disk
from fapfav.store.opening import remember, unlock_again
from fapfav.store.seen import Seen
from tests.jobs.broken import COUNT, Broken, flip
from tests.jobs.plain_site import PlainSite
from tests.jobs.repairing import local, quarantined, repaired
from tests.support import CHEAP, PASSWORD, aged, planted


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Broken:
    return Broken(tmp_path, request.param)


def test_pictures_are_fetched_again_and_what_was_damaged_is_kept(broken: Broken) -> None:
    whole = list(broken.pictures_now())
    broken.blob(0).unlink()
    flip(broken.blob(1), 50)
    bad = broken.blob(1).read_bytes()

    report = repaired(broken, local(broken))

    assert [how for _, how in report.repairs] == ["fetched again"] * 2
    assert list(broken.pictures_now()) == whole
    assert list(quarantined(broken).values()) == [bad]


def test_thumbnails_are_made_anew(broken: Broken) -> None:
    broken.thumb(0).unlink()
    broken.thumb(1).write_bytes(b"no thumbnail")

    report = repaired(broken)

    assert {how for _, how in report.repairs} == {"made anew from its picture"}
    assert broken.thumb(0).exists()
    assert list(quarantined(broken).values()) == [b"no thumbnail"]


def test_files_are_found_in_the_trash_in_quarantine_and_under_other_names(broken: Broken) -> None:
    whole = list(broken.pictures_now())
    os.rename(broken.blob(0), broken.path / "trash" / "blobs" / broken.blob(0).name)
    os.rename(broken.blob(1), broken.path / "quarantine" / "something")
    os.rename(broken.blob(2), broken.path / "blobs" / "renamed (1)")
    one, other = broken.blob(3), broken.blob(4)
    raw = one.read_bytes()
    os.rename(other, one)
    other.write_bytes(raw)
    assert MISPLACED in {problem.problem for problem in verify(broken.unlocked).problems}

    repaired(broken)

    assert list(broken.pictures_now()) == whole
    assert quarantined(broken) == {}


def test_files_that_no_row_names_are_moved_and_never_deleted(broken: Broken) -> None:
    planted(broken.path / "blobs" / "nobody")
    planted(broken.path / "trash" / "blobs" / "nobody", b"y")

    report = repaired(broken)

    assert len(report.repairs) == 2
    assert sorted(quarantined(broken).values()) == [b"x", b"y"]


def test_a_good_copy_in_the_trash_takes_a_damaged_ones_place(broken: Broken) -> None:
    whole = list(broken.pictures_now())
    for path in (broken.blob(0), broken.thumb(0), broken.blob(1)):
        second = path.parent.name
        copy = broken.path / "trash" / second / path.name
        shutil.copy(path, copy)
        aged(copy)
    flip(broken.blob(0), 40)
    bad = broken.blob(0).read_bytes()

    repaired(broken)

    assert list(broken.pictures_now()) == whole
    assert list(quarantined(broken).values()) == [bad]


def test_a_picture_that_nobody_has_is_named_and_left_alone(broken: Broken) -> None:
    flip(broken.blob(0), 50)
    broken.blob(1).unlink()
    (broken.pictures / "hills" / "hill-0000.jpg").write_bytes(b"another")
    before = broken.everything()

    plan = plan_repair(broken.unlocked)
    report = repair(broken.unlocked)

    assert plan.left == len(report.failed) == 2
    assert broken.digests[0].hex() in report.failed[0][0]
    assert (report.change, report.repairs) == (0, ())
    assert broken.everything() == before
    assert not report.is_clean


def test_a_source_that_has_another_picture_now_is_not_believed(broken: Broken) -> None:
    for path in (broken.pictures / "hills").iterdir():
        path.write_bytes(b"another")
    broken.blob(0).unlink()

    report = repair(broken.unlocked, local(broken))

    assert [why for _, why in report.failed] == ["local has another picture there now"]
    assert not broken.blob(0).exists()


def test_a_site_is_asked_once_and_its_trouble_is_said(broken: Broken) -> None:
    site = PlainSite()
    with broken.opened() as archive:
        digest = broken.digests[0]
        data = archive.blob_bytes(digest)
        with archive.write("read") as tx:
            tx.put(User("plain", "7", "Seven"), Album("plain", "7", "a", "A"))
            place = Place("plain", "7", "a", "i1", 0, "one", PlaceState.STORED, digest, digest)
            tx.put(place)
    site.pictures["i1"] = data
    broken.blob(0).unlink()

    report = repair(broken.unlocked, Means([site]))

    assert site.fetched == ["i1"]
    assert [how for _, how in report.repairs] == ["fetched again"]
    assert verify(broken.unlocked).is_whole


def test_a_picture_in_the_trash_is_put_right_there(broken: Broken) -> None:
    (path,) = (broken.path / "trash" / "blobs").iterdir()
    (thumb,) = (broken.path / "trash" / "thumbs").iterdir()
    os.rename(path, broken.path / "quarantine" / "it")
    thumb.unlink()

    repaired(broken)

    assert path.exists()
    assert thumb.exists()
    with broken.opened() as archive:
        assert trash_restore(archive).pictures == 1
        assert archive.thumbnail(broken.trashed[0])


def test_what_is_taken_away_by_others_meanwhile_stays_taken_away(broken: Broken) -> None:
    planted(broken.path / "blobs" / "nobody")
    broken.thumb(0).unlink()

    def tell(_progress: object) -> None:
        # Others put it right between the look and the repair.
        with broken.opened() as archive:
            if broken.digests[0] in archive.blobs:
                remove_picture(archive, broken.digests[0].hex())

    repair(broken.unlocked, tell=tell)

    with broken.opened() as archive:
        assert broken.digests[0] in archive.trash
    assert verify(broken.unlocked).is_whole


def test_an_older_copy_is_not_repaired_unless_told_so(broken: Broken, tmp_path: Path) -> None:
    seen = Seen(tmp_path / "state")
    with broken.opened() as archive:
        size = archive.database_size
        remove_picture(archive, broken.digests[0].hex())
        remember(archive, seen)
    os.truncate(broken.path / "imagefap.database", size)

    with pytest.raises(OlderArchive, match="--accept-older"):
        repair(broken.unlocked, Means(seen=seen))
    assert repair(broken.unlocked, Means(seen=seen, accept_older=True)).is_clean
    assert verify(broken.unlocked, seen=seen).is_whole


def test_it_stops_when_asked_and_goes_on_later(broken: Broken) -> None:
    for number in range(COUNT - 1):
        broken.thumb(number).unlink()
    asked = iter([False] * (COUNT + 3))

    report = repair(broken.unlocked, stop=lambda: next(asked, True))

    assert report.stopped
    assert not verify(broken.unlocked).is_whole
    repaired(broken)


class Killed(BaseException):
    """In place of the end of the process."""


def test_broken_off_at_any_rename_it_loses_nothing_and_the_next_goes_on(
    broken: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(broken.pictures_now())
    one, other = broken.blob(0), broken.blob(1)
    raw = one.read_bytes()
    os.rename(other, one)
    other.write_bytes(raw)
    flip(broken.blob(2), 30)
    broken.thumb(3).unlink()
    planted(broken.path / "blobs" / "nobody")
    before = set(broken.everything().values())
    rename, left = disk.rename, 0

    def dying(name: str, new: str, dir_fd: int, new_fd: int) -> None:
        nonlocal left
        if not left:
            raise Killed
        left -= 1
        rename(name, new, dir_fd, new_fd)

    for renames in range(40):
        left = renames
        monkeypatch.setattr(disk, "rename", dying)
        with suppress(Killed):
            repair(broken.unlocked, local(broken))
        monkeypatch.undo()
        assert before - set(broken.everything().values()) <= _databases(before)
        if left:
            break

    assert left
    assert verify(broken.unlocked).found == []
    assert list(broken.pictures_now()) == whole


def _databases(contents: set[bytes]) -> set[bytes]:
    return {raw for raw in contents if raw.startswith(b"FAPFAVDB")}


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
def test_an_archive_that_is_half_encrypted_is_repaired_and_goes_on(
    tmp_path: Path, verb: str
) -> None:
    broken = Broken(tmp_path, sealed=verb == "decrypt")
    whole = list(broken.pictures_now())
    with broken.opened() as archive:
        if verb == "encrypt":
            convert.encrypt(archive, PASSWORD, cost=CHEAP, stop=lambda: True)
        else:
            convert.decrypt(archive, stop=lambda: True)
        assert convert.under_way(archive) == verb
        unlocked = unlock_again(broken.path, archive.handover())
    assert verify(unlocked).found == []
    flip(broken.blob(0), 60)
    broken.blob(1).unlink()
    assert len(verify(unlocked).problems) == 2

    report = repair(unlocked, local(broken))

    assert report.failed == ()
    assert report.warnings == (f"`{verb}` was broken off: run it again to finish it",)
    assert verify(unlocked).found == []
    broken.sealed = True
    with broken.opened() as archive:
        done = convert.encrypt(archive) if verb == "encrypt" else convert.decrypt(archive)
    assert not done.failures
    broken.sealed = verb == "encrypt"
    assert list(broken.pictures_now()) == whole
