"""Lists of duplicate sets as pages show them, and the queue that reviewing goes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.urls import reverse

from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, after, ordered, queue
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import set_lines, set_view
from fapfav.model import Blob, Digest, Verdict
from viewer import forms
from viewer.addresses import name_of
from viewer.state import the_viewer

LETTERS = {Verdict.NEW: "N", Verdict.FALSE: "F", Verdict.KEEP: "K", Verdict.SKIP: "S"}
"""What verdicts are called where there is no room."""

ORDERS = {
    Order.CERTAIN: "surest first",
    Order.BYTES: "most to win first",
    Order.ALBUM: "by album",
    Order.NEW: "latest first",
}
SCOPES = {Scope.PERCEPTUAL: "alike", Scope.EXACT: "exact copies", Scope.ALL: "both kinds"}

LONG = 2.5
"""So many times as long as wide, or as wide as long."""

THUMBS = 5
"""Pictures of a set that a list shows."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one goes through the sets: what the address of a set's page holds besides the set."""

    order: Order = Order.CERTAIN
    scope: Scope = Scope.ALL
    view: str = ""

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Way:
        """From an address; what makes no sense is as if it were not there."""
        return cls(
            Order(forms.choice(fields, "order", tuple(Order), Order.CERTAIN)),
            Scope(forms.choice(fields, "scope", tuple(Scope), Scope.ALL)),
            forms.choice(fields, "view", VIEWS, ""),
        )

    @property
    def given(self) -> dict[str, str]:
        """Parameters, without those that are as they would be anyway."""
        return {
            "order": self.order if self.order is not Order.CERTAIN else "",
            "scope": self.scope if self.scope is not Scope.ALL else "",
            "view": self.view,
        }

    @property
    def query(self) -> str:
        """As the query of an address; empty, or begins with `?`."""
        return forms.query(**self.given)

    def address(self, archive: Archive, key: Digest) -> str:
        """The page of a set."""
        return reverse("duplicate", args=[name_of(archive, key)]) + self.query


VIEWS = ("side", "over", "diff", "sheet")
"""How the pictures of a set are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A set in a list: where its page is, a few of its pictures, its verdicts by letter."""

    line: SetLine
    address: str
    thumbs: tuple[tuple[str, bool], ...]
    """Each with whether it is so long or high that it has to be seen whole."""
    more: int
    letters: tuple[tuple[str, int], ...]


def rows(archive: Archive, lines: Iterable[SetLine], way: Way) -> list[Row]:
    """Sets as a list shows them."""
    return [_row(archive, line, way) for line in lines]


def _row(archive: Archive, line: SetLine, way: Way) -> Row:
    pictures: Sequence[Digest] = (line.key,)
    if line.kind is Kind.PERCEPTUAL:
        pictures = archive.group_of(line.key).members
    shown = [one for one in pictures if archive.blobs[one].thumb_size][:THUMBS]
    return Row(
        line,
        way.address(archive, line.key),
        tuple((name_of(archive, one), _is_long(archive.blobs[one])) for one in shown),
        len(pictures) - len(shown),
        tuple((LETTERS[verdict], line.letters.get(verdict, 0)) for verdict in LETTERS),
    )


def _is_long(blob: Blob) -> bool:
    """Whether the middle of a picture tells little of it."""
    short, long = sorted((blob.width, blob.height))
    return long > LONG * short


@dataclass(frozen=True, slots=True)
class Total:
    """The sets of a kind in numbers; `letters` are (letter, count, share of all pictures)."""

    kind: Kind
    sets: int
    waiting: int
    pictures: int
    letters: tuple[tuple[str, int, float], ...]
    saves: int

    @property
    def share(self) -> float:
        """Of the sets that need action."""
        return self.waiting / self.sets if self.sets else 0.0


def totals(archive: Archive) -> tuple[Total, ...]:
    """Both kinds in numbers."""
    return the_viewer().remembered("totals", archive.stamp, lambda: _totals(set_lines(archive)))


def _totals(lines: Sequence[SetLine]) -> tuple[Total, ...]:
    return tuple(_total(kind, [line for line in lines if line.kind is kind]) for kind in Kind)


