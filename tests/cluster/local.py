"""A cluster on this computer, and what an archive comes to, to be held against another's."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dask import config
from distributed import LocalCluster, Security

from fapfav.jobs.cluster import Credentials
from fapfav.jobs.library import Archive

_COUNTED = "COVERAGE_PROCESS_CONFIG"
"""By this started processes know that they count what they cover."""

PLAIN_MEMORY = {f"distributed.worker.memory.{name}": False for name in ("target", "spill", "pause")}


@dataclass(frozen=True)
class Running:
    """A cluster that runs: its address, what opens it, and itself."""

    address: str
    credentials: Credentials
    inside: Any


@contextmanager
def two_processes(folder: Path) -> Iterator[Running]:
    """Two workers, each a process with one thread, behind TLS, that write nothing to a disk."""
    security: Any = Security.temporary()  # type: ignore[no-untyped-call]
    files = {}
    for name, pem in {
        "ca": security.tls_ca_file,
        "cert": security.tls_client_cert,
        "key": security.tls_client_key,
    }.items():
        files[name] = folder / f"{name}.pem"
        files[name].write_text(pem)
    # What workers run is counted where it runs in this process; counting slows their start.
    counted = os.environ.pop(_COUNTED, None)
    with config.set(PLAIN_MEMORY), _cluster(folder, security=security, processes=True) as cluster:
        if counted is not None:
            os.environ[_COUNTED] = counted
        yield Running(cluster.scheduler_address, Credentials(**files), cluster)


@contextmanager
def in_this_process(folder: Path) -> Iterator[Running]:
    """One worker that is a thread of this process: started, and lost, at once."""
    # Where the scheduler was closed before, closing the rest asks for it once more.
    patience = {"distributed.comm.timeouts.connect": "100ms"}
    settings = {"n_workers": 1, "processes": False, "protocol": "tcp://"}
    with config.set(patience), _cluster(folder, **settings) as cluster:
        yield Running(cluster.scheduler_address, Credentials(), cluster)


@contextmanager
def _cluster(folder: Path, **settings: Any) -> Iterator[Any]:
    given = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", **settings}
    cluster: Any = LocalCluster(  # type: ignore[no-untyped-call]
        local_directory=str(folder), host="127.0.0.1", silence_logs=50, **given
    )
    try:
        yield cluster
    finally:
        cluster.close()


class Once:
    """A `stop` that does something the n-th time it is asked, which is once a picture, and never
    says yes."""

    def __init__(self, number: int, then: Callable[[], object]) -> None:
        self.came = False
        self._left, self._then = number, then

    def __call__(self) -> bool:
        self._left -= 1
        if self._left == 0:
            self.came = True
            self._then()
        return False


def kill_a_worker(running: Running) -> int:
    """SIGKILL for one of the worker processes; the number it had."""
    pids = [nanny.pid for nanny in running.inside.workers.values()]
    os.kill(pids[0], signal.SIGKILL)
    return int(pids[0])


def holdings(archive: Archive) -> dict[str, Any]:
    """All that a read makes of pictures, without times."""
    prints = archive.prints_now(vectors=True)
    return {
        "blobs": {
            digest: (blob.width, blob.height, blob.ext, blob.size, blob.quality)
            for digest, blob in archive.blobs.items()
        },
        "bytes": {hashlib.sha256(archive.blob_bytes(digest)).digest() for digest in archive.blobs},
        "thumbnails": {digest: archive.thumbnail(digest) for digest in archive.blobs},
        "places": {
            (place.name, place.holds, place.state, place.failure and place.failure.reason)
            for place in archive.places.records()
        },
        "hashes": dict(zip(prints.digests, prints.hashes.tolist(), strict=True)),
        "pairs": {(pair.first, pair.second) for pair in archive.pairs.records()},
        "groups": {tuple(group.members) for group in archive.groups},
    }
