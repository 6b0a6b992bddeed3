"""fapfav/store/salvage.py, remains.py and scan.py: all that is intact comes back, and no more."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from fapfav.errors import ArchiveError
from fapfav.store.frames import Kind
from fapfav.store.inspect import inspect
from fapfav.store.salvage import remains_of, salvage
from fapfav.store.tables import TABLES
from tests.store.archives import reopened, tables
from tests.store.damaging import HARMS, Harm, Sample, harmed, sample, without

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


@functools.cache
def _made(sealed: bool) -> tuple[tempfile.TemporaryDirectory[str], Sample]:
    memory = Path("/dev/shm")  # each of hundreds of databases is synced
    folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
    return folder, sample(Path(folder.name), sealed)


def whole(sealed: bool) -> Sample:
    """A whole archive: always the same one, put right again."""
    one = _made(sealed)[1]
    for old in (*one.path.glob("*.damaged-*"), *(one.path / "quarantine").iterdir()):
        old.unlink()
    one.write(one.raw)
    return one


def is_older_state(kept: Sample, raw: bytes) -> bool:
    ends = {p.end for p in kept.parts if p.kind in (Kind.END, Kind.COMMIT)}
    return kept.raw.startswith(raw) and len(raw) in ends


@BOTH
@settings(max_examples=100, deadline=None)
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
