"""fapfav/store/rekey.py, keyring.py: keys come and go, and one way in stands at every moment."""

from __future__ import annotations

import hashlib
import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import ArchiveError, DamagedArchive, UsageError, WrongPassword
from fapfav.model import Config
from fapfav.store import disk, recovery, rekey
from fapfav.store.header import BLOCK, Header, read_header
from fapfav.store.keyring import KeyRing, open_keyring
from fapfav.store.opening import open_archive
from fapfav.store.slots import DEFAULT_COST, PASSWORD, open_slots
from tests.store.archives import COST, add_pictures, child, database, make
from tests.store.archives import PASSWORD as OLD
from tests.store.crash import Recorder, images
from tests.store.killing import kills

NEW = "another secret"


def opens(path: Path, password: str) -> bool:
    try:
        open_archive(path, password).close()
    except WrongPassword:
        return False
    return True


def change(ring: KeyRing, password: str = NEW) -> Header:
    """Another password in place of the one that opened it."""
    new = ring.password(password, COST)
    return ring.change(lambda slots: rekey.replaced(slots, ring.opened_by, new))


def change_once(path: Path) -> None:
    """What is killed: a change of the password, unless it is done already."""
    with open_keyring(path, OLD) as ring:
        change(ring)


def blocks(path: Path) -> tuple[bytes, bytes]:
    raw = database(path).read_bytes()[: 2 * BLOCK]
    return raw[:BLOCK], raw[BLOCK:]


def test_a_new_password_opens_and_the_old_one_does_not(tmp_path: Path) -> None:
    add_pictures(make(tmp_path, sealed=True), 1, 2)
    log = database(tmp_path).read_bytes()[2 * BLOCK :]
    other = open_archive(tmp_path, OLD)

    header = change(open_keyring(tmp_path, OLD))

    assert not opens(tmp_path, OLD)
    assert opens(tmp_path, NEW)
    assert header.generation == 2
    first, second = blocks(tmp_path)
    assert first == second
    assert database(tmp_path).read_bytes()[2 * BLOCK :] == log  # nothing else was touched
    other.refresh()
    add_pictures(other, 3)  # who has it open goes on
    assert len(open_archive(tmp_path, NEW).blobs) == 3


