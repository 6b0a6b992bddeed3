"""Which of several pictures that are the same to keep, if the facts agree on one.

The first deciding one of frames, quality, pixels, age and album priority: quality before bytes.
What is in the pixels (sharpness, which format was first) is not known here: where that would have
to decide there is no suggestion, and the words say what the eye looks for. Pixels are those of the
picture: a border adds none, and one that is larger but cropped is for the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fapfav.duplicates.comparison import (
    PIXELS,
    Facts,
    age_over,
    format_name,
    frames_over,
    pixels_over,
    quality_over,
    times_words,
)
from fapfav.duplicates.evidence import Relation

_Numbered = Mapping[int, Facts]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The number of the picture to keep, or None, and why, in words."""

    keep: int | None
    words: str


def suggest(
    pictures: Mapping[int, Facts], relation: Relation, hidden: Collection[int] = ()
) -> Suggestion:
    """What to keep of numbered pictures; `hidden` are those that are skipped already.

    Nothing where they are not surely the same, where facts point apart, and where a picture would
    be hidden that has a warning.
    """
    if len(pictures) < 2:
        return Suggestion(None, "")
    if relation is not Relation.SAME:
        return _eye("they may not be the same", _leaders(pictures))
    left, reasons = _narrowed(pictures)
    keep = min(left)
    if len(left) > 1:
        return _eye(_formats(left) or "no fact tells them apart")
    for number in sorted(pictures):
        if any(decider.is_over(pictures[number], left[keep]) for decider in _STRONG):
            return _eye(_leaders(pictures))
    if left[keep].cropped:
        return _eye(_leaders(pictures), f"{keep} is cropped")
    for number in sorted(pictures.keys() - {keep} - set(hidden)):
        if warnings := pictures[number].warnings:
            return _eye(f"{number} would be hidden ({warnings[0]})")
    return Suggestion(keep, f"Keep {keep}: {', '.join(reasons)}.")


@dataclass(frozen=True, slots=True)
class _Decider:
    """One fact that decides: which of two is over the other, and how both are put in words."""

    is_over: Callable[[Facts, Facts], bool]
    reason: Callable[[Facts, Sequence[Facts]], str]
    leads: Callable[[Facts, Sequence[Facts]], str] = lambda _one, _others: ""


def _narrowed(pictures: _Numbered) -> tuple[dict[int, Facts], list[str]]:
    """Those that nothing speaks against, and in words what did against the others."""
    left = dict(pictures)
    reasons: list[str] = []
    for decider in (*_STRONG, *_WEAK):
        if decider in _WEAK and _formats(left):
            break  # which of two formats is the better one has to be seen first
        best = {n: one for n, one in left.items() if not _is_under(one, left.values(), decider)}
        if len(best) < len(left):
            dropped = [one for n, one in left.items() if n not in best]
            reasons.append(decider.reason(best[min(best)], dropped))
            left = best
    if len(left) == 1:
        reasons += _further(pictures, min(left), reasons)
    return left, reasons


def _further(pictures: _Numbered, keep: int, reasons: Sequence[str]) -> list[str]:
    """What else speaks for it; if nothing does, what one would ask about next and is the same."""
    one = pictures[keep]
    others = [other for number, other in pictures.items() if number != keep]
    found = [
        decider.reason(one, others)
        for decider in _STRONG
        if all(decider.is_over(one, other) for other in others)
    ]
    found = [reason for reason in found if reason not in reasons]
    return found if found or len(reasons) > 1 else _unchanged(pictures)


def _is_under(one: Facts, others: Iterable[Facts], decider: _Decider) -> bool:
    return any(decider.is_over(other, one) for other in others)


def _unchanged(pictures: _Numbered) -> list[str]:
    """What one would ask about next, if it is the same of all."""
    facts = list(pictures.values())
    qualities = [one.blob.quality for one in facts]
    if all(qualities) and not any(_is_under(one, facts, _QUALITY) for one in facts):
        return ["same quality"]
    if not any(_is_under(one, facts, _PIXELS) for one in facts):
        return ["same pixels"]
    return []


def _leaders(pictures: _Numbered) -> str:
    """Which one leads in what: `2 is larger, 1 is of better quality`."""
    found: dict[str, list[str]] = {}
    for decider in (_PIXELS, _QUALITY, _FRAMES):
        over = [
            str(number)
            for number, one in sorted(pictures.items())
            if any(decider.is_over(one, other) for other in pictures.values())
            and not _is_under(one, pictures.values(), decider)
        ]
        if over:
            first = pictures[int(over[0])]
            others = [other for other in pictures.values() if decider.is_over(first, other)]
            found.setdefault(" and ".join(over), []).append(decider.leads(first, others))
    return ", ".join(
        f"{numbers} {'are' if ' ' in numbers else 'is'} {' and '.join(leads)}"
        for numbers, leads in found.items()
    )


def _eye(*reasons: str) -> Suggestion:
    """No suggestion, and what the user's eye has to decide between."""
    return Suggestion(None, f"Your eye decides: {'; '.join(each for each in reasons if each)}.")


def _formats(pictures: _Numbered) -> str:
    """Which format each is in, where they are of several; else empty."""
    if len({one.blob.ext for one in pictures.values()}) < 2:
        return ""
    return ", ".join(f"{n} is {format_name(one.blob)}" for n, one in sorted(pictures.items()))


def _frames_reason(one: Facts, dropped: Sequence[Facts]) -> str:
    if all(other.blob.frames <= 1 for other in dropped):
        return "it moves"
    return "more frames" if any(o.blob.frames < one.blob.frames for o in dropped) else "longer"


def _quality_reason(one: Facts, dropped: Sequence[Facts]) -> str:
    return f"quality {one.blob.quality} over {max(other.blob.quality for other in dropped)}"


def _pixels_lead(one: Facts, others: Sequence[Facts]) -> str:
    if any(one.pixels >= PIXELS * other.pixels for other in others):
        return "larger"
    added = sorted({other.around for other in others} - {""})
    return f"without a {added[0]}" if added else "not cropped"


_FRAMES = _Decider(frames_over, _frames_reason, lambda _one, _others: "the longer animation")
_QUALITY = _Decider(quality_over, _quality_reason, lambda _one, _others: "of better quality")
_PIXELS = _Decider(pixels_over, times_words, _pixels_lead)
_STRONG = (_FRAMES, _QUALITY, _PIXELS)
_WEAK = (
    _Decider(age_over, lambda _one, _dropped: "posted earlier"),
    _Decider(
        lambda one, other: one.priority > other.priority,
        lambda _one, _dropped: "in an album of higher priority",
    ),
)
