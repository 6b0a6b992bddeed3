"""fapfav/store/frames.py: a frame opens as it was sealed, or not at all."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import DamagedArchive
from fapfav.store import frames
from fapfav.store.frames import BadFrame, Codec, Kind, LogHeader
from fapfav.store.keys import ArchiveKeys, new_root
from fapfav.store.padding import padme

ARCHIVE = bytes(range(16))
LOG = LogHeader(b"l" * 16, 5, b"t" * 16)
KEYS = ArchiveKeys(new_root(), ARCHIVE)
SEALED = Codec(ARCHIVE, LOG, KEYS.log_keys(LOG.log_id))
PLAIN = Codec(ARCHIVE, LOG, None)
CODECS = pytest.mark.parametrize("codec", [SEALED, PLAIN], ids=["sealed", "plain"])
PAYLOAD = b"a payload that packs well " * 20


def opened(codec: Codec, raw: bytes) -> bytes:
    head = frames.read_header(raw[: frames.HEADER])
    return codec.open(head, raw[frames.HEADER : head.size])


@CODECS
@given(payload=st.binary(max_size=3000) | st.binary(max_size=30).map(lambda raw: raw * 100))
@settings(deadline=None, max_examples=60)
def test_a_frame_opens_as_it_was_sealed(codec: Codec, payload: bytes) -> None:
    raw = codec.seal(Kind.COMMIT, 7, b"p" * 16, payload)
    head = frames.read_header(raw[: frames.HEADER])

    assert (head.kind, head.sequence, head.previous) == (Kind.COMMIT, 7, b"p" * 16)
    assert head.size == len(raw)
    assert opened(codec, raw) == payload


@CODECS
def test_every_flipped_bit_of_a_frame_is_noticed(codec: Codec) -> None:
    raw = codec.seal(Kind.PART, 7, b"p" * 16, PAYLOAD)
    for at in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[at // 8] ^= 1 << (at % 8)
        with pytest.raises(BadFrame):
            opened(codec, bytes(flipped))


@CODECS
def test_a_header_made_right_again_after_a_change_is_still_noticed(codec: Codec) -> None:
    raw = codec.seal(Kind.PART, 7, b"p" * 16, PAYLOAD)
    for at in (4, 5, 23, 24, 40):
        forged = bytearray(raw)
        forged[at] ^= 1
        forged[60:64] = struct.pack(">I", zlib.crc32(forged[:60]))
        with pytest.raises(BadFrame):
            opened(codec, bytes(forged))


@CODECS
def test_a_frame_of_another_log_or_archive_does_not_open(codec: Codec) -> None:
    raw = codec.seal(Kind.PART, 7, b"p" * 16, PAYLOAD)
    other_log = replace(codec, header=LogHeader(b"m" * 16, 5, b"t" * 16))
    other_archive = replace(codec, archive_id=bytes(16))
    for other in (other_log, other_archive):
        with pytest.raises(BadFrame):
            opened(other, raw)


def test_sealed_frames_show_neither_payload_nor_exact_length() -> None:
    sizes = {len(SEALED.seal(Kind.COMMIT, 1, bytes(16), os.urandom(n))) for n in range(0, 480, 7)}

    assert sizes == {frames.HEADER + padme(512) + frames.TAG}
    assert b"payload" not in SEALED.seal(Kind.VECTORS, 1, bytes(16), PAYLOAD)


def test_a_nonce_is_new_for_every_message_even_without_randomness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    nonces = set()
    for sequence in (1, 2):
        for previous in (bytes(16), b"p" * 16):
            for payload in (b"a", b"b"):
                raw = SEALED.seal(Kind.COMMIT, sequence, previous, payload)
                nonces.add(raw[40:52])
    assert len(nonces) == 8


def body_frame(plain_length: int, packed: bytes, packing: int) -> bytes:
    """A plain frame that a program of ours would never write."""
    body = struct.pack(">II", len(packed), plain_length) + packed
    core = frames._first_part(Kind.COMMIT, packing, len(body), 1, bytes(16)) + bytes(20)
    head = core + struct.pack(">I", zlib.crc32(core))
    return head + body + PLAIN._plain_tag(core, body)


ZEROS = zstandard.ZstdCompressor().compress(bytes(300_000_000))


@pytest.mark.parametrize(
    "raw",
    [
        body_frame(1000, ZEROS, 1),
        body_frame(300_000_000, ZEROS, 1),
        body_frame(10, b"12345678901", 0),
        body_frame(5, zstandard.compress(b"12345") + zstandard.compress(b"67890"), 1),
        body_frame(5, zstandard.compress(b"12345") + b"x", 1),
        body_frame(6, zstandard.compress(b"12345"), 1),
        body_frame(5, b"no zstd at all", 1),
        body_frame(2**32 - 1, zstandard.compress(b"12345"), 1),
    ],
    ids=["small", "bomb", "lengths", "two frames", "rest", "longer", "noise", "huge"],
)
def test_a_body_that_does_not_unpack_as_stated_is_refused(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        opened(PLAIN, raw)


def test_more_than_sixteen_mebibytes_are_not_sealed() -> None:
    with pytest.raises(ValueError, match="16 MiB"):
        SEALED.seal(Kind.PART, 1, bytes(16), bytes(frames.MAX_PLAIN + 1))


def test_the_log_header_is_read_from_either_copy() -> None:
    good = LOG.pack()
    bad = good[:30] + b"x" + good[31:]

    assert frames.read_log_header((good, bad)) == LOG
    assert frames.read_log_header((bad, good)) == LOG
    with pytest.raises(DamagedArchive):
        frames.read_log_header((bad, b""))
