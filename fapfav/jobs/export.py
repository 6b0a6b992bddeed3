"""`export`: pictures as ordinary, unencrypted files, in folders that follow tags or albums.

Below the target stand one folder for each tag, in the folder of the tag above it, and the folder
`@albums` with one for each user and in that one for each album:

    tag_export/Favourites/New/sunset.jpg
    tag_export/@albums/LOCAL DISK/holidays/sunset.jpg

A picture lies in the folder of each tag it carries itself, and of each album that has a place of
it. What the user decided to skip is left out and counted. Nothing that is there is overwritten:
the same content is left as it is, other content of that name puts the beginning of its digest
before ours. Only `renumber` deletes, and only files in the very folders it fills. Neither the
database nor anything else of the archive is changed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fapfav import browse, tags
from fapfav.errors import DamagedFile, UsageError
from fapfav.jobs import selection
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.folders import ExportFolder, opened
from fapfav.jobs.names import file_name, sibling_folders
from fapfav.jobs.tagging import carriers
from fapfav.model import AlbumKey, Blob, Choice, Digest, Place, UserKey, Verdict
from fapfav.store import lookups
from fapfav.store.archive import Archive

FOLDER = "tag_export"
"""Of the archive's folder, where exports go unless another target is named."""

ALBUMS = "@albums"
"""Where albums go; a tag of that name gets another folder."""

HOMELESS = "@no album"
"""The album of pictures that have no place any more."""

DIGITS = 10
"""Hex digits of a digest that set two names apart."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export: one tag, one album, everything album by album, or (none of them) all tags.

    A tag and an album are named as `tags.find` and `selection.album` take them; `target` None is
    the archive's own folder for it.
    """

    tag: str | None = None
    album: str | AlbumKey | None = None
    everything: bool = False
    renumber: bool = False
    target: Path | None = None


