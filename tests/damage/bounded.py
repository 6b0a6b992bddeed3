"""Commands one after the other, each in a fork that may take so much time and memory and no more.

`python -m tests.damage.bounded` reads a line of JSON for each, a list of words, and answers with
one: how it ended, what it wrote. A fork saves the second that starting anew takes.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cli.running import ROOT, Home

SECONDS = 2
MEMORY = 500 * 1000 * 1000
_PATIENCE = 600  # seconds without a processor, waiting for something


class Bounded:
    """A process that runs commands for tests."""

    def __init__(self, home: Path, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.damage.bounded"],
            cwd=ROOT,
            # Else every thread takes a share of the addresses, and there are more on more cores.
            env=Home(home).environment(MALLOC_ARENA_MAX="2", **environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object) -> tuple[int, str]:
        """The exit code, or minus the signal, and all that was written."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([str(word) for word in words]) + "\n")
        process.stdin.flush()
        code, text = json.loads(process.stdout.readline())
        return code, text

    def end(self) -> None:
        """Lets it go."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


@contextlib.contextmanager
def bounded(home: Path, **environment: str) -> Iterator[Bounded]:
    """One that ends with the block."""
    one = Bounded(home, **environment)
    try:
        yield one
    finally:
        one.end()


def _limit() -> None:
    now = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (now * resource.getpagesize() + MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(_PATIENCE)


def _forked(words: list[str], groups: dict[str, Any]) -> tuple[int, str]:
    from tests.cli.running import here

    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _limit()
        ran = here(groups[words[0]], words[0], *words[1:])
        with open(write, "w", encoding="utf-8", closefd=True) as out:
            out.write(ran.out + ran.err)
        os._exit(ran.code)
    os.close(write)
    with open(read, encoding="utf-8") as text:
        said = text.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def main() -> None:
    """Answers until there is nothing more to read."""
    from fapfav.cli.favorites import favorites
    from fapfav.cli.process import process
    from fapfav.jobs import backup, convert, keys, numbers, repair, verify  # noqa: F401

    gc.freeze()  # else each fork looks through all that was imported, and copies it
    groups = {"favorites": favorites, "process": process}
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line), groups)), flush=True)


if __name__ == "__main__":
    main()
