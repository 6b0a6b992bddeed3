"""The form of the settings: what was sent, what of it makes no sense, and how it takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from fapfav.jobs import preferences as job
from fapfav.jobs.library import Archive
from fapfav.jobs.preferences import ACTIONS, LONGEST, Density, Motion, Preferences, Theme
from viewer.state import Viewer

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for; `wrong` has words by field, for keys by the key they are about.

    `minutes` stands in its field as it was typed.
    """

    preferences: Preferences
    minutes: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, now: Preferences) -> Wanted:
        """As it is now."""
        minutes = "" if now.lock_minutes is None else str(now.lock_minutes)
        return cls(now, minutes)

    @classmethod
    def parse(cls, fields: Mapping[str, str]) -> Wanted:
        """From a form; a choice that is none is as it is from the beginning."""
        typed = fields.get("lock_minutes", "").strip()[:10]
        is_number = typed.isascii() and typed.isdigit() and int(typed) <= LONGEST
        keys = {key: to for key in ACTIONS if (to := _key(fields, key)) != key}
        wrong = dict(job.key_problems(keys))
        if typed and not is_number:
            wrong["lock_minutes"] = f"Whole minutes up to {LONGEST}, or 0 for never."
        wanted = Preferences(
            theme=_one_of(Theme, fields.get("theme", "")),
            density=_one_of(Density, fields.get("density", "")),
            motion=_one_of(Motion, fields.get("motion", "")),
            lock_minutes=int(typed) if is_number else None,
            keep_zoom="keep_zoom" in fields,
            single_keys="single_keys" in fields,
            keys=keys,
        )
        return cls(wanted, typed, wrong)


def _one_of(kind: type[E], text: str) -> E:
    return next((each for each in kind if each.value == text), next(iter(kind)))


def _key(fields: Mapping[str, str], key: str) -> str:
    """What a key was moved to; letters are small, large ones mean those with Shift."""
    given = fields.get(f"key {key}")
    if given is None:
        return key
    text = given.strip()[:20]
    shift, plus, letter = text.rpartition("+")
    if plus and letter and shift.casefold() == "shift":
        return f"Shift+{letter.lower()}"
    if len(text) == 1 and text.isalpha() and text != text.lower():
        return f"Shift+{text.lower()}"
    return text


def in_effect(viewer: Viewer, archive: Archive) -> Preferences:
    """How this archive's pages should be; from here on it also locks itself when they say."""
    version = archive.version("configs")
    return viewer.remembered("preferences", version, lambda: _taken_up(viewer, archive))


def _taken_up(viewer: Viewer, archive: Archive) -> Preferences:
    found = job.read(archive)
    if found.lock_minutes is not None:
        viewer.lock_after = found.lock_minutes * 60.0
    return found
