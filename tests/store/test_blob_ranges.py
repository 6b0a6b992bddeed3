"""fapfav/store/blobs.py: a range of a picture is exact, and costs its own segments only."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedFile, UsageError
from fapfav.model import Digest
from fapfav.store.blobs import BlobStore, Kind
from fapfav.store.folder import Folder
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.sealing import SEGMENT

KEYS = ArchiveKeys(RootKey(bytes(range(32))), b"archive id 16 by")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[BlobStore], Digest, bytes]:
    """One picture of a little more than three segments, sealed and plain."""
    picture = os.urandom(3 * SEGMENT + 1000)
    digest = Digest(hashlib.sha256(picture).digest())
    stores = []
    for keys in (KEYS, None):
        folder = Folder(tmp_path_factory.mktemp("large"))
        folder.create()
        stores.append(BlobStore(folder, keys))
        stores[-1].publish([stores[-1].stage(Kind.BLOB, digest, "jpg", picture)])
    return stores, digest, picture


EDGES = [0, 1, SEGMENT - 9, SEGMENT - 8, SEGMENT - 7, 2 * SEGMENT - 8, 3 * SEGMENT + 1000]


@pytest.mark.parametrize("start", EDGES)
@pytest.mark.parametrize("stop", EDGES)
def test_ranges_at_the_edges_of_segments_are_exact(
    large: tuple[list[BlobStore], Digest, bytes], start: int, stop: int
) -> None:
    stores, digest, picture = large
    for store in stores:
        if start > stop:
            with pytest.raises(UsageError, match="has no bytes"):
                store.read_range(digest, "jpg", len(picture), start, stop)
        else:
            found = store.read_range(digest, "jpg", len(picture), start, stop)
            assert found == picture[start:stop]


@settings(deadline=None, max_examples=40)
@given(bounds=st.tuples(st.integers(0, 3 * SEGMENT + 1000), st.integers(0, 3 * SEGMENT + 1000)))
def test_any_range_is_exact(
    large: tuple[list[BlobStore], Digest, bytes], bounds: tuple[int, int]
) -> None:
    stores, digest, picture = large
    start, stop = sorted(bounds)
    for store in stores:
        assert store.read_range(digest, "jpg", len(picture), start, stop) == picture[start:stop]


def test_a_range_past_the_end_is_refused(
    large: tuple[list[BlobStore], Digest, bytes],
) -> None:
    stores, digest, picture = large
    for store in stores:
        for start, stop in ((-1, 5), (0, len(picture) + 1)):
            with pytest.raises(UsageError, match="has no bytes"):
                store.read_range(digest, "jpg", len(picture), start, stop)


def test_a_range_costs_its_own_segments_only(
    large: tuple[list[BlobStore], Digest, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    (store, _), digest, picture = large
    read: list[int] = []
    preadv = os.preadv

    def counted(fd: int, rooms: list[memoryview], at: int) -> int:
        read.append(preadv(fd, rooms, at))
        return read[-1]

    monkeypatch.setattr(os, "preadv", counted)
    store.read_range(digest, "jpg", len(picture), SEGMENT + 5, SEGMENT + 9)

    assert sum(read) == 32 + SEGMENT + 16


def test_damage_in_one_segment_leaves_the_ranges_of_others(tmp_path: Path) -> None:
    picture = os.urandom(2 * SEGMENT)
    folder = Folder(tmp_path)
    folder.create()
    store = BlobStore(folder, KEYS)
    digest = Digest(hashlib.sha256(picture).digest())
    store.publish([store.stage(Kind.BLOB, digest, "jpg", picture)])
    path = tmp_path / "blobs" / store.name(Kind.BLOB, digest, "jpg")
    raw = bytearray(path.read_bytes())
    raw[SEGMENT + 500] ^= 1
    path.write_bytes(raw)

    assert store.read_range(digest, "jpg", len(picture), 0, 1000) == picture[:1000]
    with pytest.raises(DamagedFile, match="segment 1"):
        store.read_range(digest, "jpg", len(picture), SEGMENT, SEGMENT + 1)
