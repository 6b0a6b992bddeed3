"""A plan that is killed while it is applied: every set whole or as it was, and one undo for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.resolving import undo_resolution
from tests.jobs.alike import digest, place_key
from tests.jobs.resolved import apply_all, pairs
from tests.store.archives import tables
from tests.store.killing import kills
from tests.support import PASSWORD

SETS = 3


def rows(archive: Archive) -> dict[str, Any]:
    """Everything but the log."""
    found = tables(archive, "changes", "undo")
    found["configs"].pop("next_change", None)
    return found


def resolved(archive: Archive) -> int:
    """How many sets are; of each it is all or nothing."""
    count = 0
    for kind in range(1, SETS + 1):
        parts = _parts(archive, kind)
        assert parts in ((False, False, False), (True, True, True)), f"half of set {kind}"
        count += parts[0]
    return count


def _parts(archive: Archive, kind: int) -> tuple[bool, ...]:
    """Whether a set's copy is skipped, its place moved, its keeper tagged."""
    keeper, copy = digest(10 * kind), digest(10 * kind + 1)
    moved = archive.places[place_key(10 * kind + 1, "2")].holds == keeper
    return copy in archive.choices, moved, (keeper, "user") in archive.tagged


@pytest.mark.parametrize(
    ("work", "between"), [("apply_all", set()), ("apply_by_twos", {2})], ids=["one", "several"]
)
def test_killed_every_set_is_whole_or_as_it_was_and_one_undo_takes_all_back(
    tmp_path: Path, work: str, between: set[int]
) -> None:
    made = pairs(tmp_path / "archive", SETS)
    before = rows(made.archive)
    made.archive.close()

    killed = kills(f"tests.jobs.resolved:{work}", made.archive.path, tmp_path / "killed")

    found: set[int] = set()
    for at, path in enumerate(killed.values()):
        with open_archive(path, PASSWORD) as archive:
            done = resolved(archive)
            found.add(done)
            if done and at % 2:
                assert undo_resolution(archive).conflicts == ()
            if not done or at % 2:
                assert rows(archive) == before
        if not at % 2:
            assert apply_all(path).left == ()
            with open_archive(path, PASSWORD) as archive:
                assert resolved(archive) == SETS
    assert found == {0, SETS} | between
