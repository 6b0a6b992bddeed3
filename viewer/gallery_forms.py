"""What forms of a grid do with pictures: select, tag, untag, to the trash; one thing at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from fapfav import tags, text
from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.tag_giving import give
from fapfav.model import Digest
from viewer.gallery_view import Container, View, view_of
from viewer.page import BY, refuse, see_other, success
from viewer.params import ViewParams
from viewer.picking import pictures_of
from viewer.recent import note_tag

OPERATIONS = (
    "tag_select",
    "clear_tag",
    "trash",
    "select_all",
    "select_none",
    "select",
    "unselect",
    "filter",
)
"""Fields of forms that do something with pictures of the grid, or filter it; one at a time."""

PART = "X-Part"
"""The header of a request for a part of a page: `cells`, `tools`, or `selection` for its number."""


class Refused(UsageError):
    """Two different operations came in one form: nothing is done, the answer is 400."""


def operations(fields: QueryDict, others: Collection[str] = ()) -> str:
    """The one operation a form asks for, of OPERATIONS or `others`; empty when it asks for none.

    Raises Refused when it asks for two.
    """
    asked = [name for name in (*OPERATIONS, *others) if _given(fields, name)]
    kinds = {"select" if name == "unselect" else name for name in asked}
    if len(kinds) > 1 or any(len(_given(fields, name)) > 1 for name in _SINGLE if name in kinds):
        words = " and ".join(sorted(kinds)) if len(kinds) > 1 else f"several times {asked[0]}"
        raise Refused(f"this form asks for {words} at once: nothing was done, send one at a time")
    return asked[0] if asked else ""


_SINGLE = ("tag_select", "clear_tag")


def _given(fields: QueryDict, name: str) -> set[str]:
    return {value.strip() for value in fields.getlist(name)} - {""}


def gallery_post(request: HttpRequest, archive: Archive, container: Container) -> HttpResponse:
    """Does what OPERATIONS say with pictures of the grid, and goes back to the page.

    A script that only selects is answered with the number of those selected.
    """
    asked = operations(request.POST)
    if asked == "filter":
        return see_other(container.address + _filters(request, archive).query())
    view = view_of(request, archive, container)
    is_part = request.headers.get(PART) == "selection"
    try:
        if asked not in _DO:
            raise UsageError("nothing was asked for, and nothing was changed")
        _DO[asked](request, archive, view)
    except UsageError as error:
        words = str(error)
        if is_part:
            return JsonResponse({"words": words}, status=409)
        refuse(request, words[:1].upper() + words[1:] + ".")
    if is_part:
        return JsonResponse({"selected": len(view.selection.now())})
    return see_other(container.address + view.params.query())


def _filters(request: HttpRequest, archive: Archive) -> ViewParams:
    """What the form of filters asks for.

    It names tags, and is sent as a POST so that their names stay out of the browser's history.
    """
    return replace(
        ViewParams.parse(request.POST.dict()),
        tv1=_tag_meant(request, archive, "tag1"),
        tv2=_tag_meant(request, archive, "tag2"),
        page=1,
    )


def _tag_meant(request: HttpRequest, archive: Archive, field: str) -> int:
    name = request.POST.get(field, "").strip()
    try:
        return tags.find(dict(archive.tags.items()), name).number if name else 0
    except UsageError as error:
        refuse(request, f"A filter was left out: {error}.")
        return 0


def _tag(request: HttpRequest, archive: Archive, view: View) -> None:
    chosen = _chosen(request, archive, view)
    name = _given(request.POST, "tag_select").pop()
    create = request.POST.get("create") == "1"
    report = give(archive, name, chosen, create=create, by=BY)
    note_tag(request, report.number)
    words = f"{text.many(report.pictures, 'picture')} got the tag {text.shown(report.path)}"
    already = f"; {report.already} had it already" if report.already else ""
    success(request, f"{words}{already}.", report.change)


def _untag(request: HttpRequest, archive: Archive, view: View) -> None:
    chosen = _chosen(request, archive, view)
    name = _given(request.POST, "clear_tag").pop()
    report = tagging.clear(archive, name, chosen, below=True, by=BY)
    path = text.shown(report.path)
    success(request, f"{text.many(report.pictures, 'picture')} lost the tag {path}.", report.change)


def _trash(request: HttpRequest, archive: Archive, view: View) -> None:
    chosen = _chosen(request, archive, view)
    report = remove_picture(archive, *(digest.hex() for digest in chosen), by=BY)
    many = text.many(report.pictures, "picture")
    success(request, f"{many} of {text.size(report.bytes)} went to the trash.", report.change)


def _chosen(request: HttpRequest, archive: Archive, view: View) -> list[Digest]:
    """The pictures a form means. Raises UsageError when it means none.

    Those it lists; or, without a script, what was selected before with the boxes of its page as
    they are now; or, with one, what was selected, as the server has it.
    """
    listed = pictures_of(archive, request.POST.getlist("selected_blobs"))
    if not listed:
        if request.POST.get("kept") != "1":
            _take_boxes(request, archive, view)
        listed = [Digest(digest) for digest in sorted(view.selection.now())]
    if not listed:
        raise UsageError("no picture is selected, and nothing was changed")
    return listed


def _take_boxes(request: HttpRequest, archive: Archive, view: View) -> None:
    picked = pictures_of(archive, request.POST.getlist("pick"))
    on_page = {picture.digest for picture in view.on_page(view.params.page)}
    view.selection.change(picked, on_page - set(picked))


def _select(request: HttpRequest, archive: Archive, view: View) -> None:
    more = pictures_of(archive, request.POST.getlist("select"))
    view.selection.change(more, pictures_of(archive, request.POST.getlist("unselect")))


def _select_all(request: HttpRequest, _archive: Archive, view: View) -> None:
    count = request.POST["select_all"].strip()[:9]
    view.selection.everything(int(count) if count.isascii() and count.isdigit() else -1)


def _select_none(_request: HttpRequest, _archive: Archive, view: View) -> None:
    view.selection.put(())


_DO: dict[str, Callable[[HttpRequest, Archive, View], None]] = {
    "tag_select": _tag,
    "clear_tag": _untag,
    "trash": _trash,
    "select": _select,
    "unselect": _select,
    "select_all": _select_all,
    "select_none": _select_none,
}
