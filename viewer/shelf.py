"""Opened pictures that are asked for again soon, in memory, up to so many bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

ROOM = 128 * 2**20
"""Bytes of stills, renditions and opened thumbnails together."""


class Shelf:
    """The bytes used last, by name; any thread may ask."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, bytes] = OrderedDict()
        self._taken = 0
        self.turn = 0
        """Another number after each `clear`."""

    def get(self, name: Hashable) -> bytes | None:
        """What was put there, if it still is."""
        with self._lock:
            data = self._found.get(name)
            if data is not None:
                self._found.move_to_end(name)
            return data

    def put(self, name: Hashable, data: bytes, turn: int) -> None:
        """Keeps bytes that were opened at this `turn`: what is late is not kept after a `clear`.

        Nothing takes more than an eighth of the room, or one picture would cost all others theirs.
        """
        with self._lock:
            if turn != self.turn or len(data) * 8 > self._room:
                return
            self._taken += len(data) - len(self._found.pop(name, b""))
            self._found[name] = data
            while self._taken > self._room:
                _, oldest = self._found.popitem(last=False)
                self._taken -= len(oldest)

    def clear(self) -> None:
        """Forgets all of it."""
        with self._lock:
            self._found.clear()
            self._taken = 0
            self.turn += 1

    @property
    def taken(self) -> int:
        """Bytes that are kept."""
        return self._taken
