"""fapfav/jobs/numbers.py: the archive in numbers, and the lists that `print` shows."""

from __future__ import annotations

import json
import statistics as reference
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.cli import render
from fapfav.jobs import tagging
from fapfav.jobs.audit import FRESH
from fapfav.jobs.numbers import overview, statistics
from fapfav.jobs.removal import remove_picture
from fapfav.model import Check, Sighting
from fapfav.text import date
from tests.jobs.audited import ANNA, BEN, NOW, Audited
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


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    """Picture 1 vanished from both its places, 2 from one of two, and 3 came back."""
    made = Audited(tmp_path / "archive")
    made.album(ANNA, "b", "Bay", (1, "i1"), (2, "i2"), (3, "i3"))
    made.album(ANNA, "a", "Alps", (4, "i4"), (1, "i1"))
    made.album(BEN, "z", "Zoo", (2, "i20"))
    for later, levels in enumerate(({"i1": 1, "i2": 3, "i3": 2}, {"i1": 1, "i2": 2})):
        made.now = NOW + later * FRESH
        made.site.levels = levels
        made.audit()
    return made


def test_disappeared_pictures_and_only_copies_are_counted(audited: Audited) -> None:
    found = statistics(audited.archive, ())

    assert (found.disappeared, found.only_copies) == (2, 1)
    albums = {
        each.album.name: each.disappeared
        for user in overview(audited.archive, ()).users
        for each in user.albums
    }
    assert albums == {"Alps": 1, "Bay": 2, "Zoo": 0}


def test_a_picture_in_a_local_folder_too_is_no_longer_on_any_site(shelves: Shelves) -> None:
    archive = shelves.archive
    with archive.write("audit") as tx:
        at_site = replace(next(archive.places.records()), source="plain", holds=digest(3))
        gone = (Sighting(NOW, 1, ""),)
        tx.put(at_site, Check(*at_site.key, NOW, gone))

    assert statistics(archive, ()).only_copies == 1
    assert [line.blob for line in overview(archive, (), blobs=True).blobs if line.is_only_copy] == [
        blob(3)
    ]


def test_the_numbers_of_what_is_gone_are_shown(audited: Audited) -> None:
    lines = list(render.overview(overview(audited.archive, ())))

    assert "2 disappeared images, 1 with the only copy left here" in lines
    assert "        3 images / 0 failed / 2 disappeared / 0 pages / pending" in lines


def test_under_a_place_is_its_dated_history(audited: Audited) -> None:
    lines = list(render.overview(overview(audited.archive, (), blobs=True)))

    def under(name: str) -> str:
        return lines[next(at for at, line in enumerate(lines) if name in line) + 1].strip()

    first, second = date(NOW), date(NOW + FRESH)
    assert under("bay i1.jpg") == f"gone since {first} (level 1); checked {second}"
    assert under("bay i2.jpg") == (
        f"gone since {first} (level 3), level 2 since {second}; checked {second}"
    )
    assert under("bay i3.jpg") == (
        f"gone since {first} (level 2), back since {second}; checked {second}"
    )
    assert under("zoo i20.jpg") == f"there; checked {second}"
    marked = [line for line in lines if line.endswith("only copy left")]
    assert [line[:64] for line in marked] == [digest(1).hex()]
