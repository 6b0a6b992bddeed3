"""Kills a piece of work at its touches of the disk: each time a copy of an archive, each time one.

Run as a child, `python -m tests.store.killing WORK FROM TO [all]`: WORK is `module:function` of one
path, FROM an archive, TO a folder that gets one copy for each point at which it was killed. What is
written at that point is torn in half. A point is where in the code a function of `disk` is called;
without `all` only the first and the last time at each place count. Prints the numbers of points.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from fapfav.store import disk
from tests import warm

TOUCHES = ("write", "sync", "cut", "create", "rename", "unlink", "mkdir")

Site = tuple[str, ...]
Work = Callable[[Path], Any]


def kills(work: str, archive: Path, to: Path, *, everywhere: bool = False) -> dict[int, Path]:
    """Does it all in a process of its own; gives the killed archives by the touch they died at."""
    words = ["-m", "tests.store.killing", work, str(archive), str(to)]
    code, out, err = warm.run([*words, "all"] if everywhere else words)
    assert code == 0, err.decode()
    return {int(number): to / str(number) for number in json.loads(out)}


def _site() -> Site:
    """Where in the store and the jobs we are, from the inside out."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and len(found) < 4:
        code = frame.f_code
        if "/fapfav/" in code.co_filename:
            found.append(f"{Path(code.co_filename).stem}.{code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    return tuple(found)


def _wrap(at: Callable[[str, tuple[Any, ...]], None]) -> None:
    def wrapped(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def touch(*given: Any) -> Any:
            at(name, given)
            return function(*given)

        return touch

    for name in TOUCHES:
        setattr(disk, name, wrapped(name, getattr(disk, name)))


def _sites(work: Work, path: Path) -> list[Site]:
    """The places of all touches, in order, of a run that lives."""
    read, write = os.pipe()
    if os.fork() == 0:
        found: list[Site] = []
        _wrap(lambda name, _given: found.append((name, *_site())))
        _run(work, path)
        with os.fdopen(write, "w") as out:
            json.dump(found, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        sites = [tuple(site) for site in json.load(pipe)]
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
    return sites


def _killed(work: Work, path: Path, number: int) -> None:
    if os.fork() == 0:
        left, write = number, disk.write

        def die(name: str, given: tuple[Any, ...]) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                if name == "write" and len(given[1]) > 1:
                    write(given[0], given[1][: len(given[1]) // 2], given[2])
                os.kill(os.getpid(), signal.SIGKILL)

        _wrap(die)
        _run(work, path)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.wait()[1])
    assert status == -signal.SIGKILL, f"touch {number} ended with {status}"


def _run(work: Work, path: Path) -> None:
    try:
        work(path)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    """See above."""
    module, _, name = sys.argv[1].partition(":")
    archive, to = Path(sys.argv[2]), Path(sys.argv[3])
    work: Work = getattr(importlib.import_module(module), name)
    gc.freeze()  # else each that dies looks through all that was imported, and copies it
    to.mkdir()
    shutil.copytree(archive, to / "0")
    sites = _sites(work, to / "0")
    shutil.rmtree(to / "0")
    first = {site: number for number, site in reversed(list(enumerate(sites, 1)))}
    last = {site: number for number, site in enumerate(sites, 1)}
    wanted = {*first.values(), *last.values()}
    if "all" in sys.argv:
        wanted = set(range(1, len(sites) + 1))
    for number in sorted(wanted):
        shutil.copytree(archive, to / str(number))
        _killed(work, to / str(number), number)
    print(json.dumps(sorted(wanted)))


if __name__ == "__main__":
    main()
