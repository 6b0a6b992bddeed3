"""fapfav/store/sealing.py: a sealed file gives back its picture, or an error that names it."""

from __future__ import annotations

import hashlib
import hmac
import os
import tracemalloc

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedFile
from fapfav.model import Digest
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.padding import padme
from fapfav.store.sealing import HEADER, SEGMENT, TAG, Kind, seal, sealed_size, unseal

KEYS = ArchiveKeys(RootKey(bytes(range(32))), b"archive id 16 by")
PICTURE = os.urandom(1000)
DIGEST = Digest(hashlib.sha256(PICTURE).digest())
OTHER = Digest(bytes(32))


def sealed(picture: bytes, kind: Kind = Kind.BLOB, digest: Digest = DIGEST) -> bytes:
    return b"".join(seal(KEYS, kind, digest, picture))


def stream_of(raw: bytes, kind: int, digest: bytes) -> bytes:
    """What was sealed, opened by the written format and nothing of ours."""
    info = b"fapfav/1/file" + raw[:8] + digest
    cipher = AESGCM(HKDF(SHA256(), 32, raw[8:32], info).derive(KEYS.blob))
    assert raw[:8] == b"FAPB" + bytes([1, kind, 0, 0])
    parts = [raw[at : at + 1_048_592] for at in range(32, len(raw), 1_048_592)]
    return b"".join(
        cipher.decrypt(at.to_bytes(11) + bytes([at == len(parts) - 1]), part, None)
        for at, part in enumerate(parts)
    )


RAW = sealed(PICTURE)
# Around every end of a segment; from the eighth on the padding fills more than what is left.
LENGTHS = [0, 1, 7, 1000, SEGMENT - 9, SEGMENT - 8, SEGMENT - 7, SEGMENT, 2 * SEGMENT - 8]
LENGTHS += [2 * SEGMENT, 17 * SEGMENT - 8 + 1, 33 * SEGMENT + 5]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_sealed_file_is_what_the_format_says(length: int) -> None:
    picture = os.urandom(length)
    raw = sealed(picture)
    stream = stream_of(raw, 1, DIGEST)

    assert len(raw) == sealed_size(length)
    assert len(stream) == padme(8 + length)
    assert stream[:8] == length.to_bytes(8)
    assert stream[8 : 8 + length] == picture
    assert not any(stream[8 + length :])
    assert unseal(KEYS, Kind.BLOB, DIGEST, raw) == picture


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=5000), st.sampled_from(Kind), st.binary(min_size=32, max_size=32))
def test_unsealing_undoes_sealing(picture: bytes, kind: Kind, digest: bytes) -> None:
    raw = sealed(picture, kind, Digest(digest))

    assert unseal(KEYS, kind, Digest(digest), raw) == picture
    assert unseal(KEYS, kind, Digest(digest), memoryview(bytearray(raw))) == picture


@pytest.mark.parametrize("at", [0, 3, 4, 5, 6, 7, 8, 31, 32, 40, 500, 1040, -17, -16, -1])
def test_flipping_a_bit_is_noticed(at: int) -> None:
    bent = bytearray(RAW)
    bent[at] ^= 1

    with pytest.raises(DamagedFile, match=DIGEST.hex()):
        unseal(KEYS, Kind.BLOB, DIGEST, bent)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 48, 55, 56, 500, len(RAW) - 1])
def test_a_cut_file_is_noticed(length: int) -> None:
    with pytest.raises(DamagedFile, match="damaged"):
        unseal(KEYS, Kind.BLOB, DIGEST, RAW[:length])


@pytest.mark.parametrize("more", [1, 16, 17, SEGMENT])
def test_bytes_after_the_end_are_noticed(more: int) -> None:
    with pytest.raises(DamagedFile, match="damaged"):
        unseal(KEYS, Kind.BLOB, DIGEST, RAW + bytes(more))


