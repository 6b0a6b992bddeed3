"""fapfav/jobs/removal.py: what goes, what stays because something else has it, what comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import DamagedFile, UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.removal import remove_album, remove_picture, remove_user
from fapfav.model import Choice, Digest, PlaceState, UserKey, Verdict
from tests.jobs.holding import Shelves, blob, digest, picture
from tests.store.archives import tables
from tests.support import PASSWORD


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Pictures 1 to 3 in one album, 3 and 4 in another, 5 with another user; two are tagged."""
    made = Shelves(tmp_path / "archive")
    made.add_user("22", "Zoë")
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"))
    made.album("b", "Bay", (3, "drei.jpg"), (4, "four.jpg"))
    made.album("z", "Zoo", (5, "five.jpg"), (1, "eins.jpg"), user="22")
    made.alike(1, 2)
    made.alike(2, 4)
    tagging.add(made.archive, "Best")
    tagging.apply(made.archive, "Best", [digest(2), digest(4)])
    return made


@pytest.fixture
def archive(shelves: Shelves) -> Archive:
    return shelves.archive


def state(archive: Archive) -> object:
    """All that a removal changes."""
    return tables(archive, "changes", "undo", "configs", "fresh")


def held(archive: Archive) -> set[int]:
    return {number for number in range(1, 9) if digest(number) in archive.blobs}


def test_an_album_goes_and_pictures_that_are_elsewhere_stay(archive: Archive) -> None:
    report = remove_album(archive, "ALPS")

    assert held(archive) == {1, 3, 4, 5}
    assert (report.albums, report.places, report.pictures, report.kept) == (1, 3, 1, 2)
    assert report.bytes == len(picture(2))
    assert {place.album for place in archive.places.records()} == {"b", "z"}
    assert list(archive.trash) == [digest(2)]
    assert not list(archive.pairs)
    assert [row.digest for row in archive.tagged.records()] == [digest(4)]
    assert archive.changes[report.change].what == "Alps"
    assert len(list((archive.path / "trash" / "blobs").iterdir())) == 1
    with pytest.raises(DamagedFile):
        archive.blob_bytes(digest(2))


def test_a_user_goes_with_all_albums(archive: Archive) -> None:
    report = remove_user(archive, "local disk")

    assert held(archive) == {1, 5}
    assert (report.users, report.albums, report.places) == (1, 2, 5)
    assert (report.pictures, report.kept) == (3, 1)
    assert set(archive.users) == {UserKey("local", "22")}


def test_a_picture_goes_and_its_places_stay_to_keep_it_out(archive: Archive) -> None:
    report = remove_picture(archive, digest(3).hex()[:8], digest(5).hex(), digest(3).hex())

    assert held(archive) == {1, 2, 4}
    assert (report.pictures, report.places, report.albums) == (2, 3, 0)
    gone = [place for place in archive.places.records() if place.served in (digest(3), digest(5))]
    assert {(place.state, place.holds) for place in gone} == {(PlaceState.REMOVED, None)}
    assert len(gone) == 3


@pytest.mark.parametrize(
    "remove",
    [
        lambda archive: remove_album(archive, "Alps"),
        lambda archive: remove_user(archive, "LOCAL DISK"),
        lambda archive: remove_picture(archive, digest(2).hex(), digest(3).hex()),
    ],
    ids=["album", "user", "picture"],
)
def test_undo_brings_everything_back_in_the_next_process(shelves: Shelves, remove: object) -> None:
    shelves.choose(Choice.KEEP, 2, 4)
    before = state(shelves.archive)
    files = sorted(path.name for path in (shelves.archive.path / "blobs").iterdir())
    report = remove(shelves.archive)  # type: ignore[operator]
    assert state(shelves.archive) != before

    with open_archive(shelves.archive.path, PASSWORD) as again:
        undone = again.undo()

        assert (undone.number, undone.conflicts) == (report.change, ())
        assert state(again) == before
        assert sorted(path.name for path in (again.path / "blobs").iterdir()) == files
        assert again.blob_bytes(digest(2)) == picture(2)
        assert again.thumbnail(digest(2)) == picture(2)


def test_what_was_said_of_pairs_is_kept_and_choices_that_hung_on_it_are_cleared(
    shelves: Shelves,
) -> None:
    shelves.choose(Choice.KEEP, 1, 2)
    shelves.choose(Choice.SKIP, 5)
    decisions = dict(shelves.archive.decisions.items())

    report = remove_picture(shelves.archive, digest(1).hex())

    assert report.reopened == 1
    assert dict(shelves.archive.decisions.items()) == decisions
    assert set(shelves.archive.choices) == {digest(5)}


def test_taking_out_an_undecided_picture_leaves_choices_alone(shelves: Shelves) -> None:
    shelves.choose(Choice.KEEP, 2, 4)

    assert remove_picture(shelves.archive, digest(3).hex()).reopened == 0
    assert set(shelves.archive.choices) == {digest(2), digest(4)}


def test_an_unfinished_album_and_an_empty_one_are_removed(shelves: Shelves) -> None:
    archive = shelves.archive
    key = shelves.album("u", "Unfinished", (6, "six.jpg"), date=0)
    shelves.failure(key, "f1", "broken.jpg", None)
    shelves.album("e", "Empty", date=0)

    assert remove_album(archive, "Unfinished").places == 2
    assert remove_album(archive, "empty").places == 0
    assert {album.name for album in archive.albums.records()} == {"Alps", "Bay", "Zoo"}
    assert 6 not in held(archive)


def test_a_copy_is_not_left_hidden_when_the_kept_one_goes(shelves: Shelves) -> None:
    archive = shelves.archive
    shelves.album("c", "Cape", (3, "trois.jpg"))
    verdicts = {"a": Verdict.KEEP, "b": Verdict.SKIP, "c": Verdict.SKIP}
    with archive.write("duplicates verdict") as tx:
        for place in list(tx.places.records()):
            if place.holds == digest(3):
                tx.put(replace(place, verdict=verdicts[place.album]))

    remove_album(archive, "Alps")
    left = [place.verdict for place in archive.places.records() if place.holds == digest(3)]
    assert left == [Verdict.NEW, Verdict.NEW]


@pytest.mark.parametrize("what", ["user", "album"])
def test_what_is_protected_stays(archive: Archive, what: str) -> None:
    with archive.write("read") as tx:
        if what == "user":
            tx.put(*(replace(user, protected=True) for user in list(tx.users.records())))
        else:
            tx.put(*(replace(album, protected=True) for album in list(tx.albums.records())))
    before = state(archive)

    with pytest.raises(UsageError, match="is protected"):
        remove_user(archive, "Zoë")
    with pytest.raises(UsageError, match="is protected"):
        remove_album(archive, "Alps")
    with pytest.raises(UsageError, match="is protected"):
        remove_picture(archive, digest(2).hex())
    assert state(archive) == before


def test_what_is_not_there_is_refused_and_nothing_is_written(archive: Archive) -> None:
    entries = len(archive.changes)

    with pytest.raises(UsageError, match="no picture"):
        remove_picture(archive, digest(1).hex(), digest(8).hex())

    assert len(archive.changes) == entries
    assert held(archive) == {1, 2, 3, 4, 5}


def test_a_removed_picture_is_in_no_group(shelves: Shelves) -> None:
    def members() -> set[Digest]:
        return {member for group in shelves.archive.groups for member in group.members}

    assert members() == {digest(1), digest(2), digest(4)}

    remove_picture(shelves.archive, digest(2).hex())

    assert members() == set()
    assert blob(2).digest in shelves.archive.trash
