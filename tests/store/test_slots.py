"""fapfav/store/slots.py: a slot opens with its secret in its archive, at a bounded price."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fapfav.errors import DamagedArchive, UsageError, WrongPassword
from fapfav.store.keys import RootKey
from fapfav.store.recovery import new_code, show_code
from fapfav.store.slots import (
    DEFAULT_COST,
    SLOT_SIZE,
    Cost,
    Slot,
    cost_problem,
    open_slots,
    open_with_recovery,
    password_slot,
    recovery_slot,
)

ROOT = RootKey(bytes(range(32)))
ARCHIVE = b"archive id 16 by"
CHEAP = Cost(1, 32, 4)
SLOT = password_slot(ROOT, ARCHIVE, 1, "correct horse", CHEAP)
CODE = bytes(range(100, 132))
RECOVERY = recovery_slot(ROOT, ARCHIVE, 1, CODE)


def unpacked(raw: bytes | bytearray) -> list[Slot]:
    """The slot in these bytes, if any."""
    slot = Slot.unpack(bytes(raw))
    return [] if slot is None else [slot]


def test_a_password_slot_is_argon2id_and_aes_gcm_over_its_first_40_bytes() -> None:
    raw = SLOT.pack()
    t, m, p = struct.unpack_from(">III", raw, 4)
    key = Argon2id(salt=raw[24:40], length=32, iterations=t, lanes=p, memory_cost=m)
    bound = b"fapfav/1/slot" + ARCHIVE + b"\x01" + raw[:40]

    root = AESGCM(key.derive(b"correct horse")).decrypt(bytes(12), raw[40:88], bound)

    assert (raw[0], t, m, p) == (1, 1, 32, 4)
    assert (len(raw), raw[1:4], raw[88:]) == (128, bytes(3), bytes(40))
    assert root == bytes(range(32))


def test_a_recovery_slot_is_hkdf_and_aes_gcm_and_states_no_cost() -> None:
    raw = RECOVERY.pack()
    key = HKDF(SHA256(), 32, raw[24:40], b"fapfav/1/recovery").derive(CODE)
    bound = b"fapfav/1/slot" + ARCHIVE + b"\x01" + raw[:40]

    assert raw[:16] == b"\x02" + bytes(15)
    assert AESGCM(key).decrypt(bytes(12), raw[40:88], bound) == bytes(range(32))


def test_the_cost_written_is_the_second_choice_of_rfc_9106() -> None:
    assert Cost(3, 65_536, 4) == DEFAULT_COST


@pytest.mark.parametrize("slot", [SLOT, RECOVERY], ids=["password", "recovery"])
def test_unpacking_undoes_packing(slot: Slot) -> None:
    assert Slot.unpack(slot.pack()) == slot


def test_every_slot_has_a_salt_an_id_and_so_a_box_of_its_own() -> None:
    other = password_slot(ROOT, ARCHIVE, 1, "correct horse", CHEAP)

    assert other.salt != SLOT.salt
    assert other.slot_id != SLOT.slot_id
    assert other.box != SLOT.box


def test_any_password_of_several_opens() -> None:
    slots = [SLOT, RECOVERY, password_slot(ROOT, ARCHIVE, 1, "z\u00fcrich", CHEAP)]

    assert open_slots(slots, ARCHIVE, 1, "correct horse") == ROOT
    assert open_slots(slots, ARCHIVE, 1, "zu\u0308rich") == ROOT


def test_a_wrong_password_opens_nothing() -> None:
    with pytest.raises(WrongPassword, match="wrong password"):
        open_slots([SLOT], ARCHIVE, 1, "correct horse ")


def test_without_a_password_slot_the_recovery_code_is_named() -> None:
    with pytest.raises(WrongPassword, match="recovery code"):
        open_slots([RECOVERY], ARCHIVE, 1, "correct horse")


def test_a_slot_opens_in_its_own_archive_and_cipher_only() -> None:
    for archive, cipher in ((b"another id 16 by", 1), (ARCHIVE, 0)):
        with pytest.raises(WrongPassword):
            open_slots([SLOT], archive, cipher, "correct horse")


@pytest.mark.parametrize("at", range(88))
def test_no_byte_of_a_slot_changes_unnoticed(at: int) -> None:
    raw = bytearray(SLOT.pack())
    raw[at] ^= 1

    with pytest.raises((WrongPassword, DamagedArchive)):
        open_slots(unpacked(raw), ARCHIVE, 1, "correct horse")


@pytest.mark.parametrize("at", [1, 2, 3, *range(88, 128)])
def test_reserved_bytes_are_refused(at: int) -> None:
    raw = bytearray(SLOT.pack())
    raw[at] = 1

    with pytest.raises(DamagedArchive, match="reserved"):
        Slot.unpack(bytes(raw))


@pytest.mark.parametrize("at", [1, 20, 127])
def test_an_empty_slot_holds_nothing(at: int) -> None:
    assert Slot.unpack(bytes(SLOT_SIZE)) is None
    raw = bytearray(SLOT_SIZE)
    raw[at] = 1
    with pytest.raises(DamagedArchive, match="not empty"):
        Slot.unpack(bytes(raw))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(DamagedArchive, match="unknown kind 3"):
        Slot.unpack(b"\x03" + SLOT.pack()[1:])


@pytest.mark.parametrize("field", ["t", "m", "p"])
@pytest.mark.parametrize("value", [0, 2**31, 2**32 - 1])
def test_a_cost_out_of_bounds_is_refused_before_it_is_paid(
    field: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = {"t": 1, "m": 32, "p": 4} | {field: value}
    dear = replace(SLOT, t=cost["t"], m=cost["m"], p=cost["p"])
    paid: list[object] = []
    monkeypatch.setattr("fapfav.store.slots.Argon2id", lambda **cost: paid.append(cost))

    with pytest.raises(DamagedArchive, match="not to be trusted"):
        open_slots([SLOT, dear], ARCHIVE, 1, "correct horse")

    assert paid == []


@pytest.mark.parametrize(
    ("cost", "allowed"),
    [
        (Cost(16, 64, 8), True),
        (Cost(17, 64, 8), False),
        (Cost(1, 63, 8), False),
        (Cost(1, 72, 9), False),
        (Cost(2, 262_144, 4), True),
        (Cost(2, 262_145, 4), False),
        (Cost(3, 262_144, 4), False),
        (DEFAULT_COST, True),
    ],
)
def test_costs_are_allowed_up_to_their_limits(cost: Cost, allowed: bool) -> None:
    slot = replace(SLOT, t=cost.t, m=cost.m, p=cost.p)

    assert (cost_problem([slot]) is None) == allowed


def test_three_passwords_of_our_cost_are_allowed_and_not_a_fourth() -> None:
    ours = replace(SLOT, t=DEFAULT_COST.t, m=DEFAULT_COST.m, p=DEFAULT_COST.p)

    assert cost_problem([ours] * 3 + [RECOVERY] * 5) is None
    assert "786432 KiB passes" in str(cost_problem([ours] * 4))


def test_a_recovery_slot_that_states_a_cost_is_refused() -> None:
    assert cost_problem([replace(RECOVERY, m=8)]) == "a recovery slot states a cost"


def test_a_slot_that_nobody_would_read_is_not_written() -> None:
    with pytest.raises(UsageError, match="no such password slot"):
        password_slot(ROOT, ARCHIVE, 1, "correct horse", Cost(17, 64, 8))
    with pytest.raises(UsageError, match="empty"):
        password_slot(ROOT, ARCHIVE, 1, "", CHEAP)
    with pytest.raises(ValueError, match="32 bytes"):
        recovery_slot(ROOT, ARCHIVE, 1, b"short")


def test_a_recovery_code_opens_and_says_nothing_was_corrected() -> None:
    slots = [SLOT, recovery_slot(ROOT, ARCHIVE, 1, new_code()), RECOVERY]

    assert open_with_recovery(slots, ARCHIVE, 1, show_code(CODE)) == (ROOT, None)


def test_a_slip_in_a_recovery_code_is_corrected_and_shown() -> None:
    shown = show_code(CODE)
    typed = ("Z" if shown[0] != "Z" else "Y") + shown[1:]

    assert open_with_recovery([RECOVERY], ARCHIVE, 1, typed) == (ROOT, shown)


def test_the_recovery_code_of_another_archive_opens_nothing() -> None:
    with pytest.raises(WrongPassword, match="another archive"):
        open_with_recovery([SLOT, RECOVERY], ARCHIVE, 1, show_code(new_code()))
    with pytest.raises(WrongPassword, match="no recovery code"):
        open_with_recovery([SLOT], ARCHIVE, 1, show_code(CODE))


SHORT_OF_MEMORY = """
import resource, sys
from fapfav.errors import ArchiveError
from fapfav.store.slots import Slot, open_slots
slot = Slot.unpack(bytes.fromhex(sys.argv[1]))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**27, used + 2**27))
try:
    open_slots([slot], b"archive id 16 by", 1, "correct horse")
except ArchiveError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def test_too_little_memory_for_a_password_is_not_a_wrong_password() -> None:
    dear = replace(SLOT, t=1, m=262_144, p=1)
    ended = subprocess.run(
        [sys.executable, "-c", SHORT_OF_MEMORY, dear.pack().hex()],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stderr.startswith("ArchiveError: the password cannot be tried: it takes 256 MiB")


def test_threads_try_passwords_at_once() -> None:
    slots = [password_slot(ROOT, ARCHIVE, 1, "correct horse", Cost(1, 4096, 4))]
    with ThreadPoolExecutor(4) as pool:
        tries = pool.map(lambda _: open_slots(slots, ARCHIVE, 1, "correct horse"), range(12))

        assert all(root == ROOT for root in tries)


def test_a_slot_shows_neither_salt_nor_box() -> None:
    assert SLOT.box.hex() not in repr(SLOT)
    assert "box" not in repr(SLOT)
