"""Reports as lines that people read. JSON is made by the reports themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fapfav.model import Blob, Check, Digest, Group, Place, Verdict
from fapfav.text import SHORT, count, date, duration, many, percent, size

if TYPE_CHECKING:
    from fapfav.browse import AlbumNumbers, Spread, Statistics
    from fapfav.jobs.export import ExportReport
    from fapfav.jobs.find import FindReport
    from fapfav.jobs.fingerprint import FingerprintReport
    from fapfav.jobs.library import Archive
    from fapfav.jobs.numbers import BlobLine, Overview, UserLines
    from fapfav.jobs.tagging import TagListing
    from fapfav.store.undo import UndoReport

Lines = Iterator[str]


def statistics(found: Statistics) -> Lines:
    """The archive in numbers."""
    share = f", {percent(found.database_share)} of the images" if found.sizes.count else ""
    yield f"Database is located in {found.database}, and is {size(found.database_size)}{share}"
    yield f"{size(found.sizes.total)} total images size{_spread(found.sizes, size)}"
    yield f"{count(found.animated)} animated images, {percent(found.animated_share)}"
    width, height = found.fewest_pixels
    pixels = f" ({width}x{height} to {found.most_pixels[0]}x{found.most_pixels[1]})"
    yield (
        f"{count(found.pixels.total)} total pixels{_spread(found.pixels, count)}"
        f"{pixels if found.pixels.count else ''}"
    )
    yield (
        f"{size(found.thumbnails.total)} total thumbnails size, "
        f"{percent(found.thumbnails_share)} of the images{_spread(found.thumbnails, size)}"
    )
    yield many(found.users, "user")
    fetched = f", fetched {date(found.oldest)} to {date(found.newest)}" if found.oldest else ""
    pending = f", {found.albums_pending} pending" if found.albums_pending else ""
    yield f"{many(found.albums, 'album')}{fetched}{pending}"
    yield (
        f"{many(found.unique_images, 'unique image')} at {many(found.locations, 'place')}, "
        f"{many(found.exact_duplicates, 'exact duplicate')} of {many(found.exact_sets, 'image')}"
    )
    yield many(found.unique_failed, "unique failed image")
    only = f", {found.only_copies} with the only copy left here" if found.only_copies else ""
    yield f"{many(found.disappeared, 'disappeared image')}{only}"
    yield (
        f"{many(found.perceptual_images, 'perceptual duplicate image')} in "
        f"{many(found.perceptual_sets, 'set')}"
    )


def _spread(spread: Spread, shown: Any) -> str:
    """`, min 1 b, max 3 b, mean 2 b, deviation 1 b`; nothing of nothing."""
    if not spread.count:
        return ""
    return (
        f", min {shown(spread.minimum)}, max {shown(spread.maximum)}, "
        f"mean {shown(spread.mean)}, deviation {shown(spread.deviation)}"
    )


def overview(found: Overview) -> Lines:
    """Users with albums, the tag tree, pictures if they were asked for, the numbers."""
    if not found.users:
        yield "NO USERS YET"
    for user in found.users:
        yield from _user(user)
    yield ""
    yield "TAGS"
    yield from tags(found.tags)
    if found.blobs:
        yield ""
        yield "IMAGES"
        for blob in found.blobs:
            yield from _blob(blob)
    yield ""
    yield "STATISTICS"
    yield from statistics(found.statistics)


def _user(lines: UserLines) -> Lines:
    user = lines.user
    yield f"USER {user.name} ({user.source}/{user.user}), finished {date(user.date_finished)}"
    if not lines.albums:
        yield "    NO ALBUMS YET"
    for album in lines.albums:
        yield from _album(album)


def _album(numbers: AlbumNumbers) -> Lines:
    album = numbers.album
    yield f"    {album.name} ({album.album})"
    yield (
        f"        {many(numbers.images, 'image')} / {numbers.failed} failed / "
        f"{numbers.disappeared} disappeared / {many(album.pages, 'page')} / "
        f"{date(album.date_blobs)}"
    )
    if numbers.sizes.count:
        yield f"        {size(numbers.sizes.total)}{_spread(numbers.sizes, size)}"


def _blob(line: BlobLine) -> Lines:
    blob = line.blob
    moving = ", animated" if blob.animated else ""
    only = ", only copy left" if line.is_only_copy else ""
    yield f"{blob.digest.hex()}: {size(blob.size)}, {blob.width}x{blob.height}{moving}{only}"
    checks = {check.key: check for check in line.checks}
    for place in line.places:
        yield f"    {_place(place)}"
        if (check := checks.get(place.key)) is not None:
            yield f"        {_history(check)}"
    if line.tags:
        yield f"    tags: {', '.join(line.tags)}"


def _place(place: Place) -> str:
    verdict = "" if place.verdict is Verdict.NEW else f" [{place.verdict.value}]"
    return f"{place.name} ({'/'.join(place.key)}){verdict}"


def _history(check: Check) -> str:
    """`gone since A (level 1), level 3 since B, back since C; checked D`."""
    parts = []
    before = 0
    for time, level, _ in check.history:
        if not level:
            parts.append(f"back since {date(time)}")
        elif before:
            parts.append(f"level {level} since {date(time)}")
        else:
            parts.append(f"gone since {date(time)} (level {level})")
        before = level
    return f"{', '.join(parts) or 'there'}; checked {date(check.checked)}"


def tags(found: TagListing) -> Lines:
    """The tree, a tag a line, those below one further in."""
    for line in found.tags:
        below = ""
        if line.images_below != line.images:
            pictures = many(line.images_below, "picture")
            below = f"; with those below {pictures}, {size(line.size_below)}"
        yield (
            f"{'  ' * line.depth}{line.name} ({line.number}): "
            f"{many(line.images, 'picture')}, {size(line.size)}{below}"
        )
    if not found.tags:
        yield "NO TAGS CREATED"


def exported(report: ExportReport) -> Lines:
    """What an export wrote."""
    for folder, digest, reason in report.failures:
        yield f"failed: {digest[:SHORT]} into {folder}: {reason}"
    yield f"written: {many(report.written, 'picture')}, {size(report.bytes)}, not encrypted"
    yield f"there already: {report.same}"
    if report.renamed:
        yield f"of the written with a digest before the name: {report.renamed}"
    if report.skipped:
        yield f"left out, as you decided to skip them: {report.skipped}"
    if report.emptied:
        yield f"deleted there before, to renumber: {many(report.emptied, 'file')}"
    yield f"failed: {report.failed}"
    yield f"in {many(report.folders, 'folder')} below {report.folder}"
    yield f"time: {duration(report.seconds)}"


def fingerprinted(report: FingerprintReport, undo: str) -> Lines:
    """What was fingerprinted."""
    for digest, reason in report.failures:
        yield f"failed: {digest[:SHORT]}: {reason}"
    yield f"fingerprinted: {many(report.done, 'picture')}"
    yield f"failed: {report.failed}"
    yield f"embeddings: {report.space or 'none'}"
    yield f"duplicates: {many(report.new_pairs, 'new pair')}"
    yield f"time: {duration(report.seconds)}"
    yield undo


def found(report: FindReport, undo: str) -> Lines:
    """What a search found."""
    yield f"found: {many(report.new_pairs, 'new pair')}"
    pictures = many(report.pictures_in_groups, "picture")
    yield f"duplicates: {pictures} in {many(report.groups, 'group')}"
    yield f"time: {duration(report.seconds)}"
    yield undo


def undone(report: UndoReport, redo: str) -> Lines:
    """What an undo did, or what stood in its way."""
    what = f": {report.what}" if report.what else ""
    for conflict in report.conflicts:
        yield f"in the way: {conflict}"
    if report.conflicts:
        yield f"not undone: change {report.number}, {report.verb}{what}"
        return
    yield f"undone: change {report.number}, {report.verb}{what}"
    yield f"rows as before: {report.rows}; do it again with: {redo}"


def limit_lines(kind: str, limits: Mapping[str, float]) -> Lines:
    """Limits in a line."""
    named = (f"{name} {'off' if limit < 0 else f'{limit:g}'}" for name, limit in limits.items())
    yield f"{kind}: {', '.join(named)}"


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture with its places, as `duplicates show` prints it."""

    blob: Blob
    places: tuple[Place, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "digest": self.blob.digest.hex(),
            "size": self.blob.size,
            "ext": self.blob.ext,
            "width": self.blob.width,
            "height": self.blob.height,
            "animated": self.blob.animated,
            "places": [
                {"place": "/".join(p.key), "name": p.name, "verdict": p.verdict.value}
                for p in self.places
            ],
        }


