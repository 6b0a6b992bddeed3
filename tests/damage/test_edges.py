"""What is met half done and finished meanwhile, and fields and sizes that nobody of ours writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fapfav.errors import DamagedArchive, NewerVersion
from fapfav.store import log, values
from fapfav.store.backing_log import state_of
from fapfav.store.frames import Codec, Kind
from fapfav.store.inspect import Severity, inspect
from tests.damage.attacks import REFUSED, SHOWN, in_snapshot
from tests.store.archives import add_pictures, database, make, reopened, tables
from tests.store.damaging import whole

BOTH = pytest.mark.parametrize("sealed", [False, True], ids=["plain", "sealed"])


def finishing(patch: pytest.MonkeyPatch, path: Path, rest: bytes) -> None:
    """A writer ends what it has begun just before a reader looks whether the end is torn."""
    is_torn = log.is_torn
    waiting = [rest]

    def later(fd: int, codec: Codec, begin: int, end: int | None = None) -> bool:
        with database(path).open("ab") as file:
            file.write(waiting.pop() if waiting else b"")
        return is_torn(fd, codec, begin, end)

    patch.setattr(log, "is_torn", later)


@BOTH
@pytest.mark.parametrize("kept", [0, 70])
def test_a_commit_that_comes_while_it_is_read_is_no_damage(
    sealed: bool, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = whole(sealed)
    right = tables(reopened(one.path, sealed))
    changes = {part.transaction for part in one.parts if part.kind is Kind.PART}
    last = next(p for p in one.parts if p.transaction == max(changes) and p.kind is Kind.COMMIT)
    for read in (lambda: tables(reopened(one.path, sealed)) == right, lambda: state_of(one.folder)):
        one.write(one.raw[: last.begin + kept])
        finishing(monkeypatch, one.path, one.raw[last.begin + kept :])
        assert read()
        assert database(one.path).read_bytes() == one.raw


@BOTH
def test_what_is_appended_while_it_is_inspected_is_left_to_the_next_time(sealed: bool) -> None:
    one = whole(sealed)
    last = one.parts[-1]
    one.write(one.raw[: last.begin + 70])

    def finish(at: int) -> None:
        if at == last.begin:
            one.write(one.raw)

    found = inspect(one.folder, one.keys, finish)

    assert [finding.severity for finding in found.findings] == [Severity.TORN]
    assert inspect(one.folder, one.keys).findings == ()


def test_a_field_of_a_later_program_in_the_snapshots_end_is_refused(tmp_path: Path) -> None:
    make(tmp_path).close()
    in_snapshot(tmp_path, False, Kind.END, values.encode({"rows": {}, "more": 1}))

    with pytest.raises(NewerVersion):
        reopened(tmp_path)


def test_embeddings_of_a_space_of_billions_take_no_room(tmp_path: Path) -> None:
    add_pictures(make(tmp_path), 1)
    SHOWN["a space of billions"](tmp_path, False)

    with pytest.raises(DamagedArchive, match="two widths"):
        reopened(tmp_path).vectors("cnn")


def test_a_database_of_holes_is_passed_over(tmp_path: Path) -> None:
    add_pictures(make(tmp_path), 1)
    size = database(tmp_path).stat().st_size
    SHOWN["a hole"](tmp_path, False)
    archive = reopened(tmp_path)
    with archive.write("tag") as tx:
        assert tx.next_tag()

    (torn,) = (tmp_path / "quarantine").iterdir()
    assert torn.stat().st_size <= 1 << 20
    assert size < database(tmp_path).stat().st_size < size + 4096
    REFUSED["a hole and a change"](tmp_path, False)
    with pytest.raises(DamagedArchive):
        reopened(tmp_path)
    assert os.stat(database(tmp_path)).st_size > 2**40
