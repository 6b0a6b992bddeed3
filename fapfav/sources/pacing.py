"""When a site may be asked: intervals, what it says about coming back, pauses after trouble.

Pure but for `Clock`, which is every clock, chance and sleep that a session has, in one place where
a test can put its own.
"""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fapfav.errors import UsageError
from fapfav.sources.replies import Kind
from fapfav.sources.web import Rules, Seconds

TRIES = 8
"""How often one request is tried."""

CHECKS = 4
"""How often a check page is waited out."""

LONGEST_PAUSE = 6 * 3600.0
"""Seconds of the longest wait a site may ask for; beyond it the user is asked to come back."""

_LONGEST_BACKOFF = 300.0
_CHECK_PAUSE = 300  # units: ten minutes where two seconds lie between pages
_YEAR = 366 * 86400.0
_NUMBER = re.compile(r"[0-9]{1,100}")


@dataclass(frozen=True, slots=True)
class Clock:
    """Time in seconds, chance, and waiting: `wait` ends early when its event is set."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    random: Callable[[float, float], float] = random.SystemRandom().uniform
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from the start of one request to the next, and pages in any hour (None: any).

    `unit` are the seconds that pauses after trouble grow from.
    """

    pages: Seconds
    files: Seconds
    hour: int | None
    unit: float

    def between(self, kind: Kind) -> Seconds:
        """The interval before a request of a kind."""
        return self.pages if kind is Kind.PAGE else self.files

    def backoff(self, tries: int, clock: Clock) -> float:
        """Seconds before the next try after so many that failed."""
        seconds = 2 * self.unit * 2.0 ** (tries - 1)
        return min(_LONGEST_BACKOFF, seconds * clock.random(1.0, 1.5))

    def check_pause(self, times: int) -> float:
        """Seconds after the check page has come so many times."""
        return min(LONGEST_PAUSE, self.unit * _CHECK_PAUSE * 2.0 ** (times - 1))


def pace_of(rules: Rules, wish: Seconds | None, *, loopback: bool) -> Pace:
    """The rules' pace, or the user's wish for every request; raises UsageError.

    A wish below the rules is for a site on this computer, and there no hour is counted either.
    """
    unit = rules.between_pages[0]
    own = Pace(rules.between_pages, rules.between_files, rules.pages_an_hour, unit)
    if wish is None:
        return own
    least, most = wish
    if not all(math.isfinite(seconds) for seconds in wish) or not 0 <= least <= most:
        raise UsageError(
            f"a pace of {least:g},{most:g} makes no sense; give the least and the most seconds "
            "between two requests, like 2,4"
        )
    allowed = max(rules.between_pages[0], rules.between_files[0])
    if least >= allowed:
        return Pace(wish, wish, rules.pages_an_hour, unit)
    if not loopback:
        raise UsageError(
            f"{rules.name} is asked every {allowed:g} seconds at most, not every {least:g}; "
            f"give a pace of {allowed:g} or more"
        )
    return Pace(wish, wish, None, min(least, unit))


def pause_asked(values: Sequence[str], date: str, now: float) -> float | None:
    """Seconds that Retry-After headers ask for, the longest of several; None without a usable one.

    `date` is the answer's own Date header: against it a date needs no clock of ours to be right.
    `now` is the wall clock, for answers without one. RFC 9110, section 10.2.3.
    """
    asked = [_seconds(value.strip(), date, now) for value in values]
    return max((seconds for seconds in asked if seconds is not None), default=None)


def come_back(seconds: float, now: float) -> str:
    """When that is, as messages say it; `now` is the wall clock."""
    return f"{datetime.fromtimestamp(now + min(seconds, _YEAR)).astimezone():%Y-%m-%d %H:%M}"


def span(seconds: float) -> str:
    """A span of time as messages say it."""
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    return f"{math.ceil(seconds / 60)} min" if seconds < 7200 else f"{math.ceil(seconds / 3600)} h"


def _seconds(value: str, date: str, now: float) -> float | None:
    if _NUMBER.fullmatch(value):
        return min(float(value), _YEAR)
    until, since = _moment(value), _moment(date)
    if until is None:
        return None
    return min(max(0.0, until - (now if since is None else since)), _YEAR)


def _moment(text: str) -> float | None:
    """Seconds since 1970 of an HTTP date, in any of its three forms."""
    if not text.isascii() or len(text) > 64:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
