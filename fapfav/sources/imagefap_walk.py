"""The order in which the pages of a folder are read, and how a later visit goes on.

New pictures go to the end of a folder. Removed ones let later ones move up, even to an earlier page
and even while pages are being read. So after a while nothing is taken for granted: pages are read
back to one that holds a picture seen before, and what stands behind that one is new. Going back
loses nothing, since pictures move towards it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

REMEMBERED = 64
"""So many of the last ids are kept in a cursor."""

FRESH = 600
"""Seconds for which what a cursor says is taken to be true."""

LONG = 60
"""Seconds between two pages after which pictures may have moved."""

LARGEST = 100_000
"""Pages after which a listing is taken to have no end."""

_EMPTY = 3  # empty pages in a row that end a folder: up to two are holes
_SAME = 3  # times the same page in a row: the site takes no more page numbers
_NOTHING_NEW = 50  # pages in a row with nothing but what was listed before: it goes in circles

_CURSOR = re.compile(
    r"1:([0-9]{1,6}):([0-9]{1,6}):([0-9]{1,6}):([0-9]{1,6}):([0-9]{1,12})"
    r":([0-9]{1,20}(?:,[0-9]{1,20}){0,63})"
)


class Mark(NamedTuple):
    """Where a walk stands: the last page that gave something, when it was read (seconds UTC), the
    last ids up to there, and how many pages had pictures.

    `size` is how many that page had, `largest` how many any page had. Where it had fewer, more may
    be added to it before the next page begins.
    """

    page: int
    time: int
    ids: tuple[str, ...]
    pages: int
    size: int = 0
    largest: int = 0

    def __str__(self) -> str:
        numbers = (1, self.size, self.largest, self.pages, self.page, self.time)
        return f"{':'.join(map(str, numbers))}:{','.join(self.ids)}"


def mark_of(text: str) -> Mark | None:
    """The mark that was written so, or None: then a folder is read from its start."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        return None
    size, largest, pages, page, time = map(int, match.groups()[:5])
    if page >= LARGEST:
        return None
    return Mark(page, time, tuple(match[6].split(",")), pages, size, largest)


@dataclass(frozen=True, slots=True)
class _Page:
    ids: tuple[str, ...]
    time: float


class Walk:
    """One visit to a folder. `read` gives the ids on a page, `now` the seconds UTC."""

    def __init__(
        self, read: Callable[[int], tuple[str, ...]], now: Callable[[], float], since: Mark | None
    ) -> None:
        self._read = read
        self._now = now
        self._since = since
        self._mark = since or Mark(-1, 0, (), 0)
        self._told = self._counted = self._mark.page  # up to here pages are counted in the mark
        self._largest = self._mark.largest
        self._seen = set(self._mark.ids)
        self._held: dict[int, _Page] = {}  # read while going back, not yet gone over

    def steps(self) -> Iterator[tuple[tuple[str, ...], Mark]]:
        """New ids page by page, each with the mark that covers them.

        There are none when no more happened than that a known picture is on an earlier page now.
        """
        number, anchored = self._start()
        empty = same = nothing = 0
        before: _Page | None = None
        while number < LARGEST and empty < _EMPTY and same < _SAME and nothing < _NOTHING_NEW:
            was_held = number in self._held
            page = self._held.pop(number, None) or self._ask(number)
            if before and not was_held and self._is_long(before, page):
                self._held[number] = page
                number, anchored, before = self._back(number - 1), True, None
                continue
            new = self._new(page, anchored)
            if new:
                self._advance(number, page)
            if new or self._told != self._mark.page:
                self._told = self._mark.page
                yield new, self._mark
            empty = 0 if page.ids else empty + 1
            if not was_held:  # pages read backwards may well show the same pictures moving up
                same = same + 1 if before and page.ids and page.ids == before.ids else 0
                nothing = nothing + 1 if page.ids and not new else 0
            before, anchored, number = page, False, number + 1

    def _start(self) -> tuple[int, bool]:
        """The first page to go over, and whether only what is behind known ids counts there."""
        if self._since is None:
            return 0, False
        age = self._now() - self._since.time
        if 0 <= age <= FRESH and self._since.size >= self._since.largest:
            return self._since.page + 1, False
        return self._back(self._since.page), True

    def _back(self, number: int) -> int:
        """Reads back from a page to one with a known id, or to the first; which one it is."""
        known = set(self._mark.ids)
        for earlier in range(number, -1, -1):
            page = self._held[earlier] = self._ask(earlier)
            if not known.isdisjoint(page.ids):
                self._mark = self._mark._replace(page=earlier, time=int(page.time))
                return earlier
        return 0

    def _is_long(self, before: _Page, page: _Page) -> bool:
        """Whether so much time passed that pictures may have moved to the page before."""
        # A clock that was set back tells nothing.
        return bool(self._mark.ids) and not 0 <= page.time - before.time <= LONG

    def _ask(self, number: int) -> _Page:
        ids = self._read(number)
        self._largest = max(self._largest, len(ids))
        return _Page(ids, self._now())

    def _new(self, page: _Page, anchored: bool) -> tuple[str, ...]:
        """The ids nobody listed yet, each once."""
        ids = page.ids
        if anchored:
            known = [at for at, image in enumerate(ids) if image in self._mark.ids]
            ids = ids[known[-1] + 1 :] if known else ids
        return tuple(dict.fromkeys(image for image in ids if image not in self._seen))

    def _advance(self, number: int, page: _Page) -> None:
        self._seen.update(page.ids)
        listed = dict.fromkeys(reversed((*self._mark.ids, *page.ids)))
        tail = tuple(reversed(list(listed)[:REMEMBERED]))
        pages = self._mark.pages + (number > self._counted)
        self._counted = max(self._counted, number)
        self._mark = Mark(number, int(page.time), tail, pages, len(page.ids), self._largest)
