"""A read that stops itself once a batch's files have their names and no row yet: run as a child."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from fapfav.jobs import engine
from fapfav.jobs.library import open_archive
from fapfav.store.blobs import BlobStore
from fapfav.store.folder import Staged
from tests.support import PASSWORD, read_folder

PUBLISH = BlobStore.publish


def publish(self: BlobStore, staged: Iterable[Staged]) -> None:
    """As ever, and then stops this process until it is told to go on."""
    PUBLISH(self, staged)
    os.kill(os.getpid(), signal.SIGSTOP)


def main() -> None:
    """Reads a folder into an archive; prints how many it kept, and how many not."""
    BlobStore.publish = publish  # type: ignore[method-assign]
    # All it reads is one batch, however slow this computer is: it is told to go on only once.
    engine.BATCH_SECONDS = float("inf")
    with open_archive(Path(sys.argv[1]), PASSWORD if sys.argv[3] else None) as archive:
        report = read_folder(archive, Path(sys.argv[2]))
    print(report.saved, sum("taken away" in line for line in report.warnings))


if __name__ == "__main__":
    main()
