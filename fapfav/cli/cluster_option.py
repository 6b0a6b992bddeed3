"""`--cluster`: pictures are examined by the workers of a Dask cluster as well as read here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fapfav.cli.options import Command, path_option
from fapfav.errors import UsageError

if TYPE_CHECKING:
    from fapfav.jobs.cluster_executor import ClusterExecutor


@dataclass(frozen=True, slots=True)
class AskedCluster:
    """What was typed: the scheduler's address, and the files of `tls://`."""

    address: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def cluster_options(function: Command) -> Command:
    """`--cluster` and the three files of its certificates."""
    files = {
        "ca": "The certificate that the cluster's own are signed with, for tls://.",
        "cert": "This computer's certificate for tls://.",
        "key": "The key of that certificate.",
    }
    for name, said in reversed(files.items()):
        option = path_option(f"--cluster-{name}", metavar="FILE", help=said)
        function = option(function)
    return click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Have the work done by a Dask cluster, whose scheduler is at tcp://HOST:PORT or, "
        "which an encrypted archive takes, tls://HOST:PORT. See docs/scale.md.",
    )(function)


def asked_cluster(given: dict[str, Any]) -> AskedCluster:
    """Takes the options out of `given`. Raises UsageError for certificates without a cluster."""
    address = given.pop("cluster")
    files = {name: given.pop(f"cluster_{name}") for name in ("ca", "cert", "key")}
    if address is None and any(files.values()):
        raise UsageError("--cluster-ca, --cluster-cert and --cluster-key go with --cluster")
    return AskedCluster(address, **files)


@contextmanager
def connected(asked: AskedCluster, *, sealed: bool) -> Iterator[ClusterExecutor | None]:
    """The cluster that was asked for, or None for none; `sealed` for an encrypted archive."""
    if asked.address is None:
        yield None
        return
    from fapfav.jobs.cluster import Credentials, cluster

    files = Credentials(asked.ca, asked.cert, asked.key)
    with cluster(asked.address, files, sealed=sealed) as executor:
        yield executor
