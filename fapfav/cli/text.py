"""How values look on a terminal: names made harmless, sizes, counts, times and digests."""

from __future__ import annotations

import time
import unicodedata

_JOINERS = "\u200c\u200d"  # invisible, but part of Persian words and of composed emoji
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_STEP = 1024.0
SHORT = 12
"""Hex digits that name a picture in a line meant to be read."""


def shown(text: str) -> str:
    """A text in one line that cannot move the cursor, change colours or turn the direction.

    Pictures' and albums' names come from strangers: control, format and unassigned characters are
    written as escapes, the way Python does.
    """
    if text.isprintable():  # nothing of the kind, which is nearly always
        return text
    return "".join(_escaped(c) for c in text)


def _escaped(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def size(number: float) -> str:
    """Bytes: `512 b`, `1.50 kb`, `2.25 Gb`."""
    return _scaled(number, _STEP, ("b", "kb", "Mb", "Gb", "Tb"))


def count(number: float) -> str:
    """How many: `999`, `1.50 k`, `2.25 M`."""
    return _scaled(number, 1000.0, ("", "k", "M", "G", "T")).rstrip()


def _scaled(number: float, step: float, units: tuple[str, ...]) -> str:
    if number < step:
        whole = f"{number:.0f}" if float(number).is_integer() else f"{number:.2f}"
        return f"{whole} {units[0]}"
    at = 0
    while number >= step and at < len(units) - 1:
        number /= step
        at += 1
    return f"{number:.2f} {units[at]}"


def many(number: int, noun: str, plural: str = "") -> str:
    """`1 picture`, `2 pictures`: exact, with its noun."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float) -> str:
    """A fraction of 1 as `12.50 %`."""
    return f"{100 * share:.2f} %"


def date(seconds: int) -> str:
    """A time in UTC; 0, which is never, is `pending`."""
    if not seconds:
        return "pending"
    return time.strftime("%Y/%m/%d-%H:%M:%S-UTC", time.gmtime(seconds))


def duration(seconds: float) -> str:
    """`0.52 s`, `59.9 s`, `1:02 min`, `1:02:03 h`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    whole = int(seconds)
    minutes, hours = whole // 60 % 60, whole // 3600
    return f"{hours}:{minutes:02}:{whole % 60:02} h" if hours else f"{minutes}:{whole % 60:02} min"
