"""Scripts that begin at once: each in a fork of a process that has imported what they import.

`python -m tests.warm FD` reads orders from a socket, with the descriptors that a script is to have
as its input, output and errors, and a pipe for what becomes of it: a line with its process's
number, then one with its exit code. A fork has what a script finds after starting anew (arguments,
environment, folder, terminal, end of the interpreter) but for its imports, which take a second. So
what a start loads, or what `/proc` tells of one, is tested with a script that starts anew.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CAN = hasattr(os, "pidfd_open") and hasattr(socket, "send_fds")
"""Whether this system has what it takes."""

_COUNTS = "COVERAGE_PROCESS_CONFIG"
_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_", "MALLOC_", "OMP_", "OPENBLAS_", "ORT_")
"""How the names begin of what an interpreter and its libraries look at when they start."""

_LARGEST_ORDER = 1 << 20
_LEFT_OUT = ("fapfav.practice", "fapfav.cli.demo", "fapfav.worker", "fapfav.looker")


@dataclass
class Started:
    """A script that runs, or has run."""

    pid: int
    _news: int

    def wait(self, limit: float | None = None) -> int:
        """Its exit code, minus the signal where one ended it. Asked once.

        Raises TimeoutError, after killing it, where it has not ended after so many seconds.
        """
        with os.fdopen(self._news) as news:
            if not select.select([news], [], [], limit)[0]:
                os.kill(self.pid, signal.SIGKILL)
                raise TimeoutError(f"it has not ended after {limit} seconds")
            return int(news.readline())


def fits(environment: Mapping[str, str]) -> bool:
    """Whether a fork can have this environment: nothing differs that is read at a start alone."""
    return CAN and _at_start(environment) == _at_start(_environment())


def run(
    words: Sequence[str],
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    limit: float | None = None,
    anew: bool = False,
) -> tuple[int, bytes, bytes]:
    """Runs a script with nothing to read: its exit code, output and errors.

    In a fork, unless it shall start anew or has to. Raises TimeoutError or
    subprocess.TimeoutExpired where it has not ended after `limit` seconds.
    """
    if environment is None:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if anew or not fits(environment):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr
    with (
        open(os.devnull, "rb") as nothing,
        open(os.memfd_create("output"), "w+b") as out,
        open(os.memfd_create("errors"), "w+b") as err,
    ):
        files = [nothing.fileno(), out.fileno(), err.fileno()]
        code = start(words, folder=folder, environment=environment, files=files).wait(limit)
        return code, _all(files[1]), _all(files[2])


def _all(file: int) -> bytes:
    return os.pread(file, os.fstat(file).st_size, 0)


def start(
    words: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    files: Sequence[int],
    terminal: bool = False,
) -> Started:
    """Begins a script, `FILE.py`, `-m MODULE` or `-c CODE` and its arguments, in a fork.

    `files` are its input, output and errors; with `terminal` the input is a terminal and becomes
    the one that it is in charge of.
    """
    hears_ctrl_c = terminal or signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    order = {
        "words": list(words),
        "folder": str(folder),
        "environment": dict(environment),
        "terminal": terminal,
        "hears_ctrl_c": hears_ctrl_c,
    }
    news, tell = os.pipe()
    try:
        raw = json.dumps(order).encode()
        assert len(raw) < _LARGEST_ORDER
        socket.send_fds(_server(os.getpid()), [raw], [*files, tell])
    finally:
        os.close(tell)
    return Started(int(_line(news)), news)


@cache
def _environment() -> dict[str, str]:
    """What the process that forks has: it is not counted itself."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return plain | {"PYTHONPATH": str(ROOT)}


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


def _line(fd: int) -> bytes:
    """A line, byte by byte: what comes after it is for somebody else."""
    read = b""
    while (byte := os.read(fd, 1)) not in (b"", b"\n"):
        read += byte
    return read


@cache
def _server(of: int) -> socket.socket:
    """The process that forks, as long as this one lives; what forked from it has its own."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST_ORDER)
    with theirs:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )

    def end() -> None:
        if os.getpid() == of:
            ours.close()
            server.wait()

    atexit.register(end)
    return ours


# In the process that forks


def _modules() -> list[str]:
    """What scripts import, sooner or later."""
    import fapfav

    return [
        module.name
        for module in pkgutil.walk_packages(fapfav.__path__, "fapfav.")
        if not module.name.startswith(_LEFT_OUT) and not module.name.endswith("__main__")
    ]


def _orders(server: socket.socket) -> dict[str, Any]:
    """Forks at every order and tells how each fork ended; returns in forks, with their orders."""
    running: dict[int, tuple[int, int]] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fd in running:
                    waiting.unregister(key.fd)
                    _tell_end(key.fd, *running.pop(key.fd))
                    continue
                raw, files, _, _ = socket.recv_fds(server, _LARGEST_ORDER, 4)
                if not raw:
                    raise SystemExit
                child = os.fork()
                if child == 0:
                    server.close()
                    for watch, (_, tell) in running.items():
                        os.close(watch)
                        os.close(tell)
                    return {**json.loads(raw), "files": files}
                for file in files[:3]:
                    os.close(file)
                os.write(files[3], b"%d\n" % child)
                watch = os.pidfd_open(child)
                running[watch] = (child, files[3])
                waiting.register(watch, selectors.EVENT_READ)


def _tell_end(watch: int, child: int, tell: int) -> None:
    os.close(watch)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(BrokenPipeError):
        os.write(tell, b"%d\n" % code)
    os.close(tell)


def _become(order: dict[str, Any]) -> None:
    """Makes this fork what a script begins as."""
    *files, tell = order["files"]
    os.close(tell)
    if order["terminal"]:
        _take_terminal(files[0])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    heard = signal.default_int_handler if order["hears_ctrl_c"] else signal.SIG_IGN
    signal.signal(signal.SIGINT, heard)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    for name, number, mode in (("stdin", 0, "rb"), ("stdout", 1, "wb"), ("stderr", 2, "wb")):
        _set_stream(name, number, mode)
    if _COUNTS in os.environ:
        import coverage

        coverage.process_startup(force=True)


def _set_stream(name: str, number: int, mode: str) -> None:
    """Makes one of the interpreter's three streams anew: the old one is of another kind of file."""
    old = getattr(sys, name)
    file = os.fdopen(number, mode, 0 if old.write_through else -1, closefd=False)
    new = io.TextIOWrapper(
        file,
        old.encoding,
        old.errors,
        line_buffering=old.line_buffering or (file.isatty() and not old.write_through),
        write_through=old.write_through,
    )
    setattr(sys, name, new)
    setattr(sys, f"__{name}__", new)


def _take_terminal(file: int) -> None:
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(file, termios.TIOCSCTTY, 0)


def _run(words: list[str]) -> None:
    if words[0] == "-c":
        sys.argv, sys.path[0] = ["-c", *words[2:]], ""
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    elif words[0] == "-m":
        sys.argv, sys.path[0] = words[1:], str(Path.cwd())
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv, sys.path[0] = words, str(Path(words[0]).parent)
        runpy.run_path(words[0], run_name="__main__")


def main() -> None:
    """See above."""
    server = socket.socket(fileno=int(sys.argv[1]))
    for name in ("coverage", *_modules()):
        with contextlib.suppress(Exception):  # a script that needs it will say so itself
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # no fork looks through all that again, which would copy it
    order = _orders(server)
    _become(order)
    _run(order["words"])


if __name__ == "__main__":
    main()
