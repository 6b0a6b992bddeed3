import json
import math
import statistics as reference
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav import browse
from fapfav.browse import Contents, Names, Shown, Spread
from fapfav.model import (
    Album,
    AlbumKey,
    Blob,
    Digest,
    Failure,
    Group,
    Place,
    PlaceState,
    Tagged,
    User,
    Verdict,
)


def digest(number: int) -> Digest:
    return Digest(number.to_bytes(32, "big"))


def blob(number: int, size: int = 100, **facts: object) -> Blob:
    plain = Blob(
        digest=digest(number), size=size, ext="jpg", width=4, height=3, animated=False, frames=1,
        duration=0, orientation=1, quality=90, md5=b"", thumb_size=10, thumb_ext="jpg", added=1,
        date=1,
    )  # fmt: skip
    return replace(plain, **facts)  # type: ignore[arg-type]


def place(at: str, position: int, holds: int | None, verdict: Verdict = Verdict.NEW) -> Place:
    """`at` is `user/album`; an image of its own for every position."""
    user, album = at.split("/")
    state = PlaceState.STORED if holds is not None else PlaceState.FAILED
    failure = None if holds is not None else Failure(1, 1, "empty file", None)
    return Place(
        "local", user, album, f"i{position}", position, f"{at} {position}.jpg", state,
        None if holds is None else digest(holds), verdict=verdict, failure=failure,
    )  # fmt: skip


USERS = [User("local", "1", "zoe"), User("local", "2", "Adam")]
ALBUMS = [
    Album("local", "1", "a", "beach", date_blobs=500),
    Album("local", "1", "b", "Alps", date_blobs=300),
    Album("local", "2", "a", "zoo"),
]
NAMES = Names.of(USERS, ALBUMS)


def by_digest(places: list[Place]) -> dict[Digest, list[Place]]:
    return {
        held: [p for p in places if p.holds == held]
        for held in {p.holds for p in places if p.holds}
    }


def test_an_album_is_shown_by_position() -> None:
    places = [place("1/a", 2, 1), place("1/b", 0, 2), place("1/a", 0, 3), place("1/a", 1, None)]

    shown = browse.in_album(places, AlbumKey("local", "1", "a"))

    assert [each.position for each in shown] == [0, 1, 2]
    assert {each.album for each in shown} == {"a"}


def test_pictures_come_by_user_album_and_position() -> None:
    places = [
        place("1/a", 5, 1),
        place("1/a", 10, 2),
        place("1/b", 7, 3),
        place("2/a", 1, 4),
    ]

    shown = browse.in_order([digest(n) for n in (1, 2, 3, 4)], by_digest(places), NAMES)

    assert [each.digest for each in shown] == [digest(n) for n in (4, 3, 1, 2)]
    assert shown[0].place == places[3]


def test_a_picture_is_shown_at_its_first_place() -> None:
    places = [place("1/a", 0, 1), place("1/b", 9, 1), place("1/b", 8, 1)]

    assert browse.preferred(places, digest(1), NAMES) == places[2]


def test_the_place_to_keep_comes_before_the_first() -> None:
    keep = place("1/a", 5, 1, Verdict.KEEP)
    places = [place("2/a", 0, 1), keep, place("1/a", 6, 1, Verdict.KEEP), place("1/a", 1, 1)]

    assert browse.preferred(places, digest(1), NAMES) == keep


def test_places_that_hold_another_picture_do_not_count() -> None:
    assert browse.preferred([place("1/a", 0, 2), place("1/a", 1, None)], digest(1), NAMES) is None


def test_pictures_without_a_place_come_last_and_all_once() -> None:
    places = {digest(9): [place("1/a", 0, 9)]}

    shown = browse.in_order([digest(n) for n in (3, 9, 2, 3)], places, NAMES)

    assert shown == [
        Shown(digest(9), places[digest(9)][0]),
        Shown(digest(2), None),
        Shown(digest(3), None),
    ]


