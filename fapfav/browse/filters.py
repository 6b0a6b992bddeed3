"""What a gallery shows of its pictures, in which order, and what there is to say of each.

Pure functions: a `Facts` is a picture at the place a gallery shows it at, with all that filters and
orders look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from fapfav.model import Digest, PlaceKey, Verdict


class Allow(IntEnum):
    """What a filter does with the pictures it is about."""

    HIDE = 0
    ALLOW = 1
    ONLY = 2


class Sort(StrEnum):
    """How the pictures of a gallery are ordered."""

    ALBUM = "album"
    DATE = "date"
    PIXELS = "pixels"
    BYTES = "bytes"
    NAME = "name"


class Note(StrEnum):
    """What there is to say of a picture, the weightiest first."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    SIMILAR = "similar"
    GONE = "gone"


class Filter(StrEnum):
    """The filters of a gallery."""

    DUPLICATES = "duplicates"
    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"
    FIRST_TAG = "first tag"
    SECOND_TAG = "second tag"


class Facts(NamedTuple):
    """A picture as a gallery shows it: at one of its places, or at none.

    `width` and `height` are as it is looked at, `is_skipped` says that a verdict hides it.
    """

    digest: Digest
    place: PlaceKey | None
    name: str
    width: int
    height: int
    size: int
    date: int
    tags: frozenset[int]
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a gallery is asked to show; `tags` are filters by any tag of a set."""

    duplicates: bool = False
    portrait: Allow = Allow.ALLOW
    landscape: Allow = Allow.ALLOW
    tags: tuple[tuple[Allow, frozenset[int]], ...] = ()
    sort: Sort = Sort.ALBUM


@dataclass(frozen=True, slots=True)
class Filtered:
    """The pictures that are shown, in order, and how many each filter alone would hide."""

    shown: tuple[Facts, ...]
    total: int
    hidden: Mapping[Filter, int]


Hides = Callable[[Facts], bool]


def is_portrait(width: int, height: int) -> bool:
    """Whether it is higher than wide by more than a tenth."""
    return 10 * height > 11 * width


def is_landscape(width: int, height: int) -> bool:
    """Whether it is wider than high by more than a tenth."""
    return is_portrait(height, width)


def filtered(pictures: Sequence[Facts], wanted: Wanted) -> Filtered:
    """What is shown of pictures that come in the order of their album."""
    shown, hidden = list(pictures), dict[Filter, int]()
    if not wanted.duplicates:
        kept = list(without_repeats(shown))
        hidden[Filter.DUPLICATES] = len(shown) - len(kept)
        shown = kept
    for name, hides in _tests(wanted):
        hidden[name] = sum(map(hides, pictures))
        shown = [picture for picture in shown if not hides(picture)]
    return Filtered(tuple(in_sort(shown, wanted.sort)), len(pictures), hidden)


def without_repeats(pictures: Iterable[Facts]) -> Iterator[Facts]:
    """Each picture once, where it is first shown; those that a verdict hides not at all."""
    seen: set[Digest] = set()
    for picture in pictures:
        if not picture.is_skipped and picture.digest not in seen:
            seen.add(picture.digest)
            yield picture


def in_sort(pictures: Iterable[Facts], sort: Sort) -> list[Facts]:
    """Newest, largest, or by name first; those alike stay in the order of the album."""
    if sort is Sort.ALBUM:
        return list(pictures)
    return sorted(pictures, key=_KEYS[sort])


def notes_of(
    at: PlaceKey | None, places: Iterable[PlaceKey], verdict: Verdict | None, *, is_gone: bool
) -> Iterator[Note]:
    """What there is to say of a picture, shown `at` one of all the places that hold it.

    The verdict is the one it has among those that look alike, None when it is not among any.
    """
    others = [place for place in places if place != at]
    here = None if at is None else at[:3]
    if any(place[:3] == here for place in others):
        yield Note.HERE
    if any(place[:3] != here for place in others):
        yield Note.ELSEWHERE
    if verdict is not None and verdict is not Verdict.FALSE:
        yield Note.SIMILAR
    if is_gone:
        yield Note.GONE


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """What names sort by: `2` before `10`, whatever the case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return tuple((int(p[:99]), "") if p[0] in "0123456789" else (-1, p) for p in parts)


def _tests(wanted: Wanted) -> Iterator[tuple[Filter, Hides]]:
    portrait, landscape = wanted.portrait, wanted.landscape
    if landscape is Allow.ONLY and portrait is Allow.ONLY:
        portrait = Allow.ALLOW  # nothing is both: landscape wins
    if portrait is not Allow.ALLOW:
        is_only = portrait is Allow.ONLY
        yield Filter.PORTRAIT, lambda p: is_portrait(p.width, p.height) is not is_only
    if landscape is not Allow.ALLOW:
        only = landscape is Allow.ONLY
        yield Filter.LANDSCAPE, lambda p: is_landscape(p.width, p.height) is not only
    for name, (allow, numbers) in zip(_TAG_FILTERS, wanted.tags, strict=False):
        if allow is not Allow.ALLOW and numbers:
            yield name, _by_tags(numbers, allow is Allow.ONLY)


def _by_tags(numbers: frozenset[int], only: bool) -> Hides:
    return lambda picture: picture.tags.isdisjoint(numbers) is only


_TAG_FILTERS = (Filter.FIRST_TAG, Filter.SECOND_TAG)

_KEYS: dict[Sort, Callable[[Facts], Any]] = {
    Sort.DATE: lambda p: -p.date,
    Sort.PIXELS: lambda p: -p.width * p.height,
    Sort.BYTES: lambda p: -p.size,
    Sort.NAME: lambda p: natural(p.name),
}
