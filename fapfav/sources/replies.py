"""Words between a session and its wire: what is asked, what came back, what went wrong.

The wire (`http.py`) sends one request and reads its answer within bounds; the session
(`session.py`) decides when to send, and what an answer means.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol

_MIB = 2**20
_MOVED = {301, 302, 303, 307, 308}
_BUSY = {408, 425, 429, 503}
_REFUSED = {401, 403, 407, 451}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how large an answer may be, in seconds and bytes.

    `page_seconds` and `file_seconds` are for an answer from connecting to its last byte;
    `between` is for each wait for some more bytes. Sizes hold on the wire and unpacked.
    """

    connect: float = 10.0
    between: float = 15.0
    page_seconds: float = 60.0
    file_seconds: float = 300.0
    page_bytes: int = 8 * _MIB
    file_bytes: int = 256 * _MIB


class Kind(Enum):
    """What is asked for."""

    PAGE = auto()
    FILE = auto()
    HEAD = auto()


class Reply(NamedTuple):
    """One answer. `length` is what its headers say; `location`, `retry_after` and `date` are
    headers as they came."""

    status: int
    body: bytes = b""
    content_type: str = ""
    length: int | None = None
    location: str = ""
    retry_after: tuple[str, ...] = ()
    date: str = ""


class Wire(Protocol):
    """Something that sends one request and brings its answer.

    Raises Trouble where another try may help, SourceError (GaveUp for this address alone) where
    none will, Stopped once it is closed.
    """

    def ask(self, kind: Kind, url: str) -> Reply:
        """The answer of an address that was checked."""
        ...

    def close(self) -> None:
        """Ends a request under way, from any thread, and every later one."""
        ...


class Trouble(Exception):
    """A try that failed; another may not.

    `answered`: headers of an answer came. `pause`: at least so many seconds before the next
    request to the site; None where it did not ask for any.
    """

    def __init__(self, why: str, *, answered: bool, pause: float | None = None) -> None:
        super().__init__(why)
        self.answered, self.pause = answered, pause


class Meaning(Enum):
    """What a status says."""

    FINAL = auto()
    MOVED = auto()
    BUSY = auto()
    BROKEN = auto()
    REFUSED = auto()
    UNEXPECTED = auto()


def meaning(status: int) -> Meaning:
    """What a status says: 200 and a plain 4xx are final, 429 and its like ask for time."""
    if status in _MOVED:
        return Meaning.MOVED
    if status in _BUSY:
        return Meaning.BUSY
    if status in _REFUSED:
        return Meaning.REFUSED
    if status == 200 or 400 <= status < 500:
        return Meaning.FINAL
    return Meaning.BROKEN if 500 <= status < 600 else Meaning.UNEXPECTED
