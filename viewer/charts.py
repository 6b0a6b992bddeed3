"""Charts as templates draw them: how long each bar is, and what it says when one asks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fapfav.jobs.charts import Bar, OverTime, Saving, Share
from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, UserKey
from fapfav.text import many, percent, size
from viewer.addresses import album_address, user_address

HEIGHT = 100
"""Of a chart with columns, in its own units; the style sheet says how high that is."""

_LEAST = 1.5  # what is not nothing can be seen


@dataclass(frozen=True, slots=True)
class Column:
    """An upright bar in a chart that is `HEIGHT` high, with the words it stands for."""

    x: int
    y: float
    height: float
    label: str
    words: str
    pictures: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of upright bars; `summary` says in a sentence what one sees."""

    name: str
    title: str
    summary: str
    columns: tuple[Column, ...]
    note: str = ""

    @property
    def width(self) -> int:
        """One unit a column."""
        return max(len(self.columns), 1)

    @property
    def first(self) -> str:
        """The label at the left end."""
        return self.columns[0].label if self.columns else ""

    @property
    def last(self) -> str:
        """The label at the right end."""
        return self.columns[-1].label if len(self.columns) > 1 else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a chart that is a table: `length` of 100, and where its name leads to."""

    name: str
    pictures: int
    size: int
    length: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one bar of 100."""

    kind: str
    x: float
    width: float
    words: str


def columns(name: str, title: str, bars: Sequence[Bar], note: str = "") -> Columns:
    """A chart of columns, the highest as high as there is room."""
    most = max((bar.pictures for bar in bars), default=0)
    drawn = tuple(_column(at, bar, most) for at, bar in enumerate(bars))
    top = max(bars, key=lambda bar: bar.pictures, default=None)
    summary = f"Most: {top.label}, {_pictures(top.pictures)}." if top and most else ""
    return Columns(name, title, summary, drawn, note)


def _column(at: int, bar: Bar, most: int) -> Column:
    height = max(HEIGHT * bar.pictures / most, _LEAST) if bar.pictures and most else 0.0
    words = f"{bar.label}: {_pictures(bar.pictures)}"
    if bar.size:
        words += f", {size(bar.size)}"
    return Column(at, round(HEIGHT - height, 2), round(height, 2), bar.label, words, bar.pictures)


def over_time(name: str, title: str, found: OverTime) -> Columns:
    """A chart by month, quarter or year."""
    note = f"Of {_pictures(found.unknown)} it is not known." if found.unknown else ""
    return columns(name, f"{title} by {found.step}", found.bars, note)


def rows(bars: Iterable[Bar]) -> tuple[Row, ...]:
    """Bars that lie, as lines of a table."""
    found = list(bars)
    most = max((bar.pictures for bar in found), default=0)
    return tuple(Row(b.label, b.pictures, b.size, _length(b.pictures, most)) for b in found)


def share_rows(archive: Archive, shares: Sequence[Share]) -> tuple[Row, ...]:
    """Users or albums as lines of a table, each leading to its page."""
    # All others together have no bar: it would make those of the named ones tiny.
    most = max((share.pictures for share in shares if share.key is not None), default=0)
    return tuple(
        Row(
            share.name,
            share.pictures,
            share.size,
            _length(share.pictures, most) if share.key is not None else 0.0,
            _address(archive, share),
        )
        for share in shares
    )


def _address(archive: Archive, share: Share) -> str:
    if isinstance(share.key, AlbumKey):
        return album_address(archive, share.key) if share.key in archive.albums else ""
    if isinstance(share.key, UserKey):
        return user_address(archive, share.key) if share.key in archive.users else ""
    return ""


def _length(part: int, whole: int) -> float:
    return round(max(100 * part / whole, 0.5), 2) if part and whole else 0.0


def saving_parts(found: Saving) -> tuple[Part, ...]:
    """One bar of all bytes: what is shown, what is hidden, what could go."""
    if not found.total:
        return ()
    rest = found.total - found.hidden - found.waiting
    drawn = []
    x = 0.0
    for kind, number, words in (
        ("kept", rest, "shown"),
        ("waiting", found.waiting, f"could be saved by {many(found.waiting_sets, 'set')}"),
        ("hidden", found.hidden, f"hidden, of {_pictures(found.hidden_pictures)}"),
    ):
        width = 100 * number / found.total
        said = f"{size(number)} {words}, {percent(number / found.total)}"
        drawn.append(Part(kind, round(x, 2), round(width, 2), said))
        x += width
    return tuple(drawn)


def _pictures(number: int) -> str:
    return f"{number:,} picture{'' if number == 1 else 's'}"