def _total(kind: Kind, lines: Sequence[SetLine]) -> Total:
    letters: Counter[Verdict] = Counter()
    for line in lines:
        letters.update(line.letters)
    pictures = sum(line.members for line in lines)
    return Total(
        kind,
        len(lines),
        sum(line.needs_action for line in lines),
        pictures,
        tuple((LETTERS[v], letters[v], letters[v] / max(pictures, 1)) for v in LETTERS),
        sum(line.saves for line in lines),
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """The sets of a kind in an order, and where each is among them."""

    lines: tuple[SetLine, ...]
    at: Mapping[Digest, int]

    @classmethod
    def of(cls, archive: Archive, order: Order, scope: Scope) -> Sorted:
        """As they are now; sorted once, however many pages ask."""

        def sort() -> Sorted:
            lines = ordered(set_lines(archive), order, scope)
            return cls(lines, {line.key: at for at, line in enumerate(lines)})

        return the_viewer().remembered(("sorted", order, scope), archive.stamp, sort)


@dataclass(frozen=True, slots=True)
class Queue:
    """The sets that wait, in the order of a way; what was put off comes at the end."""

    archive: Archive
    way: Way
    postponed: Mapping[Digest, None]

    @property
    def sorted(self) -> Sorted:
        """All sets that the way goes through, decided or not."""
        return Sorted.of(self.archive, self.way.order, self.way.scope)

    @property
    def waiting(self) -> tuple[SetLine, ...]:
        """All that need action, first those not put off."""
        found = self.sorted
        last = (found.lines[found.at[key]] for key in self.postponed if key in found.at)
        return (
            *(line for line in found.lines if self._waits(line)),
            *(line for line in last if line.needs_action),
        )

    def _waits(self, line: SetLine) -> bool:
        return line.needs_action and line.key not in self.postponed

    def first(self, last: Digest | None) -> SetLine | None:
        """Where one goes on: the set looked at last if it waits, else the one after it."""
        found = self.sorted
        if last is not None:
            here = found.lines[found.at[last]] if last in found.at else None
            return here if here is not None and here.needs_action else self.next(last)
        return next(iter(self.waiting), None)

    def next(self, key: Digest | SetLine) -> SetLine | None:
        """Which comes after a set, decided or not: to the end, then what was passed over.

        A set that was decided just now is given as the line it was: it may stand elsewhere by now.
        """
        here = key.key if isinstance(key, SetLine) else key
        found = self.sorted
        if here in self.postponed:
            return self._after_postponed(here)
        if isinstance(key, SetLine):
            others = (line for line in found.lines if line.key not in self.postponed)
            following = after(others, self.way.order, key)
        else:
            ahead = islice(found.lines, found.at.get(here, -1) + 1, None)
            following = next((line for line in ahead if self._waits(line)), None)
        rest = (line for line in self.waiting if line.key != here)
        return following or next(rest, None)

    def _after_postponed(self, here: Digest) -> SetLine | None:
        others = [line for line in self.waiting if line.key != here]
        order = list(self.postponed)
        following = set(order[order.index(here) + 1 :])
        return next((line for line in others if line.key in following), next(iter(others), None))

    def neighbours(self, key: Digest) -> tuple[SetLine | None, SetLine | None]:
        """The nearest undecided set before one, and the set after it; else any that is there."""
        found = self.sorted
        at = found.at.get(key)
        if at is None:
            return None, None
        earlier = (line for line in reversed(found.lines[:at]) if line.needs_action)
        before = next(earlier, found.lines[at - 1] if at else None)
        return before, next(iter(found.lines[at + 1 : at + 2]), None)


def every(archive: Archive, order: Order, scope: Scope, state: str) -> tuple[SetLine, ...]:
    """The sets of a list: `all`, `waiting`, `decided`."""
    found = Sorted.of(archive, order, scope).lines
    if state == "all":
        return found
    return tuple(line for line in found if line.needs_action == (state == "waiting"))


def line_of(archive: Archive, key: Digest) -> SetLine | Digest:
    """A set's line as it is now: it tells the set's place in an order when it is gone."""
    return next((line for line in set_lines(archive) if line.key == key), key)


def needs_action(archive: Archive, key: Digest) -> bool:
    """Whether the set that a picture is in by now waits for a decision."""
    try:
        return set_view(archive, key).needs_action
    except UsageError:
        return False


@dataclass(frozen=True, slots=True)
class Path:
    """One way to go through the sets that wait: its start page, and what there is."""

    words: str
    about: str
    address: str
    is_current: bool
    sets: int = 0
    bytes: int = 0


def orders(way: Way) -> tuple[Path, ...]:
    """The orders to choose from."""
    return tuple(
        Path(words, _ABOUT[order], _start(replace(way, order=order)), order is way.order)
        for order, words in ORDERS.items()
    )


def scopes(archive: Archive, way: Way) -> tuple[Path, ...]:
    """The kinds to choose from, with how many sets wait and the bytes there are to win."""
    found = []
    for scope, words in SCOPES.items():
        lines = queue(set_lines(archive), way.order, scope)
        address, current = _start(replace(way, scope=scope)), scope is way.scope
        saved = sum(line.saves for line in lines)
        found.append(Path(words, "", address, current, len(lines), saved))
    return tuple(found)


def _start(way: Way) -> str:
    return reverse("review") + way.query


_ABOUT = {
    Order.CERTAIN: "What is most surely the same, so that it begins fast.",
    Order.BYTES: "What wins the most bytes.",
    Order.ALBUM: "As the pictures lie in their albums.",
    Order.NEW: "What came last.",
}


def compared(fields: Mapping[str, str]) -> tuple[int, ...]:
    """The numbers of the pictures that are looked at beside each other."""
    parts = fields.get("with", "").split(",")[:2]
    return tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 9)
