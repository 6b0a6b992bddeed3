"""Key slots: the root key, wrapped under a password or a recovery code.

The numbers in a slot come from the disk and say what opening it costs, so they are bounded, all
slots together, before the first is tried; writing never follows what an old slot says.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from fapfav.errors import ArchiveError, DamagedArchive, UsageError, WrongPassword
from fapfav.store.keys import KEY_SIZE, RootKey, hkdf, normalize_password
from fapfav.store.recovery import CODE_SIZE, difference, read_code

SLOT_SIZE = 128
SLOT_COUNT = 8

EMPTY, PASSWORD, RECOVERY = 0, 1, 2

# kind, 3 reserved, t, m, p, slot id, salt: what the box is bound to. Then box, 40 reserved.
_HEAD = struct.Struct(">B3sIII8s16s")
_BOX = slice(_HEAD.size, _HEAD.size + KEY_SIZE + 16)

_LIMIT_T, _LIMIT_M, _LIMIT_P = 16, 262_144, 8
# Three passwords of our own cost. Argon2id passes some 350 MiB a second, so a hostile header
# that uses all of this takes under two seconds.
_LIMIT_SUM = 655_360

# Fixed, because the salt is new with every wrapping: each slot key seals one message, ever.
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try of a password takes: `t` passes over `m` KiB in `p` lanes of Argon2id."""

    t: int
    m: int
    p: int


# The second recommended choice of RFC 9106, section 4.
DEFAULT_COST = Cost(3, 65_536, 4)


@dataclass(frozen=True, slots=True)
class Slot:
    """One wrapped root key: `box` is 48 bytes, never more.

    A longer box could be made to open under many passwords (Len, Grubbs, Ristenpart: "Partitioning
    Oracle Attacks", USENIX Security 2021).
    """

    kind: int
    t: int
    m: int
    p: int
    slot_id: bytes
    salt: bytes = field(repr=False)
    box: bytes = field(repr=False)

    def head(self) -> bytes:
        """The 40 bytes before the box, which it is bound to."""
        return _HEAD.pack(self.kind, bytes(3), self.t, self.m, self.p, self.slot_id, self.salt)

    def pack(self) -> bytes:
        """The slot's 128 bytes."""
        return (self.head() + self.box).ljust(SLOT_SIZE, b"\0")

    @classmethod
    def unpack(cls, raw: bytes) -> Slot | None:
        """The slot in these 128 bytes, None if it is empty.

        Raises DamagedArchive for an unknown kind or reserved bytes that are set.
        """
        kind, reserved, t, m, p, slot_id, salt = _HEAD.unpack_from(raw)
        if kind == EMPTY:
            if any(raw):
                raise DamagedArchive("the header has an empty key slot that is not empty")
            return None
        if kind not in (PASSWORD, RECOVERY):
            raise DamagedArchive(f"the header has a key slot of the unknown kind {kind}")
        if any(reserved) or any(raw[_BOX.stop :]):
            raise DamagedArchive("the header has a key slot with reserved bytes set")
        return cls(kind, t, m, p, slot_id, salt, raw[_BOX])


def cost_problem(slots: Iterable[Slot]) -> str | None:
    """Why these slots are not to be tried, None if they are; costs nothing itself."""
    total = 0
    for slot in slots:
        if slot.kind == RECOVERY:
            if slot.t or slot.m or slot.p:
                return "a recovery slot states a cost"
            continue
        if not (1 <= slot.t <= _LIMIT_T and 1 <= slot.p <= _LIMIT_P):
            return f"a password slot states {slot.t} passes in {slot.p} lanes"
        if not 8 * slot.p <= slot.m <= _LIMIT_M:
            return f"a password slot states {slot.m} KiB of memory for {slot.p} lanes"
        total += slot.t * slot.m
    if total > _LIMIT_SUM:
        return f"trying all passwords would cost {total} KiB passes, and {_LIMIT_SUM} is the limit"
    return None


def password_slot(
    root: RootKey,
    archive_id: bytes,
    cipher: int,
    password: str,
    cost: Cost = DEFAULT_COST,
) -> Slot:
    """A new slot that opens with this password; raises UsageError for a password that is none."""
    secret = normalize_password(password)
    blank = _blank(PASSWORD, cost)
    if (problem := cost_problem([blank])) is not None:
        raise UsageError(f"no such password slot is written: {problem}")
    return _wrap(blank, _password_key(blank, secret), root, archive_id, cipher)


def recovery_slot(root: RootKey, archive_id: bytes, cipher: int, code: bytes) -> Slot:
    """A new slot that opens with this recovery code of 32 random bytes."""
    if len(code) != CODE_SIZE:
        raise ValueError("a recovery code has 32 bytes")
    blank = _blank(RECOVERY, Cost(0, 0, 0))
    return _wrap(blank, _recovery_key(blank, code), root, archive_id, cipher)


