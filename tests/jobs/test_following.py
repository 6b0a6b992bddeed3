"""What follows the archive row by row is what would be counted anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fapfav import model
from fapfav.browse.filters import Wanted
from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.attention import attention
from fapfav.jobs.charts import charts
from fapfav.jobs.following import Following
from fapfav.jobs.gallery import Of, gallery
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.numbers import statistics, statistics_now
from fapfav.jobs.people import albums_in_numbers, users_in_numbers
from fapfav.jobs.tag_counts import near_lines, tree_lines
from fapfav.model import AlbumKey, Choice, Digest, PlaceKey, PlaceState, UserKey, Verdict
from fapfav.store.transaction import Transaction
from tests.support import new_archive

SOURCES = ("local", "imagefap")
ALBUMS = [AlbumKey(source, user, album) for source in SOURCES for user in "uv" for album in "abc"]
DAY = 86_400


def digest(number: int) -> Digest:
    return Digest(bytes([number + 1]) * 32)


def blob(number: int, other: int) -> model.Blob:
    moving = number % 4 == 3
    shape = (300 + 400 * (other % 3), 1100 - 400 * (other % 3))
    facts = (40_000 * (other + 1), "gif" if moving else "jpg", *shape, moving, 2, 100, 1 + other)
    thumb = 0 if other == 2 else 10 + other
    return model.Blob(digest(number), *facts, 90, b"m" * 16, thumb, "jpg", DAY * 40 * other, 5)


def place(tx: Transaction, key: PlaceKey, number: int, other: int) -> model.Place:
    album, user = AlbumKey(*key[:3]), UserKey(*key[:2])
    if user not in tx.users:
        tx.put(model.User(*user, f"name of {user.user}"))
    if album not in tx.albums:
        tx.put(model.Album(*album, f"called {album.album}", date_blobs=other))
    if other == 7:
        return model.Place(*key, other, "n", PlaceState.FAILED)
    verdict = list(Verdict)[other % len(Verdict)]
    one, posted = digest(number), DAY * 35 * (other % 4)
    name = "n" * (other % 3)
    return model.Place(*key, other, name, PlaceState.STORED, one, one, 5, verdict, 3, posted)


def put(tx: Transaction, kind: str, one: int, two: int, three: int) -> None:
    """One change of few rows, of the kinds that happen."""
    album = ALBUMS[one % len(ALBUMS)]
    key = PlaceKey(*album, str(two % 4))
    if kind == "place":
        tx.put(place(tx, key, three, two))
    elif kind == "blob":
        tx.put(blob(two, three))
    elif kind == "check":
        history = (model.Sighting(1, three % 4, ""),) if three else ()
        tx.put(model.Check(*key, 3, history))
    elif kind == "tag":
        by = "user" if three % 3 else "site"
        tx.put(model.Tagged(digest(two), by, tuple({1 + one % 5, 1 + three % 5}), (3,)[: one % 2]))
    elif kind == "tree":  # each tag is below one of a smaller number: never a circle
        number = 1 + one % 5
        tx.put(model.Tag(number, f"tag {number} {three % 2}", two % number))
    elif kind == "choose":
        tx.put(model.Chosen(digest(two), Choice.KEEP if three % 2 else Choice.SKIP, 1, 1))
    elif kind == "name":
        tx.put(model.Album(*album, f"called {three}"), model.User(*album[:2], f"user {two}"))


def act(tx: Transaction, kind: str, one: int, two: int, three: int) -> None:
    """A row more or another one, or one less."""
    key = PlaceKey(*ALBUMS[one % len(ALBUMS)], str(two % 4))
    deleted: dict[str, tuple[str, Any]] = {
        "unplace": ("places", key),
        "unblob": ("blobs", digest(two)),
        "uncheck": ("checks", key),
        "untag": ("tagged", (digest(two), "user" if three % 3 else "site")),
        "unchoose": ("choices", digest(two)),
    }
    if kind in deleted:
        tx.delete(*deleted[kind])
    else:
        put(tx, kind, one, two, three)


KINDS = ["place", "place", "blob", "blob", "check", "tag", "tag", "tree", "choose", "name"]
KINDS += ["unplace", "unblob", "uncheck", "untag", "unchoose"]
NUMBERS = st.integers(0, 11)
SMALL = st.integers(0, 7)
ACTS = st.tuples(st.sampled_from(KINDS), NUMBERS, SMALL, SMALL)
STEPS = st.tuples(st.sampled_from(["here", "elsewhere"]), st.lists(ACTS, min_size=1, max_size=12))


def shown(archive: Archive, of: Of) -> Any:
    try:
        return gallery(archive, of, Wanted())
    except UsageError:
        return None


def everything(archive: Archive) -> dict[str, Any]:
    """All that follows, as it is asked for."""
    groups = archive.groups
    found: dict[str, Any] = {
        "statistics": statistics_now(archive, groups),
        "charts": charts(archive),
        "attention": attention(archive, groups),
        "users": sorted(users_in_numbers(archive), key=repr),
        "albums": [albums_in_numbers(archive, key) for key in sorted(archive.users)],
        "tree": tree_lines(archive),
        "digests": shown(archive, Of(digests=tuple(digest(number) for number in range(8)))),
    }
    found |= {f"album {key}": shown(archive, Of(album=key)) for key in ALBUMS[:7]}
    found |= {f"tag {number}": shown(archive, Of(tag=number)) for number in range(1, 6)}
    return found


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        with made.write("read") as tx:
            for number in range(6):
                tx.put(blob(number, number))
                for album in ALBUMS[number : number + 2]:
                    tx.put(place(tx, PlaceKey(*album, str(number)), number, number))
            for number in range(1, 4):
                tx.put(model.Tag(number, f"tag {number}", number - 1))
                tx.put(model.Tagged(digest(number), "user", (number,)))
        yield made


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
def test_what_follows_is_what_is_made_anew(archive: Archive, steps: list[Any]) -> None:
    everything(archive)
    for where, acts in steps:
        with open_archive(archive.path) as other:
            writer = archive if where == "here" else other
            with writer.write("test") as tx:
                for each in acts:
                    act(tx, *each)
        archive.refresh()
        with open_archive(archive.path) as fresh:
            kept, anew = everything(archive), everything(fresh)

            assert kept == anew
            assert kept["statistics"] == statistics(fresh, fresh.groups)
            assert kept["tree"] == tagging.listing(fresh)
            assert near_lines(archive, 1) == near_lines(fresh, 1)


def test_a_row_that_was_written_as_it_was_is_not_told(archive: Archive) -> None:
    galleries = [gallery(archive, Of(album=ALBUMS[0]), Wanted())]
    with archive.write("test") as tx:
        tx.put(blob(0, 0))

    galleries.append(gallery(archive, Of(album=ALBUMS[0]), Wanted()))

    assert galleries[0].shown[0] is galleries[1].shown[0]


def test_a_tagged_picture_that_loses_its_place_is_shown_at_another(archive: Archive) -> None:
    first, second = (PlaceKey(*album, "1") for album in ALBUMS[1:3])
    before = gallery(archive, Of(tag=1), Wanted()).shown
    with archive.write("test") as tx:
        tx.delete("places", first)
    after = gallery(archive, Of(tag=1), Wanted()).shown

    assert [one.place for one in before if one.digest == digest(1)] == [first]
    assert [one.place for one in after if one.digest == digest(1)] == [second]


def test_too_many_changes_make_everything_begin_again(archive: Archive) -> None:
    before = everything(archive)
    with archive.write("test") as tx:
        act(tx, "unblob", 0, 0, 0)
        for number in range(10, 20_100):
            tx.put(model.Job(number, "read", {}, "done", 1))
    after = everything(archive)

    assert after["statistics"].unique_images == before["statistics"].unique_images - 1
    with open_archive(archive.path) as fresh:
        assert after == everything(fresh)


def test_a_database_that_was_written_anew_is_looked_at_anew(archive: Archive) -> None:
    everything(archive)
    with open_archive(archive.path) as other:
        with other.write("test") as tx:
            act(tx, "unblob", 0, 1, 0)
        other.compact()
        archive.refresh()

        assert everything(archive) == everything(other)


class _Clumsy:
    """A follower that fails at the first change it is told of."""

    def __init__(self, _following: Following) -> None:
        self.told = 0

    def change(self, _table: str, _key: object, _old: object, _new: object) -> None:
        self.told += 1
        raise ValueError("clumsy")


def test_what_failed_half_way_is_not_gone_on_from(archive: Archive) -> None:
    following = archive.kept(Following)
    following.the("clumsy", _Clumsy)
    everything(archive)
    with archive.write("test") as tx:
        act(tx, "unblob", 0, 0, 0)
        act(tx, "unplace", 0, 0, 0)

    with pytest.raises(ValueError, match="clumsy"):
        everything(archive)

    with open_archive(archive.path) as fresh:
        assert everything(archive) == everything(fresh)