@dataclass(frozen=True, slots=True)
class ExportReport(Report):
    """What an export did. `renamed` of the `written` have a digest before their name.

    `same` were there already, `skipped` the user decided to skip, `emptied` files were deleted to
    renumber; `bytes` are those written. `failures` are (folder, digest, reason).
    """

    change: int
    written: int
    same: int
    renamed: int
    skipped: int
    emptied: int
    failed: int
    bytes: int
    folders: int
    folder: str
    seconds: float
    stopped: bool
    failures: tuple[tuple[str, str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One folder to fill: its parts below the target and its pictures in order.

    `skipped` is how many the user decided to skip, which are left out.
    """

    parts: tuple[str, ...]
    pictures: tuple[browse.Shown, ...]
    skipped: int


@dataclass(slots=True)
class _Tally:
    written: int = 0
    same: int = 0
    renamed: int = 0
    emptied: int = 0
    bytes: int = 0
    stopped: bool = False
    failures: list[tuple[str, str, str]] = field(default_factory=list)


def export(
    archive: Archive, wanted: Wanted, *, tell: Tell = tell_nobody, stop: Stop = never_stop
) -> ExportReport:
    """Writes pictures out of the archive, as the module says.

    A damaged picture is a failure and the rest goes on. Raises UsageError for what is not there,
    ArchiveError when the disk refuses or a link stands in a folder's place; what was written stays.
    """
    began = time.monotonic()
    archive.refresh()
    top = target_of(archive, wanted)
    shelves = shelves_of(archive, wanted)
    tally = _Tally()
    pace = Pace(tell, "exporting", sum(len(shelf.pictures) for shelf in shelves))
    for shelf in shelves:
        if tally.stopped:
            break
        with opened(top, shelf.parts, follow=wanted.target is not None) as folder:
            if wanted.renumber:
                tally.emptied += folder.empty()
            _Filler(archive, folder, tally, pace, stop).fill(shelf, wanted.renumber)
    pace.say()
    return ExportReport(
        change=0,
        written=tally.written,
        same=tally.same,
        renamed=tally.renamed,
        skipped=sum(shelf.skipped for shelf in shelves),
        emptied=tally.emptied,
        failed=len(tally.failures),
        bytes=tally.bytes,
        folders=len(shelves),
        folder=str(top),
        seconds=round(time.monotonic() - began, 3),
        stopped=tally.stopped,
        failures=tuple(tally.failures),
        warnings=_warnings(shelves, wanted),
    )


def target_of(archive: Archive, wanted: Wanted) -> Path:
    """The folder that all folders of an export stand in."""
    return (wanted.target.expanduser() if wanted.target else archive.path / FOLDER).absolute()


def _warnings(shelves: Iterable[Shelf], wanted: Wanted) -> tuple[str, ...]:
    if any(shelf.pictures for shelf in shelves):
        return ()
    what = "no pictures" if wanted.everything else "no tagged pictures"
    if isinstance(wanted.album, AlbumKey):
        what = "no pictures in this album"
    elif wanted.tag or wanted.album:
        what = f"no pictures in {wanted.tag or wanted.album!r}"
    return (f"there are {what} to export",)


class _Filler:
    """Writes the pictures of one folder."""

    def __init__(
        self, archive: Archive, folder: ExportFolder, tally: _Tally, pace: Pace, stop: Stop
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._tally = tally
        self._pace = pace
        self._stop = stop
        self._mine: set[str] = set()

    def fill(self, shelf: Shelf, renumber: bool) -> None:
        """Writes them in order, until asked to stop."""
        width = max(5, len(str(len(shelf.pictures))))
        for number, shown in enumerate(shelf.pictures, start=1):
            if self._stop():
                self._tally.stopped = True
                return
            failures = len(self._tally.failures)
            blob = self._archive.blobs.get(shown.digest)
            if blob is not None:  # else taken away since we looked
                self._put(blob, shown.place, f"{number:0{width}d}-" if renumber else "")
            self._pace.step(failed=len(self._tally.failures) - failures)

    def _put(self, blob: Blob, place: Place | None, prefix: str) -> None:
        digits = blob.digest.hex()
        original = browse.name_of(blob, place)
        for more in ("", f"{digits[:DIGITS]}-", f"{digits}-"):
            name = file_name(original, blob.ext, digits[:16], prefix + more)
            if self._is_there(name, blob):
                self._tally.same += 1
                return
            if self._folder.taken(name) is None:
                self._write(name, blob, renamed=bool(more))
                return
        self._fail(blob, f"{name} is in the way; move it away")

    def _is_there(self, name: str, blob: Blob) -> bool:
        """Whether the picture lies there already under this name, in whatever case."""
        taken = self._folder.taken(name)
        if taken is None or tags.key_of(taken) in self._mine:
            return False
        for spelling in (name, taken):
            if self._folder.holds(spelling, blob.digest, blob.size):
                self._mine.add(tags.key_of(spelling))
                return True
        return False

    def _write(self, name: str, blob: Blob, *, renamed: bool) -> None:
        try:
            data = self._archive.blob_bytes(blob.digest)
        except DamagedFile as error:
            self._fail(blob, str(error))
            return
        self._folder.write(name, data)
        self._mine.add(tags.key_of(name))
        self._tally.written += 1
        self._tally.renamed += renamed
        self._tally.bytes += len(data)

    def _fail(self, blob: Blob, reason: str) -> None:
        self._tally.failures.append((str(self._folder.path), blob.digest.hex(), reason))


def shelves_of(archive: Archive, wanted: Wanted) -> list[Shelf]:
    """The folders to fill. Raises UsageError for two wishes at once, or an unknown one."""
    if sum((wanted.tag is not None, wanted.album is not None, wanted.everything)) > 1:
        raise UsageError("export takes one of a tag, an album and everything")
    planner = _Planner(archive)
    if wanted.tag is not None:
        return list(planner.of_tag(wanted.tag))
    if wanted.album is not None:
        return list(planner.of_albums([selection.album(archive, wanted.album)]))
    return list(planner.of_everything() if wanted.everything else planner.of_tags())


class _Planner:
    """Which pictures go into which folder; reads the tables, touches no disk."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._tree = dict(archive.tags.items())
        self._names = browse.Names.of(archive.users.records(), archive.albums.records())
        self._held = archive.index("places", lookups.blob_of_place)
        self._skipped = {
            chosen.digest for chosen in archive.choices.records() if chosen.choice is Choice.SKIP
        }

    def of_tags(self, numbers: Collection[int] | None = None) -> Iterator[Shelf]:
        """One for each tag (None: for all), of the pictures that carry that very tag."""
        folders = _tag_folders(self._tree)
        carrying = carriers(self._archive)
        for number in folders if numbers is None else numbers:
            digests = carrying.get(number, set())
            kept = digests - self._skipped
            places = {each: [*self._archive.places.picked(self._held[each])] for each in kept}
            shown = browse.in_order(kept, places, self._names)
            yield Shelf(folders[number], tuple(shown), len(digests) - len(kept))

    def of_tag(self, text: str) -> Iterator[Shelf]:
        """One for the tag that is meant. Raises UsageError when there is none."""
        return self.of_tags([tags.find(self._tree, text).number])

    def of_albums(self, keys: Collection[AlbumKey]) -> Iterator[Shelf]:
        """One for each album, of its pictures by position, each once."""
        folders = _album_folders(self._names)
        for key in keys:
            first: dict[Digest, Place] = {}
            skipped: set[Digest] = set()
            for place in selection.places_in(self._archive, key):
                if place.holds is None or place.holds not in self._archive.blobs:
                    continue  # no program of ours leaves such a row; there is nothing to write
                if place.holds in self._skipped or place.verdict is Verdict.SKIP:
                    skipped.add(place.holds)
                else:
                    first.setdefault(place.holds, place)
            pictures = tuple(browse.Shown(digest, place) for digest, place in first.items())
            yield Shelf(folders[key], pictures, len(skipped - first.keys()))

    def of_everything(self) -> Iterator[Shelf]:
        """One for each album, and one for what has no place if there is such."""
        yield from self.of_albums(sorted(self._names.albums))
        lost = sorted(each for each in self._archive.blobs if not self._held[each])
        kept = tuple(browse.Shown(each, None) for each in lost if each not in self._skipped)
        if lost:
            yield Shelf((ALBUMS, HOMELESS), kept, len(lost) - len(kept))


def _tag_folders(tree: tags.Tags) -> dict[int, tuple[str, ...]]:
    """The folder of every tag in the tree's order; it does not depend on what is exported."""
    folders: dict[int, tuple[str, ...]] = {}
    order = [tag for _, tag in tags.walk(tree)]
    names: dict[int, str] = {}
    for parent in {tag.parent for tag in order}:
        siblings = {tag.number: (tag.name, str(tag.number)) for tag in tags.children(tree, parent)}
        names |= sibling_folders(siblings, (ALBUMS,) if parent == tags.ROOT else ())
    for tag in order:
        folders[tag.number] = (*folders.get(tag.parent, ()), names[tag.number])
    return folders


def _album_folders(names: browse.Names) -> dict[AlbumKey, tuple[str, ...]]:
    """The folder of every album."""
    owners = {UserKey(*key[:2]) for key in names.albums}
    users = sibling_folders(
        {key: (names.users.get(key, key.user), _mark(key)) for key in owners}, (HOMELESS,)
    )
    folders: dict[AlbumKey, tuple[str, ...]] = {}
    for owner, user in users.items():
        albums = {key: (name, _mark(key)) for key, name in names.albums.items() if key[:2] == owner}
        found = sibling_folders(albums)
        folders |= {key: (ALBUMS, user, name) for key, name in found.items()}
    return folders


def _mark(ids: tuple[str, ...]) -> str:
    """Ids as a few digits: they may be long, and anything at all."""
    return hashlib.sha256("/".join(ids).encode()).hexdigest()[:DIGITS]
