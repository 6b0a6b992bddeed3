"""What tests of polite visits share: rules of an invented site, time that only waits move, and a
wire that answers what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fapfav.sources.addresses import Places, parse_base
from fapfav.sources.http import HttpWire
from fapfav.sources.pacing import Clock
from fapfav.sources.replies import Bounds, Kind, Reply
from fapfav.sources.session import Session
from fapfav.sources.web import Rules

RULES = Rules(
    name="example",
    base="https://www.site.example",
    hosts=frozenset({"www.site.example", "cdn.site.example"}),
    between_pages=(2.0, 4.0),
    between_files=(1.0, 2.0),
    pages_an_hour=900,
    is_check=lambda url, body: "/human" in url or b"are you human" in body,
)

PATIENT = Bounds(60.0, 60.0, 120.0, 120.0, 200_000, 400_000)
"""Bounds of size that end a test soon, and time enough for whatever a busy computer does."""

Script = Callable[[Kind, str], Reply]


def rules(**changes: object) -> Rules:
    """The rules with something else in them."""
    return replace(RULES, **changes)  # type: ignore[arg-type]


@dataclass
class Time:
    """Both clocks; a wait moves them at once. `slept` are the seconds that were waited."""

    now: float = 5000.0
    wall: float = 1_700_000_000.0
    slept: list[float] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def pass_(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.during()
        if event.is_set():
            return True
        self.slept.append(seconds)
        self.pass_(seconds)
        return False

    @property
    def clock(self) -> Clock:
        """Chance always takes the middle."""
        return Clock(
            lambda: self.now, lambda: self.wall, lambda low, high: (low + high) / 2, self.wait
        )


class ScriptedWire:
    """A wire that answers by a script and notes when it was asked."""

    def __init__(self, time: Time, script: Script, takes: float = 0.0) -> None:
        self._time, self._script, self._takes = time, script, takes
        self.asked: list[tuple[float, Kind, str]] = []
        self.closed = False

    def ask(self, kind: Kind, url: str) -> Reply:
        self.asked.append((self._time.now, kind, url))
        self._time.pass_(self._takes)
        return self._script(kind, url)

    def close(self) -> None:
        self.closed = True

    @property
    def starts(self) -> list[float]:
        """When each request started, the first at 0."""
        return [start - self.asked[0][0] for start, _, _ in self.asked]

    @property
    def urls(self) -> list[str]:
        return [url for _, _, url in self.asked]


def visit(
    time: Time, wire: ScriptedWire, used: Rules = RULES, base: str = "", **more: object
) -> Session:
    """A session over a scripted wire."""
    places = Places(parse_base(base or used.base), used.hosts)
    return Session(used, places, wire, clock=time.clock, **more)  # type: ignore[arg-type]


def at_first(session: Session, hasty: Mapping[str, float], tries: int = 1) -> Session:
    """Has so many of a session's requests wait no longer than that, and those after them as ever.

    So what is never answered is soon left, and no good answer can come too late.
    """
    wire, left = session._wire, tries
    assert isinstance(wire, HttpWire)
    ask, ever, soon = wire.ask, wire._bounds, replace(wire._bounds, **hasty)  # type: ignore[arg-type]

    def asked(kind: Kind, url: str) -> Reply:
        nonlocal left
        wire._bounds = soon if left > 0 else ever
        left -= 1
        return ask(kind, url)

    wire.ask = asked  # type: ignore[method-assign]
    return session


def in_turn(*replies: Reply | Exception) -> Script:
    """A script of answers one after the other, the last one again and again."""
    left = list(replies)

    def script(kind: Kind, url: str) -> Reply:
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    return script
