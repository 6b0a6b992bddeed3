"""fapfav/jobs/numbers.py: the archive in numbers, and the lists that `print` shows."""

from __future__ import annotations

import json
import statistics as reference
from pathlib import Path

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.numbers import overview, statistics
from fapfav.jobs.removal import remove_picture
from tests.jobs.holding import Shelves, blob, digest, picture


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    made = Shelves(tmp_path / "archive")
    made.add_user("22", "anna")
    made.album("a", "Zoo", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"), date=50)
    made.album("b", "Alps", (3, "drei.jpg"), date=0)
    key = made.album("c", "Bay", (3, "trois.jpg"), user="22", date=40)
    made.failure(key, "f1", "broken.jpg", None)
    made.alike(1, 2)
    tagging.add(made.archive, "Best")
    tagging.add(made.archive, "Old", "Best")
    tagging.apply(made.archive, "Old", [digest(1), digest(3)])
    return made


def test_statistics_are_those_of_what_is_there(shelves: Shelves) -> None:
    archive = shelves.archive
    sizes = [len(picture(number)) for number in (1, 2, 3)]

    found = statistics(archive, archive.groups)

    assert found.database == str(archive.path / "imagefap.database")
    assert found.database_size == (archive.path / "imagefap.database").stat().st_size
    assert found.database_share == found.database_size / sum(sizes)
    assert (found.sizes.total, found.sizes.minimum) == (sum(sizes), min(sizes))
    assert found.sizes.deviation == pytest.approx(reference.pstdev(sizes))
    assert (found.unique_images, found.locations, found.exact_duplicates) == (3, 5, 2)
    assert (found.users, found.albums, found.albums_pending) == (2, 3, 1)
    assert (found.oldest, found.newest, found.unique_failed) == (40, 50, 1)
    assert (found.perceptual_sets, found.perceptual_images) == (1, 2)


def test_statistics_do_not_count_the_trash(shelves: Shelves) -> None:
    remove_picture(shelves.archive, digest(3).hex())

    found = statistics(shelves.archive, shelves.archive.groups)

    assert (found.unique_images, found.locations) == (2, 2)


def test_the_overview_lists_users_albums_and_tags_by_name(shelves: Shelves) -> None:
    found = overview(shelves.archive, shelves.archive.groups)

    assert [
        (lines.user.name, [each.album.name for each in lines.albums]) for lines in found.users
    ] == [("anna", ["Bay"]), ("LOCAL DISK", ["Alps", "Zoo"])]
    bay = found.users[0].albums[0]
    assert (bay.images, bay.failed, bay.sizes.total) == (1, 1, len(picture(3)))
    assert [(line.path, line.images, line.images_below) for line in found.tags.tags] == [
        ("Best", 0, 2),
        ("Best/Old", 2, 2),
    ]
    assert found.statistics == statistics(shelves.archive, shelves.archive.groups)
    assert found.blobs == ()


def test_pictures_are_listed_in_order_with_places_and_tags(shelves: Shelves) -> None:
    found = overview(shelves.archive, (), blobs=True)

    assert [line.blob for line in found.blobs] == [blob(3), blob(1), blob(2)]
    assert [place.name for place in found.blobs[0].places] == [
        "three.jpg",
        "drei.jpg",
        "trois.jpg",
    ]
    old = next(line.number for line in found.tags.tags if line.name == "Old")
    assert [line.tags for line in found.blobs] == [
        (f"Best/Old ({old})",),
        (f"Best/Old ({old})",),
        (),
    ]


def test_an_empty_archive_has_an_overview(tmp_path: Path) -> None:
    found = overview(Shelves(tmp_path / "empty").archive, (), blobs=True)

    assert found.statistics.unique_images == 0
    assert found.users[0].albums == ()
    assert json.loads(json.dumps(found.to_json()))["tags"]["tags"] == []
