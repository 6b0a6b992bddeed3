"""Holds an archive's lock until it is told to let go: run as a child by test_disks.py."""

from __future__ import annotations

import sys
from pathlib import Path

from fapfav.store.folder import Folder
from fapfav.store.lock import ArchiveLock


def main() -> None:
    """Says a line once it holds the lock, then waits for one."""
    with ArchiveLock(Folder(Path(sys.argv[1]))).hold("tag apply"):
        print("held", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main()
