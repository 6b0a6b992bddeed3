"""fapfav/store/log.py: what a killed writer leaves is cut and kept, all other damage refused."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from fapfav.errors import DamagedArchive
from fapfav.model import Config
from fapfav.store.archive import Archive
from fapfav.store.frames import FIRST_FRAME
from tests.store.archives import PATIENCE, child, database, digest, make, reopened, tables
from tests.store.crash import Recorder, images

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def commit(archive: Archive, value: object) -> None:
    with archive.write("tag") as tx:
        tx.put(Config("value", value))


def committed(path: Path, sealed: bool, count: int) -> list[int]:
    """An archive with that many commits; where each ends, the snapshot first."""
    archive = make(path, sealed)
    ends = [archive.database_size]
    for number in range(count):
        commit(archive, number)
        ends.append(archive.database_size)
    return ends


def quarantined(path: Path) -> list[bytes]:
    return [file.read_bytes() for file in (path / "quarantine").iterdir()]


@BOTH
def test_a_flipped_bit_costs_the_last_transaction_at_most(tmp_path: Path, sealed: bool) -> None:
    ends = committed(tmp_path, sealed, 4)
    path = database(tmp_path)
    raw = path.read_bytes()
    heads = [at + byte for at in [FIRST_FRAME, *ends[:-1]] for byte in range(64)]
    rng = random.Random(5)
    others = rng.sample(range(FIRST_FRAME, len(raw)), 60)
    for at in heads + others:
        bad = bytearray(raw)
        bad[at] ^= 1 << rng.randrange(8)
        path.write_bytes(bad)
        if at < ends[-2]:
            with pytest.raises(DamagedArchive, match="damaged at byte"):
                reopened(tmp_path, sealed)
        else:
            assert reopened(tmp_path, sealed).config("value", None) == 2


def test_damage_is_named_by_the_place_it_is_at(tmp_path: Path) -> None:
    ends = committed(tmp_path, False, 4)
    path = database(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[ends[1] + 70] ^= 1
    path.write_bytes(raw)

    with pytest.raises(DamagedArchive, match=f"damaged at byte {ends[1]}, frame 3: .*backup"):
        reopened(tmp_path)
    assert path.read_bytes() == raw
    assert quarantined(tmp_path) == []


@BOTH
def test_a_torn_end_is_ignored_by_readers_and_kept_by_writers(tmp_path: Path, sealed: bool) -> None:
    ends = committed(tmp_path, sealed, 3)
    path = database(tmp_path)
    raw = path.read_bytes()
    for size in (ends[-2] + 1, ends[-2] + 63, ends[-2] + 64, ends[-2] + 200, ends[-1] - 1):
        path.write_bytes(raw[:size])
        archive = reopened(tmp_path, sealed)
        assert archive.config("value", None) == 1
        assert path.read_bytes() == raw[:size]

        commit(archive, "after")
        assert reopened(tmp_path, sealed).config("value", None) == "after"
        assert raw[ends[-2] : size] in quarantined(tmp_path)


@BOTH
def test_two_broken_commits_are_more_than_a_killed_writer_leaves(
    tmp_path: Path, sealed: bool
) -> None:
    ends = committed(tmp_path, sealed, 4)
    raw = bytearray(database(tmp_path).read_bytes())
    for at in ends[-3:-1]:
        raw[at + 70] ^= 1
    database(tmp_path).write_bytes(raw)
    with pytest.raises(DamagedArchive, match=f"damaged at byte {ends[-3]}"):
        reopened(tmp_path, sealed)


@BOTH
def test_whatever_is_cut_off_at_a_transaction_leaves_an_older_state(
    tmp_path: Path, sealed: bool
) -> None:
    ends = committed(tmp_path, sealed, 5)
    raw = database(tmp_path).read_bytes()
    for number, end in enumerate(ends):
        database(tmp_path).write_bytes(raw[:end])
        assert reopened(tmp_path, sealed).config("value", -1) == number - 1


def test_a_file_that_ends_inside_its_snapshot_is_damaged(tmp_path: Path) -> None:
    archive = make(tmp_path)
    commit(archive, "x" * 300)
    archive.compact()
    raw = database(tmp_path).read_bytes()
    for size in range(FIRST_FRAME, len(raw), 37):
        database(tmp_path).write_bytes(raw[:size])
        with pytest.raises(DamagedArchive):
            reopened(tmp_path)


def test_frames_of_another_log_or_in_another_order_are_refused(tmp_path: Path) -> None:
    ends = committed(tmp_path, False, 4)
    path = database(tmp_path)
    raw = path.read_bytes()
    pieces = [raw[at:end] for at, end in pairwise(ends)]
    for wrong in (
        [pieces[1], pieces[0], pieces[2], pieces[3]],
        [pieces[0], pieces[0], pieces[1]],
        [pieces[0], pieces[2], pieces[3]],
    ):
        path.write_bytes(raw[: ends[0]] + b"".join(wrong))
        with pytest.raises(DamagedArchive):
            reopened(tmp_path)


def big_commit(archive: Archive, base: int) -> None:
    """A transaction of many frames: more rows than the opcodes of one allow."""
    with archive.write("tag") as tx:
        tx.put(*(Config(f"{base} {digest(n).hex()}", n) for n in range(9000)))


def test_a_power_cut_leaves_all_of_a_transaction_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    commit(archive, 1)
    big_commit(archive, 0)
    old, base = tables(archive), database(tmp_path).read_bytes()
    recorder = Recorder().install(monkeypatch)
    big_commit(archive, 1)
    events, new = recorder.events, tables(archive)
    monkeypatch.undo()

    assert [event[0] for event in events] == ["write", "sync", "write", "sync"]
    for done, image in images(base, events, random.Random(3), each=3):
        database(tmp_path).write_bytes(image)
        found = tables(reopened(tmp_path))
        assert found == new or (found == old and done < len(events))


def test_a_power_cut_after_a_killed_writer_spares_what_the_next_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make(tmp_path)
    commit(archive, 1)
    base = database(tmp_path).read_bytes()
    killed = child(
        "import os\n"
        "from fapfav.store import disk\n"
        "archive = reopened(Path(sys.argv[1]))\n"
        "with archive.write('tag') as tx:\n"
        "    tx.put(SPACE)\n"
        "    disk.sync = lambda fd: os.kill(os.getpid(), 9)\n",
        tmp_path,
    )
    killed.communicate(timeout=PATIENCE)
    assert killed.returncode == -9
    left = database(tmp_path).read_bytes()
    assert len(left) > len(base)

    recorder = Recorder([("write", len(base), left[len(base) :])]).install(monkeypatch)
    commit(archive, 2)
    monkeypatch.undo()
    new = tables(archive)
    assert archive.spaces.keys() == {"cnn"}
    for done, image in images(base, recorder.events, random.Random(4), each=12):
        database(tmp_path).write_bytes(image)
        found = reopened(tmp_path)  # opens, whatever was lost
        assert done < len(recorder.events) or tables(found) == new
