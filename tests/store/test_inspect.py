"""fapfav/store/inspect.py: everything that is wrong is named, with its place and how bad it is."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from fapfav.errors import DamagedArchive
from fapfav.model import Config
from fapfav.store import values
from fapfav.store.database import read_chunk
from fapfav.store.frames import FIRST_FRAME, MAX_BODY, Kind
from fapfav.store.inspect import Inspection, Severity, inspect
from fapfav.store.opening import unlock_again
from tests.store.archives import add_pictures, add_vectors, make, reopened
from tests.store.damaging import Sample, whole

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


@pytest.fixture(params=[False, True], ids=["plain", "sealed"])
def one(request: pytest.FixtureRequest) -> Sample:
    return whole(request.param)


def look(one: Sample, raw: bytes) -> Inspection:
    one.write(raw)
    return inspect(one.folder, one.keys)


def flipped(raw: bytes, *offsets: int) -> bytes:
    changed = bytearray(raw)
    for offset in offsets:
        changed[offset] ^= 1
    return bytes(changed)


def test_a_whole_database_has_no_findings(one: Sample) -> None:
    found = inspect(one.folder, one.keys)

    assert (found.findings, found.missing) == ((), ())
    assert not found.is_damaged
    assert found.bytes == len(one.raw)
    assert found.transactions == sum(part.kind is Kind.COMMIT for part in one.parts)
    assert found.last == one.parts[-1].sequence


def test_every_damaged_frame_is_named_and_not_only_the_first(one: Sample) -> None:
    damaged = one.parts[3:-1:4]

    found = look(one, flipped(one.raw, *(part.begin + 70 for part in damaged)))

    named = [(f.offset, f.sequence, f.severity) for f in found.findings if f.offset != FIRST_FRAME]
    assert named == [(part.begin, part.sequence, Severity.DAMAGE) for part in damaged]
    assert found.missing == tuple((part.sequence, part.sequence) for part in damaged)


@pytest.mark.parametrize("kind", [Kind.VECTORS, Kind.UNDO])
def test_bodies_that_opening_skips_are_read_as_well(one: Sample, kind: Kind) -> None:
    part = next(part for part in one.parts if part.kind is kind)
    raw = flipped(one.raw, (part.begin + part.end) // 2)
    one.write(raw)
    reopened(one.path, one.keys is not None)

    found = inspect(one.folder, one.keys)

    assert [(f.offset, f.sequence) for f in found.findings] == [(part.begin, part.sequence)]
    assert found.is_damaged


def test_rows_that_a_snapshot_counts_and_does_not_hold_are_counted(one: Sample) -> None:
    part = next(p for p in one.parts if p.kind is Kind.TABLE and b"md5" in p.payload)

    found = look(one, flipped(one.raw, part.begin + 80))

    _, rows = read_chunk(values.decode(part.payload))
    assert found.lacking == {"blobs": len(rows)}
    words = f"does not hold the rows it counts: {len(rows)} of blobs"
    assert any(words in str(finding) for finding in found.findings)


def test_a_header_that_stands_once_is_worn_and_not_damaged(one: Sample) -> None:
    for at in (100, 4096 + 100, 8192 + 20, 8192 + 2000, 12288 + 20):
        found = look(one, flipped(one.raw, at))

        assert [finding.severity for finding in found.findings] == [Severity.WORN]
        assert found.findings[0].offset == at // 4096 * 4096
        assert not found.is_damaged


def test_without_any_header_nothing_can_be_looked_at(one: Sample) -> None:
    for copies in ((100, 4196), (8192 + 20, 12288 + 20)):
        with pytest.raises(DamagedArchive, match="backup"):
            look(one, flipped(one.raw, *copies))


def test_an_unfinished_end_is_torn_and_what_follows_damage_is_not(one: Sample) -> None:
    last = one.parts[-1]
    for end in (last.begin + 1, last.begin + 70, last.end - 1):
        (finding,) = look(one, one.raw[:end]).findings
        assert (finding.offset, finding.severity) == (last.begin, Severity.TORN)

    # Two commits that are bad: more than one writer who was killed leaves.
    commits = [part for part in one.parts if part.kind is Kind.COMMIT][-2:]
    found = look(one, flipped(one.raw, *(part.begin + 70 for part in commits)))
    assert {finding.severity for finding in found.findings} == {Severity.DAMAGE}


def test_frames_at_wrong_places_are_named(one: Sample) -> None:
    a, b = one.parts[-4], one.parts[-3]
    first, second = one.raw[a.begin : a.end], one.raw[b.begin : b.end]
    swapped = one.raw[: a.begin] + second + first + one.raw[b.end :]

    reasons = [finding.reason for finding in look(one, swapped).findings]

    assert reasons[:2] == [
        f"frames {a.sequence} to {a.sequence} are missing",
        "a frame stands twice, or at a wrong place",
    ]
    doubled = look(one, one.raw + one.raw[b.begin : b.end])
    assert doubled.is_damaged


@BOTH
def test_what_others_append_is_no_finding(tmp_path: Path, sealed: bool) -> None:
    archive = make(tmp_path, sealed)
    add_pictures(archive, 1, 2)
    unlocked = unlock_again(tmp_path, archive.handover())
    with archive.write("read") as tx:
        add_vectors(tx, {1: (1, 2, 3, 4)})
    archive.compact()
    with archive.write("tag") as tx:
        tx.put(Config("value", 1))

    assert inspect(unlocked.folder, unlocked.keys).findings == ()


def test_a_file_of_headers_that_each_claim_much_is_given_up_soon() -> None:
    one = whole(sealed=False)
    part = one.parts[-1]
    core = bytearray(one.raw[part.begin : part.begin + 60])
    core[8:12] = MAX_BODY.to_bytes(4, "big")
    head = core + zlib.crc32(core).to_bytes(4, "big")
    raw = one.raw[: part.begin] + head * 50_000  # each would have three megabytes be hashed

    found = look(one, raw)

    assert found.is_damaged
    assert any("too much in it looks like a frame" in str(finding) for finding in found.findings)