@dataclass(frozen=True, slots=True)
class Opened:
    """What opened an archive: the root key, whose slot it was, and what was put right in a code."""

    root: RootKey = field(repr=False)
    slot: Slot
    slip: str = ""


def open_any(slots: Sequence[Slot], archive_id: bytes, cipher: int, text: str) -> Opened:
    """The root key, by a password or by a recovery code: whatever was typed.

    What may be a code is tried as one first, which costs next to nothing. Raises as `open_slots`.
    """
    if any(slot.kind == RECOVERY for slot in slots) and cost_problem(slots) is None:
        try:
            readings = read_code(text)
        except UsageError:
            readings = []
        for reading in readings:
            slot = _of_code(slots, archive_id, cipher, reading.code)
            if slot is not None:
                slip = difference(text, reading.shown) if reading.corrected else ""
                return Opened(slot[0], slot[1], slip)
    return _of_password(slots, archive_id, cipher, text)


def open_slots(slots: Sequence[Slot], archive_id: bytes, cipher: int, password: str) -> RootKey:
    """The root key, from the first password slot that opens.

    Raises UsageError for a password that is none, DamagedArchive when the slots' costs are out of
    bounds, WrongPassword when no slot opens.
    """
    return _of_password(slots, archive_id, cipher, password).root


def _of_password(slots: Sequence[Slot], archive_id: bytes, cipher: int, password: str) -> Opened:
    secret = normalize_password(password)
    if (problem := cost_problem(slots)) is not None:
        raise DamagedArchive(f"the header is not to be trusted: {problem}; restore a backup")
    passwords = [slot for slot in slots if slot.kind == PASSWORD]
    if not passwords:
        raise WrongPassword("this archive opens with no password; use its recovery code")
    for slot in passwords:
        if (root := _unwrap(slot, _password_key(slot, secret), archive_id, cipher)) is not None:
            return Opened(root, slot)
    raise WrongPassword("wrong password; try again, or use the recovery code if there is one")


def open_with_recovery(
    slots: Sequence[Slot], archive_id: bytes, cipher: int, text: str
) -> tuple[RootKey, str | None]:
    """The root key from a recovery code as a person typed it, and what was corrected in it if any.

    Raises UsageError when the text is no code, WrongPassword when it is one of another archive.
    """
    readings = read_code(text)
    if not any(slot.kind == RECOVERY for slot in slots):
        raise WrongPassword("this archive has no recovery code; use a password")
    for reading in readings:
        if (found := _of_code(slots, archive_id, cipher, reading.code)) is not None:
            return found[0], reading.shown if reading.corrected else None
    raise WrongPassword("this recovery code is well formed, but opens another archive or none")


def _of_code(
    slots: Sequence[Slot], archive_id: bytes, cipher: int, code: bytes
) -> tuple[RootKey, Slot] | None:
    for slot in slots:
        if slot.kind == RECOVERY:
            root = _unwrap(slot, _recovery_key(slot, code), archive_id, cipher)
            if root is not None:
                return root, slot
    return None


# OpenSSL's lanes share one pool of threads: a second derivation meanwhile fails for want of memory.
_ONE_AT_A_TIME = threading.Lock()


def _blank(kind: int, cost: Cost) -> Slot:
    return Slot(kind, cost.t, cost.m, cost.p, os.urandom(8), os.urandom(16), b"")


def _password_key(slot: Slot, secret: bytes) -> bytes:
    try:
        with _ONE_AT_A_TIME:
            return Argon2id(
                salt=slot.salt, length=KEY_SIZE, iterations=slot.t, lanes=slot.p, memory_cost=slot.m
            ).derive(secret)
    except MemoryError:
        pass
    raise ArchiveError(
        f"the password cannot be tried: it takes {slot.m // 1024} MiB of memory; close something"
    )


def _recovery_key(slot: Slot, code: bytes) -> bytes:
    return hkdf(code, slot.salt, b"fapfav/1/recovery")


def _bound(slot: Slot, archive_id: bytes, cipher: int) -> bytes:
    return b"fapfav/1/slot" + archive_id + bytes([cipher]) + slot.head()


def _wrap(slot: Slot, key: bytes, root: RootKey, archive_id: bytes, cipher: int) -> Slot:
    box = AESGCM(key).encrypt(_NONCE, root.secret, _bound(slot, archive_id, cipher))
    return replace(slot, box=box)


def _unwrap(slot: Slot, key: bytes, archive_id: bytes, cipher: int) -> RootKey | None:
    try:
        return RootKey(AESGCM(key).decrypt(_NONCE, slot.box, _bound(slot, archive_id, cipher)))
    except InvalidTag:
        return None
