"""Runs the scripts as a user does: in a process of their own, at a terminal or at none."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from fapfav.cli.console import Console
from fapfav.cli.session import Session
from tests import warm

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 240.0
"""Seconds after which a command that does not end fails its test.

Many times what the slowest takes on a busy computer: it is for what hangs, not for what is slow.
"""


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """Standard output as JSON: exactly one value, nothing before or after it."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Home:
    """A user's home folder, in which commands run."""

    path: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What a command inherits; no setting of the computer the tests run on."""
        plain = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("FAPFAV_", "XDG_"))
        }
        return {
            **plain,
            "HOME": str(self.path),
            "PYTHONPATH": str(ROOT),
            "TERM": "xterm",
            "COLUMNS": "100",
            **more,
        }

    def run(self, script: str, *arguments: object, **environment: str) -> Ran:
        """Runs `favorites`, `process` or `fapfav` with no terminal."""
        return self._run(script, arguments, environment, anew=False)

    def run_anew(self, script: str, *arguments: object, **environment: str) -> Ran:
        """The same by an interpreter that starts anew, which takes a second more: see `warm`."""
        return self._run(script, arguments, environment, anew=True)

    def _run(
        self,
        script: str,
        arguments: Sequence[object],
        environment: Mapping[str, str],
        *,
        anew: bool,
    ) -> Ran:
        code, out, err = warm.run(
            command(script, arguments)[1:],
            folder=self.path,
            environment=self.environment(**environment),
            limit=LIMIT,
            anew=anew,
        )
        return Ran(code, out.decode(), err.decode())


def command(script: str, arguments: Sequence[object]) -> list[str]:
    """The words that start a script."""
    if script == "fapfav":
        start = ["-c", "from fapfav.cli.main import main; main()"]
    else:
        start = [str(ROOT / f"{script}.py")]
    return [sys.executable, *start, *(str(argument) for argument in arguments)]


def here(group: click.Group, program: str, *arguments: str) -> Ran:
    """Runs a program in this process, which is quicker; it can neither prompt nor be stopped."""
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err)
    console.as_json = "--json" in arguments
    session = Session(console, program)
    code = session.guarded(
        lambda: group.main(list(arguments), program, standalone_mode=False, obj=session)
    )
    return Ran(code, out.getvalue(), err.getvalue())


class Terminal:
    """A command at a terminal, where somebody reads and types."""

    def __init__(self, home: Home, script: str, *arguments: object, **environment: str) -> None:
        self.seen = b""
        self.seen_before = ""
        words, inherited = command(script, arguments), home.environment(**environment)
        self._started: warm.Started | None = None
        if warm.fits(inherited):
            self._fd, end = pty.openpty()
            self._started = warm.start(
                words[1:],
                folder=home.path,
                environment=inherited,
                files=[end] * 3,
                terminal=True,
            )
            os.close(end)
            self.pid = self._started.pid
            return
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # pragma: no cover - becomes the command
            os.chdir(home.path)
            # At a terminal Ctrl-C is heard, be it ignored where the tests were started.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(words[0], words, inherited)

    def expect(self, pattern: str) -> None:
        """Reads until the pattern has come since the last time."""
        wanted, ends = re.compile(pattern.encode()), time.monotonic() + LIMIT
        while (found := wanted.search(self.seen)) is None:
            assert self._read(ends), f"ended without {pattern!r}: {self.seen!r}"
        self.seen_before = self.seen[: found.start()].decode()
        self.seen = self.seen[found.end() :]

    def type(self, line: str) -> None:
        """Types a line."""
        os.write(self._fd, line.encode() + b"\n")

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.kill(self.pid, signal.SIGINT)

    def end(self) -> tuple[int, str]:
        """The exit code, and what was written since the last match."""
        ends = time.monotonic() + LIMIT
        while self._read(ends):
            pass
        os.close(self._fd)
        if self._started is not None:
            return self._started.wait(LIMIT), self.seen.decode()
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), self.seen.decode()

    def _read(self, ends: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], max(0.0, ends - time.monotonic()))
        assert ready, f"no answer: {self.seen!r}"
        try:
            got = os.read(self._fd, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self.seen += got
        return bool(got)


def picture(path: Path, seed: int, side: int = 64, quality: int = 90) -> None:
    """A picture of large soft squares that is like no other seed's."""
    squares = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    large = Image.fromarray(squares).resize((side, side), Image.Resampling.BICUBIC)
    large.save(path, quality=quality)


def gallery(folder: Path) -> Path:
    """Two pictures alike, one alone, and one at two places."""
    picture(folder / "summer" / "a.jpg", 1)
    picture(folder / "summer" / "b.jpg", 1, quality=60)
    picture(folder / "summer" / "c.jpg", 2)
    picture(folder / "winter" / "d.jpg", 3)
    picture(folder / "winter" / "e.jpg", 3)
    return folder
