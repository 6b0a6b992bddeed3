"""fapfav/store/opening.py: what opens, and what is said of all that does not."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import struct
import time
from pathlib import Path

import pytest

from fapfav.errors import (
    ArchiveChanged,
    ArchiveError,
    DamagedArchive,
    DamagedFile,
    NewerVersion,
    NoArchive,
    OlderArchive,
    UsageError,
    WrongPassword,
)
from fapfav.model import Config
from fapfav.store import frames
from fapfav.store.archive import Archive
from fapfav.store.keys import Handover
from fapfav.store.opening import (
    create_archive,
    exists,
    is_sealed,
    open_archive,
    reopen_archive,
)
from fapfav.store.seen import Seen
from tests.store.archives import COST, PASSWORD, add_pictures, database, make, reopened, tables

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def put(archive: Archive, value: object) -> None:
    with archive.write("tag") as tx:
        tx.put(Config("value", value))


@BOTH
def test_a_new_archive_is_empty_private_and_there(tmp_path: Path, sealed: bool) -> None:
    path = tmp_path / "below" / "archive"
    assert not exists(path)
    archive = make(path, sealed)

    assert exists(path)
    assert is_sealed(path) is archive.sealed is sealed
    assert not any(tables(archive).values())
    for file in (path, *path.rglob("*")):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file


def test_an_archive_is_opened_with_its_password_and_no_other(tmp_path: Path) -> None:
    put(make(tmp_path, sealed=True), 5)
    assert open_archive(tmp_path, PASSWORD).config("value", 0) == 5
    with pytest.raises(WrongPassword, match="wrong password"):
        open_archive(tmp_path, "other")
    with pytest.raises(WrongPassword, match="is encrypted: give its password"):
        open_archive(tmp_path)
    with pytest.raises(UsageError):
        open_archive(tmp_path, "")


def test_a_password_is_the_same_however_its_accents_are_typed(tmp_path: Path) -> None:
    create_archive(tmp_path, "Ünsal", cost=COST)
    assert open_archive(tmp_path, "U\u0308nsal").sealed


def test_a_password_for_a_plain_archive_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    put(make(tmp_path), 1)
    raw = database(tmp_path).read_bytes()
    with pytest.raises(WrongPassword, match="not encrypted, but a password was given"):
        open_archive(tmp_path, PASSWORD)
    assert database(tmp_path).read_bytes() == raw


def test_a_new_archive_takes_a_password_or_says_that_it_is_plain(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    for password, plain in ((None, False), (PASSWORD, True), ("", False), ("x" * 1025, False)):
        with pytest.raises(UsageError):
            create_archive(path, password, plain=plain, cost=COST)
    assert not path.exists()


def test_an_archive_is_never_made_over_another(tmp_path: Path) -> None:
    put(make(tmp_path), 1)
    with pytest.raises(ArchiveError, match="already"):
        make(tmp_path)
    assert reopened(tmp_path).config("value", 0) == 1


def test_no_archive_is_made_beside_pictures_whose_database_is_lost(tmp_path: Path) -> None:
    add_pictures(make(tmp_path), 1)
    kept = database(tmp_path).rename(tmp_path.parent / f"{tmp_path.name}.kept")

    with pytest.raises(ArchiveError, match=r"pictures of an archive, but no imagefap\.database"):
        make(tmp_path)

    assert not exists(tmp_path)
    kept.rename(database(tmp_path))
    assert len(reopened(tmp_path).blobs) == 1


def test_where_nothing_is_there_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match="no folder"):
        open_archive(tmp_path / "nowhere")
    with pytest.raises(NoArchive):
        open_archive(tmp_path)
    with pytest.raises(NoArchive):
        is_sealed(tmp_path)
    make(tmp_path)
    database(tmp_path).unlink()
    with pytest.raises(NoArchive):
        open_archive(tmp_path)


@pytest.mark.parametrize("name", ["blobs", "thumbs", "trash", "trash/blobs", "quarantine"])
def test_a_missing_folder_is_named(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    shutil.rmtree(tmp_path / name)
    with pytest.raises(ArchiveError, match=name):
        open_archive(tmp_path)


@pytest.mark.parametrize("raw", [b"", b"x", b"SQLite format 3\0" * 1000, bytes(20000)])
def test_what_is_no_database_is_damaged_and_left_alone(tmp_path: Path, raw: bytes) -> None:
    make(tmp_path)
    database(tmp_path).write_bytes(raw)
    with pytest.raises(DamagedArchive):
        open_archive(tmp_path)
    assert database(tmp_path).read_bytes() == raw


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_database_that_is_no_file_is_neither_followed_nor_waited_for(
    tmp_path: Path, kind: str
) -> None:
    make(tmp_path / "archive")
    make(tmp_path / "other")
    path = database(tmp_path / "archive")
    path.unlink()
    if kind == "link":
        path.symlink_to(database(tmp_path / "other"))
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(DamagedFile, match="where a file belongs"):
        open_archive(tmp_path / "archive")


def test_a_hard_link_outside_is_not_written_through(tmp_path: Path) -> None:
    archive = make(tmp_path / "archive")
    put(archive, 1)
    os.link(database(tmp_path / "archive"), tmp_path / "outside")
    raw = (tmp_path / "outside").read_bytes()
    with pytest.raises(DamagedFile, match="hard link"):
        put(archive, 2)
    assert (tmp_path / "outside").read_bytes() == raw


def with_headers(path: Path, at: int, value: bytes) -> None:
    """Both headers with other bytes and a right SHA-256, as someone without the key makes them."""
    raw = bytearray(database(path).read_bytes())
    for block in (0, 4096):
        raw[block + at : block + at + len(value)] = value
        raw[block + 4064 : block + 4096] = hashlib.sha256(raw[block : block + 4064]).digest()
    database(path).write_bytes(raw)


@BOTH
def test_a_later_version_is_named_before_anything_else(tmp_path: Path, sealed: bool) -> None:
    make(tmp_path, sealed)
    with_headers(tmp_path, 8, b"\0\2")
    with_headers(tmp_path, 10, b"\xff" * 500)
    with pytest.raises(NewerVersion, match="version 2"):
        reopened(tmp_path, sealed)


# Where, with what, and what is said of it: never "wrong password" unless only the slot is at fault.
HEADERS = [
    (8, b"\0\0", DamagedArchive),
    (10, b"\2", DamagedArchive),
    (10, b"\0", DamagedArchive),
    (11, b"\1", DamagedArchive),
    (16, b"\xff" * 8, DamagedArchive),
    (24, b"\xff" * 16, WrongPassword),
    (40, b"\1", DamagedArchive),
    (64, b"\0", DamagedArchive),
    (64, b"\3", DamagedArchive),
    (65, b"\1", DamagedArchive),
    (68, b"\0\0\0\0", DamagedArchive),
    (68, b"\0\0\0\2", WrongPassword),
    (68, b"\0\0\0\x11", DamagedArchive),
    (68, b"\xff" * 12, DamagedArchive),
    (72, b"\0\0\0\7", DamagedArchive),
    (72, b"\0\4\0\0", WrongPassword),
    (72, b"\0\4\0\1", DamagedArchive),
    (76, b"\0\0\0\x09", DamagedArchive),
    (80, b"\xff" * 8, WrongPassword),
    (88, b"\xff" * 16, WrongPassword),
    (104, b"\xff" * 48, WrongPassword),
    (152, b"\1", DamagedArchive),
    (192, b"\2", DamagedArchive),
    (1088, b"\1", DamagedArchive),
    (4032, b"\0" * 32, DamagedArchive),
]


@pytest.mark.parametrize(("at", "value", "error"), HEADERS)
def test_a_header_somebody_changed_is_refused_at_once(
    tmp_path: Path, at: int, value: bytes, error: type[ArchiveError]
) -> None:
    make(tmp_path, sealed=True)
    with_headers(tmp_path, at, value)
    began = time.process_time()
    with pytest.raises(error) as caught:
        open_archive(tmp_path, PASSWORD)
    assert type(caught.value) is error
    assert time.process_time() - began < 2


def test_all_costs_together_are_bounded_before_any_is_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, sealed=True)
    dear = b"\1\0\0\0" + struct.pack(">III", 3, 65536, 4) + bytes(112)
    with_headers(tmp_path, 192, dear * 4)
    paid: list[object] = []
    monkeypatch.setattr("fapfav.store.slots.Argon2id", lambda **cost: paid.append(cost))
    with pytest.raises(DamagedArchive, match="would cost"):
        open_archive(tmp_path, "wrong")
    assert paid == []


def test_slots_of_another_archive_do_not_open_this_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    make(one, sealed=True)
    make(two, sealed=True)
    with_headers(one, 64, database(two).read_bytes()[64:192])
    with pytest.raises(WrongPassword):
        open_archive(one, PASSWORD)


def test_of_two_blocks_the_whole_one_counts(tmp_path: Path) -> None:
    put(make(tmp_path, sealed=True), 1)
    raw = database(tmp_path).read_bytes()
    for at in (0, 4096):
        bad = bytearray(raw)
        bad[at + 16 : at + 24] = b"\xff" * 8
        database(tmp_path).write_bytes(bad)
        assert open_archive(tmp_path, PASSWORD).config("value", 0) == 1


# An archive seen before


def test_an_older_copy_and_a_cut_end_are_refused_until_told_otherwise(tmp_path: Path) -> None:
    path, seen = tmp_path / "archive", Seen(tmp_path / "state")
    versions = []
    with create_archive(path, PASSWORD, cost=COST, seen=seen) as archive:
        for number in range(4):
            put(archive, number)
            versions.append(database(path).read_bytes())
            if number == 1:
                archive.compact()
                versions.append(database(path).read_bytes())
    for version in versions[:-1]:
        database(path).write_bytes(version)
        with pytest.raises(OlderArchive, match="older"):
            open_archive(path, PASSWORD, seen=seen)
    with open_archive(path, PASSWORD, seen=seen, accept_older=True) as archive:
        assert archive.config("value", None) == 2
        put(archive, "another future")
    assert open_archive(path, PASSWORD, seen=seen).config("value", 0) == "another future"
    database(path).write_bytes(versions[-1])
    with pytest.raises(OlderArchive):
        open_archive(path, PASSWORD, seen=seen)


def test_what_went_on_since_is_no_older_archive(tmp_path: Path) -> None:
    path, seen = tmp_path / "archive", Seen(tmp_path / "state")
    with create_archive(path, None, plain=True, seen=seen) as archive:
        put(archive, 1)
    put(reopened(path), 2)
    reopened(path).compact()
    put(reopened(path), 3)
    with open_archive(path, seen=seen) as archive:
        assert archive.config("value", 0) == 3


def test_a_plain_archive_in_a_sealed_ones_place_is_never_filled(tmp_path: Path) -> None:
    path, seen = tmp_path / "archive", Seen(tmp_path / "state")
    with create_archive(path, PASSWORD, cost=COST, seen=seen) as archive:
        add_pictures(archive, 1)
    shutil.rmtree(path)
    make(path)
    with pytest.raises(OlderArchive, match="was encrypted and this one is not"):
        open_archive(path, seen=seen)
    with pytest.raises(ArchiveError):
        open_archive(path, PASSWORD, seen=seen)
    assert list((path / "blobs").iterdir()) == []


def test_an_open_archive_does_not_go_on_in_a_plain_one_put_in_its_place(tmp_path: Path) -> None:
    archive = make(tmp_path / "archive", sealed=True)
    make(tmp_path / "other")
    database(tmp_path / "archive").write_bytes(database(tmp_path / "other").read_bytes())
    with pytest.raises(OlderArchive):
        put(archive, 1)


def test_no_nonce_seals_two_messages_though_an_old_copy_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path, sealed=True)
    put(archive, 0)
    old = database(tmp_path).read_bytes()
    monkeypatch.setattr(os, "urandom", lambda size: b"\7" * size)
    nonces: dict[bytes, bytes] = {}
    for value in ("one", "two", "one", "a longer one, and longer"):
        database(tmp_path).write_bytes(old)
        again = reopened(tmp_path, sealed=True)
        again._clock = lambda: 5
        put(again, value)
        put(again, value * 2)
        raw = database(tmp_path).read_bytes()
        at = len(old)
        while at < len(raw):
            head = frames.read_header(raw[at : at + frames.HEADER])
            frame = raw[at : at + head.size]
            assert nonces.setdefault(head.nonce, frame) == frame
            at += head.size
    assert len(nonces) == 6


@BOTH
def test_an_archive_opens_by_what_one_that_is_open_hands_over(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    put(archive, 5)
    again = reopen_archive(tmp_path, archive.handover())
    put(again, 6)
    archive.refresh()

    assert archive.config("value", 0) == 6
    assert again.sealed is sealed


@BOTH
def test_what_was_handed_over_opens_no_other_archive(tmp_path: Path, sealed: bool) -> None:
    handover = make(tmp_path / "one", sealed).handover()
    for other in (False, True):
        path = tmp_path / f"other {other}"
        make(path, other)
        with pytest.raises(OlderArchive, match="another archive"):
            reopen_archive(path, handover)


def test_an_id_alone_opens_no_sealed_archive(tmp_path: Path) -> None:
    archive = make(tmp_path, sealed=True)
    with pytest.raises(ArchiveChanged, match="was encrypted meanwhile"):
        reopen_archive(tmp_path, Handover.of(archive.archive_id, None))
    wrong = bytearray(archive.handover().secret)
    wrong[16 + 2 * 32] ^= 1  # of the key that seals the header
    with pytest.raises(ArchiveChanged, match="encrypted anew meanwhile"):
        reopen_archive(tmp_path, Handover(bytes(wrong)))


def test_an_archive_that_was_reopened_is_remembered_as_it_was_left(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "state")
    archive = make(tmp_path / "archive", sealed=True)
    with reopen_archive(archive.path, archive.handover(), seen=seen) as again:
        put(again, 5)
        left = again.last

    found = seen.recall(archive.archive_id, archive.path)
    assert found is not None
    assert (found.sequence, found.tag) == left
