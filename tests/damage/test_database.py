"""Every region of a database harmed in every way: refused or right, named, and saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from fapfav.store.frames import FIRST_FRAME, Kind
from tests.damage.judging import is_older_state, judge, saved, states
from tests.damage.regions import (
    BLOCK,
    Region,
    cuts,
    every_region,
    frames_of_every_kind,
    harmed,
    kinds_there,
    of_frame,
    of_header,
    of_log_header,
    replaced,
    some_of,
    whole_parts,
)
from tests.store.archives import database, reopened
from tests.store.damaging import Sample, parts_of, sample, whole

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def test_the_regions_leave_nothing_out() -> None:
    one = whole(sealed=True)

    assert kinds_there(one) == set(Kind)
    for block in (0, 1):
        assert covered(of_header(block)) == set(range(block * BLOCK, (block + 1) * BLOCK))
        log = range((2 + block) * BLOCK, (3 + block) * BLOCK)
        assert covered(of_log_header(block)) == set(log)
    for part in frames_of_every_kind(one):
        assert covered(of_frame(part)) == set(range(part.begin, part.end))


def covered(regions: Iterator[Region]) -> set[int]:
    return {at for region in regions for at in range(region.begin, region.end)}


@BOTH
def test_a_harmed_region_is_refused_or_harmless_and_named(sealed: bool) -> None:
    one = whole(sealed)
    for number, region in enumerate(every_region(one)):
        for way, raw in harmed(one.raw, region, some_of(number)):
            try:
                judge(one, sealed, raw)
            except BaseException as error:
                error.add_note(f"{region}: {way}")
                raise


@BOTH
def test_both_copies_harmed_alike_are_refused(sealed: bool) -> None:
    one = whole(sealed)
    pairs = [
        *zip(of_header(0), of_header(1), strict=True),
        *zip(of_log_header(0), of_log_header(1), strict=True),
    ]
    for first, second in pairs:
        for (way, raw), (_, other) in zip(
            harmed(one.raw, first), harmed(one.raw, second), strict=True
        ):
            if len(raw) != len(one.raw):
                continue
            both = raw[: second.begin] + other[second.begin :]

            found = judge(one, sealed, both)

            assert (found is None) == ("rest" not in first.name or "log" not in first.name), way


@BOTH
def test_what_is_intact_beside_a_harmed_region_is_saved(sealed: bool) -> None:
    one = whole(sealed)
    for part in frames_of_every_kind(one):
        for region in list(of_frame(part))[::2]:
            _, raw = next(harmed(one.raw, region))
            saved(one, sealed, raw)
    for region in (*of_header(0), *of_log_header(1)):
        saved(one, sealed, replaced(one.raw, region, bytes(region.end - region.begin)))


@BOTH
def test_wherever_a_file_ends_it_is_an_older_state_or_refused(sealed: bool) -> None:
    one = whole(sealed)
    older = 0
    for end in cuts(one):
        found = judge(one, sealed, one.raw[:end])

        older += is_older_state(one, sealed, one.raw[:end])
        assert (found is not None and not found.is_damaged) == (end >= states(sealed)[0].end), end
    assert older == len(states(sealed)) - 1


@BOTH
def test_parts_that_change_places_are_noticed(sealed: bool) -> None:
    one = whole(sealed)
    for a, b in combinations(whole_parts(one), 2):
        if (a.begin < FIRST_FRAME) != (b.begin < FIRST_FRAME):
            continue
        first, second = one.raw[a.begin : a.end], one.raw[b.begin : b.end]
        judge(one, sealed, replaced(replaced(one.raw, b, first), a, second))


@BOTH
def test_frames_that_stand_twice_are_noticed_and_cost_nothing(sealed: bool) -> None:
    one = whole(sealed)
    for part in frames_of_every_kind(one):
        again = one.raw[part.begin : part.end]
        for at in (FIRST_FRAME, part.end, one.parts[-1].begin, len(one.raw)):
            raw = one.raw[:at] + again + one.raw[at:]
            judge(one, sealed, raw)
            saved(one, sealed, raw)


def others(one: Sample, other: Sample) -> Iterator[bytes]:
    """The one file with each part of the other in the place of its own, and behind its end."""
    theirs = {part.kind: part for part in reversed(other.parts)}
    for part in frames_of_every_kind(one):
        frame = theirs.get(part.kind, other.parts[-1])
        by = other.raw[frame.begin : frame.end]
        yield replaced(one.raw, Region("", part.begin, part.end), by)
        yield replaced(one.raw, Region("", part.end, part.end), by)
        yield one.raw + by
    for region in whole_parts(one)[:4]:
        yield replaced(one.raw, region, other.raw[region.begin : region.end])
    for size in (BLOCK, 2 * BLOCK, 3 * BLOCK, FIRST_FRAME):
        yield other.raw[:size] + one.raw[size:]
    yield one.raw[: 2 * BLOCK] + other.raw[2 * BLOCK : FIRST_FRAME] + one.raw[FIRST_FRAME:]
    for slot in (0, 1):
        for field in (Region("all", 0, 128), Region("box", 40, 88), Region("salt", 24, 40)):
            raw = one.raw
            for block in (0, BLOCK):
                there = field.moved(block + 64 + 128 * slot, "")
                raw = replaced(raw, there, other.raw[there.begin : there.end])
            if raw != one.raw:
                yield raw


@BOTH
def test_nothing_of_another_archive_is_believed(tmp_path: Path, sealed: bool) -> None:
    one, other = whole(sealed), sample(tmp_path, sealed)
    for raw in others(one, other):
        judge(one, sealed, raw)


@BOTH
def test_nothing_of_another_log_of_the_same_archive_is_believed(sealed: bool) -> None:
    one = whole(sealed)
    for raw in others(one, compacted(sealed)):
        judge(one, sealed, raw)


@BOTH
def test_another_logs_header_before_the_right_one_is_damage_that_is_saved(sealed: bool) -> None:
    one, other = whole(sealed), compacted(sealed)
    first = slice(2 * BLOCK, 3 * BLOCK)
    raw = one.raw[: first.start] + other.raw[first] + one.raw[first.stop :]

    found = judge(one, sealed, raw)

    assert found is not None
    assert [str(f) for f in found.findings] == [
        "the database at byte 8192: the header of another log stands here"
    ]
    saved(one, sealed, raw)


def compacted(sealed: bool) -> Sample:
    """The same archive with the log that a compaction gave it, and a change behind that."""
    one = whole(sealed)
    archive = reopened(one.path, sealed)
    archive.compact()
    one_more = one.parts[-1]
    with archive.write("tag") as tx:
        tx.delete("configs", "step 1")
    raw = database(one.path).read_bytes()
    parts = parts_of(one.path, archive.archive_id, one.keys)
    one.write(one.raw)
    assert one_more.sequence < parts[-1].sequence
    return replace(one, raw=raw, parts=parts)
