"""A command that stops itself in the midst of its work: run as a child.

    python -m tests.together.halted_command WORDS...

A read stops where it holds the lock, a verify in the thread that looks at its first file.
"""

from __future__ import annotations

import os
import signal
import sys

from fapfav.cli.main import fapfav
from fapfav.cli.session import run
from fapfav.jobs.filecheck import FileProblem, Files
from fapfav.store.archive import Archive
from fapfav.store.tables import Key
from fapfav.store.transaction import Transaction

COMMIT, PROBLEMS = Archive.commit, Files.problems


def commit(self: Archive, transaction: Transaction) -> None:
    """Stops this process until it is told to go on, and then as ever."""
    os.kill(os.getpid(), signal.SIGSTOP)
    COMMIT(self, transaction)


def problems(self: Files, digest: Key, fast: bool) -> list[FileProblem]:
    """The same."""
    os.kill(os.getpid(), signal.SIGSTOP)
    return PROBLEMS(self, digest, fast)


def main() -> None:
    """Runs the command."""
    Archive.commit = commit  # type: ignore[method-assign]
    Files.problems = problems  # type: ignore[method-assign]
    sys.exit(run(fapfav, "fapfav", sys.argv[1:]))


if __name__ == "__main__":
    main()
