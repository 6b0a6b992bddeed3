"""fapfav/jobs/standing_in.py: an archive of files in which pictures stand in for duplicates."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_album, remove_picture
from fapfav.jobs.resolving import apply_resolution, plan_resolution, undo_resolution
from fapfav.jobs.rules import set_rules
from fapfav.jobs.sets import set_lines
from fapfav.jobs.standing_in import divided
from fapfav.jobs.trash import trash_empty, trash_restore
from fapfav.jobs.verify import verify
from fapfav.model import AlbumKey, Digest, Place, PlaceState, Verdict
from tests.jobs.alike import placed
from tests.store.archives import tables
from tests.support import encoded, landscape, new_archive, read_folder

ANY = {"relation": "any"}
RULES = {"rules": [{"name": "larger", "mode": "auto", "when": ANY, "keep": ["pixels"]}]}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two large pictures in the album Alps; smaller ones of them in Bays, one beside its own."""
    folder = tmp_path / "pictures"
    for name in ("Alps", "Bays"):
        (folder / name).mkdir(parents=True)
    for seed in (1, 2):
        large = landscape(seed, 480, 320)
        small = large.resize((240, 160), Image.Resampling.LANCZOS)
        (folder / "Alps" / f"large-{seed}.png").write_bytes(encoded(large))
        (folder / "Bays" / f"small-{seed}.png").write_bytes(encoded(small))
    beside = landscape(2, 480, 320).resize((360, 240), Image.Resampling.LANCZOS)
    (folder / "Alps" / "beside-2.png").write_bytes(encoded(beside))
    made = new_archive(tmp_path / "archive")
    read_folder(made, folder)
    find_duplicates(made)
    set_rules(made, RULES)
    return made


def place(archive: Archive, name: str) -> Place:
    (found,) = (one for one in archive.places.records() if one.name == name)
    return found


def held(archive: Archive, name: str) -> Digest:
    digest = place(archive, name).holds
    assert digest is not None
    return digest


def files(archive: Archive) -> dict[str, bytes]:
    """All pictures and thumbnails, in the trash or not."""
    return {
        str(path.relative_to(archive.path)): path.read_bytes()
        for folder in ("blobs", "thumbs", "trash")
        for path in sorted((archive.path / folder).rglob("*"))
        if path.is_file()
    }


def rows(archive: Archive) -> object:
    return tables(archive, "changes", "undo") | {"configs": archive.config("rules", None)}


def wrong(archive: Archive) -> tuple[object, ...]:
    """What contradicts itself, or has no file, or no row."""
    report = verify(archive)
    return (*report.database, *report.rows, *report.problems, *report.strays)


def applied(archive: Archive, *, reclaim: bool) -> None:
    report = apply_resolution(archive, plan_resolution(archive).plan, reclaim=reclaim)
    assert (report.sets, report.pictures, report.places) == (2, 3, 2)


def test_an_album_gets_a_picture_once() -> None:
    kept = [placed(1, "1")]
    copies = [placed(2, "1"), placed(2, "2"), placed(3, "2"), placed(3, "3")]

    moved, stayed = divided(kept, copies)

    assert moved == [placed(2, "2"), placed(3, "3")]
    assert stayed == [placed(2, "1"), placed(3, "2")]


@pytest.mark.parametrize("reclaim", [False, True])
def test_undo_restores_rows_and_bytes_and_nothing_is_wrong_meanwhile(
    archive: Archive, *, reclaim: bool
) -> None:
    before, pictures = rows(archive), files(archive)

    applied(archive, reclaim=reclaim)

    assert held(archive, "small-1.png") == held(archive, "large-1.png")
    assert held(archive, "small-2.png") == held(archive, "large-2.png")
    assert not any(line.needs_action for line in set_lines(archive))
    assert wrong(archive) == ()
    assert (files(archive).keys() == pictures.keys()) is not reclaim

    assert undo_resolution(archive).conflicts == ()
    assert rows(archive) == before
    assert files(archive) == pictures
    assert wrong(archive) == ()


def test_a_copy_leaves_with_the_album_it_was_seen_in(archive: Archive) -> None:
    small = held(archive, "small-1.png")
    applied(archive, reclaim=False)

    report = remove_album(archive, AlbumKey(*place(archive, "small-1.png").key[:3]))

    assert small in archive.trash
    assert report.pictures == 2
    assert held(archive, "large-1.png") in archive.blobs
    assert wrong(archive) == ()


def test_a_copy_stays_while_it_is_stood_for_in_another_album(
    archive: Archive, tmp_path: Path
) -> None:
    capes = tmp_path / "pictures" / "Capes"
    shutil.copytree(tmp_path / "pictures" / "Bays", capes)
    read_folder(archive, tmp_path / "pictures")
    (small,) = {one.holds for one in archive.places.records() if one.name == "small-1.png"}
    assert small is not None
    apply_resolution(archive, plan_resolution(archive).plan)
    first, second = (one.key for one in archive.places.records() if one.name == "small-1.png")

    remove_album(archive, AlbumKey(*first[:3]))
    assert small in archive.blobs
    assert wrong(archive) == ()
    remove_album(archive, AlbumKey(*second[:3]))

    assert small in archive.trash
    assert wrong(archive) == ()


def test_a_place_shows_what_it_was_served_when_the_keeper_is_removed(archive: Archive) -> None:
    small, large = held(archive, "small-1.png"), held(archive, "large-1.png")
    applied(archive, reclaim=False)

    remove_picture(archive, large.hex())

    found = place(archive, "small-1.png")
    assert (found.holds, found.state, found.verdict) == (small, PlaceState.STORED, Verdict.NEW)
    assert small not in archive.choices
    assert place(archive, "large-1.png").state is PlaceState.REMOVED
    assert wrong(archive) == ()


@pytest.mark.parametrize("reclaim", [False, True])
def test_reading_again_leaves_what_stands_in(
    archive: Archive, tmp_path: Path, *, reclaim: bool
) -> None:
    large = held(archive, "large-1.png")
    applied(archive, reclaim=reclaim)
    before = {one.key: one.holds for one in archive.places.records()}
    for path in (tmp_path / "pictures").rglob("*.png"):
        os.utime(path, (1, 1))  # so that each is read, and found to be what it was

    read_folder(archive, tmp_path / "pictures", force=True)

    assert held(archive, "small-1.png") == large
    assert {one.key: one.holds for one in archive.places.records()} == before
    assert wrong(archive) == ()


def test_a_copy_comes_back_from_the_trash_and_waits_for_a_verdict(archive: Archive) -> None:
    small, beside = held(archive, "small-1.png"), held(archive, "beside-2.png")
    applied(archive, reclaim=True)

    trash_restore(archive, [small.hex(), beside.hex()])

    assert {small, beside} <= set(archive.blobs)
    assert held(archive, "beside-2.png") == beside
    assert held(archive, "small-1.png") == held(archive, "large-1.png")
    assert wrong(archive) == ()


def test_what_is_destroyed_says_of_what_it_was_a_duplicate(archive: Archive) -> None:
    small, large = held(archive, "small-1.png"), held(archive, "large-1.png")
    applied(archive, reclaim=True)

    trash_empty(archive)

    row = archive.removed[small]
    assert (row.why, row.successor) == ("duplicate", large)
    assert len(archive.removed) == 3
    assert wrong(archive) == ()
