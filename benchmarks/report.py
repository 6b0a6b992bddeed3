"""What every benchmark shares: timing, memory of a process and its children, a table to print."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread


def timed(work: Callable[[], object]) -> float:
    """Seconds one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def resident(pid: int) -> int:
    """Bytes of memory a process and all its descendants hold, shared pages by their share."""
    total = 0
    for each in (pid, *_descendants(pid)):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(row.split()[1]) for row in text.splitlines() if row.startswith("Pss:"))
    return total * 1024


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


class PeakMemory:
    """Watches the memory of a process tree from a thread: `peak` in bytes, `samples` over time."""

    def __init__(self, pid: int, every: float = 0.1) -> None:
        self.samples: list[int] = []
        self._pid = pid
        self._every = every
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            self.samples.append(resident(self._pid))

    @property
    def peak(self) -> int:
        """The most it held at any sample."""
        return max(self.samples, default=0)


def machine() -> str:
    """The machine in a line."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [row.split(":")[1].strip() for row in text.splitlines() if row.startswith("model name")]
    name = names[0] if names else "unknown processor"
    return f"{os.cpu_count()} cores, {name}, Python {sys.version.split()[0]}"


def show(title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Prints a table: what, figure, bound."""
    print(f"\n### {title}\n\n{machine()}\n")
    print("| what | measured | wanted |\n| --- | --- | --- |")
    for what, figure, wanted in rows:
        print(f"| {what} | {figure} | {wanted} |")


def show_json(value: object) -> None:
    """Prints one object."""
    print(json.dumps(value))
