"""fapfav/jobs/gallery.py: the pictures of albums and tags, and what a page says of each."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from fapfav.browse.filters import Allow, Facts, Note, Sort, Wanted
from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.gallery import (
    Of,
    album_size,
    at_places,
    failed_of,
    find_in,
    gallery,
    gone_of,
    items,
    tags_with_below,
)
from fapfav.model import AlbumKey, Check, Choice, PlaceKey, Sighting, Tagged, Verdict
from tests.jobs.holding import SOURCE, USER, Shelves, digest

T = TypeVar("T")

B, A = AlbumKey(SOURCE, USER, "b"), AlbumKey(SOURCE, USER, "a")


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    """Beaches: 1, 2, and 1 again as 4's place; abroad: 1 and 3. Pictures 1 and 2 look alike."""
    made = Shelves(tmp_path / "archive")
    made.album("b", "Beaches", (2, "second.jpg"), (1, "first.jpg"), (4, "fourth.jpg"))
    made.album("a", "abroad", (1, "copy.jpg"), (3, "third.jpg"))
    key = PlaceKey(*B, "i4")
    with made.archive.write("read") as tx:
        tx.put(replace(tx.places[key], holds=digest(1)))
    made.alike(1, 2)
    return made


def names(shown: tuple[Facts, ...]) -> list[str]:
    return [one.name for one in shown]


def test_an_album_shows_its_places_by_position(shelves: Shelves) -> None:
    found = gallery(shelves.archive, Of(album=B), Wanted(duplicates=True))

    assert names(found.shown) == ["second.jpg", "first.jpg", "fourth.jpg"]
    assert album_size(shelves.archive, B) == found.total == 3


def test_repeats_and_what_verdicts_hide_are_left_out(shelves: Shelves) -> None:
    assert names(gallery(shelves.archive, Of(album=B), Wanted()).shown) == [
        "second.jpg",
        "first.jpg",
    ]

    shelves.choose(Choice.SKIP, 2)
    with shelves.archive.write("duplicates verdict") as tx:
        tx.put(replace(tx.places[PlaceKey(*B, "i1")], verdict=Verdict.SKIP))

    assert names(gallery(shelves.archive, Of(album=B), Wanted()).shown) == ["fourth.jpg"]


def test_a_picture_on_its_side_counts_as_it_is_looked_at(shelves: Shelves) -> None:
    with shelves.archive.write("read") as tx:
        tx.put(replace(tx.blobs[digest(3)], orientation=6))

    portrait = Wanted(portrait=Allow.ONLY)

    assert names(gallery(shelves.archive, Of(album=A), portrait).shown) == ["third.jpg"]


def test_a_tag_shows_what_carries_it_or_one_below_by_album_and_position(shelves: Shelves) -> None:
    archive = shelves.archive
    nature = tagging.add(archive, "nature").number
    water = tagging.add(archive, "water", "nature").number
    tagging.apply(archive, "water", [digest(3)])
    tagging.apply(archive, "nature", [digest(1), digest(2)])

    found = gallery(archive, Of(tag=nature), Wanted())

    assert names(found.shown) == ["copy.jpg", "third.jpg", "second.jpg"]
    assert names(gallery(archive, Of(tag=water), Wanted()).shown) == ["third.jpg"]
    assert found.shown[1].tags == {water}
    assert tags_with_below(archive, nature) == {nature, water}
    assert tags_with_below(archive, 99) == frozenset()


def test_what_the_user_rejected_a_picture_does_not_carry(shelves: Shelves) -> None:
    archive = shelves.archive
    nature = tagging.add(archive, "nature").number
    with archive.write("tag apply") as tx:
        tx.put(Tagged(digest(3), "site", (nature,)), Tagged(digest(1), "site", (nature,)))
        tx.put(Tagged(digest(3), "user", (), rejected=(nature,)))

    assert names(gallery(archive, Of(tag=nature), Wanted()).shown) == ["copy.jpg"]


def test_a_tag_that_is_not_there_is_refused(shelves: Shelves) -> None:
    with pytest.raises(UsageError, match="no tag number 9"):
        gallery(shelves.archive, Of(tag=9), Wanted())


