"""`favorites.py read`, run as a command in a process of its own, and what each run took."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks.report import PeakMemory
from fapfav.practice.accounts import PRACTICE_NAME

PASSWORD = "benchmark"


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run of the command went: seconds of wall and processor time, bytes of memory.

    `busy` is the share of one core that it took between two moments of the monotonic clock.
    """

    code: int
    report: dict[str, Any]
    seconds: float
    cpu: float
    peak: int
    busy: Callable[[float, float], float]


class Client:
    """`favorites.py read` into one archive; `site` reads the practice user, `local` a folder."""

    def __init__(self, home: Path, url: str = "", pace: str = "0,0") -> None:
        self.archive = home / "archive"
        home.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if "FAPFAV" not in name}
        way = {"FAPFAV_IMAGEFAP_URL": url, "FAPFAV_PACE": pace}
        state = str((home / "state").absolute())
        self._environ = {**kept, **way, "FAPFAV_PASSWORD": PASSWORD, "XDG_STATE_HOME": state}

    def local(self, folder: Path, *options: str) -> Ran:
        """Reads a folder."""
        return self._run(["read", "--local", str(folder), *options])

    def site(self, *options: str, until: Callable[[], bool] | None = None) -> Ran:
        """Reads the practice user; Ctrl-C comes when `until` says so."""
        return self._run(["read", "--user", PRACTICE_NAME, *options], until=until)

    def site_noted(self, draws: Path, *options: str) -> Ran:
        """The same, with the pauses it draws written to a file."""
        words = ["read", "--user", PRACTICE_NAME, *options]
        code = "from benchmarks.client import noting; noting()"
        return self._run([str(draws), *words], code=code)

    def _run(
        self,
        words: Sequence[str],
        *,
        code: str = "from fapfav.cli.favorites import main; main()",
        until: Callable[[], bool] | None = None,
    ) -> Ran:
        command = [sys.executable, "-c", code, *words, "--json", "--output", str(self.archive)]
        before, began = os.times(), time.perf_counter()
        pipe = subprocess.PIPE
        with (
            subprocess.Popen(command, env=self._environ, stdout=pipe, stderr=pipe) as child,
            PeakMemory(child.pid) as memory,
            Processor(child.pid) as processor,
        ):
            if until is not None:
                while child.poll() is None and not until():
                    time.sleep(0.002)
                child.send_signal(signal.SIGINT)
            out, err = child.communicate()
        seconds, after = time.perf_counter() - began, os.times()
        if child.returncode not in ({0} if until is None else {0, 130}):
            raise SystemExit(f"{' '.join(words)}: exit code {child.returncode}\n{err.decode()}")
        # Of children only those that have ended are counted: this one, and never the site.
        cpu = sum(after[2:4]) - sum(before[2:4])
        return Ran(child.returncode, json.loads(out), seconds, cpu, memory.peak, processor.busy)


class Processor:
    """Watches from a thread what processor time a process takes."""

    def __init__(self, pid: int, every: float = 0.25) -> None:
        self._pid, self._every = pid, every
        self._samples: list[tuple[float, float]] = []
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Processor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def busy(self, since: float, until: float) -> float:
        """The share of one core between two monotonic times; 0 where that is too short to say."""
        inside = [sample for sample in self._samples if since <= sample[0] <= until]
        if len(inside) < 2:
            return 0.0
        (start, before), (end, after) = inside[0], inside[-1]
        return (after - before) / (end - start)

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            self._samples.append((time.monotonic(), cpu_of(self._pid)))


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process so far; 0 once it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def noting() -> None:
    """`favorites.py`, writing each pause it draws to the file that its first word names."""
    path = Path(sys.argv.pop(1))
    draw = random.SystemRandom.uniform

    def noted(chance: random.SystemRandom, least: float, most: float) -> float:
        drawn = draw(chance, least, most)
        with path.open("a") as file:
            file.write(f"{drawn}\n")
        return drawn

    random.SystemRandom.uniform = noted  # type: ignore[method-assign, assignment]
    from fapfav.cli.favorites import main  # only now: what it loads takes `uniform` as it is

    main()
