"""The tags somebody gave last, in this session: what the keys 1 to 9 give again."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from fapfav import tags
from fapfav.jobs.library import Archive

MOST = 9
_RECENT = "recent_tags"


@dataclass(frozen=True, slots=True)
class Recent:
    """A tag by the digit that gives it."""

    digit: int
    number: int
    name: str
    path: str


def recent_tags(request: HttpRequest, archive: Archive) -> list[Recent]:
    """The tags given last; each keeps its digit as long as it is among them."""
    tree = dict(archive.tags.items())
    slots: list[int] = request.session.get(_RECENT, [])
    return [
        Recent(digit, number, tree[number].name, tags.path_of(tree, number))
        for digit, number in enumerate(slots, 1)
        if number in tree
    ]


def note_tag(request: HttpRequest, number: int) -> None:
    """A tag was given: it gets a digit, if need be that of the one not given for longest."""
    used: list[int] = request.session.get(f"{_RECENT}_used", [])
    slots: list[int] = list(request.session.get(_RECENT, []))
    used = [*(each for each in used if each != number), number][-MOST:]
    if number not in slots:
        if len(slots) < MOST:
            slots.append(number)
        else:
            oldest = next((each for each in slots if each not in used), slots[0])
            slots[slots.index(oldest)] = number
    request.session[_RECENT], request.session[f"{_RECENT}_used"] = slots, used
