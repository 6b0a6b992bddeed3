"""The page of one picture: what it is, where it is, what it is like, and what can be done with it.

It comes whole, or as the part that full screen shows, which asks for it by a header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs import tagging
from fapfav.jobs.library import Archive
from fapfav.jobs.picture import picture_facts
from fapfav.jobs.removal import remove_picture
from fapfav.jobs.sets import completed, judge_pair, judge_set, quick, set_view
from fapfav.jobs.tag_giving import give
from fapfav.model import Digest, Verdict
from viewer import also, forms
from viewer.addresses import digest_of, name_of
from viewer.gallery_forms import PART, operations
from viewer.page import BY, page, refuse, see_other, success
from viewer.picture_view import context_of
from viewer.recent import note_tag
from viewer.reviewing import Step, the_run
from viewer.verdicts import hidden_bytes
from viewer.walks import Walk, walk_of


@page
def picture(request: HttpRequest, archive: Archive, /, name: str) -> HttpResponse:
    """A picture of the archive, or of its trash."""
    digest = digest_of(archive, name)
    walk = walk_of(request, archive, digest)
    if request.method == "POST":
        return _post(request, archive, digest, walk)
    is_part = request.headers.get(PART) == "picture"
    if digest not in archive.blobs:
        return _trashed(request, archive, digest, walk)
    context = context_of(request, archive, picture_facts(archive, digest), walk)
    template = "viewer/parts/picture.html" if is_part else "viewer/picture.html"
    return render(request, template, context | {"is_part": is_part})


def _trashed(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> HttpResponse:
    """What is left to say of a picture in the trash."""
    row = archive.trash.get(digest)
    if row is None:
        raise Http404("There is no such picture in this archive.")
    is_part = request.headers.get(PART) == "picture"
    position = f"Picture {walk.position} of {len(walk.digests)}" if walk.position else "Picture"
    context = {
        "trashed": row,
        "name": name_of(archive, digest),
        "walk": walk,
        "address": walk.address(digest),
        "title": f"{position} in the trash",
        "heading": f"{position} in the trash",
        "position": position,
        "is_part": is_part,
        "is_sealed": archive.sealed,
    }
    template = "viewer/parts/picture.html" if is_part else "viewer/picture.html"
    return render(request, template, context)


def _post(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> HttpResponse:
    asked = operations(request.POST, tuple(_DO))
    back = walk.address(digest)
    try:
        if asked not in _DO:
            raise UsageError("nothing was asked for, and nothing was changed")
        back = _DO[asked](request, archive, digest, walk)
    except UsageError as error:
        words = str(error)
        refuse(request, f"{words[:1].upper()}{words[1:]}.")
    return see_other(back)


def _tag(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> str:
    create = request.POST.get("create") == "1"
    report = give(archive, request.POST["add_tag"], [digest], create=create, by=BY)
    note_tag(request, report.number)
    path = text.shown(report.path)
    if report.change:
        success(request, f"Tagged {path}.", report.change)
    else:
        success(request, f"It has the tag {path} already.")
    return walk.address(digest)


def _untag(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> str:
    report = tagging.clear(archive, request.POST["remove_tag"], [digest], by=BY)
    path = text.shown(report.path)
    if not report.change:
        raise UsageError(f"it does not have the tag {path} from you, and nothing was changed")
    success(request, f"No longer tagged {path}.", report.change)
    return walk.address(digest)


def _trash(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> str:
    onward = walk.next or walk.previous or walk.up
    report = remove_picture(archive, digest.hex(), by=BY)
    success(request, f"{text.size(report.bytes)} went to the trash.", report.change)
    return onward


def _judge(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> str:
    """A verdict on this picture, or with `keep` on its whole set."""
    view = set_view(archive, digest)
    number = forms.number(request.POST, "keep")
    if number is not None:
        verdicts, places = quick(view, "keep", number)
    else:
        word = forms.choice(request.POST, "verdict", tuple(Verdict), "")
        if not word:
            raise UsageError("that is no verdict, and nothing was changed")
        verdicts, places = completed(view, {digest: Verdict(word)}), {}
    report = judge_set(archive, digest, request.POST.get("seen", ""), verdicts, places, by=BY)
    step = Step(
        view.key,
        walk.address(digest),
        hidden_bytes(view.members, verdicts),
        not _is_open(archive, digest),
    )
    the_run().decide(report.change, step)
    words = f"Kept {number}, the others are skipped." if number else f"Verdict: {word}."
    success(request, " ".join((words, *report.warnings)), report.change)
    return walk.address(digest)


def _relate(request: HttpRequest, archive: Archive, digest: Digest, walk: Walk) -> str:
    """What this picture and one listed beside it are to each other."""
    pair, label = also.asked(archive, request.POST.dict())
    if pair[0] != digest:
        raise UsageError("that speaks of other pictures, and nothing was changed")
    report = judge_pair(archive, pair, request.POST.get("seen", ""), label, by=BY)
    success(request, also.SAID[request.POST[also.FIELD]][1], report.change)
    return walk.address(digest)


def _is_open(archive: Archive, digest: Digest) -> bool:
    """Whether the set a picture is in, if any, waits for more."""
    try:
        return archive.group_of(digest).needs_action
    except UsageError:
        return False


_DO: Mapping[str, Callable[[HttpRequest, Archive, Digest, Walk], str]] = {
    "add_tag": _tag,
    "remove_tag": _untag,
    "trash": _trash,
    "verdict": _judge,
    "keep": _judge,
    also.FIELD: _relate,
}
"""By field, what does it and says where to go on."""


urlpatterns = [
    path("picture/<name:name>/", picture, name="picture"),
]
