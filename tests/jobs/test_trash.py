"""fapfav/jobs/trash.py: pictures come back as they were, or are gone for good."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.export import Wanted, export
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_album, remove_picture, remove_user
from fapfav.jobs.trash import trash_empty, trash_list, trash_restore
from fapfav.model import PlaceKey, PlaceState, Tagged
from fapfav.store.blobs import BlobStore, Kind
from tests.jobs.holding import Shelves, digest, hashes, picture, place
from tests.store.archives import tables
from tests.support import PASSWORD, album, new_archive, read_folder


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def shelves(tmp_path: Path, request: pytest.FixtureRequest) -> Shelves:
    """Two albums that share picture 3; 1 and 2 are alike, 2 is tagged twice."""
    made = Shelves(tmp_path / "archive", sealed=request.param)
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"))
    made.album("b", "Bay", (3, "drei.jpg"), (4, "four.jpg"))
    made.alike(1, 2)
    tagging.add(made.archive, "Best")
    tagging.add(made.archive, "Old")
    for tag in ("Best", "Old"):
        tagging.apply(made.archive, tag, [digest(2)])
    return made


def state(archive: Archive) -> object:
    return tables(archive, "changes", "undo", "configs", "fresh")


def trash_files(archive: Archive) -> list[str]:
    return [path.name for path in (archive.path / "trash").rglob("*") if path.is_file()]


def test_the_trash_says_what_went_when_and_by_what(shelves: Shelves) -> None:
    remove_album(shelves.archive, "Alps")
    remove_picture(shelves.archive, digest(3).hex())

    found = trash_list(shelves.archive)

    assert [(item.digest, item.verb, item.names) for item in found.items[:1]] == [
        (digest(3), "remove picture", ("drei.jpg",))
    ]
    assert {(item.digest, item.names) for item in found.items[1:]} == {
        (digest(1), ("one.jpg",)),
        (digest(2), ("two.jpg",)),
    }
    assert found.pictures == 3
    assert found.bytes == sum(len(picture(number)) for number in (1, 2, 3))
    assert found.to_json()["items"][0]["digest"] == digest(3).hex()


@pytest.mark.parametrize(
    "remove",
    [
        lambda archive: remove_album(archive, "Alps"),
        lambda archive: remove_user(archive, "LOCAL DISK"),
        lambda archive: remove_picture(archive, digest(1).hex(), digest(2).hex()),
    ],
    ids=["album", "user", "picture"],
)
def test_restoring_everything_is_as_if_it_had_never_gone(shelves: Shelves, remove: object) -> None:
    archive = shelves.archive
    before = tables(archive, "changes", "undo", "configs", "fresh", "places")
    gone = set(archive.blobs)
    remove(archive)  # type: ignore[operator]
    gone -= set(archive.blobs)

    report = trash_restore(archive)

    assert report.pictures == len(gone) > 0
    assert report.failures == ()
    assert tables(archive, "changes", "undo", "configs", "fresh", "places") == before
    assert {digest(1), digest(2)} <= set(archive.fresh)
    for number in (1, 2):
        assert archive.blob_bytes(digest(number)) == picture(number)
    assert trash_files(archive) == []


def test_one_picture_comes_back_with_its_places_and_the_tags_that_are_left(
    shelves: Shelves,
) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(2).hex(), digest(1).hex())
    tagging.remove(archive, "Old")

    report = trash_restore(archive, [digest(2).hex()[:8]])

    assert (report.pictures, report.places, report.bytes) == (1, 1, len(picture(2)))
    assert [place.name for place in archive.places.records() if place.holds == digest(2)] == [
        "two.jpg"
    ]
    (tagged,) = archive.tagged.records()
    assert [archive.tags[number].name for number in tagged.tags] == ["Best"]
    assert not list(archive.pairs)
    assert list(archive.trash) == [digest(1)]


def test_a_picture_whose_album_went_later_brings_the_album_back(shelves: Shelves) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(1).hex())
    remove_album(archive, "Alps")
    remove_user(archive, "LOCAL DISK")

    report = trash_restore(archive, [digest(1).hex()])

    assert report.places == 1
    assert [album.name for album in archive.albums.records()] == ["Alps"]
    assert [user.name for user in archive.users.records()] == ["LOCAL DISK"]
    (place,) = archive.places.records()
    assert (place.state, place.holds, place.name) == (PlaceState.STORED, digest(1), "one.jpg")


def test_a_place_that_another_picture_has_now_is_left_to_it(shelves: Shelves) -> None:
    archive = shelves.archive
    remove_album(archive, "Alps")
    key = shelves.album("a", "Alps", (5, "five.jpg"))
    with archive.write("read") as tx:
        tx.put(replace(place(key, 1, 5, "five.jpg"), image="i1"))

    report = trash_restore(archive, [digest(1).hex()])

    assert (report.pictures, report.places) == (1, 0)
    assert archive.places[PlaceKey(*key, "i1")].holds == digest(5)
    done = export(archive, Wanted(everything=True))
    assert done.failed == 0
    homeless = archive.path / "tag_export" / "@albums" / "@no album"
    assert [path.read_bytes() for path in homeless.iterdir()] == [picture(1)]


def test_tags_of_others_come_back_with_what_they_were_sure_of(shelves: Shelves) -> None:
    archive = shelves.archive
    best, old = sorted(archive.tags)
    with archive.write("tag apply") as tx:
        tx.put(Tagged(digest(1), "model:1", (best, old), (), (0.9, 0.4)))
        tx.put(Tagged(digest(2), "rule:1", (old,), ()))
    remove_picture(archive, digest(1).hex(), digest(2).hex())
    tagging.remove(archive, "Best")

    trash_restore(archive)

    assert archive.tagged[digest(1), "model:1"].confidence == (0.4,)
    assert archive.tagged[digest(2), "rule:1"].tags == (old,)


def test_the_trash_brings_back_a_picture_whose_read_was_undone(shelves: Shelves) -> None:
    archive = shelves.archive
    shelves.album("n", "New", (6, "six.jpg"))
    archive.undo(max(archive.changes))
    assert trash_list(archive).items[0].names == ("six.jpg",)

    assert trash_restore(archive, [digest(6).hex()]).places == 1
    assert "New" in {album.name for album in archive.albums.records()}
    assert archive.blob_bytes(digest(6)) == picture(6)


def test_a_restored_picture_goes_again_by_undo(shelves: Shelves) -> None:
    archive = shelves.archive
    remove_album(archive, "Alps")
    before = state(archive)
    trash_restore(archive, [digest(1).hex()])

    archive.undo()

    assert state(archive) == before
    assert trash_restore(archive, [digest(1).hex()]).places == 1


def test_a_picture_without_its_file_is_a_failure_and_the_rest_comes_back(
    shelves: Shelves,
) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(1).hex(), digest(2).hex())
    name = archive.files.name(Kind.BLOB, digest(1), "jpg")
    (archive.path / "trash" / "blobs" / name).unlink()

    report = trash_restore(archive)

    assert report.failures == ((digest(1).hex(), "it has no whole file any more"),)
    assert digest(2) in archive.blobs
    assert list(archive.trash) == [digest(1)]


def test_what_is_not_in_the_trash_is_not_restored(shelves: Shelves) -> None:
    remove_picture(shelves.archive, digest(1).hex())

    with pytest.raises(UsageError, match="in the trash; `trash list` shows"):
        trash_restore(shelves.archive, [digest(1).hex(), digest(2).hex()])

    assert list(shelves.archive.trash) == [digest(1)]


def test_emptying_destroys_files_and_rows_and_keeps_what_keeps_it_out(shelves: Shelves) -> None:
    archive = shelves.archive
    removal = remove_picture(archive, digest(1).hex())
    remove_album(archive, "Alps")
    secret = picture(1)

    report = trash_empty(archive)

    assert (report.pictures, report.bytes) == (2, len(picture(1)) + len(picture(2)))
    assert trash_files(archive) == []
    assert len(archive.trash) == 0
    assert set(archive.removed) == {digest(1), digest(2)}
    assert archive.removed[digest(1)].why == "user"
    assert archive.removed[digest(2)].hashes == hashes(2)
    assert {row.digest for row in archive.prints.records()} == {digest(3), digest(4)}
    assert archive.changes[removal.change].state == "final"
    for number in (removal.change, report.change):
        with pytest.raises(UsageError, match="cannot be undone"):
            archive.undo(number)
    everything = b"".join(path.read_bytes() for path in archive.path.rglob("*") if path.is_file())
    assert secret not in everything
    assert archive.blob_bytes(digest(3)) == picture(3)


def test_emptying_notes_the_ids_of_places_that_stayed(shelves: Shelves) -> None:
    remove_picture(shelves.archive, digest(3).hex())

    trash_empty(shelves.archive)

    assert shelves.archive.removed[digest(3)].images == (("local", "i3"),)


def test_emptying_spares_what_came_in_after_the_listing(shelves: Shelves) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(1).hex())
    listed = {item.digest for item in trash_list(archive).items}
    remove_picture(archive, digest(2).hex())

    report = trash_empty(archive, listed)

    assert report.pictures == 1
    assert list(archive.trash) == [digest(2)]
    trash_restore(archive, [digest(2).hex()])
    assert digest(2) in archive.blobs


def test_emptying_an_empty_trash_writes_nothing(shelves: Shelves) -> None:
    before = shelves.archive.database_size

    report = trash_empty(shelves.archive)

    assert (report.change, report.pictures) == (0, 0)
    assert shelves.archive.database_size == before


def test_an_emptying_killed_before_its_files_went_is_finished_by_the_next(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(1).hex())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BlobStore, "purge", killed)
        with pytest.raises(KeyboardInterrupt):
            trash_empty(archive)
    assert len(trash_files(archive)) == 2
    assert len(archive.trash) == 0

    with open_archive(archive.path, PASSWORD if archive.sealed else None) as again:
        trash_empty(again)
        assert trash_files(again) == []


def test_files_that_an_undo_had_no_time_to_move_back_are_never_destroyed(
    shelves: Shelves,
) -> None:
    archive = shelves.archive
    remove_picture(archive, digest(1).hex())
    remove_picture(archive, digest(2).hex())
    archive.undo()
    for kind, name in ((Kind.BLOB, "blobs"), (Kind.THUMB, "thumbs")):
        file = archive.files.name(kind, digest(2), "jpg")
        (archive.path / name / file).rename(archive.path / "trash" / name / file)

    trash_empty(archive)

    assert archive.blob_bytes(digest(2)) == picture(2)
    assert digest(1) in archive.removed


def test_what_only_lost_its_read_may_be_read_again_after_emptying(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    album(folder, 3)
    archive = new_archive(tmp_path / "archive", sealed=False)
    read = read_folder(archive, folder)
    archive.undo(read.change)
    assert len(archive.trash) == 3

    report = trash_empty(archive)

    assert (report.pictures, report.again) == (3, 3)
    assert len(archive.removed) == 0
    assert read_folder(archive, folder).saved == 3


def test_what_was_removed_is_not_read_again_before_or_after_emptying(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    album(folder, 3)
    archive = new_archive(tmp_path / "archive", sealed=False)
    read_folder(archive, folder)
    gone = next(iter(archive.blobs))
    remove_picture(archive, gone.hex())

    for _ in range(2):
        (folder / "copy.jpg").write_bytes(
            next(p for p in folder.iterdir() if gone.hex() in _digest(p)).read_bytes()
        )
        report = read_folder(archive, folder, force=True)
        assert (report.saved, gone in archive.blobs) == (0, False)
        trash_empty(archive)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
