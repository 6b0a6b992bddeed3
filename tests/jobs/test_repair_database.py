"""fapfav/jobs/repair.py and regaining.py: the database, and rows that follow from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from fapfav.jobs.removal import remove_picture
from fapfav.jobs.repair import repair
from fapfav.jobs.verify import verify
from fapfav.model import AlbumKey, PlaceState
from tests.jobs.broken import Broken, flip
from tests.jobs.repairing import quarantined, repaired
from tests.store.archives import tables


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
def broken(tmp_path: Path, request: pytest.FixtureRequest) -> Broken:
    return Broken(tmp_path, request.param)


def test_a_damaged_database_is_saved_and_its_files_follow(broken: Broken) -> None:
    with broken.opened() as archive:
        size = archive.database_size
        remove_picture(archive, broken.digests[0].hex())
        remove_picture(archive, broken.digests[1].hex())
    damaged = broken.path / "imagefap.database"
    flip(damaged, size + 100)
    raw = damaged.read_bytes()

    report = repair(broken.unlocked)

    assert report.saved is not None
    assert (broken.path / report.saved.kept).read_bytes() == raw
    assert any("nothing is left" in wrong for wrong, _ in report.failed)
    assert verify(broken.unlocked).is_whole
    assert repair(broken.unlocked).is_clean
    with broken.opened() as archive:
        assert broken.digests[0] in archive.blobs
        assert broken.digests[1] in archive.trash
        assert archive.blob_bytes(broken.digests[0])
        archive.undo(max(n for n, c in archive.changes.items() if c.verb == "remove picture"))


def test_rows_that_are_lost_are_made_anew_from_files(broken: Broken) -> None:
    with broken.opened() as archive:
        before = tables(archive, "changes", "undo", "configs", "fresh")
        with archive.change("break") as change, change.transaction() as tx:
            for digest in broken.digests[:3]:
                tx.delete("blobs", digest)
                for print_ in [p for p in tx.prints.records() if p.digest == digest]:
                    tx.delete("prints", (print_.space, digest))

    report = repaired(broken)

    assert tuple({how for wrong, how in report.repairs if "row of picture" in wrong}) == (
        "its row was made anew from its file",
    )
    with broken.opened() as archive:
        after = tables(archive, "changes", "undo", "configs", "fresh")
    for kept in ("places", "prints", "tagged", "albums"):
        assert after[kept] == before[kept]
    times = slice(0, -2)
    assert {k: row[times] for k, row in after["blobs"].items()} == {
        k: row[times] for k, row in before["blobs"].items()
    }


def test_a_place_whose_picture_is_nowhere_counts_as_failed_and_is_read_again(
    broken: Broken,
) -> None:
    lost = broken.digests[0]
    with broken.opened() as archive, archive.write("break") as tx:
        tx.delete("blobs", lost)
    broken.blob(0).unlink()

    report = repair(broken.unlocked)

    assert any("it counts as failed" in how for _, how in report.repairs)
    with broken.opened() as archive:
        (place,) = [p for p in archive.places.records() if p.served == lost]
        assert (place.state, place.holds) == (PlaceState.FAILED, None)
    assert verify(broken.unlocked).is_whole


def test_a_picture_that_is_at_no_place_gets_one(broken: Broken) -> None:
    with broken.opened() as archive, archive.write("break") as tx:
        for place in list(tx.places.records()):
            tx.delete("places", place.key)

    repaired(broken)

    with broken.opened() as archive:
        held = {p.holds for p in archive.places.records() if p.album == "recovered"}
        assert held == set(broken.digests)
        assert archive.albums[AlbumKey("local", "1", "recovered")].name == "recovered by repair"


def test_hashes_that_are_lost_are_made_anew(broken: Broken) -> None:
    with broken.opened() as archive:
        before = list(archive.prints.records())
        with archive.write("break") as tx:
            for print_ in before:
                tx.delete("prints", (print_.space, print_.digest))

    repaired(broken)

    with broken.opened() as archive:
        here = {print_ for print_ in before if print_.digest in archive.blobs}
        assert set(archive.prints.records()) == here


def test_a_torn_end_and_worn_headers_are_put_right(broken: Broken) -> None:
    database = broken.path / "imagefap.database"
    flip(database, 100)
    flip(database, 8192 + 20)
    with database.open("ab") as file:
        file.write(b"\xf5FRM and no more")

    report = repaired(broken)

    assert len(report.repairs) == 3
    assert list(quarantined(broken).values()) == [b"\xf5FRM and no more"]
