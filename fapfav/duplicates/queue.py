"""In which order sets are reviewed, and which comes next: pure functions over one line a set.

"Next" is the first after a set in its order, not the one at its number plus one: so nothing is
passed over when sets go, come, or are decided meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fapfav.model import Digest, Verdict


class Kind(StrEnum):
    """What a set is of: pictures that look alike, or the places of one picture."""

    PERCEPTUAL = "perceptual"
    EXACT = "exact"


class Order(StrEnum):
    """The surest first, the most bytes to win first, by album and place, the latest first."""

    CERTAIN = "certain"
    BYTES = "bytes"
    ALBUM = "album"
    NEW = "new"


class Scope(StrEnum):
    """Which sets are meant."""

    PERCEPTUAL = "perceptual"
    EXACT = "exact"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SetLine:
    """One set in a list. `key` is its smallest picture, or the picture whose copies it is of.

    `members` counts pictures, or places of an exact set; `letters` counts their verdicts.
    `saves` are the bytes of all that are alike but the largest, `album` is what the set's first
    place sorts by, `newest` when its latest picture came.
    """

    key: Digest
    kind: Kind
    members: int
    letters: Mapping[Verdict, int]
    needs_action: bool
    certainty: float
    saves: int
    album: tuple[str, ...]
    newest: int
    bytes: int


def within(lines: Iterable[SetLine], scope: Scope) -> tuple[SetLine, ...]:
    """The sets of a kind."""
    return tuple(line for line in lines if scope is Scope.ALL or line.kind.value == scope.value)


def ordered(
    lines: Iterable[SetLine], order: Order, scope: Scope = Scope.ALL
) -> tuple[SetLine, ...]:
    """All sets of a kind in an order, decided or not."""
    return tuple(sorted(within(lines, scope), key=_SORT[order]))


def queue(lines: Iterable[SetLine], order: Order, scope: Scope = Scope.ALL) -> tuple[SetLine, ...]:
    """The sets that need action, in an order."""
    return ordered((line for line in lines if line.needs_action), order, scope)


def after(
    lines: Iterable[SetLine],
    order: Order,
    key: Digest | SetLine,
    scope: Scope = Scope.ALL,
    *,
    pending: bool = True,
) -> SetLine | None:
    """The first after a set, of those that need action or with `pending` False of all.

    `lines` are those of the whole archive, not only of the queue, so that a set decided just now
    has a place among them. Given as the line it was, a set has its place though it is gone by now;
    a key that nothing is known of stands before all others: what was not decided is not lost.
    """
    every = tuple(lines)
    sort = _SORT[order]
    here = _place_of(every, order, key)
    found = (line for line in _meant(every, scope, pending) if here is None or sort(line) > here)
    return min(found, key=sort, default=None)


def before(
    lines: Iterable[SetLine],
    order: Order,
    key: Digest | SetLine,
    scope: Scope = Scope.ALL,
    *,
    pending: bool = True,
) -> SetLine | None:
    """The last before a set; as `after`. Before a key that nothing is known of there is none."""
    every = tuple(lines)
    sort = _SORT[order]
    here = _place_of(every, order, key)
    found = (
        line for line in _meant(every, scope, pending) if here is not None and sort(line) < here
    )
    return max(found, key=sort, default=None)


def _meant(lines: Iterable[SetLine], scope: Scope, pending: bool) -> Iterable[SetLine]:
    return (line for line in within(lines, scope) if line.needs_action or not pending)


def _place_of(lines: Iterable[SetLine], order: Order, key: Digest | SetLine) -> Any:
    line = key if isinstance(key, SetLine) else next((x for x in lines if x.key == key), None)
    return None if line is None else _SORT[order](line)


_SORT: dict[Order, Callable[[SetLine], Any]] = {
    Order.CERTAIN: lambda line: (-line.certainty, line.key),
    Order.BYTES: lambda line: (-line.saves, line.key),
    Order.ALBUM: lambda line: (line.album, line.key),
    Order.NEW: lambda line: (-line.newest, line.key),
}
