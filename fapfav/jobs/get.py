"""`get`: one folder of a site straight to disk, as plain files and with no archive.

Nothing is remembered: a second run asks the site for every picture again, and only what lies there
already with the same bytes is not written twice. A picture's name is known when it has come.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

from fapfav.errors import BadPicture, SourceError, Stopped
from fapfav.images.decode import decode
from fapfav.images.guard import hushed, reading
from fapfav.jobs.base import Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.folders import ExportFolder, opened
from fapfav.jobs.line import Line
from fapfav.jobs.names import file_name
from fapfav.jobs.watch import Watch
from fapfav.model import Album, AlbumKey, Cursor, Digest, ImageRef, Picture, User
from fapfav.sources.base import Site

DIGITS = 10
"""Hex digits of a digest put before a name that is taken."""


@dataclass(frozen=True, slots=True)
class GetReport(Report):
    """What was written. `same` lay there already, `renamed` bear digits before their name.

    `failures` are (image, reason), `waited` is seconds of announced waits; `trouble` says why the
    site was left before the end, if so.
    """

    user: str
    album: str
    folder: str
    found: int
    saved: int
    renamed: int
    same: int
    failed: int
    bytes: int
    pages: int
    requests: int
    waited: float
    seconds: float
    stopped: bool
    trouble: str
    failures: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """What became of the pictures so far."""

    found: int = 0
    saved: int = 0
    renamed: int = 0
    same: int = 0
    bytes: int = 0
    stopped: bool = False
    trouble: str = ""
    failures: list[tuple[str, str]] = field(default_factory=list)


def get(
    source: Site,
    user: User,
    album: Album,
    target: Path,
    *,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> GetReport:
    """Writes every picture of a folder into `target`, which is made where it is missing.

    A picture that cannot be had, or is none, is a failure with its reason, and the rest goes on; so
    it is with the site's trouble once the folder is listed. Raises SourceError while it is listed,
    ArchiveError when the disk refuses.
    """
    began, asked = time.monotonic(), source.asked
    tally = _Tally()
    pace = Pace(tell, "listing", note=album.name)
    getter = _Getter(source, album, tally, pace=pace, stop=stop)
    getter.run(target)
    return GetReport(
        user=user.name,
        album=album.name,
        folder=str(target),
        found=tally.found,
        saved=tally.saved,
        renamed=tally.renamed,
        same=tally.same,
        failed=len(tally.failures),
        bytes=tally.bytes,
        pages=pace.pages,
        requests=source.asked - asked,
        waited=round(getter.waited, 3),
        seconds=round(time.monotonic() - began, 3),
        stopped=tally.stopped,
        trouble=tally.trouble,
        failures=tuple(tally.failures),
        warnings=tuple(f"{p.where}: {p.reason}" for p in getattr(source, "problems", ())),
    )


class _Getter:
    """One run over one folder."""

    def __init__(
        self, source: Site, album: Album, tally: _Tally, *, pace: Pace, stop: Stop
    ) -> None:
        self._source = source
        self._album = album
        self._tally = tally
        self._pace = pace
        self._stop = stop
        self._watch = Watch(source, pace, stop)

    @property
    def waited(self) -> float:
        """Seconds in which the site was only waited for."""
        return self._watch.waited

    def run(self, target: Path) -> None:
        """Lists it, then writes it: only so is it known how many there are."""
        with Line(self._watch.tick) as line:
            try:
                refs = self._listed(line)
                self._tally.found = len(refs)
                if not self._tally.stopped:
                    # Not before: a folder that is not there leaves no empty one behind.
                    with opened(target, (), follow=True) as folder:
                        self._fetch_all(line, refs, _Shelf(folder, self._tally))
            except Stopped:
                self._tally.stopped = True
        self._pace.waiting = ""
        self._pace.say()

    def _listed(self, line: Line) -> list[ImageRef]:
        key = AlbumKey(self._album.source, self._album.user, self._album.album)
        items = line.call(lambda: self._source.images(key, ""))
        refs: list[ImageRef] = []
        while (item := line.call(lambda: next(items, None))) is not None:
            if isinstance(item, Cursor):
                self._pace.pages = max(self._pace.pages, item.pages)
            else:
                refs.append(item)
                self._pace.step()
            if self._asked_to_stop():
                break
        return refs

    def _fetch_all(self, line: Line, refs: list[ImageRef], shelf: _Shelf) -> None:
        self._pace.begin("getting")
        self._pace.total = len(refs)
        for ref in refs:
            if self._asked_to_stop():
                return
            try:
                failed = self._fetch(line, ref, shelf)
            except SourceError as error:
                self._tally.trouble = str(error)
                return
            self._pace.step(failed=int(failed))

    def _fetch(self, line: Line, ref: ImageRef, shelf: _Shelf) -> bool:
        """Whether it failed."""
        try:
            picture, ext = line.call(lambda: _whole(self._source.fetch(ref)))
            shelf.put(picture, ext, ref.place.image)
        except BadPicture as error:
            self._tally.failures.append((ref.place.image, str(error)))
            return True
        return False

    def _asked_to_stop(self) -> bool:
        self._tally.stopped = self._tally.stopped or self._stop()
        return self._tally.stopped


def _whole(picture: Picture) -> tuple[Picture, str]:
    """The picture and its true type. Raises BadPicture where it does not decode.

    A body that was cut off without a stated length, or a page sent as a picture, shows only so.
    """
    with hushed, reading(picture.data), decode(picture.data, "scaled") as decoded:
        return picture, decoded.facts.ext


class _Shelf:
    """Writes pictures into the one folder, each content once and over nothing."""

    def __init__(self, folder: ExportFolder, tally: _Tally) -> None:
        self._folder = folder
        self._tally = tally
        self._written: set[Digest] = set()

    def put(self, picture: Picture, ext: str, image: str) -> None:
        """Writes it under its own name, or with digits before that. Raises BadPicture if neither.

        A name that is taken by the same bytes counts as a collision, and so does a picture that
        this run wrote under another name.
        """
        digest = Digest(hashlib.sha256(picture.data).digest())
        if digest in self._written:
            self._tally.same += 1
            return
        digits = digest.hex()
        for prefix in ("", f"{digits[:DIGITS]}-", f"{digits}-"):
            name = file_name(picture.name, ext, image, prefix)
            if self._holds(name, digest, len(picture.data)):
                self._tally.same += 1
            elif self._folder.taken(name) is None:
                self._folder.write(name, picture.data)
                self._tally.saved += 1
                self._tally.renamed += bool(prefix)
                self._tally.bytes += len(picture.data)
            else:
                continue
            self._written.add(digest)
            return
        raise BadPicture(f"{name} is in the way; move it away")

    def _holds(self, name: str, digest: Digest, size: int) -> bool:
        taken = self._folder.taken(name)
        return taken is not None and any(
            self._folder.holds(spelling, digest, size) for spelling in {name, taken}
        )
