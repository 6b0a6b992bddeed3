"""fapfav/jobs/classic.py: the whole archive as programs for the classic schema know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fapfav.jobs import tagging
from fapfav.jobs.audit import FRESH
from fapfav.jobs.classic import as_classic, registry
from fapfav.jobs.removal import remove_picture
from fapfav.model import Choice
from tests.jobs.audited import ANNA, BEN, NOW, Audited, address
from tests.jobs.holding import Shelves, blob, digest, hashes, picture
from tests.support import album, new_archive, read_folder


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    made = Shelves(tmp_path / "archive")
    made.album("b", "Bay", (3, "drei.jpg"))
    key = made.album("a", "Alps", (2, "two.jpg"), (1, "one.jpg"), (3, "three.jpg"))
    made.failure(key, "f1", "broken.jpg", "https://pictures.example/1")
    made.failure(key, "f2", "", None)
    made.alike(1, 2)
    made.choose(Choice.KEEP, 1)
    tagging.add(made.archive, "Best")
    tagging.add(made.archive, "Old", "Best")
    tagging.add(made.archive, "Bad", "Best")
    tagging.apply(made.archive, "Old", [digest(1)])
    tagging.apply(made.archive, "Best", [digest(1)])
    return made


def classic(shelves: Shelves) -> dict[str, Any]:
    """As it comes out of JSON."""
    found = as_classic(shelves.archive, shelves.archive.groups)
    back = json.loads(json.dumps(found, allow_nan=False))
    assert back == found  # nothing that JSON says otherwise: no tuple, no number as a key
    return dict(back)


def test_there_are_the_eight_tables_and_no_other(shelves: Shelves) -> None:
    assert set(classic(shelves)) == {
        "configs",
        "users",
        "favorites",
        "tags",
        "blobs",
        "image_ids_index",
        "duplicates_registry",
        "duplicates_key_index",
    }


def test_sensitivities_are_the_limits_in_force(shelves: Shelves) -> None:
    found = classic(shelves)["configs"]

    assert found["duplicates_sensitivity_regular"] == {
        "percept": 4,
        "average": 1,
        "diff": 4,
        "wavelet": 1,
        "cnn": -1,  # there are no embeddings
    }
    assert found["duplicates_sensitivity_animated"]["average"] == -1


def test_users_and_favorites_come_by_source_first(shelves: Shelves) -> None:
    found = classic(shelves)

    assert found["users"] == {
        "local": {
            "1": {"name": "LOCAL DISK", "date_albums": 1, "date_finished": 2, "date_audit": 3}
        }
    }
    assert found["favorites"]["local"]["1"]["a"] == {
        "name": "Alps",
        "pages": 0,
        "date_blobs": 9,
        "images": ["i2", "i1", "i3"],
        "failed_images": [
            ["f1", 77, "broken.jpg", "https://pictures.example/1"],
            ["f2", 77, None, None],
        ],
    }


def test_tags_are_nested_under_their_numbers(shelves: Shelves) -> None:
    assert classic(shelves)["tags"] == {
        "1": {
            "name": "Best",
            "tags": {"3": {"name": "Bad", "tags": {}}, "2": {"name": "Old", "tags": {}}},
        }
    }


def test_a_blob_has_every_field_of_the_schema(shelves: Shelves) -> None:
    found = classic(shelves)["blobs"]

    assert set(found) == {digest(number).hex() for number in (1, 2, 3)}
    row = hashes(1).hex()
    assert found[digest(1).hex()] == {
        "loc": [["local", "1", "a", "i1", "one.jpg", "new"]],
        "tags": ["1", "2"],
        "sz": len(picture(1)),
        "sz_thumb": blob(1).thumb_size,
        "ext": "jpg",
        "percept": row[:16],
        "average": row[16:32],
        "diff": row[32:48],
        "wavelet": row[48:],
        "width": 24,
        "height": 16,
        "animated": False,
        "date": 8,
        "gone": {},
    }
    assert [place[2] for place in found[digest(3).hex()]["loc"]] == ["a", "b"]


def test_duplicates_are_a_list_and_an_index_leads_to_each_set(shelves: Shelves) -> None:
    found = classic(shelves)
    members = sorted([digest(1).hex(), digest(2).hex()])

    assert found["duplicates_registry"] == [
        {
            "members": members,
            "sources": {"percept": [[*members, 2]]},
            "verdicts": {digest(1).hex(): "keep", digest(2).hex(): "new"},
        }
    ]
    assert found["duplicates_key_index"] == dict.fromkeys(members, members)
    assert registry(shelves.archive.groups) == found["duplicates_registry"]


def test_the_index_of_images_leads_to_blobs_and_removed_ones_are_out(shelves: Shelves) -> None:
    remove_picture(shelves.archive, digest(2).hex())

    found = classic(shelves)

    assert found["image_ids_index"] == {
        "local/i1": digest(1).hex(),
        "local/i3": digest(3).hex(),
    }
    assert found["favorites"]["local"]["1"]["a"]["images"] == ["i1", "i3"]
    assert set(found["image_ids_index"].values()) == set(found["blobs"])


def test_a_folder_that_was_read_comes_out_whole(tmp_path: Path) -> None:
    album(tmp_path / "pictures", 4)
    archive = new_archive(tmp_path / "archive")
    read_folder(archive, tmp_path / "pictures")

    found = as_classic(archive, archive.groups)

    assert len(found["blobs"]) == 4
    for row in found["blobs"].values():
        assert all(len(row[name]) == 16 for name in ("percept", "average", "diff", "wavelet"))
        ((source, user, folder, image, _, _),) = row["loc"]
        assert image in found["favorites"][source][user][folder]["images"]
        assert f"{source}/{image}" in found["image_ids_index"]


def test_what_is_gone_says_since_when_how_and_where_by_image(tmp_path: Path) -> None:
    world = Audited(tmp_path / "archive")
    world.album(ANNA, "a", "Alps", (1, "i1"), (2, "i2"))
    world.album(BEN, "z", "Zoo", (1, "i10"), (2, "i2"))
    for later, levels in enumerate(({"i1": 1, "i2": 1}, {"i1": 3}, {"i1": 3, "i10": 2})):
        world.now = NOW + later * FRESH
        world.site.levels = levels
        world.audit()

    found = as_classic(world.archive, ())["blobs"]

    assert found[digest(1).hex()]["gone"] == {
        "i1": [NOW + FRESH, 3, address("i1")],
        "i10": [NOW + 2 * FRESH, 2, address("i10")],
    }
    assert found[digest(2).hex()]["gone"] == {}  # it came back
    assert found[digest(2).hex()]["date"] == NOW + 2 * FRESH


def test_an_image_at_several_places_is_gone_since_the_first_that_noticed(tmp_path: Path) -> None:
    world = Audited(tmp_path / "archive")
    world.album(ANNA, "b", "Bay", (1, "i1"))
    world.site.levels = {"i1": 1}
    world.audit()
    world.album(ANNA, "a", "Alps", (1, "i1"))
    world.now += FRESH
    world.audit()

    found = as_classic(world.archive, ())["blobs"]

    assert found[digest(1).hex()]["gone"] == {"i1": [NOW, 1, address("i1")]}
