"""Where a command writes: results to standard output, all else to standard error.

With `--json` standard output gets one object and nothing else. Every line goes through `shown`
here, so no command can forget it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from fapfav.text import shown


class Console:
    """Two streams, and which of them is for what."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.as_json = False
        self.has_result = False
        self._out = out
        self._err = err
        for stream in (out, err):
            # A name that the terminal's encoding lacks is written as an escape, not an error.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    @property
    def is_terminal(self) -> bool:
        """Whether progress is seen by a person, on a terminal that can move its cursor."""
        return self._err.isatty() and os.environ.get("TERM", "") != "dumb"

    @property
    def err(self) -> TextIO:
        """Where progress is drawn."""
        return self._err

    def say(self, line: str) -> None:
        """A line for the reader of the command's output."""
        _write(self._err if self.as_json else self._out, shown(line))

    def warn(self, line: str) -> None:
        """A line that is no part of the output."""
        _write(self._err, shown(line))
        self.flush()

    def warn_block(self, text: str) -> None:
        """Several lines that are no part of the output."""
        for line in text.splitlines():
            self.warn(line)

    def result(self, value: Mapping[str, Any] | Sequence[Any], lines: Iterable[str]) -> None:
        """What the command found: the object, or the lines that say the same in words."""
        self.has_result = True
        if self.as_json:
            _write(self._out, json.dumps(value, indent=2))
            self.flush()
            return
        for line in lines:
            self.say(line)

    def error(self, message: str, exit_code: int) -> None:
        """The one object of a command that failed before it had a result."""
        if self.as_json and not self.has_result:
            self.result({"error": message, "exit_code": exit_code}, ())

    def flush(self) -> None:
        """Brings everything out."""
        for stream in (self._out, self._err):
            try:
                stream.flush()
            except BrokenPipeError:
                _mute(stream)


def _write(stream: TextIO, line: str) -> None:
    try:
        stream.write(line + "\n")
    except BrokenPipeError:
        _mute(stream)


def _mute(stream: TextIO) -> None:
    """Lets the rest of the output go nowhere: the reader left, the work still gets done."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
