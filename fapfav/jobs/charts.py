"""The archive as charts show it: by time, by source and album, by size and format, and what its
duplicates take up. Counted only; how it looks is up to who draws it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from fapfav.jobs.following import Following, at
from fapfav.jobs.holdings import Holding, Holdings
from fapfav.jobs.library import Archive
from fapfav.jobs.shapes import DAY, PIXELS, SIZES, Posted, Shapes, day_of
from fapfav.jobs.standing import Standing
from fapfav.model import AlbumKey, Digest, Group, UserKey, Verdict
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR

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
    names = {SEPARATOR.join((u.source, u.user)): u.name for u in archive.users.records()}
    titles = {SEPARATOR.join((a.source, a.user, a.album)): a.name for a in archive.albums.records()}
    return Charts(
        posted=over_days(following.the(Posted, Posted).days),
        added=over_days(shapes.added),
        users=_shares(following, holdings.users(), names),
        albums=_shares(following, holdings.albums(), titles),
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
    following: Following, held: Mapping[str, Holding], names: Mapping[str, str]
) -> tuple[Share, ...]:
    """The largest by themselves and all others as one."""
    found = []
    for key, each in held.items():
        ids = tuple(key.split(SEPARATOR))
        of = UserKey(*ids) if len(ids) == 2 else AlbumKey(*ids)
        if each.copies:
            found.append(Share(of, names.get(key, ids[-1]), len(each.copies), each.sizes.total))
    found.sort(key=lambda share: (-share.pictures, share.name.casefold(), share.key or ()))
    if len(found) <= MOST_ALBUMS + 1:
        return tuple(found)
    return (*found[:MOST_ALBUMS], _others(following, found[MOST_ALBUMS:]))


def _others(following: Following, shares: Sequence[Share]) -> Share:
    """Several as one, which counts a picture once; only those at several places are looked at."""
    archive = following.archive
    index, blobs = archive.index("places", lookups.blob_of_place), archive.rows_of("blobs")
    meant = {share.key for share in shares}
    ids = len(shares[0].key or ())
    pictures = sum(share.pictures for share in shares)
    size = sum(share.size for share in shares)
    for one in following.the(Standing, Standing).several:
        at_them = {tuple(str(key).split(SEPARATOR)[:ids]) for key in index[one]} & meant
        if len(at_them) > 1:
            pictures -= len(at_them) - 1
            size -= (len(at_them) - 1) * (blobs[one][_SIZE] if one in blobs else 0)
    return Share(None, f"{len(shares)} others", pictures, size)


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
    return tuple(Bar(label, pictures[n], sizes[n]) for n, label in enumerate(labels))


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
    every = archive.kept(_Savings).of(groups)
    return Saving(
        total=archive.kept(Following).the(Shapes, Shapes).sizes.total,
        hidden=sum(one.hidden for one in every),
        hidden_pictures=sum(one.pictures for one in every),
        waiting=sum(one.waiting for one in every),
        waiting_sets=sum(one.group.needs_action for one in every),
    )


class _OfSet(NamedTuple):
    """What one set takes up: of pictures that are hidden, and what it could save."""

    group: Group
    hidden: int
    pictures: int
    waiting: int


class _Savings:
    """What sets take up; a set that changed is another object."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._made: dict[Digest, _OfSet] = {}

    def of(self, groups: Iterable[Group]) -> Collection[_OfSet]:
        """Of all these sets."""
        before, self._made = self._made, {}
        for group in groups:
            made = before.get(group.members[0])
            is_same = made is not None and made.group is group
            self._made[group.members[0]] = made if made and is_same else self._make(group)
        return self._made.values()

    def _make(self, group: Group) -> _OfSet:
        rows = self._archive.rows_of("blobs")
        members = {one: rows[one][_SIZE] for one in group.members if one in rows}
        skipped = [one for one in members if group.verdicts.get(one) is Verdict.SKIP]
        hidden = sum(members.pop(one) for one in skipped)
        could = sum(members.values()) - max(members.values(), default=0)
        return _OfSet(group, hidden, len(skipped), could if group.needs_action else 0)
