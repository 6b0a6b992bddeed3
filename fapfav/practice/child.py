"""The practice site in a process of its own, so that it shares no interpreter with its client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from fapfav.errors import UsageError
from fapfav.practice.log import Request
from fapfav.practice.routes import LOG

_PATIENCE = 60.0  # seconds for a child to end by itself


@dataclass(frozen=True, slots=True)
class Child:
    """A site that runs in another process: its address, and that process."""

    url: str
    pid: int

    def log(self) -> tuple[Request, ...]:
        """What it was asked so far, by the same clock as here."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.netloc, timeout=_PATIENCE)
        try:
            connection.request("GET", parts.path + LOG)
            rows = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return tuple(Request(*row) for row in rows)


@contextmanager
def serve_in_child(
    folder: Path | None = None,
    *,
    page_size: int = 24,
    prefix: str = "",
    troubles: Sequence[str] = (),
) -> Iterator[Child]:
    """Serves a folder of pictures, or practice pictures made for it, until the end of the block.

    `troubles` are names of `kinds.NAMED`. Raises UsageError, with its words, when it cannot start.
    """
    command = [sys.executable, "-m", "fapfav.practice.site", f"--page-size={page_size}"]
    command += [f"--prefix={prefix}", *(f"--trouble={name}" for name in troubles)]
    command += ["--", str(folder.absolute())] if folder else []
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env={**os.environ, "PYTHONPATH": _import_path()},
        ) as process,
    ):
        try:
            url = process.stdout.readline().decode().strip() if process.stdout else ""
            if not url:
                process.wait(_PATIENCE)
                said.seek(0)
                words = said.read().decode(errors="replace").strip() or "it said nothing"
                last = words.splitlines()[-1].removeprefix("error: ")
                raise UsageError(f"the practice site did not start: {last}")
            yield Child(url, process.pid)
        finally:
            _end(process)


def _import_path() -> str:
    """What lets a child find this package, wherever it is started."""
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
