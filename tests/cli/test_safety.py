"""`process.py verify` and `process.py repair`, as a user runs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import Home
from tests.support import planted

DIR = Path("Downloads") / "imagefap"


@pytest.fixture
def archive(filled: Home) -> Path:
    return filled.path / DIR


def names(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def test_a_whole_archive_is_said_to_be_whole(filled: Home) -> None:
    done = filled.run("process", "verify")

    assert done.code == 0
    assert "everything is whole" in done.out.splitlines()
    assert "pictures: 4; 8 files" in done.out
    assert "checking files: 4 of 4" in done.err
    assert filled.run("process", "verify", "--fast", "--json").object["whole"] is True
    repair = filled.run("process", "repair")
    assert (repair.code, "there is nothing to repair" in repair.out) == (0, True)


def test_what_is_wrong_is_named_planned_and_repaired(
    filled: Home, archive: Path, pictures: Path
) -> None:
    lost, damaged = names(archive / "blobs")[:2]
    lost.unlink()
    flip(damaged, 100)
    names(archive / "thumbs")[2].unlink()
    planted(archive / "blobs" / "nobody")

    found = filled.run("process", "verify")
    assert found.code == 1
    assert lost.stem in found.out
    assert "4 things are wrong; `process.py repair` says what can be done" in found.err
    assert filled.run("process", "verify", "--json").object["problems"][0]["problem"] == "missing"

    plan = filled.run("process", "repair", "--plan", "--local", pictures)
    assert plan.code == 1
    assert "    -> it is fetched again from local" in plan.out
    assert "nothing was changed; `process.py repair --apply` does it" in plan.out
    assert not lost.exists()

    done = filled.run("process", "repair", "--apply", "--local", pictures)
    assert done.code == 0, done.err
    assert "    corrected: fetched again" in done.out
    assert "corrected: 4; failed: 0" in done.out
    assert filled.run("process", "verify").code == 0
    assert "repair: 4 things corrected" in filled.run("process", "log").out

    again = filled.run("process", "repair", "--apply", "--json")
    assert (again.code, again.object["change"], again.object["repairs"]) == (0, 0, [])


def test_what_cannot_be_repaired_is_said_with_what_to_do(filled: Home, archive: Path) -> None:
    names(archive / "blobs")[0].unlink()

    plan = filled.run("process", "repair", "--no-fetch")
    assert "cannot be repaired: 1; a backup may have it" in plan.out

    done = filled.run("process", "repair", "--apply", "--no-fetch")
    assert done.code == 1
    assert "failed: no source that is asked has it" in done.out
    assert "1 thing could not be repaired; a backup may have it" in done.err


def test_a_damaged_database_is_verified_planned_and_saved(filled: Home, archive: Path) -> None:
    database = archive / "imagefap.database"
    at = database.stat().st_size
    filled.run("process", "tag", "add", "One")
    filled.run("process", "tag", "add", "Two")
    flip(database, at + 100)
    assert filled.run("process", "stats").code == 3

    found = filled.run("process", "verify")
    assert found.code == 1
    assert "the database is damaged: `process.py repair` shows what can be saved" in found.out

    plan = filled.run("process", "repair")
    assert plan.code == 1
    assert "what is left is written anew; the old file is kept beside it" in plan.out

    done = filled.run("process", "repair", "--apply")
    assert done.code == 1
    assert "nothing is left" in done.out
    assert "the damaged one is kept as imagefap.database.damaged-1" in done.out
    assert filled.run("process", "verify").code == 0
    tags = filled.run("process", "tag", "list").out
    assert "Two" in tags
    assert "One" not in tags


def test_what_cannot_even_be_looked_at_is_refused(filled: Home, archive: Path) -> None:
    database = archive / "imagefap.database"
    flip(database, 100)
    flip(database, 4196)
    for verb in ("verify", "repair"):
        done = filled.run("process", verb)
        assert done.code == 3
        assert "backup" in done.err
        assert "Traceback" not in done.err
    os.unlink(database)
    assert filled.run("process", "verify").code == 3


def test_plan_and_apply_exclude_each_other(filled: Home) -> None:
    assert filled.run("process", "repair", "--plan", "--apply").code == 2


def test_names_from_outside_cannot_move_the_cursor(filled: Home, archive: Path) -> None:
    planted(archive / "blobs" / "\x1b[2Jnobody")

    done = filled.run("process", "verify")

    assert "\x1b" not in done.out + done.err
    assert filled.run("process", "repair", "--apply").code == 0
    assert filled.run("process", "verify").code == 0
