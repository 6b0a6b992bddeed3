"""A cluster that goes away half-way: what came is kept, and the next run goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.cluster import cluster
from fapfav.jobs.cluster_executor import ClusterExecutor
from fapfav.jobs.elsewhere import Elsewhere
from fapfav.jobs.fingerprint import fingerprint, lacking
from fapfav.jobs.library import Archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.parcels import ElsewhereError
from fapfav.jobs.read import Settings, read
from fapfav.sources.local import LocalFolder
from tests.cluster.local import Once, Running, in_this_process
from tests.support import album, new_archive, read_folder

PICTURES = 60
EARLY = 5


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr("fapfav.jobs.cluster_executor.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("fapfav.jobs.cluster.CONNECT_SECONDS", 5.0)
    with in_this_process(tmp_path / "cluster") as started:
        yield started


@pytest.fixture
def executor(running: Running) -> Iterator[ClusterExecutor]:
    with cluster(running.address, running.credentials, sealed=False, patience=0.0) as connected:
        yield connected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "pictures", PICTURES)
    return tmp_path / "pictures"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as opened:
        yield opened


def close_scheduler(running: Running) -> None:
    """It goes without a word to its workers."""
    running.inside.sync(running.inside.scheduler.close)


def test_a_read_whose_scheduler_goes_keeps_what_came_and_goes_on(
    archive: Archive, folder: Path, running: Running, executor: ClusterExecutor
) -> None:
    gone = Once(PICTURES + EARLY, lambda: close_scheduler(running))
    settings = Settings(ModelInUse(), elsewhere=executor)

    with pytest.raises(ElsewhereError, match="scheduler is lost; what was done is kept") as caught:
        read(archive, LocalFolder(folder), settings, stop=gone)

    kept = len(archive.blobs)
    assert EARLY - 1 <= kept < PICTURES
    assert caught.value.exit_code == 1
    assert read_folder(archive, folder).saved == PICTURES - kept


def test_prints_whose_scheduler_goes_are_kept_and_gone_on_with(
    archive: Archive, folder: Path, running: Running, executor: ClusterExecutor
) -> None:
    read_folder(archive, folder)
    with archive.change("test", by="test") as change, change.transaction() as tx:
        tx.delete("prints", *list(tx.prints))
    elsewhere = Elsewhere(ModelInUse(), executor)
    gone = Once(2 * elsewhere.at_once + EARLY, lambda: close_scheduler(running))
    assert len(lacking(archive, ModelInUse(), missing=True)) == PICTURES

    with pytest.raises(ElsewhereError):
        fingerprint(archive, elsewhere, stop=gone)

    left = len(lacking(archive, ModelInUse(), missing=True))
    assert 0 < left <= PICTURES - EARLY + 1
    assert fingerprint(archive, ModelInUse()).done == left


def test_without_a_worker_nobody_waits_for_ever(
    running: Running, executor: ClusterExecutor
) -> None:
    running.inside.sync(running.inside.scheduler.retire_workers, close_workers=True)

    with pytest.raises(ElsewhereError, match="no worker any more"):
        executor.submit(max, 1, 2).result(20)
    with pytest.raises(ElsewhereError, match="no worker any more"):
        executor.submit(max, 1, 2)
