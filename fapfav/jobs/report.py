"""`duplicates report`: the sets of duplicates side by side, as one page that any browser shows.

The page is a file outside the archive and not encrypted. It is made of what the archive knew when
it began, whatever others write meanwhile, and changes nothing there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fapfav.duplicates.queue import Kind, Order, Scope, SetLine, ordered
from fapfav.errors import BadPicture, DamagedFile, UsageError
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.jobs.new_file import new_file, refuse_inside
from fapfav.jobs.report_page import TYPES, Head, Image, Thumb, page
from fapfav.jobs.see_also import SeeAlso, see_also
from fapfav.jobs.set_lines import set_lines
from fapfav.jobs.set_views import SetView, set_view
from fapfav.model import Blob
from fapfav.text import many


class State(StrEnum):
    """Which sets are meant: those that need action, the others, or both."""

    WAITING = "waiting"
    DECIDED = "decided"
    ALL = "all"


MOST = 500
"""Sets of a page, unless another number is asked for: some 20 MB."""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """Which sets go onto the page, in which order, and how many at most.

    `replace` says that a file of that name may be there.
    """

    kind: Scope = Scope.ALL
    state: State = State.ALL
    order: Order = Order.CERTAIN
    most: int = MOST
    replace: bool = False


@dataclass(frozen=True, slots=True)
class HtmlReport(Report):
    """What was written: `sets` with so many `pictures`, `left_out` sets that were too many.

    `saves` are the bytes of all that are alike but the largest of each set, `missing` counts
    pictures without a thumbnail, and `bytes` is what the page takes: 0 where it was `stopped`, for
    then there is none.
    """

    file: str
    sets: int
    pictures: int
    left_out: int
    saves: int
    missing: int
    bytes: int
    seconds: float
    stopped: bool
    warnings: tuple[str, ...]


def report_html(
    archive: Archive,
    file: str | Path,
    settings: ReportSettings | None = None,
    *,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> HtmlReport:
    """Writes the page, whole or not at all; only its owner can read it.

    Raises UsageError for a name that is taken, is a folder, or lies in the archive or in no folder,
    ArchiveError when the disk refuses.
    """
    began = time.monotonic()
    path = Path(file).expanduser()
    settings = settings or ReportSettings()
    archive.refresh()
    refuse_inside(archive.path, path)
    every = set_lines(archive)
    found = _wanted(every, settings)
    lines = found[: settings.most]
    head = _head(archive, lines, settings, (len(found), len(every)))
    making = _Making(archive, lines, Pace(tell, "writing", len(lines)), stop)
    with new_file(path, replace=settings.replace) as out:
        for piece in page(head, making.views(), making.thumb):
            out.write(piece)
        if making.stopped:
            out.abandon()
    making.pace.say()
    return HtmlReport(
        file=str(path.absolute()),
        sets=making.pace.done,
        pictures=making.pictures,
        left_out=head.left_out,
        saves=head.saves,
        missing=making.missing,
        bytes=0 if making.stopped else out.size,
        seconds=round(time.monotonic() - began, 3),
        stopped=making.stopped,
        warnings=_warnings(making.missing),
    )


def _wanted(lines: Sequence[SetLine], settings: ReportSettings) -> tuple[SetLine, ...]:
    """The sets that were asked for, in their order. Raises UsageError where that makes no sense."""
    if settings.most < 1:
        raise UsageError(f"a page has at least 1 set, not {settings.most}")
    meant = (
        line
        for line in lines
        if settings.state is State.ALL or line.needs_action == (settings.state is State.WAITING)
    )
    return ordered(meant, settings.order, settings.kind)


def _head(
    archive: Archive, lines: Sequence[SetLine], settings: ReportSettings, of: tuple[int, int]
) -> Head:
    members = {kind: sum(line.members for line in lines if line.kind is kind) for kind in Kind}
    found, every = of
    return Head(
        made=int(time.time()),
        which=_in_words(settings),
        sets=len(lines),
        pictures=members[Kind.PERCEPTUAL],
        places=members[Kind.EXACT],
        saves=sum(line.saves for line in lines),
        left_out=found - len(lines),
        others=every - found,
        limits=archive.limits(),
        agree=archive.rule().agree,
    )


_STATES = {State.WAITING: "that need action", State.DECIDED: "that are decided", State.ALL: "all"}
_KINDS = {
    Scope.PERCEPTUAL: "of pictures that look alike",
    Scope.EXACT: "of exact copies",
    Scope.ALL: "of both kinds",
}
_ORDERS = {
    Order.CERTAIN: "surest first",
    Order.BYTES: "most to win first",
    Order.ALBUM: "by album",
    Order.NEW: "latest first",
}


def _in_words(settings: ReportSettings) -> str:
    return f"{_STATES[settings.state]}, {_KINDS[settings.kind]}, {_ORDERS[settings.order]}"


def _warnings(missing: int) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"{many(missing, 'picture')} could not be shown: no thumbnail; `verify` says more",)


class _Making:
    """Hands out sets and thumbnails one after the other, and counts."""

    def __init__(self, archive: Archive, lines: Sequence[SetLine], pace: Pace, stop: Stop) -> None:
        self.pace = pace
        self.pictures = 0
        self.missing = 0
        self.stopped = False
        self._archive = archive
        self._lines = lines
        self._stop = stop

    def views(self) -> Iterator[tuple[SetView, SeeAlso]]:
        """The sets with what to see besides, until asked to stop."""
        for line in self._lines:
            if self._stop():
                self.stopped = True
                return
            view = set_view(self._archive, line.key)
            yield view, see_also(self._archive, [one.blob.digest for one in view.members])
            self.pace.step()
        self.stopped = self._stop()  # or else the page of somebody who gave up would appear

    def thumb(self, blob: Blob) -> Thumb:
        """What can be shown of a picture."""
        self.pictures += 1
        found = _thumb(self._archive, blob)
        self.missing += found.still is None
        return found


def _thumb(archive: Archive, blob: Blob) -> Thumb:
    try:
        data = archive.thumbnail(blob.digest)
    except DamagedFile:
        return Thumb(None, missing="The thumbnail is missing or damaged.")
    if data is None:
        return Thumb(None, missing="No thumbnail: it could not be decoded when it was read.")
    if blob.thumb_ext not in TYPES:  # no program of ours writes such a row
        return Thumb(None, missing="The thumbnail is of no known type.")
    if blob.thumb_ext == "webp":
        return _still(data)
    return Thumb(Image(data, blob.thumb_ext))


def _still(data: bytes) -> Thumb:
    """Of one that moves the first frame: a page without scripts could not make it stop."""
    from fapfav.images.rendition import render

    try:
        return Thumb(Image(*render(data)), Image(data, "webp"))
    except BadPicture:
        return Thumb(None, missing="The thumbnail cannot be decoded.")
