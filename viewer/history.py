"""The log of changes in words, and where the sets are that changes were about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from fapfav.jobs.library import Archive
from fapfav.jobs.steps import is_step
from fapfav.model import ChangeRecord, Digest, Group, Verdict
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
    "duplicates verdict": "verdicts",
    "duplicates plan": "plan",
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
        Line(each, described(each), _can_undo(each), is_step(each, by))
        for each in sorted(found, key=lambda each: -each.number)
    ]


def _is_of(change: ChangeRecord, kind: str, by: str) -> bool:
    if kind == "mine":
        return change.by == by
    return kind == ALL or change.verb.startswith(_BEGINNINGS[kind])


def _can_undo(change: ChangeRecord) -> bool:
    return change.state in ("open", "done") and change.verb not in NEVER


def described(change: ChangeRecord) -> str:
    """What a change did, in a word or two."""
    return _WORDS.get(change.verb, change.verb)


def set_of(archive: Archive, pictures: Sequence[Digest]) -> Group | None:
    """The set now that one of these pictures is in."""
    wanted = set(pictures)
    if not wanted:
        return None
    return next((each for each in archive.groups if not wanted.isdisjoint(each.members)), None)


def set_address(archive: Archive, pictures: Sequence[Digest]) -> str | None:
    """The page of the set that pictures are in, or of the first of them that is here."""
    found = set_of(archive, pictures)
    here = found.members[:1] if found else [one for one in pictures if one in archive.blobs][:1]
    return reverse("duplicate", args=[name_of(archive, here[0])]) if here else None


def now_shown(archive: Archive, pictures: Sequence[Digest]) -> str:
    """How a set stands, in words: `1 keep, 1 skip`; empty when they are in none."""
    found = set_of(archive, pictures)
    if found is None:
        return ""
    counts = Counter(found.verdicts.values())
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
