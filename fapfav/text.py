"""How values look on a terminal: names made harmless, sizes, counts, times and digests."""

from __future__ import annotations

import time
import unicodedata

_JOINERS = "\u200c\u200d"  # invisible, but part of Persian words and of composed emoji
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_STEP = 1024.0
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
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
    """A time in UTC; 0, which is never, is `pending`; beyond any calendar it is `unknown`."""
    if not seconds:
        return "pending"
    try:
        return time.strftime("%Y/%m/%d-%H:%M:%S-UTC", time.gmtime(seconds))
    except (OverflowError, OSError, ValueError):
        return "unknown"


def duration(seconds: float) -> str:
    """`0.52 s`, `59.9 s`, `29 min 40 s`, `2 h 20 min`, `3 d 4 h`: to read, not to reckon with."""
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    rest, parts = round(seconds), []
    first = next(at for at, (length, _) in enumerate(_UNITS) if rest >= length)
    for length, unit in _UNITS[first : first + 2]:
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts)


def rate(a_second: float) -> str:
    """`12.3/s`, `13/min`, `4.5/min`, `30/h`: by the unit in which it is more than one."""
    if a_second >= 1:
        return f"{a_second:.1f}/s"
    of, unit = (60, "min") if a_second * 60 >= 1 else (3600, "h")
    number = a_second * of
    return f"{number:.0f}/{unit}" if number >= 10 else f"{number:.1f}/{unit}"


def short(text: str, room: int) -> str:
    """At most so many characters of it, with a sign where it was cut."""
    return text if len(text) <= room else text[: room - 1] + "\N{HORIZONTAL ELLIPSIS}"