@given(st.permutations(range(8)), st.permutations(range(8)))
@settings(deadline=None, max_examples=30)
def test_the_order_does_not_depend_on_what_came_first(some: list[int], others: list[int]) -> None:
    places = [place(("1/a", "1/b", "2/a")[n % 3], n // 2, n % 5) for n in range(8)]

    one = browse.in_order(map(digest, some), by_digest([places[n] for n in some]), NAMES)
    other = browse.in_order(map(digest, others), by_digest([places[n] for n in others]), NAMES)

    assert one == other


def test_a_picture_is_called_as_at_its_place_or_by_its_digest() -> None:
    named = place("1/a", 0, 1)

    assert browse.name_of(blob(1), named) == "1/a 0.jpg"
    assert browse.name_of(blob(1, ext="png"), None) == "0000000000000000.png"
    assert browse.name_of(blob(1), replace(named, name="")) == "0000000000000000.jpg"


def test_pictures_with_one_of_several_tags_are_found() -> None:
    tagged = [
        Tagged(digest(1), "user", (3, 4)),
        Tagged(digest(2), "user", (5,)),
        Tagged(digest(3), "e621", (4,)),
        Tagged(digest(4), "user", ()),
    ]

    assert browse.with_tags(tagged, {4}) == {digest(1), digest(3)}
    assert browse.with_tags(tagged, {3, 5}) == {digest(1), digest(2)}
    assert browse.with_tags(tagged, ()) == frozenset()


@pytest.mark.parametrize("user_first", [True, False])
def test_what_the_user_rejected_is_no_tag_whoever_gave_it(user_first: bool) -> None:
    rows = [
        Tagged(digest(1), "user", (3,), rejected=(4,)),
        Tagged(digest(1), "model:1", (4, 5), rejected=(3,)),
    ]

    assert browse.tags_of(rows if user_first else rows[::-1]) == {3, 5}
    assert browse.with_tags(rows if user_first else rows[::-1], {4}) == frozenset()


def test_an_empty_archive_has_statistics() -> None:
    empty = browse.statistics(Contents([], [], [], []), "/archive/imagefap.database", 512)

    facts = empty.to_json()
    assert facts.pop("database") == "/archive/imagefap.database"
    assert facts.pop("database_size") == 512
    for key in ("sizes", "pixels", "thumbnails"):
        assert set(facts.pop(key).values()) == {0}
    assert facts.pop("fewest_pixels") == facts.pop("most_pixels") == [0, 0]
    assert set(facts.values()) == {0}


def test_statistics_count_everything() -> None:
    blobs = [
        blob(1, 100, width=10, height=10, thumb_size=0),
        blob(2, 300, width=4, height=2, animated=True, thumb_size=20),
        blob(3, 200, width=50, height=1, thumb_size=40),
    ]
    places = [
        place("1/a", 0, 1),
        place("1/a", 1, 1),
        place("1/b", 0, 1),
        place("1/b", 1, 2),
        place("2/a", 0, 3),
        place("2/a", 1, 3),
        place("2/a", 2, None),
        place("1/a", 2, None),
        place("1/a", 3, None),
    ]
    groups = [
        Group((digest(1), digest(2)), {}, {}, True),
        Group((digest(3), digest(4), digest(5)), {}, {}, False),
    ]

    found = browse.statistics(Contents(USERS, ALBUMS, places, blobs, groups), "db", 60)

    assert found.sizes == Spread(3, 600, 100, 300, 200.0, math.sqrt(20000 / 3))
    pixels = (found.pixels.total, found.pixels.minimum, found.pixels.maximum)
    assert pixels == (158, 8, 100)
    assert (found.fewest_pixels, found.most_pixels) == ((4, 2), (10, 10))
    assert found.thumbnails == Spread(2, 60, 20, 40, 30.0, 10.0)
    assert (found.thumbnails_share, found.database_share) == (0.1, 0.1)
    assert (found.animated, found.animated_share) == (1, 1 / 3)
    assert (found.users, found.albums, found.albums_pending) == (2, 3, 1)
    assert (found.oldest, found.newest) == (300, 500)
    assert (found.unique_images, found.locations) == (3, 6)
    assert (found.exact_duplicates, found.exact_sets) == (3, 2)
    assert (found.unique_failed, found.disappeared, found.only_copies) == (2, 0, 0)
    assert (found.perceptual_images, found.perceptual_sets) == (5, 2)


def test_statistics_are_json() -> None:
    found = browse.statistics(Contents(USERS, ALBUMS, [], [blob(1)]), "db", 60)

    facts = json.loads(json.dumps(found.to_json()))

    assert facts == found.to_json()
    assert facts["sizes"]["total"] == 100


def test_a_picture_at_several_places_of_an_album_is_failed_once() -> None:
    twice = [place("1/a", 0, None), place("1/b", 0, None)]

    assert browse.statistics(Contents([], [], twice, []), "db", 0).unique_failed == 1


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=50))
@settings(deadline=None, max_examples=50)
def test_spreads_are_those_of_the_standard_library(sizes: list[int]) -> None:
    found = browse.statistics(
        Contents([], [], [], [blob(n, size) for n, size in enumerate(sizes)]), "db", 0
    ).sizes

    assert (found.total, found.minimum, found.maximum) == (sum(sizes), min(sizes), max(sizes))
    assert found.mean == pytest.approx(reference.fmean(sizes))
    assert found.deviation == pytest.approx(reference.pstdev(sizes))


