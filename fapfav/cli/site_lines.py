"""What became of asking a site, as lines that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fapfav.text import duration, many, rate, size

if TYPE_CHECKING:
    from fapfav.jobs.accounts import FoldersReport
    from fapfav.jobs.audit import AuditReport, Finding
    from fapfav.jobs.get import GetReport
    from fapfav.jobs.read import AlbumLine, ReadReport

_GONE = {1: "its page is gone", 2: "its page has no picture", 3: "its file is gone or another"}


def read(report: ReadReport, see: str) -> Iterator[str]:
    """What a read or a retry did; `see` is how to look at duplicates."""
    for album, name, reason in report.failures:
        yield f"failed: {album}/{name}: {reason}"
    if report.requests:  # a local folder has albums by the hundred
        yield from (_album(each) for each in report.albums)
    yield f"saved: {many(report.saved, 'picture')}, {size(report.bytes)}"
    yield f"thumbnails: {size(report.thumb_bytes)}"
    yield f"known: {report.known} at their places already"
    yield f"existing: {report.existing} held already, place added"
    yield from _left_out(report)
    yield f"failed: {report.failed}"
    yield (
        f"duplicates: {many(report.pictures_in_groups, 'picture')} in "
        f"{many(report.groups, 'group')}, {many(report.new_pairs, 'new pair')}"
    )
    yield from _asked(report)
    speed = ""
    if report.saved and report.seconds:
        speed = ", " + rate(report.saved / report.seconds).replace("/", " pictures/")
    yield f"time: {duration(report.seconds)}{speed}"
    if report.groups:
        yield f"see them with: {see}"


def _album(each: AlbumLine) -> str:
    return (
        f"{each.name}: {each.saved} saved, {size(each.bytes)}, thumbnails "
        f"{size(each.thumb_bytes)}, {each.known} known, {each.existing} existing, "
        f"{each.failed} failed"
    )


def _left_out(report: ReadReport) -> Iterator[str]:
    if report.removed:
        yield f"removed: {report.removed} left out, as they were removed from the archive before"
    if report.left_alone:
        yield f"failed before: {report.left_alone} left alone; --force tries them again"
    if report.skipped:
        albums = many(report.skipped, "album")
        yield f"skipped: {albums} finished less than 72 h ago; --force reads them anyway"


def _asked(report: ReadReport) -> Iterator[str]:
    if report.requests:
        waited = f", {duration(report.waited)} waited for it" if report.waited >= 1 else ""
        pages = many(report.pages, "page")
        yield f"site: {many(report.requests, 'request')}, {pages} of listings{waited}"


def got(report: GetReport) -> Iterator[str]:
    """What `get` wrote: a line for each failure, and one for all."""
    for image, reason in report.failures:
        yield f"failed: {image}: {reason}"
    renamed = f", {report.renamed} with digits before the name" if report.renamed else ""
    yield (
        f"saved: {many(report.saved, 'picture')}, {size(report.bytes)}{renamed}, not encrypted, "
        f"into {report.folder}; skipped, there already: {report.same}; failed: {report.failed}"
    )


def audited(report: AuditReport) -> Iterator[str]:
    """What an audit found."""
    for found in report.findings:
        yield f"gone: {_finding(found)}: {_GONE.get(found.level, 'gone')}: {found.url}"
    for found in report.returned:
        yield f"back: {_finding(found)}: {found.url}"
    yield f"checked: {many(report.checked, 'picture')}, {report.there} there, {report.gone} gone"
    yield f"since the last audit: {report.newly_gone} gone, {report.back} back"
    if report.skipped:
        yield f"skipped: {report.skipped} checked less than 10 days ago; --force checks them anyway"
    if report.left:
        yield f"left: {report.left}; run it again to go on"
    yield f"site: {many(report.requests, 'request')}"
    yield f"time: {duration(report.seconds)}"


def _finding(found: Finding) -> str:
    return f"{found.album}/{found.picture} ({found.image})"


def listed(report: FoldersReport) -> Iterator[str]:
    """A folder a line, its number first."""
    widest = max((len(each.album) for each in report.folders), default=0)
    for each in report.folders:
        yield f"{each.album:>{widest}}  {each.name}"
    if not report.folders:
        yield "NO FOLDERS TO BE SEEN"
    yield f"{many(len(report.folders), 'folder')} of {report.user.name} ({report.user.user})"
