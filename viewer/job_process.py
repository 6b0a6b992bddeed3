"""One job's process: what it is told, what it says, and how it ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from fapfav.model import Progress
from fapfav.store import keys

LOG = 200
"""Lines of a job's log that are kept."""

_LARGEST_LINE = 64 * 2**20
_FIELDS = {field.name for field in fields(Progress)}


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as it is now; `state` is waiting, running, done, failed or cancelled.

    `waits_for` says why it does not run yet, `stopping` that it was asked to end.
    """

    number: int
    verb: str
    arguments: Mapping[str, Any]
    state: str
    progress: Progress | None
    report: Mapping[str, Any] | None
    error: str
    started: int
    ended: int
    log: tuple[str, ...]
    waits_for: str = ""
    stopping: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it neither runs nor waits."""
        return self.state not in ("waiting", "running")

    @property
    def change(self) -> int:
        """The number of what it changed in the log, 0 for nothing."""
        number = (self.report or {}).get("change")
        return number if isinstance(number, int) and 0 < number < 2**63 else 0


class JobProcess:
    """A job from its order to its end. `run` is one thread's; the rest anybody's."""

    def __init__(
        self, number: int, verb: str, arguments: Mapping[str, Any], directory: Path
    ) -> None:
        self.number = number
        self.now = "waiting"
        self.waits_for = ""
        self.asks_site = False
        self.is_cancelled = False
        self.is_over = False
        self.was_noted = False
        """Whether the process itself wrote how it ended."""
        self.started = 0
        self.error = ""
        self._verb, self._arguments, self._directory = verb, arguments, directory
        self._ended = 0
        self._progress: Progress | None = None
        self._report: Mapping[str, Any] | None = None
        self._log: deque[str] = deque(maxlen=LOG)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def state(self) -> JobState:
        """As it is now."""
        now = self.now
        if not self.is_over and now not in ("waiting", "running"):
            now = "running"  # it has said how it ended, and is about to
        return JobState(
            number=self.number,
            verb=self._verb,
            arguments=self._arguments,
            state=now,
            progress=self._progress,
            report=self._report,
            error=self.error,
            started=self.started,
            ended=self._ended,
            log=tuple(self._log),
            waits_for=self.waits_for if now == "waiting" else "",
            stopping=self.is_cancelled,
        )

    # Ending it

    def cancel(self) -> None:
        """Asks it to finish early; the second time it has to end at once."""
        again, self.is_cancelled = self.is_cancelled, True
        if again:
            self.close()
            self.terminate()
        else:
            self._send(b"stop\n")

    def close(self) -> None:
        """Lets it know that nobody is there any more."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()

    def wait(self, seconds: float) -> None:
        """Waits for its end, at most so long."""
        process = self._process  # the thread of the job may let go of it at any time
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)

    def terminate(self) -> None:
        """Ends it now: what it committed stays."""
        process = self._process
        if process is not None:
            process.kill()

    def leave(self) -> None:
        """It never began."""
        self._over("cancelled")

    def fail(self, words: str) -> None:
        """It went wrong, in words."""
        self.error = words
        self._over("failed")

    # Running it

    def run(self, handover: keys.Handover, arguments: Mapping[str, Any]) -> None:
        """Starts the process and follows it to its end. Raises OSError when it cannot start."""
        # Started in the thread that lives as long as it does: when the thread that started a
        # process is no more, the system takes its starter for gone.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fapfav.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        with process:
            request = {
                "directory": str(self._directory.absolute()),
                "handover": handover.secret.hex(),
                "verb": self._verb,
                "arguments": dict(arguments),
                "number": self.number,
            }
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError):
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.flush()
            del request
            with self._lock:
                self._process = process
                closed = self._closed
            if closed:
                self.close()
            elif self.is_cancelled:
                self._send(b"stop\n")
            while line := process.stdout.readline(_LARGEST_LINE):
                self._hear(line)
            code = process.wait()
            with self._lock:
                self._process = None
                # What it was told too late is told again at the closing, and nobody hears it.
                with suppress(OSError):
                    process.stdin.close()
        if not self.was_noted:
            self._died(code)

    def _send(self, line: bytes) -> None:
        with self._lock, suppress(OSError, ValueError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def _hear(self, line: bytes) -> None:
        # What is no line of ours cannot be helped, and is no reason to leave the job alone.
        with suppress(ValueError, KeyError, AttributeError, TypeError):
            said = json.loads(line)
            self._heard(said.pop("kind"), said)

    def _heard(self, kind: str, said: dict[str, Any]) -> None:
        if kind == "progress":
            self._heard_progress(said)
        elif kind == "report":
            self._report = said["report"]
            self._log.extend(f"warning: {each}" for each in said["report"].get("warnings", ()))
        elif kind == "error":
            self.error = str(said["words"])
            self._log.append(f"error: {self.error}")
        elif kind == "end":
            self.was_noted = True
            self._over(said["state"])

    def _heard_progress(self, said: dict[str, Any]) -> None:
        said["notes"] = tuple(said.get("notes", ()))
        progress = Progress(**{name: value for name, value in said.items() if name in _FIELDS})
        before = self._progress
        for note in progress.notes:
            if before is None or note not in before.notes:
                self._log.append(f"{progress.doing}: {note}")
        if not progress.notes and (before is None or before.doing != progress.doing):
            self._log.append(progress.doing)
        if progress.waiting and not (before and before.waiting):
            self._log.append(f"waiting {progress.waiting}")
        self._progress = progress

    def _died(self, code: int) -> None:
        """It ended without saying how."""
        if self.is_cancelled:
            self._over("cancelled")
        elif self.error:
            self._over("failed")
        else:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.fail(
                f"the job's process ended before the job did ({how}); what it had committed stays, "
                "start it again to go on"
            )

    def _over(self, state: str) -> None:
        self.now = state
        self._ended = int(time.time())


def _environment() -> dict[str, str]:
    """What the process inherits: no password, and the way to this very package."""
    found = {name: value for name, value in os.environ.items() if name != "FAPFAV_PASSWORD"}
    here = Path(keys.__file__).resolve().parents[2]
    if here != Path(sysconfig.get_paths()["purelib"]).resolve():
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(here), found.get("PYTHONPATH"))))
    return found