def test_given_pictures_stay_in_their_order_and_those_gone_are_left_out(shelves: Shelves) -> None:
    given = (digest(3), digest(77), digest(2))

    found = gallery(shelves.archive, Of(digests=given), Wanted())

    assert [one.digest for one in found.shown] == [digest(3), digest(2)]
    assert names(gallery(shelves.archive, Of(digests=given), Wanted(sort=Sort.NAME)).shown) == [
        "second.jpg",
        "third.jpg",
    ]


def test_what_is_remembered_is_made_again_when_the_archive_changed(shelves: Shelves) -> None:
    kept: dict[Hashable, tuple[Hashable, object]] = {}
    made: list[Hashable] = []

    def remember(name: Hashable, version: Hashable, make: Callable[[], T], /) -> T:
        if name not in kept or kept[name][0] != version:
            made.append(name)
            kept[name] = version, make()
        return kept[name][1]  # type: ignore[return-value]

    def ask() -> list[str]:
        return names(gallery(shelves.archive, Of(album=B), Wanted(), remember).shown)

    assert ask() == ask() == ["second.jpg", "first.jpg"]
    assert len(made) == 1
    shelves.choose(Choice.SKIP, 3)
    assert ask() == ["second.jpg", "first.jpg"]
    assert len(made) == 1  # what was changed is not in this album
    shelves.choose(Choice.SKIP, 2)
    assert ask() == ["first.jpg"]


def test_a_page_says_of_a_picture_where_else_it_is_and_what_looks_like_it(
    shelves: Shelves,
) -> None:
    archive = shelves.archive
    tagging.add(archive, "nature")
    tagging.add(archive, "water", "nature")
    tagging.apply(archive, "water", [digest(1)])
    shown = gallery(archive, Of(album=B), Wanted()).shown

    second, first = items(archive, shown)

    assert first.notes == (Note.HERE, Note.ELSEWHERE, Note.SIMILAR)
    assert [path for _, path in first.tags] == ["nature/water"]
    assert [(c.album_name, c.name, c.is_exact, c.is_this) for c in first.copies] == [
        ("abroad", "copy.jpg", True, False),
        ("Beaches", "first.jpg", True, True),
        ("Beaches", "fourth.jpg", True, False),
        ("Beaches", "second.jpg", False, False),
    ]
    assert second.notes == (Note.SIMILAR,)


def test_a_false_duplicate_says_nothing_of_others(shelves: Shelves) -> None:
    from fapfav.jobs.review import judge

    both = {digest(1): Verdict.FALSE, digest(2): Verdict.FALSE}
    judge(shelves.archive, digest(2), both)

    (second, *_) = items(shelves.archive, gallery(shelves.archive, Of(album=B), Wanted()).shown)

    assert second.notes == ()
    assert second.copies == ()


def test_what_is_gone_keeps_its_history_and_what_came_back_has_none(shelves: Shelves) -> None:
    archive = shelves.archive
    there, gone = PlaceKey(*B, "i2"), PlaceKey(*B, "i1")
    with archive.write("audit") as tx:
        tx.put(Check(*gone, 9, (Sighting(5, 1, ""), Sighting(8, 3, "u"))))
        tx.put(Check(*there, 9, (Sighting(5, 1, ""), Sighting(8, 0, ""))))

    second, first = items(archive, gallery(archive, Of(album=B), Wanted()).shown)

    assert first.notes[-1] is Note.GONE
    assert [seen.level for seen in first.gone] == [1, 3]
    assert second.gone == ()
    assert gone_of(archive, B) == (gone,)
    assert names(at_places(archive, gone_of(archive, B))) == ["first.jpg"]


def test_failed_places_come_with_their_reason(shelves: Shelves) -> None:
    shelves.failure(B, "i90", "lost.jpg", "https://example.test/lost.jpg")

    (failed,) = failed_of(shelves.archive, B)

    assert failed.name == "lost.jpg"
    assert failed.failure is not None
    assert failed.failure.reason == "no picture"
    assert album_size(shelves.archive, B) == 3


def test_a_picture_is_found_by_its_digest_and_by_its_source_s_id(shelves: Shelves) -> None:
    shown = gallery(shelves.archive, Of(album=B), Wanted()).shown

    assert find_in(shown, digest(1)) == 1
    assert find_in(shown, "i2") == 0
    assert find_in(shown, "i9") is None
