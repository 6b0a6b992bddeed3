"""How a person wants the viewer to be: kept in the archive's settings, and as good as its word.

What is stored is checked when it is read as well: an archive may come from another version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from fapfav.errors import UsageError
from fapfav.model import Config
from fapfav.store.archive import Archive

E = TypeVar("E", bound=StrEnum)

VERB = "settings"
"""What the log calls a change of these; it is no step that undo goes back to."""

LONGEST = 24 * 60
"""Minutes after which it locks itself, at most."""

_NAME = "viewer.preferences"
_KEYS = "viewer.keys"


class Theme(StrEnum):
    """Light or dark, or as the system is."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Density(StrEnum):
    """How much room there is around things."""

    COMFORTABLE = "comfortable"
    COMPACT = "compact"


class Motion(StrEnum):
    """Whether anything may move by itself, or as the system is."""

    AUTO = "auto"
    LESS = "less"


ACTIONS: Mapping[str, str] = {
    "1": "Keep picture 1, or give the first recent tag",
    "2": "Keep picture 2, or give the second recent tag",
    "3": "Keep picture 3, or give the third recent tag",
    "4": "Keep picture 4, or give the fourth recent tag",
    "5": "Keep picture 5, or give the fifth recent tag",
    "6": "Keep picture 6, or give the sixth recent tag",
    "7": "Keep picture 7, or give the seventh recent tag",
    "8": "Keep picture 8, or give the eighth recent tag",
    "9": "Keep picture 9, or give the ninth recent tag",
    "k": "Keep: show it",
    "s": "Skip: hide it",
    "f": "False: not a duplicate",
    "n": "New: undecided",
    "a": "Keep all, or select all",
    "Shift+a": "Select none",
    "x": "None of them is a duplicate",
    "l": "Later",
    "t": "Tag",
    "Shift+t": "Take a tag away",
    "+": "Larger",
    "-": "Smaller",
    "0": "Fit",
    "z": "Original size, held: magnifier",
    "b": "Blink, held: the other picture",
    "Shift+b": "Blink by itself",
    "v": "Next view",
    "d": "Difference",
    "g": "Next place that differs",
    "u": "Undo",
    "Shift+u": "Redo",
    "i": "Facts and evidence",
    "/": "Search",
    "?": "Help",
    "Shift+l": "Lock now",
}
"""Every single key by its name, with what it does; arrows, Enter and the like stay."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose; `keys` has only keys that were moved, an empty one is switched off."""

    theme: Theme = Theme.AUTO
    density: Density = Density.COMFORTABLE
    motion: Motion = Motion.AUTO
    lock_minutes: int | None = None
    """0 for never; None: as the viewer was started."""
    keep_zoom: bool = False
    """Whether the next set under review is looked at as the one before was."""
    single_keys: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys_json(self) -> str:
        """What each key was moved to, as pages are told: with all of them off, all are empty."""
        return json.dumps(dict(self.keys) if self.single_keys else dict.fromkeys(ACTIONS, ""))


def read(archive: Archive) -> Preferences:
    """As they were saved; what is missing or makes no sense is as it is from the beginning."""
    stored = archive.config(_NAME, {})
    stored = stored if isinstance(stored, Mapping) else {}
    moved = archive.config(_KEYS, {})
    minutes = stored.get("lock_minutes")
    keys = {str(key): str(to) for key, to in moved.items()} if isinstance(moved, Mapping) else {}
    return Preferences(
        theme=_one_of(Theme, stored.get("theme")),
        density=_one_of(Density, stored.get("density")),
        motion=_one_of(Motion, stored.get("motion")),
        lock_minutes=minutes if isinstance(minutes, int) and 0 <= minutes <= LONGEST else None,
        keep_zoom=stored.get("keep_zoom") is True,
        single_keys=stored.get("single_keys") is not False,
        keys={} if key_problems(keys) else keys,
    )


def _one_of(kind: type[E], value: object) -> E:
    try:
        return kind(str(value))
    except ValueError:
        return next(iter(kind))


def key_problems(keys: Mapping[str, str]) -> dict[str, str]:
    """By key, what is wrong with where it was moved to, in words; empty if nothing is."""
    wrong = {key: "There is no such key." for key in keys if key not in ACTIONS}
    taken: dict[str, str] = {}
    for key in ACTIONS:
        to = keys.get(key, key)
        if not to:
            continue
        if not _is_single(to):
            wrong[key] = "One letter, digit or sign, with Shift+ before a letter if wanted."
        elif (other := taken.get(to)) is not None:
            # Named at the key that was moved, whichever of the two comes first.
            moved, stays = (key, other) if key in keys else (other, key)
            wrong[moved] = f"{to} is taken: {ACTIONS[stays]}."
        taken.setdefault(to, key)
    return wrong


def _is_single(key: str) -> bool:
    bare = key.removeprefix("Shift+")
    if len(bare) != 1 or not bare.isprintable() or bare.isspace():
        return False
    return bare == bare.lower() and (bare == key or bare.isalpha())


def save(archive: Archive, wanted: Preferences, *, by: str) -> int:
    """Keeps them in the archive. Returns the number of the change, 0 if nothing is new.

    Raises UsageError when the keys or the minutes make no sense.
    """
    problems = key_problems(wanted.keys)
    if problems:
        key, words = next(iter(problems.items()))
        raise UsageError(f"{ACTIONS.get(key, key)}: {words}")
    if wanted.lock_minutes is not None and not 0 <= wanted.lock_minutes <= LONGEST:
        raise UsageError(f"minutes are 0 for never, or up to {LONGEST}")
    rows = (
        Config(_NAME, _plain(wanted)),
        Config(_KEYS, {key: to for key, to in wanted.keys.items() if key != to}),
    )
    fresh = [row for row in rows if archive.config(row.name, None) != row.value]
    if not fresh:
        return 0
    with archive.change(VERB, by=by) as change, change.transaction(last=True) as tx:
        tx.put(*fresh)
    return change.number


def _plain(wanted: Preferences) -> dict[str, Any]:
    return {
        "theme": wanted.theme.value,
        "density": wanted.density.value,
        "motion": wanted.motion.value,
        "lock_minutes": wanted.lock_minutes,
        "keep_zoom": wanted.keep_zoom,
        "single_keys": wanted.single_keys,
    }
