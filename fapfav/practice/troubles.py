"""When something goes wrong on the practice site; what that is, is in `kinds.py`."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fapfav.practice.wire import Asked, Reply

Kind = Callable[[Reply], Reply]
"""A way to go wrong: from the proper answer to the one that is given."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble, and when it happens.

    It is for requests whose target (prefix and query included) matches the regular expression
    `path` somewhere, and whose method is `method` ("" is any). Of those, the first `after` pass;
    then it happens `times` times (None: always), or for `seconds` from its first time.
    """

    kind: Kind
    path: str = ""
    method: str = ""
    after: int = 0
    times: int | None = 1
    seconds: float = 0.0


@dataclass(slots=True)
class _Watched:
    trouble: Trouble
    pattern: re.Pattern[str] = field(init=False)
    seen: int = 0
    began: float | None = None

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.trouble.path)

    def is_due(self, asked: Asked) -> bool:
        """Whether it happens to this request; counts it."""
        trouble = self.trouble
        if trouble.method not in {"", asked.method} or not self.pattern.search(asked.target):
            return False
        if trouble.seconds and self.began is not None:
            return time.monotonic() < self.began + trouble.seconds
        if trouble.times is not None and self.seen >= trouble.after + trouble.times:
            return False
        self.seen += 1
        if self.seen <= trouble.after:
            return False
        if self.began is None:
            self.began = time.monotonic()
        return True


class Troubles:
    """The troubles of a running site: the first one that is due happens, later ones wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: list[_Watched] = []

    def add(self, trouble: Trouble) -> None:
        """From the next request on."""
        with self._lock:
            self._watched.append(_Watched(trouble))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._watched.clear()

    def played(self, asked: Asked, reply: Reply) -> Reply:
        """What a request gets instead of its proper answer, or that answer."""
        if not self._watched:
            return reply
        with self._lock:
            due = next((one for one in self._watched if one.is_due(asked)), None)
        return due.trouble.kind(reply) if due else reply
