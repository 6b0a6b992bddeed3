"""fapfav/jobs/selection.py: what a few words mean, and what is said when they mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs import selection
from fapfav.jobs.selection import Selection, select
from fapfav.model import AlbumKey, UserKey
from tests.jobs.holding import Shelves, digest


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    made = Shelves(tmp_path / "archive", sealed=False)
    made.add_user("22", "Zoë")
    made.album("a1", "Summer", (1, "one.jpg"), (2, "two.jpg"))
    made.album("a2", "summer", (3, "three.jpg"), user="22")
    made.album("a3", "pictures/north", (2, "two.jpg"), user="22")
    made.alike(1, 3)
    return made


@pytest.mark.parametrize("digits", [8, 9, 20, 63, 64])
def test_a_picture_is_meant_by_the_beginning_of_its_digest(shelves: Shelves, digits: int) -> None:
    text = digest(1).hex()[:digits].upper()

    assert selection.picture(shelves.archive, f" {text} ") == digest(1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is no digest"),
        ("picture1", "is no digest"),
        ("0" * 65, "is no digest"),
        ("abcdef1", "too short"),
        ("0" * 64, "no picture 0000"),
    ],
)
def test_what_is_no_digest_is_refused_with_a_reason(shelves: Shelves, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        selection.picture(shelves.archive, text)


def test_an_ambiguous_digest_names_the_candidates() -> None:
    digests = [bytes.fromhex("abcdef0123" + f"{last:02x}" * 27) for last in (1, 2, 3)]

    with pytest.raises(UsageError, match=f"{digests[0].hex()}, {digests[1].hex()}, "):
        selection.beginning_with(digests, "abcdef01", "here")

    assert selection.beginning_with(digests, "abcdef01230202", "here") == digests[1]
    assert selection.beginning_with(digests, "abcdef012302020", "here") == digests[1]


@pytest.mark.parametrize(
    ("text", "album"),
    [
        ("local/22/a2", "a2"),
        ("a2", "a2"),
        ("Summer", "a1"),
        ("summer", "a2"),
        ("zoë/SUMMER", "a2"),
        ("local disk/summer", "a1"),
        ("Pictures/North", "a3"),
        ("zoë/pictures/north", "a3"),
    ],
)
def test_an_album_is_meant_by_ids_or_by_name(shelves: Shelves, text: str, album: str) -> None:
    user = "1" if album == "a1" else "22"

    assert selection.album(shelves.archive, text) == AlbumKey("local", user, album)


def test_an_ambiguous_album_names_the_ids_of_all(shelves: Shelves) -> None:
    with pytest.raises(UsageError, match=r"local/1/a1 \(Summer\), local/22/a2 \(summer\)"):
        selection.album(shelves.archive, "SUMMER")


def test_a_user_is_meant_by_id_or_by_name(shelves: Shelves) -> None:
    for text in ("22", "local/22", "ZOË", "Zoe\u0308"):
        assert selection.user(shelves.archive, text) == UserKey("local", "22")


@pytest.mark.parametrize("find", [selection.user, selection.album], ids=["user", "album"])
def test_what_is_not_there_is_said(shelves: Shelves, find: object) -> None:
    with pytest.raises(UsageError, match=r"there is no (user|album) 'winter'; `print` lists"):
        find(shelves.archive, "winter")  # type: ignore[operator]


def test_pictures_are_selected_once_in_the_order_named(shelves: Shelves) -> None:
    groups = shelves.archive.groups
    wanted = Selection((digest(3).hex(),), (digest(1).hex()[:8],), ("Summer",))

    found = select(shelves.archive, wanted, groups)

    assert found[0] == digest(3)
    assert sorted(found) == sorted([digest(1), digest(2), digest(3)])
    assert len(groups) == 1


def test_a_picture_without_duplicates_is_no_group(shelves: Shelves) -> None:
    wanted = Selection(groups=(digest(2).hex(),))

    with pytest.raises(UsageError, match="in no duplicate group"):
        select(shelves.archive, wanted, shelves.archive.groups)


def test_selecting_nothing_is_refused(shelves: Shelves) -> None:
    with pytest.raises(UsageError, match="by digest, duplicate group or album"):
        select(shelves.archive, Selection())
