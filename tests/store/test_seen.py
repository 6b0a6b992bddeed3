"""fapfav/store/seen.py: this computer knows an archive again, and knows when it is another."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fapfav.store.seen import Record, Seen, state_folder

ONE, OTHER = b"archive id 16 by", b"another id 16 by"
TAG = bytes(range(16))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "fapfav"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


def test_what_was_remembered_is_recalled_by_another_process(state: Path, place: Path) -> None:
    Seen(state).remember(ONE, place, True, 12, TAG)

    assert Seen(state).recall(ONE, place) == Record(ONE, True, 12, TAG)
    assert Seen(state).recall_path(place) == Record(ONE, True, 12, TAG)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30
)
@given(
    sealed=st.booleans(),
    sequence=st.integers(0, 2**64 - 1),
    tag=st.binary(min_size=16, max_size=16),
)
def test_the_last_that_was_remembered_counts(
    state: Path, place: Path, sealed: bool, sequence: int, tag: bytes
) -> None:
    Seen(state).remember(ONE, place, sealed, sequence, tag)

    assert Seen(state).recall(ONE, place) == Record(ONE, sealed, sequence, tag)


def test_nothing_is_known_of_what_was_never_seen(state: Path, place: Path) -> None:
    seen = Seen(state)
    assert seen.recall(ONE, place) is None
    seen.remember(ONE, place, True, 12, TAG)

    assert seen.recall(OTHER, place) is None
    assert seen.recall(ONE, place.parent) is None
    assert seen.recall_path(place.parent) is None


def test_a_plain_archive_in_a_sealed_ones_place_is_noticed_by_its_path(
    state: Path, place: Path
) -> None:
    seen = Seen(state)
    seen.remember(ONE, place, True, 12, TAG)
    known = seen.recall_path(place)

    assert known is not None
    assert known.sealed
    assert known.archive_id != OTHER


def test_an_archive_that_comes_back_to_its_place_is_known_from_before(
    state: Path, place: Path
) -> None:
    seen = Seen(state)
    seen.remember(ONE, place, True, 12, TAG)
    seen.remember(OTHER, place, False, 3, TAG)

    assert seen.recall(ONE, place) == Record(ONE, True, 12, TAG)
    assert seen.recall_path(place) == Record(OTHER, False, 3, TAG)


def test_a_link_to_a_place_is_that_place(
    state: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(place)
    Seen(state).remember(ONE, tmp_path / "link", True, 12, TAG)
    monkeypatch.chdir(tmp_path)

    assert Seen(state).recall(ONE, place) is not None
    assert Seen(state).recall_path(Path("archive")) is not None


def test_the_memory_holds_no_name_and_is_its_users_alone(state: Path, place: Path) -> None:
    Seen(state).remember(ONE, place, True, 12, TAG)

    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    files = list(state.iterdir())
    assert len(files) == 2
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.name) == 64
        assert b"archive\0" not in path.read_bytes()
        assert os.fsencode(place) not in path.read_bytes()


@pytest.mark.parametrize("at", range(0, 88, 5))
def test_a_damaged_memory_is_none(state: Path, place: Path, at: int) -> None:
    seen = Seen(state)
    seen.remember(ONE, place, True, 12, TAG)
    for path in state.iterdir():
        raw = bytearray(path.read_bytes())
        raw[at] ^= 1
        path.write_bytes(raw)

    assert seen.recall(ONE, place) is None
    assert seen.recall_path(place) is None


@pytest.mark.parametrize("size", [0, 87, 2**30])
def test_a_memory_of_another_length_is_none(state: Path, place: Path, size: int) -> None:
    Seen(state).remember(ONE, place, True, 12, TAG)
    for path in state.iterdir():
        os.truncate(path, size)

    assert Seen(state).recall_path(place) is None


@pytest.mark.parametrize("plant", ["link", "pipe", "folder"])
def test_what_is_planted_in_the_memory_is_replaced_and_never_followed(
    state: Path, place: Path, tmp_path: Path, plant: str
) -> None:
    seen = Seen(state)
    seen.remember(ONE, place, True, 12, TAG)
    outside = tmp_path / "private"
    outside.write_bytes(b"bytes")
    for path in state.iterdir():
        path.unlink()
        if plant == "link":
            path.symlink_to(outside)
        elif plant == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()

    assert seen.recall(ONE, place) is None
    seen.remember(ONE, place, True, 13, TAG)
    assert (seen.recall(ONE, place) is None) == (plant == "folder")
    assert outside.read_bytes() == b"bytes"


def test_where_nothing_can_be_written_nothing_is_remembered_and_nothing_raised(
    place: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    for where in (None, tmp_path / "file" / "below", tmp_path / "file"):
        seen = Seen(where)
        seen.remember(ONE, place, True, 12, TAG)
        assert seen.recall(ONE, place) is None
        assert seen.recall_path(place) is None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_STATE_HOME": "/s", "HOME": "/h"}, Path("/s/fapfav")),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, Path("/h/.local/state/fapfav")),
        ({"XDG_STATE_HOME": "", "HOME": "/h"}, Path("/h/.local/state/fapfav")),
        ({"HOME": "/h"}, Path("/h/.local/state/fapfav")),
        ({"HOME": "h"}, None),
        ({}, None),
    ],
)
def test_the_folder_follows_the_users_environment(
    environ: dict[str, str], expected: Path | None
) -> None:
    assert state_folder(environ) == expected
