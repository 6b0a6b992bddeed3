"""Lists of duplicate sets as pages show them, and the queue that reviewing goes through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, after, before, ordered, queue
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import set_lines, set_view
from fapfav.model import Digest, Verdict
from viewer import forms
from viewer.addresses import name_of
from viewer.reviewing import Reviewing

LETTERS = {Verdict.NEW: "N", Verdict.FALSE: "F", Verdict.KEEP: "K", Verdict.SKIP: "S"}
"""What verdicts are called where there is no room."""

ORDERS = {
    Order.CERTAIN: "surest first",
    Order.BYTES: "most to win first",
    Order.ALBUM: "by album",
    Order.NEW: "latest first",
}
SCOPES = {Scope.PERCEPTUAL: "alike", Scope.EXACT: "exact copies", Scope.ALL: "both kinds"}

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
    thumbs: tuple[str, ...]
    more: int
    letters: tuple[tuple[str, int], ...]


def rows(archive: Archive, lines: Iterable[SetLine], way: Way) -> list[Row]:
    """Sets as a list shows them."""
    groups = {group.members[0]: group.members for group in archive.groups}
    return [_row(archive, line, groups.get(line.key, (line.key,)), way) for line in lines]


def _row(archive: Archive, line: SetLine, members: Sequence[Digest], way: Way) -> Row:
    pictures = members if line.kind is Kind.PERCEPTUAL else (line.key,)
    shown = [one for one in pictures if archive.blobs[one].thumb_size][:THUMBS]
    return Row(
        line,
        way.address(archive, line.key),
        tuple(name_of(archive, one) for one in shown),
        len(pictures) - len(shown),
        tuple((LETTERS[verdict], line.letters.get(verdict, 0)) for verdict in LETTERS),
    )


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


def totals(lines: Sequence[SetLine]) -> tuple[Total, ...]:
    """Both kinds in numbers."""
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
class Queue:
    """The sets that wait, in the order of a way; what was put off comes at the end."""

    lines: tuple[SetLine, ...]
    way: Way
    postponed: Mapping[Digest, None]

    @classmethod
    def of(cls, archive: Archive, way: Way, run: Reviewing) -> Queue:
        """As it is now."""
        return cls(set_lines(archive), way, run.postponed)

    @property
    def waiting(self) -> tuple[SetLine, ...]:
        """All that need action, first those not put off."""
        found = queue(self.lines, self.way.order, self.way.scope)
        last = {line.key: line for line in found if line.key in self.postponed}
        return (
            *(line for line in found if line.key not in last),
            *(last[key] for key in self.postponed if key in last),
        )

    def first(self, last: Digest | None) -> SetLine | None:
        """Where one goes on: the set looked at last if it waits, else the one after it."""
        waiting = self.waiting
        if last is None:
            return next(iter(waiting), None)
        here = next((line for line in waiting if line.key == last), None)
        return here or self.next(last)

    def next(self, key: Digest | SetLine) -> SetLine | None:
        """Which comes after a set, decided or not: to the end, then what was passed over."""
        here = key.key if isinstance(key, SetLine) else key
        others = [line for line in self.waiting if line.key != here]
        if here in self.postponed:
            following = list(self.postponed)[list(self.postponed).index(here) + 1 :]
            rest = [line for line in others if line.key in following]
            return next(iter(rest or others), None)
        ahead = [line for line in self.lines if line.key not in self.postponed or line.key == here]
        found = after(ahead, self.way.order, key, self.way.scope)
        return found or next(iter(others), None)

    def neighbours(self, key: Digest) -> tuple[SetLine | None, SetLine | None]:
        """The sets before and after one in its order, decided or not."""
        way = self.way
        return (
            before(self.lines, way.order, key, way.scope, pending=False),
            after(self.lines, way.order, key, way.scope, pending=False),
        )


def every(archive: Archive, order: Order, scope: Scope, state: str) -> tuple[SetLine, ...]:
    """The sets of a list: `all`, `waiting`, `decided`."""
    found = ordered(set_lines(archive), order, scope)
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
    Order.CERTAIN: "What is nearest to each other, so that it begins fast.",
    Order.BYTES: "What wins the most bytes.",
    Order.ALBUM: "As the pictures lie in their albums.",
    Order.NEW: "What came last.",
}


def compared(fields: Mapping[str, str]) -> tuple[int, ...]:
    """The numbers of the pictures that are looked at beside each other."""
    parts = fields.get("with", "").split(",")[:2]
    return tuple(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 9)
