"""fapfav/store/salvage.py, remains.py and scan.py: all that is intact comes back, and no more."""

from __future__ import annotations

import errno
from itertools import pairwise

import pytest
from hypothesis import given, settings

from fapfav.errors import ArchiveError
from fapfav.model import Config, Tag, Tagged
from fapfav.store import disk
from fapfav.store.frames import Kind
from fapfav.store.inspect import inspect
from fapfav.store.salvage import remains_of, salvage
from fapfav.store.tables import TABLES
from tests.store.archives import database, digest, reopened, tables
from tests.store.damaging import HARMS, Harm, Part, Sample, harmed, whole, without

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def is_older_state(kept: Sample, raw: bytes) -> bool:
    ends = {p.end for p in kept.parts if p.kind in (Kind.END, Kind.COMMIT)}
    return kept.raw.startswith(raw) and len(raw) in ends


@BOTH
@settings(max_examples=60, deadline=None)
@given(harms=HARMS)
def test_whatever_happens_to_the_bytes_all_that_is_intact_comes_back(
    sealed: bool, harms: list[Harm]
) -> None:
    one = whole(sealed)
    raw = harmed(one, harms)
    one.write(raw)
    if not one.can_be_read(raw):
        with pytest.raises(ArchiveError):
            inspect(one.folder, one.keys)
        return

    found = inspect(one.folder, one.keys)

    assert bool(found.findings) == (raw != one.raw and not is_older_state(one, raw))
    left = one.left(raw)
    with remains_of(one.folder, found) as remains:
        assert without({name: remains.rows.tables[name] for name in TABLES}) == left
        assert [payload for _, payload in remains.vector_frames()] == one.vectors_left(raw)

    saved = salvage(one.folder, one.keys, one.lock)

    assert (saved is not None) == found.is_damaged
    archive = reopened(one.path, sealed)
    assert without(tables(archive)) == left
    assert saved is None or (one.path / saved.kept).read_bytes() == raw
    if found.is_damaged:
        assert inspect(one.folder, one.keys).findings == ()


def without_frame(one: Sample, part: Part) -> bytes:
    return one.raw[: part.begin] + bytes(part.end - part.begin) + one.raw[part.end :]


def of_several_frames(one: Sample) -> list[Part]:
    """The last transaction that takes several frames with rows."""
    kinds = (Kind.PART, Kind.COMMIT)
    number = max(part.transaction for part in one.parts if part.kind is Kind.PART)
    return [part for part in one.parts if part.transaction == number and part.kind in kinds]


@BOTH
def test_a_change_of_several_frames_counts_only_whole(sealed: bool) -> None:
    one = whole(sealed)
    parts = of_several_frames(one)
    assert len(parts) > 2
    for part in parts:
        raw = without_frame(one, part)
        one.write(raw)

        saved = salvage(one.folder, one.keys, one.lock)

        assert saved is not None
        assert saved.missing == ((part.sequence, part.sequence),)
        others = {other.sequence for other in parts} - {part.sequence}
        assert others <= set(saved.halves)
        assert without(tables(reopened(one.path, sealed))) == one.left(raw)


def test_a_change_after_a_lost_one_counts_though_its_beginning_might_be_lost() -> None:
    one = whole(sealed=True)
    commits = [part for part in one.parts if part.kind is Kind.COMMIT]
    for lost, after in pairwise(commits):
        if lost.transaction + 1 == after.transaction and after.begin == lost.end:
            one.write(without_frame(one, lost))
            found = inspect(one.folder, one.keys)
            with remains_of(one.folder, found) as remains:
                assert after.sequence not in {half.sequence for half in remains.halves}


@BOTH
def test_what_was_saved_can_be_undone_compacted_and_written_to(sealed: bool) -> None:
    one = whole(sealed)
    table = next(part for part in one.parts if part.kind is Kind.TABLE and b"md5" in part.payload)
    one.write(without_frame(one, table))
    salvage(one.folder, one.keys, one.lock)
    archive = reopened(one.path, sealed)
    last = max(archive.changes)

    archive.undo(last)
    archive.compact()

    assert archive.config("step 2", None) is None
    with archive.write("tag") as tx:
        tx.put(Config("value", 1))
    assert tx.number == last + 2
    assert len(archive.vectors("cnn").digests) == len(
        [number for number in range(16) if number % 2 and digest(number) in archive.blobs]
    )
    assert inspect(one.folder, one.keys).findings == ()


def test_numbers_are_not_given_twice_though_their_counter_is_lost() -> None:
    one = whole(sealed=False)
    with reopened(one.path).change("tag") as change:
        with change.transaction() as tx:
            tx.put(Tag(tx.next_tag(), "lost"))
        with change.transaction() as tx:
            tx.put(Tagged(digest(1), "user", (change.number, 70)))
    raw = database(one.path).read_bytes()
    begin = len(one.raw)
    one.write(raw[:begin] + b"\0" + raw[begin + 1 :])  # the counters are in this frame

    salvage(one.folder, one.keys, one.lock)

    archive = reopened(one.path)
    with archive.write("tag") as tx:
        assert tx.next_tag() == 71
    assert tx.number == change.number + 1


@BOTH
def test_a_salvage_that_was_broken_off_is_done_by_the_next(
    sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = whole(sealed)
    raw = without_frame(one, one.parts[-4])
    one.write(raw)
    rename = disk.rename

    def broken(name: str, new: str, dir_fd: int, new_fd: int) -> None:
        if new == "imagefap.database":
            raise OSError(errno.EIO, "broken")
        rename(name, new, dir_fd, new_fd)

    monkeypatch.setattr(disk, "rename", broken)
    with pytest.raises(ArchiveError, match="disk reports an error"):
        salvage(one.folder, one.keys, one.lock)
    monkeypatch.undo()
    assert database(one.path).read_bytes() == raw

    saved = salvage(one.folder, one.keys, one.lock)

    assert saved is not None
    assert [file.name for file in one.path.glob("*.damaged-*")] == [saved.kept]
    assert salvage(one.folder, one.keys, one.lock) is None


def test_a_frame_in_a_pictures_name_is_not_believed() -> None:
    one = whole(sealed=False)
    frame = one.raw[one.parts[-1].begin : one.parts[-1].end]
    with reopened(one.path).write("tag") as tx:
        # Authentic of another archive; and of this one, but with its first byte changed.
        tx.put(Config("name", frame[:20] + b"?" + frame[21:]))
    raw = database(one.path).read_bytes()
    at = len(one.raw)
    one.write(raw[:at] + b"\0" + raw[at + 1 :])

    found = inspect(one.folder, one.keys)

    assert {frame.sequence for frame in found.frames} == {part.sequence for part in one.parts}
    assert [finding.offset for finding in found.findings] == [at]


def test_an_end_that_was_cut_off_once_is_not_believed_beside_the_one_that_took_its_place() -> None:
    one = whole(sealed=True)
    last = one.parts[-1]
    one.write(one.raw[: last.begin])
    archive = reopened(one.path, True)
    with archive.write("tag") as tx:
        tx.put(Config("value", 1))
    with archive.write("tag") as tx:
        tx.put(Config("value", 2))
    raw = database(one.path).read_bytes()
    one.write(raw + one.raw[last.begin :])

    salvage(one.folder, one.keys, one.lock)

    assert without(tables(reopened(one.path, True))) == without(tables(archive))