def picture_of(archive: Archive, digest: Digest) -> Pictured:
    """A picture and its places by key."""
    from fapfav.store import lookups

    keys = archive.index("places", lookups.blob_of_place)[digest]
    places = sorted(archive.places.picked(keys), key=lambda place: place.key)
    return Pictured(archive.blobs[digest], tuple(places))


def group_lines(archive: Archive, groups: Sequence[Group], show: str) -> Lines:
    """All groups, each with a line a member."""
    for number, group in enumerate(groups, start=1):
        waits = ", needs action" if group.needs_action else ""
        methods = ", ".join(method.value for method in group.sources)
        yield f"group {number}: {many(len(group.members), 'picture')}, by {methods}{waits}"
        for digest in group.members:
            yield f"    {_member(picture_of(archive, digest), group)}"
    if not groups:
        yield "NO DUPLICATES"
    else:
        yield f"more of one with: {show} DIGEST"


def _member(picture: Pictured, group: Group | None) -> str:
    blob = picture.blob
    verdict = f" [{group.verdicts[blob.digest].value}]" if group else ""
    moving = ", animated" if blob.animated else ""
    return (
        f"{blob.digest.hex()[:SHORT]}{verdict}  {blob.width}x{blob.height}, "
        f"{size(blob.size)}{moving}  {names_of(picture.places)}"
    )


def names_of(places: Iterable[Place]) -> str:
    """What a picture is called at its places."""
    return ", ".join(sorted({place.name for place in places})) or "no place"


def group_in_full(
    group: Group | None, pictures: Sequence[Pictured], reasons: Mapping[Digest, str]
) -> Lines:
    """One group, or one picture that has no duplicates: members, places and scores.

    `reasons` say why a member is in the group.
    """
    for picture in pictures:
        yield _member(picture, group)
        yield f"    {picture.blob.digest.hex()}"
        if picture.blob.digest in reasons:
            yield f"    {reasons[picture.blob.digest]}"
        for place in picture.places:
            yield f"    {_place(place)}"
    if group is None:
        yield "NO DUPLICATES"
        return
    for method, scores in group.sources.items():
        for pair, score in scores.items():
            first, second = pair.first.hex()[:SHORT], pair.second.hex()[:SHORT]
            yield f"{method.value}: {first} - {second}: {score:g}"
    if group.needs_action:
        yield "needs action"
