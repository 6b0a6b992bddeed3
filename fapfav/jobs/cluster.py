"""A Dask cluster as an executor, for work that takes more than this computer.

What goes there is a function of ours by name and what it is given: a picture's bytes, or arrays. No
key, no path and nothing else of an archive does. Before anything goes, each worker shows that it
makes the same prints as this computer; for an encrypted archive also that it is reached by TLS and
writes nothing to a disk. A worker that comes later shows it with each answer.

distributed is imported when a cluster is asked for, not before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import UsageError
from fapfav.jobs.cluster_executor import (
    MEMORY,
    PATIENCE,
    ClusterExecutor,
    Terms,
    check_addresses,
    leave,
    lost,
    shown,
)
from fapfav.jobs.fitness import differences, own_versions
from fapfav.jobs.parcels import ElsewhereError

CONNECT_SECONDS = 20.0
_HOW_NOT_TO_SPILL = (
    "start the workers with "
    + " ".join(f"DASK_DISTRIBUTED__WORKER__MEMORY__{name.upper()}=False" for name in MEMORY)
    + " in their environment"
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Files of PEM: whom we trust, who we are, and the key that shows it."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def given(self) -> list[Path]:
        """Those there are."""
        return [path for path in (self.ca, self.cert, self.key) if path is not None]


@contextmanager
def cluster(
    address: str, credentials: Credentials, *, sealed: bool, patience: float = PATIENCE
) -> Iterator[ClusterExecutor]:
    """The cluster whose scheduler is at `address`, after it was looked at.

    Raises UsageError for what cannot be meant: an address of another kind, no TLS for an encrypted
    archive, certificates that are missing, workers that are not as they have to be; and
    ElsewhereError when nobody answers.
    """
    check_request(address, credentials, sealed=sealed)
    distributed = _distributed()
    from dask import config

    # A picture is sent with the call and may be larger than most calls are.
    with config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}), _quietly():
        client = _connected(distributed, address, credentials)
        try:
            terms = Terms(own_versions(), sealed)
            check_workers(client, terms)
            executor = ClusterExecutor(client, terms, patience)
        except BaseException:
            leave(client)
            raise
        with executor:
            yield executor


def check_request(address: str, credentials: Credentials, *, sealed: bool) -> None:
    """What can be told without asking anybody. Raises UsageError."""
    kind, separator, host = address.partition("://")
    if kind not in ("tcp", "tls") or not separator or not host:
        raise UsageError(
            f"{address!r} is no address of a cluster: give its scheduler's, as in "
            "--cluster tls://computer:8786"
        )
    if sealed and kind != "tls":
        raise UsageError(
            "the pictures of an encrypted archive leave this computer by TLS only: start the "
            "cluster with certificates and give its address as tls://..."
        )
    given = credentials.given()
    if kind == "tls" and len(given) < 3:
        raise UsageError("tls:// takes --cluster-ca, --cluster-cert and --cluster-key")
    if kind == "tcp" and given:
        raise UsageError("certificates are for tls://, and this address is tcp://")
    for path in given:
        if not path.is_file():
            raise UsageError(f"there is no file {path}")


def check_workers(client: Any, terms: Terms) -> None:
    """Looks at the scheduler and each worker. Raises UsageError for the first that differs."""
    try:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        check_addresses(workers, sealed=terms.sealed)
        if not workers:
            raise UsageError("the cluster has no workers: start some first")
        found = client.run(shown, terms, on_error="return")
        there = differences(terms.versions, client.run_on_scheduler(own_versions))
    except ImportError as error:
        raise UsageError(
            f"the scheduler has no fapfav: install it there as well ({error})"
        ) from error
    except OSError as error:
        raise lost() from error
    if there:
        raise UsageError(f"the scheduler is another: {there}")
    for address, unfit in sorted(found.items()):
        if isinstance(unfit, ImportError | AttributeError):
            raise UsageError(f"the worker {address} has no fapfav, or another one: {unfit}")
        if isinstance(unfit, BaseException):
            raise ElsewhereError(f"the worker {address} cannot be asked: {unfit}") from unfit
        if unfit:
            hint = f"; {_HOW_NOT_TO_SPILL}" if "disk" in unfit else ""
            raise UsageError(f"the worker {address} is refused: {unfit}{hint}")


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            f"work on a cluster takes the package distributed ({error}); "
            "`pip install 'fapfav[cluster]'` provides it"
        ) from error
    return distributed


def _connected(distributed: Any, address: str, credentials: Credentials) -> Any:
    security = None
    if address.startswith("tls://"):
        security = distributed.Security(
            require_encryption=True,
            tls_ca_file=str(credentials.ca),
            tls_client_cert=str(credentials.cert),
            tls_client_key=str(credentials.key),
        )
    try:
        return distributed.Client(
            address,
            security=security,
            timeout=CONNECT_SECONDS,
            set_as_default=False,
            direct_to_workers=False,
            name="fapfav",
        )
    except (OSError, TimeoutError, ValueError) as error:  # of certificates, too
        raise ElsewhereError(f"no cluster answers at {address}: {error}") from error


@contextmanager
def _quietly() -> Iterator[None]:
    """Without distributed's own lines about connections: what matters of it is said as an error."""
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)
