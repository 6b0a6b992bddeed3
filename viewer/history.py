"""The log of changes in words, and where the sets are that changes were about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.review import VERB
from fapfav.jobs.sets import Kind, SetView, set_view
from fapfav.jobs.steps import is_step
from fapfav.model import ChangeRecord, Digest, Verdict
from fapfav.store.undo import NEVER
from viewer.addresses import name_of

PAGE = 50
"""Changes on a page."""

ALL = "all"

KINDS = {
    ALL: "everything",
    "mine": "done in the viewer",
    "duplicates": "duplicates",
    "tag": "tags",
    "remove": "deletions and trash",
    "read": "reading and checking",
}
"""What can be listed by itself."""

_BEGINNINGS = {
    "duplicates": ("duplicates",),
    "tag": ("tag",),
    "remove": ("remove", "trash"),
    "read": ("read", "retry", "audit", "fingerprint"),
}
_WORDS = {
    VERB: "verdicts",
    "duplicates limits": "sensitivity",
    "duplicates forget": "sets forgotten",
    "duplicates find": "search for duplicates",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A change, what it is called, whether it can be taken back, and whether it is a step."""

    change: ChangeRecord
    words: str
    can_undo: bool
    is_step: bool


def lines(changes: Iterable[ChangeRecord], kind: str, by: str) -> list[Line]:
    """Changes of a kind, the latest first."""
    found = [each for each in changes if _is_of(each, kind, by)]
    return [
        Line(each, described(each), can_be_undone(each), is_step(each, by))
        for each in sorted(found, key=lambda each: -each.number)
    ]


def _is_of(change: ChangeRecord, kind: str, by: str) -> bool:
    if kind == "mine":
        return change.by == by
    return kind == ALL or change.verb.startswith(_BEGINNINGS[kind])


def can_be_undone(change: ChangeRecord) -> bool:
    """Whether a change stands, and is of a kind that can be taken back."""
    return change.state in ("open", "done") and change.verb not in NEVER


def described(change: ChangeRecord) -> str:
    """What a change did, in a word or two."""
    return _WORDS.get(change.verb, change.verb)


def set_of(archive: Archive, pictures: Iterable[Digest]) -> SetView | None:
    """The set that pictures are in; none if they are in several, as those of a plan."""
    found: SetView | None = None
    for one in pictures:
        if found is not None and found.member(one) is not None:
            continue
        view = _view(archive, one)
        if view is not None and found is not None:
            return None
        found = found or view
    return found


def _view(archive: Archive, picture: Digest) -> SetView | None:
    try:
        return set_view(archive, picture)
    except UsageError:
        return None


def set_address(archive: Archive, pictures: Iterable[Digest]) -> str | None:
    """The page of the one set that pictures are in."""
    found = set_of(archive, pictures)
    return reverse("duplicate", args=[name_of(archive, found.key)]) if found else None


def now_shown(archive: Archive, pictures: Iterable[Digest]) -> str:
    """How the one set that pictures are in stands, in words: `1 keep, 1 skip`; else empty."""
    found = set_of(archive, pictures)
    if found is None:
        return ""
    counts = Counter(member.verdict for member in found.members)
    if found.kind is Kind.EXACT:
        counts = Counter(spot.place.verdict for spot in found.members[0].spots)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
