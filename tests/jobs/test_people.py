"""fapfav/jobs/people.py: users and albums in numbers, and what a removal would take out."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.people import (
    album_removal,
    albums_in_numbers,
    user_removal,
    users_in_numbers,
)
from fapfav.jobs.removal import remove_album, remove_user
from fapfav.model import AlbumKey, UserKey
from tests.jobs.holding import Shelves, digest


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Pictures 1 to 3 in one album, 3 and 4 in another, 5 and 1 with another user."""
    made = Shelves(tmp_path / "archive")
    made.add_user("22", "Zoë")
    made.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"))
    made.album("b", "Bay", (3, "drei.jpg"), (4, "four.jpg"))
    made.album("z", "Zoo", (5, "five.jpg"), (1, "eins.jpg"), user="22")
    tagging.add(made.archive, "Best")
    tagging.apply(made.archive, "Best", [digest(2), digest(4)])
    return made


def key_of(archive: Archive, name: str) -> AlbumKey:
    return next(
        AlbumKey(a.source, a.user, a.album) for a in archive.albums.records() if a.name == name
    )


def test_a_picture_in_two_albums_of_a_user_is_counted_once_for_the_user(shelves: Shelves) -> None:
    *users, everyone = users_in_numbers(shelves.archive)

    by_name = {each.user.name: each for each in users}
    other = by_name["Zoë"]
    (first,) = (each for each in users if each is not other)
    assert (first.albums, first.images, first.sizes.count) == (2, 5, 4)
    assert (other.albums, other.images, other.sizes.count) == (1, 2, 2)
    assert (everyone.albums, everyone.images, everyone.sizes.count) == (3, 7, 5)
    assert everyone.sizes.total == sum(blob.size for blob in shelves.archive.blobs.records())


def test_the_last_line_of_albums_counts_each_picture_once(shelves: Shelves) -> None:
    user = key_of(shelves.archive, "Alps")[:2]

    *albums, total = albums_in_numbers(shelves.archive, UserKey(*user))

    assert [each.album.name for each in albums] == ["Alps", "Bay"]
    assert [each.sizes.count for each in albums] == [3, 2]
    assert (total.images, total.sizes.count) == (5, 4)


@pytest.mark.parametrize("name", ["Alps", "Bay", "Zoo"])
def test_what_is_said_before_an_album_is_removed_is_what_happens(
    shelves: Shelves, name: str
) -> None:
    archive = shelves.archive
    before = archive.last
    said = album_removal(archive, key_of(archive, name))

    assert archive.last == before
    report = remove_album(archive, "/".join(key_of(archive, name)))

    same = ("albums", "places", "pictures", "bytes", "kept")
    assert {each: asdict(said)[each] for each in same} == {
        each: getattr(report, each) for each in same
    }


def test_what_is_said_before_a_user_is_removed_is_what_happens(shelves: Shelves) -> None:
    archive = shelves.archive
    user = UserKey(*key_of(archive, "Alps")[:2])

    said = user_removal(archive, user)
    report = remove_user(archive, "/".join(user))

    assert (said.albums, said.places, said.pictures, said.kept, said.tagged) == (2, 5, 3, 1, 2)
    assert (report.albums, report.places, report.pictures, report.kept) == (2, 5, 3, 1)


def test_who_protects_is_named_before(shelves: Shelves) -> None:
    archive = shelves.archive
    key = key_of(archive, "Bay")
    with archive.write("protect") as tx:
        tx.put(replace(archive.albums[key], protected=True))

    assert user_removal(archive, UserKey(*key[:2])).protected == "Bay"
    assert album_removal(archive, key).protected == "Bay"
    assert album_removal(archive, key_of(archive, "Alps")).protected == ""
