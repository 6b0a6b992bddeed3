"""One job in a process of its own, for a program that stays: `python -m fapfav.worker`.

The first line of standard input is a JSON object:

    {"directory": path, "handover": hex, "verb": word, "arguments": {...}, "number": row or 0}

`handover` opens the archive (see `store.keys.Handover`); it comes through this pipe, stands in no
argument, environment or file, and is never written. Every line of standard output is a JSON object
with its `kind`:

    {"kind": "progress", ...}                   at most ten a second
    {"kind": "report", "report": {...}}         what the job did, also when it was broken off
    {"kind": "error", "words": ..., "exit_code": n}
    {"kind": "end", "state": done|failed|cancelled, "change": n}

A line `stop`, or the end of standard input because the program that started it is no more, asks the
job to finish what is in hand, commit it and end.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fapfav.errors import FapfavError, Stopped, UsageError
from fapfav.model import Progress

if TYPE_CHECKING:
    from fapfav.jobs.library import Archive

PATIENCE = 20.0
"""Seconds that a job without its starter has to finish before it is cut off: nothing is lost then,
but for what was in hand."""

FAILED = 1

_LARGEST_REQUEST = 64 * 2**20
_TELL_EVERY = 0.1
_PR_SET_PDEATHSIG = 1


class Lines:
    """Standard input, line by line.

    Read by its descriptor: a thread that waits in the interpreter's own stream at the end of the
    process would take it down.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""

    def next(self, limit: int) -> bytes:
        """The next line; empty at the end, or once a line has more than `limit` bytes."""
        while b"\n" not in self._rest:
            piece = os.read(self._fd, 65536)
            if not piece or len(self._rest) > limit:
                return b""
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line


class Voice:
    """Standard output: what is said goes out at once, and whether anybody listens is all one."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._told = -1.0
        self._doing = ""

    def say(self, kind: str, **what: Any) -> None:
        """A line."""
        line = json.dumps({"kind": kind, **what}, default=str).encode() + b"\n"
        with suppress(OSError):
            while line:
                line = line[os.write(self._fd, line) :]

    def tell(self, progress: Progress) -> None:
        """What a job does now, unless that was said a moment ago."""
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY or progress.doing != self._doing:
            self._told, self._doing = now, progress.doing
            self.say("progress", **progress.to_json())


class Ending:
    """Whether the job was asked to end, by a line, by the end of the input, or by a signal."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Asks."""
        self._asked.set()

    def stop(self) -> bool:
        """For a job that asks whether to finish early."""
        return self._asked.is_set()

    def listen(self, lines: Lines) -> None:
        """Hears what comes on the input, in a thread of its own."""
        threading.Thread(target=self._listen, args=(lines,), name="input", daemon=True).start()

    def _listen(self, lines: Lines) -> None:
        while line := lines.next(1024):
            if line.strip() == b"stop":
                self.ask()
        self.ask()
        time.sleep(PATIENCE)
        os._exit(FAILED)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; the keys among it show in no text."""

    directory: Path
    handover: Any
    verb: str
    arguments: Mapping[str, Any]
    number: int


def request_of(line: bytes) -> Request:
    """The request in a line. Raises UsageError, which quotes nothing of it."""
    from fapfav.store.keys import Handover

    try:
        found = json.loads(line)
        handover = Handover(bytes.fromhex(found["handover"]))
        directory, verb = found["directory"], found["verb"]
        arguments, number = found["arguments"], found["number"]
    except (ValueError, KeyError, TypeError):
        handover = None
    # Outside the handler: its error carries what it could not read.
    if handover is None:
        raise UsageError("the worker was asked in no way that it knows")
    if not (isinstance(directory, str) and os.path.isabs(directory) and isinstance(verb, str)):
        raise UsageError("the worker takes the whole path of an archive, and a verb")
    if not (isinstance(arguments, dict) and type(number) is int):
        raise UsageError("the worker takes arguments by their names, and a number")
    return Request(Path(directory), handover, verb, arguments, number)


def run(lines: Lines, voice: Voice, ending: Ending) -> int:
    """The job that is asked for on the first line, to its exit code."""
    try:
        request = request_of(lines.next(_LARGEST_REQUEST))
        ending.listen(lines)
        return _run(request, voice, ending)
    except Exception as error:
        return _said(voice, error)


def _run(request: Request, voice: Voice, ending: Ending) -> int:
    from fapfav.jobs import journal
    from fapfav.jobs.library import Archive
    from fapfav.store.opening import reopen_archive
    from fapfav.store.seen import Seen, state_folder

    seen = Seen(state_folder(os.environ))
    with reopen_archive(request.directory, request.handover, seen=seen, kind=Archive) as archive:
        state, code, report = _worked(archive, request, voice, ending)
        change = int(report.get("change") or 0)
        if request.number:
            journal.finish(archive, request.number, state, report or None, change)
    voice.say("end", state=state, change=change)
    return code


def _worked(
    archive: Archive, request: Request, voice: Voice, ending: Ending
) -> tuple[str, int, dict[str, Any]]:
    """Does the job; returns how it ended, the exit code, and its report."""
    from fapfav.jobs import orders

    try:
        done = orders.carry_out(
            archive, request.verb, request.arguments, tell=voice.tell, stop=ending.stop
        )
    except Exception as error:
        report = _report_of(error)
        if report:
            voice.say("report", report=report)
        code = _said(voice, error)
        state = "cancelled" if isinstance(error, Stopped) else "failed"
        return state, code, {**report, "error": _words(error)}
    report = done.to_json()
    voice.say("report", report=report)
    return "cancelled" if ending.stop() else "done", 0, report


def _report_of(error: Exception) -> dict[str, Any]:
    """What a job had done when a site's trouble ended it."""
    report = getattr(error, "report", None)
    return {} if report is None else dict(report.to_json())


def _said(voice: Voice, error: Exception) -> int:
    """Says what went wrong; returns the exit code for it."""
    code = error.exit_code if isinstance(error, FapfavError) else FAILED
    voice.say("error", words=_words(error), exit_code=code, field=getattr(error, "field", ""))
    return code


def _words(error: Exception) -> str:
    if isinstance(error, FapfavError):
        return str(error)
    return f"unexpected error: {type(error).__name__}: {error}"


def _own_output() -> int:
    """A descriptor for our lines; whatever else prints to standard output is not among them."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return own


def _end_with_starter(ending: Ending) -> None:
    """Has the system say when the program that started this one is no more.

    The end of standard input says so too, unless somebody else holds the other end of the pipe.
    """
    signal.signal(signal.SIGHUP, lambda _number, _frame: ending.ask())
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGHUP, 0, 0, 0)


def main() -> None:
    """The process."""
    # Ctrl-C in a terminal goes to all its processes: who started this one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from fapfav.jobs.hardening import harden

    harden()
    ending = Ending()
    _end_with_starter(ending)
    sys.exit(run(Lines(0), Voice(_own_output()), ending))


if __name__ == "__main__":
    main()
