"""What is listed beside a set or a picture, as pages show it, and what a form says of one of these.

Related pictures and those that were turned down: `fapfav.jobs.see_also`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.reasons import sure
from fapfav.jobs.see_also import other_of
from fapfav.jobs.sets import Apart, Other, Standing, see_also
from fapfav.model import Digest, Label, PairKey
from viewer import forms
from viewer.addresses import digest_of, name_of

FIELD = "pair"
"""The field that says what two pictures are to each other."""

SAID = {
    "same": (Label.SAME, "Same picture: the two are in one set now."),
    "different": (Label.DIFFERENT, "Not related: the two are not listed together any more."),
}
"""By what the field says: the label, and what is answered once it is written down."""

STANDINGS = {
    Standing.RELATED: "related",
    Standing.ALIKE: "alike",
    Standing.TURNED_DOWN: "judged different",
}
"""Why a picture is listed, in a word or two."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A picture beside a set, or beside one picture.

    `of` is the number of the member that it is to be seen with, 0 where there is only one;
    `member` and `name` are what the two are called in addresses.
    """

    other: Other
    member: str
    name: str
    of: int
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Also:
    """What is listed, of how many, and the revision that a form has to have seen."""

    listed: tuple[Listed, ...]
    count: int
    revision: str

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.listed)


def shown(archive: Archive, members: Sequence[Digest], revision: str) -> Also:
    """What is listed beside these pictures, numbered from 1."""
    found = see_also(archive, members)
    numbers = {one: at for at, one in enumerate(members, 1)} if len(members) > 1 else {}
    listed = (_listed(archive, other, numbers.get(other.member, 0)) for other in found.others)
    return Also(tuple(listed), found.count, revision)


def _listed(archive: Archive, other: Other, number: int) -> Listed:
    return Listed(
        other,
        name_of(archive, other.member),
        name_of(archive, other.blob.digest),
        number,
        STANDINGS[other.standing],
        said(other.reason, other.probability),
    )


def said(reason: str, probability: float | None) -> str:
    """A reason as a sentence begins, with how sure it is."""
    words = f"{reason[:1].upper()}{reason[1:]}"
    return words if probability is None else f"{words} ({sure(probability)})"


def asked(archive: Archive, fields: Mapping[str, str]) -> tuple[tuple[Digest, Digest], Label]:
    """The two pictures that a form speaks of, and what it calls them.

    Raises UsageError for a form that no page has, Http404 for pictures that are not there.
    """
    label = forms.choice(fields, FIELD, tuple(SAID), "")
    names = fields.get("member", ""), fields.get("other", "")
    if not label or not all(len(name) == 64 and set(name.lower()) <= _HEX for name in names):
        raise UsageError("that says nothing of two pictures, and nothing was changed")
    member, other = (digest_of(archive, name.lower()) for name in names)
    return (member, other), SAID[label][0]


_HEX = frozenset("0123456789abcdef")


def words(fields: Mapping[str, str]) -> str:
    """What a form asked for; empty where it did not speak of two pictures."""
    return {"same": "the same picture", "different": "not related"}.get(fields.get(FIELD, ""), "")


TABS = {
    "": "Sets",
    "1": "Related",
    "2": "Turned down, alike",
}
"""The lists of the page Duplicates by what its address says: `?related=1`."""

_OF_TAB = {"1": (Standing.RELATED,), "2": (Standing.TURNED_DOWN, Standing.ALIKE)}


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists: its address, how many there are, and whether it is the one shown."""

    words: str
    query: str
    count: int
    is_here: bool


PAGE = 50
"""Pairs on a page."""


def tabs(archive: Archive, here: str, sets: int) -> tuple[Tab, ...]:
    """All lists, with how many sets or pairs there are."""
    counts = {"": sets} | {tab: len(pairs(archive, tab)) for tab in _OF_TAB}
    return tuple(
        Tab(words, forms.query(related=tab), counts[tab], tab == here)
        for tab, words in TABS.items()
    )


def pairs(archive: Archive, tab: str) -> tuple[tuple[Standing, PairKey], ...]:
    """The pairs of a tab, the surest first."""
    found = archive.kept(Apart).now()
    return tuple((standing, pair) for standing in _OF_TAB[tab] for pair in found[standing])


@dataclass(frozen=True, slots=True)
class ShownPair:
    """Two pictures that are in no set together: the better one first, and what the other is to it.

    `address` is where something can be said of them.
    """

    first: str
    listed: Listed
    address: str


def rows(archive: Archive, some: Iterable[tuple[Standing, PairKey]]) -> list[ShownPair]:
    """Pairs as a list shows them."""
    order = archive.order()
    found = []
    for standing, pair in some:
        better, worse = sorted(pair, key=order)
        listed = _listed(archive, other_of(archive, better, worse, standing), 0)
        address = reverse("picture", args=[listed.member]) + "#related"
        found.append(ShownPair(listed.member, listed, address))
    return found
