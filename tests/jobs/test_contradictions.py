"""fapfav/jobs/contradictions.py: rows that contradict each other, and what puts them right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.jobs import tagging
from fapfav.jobs.contradictions import Contradiction, contradictions
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_album, remove_picture
from fapfav.jobs.trash import trash_empty
from fapfav.model import (
    AlbumKey,
    Check,
    Choice,
    Chosen,
    Config,
    Failure,
    Fresh,
    Pair,
    Place,
    PlaceState,
    Print,
    Removed,
    Tag,
    Tagged,
    Trashed,
    UserKey,
    pair_of,
)
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.transaction import Transaction
from tests.jobs.holding import SOURCE, USER, Shelves, digest
from tests.store.archives import SPACE, tables

ALPS = AlbumKey(SOURCE, USER, "a")
UNKNOWN = digest(99)


def filled(path: Path) -> Archive:
    """Two albums, tags, choices, evidence, a picture in the trash and one that is destroyed."""
    shelves = Shelves(path, sealed=False)
    shelves.album("a", "Alps", (1, "one.jpg"), (2, "two.jpg"), (3, "three.jpg"))
    shelves.album("b", "Bay", (3, "drei.jpg"), (4, "four.jpg"), (5, "five.jpg"), (6, "six.jpg"))
    shelves.failure(ALPS, "i77", "lost.jpg", None)
    shelves.alike(1, 2)
    shelves.choose(Choice.KEEP, 1)
    tagging.add(shelves.archive, "Best")
    tagging.add(shelves.archive, "Better", "Best")
    tagging.apply(shelves.archive, "Better", [digest(2)])
    remove_picture(shelves.archive, digest(5).hex())
    trash_empty(shelves.archive, {digest(5)})
    remove_picture(shelves.archive, digest(6).hex())
    return shelves.archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return filled(tmp_path / "archive")


def wrong(archive: Archive) -> list[Contradiction]:
    return contradictions({name: archive.rows_of(name) for name in TABLES}, now=7)


def corrected(rows: dict[str, dict[Key, Row]]) -> list[Contradiction]:
    """Corrects the tables in place; what was wrong."""
    found = contradictions(rows, now=7)
    for each in found:
        for name, key, row in each.ops:
            if row is None:
                rows[name].pop(key, None)
            else:
                rows[name][key] = row
    return found


def test_what_the_verbs_make_has_no_contradictions(archive: Archive) -> None:
    assert wrong(archive) == []
    remove_album(archive, "Alps")
    assert wrong(archive) == []
    archive.undo()
    assert wrong(archive) == []


def _place(tx: Transaction, number: int) -> Place:
    return next(place for place in tx.places.records() if place.holds == digest(number))


Break = Callable[[Transaction], object]

CASES: dict[str, tuple[Break, str, str]] = {
    "user": (
        lambda tx: tx.delete("users", UserKey(SOURCE, USER)),
        "user '1' of local is lost and has albums",
        "the user is there again",
    ),
    "album": (lambda tx: tx.delete("albums", ALPS), "album 'a' of local is lost", "there again"),
    "picture": (
        lambda tx: tx.delete("blobs", digest(4)),
        "'four.jpg' in album 'b' of local holds picture",
        "it counts as failed",
    ),
    "no picture": (
        lambda tx: tx.put(replace(_place(tx, 4), holds=None)),
        "holds no picture",
        "it counts as failed",
    ),
    "in the trash": (
        lambda tx: tx.put(replace(_place(tx, 4), holds=digest(6))),
        "which is in the trash",
        "it holds nothing and is removed",
    ),
    "failed and holding": (
        lambda tx: tx.put(replace(_place(tx, 4), state=PlaceState.FAILED)),
        "and is failed",
        "it is stored",
    ),
    "failed and stored elsewhere": (
        lambda tx: tx.put(
            Place(
                *AlbumKey(SOURCE, USER, "b"),
                "i1",
                9,
                "x",
                PlaceState.FAILED,
                failure=Failure(1, 1, "why", None),
            )
        ),
        "counts as failed, and the same image is stored elsewhere",
        "it holds that picture",
    ),
    "no place": (
        lambda tx: tx.delete("places", _place(tx, 4).key),
        "is at no place",
        "it is in the album 'recovered by repair'",
    ),
    "twice": (
        lambda tx: tx.put(Trashed(digest(4), 1, 1, 5, "jpg", 0, "")),
        "is in the archive and noted as in the trash",
        "it is in the archive only",
    ),
    "destroyed": (
        lambda tx: tx.put(Removed(digest(4), 1, 1, "user", (), b"", None)),
        "is in the archive and noted as destroyed",
        "it is in the archive only",
    ),
    "destroyed, trash": (
        lambda tx: tx.put(Removed(digest(6), 1, 1, "user", (), b"", None)),
        "is in the trash and noted as destroyed",
        "it is in the trash only",
    ),
    "check": (
        lambda tx: tx.put(Check(*ALPS, "nothing", 5)),
        "check of local/1/a/nothing, which is no place",
        "it is gone",
    ),
    "fresh": (lambda tx: tx.put(Fresh(UNKNOWN, 5)), "was not compared of", "it is gone"),
    "choice": (
        lambda tx: tx.put(Chosen(UNKNOWN, Choice.KEEP, 5, 1)),
        "a choice of picture",
        "it is gone",
    ),
    "print": (lambda tx: tx.put(Print("s", UNKNOWN, b"x" * 32)), "a fingerprint of", "it is gone"),
    "pair": (
        lambda tx: tx.put(Pair(*pair_of(UNKNOWN, digest(1)), {"percept": 2})),
        "evidence of picture",
        "it is gone",
    ),
    "tagged": (lambda tx: tx.put(Tagged(UNKNOWN, "user", (1,))), "tags of picture", "it is gone"),
    "unknown tags": (
        lambda tx: tx.put(Tagged(digest(1), "user", (1, 9), (8,), (0.5, 0.25))),
        "has tags that are not there",
        "they are off it",
    ),
    "only unknown tags": (
        lambda tx: tx.put(Tagged(digest(1), "user", (9,))),
        "has tags that are not there",
        "they are off it",
    ),
    "parent": (
        lambda tx: tx.delete("tags", 1),
        "tag 2 ('Better') hangs on nothing",
        "it is 'Better'",
    ),
    "loop": (
        lambda tx: tx.put(replace(tx.tags[1], parent=2)),
        "tag 1 ('Best') hangs on nothing",
        "it is 'Best'",
    ),
    "name": (
        lambda tx: tx.put(Tag(5, "best"), Config("next_tag", 6)),
        "tag 5 ('best')",
        "it is 'best (5)'",
    ),
    "implies": (
        lambda tx: tx.put(replace(tx.tags[1], implies=(2, 9))),
        "implies what is not there",
        "it is 'Best'",
    ),
    "counter": (
        lambda tx: tx.put(Config("next_tag", 2)),
        "the counter next_tag would give a number again",
        "it goes on at 3",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_contradiction_is_said_and_corrected(archive: Archive, case: str) -> None:
    damage, words, then = CASES[case]
    with archive.write("break") as tx:
        damage(tx)
    rows = tables(archive)
    before = {name: dict(table) for name, table in rows.items()}

    found = corrected(rows)

    assert any(words in each.wrong and then in each.corrected for each in found), found
    assert contradictions(rows, now=7) == []
    # Tables that nothing was wrong with are as they were.
    touched = {name for each in found for name, _, _ in each.ops}
    assert {name for name in rows if rows[name] != before[name]} <= touched


def test_a_lost_setting_follows_from_the_prints(archive: Archive) -> None:
    with archive.write("break") as tx:
        space = replace(SPACE, name="hashes/scaled/1", kind="bits", preparation="scaled")
        tx.put(space, SPACE)
        tx.delete("configs", "preparation")

    rows = tables(archive)
    words = [each.wrong for each in corrected(rows)]

    assert words == ["the setting preparation is lost", "the setting vector_space is lost"]
    assert rows["configs"]["preparation"] == ("scaled",)
    assert rows["configs"]["vector_space"] == ("cnn",)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_rows_are_lost_one_correction_is_enough(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if "kept" not in _CACHE:
        _CACHE["kept"] = tables(filled(tmp_path_factory.mktemp("lost") / "archive"))
    rows = {name: dict(table) for name, table in _CACHE["kept"].items()}
    keys = sorted((name, key) for name, table in rows.items() for key in table)
    for name, key in data.draw(st.lists(st.sampled_from(keys), max_size=30)):
        rows[name].pop(key, None)
    blobs = dict(rows["blobs"])

    corrected(rows)

    assert contradictions(rows, now=7) == []
    assert rows["blobs"] == blobs


_CACHE: dict[str, dict[str, dict[Key, Row]]] = {}
