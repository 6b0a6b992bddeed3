"""Commands in processes of their own that ask a practice site, and what is right afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fapfav.practice.site import PracticeSite, Trouble
from fapfav.practice.troubles import Kind
from tests.bad_input.trouble import OFF, digests, kept, started
from tests.cli.running import LIMIT, Home, Ran, Terminal, command
from tests.cli.visiting import ask, there
from tests.jobs.sites import hills

USER = "--user", "alice"
READ = "read", *USER, *OFF
NEW = *READ, "--no-password"
WHOLE = frozenset(digests(map(hills, range(12))))
"""The digests of everything that Alice shows."""

FILES = "/images/full/"
PHOTOS = "/photo/"
LISTS = "/showfavorites"

# The peak of a process counts what the one that started it had, so a small one starts it.
_METER = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.write(f"\\n{used.ru_maxrss} {used.ru_utime + used.ru_stime}")
sys.exit(done.returncode)
"""
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of what a peak is counted in


@dataclass(frozen=True)
class Measured:
    """How a command ended, its seconds of processor, and the most memory it had, in bytes."""

    ran: Ran
    seconds: float
    peak: int


@dataclass(frozen=True)
class Visitor:
    """A home whose commands ask a site, without any pause."""

    home: Home
    site: PracticeSite

    @property
    def archive(self) -> Path:
        """Where the archive is when nothing else is said."""
        return self.home.path / "Downloads" / "imagefap"

    def run(self, *words: object, **environment: str) -> Ran:
        """Runs `favorites.py`."""
        return self.home.run("favorites", *words, **{**there(self.site), **environment})

    def quick(self, *words: object, **environment: str) -> Ran:
        """The same in this process: for what comes before and after the thing under test."""
        return ask(self.home, self.site, *words, **environment)

    def start(self, *words: object) -> subprocess.Popen:  # type: ignore[type-arg]
        """Starts it and does not wait."""
        return started(self.home, "favorites", *words, **there(self.site))

    def watch(self, *words: object) -> Terminal:
        """Starts it at a terminal."""
        return Terminal(self.home, "favorites", *words, **there(self.site))

    def measure(self, *words: object) -> Measured:
        """Runs it and looks at what it took."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _METER, *command("favorites", words)],
            cwd=self.home.path,
            env=self.home.environment(**there(self.site)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
        err, _, used = done.stderr.decode().rpartition("\n")
        peak, seconds = used.split()
        ran = Ran(done.returncode, done.stdout.decode(), err)
        return Measured(ran, float(seconds), int(peak) * _UNIT)

    def play(self, kind: Kind, path: str = "", *, after: int = 0, times: int | None = None) -> None:
        """From now on this goes wrong, always unless `times` says how often."""
        self.site.troubles.add(Trouble(kind, path, after=after, times=times))

    def kept(self) -> set[bytes]:
        """The digests of all pictures in the archive, each read whole; none without an archive."""
        return kept(self.archive) if self.archive.exists() else set()

    def goes_on(self, *more: object, all_of: Iterable[bytes] = WHOLE) -> Ran:
        """Asserts that once all is well a later read completes what is missing."""
        before = self.kept()
        self.site.troubles.clear()
        self.site.break_pages(broken=False)
        words = READ if self.archive.exists() else NEW
        done = self.quick(*words, "--json", *more)
        assert done.code == 0, done.err
        assert done.object["failed"] == 0
        assert before <= self.kept() == set(all_of)
        return done
