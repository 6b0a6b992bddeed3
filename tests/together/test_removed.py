"""What the user removed stays removed, whoever reads, repairs or restores."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from fapfav.jobs.backup import backup, restore
from fapfav.jobs.library import Archive
from fapfav.jobs.read import retry
from fapfav.jobs.removal import remove_album, remove_picture
from fapfav.jobs.repair import Means, repair
from fapfav.jobs.trash import trash_empty
from fapfav.jobs.verify import verify
from fapfav.model import Digest, PlaceState
from fapfav.practice.site import Account, Item, PracticeSite
from fapfav.sources.local import LocalFolder
from fapfav.store.opening import unlock
from tests.bad_input.trouble import opened
from tests.jobs.sites import ALICE, BOB, files, hills, image, photos, places, read_site, shelf
from tests.support import album, new_archive, read_folder
from tests.test_worker import Worker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "hills", 4)
    return tmp_path / "hills"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        yield made


def nothing(_: Archive) -> None:
    """The picture lies in the trash."""


def empty(archive: Archive) -> None:
    """It is destroyed."""
    trash_empty(archive)


WAYS = pytest.mark.parametrize("then", [nothing, empty])


def one_of(archive: Archive) -> tuple[Digest, str]:
    """A picture, and the name of its file."""
    place = min(archive.places.records(), key=lambda place: place.name)
    assert place.holds is not None
    return place.holds, place.name


@WAYS
def test_reading_a_folder_again_says_so_and_keeps_it_out(
    archive: Archive, folder: Path, then: Callable[[Archive], None]
) -> None:
    read_folder(archive, folder)
    gone, name = one_of(archive)
    remove_picture(archive, gone.hex())
    then(archive)
    shutil.copy(folder / name, folder / "under another name.jpg")

    for force in (False, True):
        again = read_folder(archive, folder, force=force)
        assert (again.saved, again.known, again.removed) == (0, 3, 2)
    # An album that is gone as well does not open the door.
    remove_album(archive, "hills")
    archive.undo()
    assert gone not in archive.blobs
    assert verify(unlock(archive.path, None)).found == []


def test_what_only_looks_like_it_is_kept_and_said(archive: Archive, folder: Path) -> None:
    read_folder(archive, folder)
    gone, name = one_of(archive)
    remove_picture(archive, gone.hex())
    with Image.open(io.BytesIO((folder / name).read_bytes())) as picture:
        picture.save(folder / "smaller.jpg", quality=70)
    album(folder, 1, start=70)

    first = read_folder(archive, folder)
    smaller = next(p.holds for p in archive.places.records() if p.name == "smaller.jpg")
    assert smaller is not None
    remove_picture(archive, smaller.hex())
    trash_empty(archive)
    with Image.open(io.BytesIO((folder / name).read_bytes())) as picture:
        picture.save(folder / "smallest.jpg", quality=50)
    second = read_folder(archive, folder)

    assert (first.saved, second.saved) == (2, 1)
    assert [line.partition(":")[0] for line in first.warnings] == ["smaller.jpg"]
    assert f"`remove picture {smaller.hex()[:16]}` takes it out" in first.warnings[0]
    assert [line.partition(":")[0] for line in second.warnings] == ["smallest.jpg"]


def test_undoing_brings_it_back_to_where_it_is_read(archive: Archive, folder: Path) -> None:
    read_folder(archive, folder)
    gone, _ = one_of(archive)
    removed = remove_picture(archive, gone.hex()).change
    read_folder(archive, folder, force=True)

    archive.undo(removed)

    again = read_folder(archive, folder, force=True)
    assert (again.saved, again.known, again.removed) == (0, 4, 0)
    assert {place.state for place in archive.places.records()} == {PlaceState.STORED}


@WAYS
def test_a_site_is_not_asked_for_it_and_other_ids_of_it_stay_out(
    archive: Archive, then: Callable[[Archive], None]
) -> None:
    same = Item(image(77), "again.jpg", hills(2))
    alice = Account(ALICE, "Alice", (shelf("1", "A", [1, 2]),))
    other = shelf("2", "B", [2])
    bob = Account(BOB, "Bob", (type(other)("2", "B", (*other.items, same)),))
    with PracticeSite([alice, bob]) as site:
        read_site(archive, site)
        gone = next(p.holds for p in places(archive, "1") if p.image == image(2))
        assert gone is not None
        remove_picture(archive, gone.hex())
        then(archive)
        site.forget()
        again = read_site(archive, site, force=True)
        tried = read_site(archive, site, job=retry, force=True)
        assert photos(site) == files(site) == []
        elsewhere = read_site(archive, site, "bob")
        assert photos(site) == [image(77)]

    assert (again.saved, again.known, again.removed) == (0, 1, 1)
    assert (tried.saved, elsewhere.saved, elsewhere.removed) == (0, 0, 2)
    assert gone not in archive.blobs


@WAYS
def test_a_repair_that_may_ask_sources_does_not_bring_it_back(
    archive: Archive, folder: Path, then: Callable[[Archive], None]
) -> None:
    read_folder(archive, folder)
    gone, _ = one_of(archive)
    remove_picture(archive, gone.hex())
    then(archive)
    for file in (archive.path / "trash" / "blobs").iterdir():
        file.unlink()  # so that there is something to fetch again
    for one in sorted(archive.blobs)[:1]:
        (archive.path / "blobs" / f"{one.hex()}.jpg").unlink()

    report = repair(unlock(archive.path, None), Means((LocalFolder(folder),)))

    assert report.is_clean
    with opened(archive.path) as again:
        assert len(again.blobs) == 3
        assert (gone in again.trash) == (then is nothing)
        assert gone not in again.blobs
        assert read_folder(again, folder, force=True).saved == 0


@WAYS
def test_a_restored_backup_keeps_it_out_as_well(
    archive: Archive, folder: Path, tmp_path: Path, then: Callable[[Archive], None]
) -> None:
    read_folder(archive, folder)
    backup(archive.path, tmp_path / "copy")
    gone, _ = one_of(archive)
    remove_picture(archive, gone.hex())
    then(archive)
    backup(archive.path, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "back")

    with opened(tmp_path / "back") as again:
        assert gone not in again.blobs
        assert read_folder(again, folder, force=True).saved == 0
        assert verify(unlock(again.path, None)).problems == ()


@WAYS
def test_a_job_of_the_viewer_keeps_it_out_as_well(
    archive: Archive, folder: Path, tmp_path: Path, then: Callable[[Archive], None]
) -> None:
    read_folder(archive, folder)
    gone, _ = one_of(archive)
    remove_picture(archive, gone.hex())
    then(archive)
    (tmp_path / "home").mkdir()

    worker = Worker(tmp_path / "home")
    worker.ask(archive, "read", local=str(folder), force=True, model="off")
    worker.end()

    said = json.dumps(worker.said)
    assert '"removed": 1' in said, said
    archive.refresh()
    assert gone not in archive.blobs
