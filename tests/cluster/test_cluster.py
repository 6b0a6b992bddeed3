"""fapfav/jobs/cluster.py: the same archive, whether two processes made its prints or this one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fapfav.duplicates.hamming import near_values
from fapfav.errors import BadPicture, UsageError
from fapfav.jobs.cluster import cluster
from fapfav.jobs.cluster_executor import ClusterExecutor, Terms
from fapfav.jobs.elsewhere import Elsewhere
from fapfav.jobs.fingerprint import fingerprint
from fapfav.jobs.fitness import own_versions
from fapfav.jobs.handed_search import near_values_by
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.parcels import ElsewhereError, Undone
from fapfav.jobs.read import Settings, read
from fapfav.sources.local import LocalFolder
from tests.cluster.local import Once, Running, holdings, kill_a_worker, two_processes
from tests.cluster.test_handed_search import as_set
from tests.support import album, encoded, landscape, new_archive, read_folder

PICTURES = 40
FILES = PICTURES + 5 + 2


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with two_processes(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(autouse=True)
def _two_workers(running: Running) -> None:
    """A test may have ended one, and another takes its place in a while."""
    running.inside.wait_for_workers(2, timeout=60)


@pytest.fixture
def executor(running: Running) -> Iterator[ClusterExecutor]:
    with cluster(running.address, running.credentials, sealed=True) as connected:
        yield connected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hills, some twice over, and two files that are no pictures."""
    album(tmp_path / "pictures" / "hills", PICTURES)
    for number in range(5):
        copy = encoded(landscape(number), "JPEG", quality=70)
        (tmp_path / "pictures" / f"copy-{number}.jpg").write_bytes(copy)
    (tmp_path / "pictures" / "page.jpg").write_bytes(b"<!DOCTYPE html><title>gone</title>")
    (tmp_path / "pictures" / "torn.jpg").write_bytes(copy[: len(copy) // 8])
    return tmp_path / "pictures"


def test_a_read_with_a_worker_killed_half_way_is_the_read_of_this_computer(
    tmp_path: Path, folder: Path, running: Running, executor: ClusterExecutor
) -> None:
    # Asked once for each picture that is handed out, and once for each that came.
    kill = Once(FILES + PICTURES // 2, lambda: kill_a_worker(running))
    with new_archive(tmp_path / "here") as here:
        read_folder(here, folder)
        wanted = holdings(here)
    with new_archive(tmp_path / "there") as there:
        source = LocalFolder(folder)
        far = read(there, source, Settings(ModelInUse(), elsewhere=executor), stop=kill)
        found = holdings(there)

    assert kill.came
    assert (far.saved, far.failed) == (PICTURES + 5, 2)
    assert found == wanted
    assert wanted["pairs"]


def test_prints_made_anew_there_are_those_of_here(
    tmp_path: Path, folder: Path, executor: ClusterExecutor
) -> None:
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, folder)
        wanted = holdings(archive)

        report = fingerprint(archive, Elsewhere(ModelInUse(), executor), missing=False)

        assert (report.done, report.failed) == (PICTURES + 5, 0)
        assert holdings(archive) == wanted


def test_a_search_over_arrays_is_handed_out_as_well(executor: ClusterExecutor) -> None:
    rng = np.random.default_rng(5)
    some = rng.integers(0, 2**63, 300, dtype=np.uint64)
    values = np.concatenate([some, some[:100] ^ np.uint64(5)])
    fresh = rng.random(values.size) < 0.5

    found = near_values_by(executor, values, 4, fresh)

    wanted = as_set(near_values(values, 4, fresh))
    assert as_set(found) == wanted
    assert len(wanted) >= 50


def refuse(reason: str) -> None:
    raise BadPicture(reason)


def test_our_own_errors_come_back_as_they_were(executor: ClusterExecutor) -> None:
    with pytest.raises(BadPicture, match="no picture at all"):
        executor.submit(refuse, "no picture at all").result()


def test_other_errors_say_their_kind(executor: ClusterExecutor) -> None:
    with pytest.raises(ElsewhereError, match="unexpected error: ZeroDivisionError"):
        executor.submit(divmod, 1, 0).result()


def test_a_worker_that_would_make_other_prints_is_refused_at_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = replace(own_versions(), Pillow="99.1")
    monkeypatch.setattr("fapfav.jobs.cluster.own_versions", lambda: newer)

    with (
        pytest.raises(UsageError, match=r"Pillow is .* there and 99.1 here"),
        cluster(running.address, running.credentials, sealed=True),
    ):
        pass


def test_and_one_that_joins_later_by_its_first_answer(executor: ClusterExecutor) -> None:
    executor._terms = Terms(replace(own_versions(), numpy="99.1"), sealed=True)

    with pytest.raises(ElsewhereError, match=r"numpy is .* there and 99.1 here"):
        executor.submit(max, 1, 2).result()


def spill(share: float | bool, dask_worker: object) -> None:
    dask_worker.memory_manager.memory_spill_fraction = share  # type: ignore[attr-defined]


def test_a_worker_that_may_spill_gets_nothing_of_an_encrypted_archive(
    running: Running, executor: ClusterExecutor
) -> None:
    executor._client.run(spill, 0.7)
    try:
        with pytest.raises(ElsewhereError, match=r"memory\.spill is 0.7"):
            executor.submit(max, 1, 2).result()
        with (
            pytest.raises(UsageError, match="SPILL=False"),
            cluster(running.address, running.credentials, sealed=True),
        ):
            pass
        with cluster(running.address, running.credentials, sealed=False) as plain:
            assert plain.submit(max, 1, 2).result() == 2
    finally:
        executor._client.run(spill, False)


def test_who_has_no_certificate_of_the_cluster_gets_no_answer(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fapfav.jobs.cluster.CONNECT_SECONDS", 0.5)
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    credentials = replace(running.credentials, cert=wrong)

    with (
        pytest.raises(ElsewhereError, match="no cluster answers at tls://"),
        cluster(running.address, credentials, sealed=True),
    ):
        pass


def test_what_is_under_way_when_the_cluster_is_left_is_dropped(
    running: Running, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with cluster(running.address, running.credentials, sealed=True) as executor:
        waiting = executor.submit(Path.read_bytes, pipe)
        writer = pipe.open("wb")  # not before the worker reads, which it does until this is closed

    with pytest.raises(CancelledError):
        waiting.result(10)
    writer.close()


def test_work_that_ends_each_worker_is_given_up(
    running: Running, executor: ClusterExecutor
) -> None:
    running.inside.scheduler.allowed_failures = 0
    try:
        with pytest.raises(Undone, match="ended before it was done"):
            executor.submit(os._exit, 1).result()
    finally:
        running.inside.scheduler.allowed_failures = 3
