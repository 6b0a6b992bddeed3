"""fapfav/jobs/convert.py: a plain archive into an encrypted one and back, losing nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import fapfav
from fapfav.errors import (
    ArchiveChanged,
    ArchiveError,
    OlderArchive,
    UsageError,
    WrongPassword,
)
from fapfav.jobs import convert, trash
from fapfav.jobs.library import open_archive
from fapfav.model import Progress
from fapfav.store import converting, opening, recovery
from fapfav.store.blobs import Kind
from fapfav.store.seen import Seen
from tests.jobs.converted import (
    ORPHAN,
    PICTURES,
    STRAY,
    decrypt,
    encrypt,
    filled,
    is_plain_throughout,
    is_sealed_throughout,
    opened,
    rows,
    whole,
)
from tests.support import CHEAP, PASSWORD, album, read_folder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return filled(tmp_path, sealed=False).path


def test_what_is_encrypted_is_the_same_and_in_the_clear_nowhere(plain: Path) -> None:
    before = rows(opened(plain))
    told: list[Progress] = []
    with opened(plain) as archive:
        report = convert.encrypt(archive, PASSWORD, cost=CHEAP, tell=told.append)

        assert archive.sealed
        assert whole(archive) == PICTURES  # the same archive goes on
    assert report.finished
    assert (report.failures, report.left) == ((), ())
    assert report.files == 2 * PICTURES
    assert told[-1].done == told[-1].total == 2 * PICTURES
    assert is_sealed_throughout(plain, plain.parent / "pictures")
    with opened(plain) as archive:
        assert rows(archive) == before
        assert whole(archive) == PICTURES
        assert trash.trash_restore(archive).pictures == 1
        read_folder(archive, plain.parent / "pictures")
        assert rows(archive, "trash") == {"trash": {}}
    with pytest.raises(WrongPassword, match="is encrypted"):
        open_archive(plain)


def test_decrypted_it_is_as_it_was_strays_too(plain: Path) -> None:
    before = rows(opened(plain))
    encrypt(plain)

    report = decrypt(plain)

    assert report.finished
    assert is_plain_throughout(plain)
    with opened(plain) as archive:
        assert not archive.sealed
        assert rows(archive) == before
        assert whole(archive) == PICTURES
        assert "key_slots" not in archive.configs
        assert not any(name.startswith("strays") for name in archive.configs)
    quarantine = plain / "quarantine"
    assert (quarantine / "tail-7-01234567").read_bytes() == STRAY
    assert (quarantine / ORPHAN).read_bytes() == STRAY[::-1]


def test_neither_can_be_undone(plain: Path) -> None:
    encrypt(plain)
    with opened(plain) as archive:
        numbers = [each.number for each in archive.changes.records() if each.verb == "encrypt"]
        assert numbers
        for number in numbers:
            with pytest.raises(UsageError, match="cannot be undone"):
                archive.undo(number)
        assert archive.undo().verb == "remove picture"  # what was done before still can be
        assert whole(archive) == PICTURES


def test_what_makes_no_sense_is_refused(plain: Path) -> None:
    with opened(plain) as archive:
        with pytest.raises(UsageError, match="is not encrypted"):
            convert.decrypt(archive)
        with pytest.raises(UsageError, match="give one"):
            convert.encrypt(archive)
        with pytest.raises(UsageError, match="empty"):
            convert.encrypt(archive, "", cost=CHEAP)
        assert not archive.sealed
    encrypt(plain)
    with opened(plain) as archive, pytest.raises(UsageError, match="is encrypted already"):
        convert.encrypt(archive, "another")


def test_each_time_the_keys_are_others_so_an_old_copy_opens_nothing_new(plain: Path) -> None:
    encrypt(plain)
    old = open_archive(plain, PASSWORD)
    first = old.handover().secret
    decrypt(plain)
    encrypt(plain)

    assert open_archive(plain, PASSWORD).handover().secret != first
    with pytest.raises(ArchiveChanged, match="encrypted anew"):
        old.refresh()


def test_a_recovery_code_can_come_with_it(plain: Path) -> None:
    code = recovery.new_code()
    with opened(plain) as archive:
        convert.encrypt(archive, PASSWORD, code, cost=CHEAP)

    with fapfav.open_keys(plain, recovery.show_code(code)) as keys:
        listed = fapfav.key_list(keys).keys
    assert [(key.kind, key.opened, key.made > 0) for key in listed] == [
        ("password", False, True),
        ("recovery code", True, True),
    ]


def stopping(after: int) -> Callable[[], bool]:
    """Asks to stop after so many batches."""
    left = [after]

    def stop() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stop


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
def test_broken_off_it_goes_on_or_turns_back(
    plain: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(converting, "BATCH", 1)
    if verb == "decrypt":
        encrypt(plain)
    with opened(plain) as archive:
        if verb == "encrypt":
            report = convert.encrypt(archive, PASSWORD, cost=CHEAP, stop=stopping(3))
        else:
            report = convert.decrypt(archive, stop=stopping(3))
        assert (report.files, report.finished) == (3, False)
        assert whole(archive) == PICTURES
    with opened(plain) as archive:
        assert archive.sealed
        assert convert.under_way(archive) == verb
        assert whole(archive) == PICTURES
        assert trash.trash_restore(archive).pictures == 1
        archive.undo()
        assert whole(archive) == PICTURES

    assert encrypt(plain).finished  # goes on, or turns back
    assert is_sealed_throughout(plain, plain.parent / "pictures")
    assert whole(opened(plain)) == PICTURES


def test_others_who_had_it_open_are_told_what_happened(plain: Path) -> None:
    there = opened(plain)
    digest = next(iter(there.blobs))
    handover = there.handover()
    encrypt(plain)

    told = "was encrypted meanwhile: open it with its password"
    for use in (
        there.refresh,
        lambda: there.blob_bytes(digest),
        lambda: there.files.stage(Kind.BLOB, digest, "jpg", b"new"),
        lambda: read_folder(there, plain.parent / "pictures"),
        lambda: opening.reopen_archive(plain, handover),
    ):
        with pytest.raises(ArchiveChanged, match=told):
            use()
    assert is_sealed_throughout(plain, plain.parent / "pictures")

    there = opened(plain)
    decrypt(plain)
    with pytest.raises(ArchiveChanged, match="was decrypted meanwhile: open it without"):
        there.blob_bytes(digest)


def test_a_reader_of_before_publishes_nothing_in_the_clear(plain: Path) -> None:
    there = opened(plain)
    raw = album(plain.parent / "more", 1, start=50)[0]
    digest = fapfav.Digest(bytes(32))
    staged = there.files.stage(Kind.BLOB, digest, "jpg", raw)
    encrypt(plain)

    with pytest.raises(ArchiveError):
        there.files.publish([staged])

    assert is_sealed_throughout(plain, plain.parent / "more")


def test_the_memory_of_this_computer_goes_along(plain: Path, tmp_path: Path) -> None:
    seen = Seen(tmp_path / "state")
    stale = open_archive(plain, seen=seen)
    with open_archive(plain, seen=seen) as archive:
        convert.encrypt(archive, PASSWORD, cost=CHEAP)
    stale.close()  # remembers no plain one in its place
    copy = {file: file.read_bytes() for file in plain.rglob("*") if file.is_file()}
    still = open_archive(plain, PASSWORD, seen=seen)
    with open_archive(plain, PASSWORD, seen=seen) as archive:
        convert.decrypt(archive, seen=seen)
    still.close()
    open_archive(plain, seen=seen).close()
    assert not still.sealed or not opening.is_sealed(plain)

    encrypt(plain)
    open_archive(plain, PASSWORD, seen=seen).close()
    (plain / "imagefap.database").write_bytes(copy[plain / "imagefap.database"])
    with pytest.raises(OlderArchive):
        open_archive(plain, PASSWORD, seen=seen)


def test_decrypting_elsewhere_is_noticed_here(plain: Path, tmp_path: Path) -> None:
    encrypt(plain)
    seen = Seen(tmp_path / "state")
    open_archive(plain, PASSWORD, seen=seen).close()
    decrypt(plain)
    with pytest.raises(OlderArchive, match="was encrypted and this one is not"):
        open_archive(plain, seen=seen)


def test_a_plain_thumbnail_is_looked_at_before_it_is_sealed(plain: Path) -> None:
    thumbs = sorted((plain / "thumbs").iterdir())
    thumbs[0].write_bytes(b"no picture at all")
    thumbs[1].write_bytes((plain.parent / "pictures" / "hill-0000.jpg").read_bytes()[:-500])

    assert encrypt(plain).finished

    with opened(plain) as archive:
        assert whole(archive) == PICTURES
        for digest in archive.blobs:
            small = archive.thumbnail(digest)
            assert small
            assert convert.kept_thumbnail(small, lambda: b"")[0] == small
            assert b"no picture" not in small


def test_a_damaged_picture_is_named_and_kept_but_not_in_the_clear(plain: Path) -> None:
    file = min(file for file in (plain / "blobs").glob("*.jpg") if file.name != ORPHAN)
    raw = file.read_bytes()[:-9] + b"damaged.."
    file.write_bytes(raw)

    report = encrypt(plain)

    assert report.finished
    assert [name for name, _ in report.failures] == [file.stem]
    assert is_sealed_throughout(plain, plain.parent / "pictures")
    decrypt(plain)
    assert (plain / "quarantine" / file.name).read_bytes() == raw


def test_decrypting_does_not_end_while_a_sealed_file_does_not_open(plain: Path) -> None:
    encrypt(plain)
    file = min((plain / "blobs").iterdir())
    good = file.read_bytes()
    file.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))

    report = decrypt(plain)

    assert not report.finished
    assert len(report.failures) == 1
    assert opening.is_sealed(plain)
    file.write_bytes(good)
    assert decrypt(plain).finished
    assert is_plain_throughout(plain)
    assert whole(opened(plain)) == PICTURES


def test_what_is_not_ours_stays_and_is_named(plain: Path) -> None:
    (plain / "tag_export").mkdir()
    (plain / "notes.txt").write_bytes(b"mine")
    (plain / "blobs" / "thumbs.db").write_bytes(b"mine")
    (plain / "quarantine" / "large").symlink_to("/etc/hostname")

    report = encrypt(plain)

    assert sorted(report.left) == ["blobs/thumbs.db", "notes.txt", "quarantine/large", "tag_export"]
    assert [name for name, _ in report.failures] == ["quarantine/large"]


@pytest.mark.parametrize("verb", ["encrypt", "decrypt"])
def test_a_disk_that_is_too_small_is_said_before_anything_is_done(
    plain: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    if verb == "decrypt":
        encrypt(plain)
    real = os.statvfs(plain)
    small = os.statvfs_result([*real[:3], 2, 2, *real[5:10]])
    monkeypatch.setattr(os, "statvfs", lambda _path: small)
    before = (plain / "imagefap.database").read_bytes()

    with pytest.raises(ArchiveError, match="make room, then run it again"):
        (encrypt if verb == "encrypt" else decrypt)(plain)

    assert (plain / "imagefap.database").read_bytes() == before
