"""fapfav/store/header.py: two blocks, of which the better counts, if nobody changed it."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import ArchiveError, DamagedArchive, NewerVersion
from fapfav.store.header import (
    BLOCK,
    PLAIN,
    SEALED,
    Header,
    better_block,
    pack_header,
    read_header,
    verify_header,
)
from fapfav.store.keys import ArchiveKeys, RootKey
from fapfav.store.slots import Cost, password_slot, recovery_slot

ARCHIVE = b"archive id 16 by"
ROOT = RootKey(bytes(range(32)))
KEYS = ArchiveKeys(ROOT, ARCHIVE)
SLOTS = (
    password_slot(ROOT, ARCHIVE, SEALED, "correct horse", Cost(1, 32, 4)),
    recovery_slot(ROOT, ARCHIVE, SEALED, bytes(32)),
)
HEADER = Header(SEALED, 7, ARCHIVE, SLOTS)
BARE = Header(PLAIN, 1, ARCHIVE, ())
OLD, NEW = pack_header(HEADER, KEYS), pack_header(replace(HEADER, generation=8), KEYS)
UNSEALED = pack_header(BARE, None)
# One byte of every field, and the last of each.
PLACES = [0, 7, 8, 9, 10, 11, 15, 16, 23, 24, 39, 40, 63, 64, 68, 191, 192, 320, 1087, 1088, 4031]
PLACES += [4032, 4063, 4064, 4095]


def signed(block: bytes | bytearray) -> bytes:
    """The block with the checksum that anyone can compute."""
    return bytes(block[:4064]) + hashlib.sha256(block[:4064]).digest()


def changed(block: bytes, at: int, to: int | None = None) -> bytes:
    bent = bytearray(block)
    bent[at] = bent[at] ^ 1 if to is None else to
    return bytes(bent)


def test_a_sealed_block_is_laid_out_as_written_down() -> None:
    mac = hmac.digest(KEYS.header, OLD[:4032], "sha256")

    assert len(OLD) == BLOCK == 4096
    assert OLD[:64] == b"FAPFAVDB" + struct.pack(">HB5xQ", 1, 1, 7) + ARCHIVE + bytes(24)
    assert OLD[64:320] == SLOTS[0].pack() + SLOTS[1].pack()
    assert OLD[320:4032] == bytes(3712)
    assert OLD[4032:4064] == mac
    assert OLD[4064:] == hashlib.sha256(OLD[:4064]).digest()


def test_a_plain_block_carries_no_seal() -> None:
    assert UNSEALED[10] == 0
    assert UNSEALED[64:4064] == bytes(4000)
    assert read_header(UNSEALED * 2) == BARE
    verify_header(read_header(UNSEALED * 2), None)


def test_reading_undoes_packing() -> None:
    header = read_header(OLD * 2)

    assert header == HEADER
    verify_header(header, KEYS)


@pytest.mark.parametrize("blocks", [OLD + NEW, NEW + OLD], ids=["new second", "new first"])
def test_the_higher_generation_counts(blocks: bytes) -> None:
    assert read_header(blocks).generation == 8


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("block", [OLD, UNSEALED], ids=["sealed", "plain"])
def test_a_flipped_bit_in_either_block_is_survived_and_in_both_is_noticed(
    block: bytes, at: int
) -> None:
    bent = changed(block, at)

    assert read_header(bent + block).raw == block
    assert read_header(block + bent).raw == block
    with pytest.raises((DamagedArchive, NewerVersion)):
        read_header(bent + bent)


@pytest.mark.parametrize("at", [at for at in PLACES if at < 4064])
def test_a_change_that_carries_a_right_checksum_is_refused_under_the_key(at: int) -> None:
    bent = signed(changed(OLD, at))

    with pytest.raises((DamagedArchive, NewerVersion)):
        verify_header(read_header(bent * 2), KEYS)


@settings(deadline=None)
@given(st.binary(max_size=9000))
def test_no_bytes_at_all_give_anything_but_a_header_or_an_error(raw: bytes) -> None:
    with pytest.raises(ArchiveError):
        read_header(raw)


@settings(deadline=None)
@given(st.integers(0, 4031), st.binary(min_size=1, max_size=200))
def test_any_bytes_in_a_signed_block_give_a_header_or_an_error(at: int, noise: bytes) -> None:
    bent = bytearray(OLD)
    bent[at : at + len(noise)] = noise
    block = signed(bent[:BLOCK])
    try:
        header = read_header(block + block)
    except ArchiveError:
        return
    if block != OLD:
        with pytest.raises(DamagedArchive, match="changed"):
            verify_header(header, KEYS)


def test_another_archives_slots_are_noticed_though_one_of_them_opens() -> None:
    forged = pack_header(HEADER, ArchiveKeys(RootKey(bytes(32)), ARCHIVE))

    with pytest.raises(DamagedArchive, match="header was changed"):
        verify_header(read_header(forged * 2), KEYS)


def test_a_sealed_header_is_no_plain_one_and_the_other_way_round() -> None:
    for header, keys in ((read_header(OLD), None), (read_header(UNSEALED), KEYS)):
        with pytest.raises(DamagedArchive, match="changed"):
            verify_header(header, keys)


@pytest.mark.parametrize("version", [2, 256, 65535])
def test_a_later_version_is_refused_before_anything_else_is_read(version: int) -> None:
    raw = b"FAPFAVDB" + struct.pack(">H", version) + b"\xff" * 4086

    for blocks in (raw + raw, signed(raw) + OLD, OLD + signed(raw), raw[:100]):
        with pytest.raises(NewerVersion, match=f"version {version}"):
            read_header(blocks)


def test_version_nought_is_damage() -> None:
    with pytest.raises(DamagedArchive, match="damaged"):
        read_header(signed(changed(OLD, 9, 0)) * 2)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9000), "no database"),
        (bytes(8192), "no database"),
        (OLD[:20], "inside its header, after 20 bytes"),
        (OLD[:4095], "inside its header, after 4095 bytes"),
        (changed(OLD, 100) + OLD[:4000], "damaged, its copy too"),
    ],
    ids=["empty", "picture", "zeros", "20 bytes", "4095 bytes", "second short"],
)
def test_what_is_no_database_is_told_from_a_damaged_one(raw: bytes, words: str) -> None:
    with pytest.raises(DamagedArchive, match=words):
        read_header(raw)


def test_the_first_block_alone_is_enough() -> None:
    assert read_header(OLD) == HEADER
    assert read_header(OLD + NEW[:4095]) == HEADER


@pytest.mark.parametrize(
    ("blocks", "offsets"),
    [
        (OLD + OLD, ()),
        (OLD + NEW, (0,)),
        (NEW + OLD, (4096,)),
        (changed(OLD, 50) + OLD, (0,)),
        (OLD + changed(NEW, 50), (4096,)),
        (OLD, (4096,)),
    ],
)
def test_the_next_writer_learns_which_block_to_copy(
    blocks: bytes, offsets: tuple[int, ...]
) -> None:
    block, stale = better_block(blocks)
    repaired = bytearray(blocks.ljust(2 * BLOCK, b"\0"))
    for offset in stale:
        repaired[offset : offset + BLOCK] = block

    assert stale == offsets
    assert better_block(bytes(repaired)) == (block, ())


@pytest.mark.parametrize("at", [11, 15, 40, 63, 1088, 4031])
def test_reserved_bytes_are_refused_even_when_signed(at: int) -> None:
    with pytest.raises(DamagedArchive, match="reserved"):
        read_header(signed(changed(OLD, at)) * 2)


def test_a_header_that_contradicts_itself_is_refused() -> None:
    for block, words in (
        (changed(OLD, 10, 2), "unknown cipher 2"),
        (changed(OLD, 10, 0), "slots"),
        (changed(UNSEALED, 10, 1), "slots"),
        (changed(UNSEALED, 4040, 1), "carries a seal"),
    ):
        with pytest.raises(DamagedArchive, match=words):
            read_header(signed(block) * 2)


@pytest.mark.parametrize(
    ("header", "keys"),
    [
        (HEADER, None),
        (BARE, KEYS),
        (replace(HEADER, slots=()), KEYS),
        (replace(BARE, slots=SLOTS), None),
        (replace(HEADER, slots=SLOTS[:1] * 9), KEYS),
        (replace(HEADER, slots=(replace(SLOTS[0], t=3, m=65_536),) * 4), KEYS),
        (replace(HEADER, cipher=2), KEYS),
        (replace(HEADER, archive_id=b"another id 16 by"), KEYS),
        (replace(HEADER, archive_id=b"short"), KEYS),
    ],
)
def test_what_no_reader_would_accept_is_never_packed(
    header: Header, keys: ArchiveKeys | None
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pack_header(header, keys)


def test_eight_slots_fit() -> None:
    full = replace(HEADER, slots=(SLOTS[1],) * 8)

    assert read_header(pack_header(full, KEYS)) == full
