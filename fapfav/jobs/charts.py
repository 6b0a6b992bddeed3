"""The archive as charts show it: by time, by source and album, by size and format, and what its
duplicates take up. Counted only; how it looks is up to who draws it.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from fapfav.model import AlbumKey, Group, UserKey, Verdict
from fapfav.store.archive import Archive
from fapfav.store.tables import SEPARATOR, TABLES, Key, Row

MOST_COLUMNS = 60
"""Columns of a chart by time at most: then they are wider."""

LEAST_COLUMNS = 12

MOST_ALBUMS = 8


class Step(StrEnum):
    """How much time a column stands for."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Bar:
    """So many pictures of so many bytes; `label` says of what."""

    label: str
    pictures: int
    size: int = 0


@dataclass(frozen=True, slots=True)
class OverTime:
    """Columns without a gap from the first to the last; of `unknown` pictures there is no time."""

    step: Step
    bars: tuple[Bar, ...]
    unknown: int


@dataclass(frozen=True, slots=True)
class Share:
    """A user or album, with the pictures in it; None for all that are not named by themselves."""

    key: UserKey | AlbumKey | None
    name: str
    pictures: int
    size: int


@dataclass(frozen=True, slots=True)
class Saving:
    """Bytes of all pictures; of those hidden by `skip`; and what undecided sets could save.

    A set could save all its bytes but those of its largest picture.
    """

    total: int
    hidden: int
    hidden_pictures: int
    waiting: int
    waiting_sets: int


@dataclass(frozen=True, slots=True)
class Charts:
    """Everything there is to draw."""

    posted: OverTime
    added: OverTime
    users: tuple[Share, ...]
    albums: tuple[Share, ...]
    sizes: tuple[Bar, ...]
    pixels: tuple[Bar, ...]
    formats: tuple[Bar, ...]


def charts(archive: Archive) -> Charts:
    """The archive's pictures as they are now."""
    following = archive.kept(Following)
    holdings, shapes = following.the(Holdings, Holdings), following.the(Shapes, Shapes)
    names = {UserKey(u.source, u.user): u.name for u in archive.users.records()}
    titles = {AlbumKey(a.source, a.user, a.album): a.name for a in archive.albums.records()}
    users = {UserKey(*key.split(SEPARATOR)): each for key, each in holdings.users()}
    albums = {AlbumKey(*key.split(SEPARATOR)): each for key, each in holdings.albums()}
    sizes = archive.rows_of("blobs")
    return Charts(
        posted=over_days(following.the(Posted, Posted).days),
        added=over_days(shapes.added),
        users=_shares(users, sizes, lambda key: names.get(UserKey(*key), key[1])),
        albums=_shares(albums, sizes, lambda key: titles.get(AlbumKey(*key), key[2])),
        sizes=_binned(shapes.by_size, shapes.by_size_bytes, SIZES, _kb),
        pixels=_binned(shapes.by_pixels, shapes.by_pixels_bytes, PIXELS, _millions),
        formats=_formats(shapes),
    )


(_SIZE,) = at("blobs", "size")


def over_time(times: Iterable[int]) -> OverTime:
    """Columns by month; by quarter or year when there were too many."""
    return over_days(Counter(map(day_of, times)))


def over_days(counted: Mapping[int | None, int]) -> OverTime:
    """The same of days that were counted; None is no day that is known."""
    days = {day: number for day, number in counted.items() if number}
    unknown = days.pop(None, 0)
    months: Counter[int] = Counter()
    for day, number in days.items():
        then = time.gmtime((day or 0) * DAY)
        months[then.tm_year * 12 + then.tm_mon - 1] += number
    if not months:
        return OverTime(Step.MONTH, (), unknown)
    span = max(months) - min(months) + 1
    step, length = Step.MONTH, 1
    if span > MOST_COLUMNS:
        step, length = (Step.QUARTER, 3) if span <= 3 * MOST_COLUMNS else (Step.YEAR, 12)
    columns: Counter[int] = Counter()
    for month, number in months.items():
        columns[month // length] += number
    last = max(columns)
    first = min(*columns, last - LEAST_COLUMNS + 1)
    bars = tuple(Bar(_when(at * length, step), columns[at]) for at in range(first, last + 1))
    return OverTime(step, bars, unknown)


def _when(month: int, step: Step) -> str:
    year, at = divmod(month, 12)
    if step is Step.YEAR:
        return str(year)
    return f"{year}-{at + 1:02d}" if step is Step.MONTH else f"{year} Q{at // 3 + 1}"


def _shares(
    held: Mapping[UserKey, Holding] | Mapping[AlbumKey, Holding],
    blobs: Mapping[Key, Row],
    name: Callable[[tuple[str, ...]], str],
) -> tuple[Share, ...]:
    """The largest by themselves and all others as one."""
    found = [
        Share(key, name(key), len(holding.copies), holding.sizes.total)
        for key, holding in held.items()
        if holding.copies
    ]
    found.sort(key=lambda share: (-share.pictures, share.name.casefold(), share.key or ()))
    if len(found) <= MOST_ALBUMS + 1:
        return tuple(found)
    rest = found[MOST_ALBUMS:]
    unnamed = {share.key for share in rest}
    others = set[Key]().union(*(each.copies for key, each in held.items() if key in unnamed))
    size = sum(row[_SIZE] for one in others if (row := blobs.get(one)) is not None)
    last = Share(None, f"{len(rest)} others", len(others), size)
    return (*found[:MOST_ALBUMS], last)


def _binned(
    pictures: Mapping[int, int],
    sizes: Mapping[int, int],
    limits: tuple[float, ...],
    word: Callable[[float], str],
) -> tuple[Bar, ...]:
    """How many lie between each limit and the next, below the first, and above the last."""
    labels = [f"under {word(limits[0])}"]
    labels += [f"{word(low)} to {word(high)}" for low, high in pairwise(limits)]
    labels.append(f"{word(limits[-1])} and more")
    return tuple(Bar(label, pictures[at], sizes[at]) for at, label in enumerate(labels))


def _kb(number: float) -> str:
    return f"{number:g} kb" if number < 1000 else f"{number / 1000:g} Mb"


def _millions(number: float) -> str:
    return f"{number:g} MP"


def _formats(shapes: Shapes) -> tuple[Bar, ...]:
    found = [
        Bar(label, number, shapes.formats_bytes[label])
        for label, number in shapes.formats.items()
        if number
    ]
    return tuple(sorted(found, key=lambda bar: (-bar.pictures, bar.label)))


def saving(archive: Archive, groups: Iterable[Group]) -> Saving:
    """What duplicates take up; `groups` are the archive's."""
    rows = archive.rows_of("blobs")
    hidden = pictures = waiting = sets = 0
    for group in groups:
        members = {digest: rows[digest][_SIZE] for digest in group.members if digest in rows}
        skipped = [d for d in members if group.verdicts.get(d) is Verdict.SKIP]
        hidden += sum(members.pop(digest) for digest in skipped)
        pictures += len(skipped)
        if group.needs_action:
            waiting += sum(members.values()) - max(members.values(), default=0)
            sets += 1
    total = sum(row[_SIZE] for row in rows.values())
    return Saving(total, hidden, pictures, waiting, sets)
