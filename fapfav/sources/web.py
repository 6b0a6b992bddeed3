"""What a source of a site needs of the web, and what it gets: questions, answers, waits.

`http.py` is the one way to the network and keeps to these words; a source's parsing is tested with
anything that answers the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from fapfav.errors import SourceError

Seconds = tuple[float, float]
"""The least and the most; each time something between is taken at random."""


class Answer(NamedTuple):
    """What a site answered in the end.

    `status` is 200, or a 4xx that says this address has nothing (404, 410 and the like; never
    401, 408, 425 or 429, and 403 for files only, whose addresses may expire); `url` where redirects
    led; `body` whole and unpacked.
    """

    status: int
    url: str
    body: bytes
    content_type: str


class Head(NamedTuple):
    """The same without its body; `length` is None where the site does not say."""

    status: int
    url: str
    length: int | None
    content_type: str


class Wait(NamedTuple):
    """A wait under way: why, in words for the user, and until when by the monotonic clock."""

    why: str
    until: float


class GaveUp(SourceError):
    """Every try failed. `answered`: the site is there, but it has no good answer to this."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site is called by and asks of its visitors.

    Pauses are measured from the start of one request to the start of the next. `hosts` are all its
    host names in lower case, those of its files too. `is_check` tells a ban or check page by its
    final address and body.
    """

    name: str
    base: str
    hosts: frozenset[str]
    between_pages: Seconds
    between_files: Seconds
    pages_an_hour: int
    is_check: Callable[[str, bytes], bool]


class Web(Protocol):
    """A site, asked one polite question at a time.

    An address is a path below the base ("/profile/alice"), or a whole one as a page gave it. All
    three raise SourceError (its kind GaveUp after every try), and Stopped after `hurry`.
    """

    @property
    def waiting(self) -> Wait | None:
        """Why nothing is being asked just now; read from any thread."""
        ...

    @property
    def asked(self) -> int:
        """Requests sent so far."""
        ...

    def page(self, address: str) -> Answer:
        """A page, paced as such."""
        ...

    def file(self, address: str) -> Answer:
        """A file, paced as such."""
        ...

    def head(self, address: str) -> Head:
        """Only the headers of a file, paced as such."""
        ...

    def hurry(self) -> None:
        """Ends waits of more than a few seconds with Stopped, now and from now on."""
        ...
