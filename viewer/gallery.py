"""Every page with a grid of pictures: what it shows, and what it does with those selected.

A page that has one makes a `Container`, and answers so:

    if request.method == "POST":
        asked = operations(request.POST, ("named_child", "rename_tag"))  # Refused when two
        return gallery_post(request, archive, container)  # when `asked` is one of OPERATIONS
    return gallery_get(request, archive, container, "viewer/tag.html", lambda: {"tag": tag})

Its template extends `viewer/base.html`, links `grid.css` in the block `styles`, and includes
`viewer/parts/gallery.html`, which has the filters, the legend, and the grid with its tools. The
context it is given is `gallery` (a Shown) and `params`; what else the template needs comes from the
callable, which is not called when the grid asks for one more page of itself alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from fapfav import tags
from fapfav.browse.filters import Facts, Filter, Sort
from fapfav.jobs.gallery import find_in
from fapfav.jobs.library import Archive
from fapfav.model import Digest
from viewer.addresses import digest_of
from viewer.cells import Cell, Cells
from viewer.gallery_forms import OPERATIONS, PART, Refused, gallery_post, operations
from viewer.gallery_view import PAGE, Container, View, view_of
from viewer.params import Size, ViewParams
from viewer.recent import Recent, recent_tags

__all__ = [
    "OPERATIONS",
    "PAGE",
    "PART",
    "Container",
    "Refused",
    "Shown",
    "View",
    "gallery_get",
    "gallery_post",
    "operations",
    "view_of",
]

_SORTS = {
    Sort.ALBUM: "as in the album",
    Sort.DATE: "newest first",
    Sort.PIXELS: "most pixels first",
    Sort.BYTES: "most bytes first",
    Sort.NAME: "by name",
}

_PARTS = {"cells": "viewer/parts/cells.html", "tools": "viewer/parts/done.html"}

_LINKS = 48  # pages that are linked to at most


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many pictures a filter alone hides, and the page without it."""

    words: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a gallery."""

    number: int
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TagFilter:
    """A filter by a tag, as the form shows it; `path` is empty when it has none."""

    field: str
    allow: int
    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of a gallery: `count` pictures of `total` pass the filters."""

    container: Container
    params: ViewParams
    cells: Sequence[Cell]
    total: int
    count: int
    pages: int
    selected: int
    hidden: Sequence[Hidden]
    tag_filters: Sequence[TagFilter]
    recent: Sequence[Recent]
    tag_path: str

    @property
    def address(self) -> str:
        """This page's own address."""
        return self.container.address + self.params.query(at="")

    @property
    def filters(self) -> str:
        """What another gallery's address has to have so that it is filtered as this one."""
        return self.params.query(page=1, at="")

    @property
    def clear(self) -> str:
        """The same gallery with all pictures shown."""
        kept = ViewParams(dup=1, lock=self.params.lock, sort=self.params.sort)
        return self.container.address + replace(kept, size=self.params.size).query()

    @property
    def hidden_note(self) -> list[Hidden]:
        """The filters that hide something."""
        return [each for each in self.hidden if each.count]

    @property
    def sorts(self) -> tuple[tuple[Sort, str], ...]:
        """The orders there are, with what they are called."""
        return tuple(_SORTS.items())

    @property
    def smaller(self) -> str:
        """The same page with lower rows."""
        return self._sized(-1)

    @property
    def larger(self) -> str:
        """The same page with higher rows."""
        return self._sized(1)

    def _sized(self, step: int) -> str:
        sizes = list(Size)
        at = min(max(sizes.index(self.params.size) + step, 0), len(sizes) - 1)
        return self._at(self.params.page, size=sizes[at])

    @property
    def unlocked(self) -> str:
        """The same page to look at, not to select."""
        return self._at(self.params.page, lock=0)

    @property
    def locked(self) -> str:
        """The same page to select pictures on."""
        return self._at(self.params.page, lock=1)

    @property
    def previous(self) -> str:
        """The page before, or nothing."""
        return self._at(self.params.page - 1) if self.params.page > 1 else ""

    @property
    def next(self) -> str:
        """The page after, or nothing."""
        return self._at(self.params.page + 1) if self.params.page < self.pages else ""

    @property
    def sheets(self) -> list[Sheet]:
        """Pages to go to: all, or the first, the last, those around and some between."""
        here, step = self.params.page, -(-self.pages // _LINKS)
        wanted = {1, self.pages, *range(here - 2, here + 3), *range(step, self.pages, step)}
        known = sorted(number for number in wanted if 1 <= number <= self.pages)
        return [Sheet(number, self._at(number), number == here) for number in known]

    def _at(self, page: int, **changes: object) -> str:
        return self.container.address + self.params.query(page=page, at="", **changes)


def gallery_get(
    request: HttpRequest,
    archive: Archive,
    container: Container,
    template: str,
    more: Callable[[], Mapping[str, Any]] = dict,
) -> HttpResponse:
    """The page, or only the cells of one of its pages when the grid asks for them."""
    view = view_of(request, archive, container)
    shown = _shown(request, archive, view)
    context = {"gallery": shown, "params": shown.params}
    part = _PARTS.get(request.headers.get(PART, ""))
    if part is not None:
        return render(request, part, context)
    response = render(request, template, {**more(), **context})
    if shown.params.lock:
        # What is selected is kept here: going back must not show what was selected then.
        response.headers["Cache-Control"] = "no-store"
    return response


def _shown(request: HttpRequest, archive: Archive, view: View) -> Shown:
    found, params = view.found, view.params
    at = _position(archive, found.shown, params.at)
    page = min(params.page, view.pages) if at is None else at // PAGE + 1
    params = replace(params, page=page)
    chosen = view.selection.now()
    cells = Cells(archive, view.container.path, params).cells(
        view.on_page(page),
        chosen if params.lock else (),
        None if at is None else found.shown[at],
    )
    tree = dict(archive.tags.items())
    tag = view.container.tag
    return Shown(
        container=view.container,
        params=params,
        cells=cells,
        total=found.total,
        count=len(found.shown),
        pages=view.pages,
        selected=len(chosen),
        hidden=_hidden(view),
        tag_filters=[
            TagFilter("1", params.tf1, tags.path_of(tree, params.tv1) if params.tv1 else ""),
            TagFilter("2", params.tf2, tags.path_of(tree, params.tv2) if params.tv2 else ""),
        ],
        recent=recent_tags(request, archive) if params.lock else (),
        tag_path=tags.path_of(tree, tag) if tag else "",
    )


def _position(archive: Archive, shown: Sequence[Facts], at: str) -> int | None:
    """Where the picture is that `at` means: its name in addresses, or its source's id."""
    if not at:
        return None
    wanted: str | Digest = at
    if len(at) == 64 and set(at) <= set("0123456789abcdef"):
        try:
            wanted = digest_of(archive, at)
        except Http404:
            return None
    return find_in(shown, wanted)


_WITHOUT: dict[Filter, tuple[str, dict[str, int]]] = {
    Filter.DUPLICATES: ("duplicates", {"dup": 1}),
    Filter.PORTRAIT: ("portrait", {"portrait": 1}),
    Filter.LANDSCAPE: ("landscape", {"landscape": 1}),
    Filter.FIRST_TAG: ("the first tag", {"tf1": 1, "tv1": 0}),
    Filter.SECOND_TAG: ("the second tag", {"tf2": 1, "tv2": 0}),
}
"""What filters are called, and how each is taken back."""


def _hidden(view: View) -> list[Hidden]:
    found = []
    for name, count in view.found.hidden.items():
        words, changes = _WITHOUT[name]
        query = view.params.query(page=1, at="", **changes)
        found.append(Hidden(words, count, view.container.address + query))
    return found