def test_costs_are_our_own_and_never_an_old_slots(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    new = ring.password(NEW)
    ring.change(lambda slots: rekey.replaced(slots, ring.opened_by, new))

    (slot,) = ring.slots()
    assert (slot.t, slot.m, slot.p) == (DEFAULT_COST.t, DEFAULT_COST.m, DEFAULT_COST.p)


def test_three_passwords_fit_and_a_fourth_is_refused_with_the_remedy(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    dear = replace(ring.password(NEW, COST), t=DEFAULT_COST.t, m=DEFAULT_COST.m, p=DEFAULT_COST.p)
    slots = tuple(replace(dear, slot_id=bytes([number]) * 8) for number in range(3))

    assert len(rekey.added(slots[:2], slots[2])) == 3
    with pytest.raises(UsageError, match=r"3 passwords there is no room.*remove one first"):
        rekey.added(slots, replace(dear, slot_id=bytes(8)))
    codes = tuple(replace(ring.recovery(bytes(32)), slot_id=os.urandom(8)) for _ in range(8))
    with pytest.raises(UsageError, match="at most 8"):
        rekey.added(codes, codes[0])


def test_the_last_key_stays(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    with pytest.raises(UsageError, match="the only key"):
        ring.change(lambda slots: rekey.removed(slots, ring.opened_by))
    assert opens(tmp_path, OLD)
    code = recovery.new_code()
    ring.change(lambda slots: rekey.added(slots, ring.recovery(code)))
    ring.change(lambda slots: rekey.removed(slots, ring.opened_by))
    with pytest.raises(WrongPassword, match="no password; use its recovery code"):
        open_archive(tmp_path, OLD)
    assert opens(tmp_path, recovery.show_code(code))


def test_a_code_opens_wherever_a_password_does_and_a_slip_is_put_right(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    shown = recovery.show_code(code := recovery.new_code())
    ring.change(lambda slots: rekey.added(slots, ring.recovery(code)))

    assert open_archive(tmp_path, shown.lower().replace("-", " ")).slip == ""
    wrong = "Z" if shown[6] != "Z" else "Y"
    archive = open_archive(tmp_path, shown[:6] + wrong + shown[7:])
    assert archive.slip == f"group 2 as {shown[5:9]}"
    assert shown not in archive.slip
    with pytest.raises(WrongPassword):
        open_archive(tmp_path, wrong * 4 + shown[4:])
    assert open_archive(tmp_path, OLD).slip == ""


def test_two_changes_at_once_both_count(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    first, second = open_keyring(tmp_path, OLD), open_keyring(tmp_path, OLD)
    one, two = first.password("one", COST), second.password("two", COST)

    first.change(lambda slots: rekey.added(slots, one))
    second.change(lambda slots: rekey.added(slots, two))

    assert all(opens(tmp_path, password) for password in (OLD, "one", "two"))
    change(first)
    with pytest.raises(UsageError, match="not there any more"):
        change(second, "third")
    assert opens(tmp_path, NEW)
    assert not opens(tmp_path, "third")


def test_many_processes_add_keys_at_once(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    code = """
from fapfav.store import rekey
from fapfav.store.keyring import open_keyring
ring = open_keyring(Path(sys.argv[1]), PASSWORD)
slot = ring.password(sys.argv[2], COST)
sys.stdin.readline()
ring.change(lambda slots: rekey.added(slots, slot))
"""
    children = [child(code, tmp_path, f"number {number}") for number in range(3)]
    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda each: each.communicate("go\n"), children))

    assert [each.returncode for each in children] == [0, 0, 0], ended
    assert len(open_keyring(tmp_path, OLD).slots()) == 4
    assert all(opens(tmp_path, f"number {number}") for number in range(3))


def test_a_torn_block_is_mended_by_the_next_writer(tmp_path: Path) -> None:
    archive = make(tmp_path, sealed=True)
    add_pictures(archive, 1)
    change(open_keyring(tmp_path, OLD))
    whole = blocks(tmp_path)[0]
    for torn in (0, BLOCK):
        with database(tmp_path).open("r+b") as file:
            file.seek(torn + 2000)
            file.write(b"torn")
        assert opens(tmp_path, NEW)
        assert blocks(tmp_path) != (whole, whole)  # reading changes nothing
        with open_archive(tmp_path, NEW).write("tag") as tx:
            tx.put(Config("value", torn))
        assert blocks(tmp_path) == (whole, whole)


def test_a_key_change_mends_first_and_never_has_one_block_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, sealed=True)
    with database(tmp_path).open("r+b") as file:
        file.write(bytes(BLOCK))  # the first is lost: the second is the only one
    write = disk.write

    def looked(fd: int, data: disk.Buffer, offset: int) -> int:
        half = write(fd, data[: max(1, len(data) // 2)], offset)
        read_header(database(tmp_path).read_bytes()[: 2 * BLOCK])  # one is whole, still
        return half

    ring = open_keyring(tmp_path, OLD)
    monkeypatch.setattr(disk, "write", looked)
    change(ring)
    monkeypatch.undo()

    assert opens(tmp_path, NEW)


def test_a_block_without_the_right_seal_is_never_copied(tmp_path: Path) -> None:
    archive = make(tmp_path, sealed=True)
    forged = bytearray(blocks(tmp_path)[0])
    forged[16:24] = (9).to_bytes(8)  # a later generation
    forged[4064:] = hashlib.sha256(forged[:4064]).digest()
    with database(tmp_path).open("r+b") as file:
        file.seek(BLOCK)
        file.write(forged)
    before = blocks(tmp_path)

    with pytest.raises(DamagedArchive, match="changed by someone"), archive.write("tag") as tx:
        tx.put(Config("value", 1))

    assert blocks(tmp_path) == before


def test_killed_at_every_touch_the_old_or_the_new_password_opens(tmp_path: Path) -> None:
    archive = make(tmp_path / "archive", sealed=True)
    add_pictures(archive, 1)
    archive.close()

    killed = kills(f"{__name__}:change_once", archive.path, tmp_path / "killed", everywhere=True)

    assert len(killed) >= 4
    for path in killed.values():
        old, new = opens(path, OLD), opens(path, NEW)
        assert old is not new
        if old:
            change_once(path)
        assert opens(path, NEW)
        with open_archive(path, NEW) as after:
            assert len(after.blobs) == 1
            with after.write("tag") as tx:
                tx.put(Config("value", 1))
        first, second = blocks(path)
        assert first == second


def test_every_image_that_a_power_cut_leaves_opens_with_one_of_the_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, sealed=True).close()
    base = database(tmp_path).read_bytes()
    old = read_header(base[: 2 * BLOCK]).slots[0]
    ring = open_keyring(tmp_path, OLD)
    recorder = Recorder().install(monkeypatch)
    new = change(ring).slots[0]

    seen = set()
    for number, image in images(base, recorder.events, random.Random(4), each=20):
        header = read_header(image[: 2 * BLOCK])
        assert header.slots[0] in (old, new)
        seen.add(header.slots[0])
        if number == len(recorder.events):
            assert header.slots[0] == new
    assert seen == {old, new}


@pytest.mark.parametrize("failing", range(1, 5))
@pytest.mark.parametrize("what", ["write", "sync"])
def test_a_disk_that_fails_leaves_one_of_the_passwords_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, failing: int
) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    new = ring.password(NEW, COST)
    function, left = getattr(disk, what), failing

    def fail(*given: object) -> object:
        nonlocal left
        name = os.readlink(f"/proc/self/fd/{given[0]}")
        if name.endswith("imagefap.database"):
            left -= 1
            if left == 0:
                raise OSError(5, "input/output error")
        return function(*given)

    monkeypatch.setattr(disk, what, fail)
    if failing > 2:
        ring.change(lambda slots: rekey.replaced(slots, ring.opened_by, new))
    else:
        with pytest.raises(ArchiveError, match="the keys were"):
            ring.change(lambda slots: rekey.replaced(slots, ring.opened_by, new))
    monkeypatch.undo()

    assert opens(tmp_path, OLD) is not opens(tmp_path, NEW)
    if failing <= 2:
        with (
            pytest.raises(ArchiveError, match="this process writes no more"),
            ring.archive.write("tag") as tx,
        ):
            tx.put(Config("value", 1))


def test_no_ring_for_an_archive_without_keys(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(UsageError, match="is not encrypted, so it has no keys"):
        open_keyring(tmp_path, None)


def test_a_ring_shows_no_key(tmp_path: Path) -> None:
    make(tmp_path, sealed=True)
    ring = open_keyring(tmp_path, OLD)
    root = open_slots(ring.slots(), ring.archive.archive_id, 1, OLD)
    said = f"{ring!r} {vars(ring)!r} {ring.slots()!r}"
    assert root.secret.hex() not in said
    assert repr(root.secret) not in said
    assert ring.slots()[0].kind == PASSWORD
