"""The closer look in processes of their own, one for each thread that asks.

Judging a pair is hundreds of short calls of numpy, between which threads wait for the interpreter's
lock: two do little more than one. A thread asks its process about one pair after another and sends
what that needs of pictures, read and opened here (`fapfav.looker` is the other side). Whatever
becomes of a process, the thread judges the pair itself: no result depends on where it was found.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from fapfav.jobs import look_wire as wire
from fapfav.jobs.look_wire import Broken
from fapfav.jobs.looks import Material
from fapfav.model import Digest, Judged, PairKey

WORTH: Final = 400
"""Pictures with candidates from which on processes are started: that takes as long as judging some
thirty pairs, and there is about half a pair to a picture."""

COMMAND: Final = (sys.executable or "", "-P", "-m", "fapfav.looker")

_DEATHS: Final = 4  # of processes in a search: more would not last either
_PATIENCE: Final = 120.0  # seconds for one step: the start, or what a large file takes to decode
_GRACE: Final = 5.0  # seconds to end by itself
_PIECE: Final = 1 << 20
_NEEDS: Final = 6  # thumbnail, file and nothing more, of two pictures

Materials = Callable[[Digest], Iterator[Material]]


class LookProcesses:
    """Judges pairs for the threads that ask, until the end of the block.

    `here` judges where there is no process; `materials` says what a look may be made of.
    """

    def __init__(
        self,
        materials: Materials,
        here: Callable[[PairKey], Judged],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._materials, self._here, self._command = materials, here, command
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[_Process] = []
        self._deaths = 0
        self._closed = False

    def __enter__(self) -> LookProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._closed = True
            running = [*self._all]
        for each in running:
            each.hang_up()
        for each in running:
            each.end(_GRACE)

    def judge(self, pair: PairKey) -> Judged:
        """What the second of a pair is to the first. Raises what reading pictures raises."""
        try:
            process = self._process()
            if process is not None:
                return process.judged(pair, self._materials)
        except Broken:
            with self._lock:
                self._deaths += 1
        return self._here(pair)

    def _process(self) -> _Process | None:
        """This thread's; None where there are to be no more. Raises Broken when it cannot start."""
        found: _Process | None = getattr(self._mine, "process", None)
        if found is not None and not found.over:
            return found
        with self._lock:
            if self._closed or self._deaths >= _DEATHS:
                return None
        # In this very thread: with the thread that started it the system ends it too.
        self._mine.process = started = _Process(self._command)
        with self._lock:
            self._all.append(started)
            late = self._closed
        if late:
            started.hang_up()
            started.end(_GRACE)
        return started


class _Process:
    """One process, and what is said to it. Raises Broken when it cannot be started."""

    def __init__(self, command: Sequence[str]) -> None:
        self.over = False
        self._busy = threading.Lock()
        try:
            self._child = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C in a terminal goes to all of a session: what it means is decided here.
                start_new_session=True,
                env=environment(),
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise Broken("it cannot be started") from error
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._to, self._from = self._child.stdin, self._child.stdout
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)

    def judged(self, pair: PairKey, materials: Materials) -> Judged:
        """What the second of a pair is to the first. Raises Broken, or what `materials` raises;
        nothing more can be asked after either."""
        with self._busy:
            if self.over:
                raise Broken("it was let go")
            try:
                return self._judged(pair, materials)
            except BaseException:
                self._child.kill()
                self._finish()
                raise

    def hang_up(self) -> None:
        """Lets it know that nothing more will be asked; ends it where something is."""
        if self._busy.acquire(blocking=False):
            self._to.close()
            self.over = True
            self._busy.release()
        else:
            self._child.kill()

    def end(self, grace: float) -> None:
        """Waits for its end, and sees to it after so many seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(grace)
        self._child.kill()
        with self._busy:
            self._finish()

    def _finish(self) -> None:
        self.over = True
        self._to.close()
        self._from.close()
        self._child.wait()

    def _judged(self, pair: PairKey, materials: Materials) -> Judged:
        self._send(wire.asking(pair))
        given: dict[Digest, Iterator[Material]] = {}
        for _ in range(_NEEDS + 1):
            message = wire.taken(self._receive)
            found = wire.answered(message)
            if found is not None:
                return found
            one = _needed(message, pair)
            if one not in given:
                given[one] = materials(one)
            self._send(wire.giving(next(given[one], None)))
        raise Broken("it needs more than there is")

    def _send(self, said: bytes) -> None:
        left, deadline = memoryview(said), time.monotonic() + _PATIENCE
        while left:
            _wait(self._to.fileno(), select.POLLOUT, deadline)
            try:
                left = left[os.write(self._to.fileno(), left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Broken("it does not listen") from error

    def _receive(self, count: int) -> bytes:
        pieces, deadline = [], time.monotonic() + _PATIENCE
        while count:
            _wait(self._from.fileno(), select.POLLIN, deadline)
            try:
                piece = os.read(self._from.fileno(), min(count, _PIECE))
            except OSError as error:
                raise Broken("it does not answer") from error
            if not piece:
                raise Broken("it has ended")
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)


def _wait(file: int, what: int, deadline: float) -> None:
    """Until something can be written or read. Raises Broken after the deadline."""
    one = select.poll()
    one.register(file, what)
    if not one.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise Broken("it takes too long")


def _needed(message: wire.Message, pair: PairKey) -> Digest:
    """Which picture of the pair is needed. Raises Broken for any other."""
    need = message.header["need"]
    for one in pair:
        if need == one.hex():
            return one
    raise Broken("it needs what it was not asked about")


def environment() -> dict[str, str]:
    """What a process inherits: nothing that is said to this program, and the way to its package.

    Matrix products take one thread: there is a process for every core.
    """
    found = {name: value for name, value in os.environ.items() if not name.startswith("FAPFAV_")}
    here = Path(__file__).resolve().parents[2]
    if here != Path(sysconfig.get_paths()["purelib"]).resolve():
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (str(here), found.get("PYTHONPATH"))))
    return found | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
