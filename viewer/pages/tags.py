"""The tag tree, a tag with its pictures, and what is offered while one types a tag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import tags, text
from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.tag_counts import near_lines, tree_lines
from fapfav.jobs.tag_giving import offer
from fapfav.jobs.tagging import TagLine, TagListing, TagReport
from viewer.gallery import OPERATIONS, Container, gallery_get, gallery_post, operations
from viewer.page import BY, next_address, page, refuse, see_other, success
from viewer.params import ViewParams

EDITS = ("named_child", "rename_tag", "delete_input", "parent", "into")
"""Fields of forms that change the tree; one at a time, and none beside one of the grid's."""

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the tree as a page shows it, and how many lists end after it."""

    line: TagLine
    has_below: bool
    closes: range


@page
def tag(request: HttpRequest, archive: Archive, /, number: int) -> HttpResponse:
    """A tag with its pictures; number 0 is the whole tree."""
    if number and (number >= _LARGEST or number not in archive.tags):
        raise Http404("There is no such tag; the list of tags shows which there are.")
    if request.method == "POST":
        return _post(request, archive, number)
    if not number:
        return render(request, "viewer/tags.html", _tree(archive) | _asked(request, archive))
    container = Container(f"tag/{number}/", tag=number)
    return gallery_get(
        request,
        archive,
        container,
        "viewer/tag.html",
        lambda: _tag(archive, number) | _asked(request, archive),
    )


def _post(request: HttpRequest, archive: Archive, number: int) -> HttpResponse:
    asked = operations(request.POST, EDITS)
    if asked in OPERATIONS and number:
        return gallery_post(request, archive, Container(f"tag/{number}/", tag=number))
    back = reverse("tag", args=[number]) + ViewParams.parse(request.GET).query()
    wanted = request.POST.get("next", "")
    try:
        if asked in _EDIT:
            back = _EDIT[asked](request, archive, number) or back
        else:
            refuse(request, "Nothing was filled in, and nothing is changed.")
    except UsageError as error:
        refuse(request, _sentence(str(error)))
    return see_other(next_address(request) if wanted else back)


def _child(request: HttpRequest, archive: Archive, number: int) -> str:
    report = tagging.add(archive, _field(request, "named_child"), _text(number), by=BY)
    success(request, f"Made the tag {_named(report)}.", report.change)
    return ""


def _rename(request: HttpRequest, archive: Archive, number: int) -> str:
    report = tagging.rename(archive, str(number), _field(request, "rename_tag"), by=BY)
    success(request, f"It is called {_named(report)} now.", report.change)
    return ""


def _move(request: HttpRequest, archive: Archive, number: int) -> str:
    parent = _field(request, "parent")
    to = None if parent == str(tags.ROOT) else parent
    report = tagging.move(archive, str(number), to, by=BY)
    success(request, f"It is {_named(report)} now.", report.change)
    return ""


def _merge(request: HttpRequest, archive: Archive, number: int) -> str:
    name = tags.lineage_text(archive.tags, number)
    report = tagging.merge(archive, str(number), _field(request, "into"), by=BY)
    pictures = text.many(report.pictures, "picture")
    words = f"{text.shown(name)} is part of {_named(report)} now, on {pictures}."
    success(request, words, report.change)
    return reverse("tag", args=[report.number])


def _delete(request: HttpRequest, archive: Archive, number: int) -> str:
    gone = tags.remove(
        archive.tags, tags.find(archive.tags, _field(request, "delete_input")).number
    )
    if request.POST.get("confirm") != "1":
        return reverse("tag", args=[number]) + f"?delete={gone.number}"
    report = tagging.remove(archive, str(gone.number), by=BY)
    pictures = text.many(report.pictures, "picture")
    success(request, f"{_named(report)} is deleted, and off {pictures}.", report.change)
    return reverse("tag", args=[gone.parent])


_EDIT: Mapping[str, Callable[[HttpRequest, Archive, int], str]] = {
    "named_child": _child,
    "rename_tag": _rename,
    "delete_input": _delete,
    "parent": _move,
    "into": _merge,
}
"""By field, what does it and says where to go on: empty for the same page."""


def _field(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _text(number: int) -> str | None:
    return str(number) if number else None


def _named(report: TagReport) -> str:
    return f"{text.shown(report.path)} ({report.number})"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}. Nothing is changed."


def listing(archive: Archive) -> TagListing:
    """The tree with its counts."""
    return tree_lines(archive)


def _rows(lines: Iterable[TagLine], above: int = 0) -> Iterator[Row]:
    """Lines, with where lists begin and end; `above` is how deep the first ones are."""
    every = list(lines)
    for at, line in enumerate(every):
        after = every[at + 1].depth if at + 1 < len(every) else above
        yield Row(line, after > line.depth, range(max(0, line.depth - after)))


def _tree(archive: Archive) -> dict[str, Any]:
    found = listing(archive)
    return {"listing": found, "rows": list(_rows(found.tags))}


def _tag(archive: Archive, number: int) -> dict[str, Any]:
    """What the page of a tag shows besides its pictures."""
    tree = dict(archive.tags.items())
    line, below = near_lines(archive, number)
    return {
        "tag": line,
        "below": below,
        "crumbs": tags.lineage(tree, number)[:-1],
        "lineage": tags.lineage_text(tree, number),
        "is_sealed": archive.sealed,
    }


def _asked(request: HttpRequest, archive: Archive) -> dict[str, Any]:
    """The tag whose deletion is asked for, with what it would do."""
    given = request.GET.get("delete", "")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    if not wanted or wanted not in archive.tags:
        return {}
    line, below = near_lines(archive, wanted)
    return {} if below else {"to_delete": line}


@page
def suggest(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """The tags that what is typed may mean, as options of a list."""
    typed = (request.POST.get("q") or request.GET.get("q", ""))[:2000]
    context = {
        "offer": offer(archive, typed),
        "may_create": request.GET.get("create") == "1",
    }
    return render(request, "viewer/parts/tagoptions.html", context)


urlpatterns = [
    path("tag/suggest/", suggest, name="tag_suggest"),
    path("tag/<int:number>/", tag, name="tag"),
]
