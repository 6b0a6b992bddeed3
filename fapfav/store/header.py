"""The header block: which archive this is, whether it is sealed, and its key slots.

It stands twice, so that one copy can be written while the other stands. A SHA-256 tells a torn
block from a whole one before any password is asked for; an HMAC under the root key then tells
whether somebody changed it. The HMAC also commits to one root key, which AES-GCM does not.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field

from fapfav.errors import DamagedArchive, NewerVersion
from fapfav.store.keys import ID_SIZE, ArchiveKeys
from fapfav.store.slots import SLOT_COUNT, SLOT_SIZE, Slot, cost_problem

BLOCK = 4096
MAGIC = b"FAPFAVDB"
VERSION = 1
PLAIN, SEALED = 0, 1

# magic, version, cipher, 5 reserved, generation, archive id, 24 reserved
_HEAD = struct.Struct(">8sHB5sQ16s24s")
_SLOTS_END = _HEAD.size + SLOT_COUNT * SLOT_SIZE
_MAC = BLOCK - 64
_SUM = BLOCK - 32


@dataclass(frozen=True, slots=True)
class Header:
    """What a header block says; `raw` is the block it was read from."""

    cipher: int
    generation: int
    archive_id: bytes
    slots: tuple[Slot, ...]
    raw: bytes = field(default=b"", compare=False, repr=False)


def pack_header(header: Header, keys: ArchiveKeys | None) -> bytes:
    """The block of 4,096 bytes; `keys` are None for a plain archive.

    Raises ValueError for what no reader would accept, before it can be written.
    """
    _check_writable(header, keys)
    head = _HEAD.pack(
        MAGIC, VERSION, header.cipher, bytes(5), header.generation, header.archive_id, bytes(24)
    )
    body = (head + b"".join(slot.pack() for slot in header.slots)).ljust(_MAC, b"\0")
    body += bytes(32) if keys is None else hmac.digest(keys.header, body, "sha256")
    return body + hashlib.sha256(body).digest()


def read_header(two_blocks: bytes) -> Header:
    """The header that counts, from the first 8,192 bytes of a database or what there is of them.

    Raises NewerVersion for a later program's database, DamagedArchive for anything else that is
    no whole header. Nothing in it is to be trusted before `verify_header`.
    """
    block, _ = better_block(two_blocks)
    return _parse(block)


def better_block(two_blocks: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The block that counts, and the offsets where something else stands in its place.

    Of two whole blocks the one of the higher generation counts: a change writes the second block
    first. Whoever writes next copies it to those offsets. Raises as `read_header` does.
    """
    blocks = [two_blocks[:BLOCK], two_blocks[BLOCK : 2 * BLOCK]]
    whole = [block for block in blocks if _is_whole(block)]
    # A block that is whole and of a later version settles it. A torn one may only look so, and
    # does not keep its good copy from being read.
    versions = [version for block in whole or blocks if (version := _version(block)) is not None]
    if any(version > VERSION for version in versions):
        raise NewerVersion(
            f"the database is of version {max(versions)} and this program knows up to "
            f"{VERSION}; use a later program"
        )
    whole = [block for block in whole if _version(block) == VERSION]
    if not whole:
        raise DamagedArchive(_why_none(two_blocks, blocks))
    best = max(whole, key=lambda block: _HEAD.unpack_from(block)[4])
    return best, tuple(BLOCK * at for at, block in enumerate(blocks) if block != best)


def verify_header(header: Header, keys: ArchiveKeys | None) -> None:
    """Raises DamagedArchive when the header is not the one that was written with these keys."""
    if header.cipher == PLAIN and keys is None:
        return
    if (
        keys is None
        or header.cipher == PLAIN
        or not hmac.compare_digest(keys.archive_id, header.archive_id)
        or not hmac.compare_digest(
            hmac.digest(keys.header, header.raw[:_MAC], "sha256"), header.raw[_MAC:_SUM]
        )
    ):
        raise DamagedArchive(
            "the key is right, but the header was changed by someone without it; restore a backup"
        )


def _check_writable(header: Header, keys: ArchiveKeys | None) -> None:
    if header.cipher not in (PLAIN, SEALED) or len(header.archive_id) != ID_SIZE:
        raise ValueError("a header has the cipher 0 or 1 and an id of 16 bytes")
    if (header.cipher == SEALED) != (keys is not None) or (header.cipher == SEALED) != bool(
        header.slots
    ):
        raise ValueError("a sealed archive has keys and slots, a plain one has neither")
    if keys is not None and keys.archive_id != header.archive_id:
        raise ValueError("these keys are of another archive")
    if len(header.slots) > SLOT_COUNT:
        raise ValueError(f"a header has {SLOT_COUNT} key slots, not {len(header.slots)}")
    if (problem := cost_problem(header.slots)) is not None:
        raise ValueError(f"no reader would try these slots: {problem}")


def _version(block: bytes) -> int | None:
    """The version a block states, None if it is none of ours."""
    if len(block) < _HEAD.size:
        return None
    magic, version = _HEAD.unpack_from(block)[:2]
    return int(version) if magic == MAGIC else None


def _is_whole(block: bytes) -> bool:
    return (
        len(block) == BLOCK
        and block.startswith(MAGIC)
        and hashlib.sha256(block[:_SUM]).digest() == block[_SUM:]
    )


def _why_none(two_blocks: bytes, blocks: list[bytes]) -> str:
    if not two_blocks:
        return "the database is empty; restore a backup"
    if not any(block.startswith(MAGIC) for block in blocks):
        return "the file is no database of this program; move it away, or name another folder"
    if len(two_blocks) < BLOCK:
        return (
            f"the database ends inside its header, after {len(two_blocks)} bytes; restore a backup"
        )
    return "the database's header is damaged, its copy too; restore a backup"


def _parse(block: bytes) -> Header:
    _, _, cipher, reserved, generation, archive_id, more = _HEAD.unpack_from(block)
    if any(reserved) or any(more) or any(block[_SLOTS_END:_MAC]):
        raise DamagedArchive("the header has reserved bytes set; restore a backup")
    if cipher not in (PLAIN, SEALED):
        raise DamagedArchive(f"the header names the unknown cipher {cipher}; restore a backup")
    slots = tuple(
        slot
        for at in range(_HEAD.size, _SLOTS_END, SLOT_SIZE)
        if (slot := Slot.unpack(block[at : at + SLOT_SIZE])) is not None
    )
    if (cipher == SEALED) != bool(slots):
        raise DamagedArchive("the header has slots but is plain, or has none but is sealed")
    if cipher == PLAIN and any(block[_MAC:_SUM]):
        raise DamagedArchive("the header is plain but carries a seal; restore a backup")
    return Header(cipher, generation, archive_id, slots, block)