def test_albums_are_counted_each_by_name() -> None:
    blobs = {digest(1): blob(1, 100), digest(2): blob(2, 300, animated=True, thumb_size=0)}
    places = [
        place("1/a", 0, 1),
        place("1/a", 1, 1),
        place("1/a", 2, 2),
        place("1/a", 3, None),
        place("2/a", 0, 2),
        place("3/x", 0, 2),
    ]

    zoo, alps, beach = browse.per_album(ALBUMS, places, blobs, USERS)

    assert [each.album.name for each in (zoo, alps, beach)] == ["zoo", "Alps", "beach"]
    assert (beach.images, beach.failed, beach.animated) == (3, 1, 1)
    assert beach.sizes == Spread(2, 400, 100, 300, 200.0, 100.0)
    assert beach.thumbnails.total == 10
    assert (alps.images, alps.failed, alps.sizes) == (0, 0, Spread())
    assert zoo.sizes.total == 300


def test_tags_are_counted_each() -> None:
    blobs = {digest(1): blob(1, 100), digest(2): blob(2, 300)}
    tagged = [
        Tagged(digest(1), "user", (3, 4)),
        Tagged(digest(1), "e621", (3,)),
        Tagged(digest(2), "user", (3,)),
        Tagged(digest(9), "user", (3, 5)),
    ]

    assert browse.per_tag(tagged, blobs) == {
        3: browse.TagNumbers(2, 400),
        4: browse.TagNumbers(1, 100),
    }


def at_site(number: int, album: str = "1/a", position: int = 0) -> Place:
    return replace(place(album, position, number), source="site")


def test_a_picture_disappeared_when_it_is_gone_from_a_place_at_least() -> None:
    # Picture 1 is gone from both its places, 2 from one of two; 3 is there, 4 in a folder too.
    gone = [at_site(1), at_site(1, "1/b"), at_site(2, "2/a"), at_site(4, "2/a", 1)]
    there = [at_site(2, "1/a", 1), at_site(3, "1/a", 2), place("1/a", 4, 4), place("1/a", 5, 5)]
    contents = Contents(
        USERS, ALBUMS, [*gone, *there], [], gone={p.key for p in gone}, folders=("local",)
    )

    found = browse.statistics(contents, "db", 0)

    assert (found.disappeared, found.only_copies) == (3, 2)
    lost = browse.only_copies(contents.places, contents.gone, contents.folders)
    assert lost == {digest(1), digest(4)}
    elsewhere = browse.only_copies(contents.places, contents.gone)
    assert elsewhere == {digest(1)}  # when that folder is a site like any other


def test_a_place_that_holds_nothing_any_more_has_not_disappeared() -> None:
    removed = replace(at_site(1), holds=None, state=PlaceState.REMOVED)
    contents = Contents(USERS, ALBUMS, [removed], [], gone={removed.key})

    found = browse.statistics(contents, "db", 0)

    assert (found.disappeared, found.only_copies) == (0, 0)


def test_albums_count_the_places_that_are_gone() -> None:
    places = [place("1/a", 0, 1), place("1/a", 1, 2), place("1/b", 0, 1), place("1/b", 1, None)]
    gone = {places[0].key, places[1].key, places[3].key}

    by_name = {
        each.album.name: each.disappeared
        for each in browse.per_album(ALBUMS, places, {digest(1): blob(1)}, USERS, gone)
    }

    assert by_name == {"zoo": 0, "Alps": 0, "beach": 2}
