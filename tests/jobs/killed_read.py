"""A read that kills itself at its N-th touch of the disk: run as a child by test_kill.py.

Reads a folder, or with an address a user of the practice site that answers there.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fapfav.jobs import engine
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.read import ReadReport, Settings, read
from fapfav.sources.http import open_session
from fapfav.sources.imagefap import RULES, Imagefap
from fapfav.store import disk
from tests.support import PASSWORD, read_folder

TOUCHES = ("write", "sync", "cut", "create", "rename", "unlink", "mkdir")


def counted(function: Callable[..., Any], left: list[int], half: bool) -> Callable[..., Any]:
    """The function, which kills this process when its turn is the last that is left."""

    def touch(*args: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            if half and function is WRITE and len(args[1]) > 1:
                WRITE(args[0], args[1][: len(args[1]) // 2], args[2])
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args)

    return touch


WRITE = disk.write


def read_user(archive: Archive, address: str) -> ReadReport:
    """Reads the practice user; one that the archive knows is not asked for."""
    known = tuple(archive.users.records())
    with open_session(RULES, base=address, pace=(0, 0)) as web:
        source = Imagefap(web, known)
        accounts = known or (source.account("alice"),)
        return read(archive, source, Settings(ModelInUse(), accounts=accounts))


def main() -> None:
    """Reads into an archive; `kill` 0 lets it live and prints how often it touched the disk."""
    archive_path, origin, kill = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    # Commits come by pictures alone: on a slow computer at the same moments as on a quick one.
    engine.BATCH_SECONDS = float("inf")
    engine.BATCH_PICTURES = 4 if origin.startswith("http:") else 16
    left = [kill]
    for name in TOUCHES:
        setattr(disk, name, counted(getattr(disk, name), left, half=kill % 2 == 0))
    with open_archive(archive_path, PASSWORD) as archive:
        from_site = origin.startswith("http:")
        report = read_user(archive, origin) if from_site else read_folder(archive, Path(origin))
    print(-left[0], report.saved, report.known)


if __name__ == "__main__":
    main()