@pytest.mark.parametrize("name", ["last dropped", "first dropped", "exchanged", "doubled"])
def test_segments_stay_as_many_and_as_ordered_as_they_were(name: str) -> None:
    raw = sealed(os.urandom(3 * SEGMENT - 8))
    step = SEGMENT + TAG
    one, two, last = (raw[at : at + step] for at in range(HEADER, len(raw), step))
    bent = {
        "last dropped": one + two,
        "first dropped": two + last,
        "exchanged": two + one + last,
        "doubled": one + two + two + last,
    }[name]

    with pytest.raises(DamagedFile, match="damaged"):
        unseal(KEYS, Kind.BLOB, DIGEST, raw[:HEADER] + bent)


def test_nothing_opens_as_another_picture_kind_or_archives() -> None:
    others = ArchiveKeys(RootKey(bytes(range(32))), b"another id 16 by")
    thumb_for_blob = bytearray(sealed(PICTURE, Kind.THUMB))
    thumb_for_blob[5] = Kind.BLOB

    for keys, kind, digest, raw in (
        (KEYS, Kind.BLOB, OTHER, RAW),
        (KEYS, Kind.THUMB, DIGEST, RAW),
        (KEYS, Kind.BLOB, DIGEST, bytes(thumb_for_blob)),
        (others, Kind.BLOB, DIGEST, RAW),
    ):
        with pytest.raises(DamagedFile, match=digest.hex()):
            unseal(keys, kind, digest, raw)


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ((1000).to_bytes(8) + b"x" * 1000 + b"\0" * 15 + b"\1", "padded with something"),
        ((2**64 - 1).to_bytes(8) + b"x" * 1016, "length"),
        ((900).to_bytes(8) + b"x" * 1016, "length"),
        ((1017).to_bytes(8) + b"x" * 1016, "length"),
    ],
    ids=["padding", "huge", "short", "long"],
)
def test_a_stream_that_contradicts_itself_is_refused(stream: bytes, words: str) -> None:
    head = b"FAPB\x01\x01\0\0" + bytes(24)
    info = b"fapfav/1/file" + head[:8] + DIGEST
    cipher = AESGCM(HKDF(SHA256(), 32, bytes(24), info).derive(KEYS.blob))
    raw = head + cipher.encrypt(bytes(11) + b"\1", stream, None)

    with pytest.raises(DamagedFile, match=words):
        unseal(KEYS, Kind.BLOB, DIGEST, raw)


def test_sealing_the_same_twice_gives_other_bytes() -> None:
    one, other = sealed(PICTURE), sealed(PICTURE)

    assert one[8:32] != other[8:32]
    assert one[32:] != other[32:]


def test_a_random_generator_that_repeats_repeats_a_salt_for_the_same_content_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    salts = {
        sealed(b"one", Kind.THUMB)[8:32],
        sealed(b"two", Kind.THUMB)[8:32],
        sealed(PICTURE)[8:32],
        sealed(PICTURE, digest=OTHER)[8:32],
    }
    expected = hmac.digest(KEYS.salt, bytes(32) + b"\2" + hashlib.sha256(b"one").digest(), "sha256")

    assert len(salts) == 4
    assert expected[:24] in salts
    assert sealed(PICTURE) == sealed(PICTURE)


def test_reading_a_large_picture_takes_little_more_than_the_picture() -> None:
    raw = sealed(bytes(20 * SEGMENT))
    tracemalloc.start()
    picture = unseal(KEYS, Kind.BLOB, DIGEST, raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(picture) == 20 * SEGMENT
    assert peak < 26 * SEGMENT


def test_sealing_a_large_picture_holds_a_few_segments_at_a_time() -> None:
    picture = bytes(20 * SEGMENT)
    tracemalloc.start()
    total = sum(map(len, seal(KEYS, Kind.BLOB, DIGEST, picture)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert total == sealed_size(len(picture))
    assert peak < 5 * SEGMENT


@settings(deadline=None)
@given(st.integers(0, 2**40))
def test_sizes_on_disk_give_away_only_padded_lengths(length: int) -> None:
    assert sealed_size(length) == sealed_size(padme(8 + length) - 8)
