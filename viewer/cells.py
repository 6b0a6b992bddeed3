"""What a grid shows of each picture: its shape, its words, its marks and where they lead."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from fapfav import text
from fapfav.browse.filters import Facts, Note
from fapfav.jobs.gallery import Copy, Item, items
from fapfav.jobs.library import Archive
from fapfav.jobs.site_pages import picture_page
from fapfav.model import Sighting
from viewer.addresses import name_of
from viewer.params import ViewParams

NARROWEST, STEP, SHAPES = 0.4, 1.04, 52
"""The shapes of cells: ratios of width to height, each this much wider than the one before."""

THUMB = 280
"""The longer side of a thumbnail; what is shown larger needs more pixels."""

LEVELS = {0: "there again", 1: "page gone", 2: "address changed", 3: "file gone"}
"""What each level of being gone means."""

NOTES = {
    Note.HERE: "repeated in this album",
    Note.ELSEWHERE: "repeated in another album",
    Note.SIMILAR: "has a visual duplicate",
    Note.GONE: "gone from the site",
}
"""What notes are in words; the sign of each is in the style sheet."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on a picture: which, in words, with all there is to know, and where it leads."""

    note: str
    words: str
    more: str
    href: str
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A picture in a grid.

    `name` is its name in addresses, `title` what it is called, `shape` the class of its ratio;
    `large` is what high rows show instead of the thumbnail, if there is more to see.
    """

    name: str
    title: str
    shape: str
    width: int
    height: int
    frame: str
    alt: str
    more: str
    href: str
    thumb: str
    large: str
    animated: bool
    has_thumb: bool
    selected: bool
    is_at: bool
    marks: tuple[Mark, ...]
    site: str


def shape_of(width: int, height: int) -> str:
    """The class of the nearest ratio; `fit` besides for pictures beyond the ends of the row."""
    if not (width > 0 and height > 0):
        return f"r{SHAPES // 2} fit"
    nearest = round(math.log(width / height / NARROWEST) / math.log(STEP))
    if 0 <= nearest < SHAPES:
        return f"r{nearest}"
    return f"r{min(max(nearest, 0), SHAPES - 1)} fit"


def history(gone: Iterable[Sighting]) -> Iterator[str]:
    """How a picture went, a line for each time: `2 May 2026: page gone`."""
    for seen in gone:
        yield f"{text.date(seen.time)}: {LEVELS[seen.level]}"


class Cells:
    """Makes cells of the pictures of one gallery; `path` is where it is, below `/viewer/`."""

    def __init__(self, archive: Archive, path: str, params: ViewParams) -> None:
        self._archive = archive
        kept = params.query(page=1, at="").removeprefix("?")
        self._query = "?" + urlencode({"in": path}, safe="/") + (f"&{kept}" if kept else "")
        blank = "0" * 64
        self._bases = {
            kind: reverse(kind, args=[blank]).removesuffix(f"{blank}/")
            for kind in ("picture", "thumb", "show", "duplicate")
        }
        self._has_high_rows = params.size == "l"

    def cells(
        self,
        pictures: Iterable[Facts],
        selected: Collection[bytes] = (),
        at: Facts | None = None,
    ) -> list[Cell]:
        """The cells of some pictures; the one that `at` is gets marked."""
        return [
            self._cell(item, item.facts.digest in selected, item.facts is at)
            for item in items(self._archive, pictures)
        ]

    def _cell(self, item: Item, selected: bool, is_at: bool) -> Cell:
        facts = item.facts
        name = name_of(self._archive, facts.digest)
        shown = text.shown(facts.name)
        words = [NOTES[note] for note in item.notes]
        size = f"{facts.width} x {facts.height}"
        return Cell(
            name=name,
            title=shown,
            width=facts.width,
            height=facts.height,
            shape=shape_of(facts.width, facts.height),
            frame=item.notes[0].value if item.notes else "",
            alt=", ".join([shown, size, *(["animated"] if item.animated else []), *words]),
            more="\n".join(_lines(item, shown, size, words)),
            href=f"{self._bases['picture']}{name}/{self._query}",
            thumb=f"{self._bases['thumb']}{name}/",
            large=self._large(item, name),
            animated=item.animated,
            has_thumb=item.has_thumb,
            selected=selected,
            is_at=is_at,
            marks=tuple(self._marks(item, name)),
            site="" if Note.GONE in item.notes else _site(item),
        )

    def _large(self, item: Item, name: str) -> str:
        """A rendition; what moves has its thumbnail only, or it would jump when it begins to."""
        more = max(item.facts.width, item.facts.height) > THUMB
        wanted = self._has_high_rows and item.has_thumb and not item.animated and more
        return f"{self._bases['show']}{name}/?side=480" if wanted else ""

    def _marks(self, item: Item, name: str) -> Iterator[Mark]:
        copies = "\n".join(_copy_line(copy) for copy in item.copies)
        for note in item.notes:
            if note is Note.GONE:
                went = "\n".join(history(item.gone))
                yield Mark(note.value, NOTES[note], went, _site(item), leaves=True)
            else:
                yield Mark(note.value, NOTES[note], copies, f"{self._bases['duplicate']}{name}/")


def _site(item: Item) -> str:
    return picture_page(item.facts.place) if item.facts.place else ""


def _lines(item: Item, name: str, size: str, words: list[str]) -> Iterator[str]:
    facts = item.facts
    yield name
    yield f"{text.size(facts.size)}, {size}"
    if item.tags:
        yield ", ".join(text.shown(path) for _, path in item.tags)
    yield text.date(facts.date)
    yield from words


def _copy_line(copy: Copy) -> str:
    where = text.shown(f"{copy.user_name} > {copy.album_name} > {copy.name or copy.place.image}")
    kind = "exact" if copy.is_exact else "visual"
    return f"{kind}: {where}{' <= THIS' if copy.is_this else ''}"
