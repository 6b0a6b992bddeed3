"""fapfav/store/blobs.py: pictures come back as they were, from their place or from the trash."""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fapfav.errors import ArchiveError, BadPicture, DamagedFile
from fapfav.model import Digest
from fapfav.store import blobs
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.folder import Folder
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.sealing import sealed_size

KEYS = ArchiveKeys(RootKey(bytes(range(32))), b"archive id 16 by")
PICTURE = os.urandom(1000)
DIGEST = Digest(hashlib.sha256(PICTURE).digest())
THUMB = b"a thumbnail"
BLOB_SUBS, THUMB_SUBS = ["blobs", "trash/blobs"], ["thumbs", "trash/thumbs"]


@pytest.fixture(params=["sealed", "plain"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    folder = Folder(tmp_path / "archive")
    folder.create()
    return BlobStore(folder, KEYS if request.param == "sealed" else None)


@pytest.fixture
def root(store: BlobStore, tmp_path: Path) -> Path:
    return tmp_path / "archive"


def keep(store: BlobStore, picture: bytes = PICTURE, thumb: bytes = THUMB) -> Digest:
    digest = Digest(hashlib.sha256(picture).digest())
    blob = store.stage(Kind.BLOB, digest, "jpg", picture)
    store.publish([blob, store.stage(Kind.THUMB, digest, "png", thumb)])
    return digest


def file_of(store: BlobStore, root: Path, kind: Kind = Kind.BLOB, sub: str = "blobs") -> Path:
    return root / sub / store.name(kind, DIGEST, "jpg" if kind is Kind.BLOB else "png")


def read_blob(store: BlobStore) -> bytes:
    return store.read(Kind.BLOB, DIGEST, "jpg", len(PICTURE))


def read_thumb(store: BlobStore) -> bytes:
    return store.read(Kind.THUMB, DIGEST, "png", len(THUMB))


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_pictures_and_thumbnails_come_back_as_they_were(store: BlobStore) -> None:
    keep(store)

    assert read_blob(store) == PICTURE
    assert read_thumb(store) == THUMB
    assert store.present(Kind.BLOB, DIGEST, "jpg", 1000)
    assert not store.present(Kind.BLOB, DIGEST, "jpg", 900)


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(picture=st.binary(max_size=3000), thumb=st.binary(max_size=300))
def test_reading_undoes_writing(store: BlobStore, picture: bytes, thumb: bytes) -> None:
    digest = keep(store, picture, thumb)

    assert store.read(Kind.BLOB, digest, "jpg", len(picture)) == picture
    assert store.read(Kind.THUMB, digest, "png", len(thumb)) == thumb


def test_a_plain_file_is_the_picture_under_its_digest_and_type(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    keep(BlobStore(folder, None))

    assert (tmp_path / "blobs" / f"{DIGEST.hex()}.jpg").read_bytes() == PICTURE
    assert (tmp_path / "thumbs" / f"{DIGEST.hex()}.png").read_bytes() == THUMB


def test_a_sealed_name_is_keyed_and_tells_two_kinds_apart() -> None:
    store = BlobStore(Folder(Path("/nowhere")), KEYS)
    names = [store.name(kind, DIGEST, "jpg") for kind in Kind]

    assert names == [
        hmac.digest(KEYS.name, bytes([kind]) + DIGEST, "sha256").hex() for kind in (1, 2)
    ]
    assert store.name(Kind.BLOB, DIGEST, "png") == names[0]


def test_a_sealed_archive_holds_no_trace_of_digest_type_or_bytes(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.create()
    store = BlobStore(folder, KEYS)
    keep(store)
    store.to_trash(DIGEST, "jpg", "png")
    keep(store)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = b"".join(str(path).encode() + path.read_bytes() for path in files)
    assert len(files) == 4
    for trace in (DIGEST, DIGEST.hex()[:12].encode(), PICTURE[:8], PICTURE[-8:], THUMB, b".jpg"):
        assert trace not in everything


@pytest.mark.parametrize("ext", ["", "exe", "../jpg", "jpg/..", "JPG", "jpg\0"])
def test_only_known_types_become_part_of_a_plain_name(ext: str) -> None:
    with pytest.raises(ArchiveError, match="unknown type"):
        BlobStore(Folder(Path("/nowhere")), None).name(Kind.BLOB, DIGEST, ext)


@pytest.mark.parametrize("kind", Kind)
def test_the_size_on_disk_is_known_beforehand(store: BlobStore, root: Path, kind: Kind) -> None:
    keep(store)
    sub, size = ("blobs", 1000) if kind is Kind.BLOB else ("thumbs", len(THUMB))

    assert file_of(store, root, kind, sub).stat().st_size == store.stored_size(kind, size)


def test_a_file_without_a_row_is_written_again(store: BlobStore, root: Path) -> None:
    file_of(store, root).write_bytes(b"the rest of a crash")
    keep(store)

    assert read_blob(store) == PICTURE


@pytest.mark.parametrize("at", [0, 5, 20, 40, 700, -1])
def test_a_flipped_bit_in_a_blob_is_noticed_and_named(
    store: BlobStore, root: Path, at: int
) -> None:
    keep(store)
    flip(file_of(store, root), at)

    with pytest.raises(DamagedFile, match=f"{DIGEST.hex()} is damaged"):
        read_blob(store)


def test_a_blob_stored_under_anothers_digest_is_noticed(store: BlobStore) -> None:
    store.publish([store.stage(Kind.BLOB, DIGEST, "jpg", bytes(1000))])

    with pytest.raises(DamagedFile, match="another picture's"):
        read_blob(store)


@pytest.mark.parametrize("change", ["cut", "grown", "empty"])
def test_a_file_of_another_length_is_not_even_read(
    store: BlobStore, root: Path, change: str
) -> None:
    keep(store)
    path = file_of(store, root)
    os.truncate(path, {"cut": 900, "grown": 2**40, "empty": 0}[change])

    assert not store.present(Kind.BLOB, DIGEST, "jpg", 1000)
    with pytest.raises(DamagedFile, match="its file has"):
        read_blob(store)


def test_a_size_beyond_the_limit_is_refused_before_it_is_allocated(store: BlobStore) -> None:
    with pytest.raises(DamagedFile, match="is the limit"):
        store.read(Kind.BLOB, DIGEST, "jpg", 2**50)
    with pytest.raises(DamagedFile, match="is the limit"):
        store.read(Kind.BLOB, DIGEST, "jpg", 1000, limit=999)


def test_a_picture_beyond_the_limit_is_not_taken(
    store: BlobStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "LARGEST", 999)

    with pytest.raises(BadPicture, match="1000 bytes, and 999 is the limit"):
        store.stage(Kind.BLOB, DIGEST, "jpg", PICTURE)
    assert list((root / "blobs").iterdir()) == []


def test_a_disk_that_fails_is_not_taken_for_a_damaged_picture(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)

    def refuse(*args: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", refuse)
    monkeypatch.setattr(os, "preadv", refuse)

    with pytest.raises(ArchiveError, match=f"reading picture {DIGEST.hex()}: the disk") as caught:
        read_blob(store)
    assert not isinstance(caught.value, DamagedFile)


def test_a_missing_picture_is_named(store: BlobStore) -> None:
    with pytest.raises(DamagedFile, match=f"{DIGEST.hex()} has no file"):
        read_blob(store)
    with pytest.raises(DamagedFile, match="has no file"):
        store.read_range(DIGEST, "jpg", 1000, 0, 10)
    assert not store.present(Kind.BLOB, DIGEST, "jpg", 1000)


@pytest.mark.parametrize("plant", ["link", "pipe", "folder", "hard link"])
def test_what_is_planted_is_neither_followed_nor_waited_for(
    store: BlobStore, root: Path, tmp_path: Path, plant: str
) -> None:
    outside = tmp_path / "private"
    outside.write_bytes(b"p" * store.stored_size(Kind.BLOB, 1000))
    path = file_of(store, root)
    plants: dict[str, Callable[[], None]] = {
        "link": lambda: path.symlink_to(outside),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "hard link": lambda: path.hardlink_to(outside),
    }
    plants[plant]()

    assert store.present(Kind.BLOB, DIGEST, "jpg", 1000) == (plant == "hard link")
    with pytest.raises(DamagedFile):
        read_blob(store)
    if plant != "hard link":
        with pytest.raises(DamagedFile):
            store.read_range(DIGEST, "jpg", 1000, 0, 5)
    assert outside.read_bytes() == b"p" * store.stored_size(Kind.BLOB, 1000)


def test_a_damaged_file_is_made_good_by_one_in_the_trash(store: BlobStore, root: Path) -> None:
    keep(store)
    store.to_trash(DIGEST, "jpg", "png")
    keep(store)
    flip(file_of(store, root), 500)

    assert read_blob(store) == PICTURE
    flip(file_of(store, root, sub="trash/blobs"), 500)
    with pytest.raises(DamagedFile, match="is damaged"):
        read_blob(store)


def test_pictures_go_to_the_trash_and_back_and_are_readable_all_the_time(
    store: BlobStore, root: Path
) -> None:
    keep(store)
    for move, blob_sub in ((store.to_trash, "trash/blobs"), (store.from_trash, "blobs")):
        for _ in range(2):  # a second time is as good as once
            move(DIGEST, "jpg", "png")
            store.sync_folders()
            assert [sub for sub in BLOB_SUBS if any((root / sub).iterdir())] == [blob_sub]
            assert (read_blob(store), read_thumb(store)) == (PICTURE, THUMB)
            assert store.read_range(DIGEST, "jpg", 1000, 3, 9) == PICTURE[3:9]
            assert store.present(Kind.THUMB, DIGEST, "png", len(THUMB))


def test_moving_what_is_nowhere_does_nothing(store: BlobStore, root: Path) -> None:
    for move in (store.to_trash, store.from_trash, store.purge):
        move(DIGEST, "jpg", "png")
        move(DIGEST, "jpg", "")

    assert not any(path.is_file() for path in root.rglob("*"))


def test_a_picture_written_since_is_not_overwritten_from_the_trash(
    store: BlobStore, root: Path
) -> None:
    keep(store)
    store.to_trash(DIGEST, "jpg", "png")
    flip(file_of(store, root, sub="trash/blobs"), 500)
    os.truncate(file_of(store, root, Kind.THUMB, "trash/thumbs"), 3)
    keep(store)
    store.from_trash(DIGEST, "jpg", "png")

    assert (read_blob(store), read_thumb(store)) == (PICTURE, THUMB)
    assert list(store.trashed_names()) == []
    assert file_of(store, root, Kind.THUMB, "trash/thumbs").exists()


def test_purging_deletes_a_picture_wherever_it_is(store: BlobStore, root: Path) -> None:
    other = keep(store, b"another picture")
    keep(store)
    store.to_trash(DIGEST, "jpg", "png")
    keep(store)
    assert list(store.trashed_names()) == [store.name(Kind.BLOB, DIGEST, "jpg")]
    store.purge(DIGEST, "jpg", "png")

    assert [len(list((root / sub).iterdir())) for sub in BLOB_SUBS + THUMB_SUBS] == [1, 0, 1, 0]
    assert store.read(Kind.BLOB, other, "jpg", 15) == b"another picture"


def test_a_publication_that_fails_discards_the_rest(store: BlobStore, root: Path) -> None:
    digests = [Digest(bytes([number]) * 32) for number in range(3)]
    staged = [store.stage(Kind.BLOB, digest, "jpg", PICTURE) for digest in digests]
    staged[1].discard()

    with pytest.raises(ArchiveError, match="temporary file is gone"):
        store.publish(staged)
    assert [path.name for path in (root / "blobs").iterdir()] == [
        store.name(Kind.BLOB, digests[0], "jpg")
    ]


def test_threads_write_and_read_at_once(store: BlobStore) -> None:
    pictures = [[os.urandom(20_000 + number) for _ in range(8)] for number in range(4)]
    wrong: list[bytes] = []

    def work(mine: list[bytes]) -> None:
        for picture in mine:
            digest = keep(store, picture)
            if store.read(Kind.BLOB, digest, "jpg", len(picture)) != picture:
                wrong.append(digest)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in pictures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    for picture in (picture for mine in pictures for picture in mine):
        digest = Digest(hashlib.sha256(picture).digest())
        assert store.read(Kind.BLOB, digest, "jpg", len(picture)) == picture


def test_killed_writers_leave_only_what_is_cleaned_later(store: BlobStore, root: Path) -> None:
    store.stage(Kind.BLOB, DIGEST, "jpg", PICTURE)
    (left,) = (root / "blobs").iterdir()
    made = left.stat().st_mtime
    os.utime(left, (made - 3700, made - 3700))

    assert store.clean_temporaries() == 1
    assert list((root / "blobs").iterdir()) == []


def test_an_empty_picture_takes_the_least_there_is(store: BlobStore) -> None:
    digest = keep(store, b"", b"")

    assert store.read(Kind.BLOB, digest, "jpg", 0) == b""
    assert store.read_range(digest, "jpg", 0, 0, 0) == b""
    assert sealed_size(0) == 32 + 8 + 16
