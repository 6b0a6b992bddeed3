"""Looks at pairs of pictures for a search, in a process of its own: `python -m fapfav.looker`.

It is asked through standard input and answers on standard output (`jobs.look_wire` says how). The
pictures that it needs are sent to it, opened: it has no key and no archive, knows no name or path,
and writes no file. The end of standard input is its end, and so is the end of the thread that
started it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from fapfav.jobs import look_wire as wire
from fapfav.jobs.looks import Looks, Material
from fapfav.jobs.two_looks import judged
from fapfav.model import Digest

_PR_SET_PDEATHSIG = 1


def answer(read: wire.Read, write: Callable[[bytes], None]) -> None:
    """Answers until nobody asks any more.

    `read` raises EOFError then; what it says besides has to make sense, or Broken is raised.
    """

    def needed(one: Digest) -> Iterator[Material]:
        while True:
            write(wire.needing(one))
            material = wire.given(wire.taken(read, wire.LARGEST_BODY))
            if material is None:
                return
            yield material

    looks = Looks(needed)
    with suppress(EOFError):
        while True:
            first, second = wire.asked(wire.taken(read))
            write(wire.answering(judged(looks.of(first), looks.of(second))))


def _read(count: int) -> bytes:
    pieces = []
    while count:
        piece = os.read(0, min(count, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _own_output() -> int:
    """A descriptor for answers; whatever else prints to standard output is not among them."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return own


def _end_with_starter() -> None:
    """Has the system end this process with the thread that started it, whose pairs alone it looks
    at. The end of standard input says so too, unless somebody else holds the other end of the pipe.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def main() -> None:
    """The process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it decides what Ctrl-C means
    from fapfav.jobs.hardening import harden

    harden()
    _end_with_starter()
    own = _own_output()

    def write(said: bytes) -> None:
        while said:
            said = said[os.write(own, said) :]

    with suppress(BrokenPipeError):
        answer(_read, write)


if __name__ == "__main__":
    main()
