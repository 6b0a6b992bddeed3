"""fapfav/jobs/picture.py: all that is known of one picture."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import HASHES_SPACE
from fapfav.jobs.picture import picture_facts
from fapfav.model import Check, Choice, Method, PlaceKey, Sighting, Space, Tagged, Verdict
from tests.jobs.holding import SOURCE, USER, Shelves, digest, hashes


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Picture 1 in two albums, 2 alike, 3 alone."""
    made = Shelves(tmp_path / "archive")
    made.album("b", "Beaches", (1, "first.jpg"), (2, "second.jpg"))
    made.album("a", "abroad", (1, "copy.jpg"), (3, "third.jpg"))
    made.alike(1, 2)
    with made.archive.write("read") as tx:
        name = f"{HASHES_SPACE}scaled/1"
        tx.put(Space(name, "bits", 32, "u8", "", "scaled", "1", 1))
    return made


def test_a_picture_has_its_facts_and_its_four_hashes(shelves: Shelves) -> None:
    facts = picture_facts(shelves.archive, digest(1))

    assert facts.blob == shelves.archive.blobs[digest(1)]
    assert list(facts.hashes.values()) == list(struct.unpack(">4Q", hashes(1)))
    assert list(facts.hashes) == [Method.PERCEPT, Method.AVERAGE, Method.DIFF, Method.WAVELET]


def test_its_places_come_by_the_names_of_users_and_albums(shelves: Shelves) -> None:
    facts = picture_facts(shelves.archive, digest(1))

    assert [(spot.album_name, spot.place.name) for spot in facts.spots] == [
        ("abroad", "copy.jpg"),
        ("Beaches", "first.jpg"),
    ]
    assert {spot.user_name for spot in facts.spots} == {"LOCAL DISK"}
    assert facts.name == "copy.jpg"


def test_it_is_called_as_at_the_place_that_is_kept(shelves: Shelves) -> None:
    key = PlaceKey(SOURCE, USER, "b", "i1")
    with shelves.archive.write("duplicates verdict") as tx:
        tx.put(replace(tx.places[key], verdict=Verdict.KEEP))

    assert picture_facts(shelves.archive, digest(1)).name == "first.jpg"


def test_the_others_of_its_set_come_with_their_verdicts(shelves: Shelves) -> None:
    facts = picture_facts(shelves.archive, digest(1))

    assert [(each.blob.digest, each.verdict) for each in facts.alike] == [(digest(2), Verdict.NEW)]
    assert (facts.verdict, facts.needs_action, facts.is_in_a_set) == (Verdict.NEW, True, True)
    shelves.choose(Choice.KEEP, 1, 2)
    assert picture_facts(shelves.archive, digest(1)).alike[0].verdict is Verdict.KEEP


def test_one_without_duplicates_is_in_no_set(shelves: Shelves) -> None:
    facts = picture_facts(shelves.archive, digest(3))

    assert (facts.alike, facts.verdict, facts.is_in_a_set) == ((), None, False)


def test_its_tags_come_by_path_and_say_whether_the_user_gave_them(shelves: Shelves) -> None:
    archive = shelves.archive
    tagging.add(archive, "stone")
    tagging.add(archive, "nature")
    tagging.add(archive, "forest", "nature")
    tagging.apply(archive, "forest", [digest(1)])
    with archive.write("tag apply") as tx:
        tx.put(Tagged(digest(1), "rule", (1, 2)))

    found = picture_facts(archive, digest(1)).tags

    assert [(each.path, each.is_own) for each in found] == [
        ("nature", False),
        ("nature/forest", True),
        ("stone", False),
    ]


def test_what_checks_found_belongs_to_its_place(shelves: Shelves) -> None:
    history = (Sighting(50, 1, "https://one.example/"), Sighting(60, 3, "https://two.example/"))
    with shelves.archive.write("audit") as tx:
        tx.put(Check(SOURCE, USER, "a", "i1", 70, history))

    facts = picture_facts(shelves.archive, digest(1))

    assert [(spot.level, spot.checked) for spot in facts.spots] == [(3, 70), (0, 0)]
    assert facts.spots[0].history == history
    assert facts.is_gone
    assert not picture_facts(shelves.archive, digest(3)).is_gone


@pytest.mark.parametrize("protected", ["user", "album"])
def test_a_protected_user_or_album_protects_it(shelves: Shelves, protected: str) -> None:
    assert not picture_facts(shelves.archive, digest(2)).is_protected
    with shelves.archive.write("protect") as tx:
        if protected == "user":
            tx.put(replace(tx.users[(SOURCE, USER)], protected=True))  # type: ignore[index]
        else:
            tx.put(replace(tx.albums[(SOURCE, USER, "b")], protected=True))  # type: ignore[index]

    assert picture_facts(shelves.archive, digest(2)).is_protected


def test_one_that_is_not_here_is_refused(shelves: Shelves) -> None:
    with pytest.raises(UsageError, match="is in this archive"):
        picture_facts(shelves.archive, digest(9))
