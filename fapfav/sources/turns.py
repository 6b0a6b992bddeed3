"""Whose turn it is to ask a site, and since when: within a process, and between all of a user's.

What is shared is one small file a site: the times of its last requests and of the pause it asked
for, nothing else; its name tells the site to nobody who does not guess it. It lies beside two
locks. The turn is held from the wait until the answer is read, so two programs never ask at once.
A program that waits for its turn stands in the door: one that has just had its turn would take the
next at once and the other would starve.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from fapfav.errors import SourceError
from fapfav.sources.pacing import LONGEST_PAUSE, Clock, come_back
from fapfav.sources.waits import Waits

HOUR = 3600.0

_LARGEST = 2**16
_LATEST = 253402300799.0  # the end of the year 9999
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW


class Gap(NamedTuple):
    """What a request keeps: seconds after the last start; pages within an hour, None: uncounted."""

    seconds: float
    hour: int | None = None


class Times:
    """When a site was asked, and until when it is not; all by one clock."""

    def __init__(self) -> None:
        self.last = -math.inf
        self.since = self.until = -math.inf  # the pause the site asked for
        self.pages: deque[float] = deque()

    def left(self, now: float, gap: Gap) -> tuple[float, str]:
        """Seconds until the next request may start, and what for where it is no plain pause."""
        reasons = [(self.last + gap.seconds - now, "")]
        if gap.hour is not None and len(self.pages) >= gap.hour:
            due = self.pages[-gap.hour] + HOUR
            reasons.append((due - now, f"{gap.hour} pages within the hour"))
        reasons.append((self.until - now, "the site asked for a pause"))
        return max(reasons)

    def start(self, now: float, gap: Gap) -> None:
        """A request starts."""
        self.last = now
        if gap.hour is not None:
            self.pages.append(now)
            while self.pages[0] <= now - HOUR:
                self.pages.popleft()

    def announce(self, now: float, seconds: float) -> None:
        """The site wants nothing for so long; a longer pause that runs stays."""
        if now + seconds > self.until:
            self.since, self.until = now, now + seconds

    def forgive(self, now: float) -> None:
        """What a clock that was put back left in the future counts as now."""
        self.last = min(self.last, now)
        if self.since > now:
            self.until, self.since = now + (self.until - self.since), now
        if self.pages and self.pages[-1] > now:
            self.pages = deque(min(page, now) for page in self.pages)

    def to_bytes(self) -> bytes:
        """For the file, where the times are of the wall clock and never is 0."""
        times = [max(0.0, time) for time in (self.last, self.since, self.until, *self.pages)]
        return struct.pack(f"<{len(times)}d", *times)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Times:
        """The times of a file; one that is damaged says nothing."""
        found = cls()
        if len(raw) % 8 or not 24 <= len(raw) <= _LARGEST:
            return found
        times = struct.unpack(f"<{len(raw) // 8}d", raw)
        last, since, until, *pages = times
        if (
            all(0 <= time <= _LATEST for time in times)
            and since <= until
            and pages == sorted(pages)
        ):
            found.last, found.since, found.until = last, since, until
            found.pages = deque(pages)
        return found


class Turns:
    """The turns of one session; used by one thread at a time. `name` is the site's."""

    def __init__(self, name: str, clock: Clock, waits: Waits, shared: Shared | None = None) -> None:
        self._name, self._clock, self._waits = name, clock, waits
        self._own, self._shared = Times(), shared

    @contextmanager
    def turn(self, gap: Gap) -> Iterator[None]:
        """Waits for its turn and holds it; the request starts with the body of this.

        Raises Stopped, and SourceError while the site wants a pause too long to be waited out.
        """
        shared = self._shared
        if shared is None or not shared.acquire(self._waits, self._clock):
            self._wait(None, gap)
            yield
            return
        try:
            self._wait(shared, gap)
            yield
        finally:
            shared.release()

    def announce(self, seconds: float) -> None:
        """Nobody is to ask for so long."""
        self._own.announce(self._clock.monotonic(), seconds)
        if self._shared is not None:
            times = self._shared.load(self._clock.wall())
            times.announce(self._clock.wall(), seconds)
            self._shared.save(times)

    def _wait(self, shared: Shared | None, gap: Gap) -> None:
        times = Times() if shared is None else shared.load(self._clock.wall())
        while True:
            now = self._clock.monotonic()
            times.forgive(self._clock.wall())
            left, why = max(self._own.left(now, gap), times.left(self._clock.wall(), gap))
            if left <= 0:
                break
            if left > LONGEST_PAUSE:
                raise SourceError(
                    f"{self._name} wants nothing asked for a long while; come back after "
                    f"{come_back(left, self._clock.wall())} and run the same command again"
                )
            self._waits.until(now + left, why)
        self._waits.refuse()
        self._own.start(now, gap)
        if shared is not None:
            times.start(self._clock.wall(), gap)
            shared.save(times)


class Shared:
    """The file of one site and its locks; where there is none to be had, there is no sharing."""

    def __init__(self, folder: Path, base: str) -> None:
        self._path = folder / hashlib.sha256(base.encode()).hexdigest()[:32]
        self._usable = _make(folder)
        self._last = (b"", Times())
        self._door, self._turn = (_lock(self._path, name) for name in ("door", "turn"))

    def acquire(self, waits: Waits, clock: Clock) -> bool:
        """Waits for the turn; False where there is nothing to share with."""
        if not self._usable:
            return False
        began = clock.monotonic()
        try:
            self._take(self._door, waits, began, clock)
            try:
                self._take(self._turn, waits, began, clock)
            finally:
                self._door.release()
        except (OSError, NotImplementedError):
            self._usable = False
        return self._usable

    def release(self) -> None:
        """Lets the next have its turn."""
        with suppress(OSError):
            self._turn.release()

    def load(self, now: float) -> Times:
        """The times in the file; `now` is the wall clock."""
        raw = b""
        with suppress(OSError):
            file = os.open(self._path, os.O_RDONLY | _FLAGS)
            try:
                raw = os.read(file, _LARGEST + 1)
            finally:
                os.close(file)
        # What this process wrote itself needs no reading again.
        times = self._last[1] if raw == self._last[0] else Times.from_bytes(raw)
        times.forgive(now)
        return times

    def save(self, times: Times) -> None:
        """Writes the times; a full disk is no reason to stop."""
        raw = times.to_bytes()
        self._last = (raw, times)
        with suppress(OSError):
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | _FLAGS, 0o600)
            try:
                os.pwrite(file, raw, 0)
                os.ftruncate(file, len(raw))
            finally:
                os.close(file)

    def _take(self, lock: FileLock, waits: Waits, began: float, clock: Clock) -> None:
        try:
            while True:
                try:
                    lock.acquire(blocking=False)
                    return
                except Timeout:
                    busy = clock.monotonic() - began
                    waits.unless(busy, "another program of yours asks the site")
        finally:
            waits.over()


def _make(folder: Path) -> bool:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _lock(path: Path, name: str) -> FileLock:
    return FileLock(
        path.with_suffix(f".{name}"),
        mode=0o600,
        thread_local=False,
        fallback_to_soft=False,
        preserve_lock_file=True,
    )
