"""A polite visitor of one site: whose turn it is, how long to wait, what an answer means.

It asks one question at a time, over a wire that it knows only by its words; sockets are in
`http.py`.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, NoReturn, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from fapfav.errors import SourceError
from fapfav.sources.addresses import Places, host_of, shown
from fapfav.sources.bodies import is_cut_page, looks_like_text
from fapfav.sources.pacing import (
    CHECKS,
    LONGEST_PAUSE,
    TRIES,
    Clock,
    Pace,
    come_back,
    pace_of,
    pause_asked,
    span,
)
from fapfav.sources.replies import Kind, Meaning, Reply, Trouble, Wire, meaning
from fapfav.sources.turns import Gap, Shared, Turns
from fapfav.sources.waits import Waits
from fapfav.sources.web import Answer, GaveUp, Head, Rules, Seconds, Wait

REDIRECTS = 5
"""As many are followed for one request."""

_Self = TypeVar("_Self", bound="Session")


class _Found(NamedTuple):
    url: str
    reply: Reply


class _CheckPage(Exception):
    """The site shows its check page instead of an answer; `pause` is waited out."""

    def __init__(self, url: str, pause: float) -> None:
        super().__init__(url)
        self.url, self.pause = url, pause


class Session:
    """A site, asked one polite question at a time, from any thread.

    `base` is where its paths start, in its one spelling; `hosts` are all that are ever asked.
    """

    def __init__(
        self,
        rules: Rules,
        places: Places,
        wire: Wire,
        *,
        pace: Seconds | None = None,
        turns: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.base, self.hosts = places.base.text, places.hosts | {places.base.host}
        self._rules, self._places, self._wire = rules, places, wire
        self._pace = pace_of(rules, pace, loopback=places.base.is_loopback)
        self._usual = pace_of(rules, None, loopback=False)
        self._clock = clock or Clock()
        self._waits = Waits(self._clock)
        # A site on this computer that is asked without any pause leaves nothing to share.
        is_paced = self._pace.pages[1] > 0 or self._pace.hour is not None
        shared = Shared(turns, self.base) if turns is not None and is_paced else None
        self._turns = Turns(rules.name, self._clock, self._waits, shared)
        self._one = threading.Lock()
        self._asked = self._checks = 0
        self._tries = Retrying(
            stop=stop_after_attempt(TRIES),
            retry=retry_if_exception_type(Trouble),
            wait=self._pause_after,
            before_sleep=self._rest,
            sleep=_rested,
            retry_error_callback=_give_up,
        )

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def waiting(self) -> Wait | None:
        """Why nothing is being asked just now, where it is more than the ordinary pause."""
        return self._waits.waiting

    @property
    def asked(self) -> int:
        """Requests sent so far, tries and redirects too."""
        return self._asked

    def page(self, address: str) -> Answer:
        """A page, paced as such."""
        return _answer(self._ask(Kind.PAGE, address))

    def file(self, address: str) -> Answer:
        """A file, paced as such."""
        return _answer(self._ask(Kind.FILE, address))

    def head(self, address: str) -> Head:
        """Only the headers of a file, paced as such."""
        url, reply = self._ask(Kind.HEAD, address)
        return Head(reply.status, url, reply.length, reply.content_type)

    def hurry(self) -> None:
        """Ends waits of more than a few seconds with Stopped, now and from now on."""
        self._waits.hurry()

    def close(self) -> None:
        """Ends whatever is under way, in any thread, with Stopped, and every later request."""
        self._waits.close()
        self._wire.close()

    def _ask(self, kind: Kind, address: str) -> _Found:
        url = self._places.locate(address)
        with self._one:
            self._checks = 0
            while True:
                try:
                    found: _Found = self._tries(self._hops, kind, url)
                    return found
                except _CheckPage as check:
                    if self._checks > CHECKS:
                        raise SourceError(self._wants_a_human(check.url)) from None
                    why = f"{self._rules.name} wants a check by a human, or found us too fast"
                    self._waits.until(self._clock.monotonic() + check.pause, why)

    def _hops(self, kind: Kind, url: str) -> _Found:
        """One try: the request, and where redirects lead it."""
        here, seen = url, {url}
        for _ in range(REDIRECTS + 1):
            reply = self._turn(kind, here)
            if meaning(reply.status) is not Meaning.MOVED:
                return _Found(here, reply)
            there = self._places.follow(here, reply.location)
            if there in seen:
                raise SourceError(f"{shown(here)} leads back to {shown(there)}, in a circle")
            seen.add(there)
            here = there
        raise SourceError(
            f"{shown(url)} leads on and on, at last to {shown(here)}; {REDIRECTS} redirects are "
            "followed"
        )

    def _turn(self, kind: Kind, url: str) -> Reply:
        """One request in its turn. What the site asks for is noted before the turn ends."""
        pace = self._pace_for(url)
        least, most = pace.between(kind)
        hour = pace.hour if kind is Kind.PAGE else None
        with self._turns.turn(Gap(self._clock.random(least, most), hour)):
            self._asked += 1
            reply = self._wire.ask(kind, url)
            what = meaning(reply.status)
            if what is Meaning.BUSY:
                self._refuse_busy(url, reply)
            elif what is Meaning.BROKEN:
                raise Trouble(f"it answered with error {reply.status}", answered=True)
            elif self._is_check(kind, url, reply):
                self._checks += 1
                pause = pace.check_pause(self._checks)
                self._turns.announce(pause)
                raise _CheckPage(url, pause)
            elif what in {Meaning.REFUSED, Meaning.UNEXPECTED} and not _is_closed(kind, reply):
                raise SourceError(_refusal(url, reply.status, what))
        if kind is Kind.PAGE and reply.status == 200 and is_cut_page(reply.body):
            raise Trouble("the page ends in the middle", answered=True)
        return reply

    def _pace_for(self, url: str) -> Pace:
        # A site on this computer may be asked as fast as its user likes; the real one that it
        # names may not.
        return (
            self._pace
            if self._places.is_own(host_of(url))
            else max(self._pace, self._usual, key=lambda pace: pace.pages)
        )

    def _refuse_busy(self, url: str, reply: Reply) -> NoReturn:
        now = self._clock.wall()
        pause = pause_asked(reply.retry_after, reply.date, now)
        if pause is not None:
            self._turns.announce(pause)
            if pause > LONGEST_PAUSE:
                raise SourceError(
                    f"{host_of(url)} wants nothing asked for {span(pause)} ({reply.status}); come "
                    f"back after {come_back(pause, now)} and run the same command again"
                )
        raise Trouble(f"it has no time ({reply.status})", answered=True, pause=pause)

    def _is_check(self, kind: Kind, url: str, reply: Reply) -> bool:
        is_check = self._rules.is_check
        if meaning(reply.status) is Meaning.MOVED:
            # Before it is followed: the check page itself need not be asked for.
            return is_check(self._places.follow(url, reply.location), b"")
        is_page = kind is Kind.PAGE or looks_like_text(reply.body, reply.content_type)
        return is_check(url, reply.body if is_page else b"")

    def _wants_a_human(self, url: str) -> str:
        return (
            f"{self._rules.name} wants to see a human at {shown(url)}, or found us too fast, "
            f"and still does after {CHECKS} pauses; open {self.base} in a browser on this "
            "connection, wait an hour, and run the same command again: it goes on where it was"
        )

    def _pause_after(self, state: RetryCallState) -> float:
        backoff = self._pace.backoff(state.attempt_number, self._clock)
        return max(backoff, _trouble(state).pause or 0.0)

    def _rest(self, state: RetryCallState) -> None:
        """The wait between two tries, so that it is seen and can be ended."""
        trouble, host = _trouble(state), host_of(state.args[1])
        if trouble.pause is None:
            self._waits.refuse_hurried(f"{host}: {trouble}")
        why = f"{host}: {trouble}, try {state.attempt_number + 1} of {TRIES}"
        if trouble.pause is not None:
            why = f"{host} asks for {span(trouble.pause)}: {trouble}"
        self._waits.until(self._clock.monotonic() + state.upcoming_sleep, why)


def _is_closed(kind: Kind, reply: Reply) -> bool:
    """Whether a file is refused, as when its address has expired: the source knows what to do."""
    return kind is not Kind.PAGE and reply.status == 403


def _answer(found: _Found) -> Answer:
    url, reply = found
    return Answer(reply.status, url, reply.body, reply.content_type)


def _trouble(state: RetryCallState) -> Trouble:
    error = None if state.outcome is None else state.outcome.exception()
    if not isinstance(error, Trouble):
        raise TypeError(f"only trouble is tried again, not {error!r}")
    return error


def _rested(seconds: float) -> None:
    """Nothing is left to wait for: `_rest` did."""


def _give_up(state: RetryCallState) -> NoReturn:
    trouble, url = _trouble(state), state.args[1]
    raise give_up(url, f"{trouble}, {TRIES} times in a row", answered=trouble.answered)


def give_up(url: str, why: str, *, answered: bool) -> GaveUp:
    """The error after the last try, with what to do."""
    if answered:
        return GaveUp(
            f"{host_of(url)} has no good answer to {shown(url)}: {why}; try again later",
            answered=True,
        )
    return GaveUp(
        f"cannot reach {host_of(url)}: {why}; check the connection to the internet, and run the "
        "same command again",
        answered=False,
    )


def _refusal(url: str, status: int, what: Meaning) -> str:
    if what is Meaning.REFUSED:
        return (
            f"{host_of(url)} refuses to show {shown(url)} ({status}); see in a browser whether "
            "it is open to everybody"
        )
    return (
        f"{host_of(url)} answered {shown(url)} with status {status}, which makes no sense here; "
        "the site may have changed"
    )
