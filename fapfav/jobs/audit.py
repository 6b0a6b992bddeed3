"""`audit`: which of a user's pictures are still where they were found, and which have vanished.

Asks a site about every place where it was seen to have one of the user's pictures, in albums of
others too. Downloads nothing and deletes nothing. What was found is committed as it comes and is
not asked again for days, so that a run which was broken off goes on where it was.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from fapfav import browse
from fapfav.errors import BadPicture, SourceError, Stopped, UsageError
from fapfav.jobs.base import BrokenOff, Pace, Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.line import Line
from fapfav.jobs.visits import is_fresh
from fapfav.jobs.watch import Watch
from fapfav.model import AlbumKey, Check, Place, PlaceState, Sighting, User, UserKey
from fapfav.sources.base import Site, Source
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.change import Change
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction

FRESH = 10 * 24 * 3600
"""Seconds for which a check stands."""

FRESH_FORCED = 3600
"""The same when forced: a forced run that was broken off does not begin all over again."""

COMMIT_CHECKS = 100
COMMIT_SECONDS = 10.0
LONG_WAIT = 5.0
"""Seconds of a wait that what was found so far does not wait for."""

_NO_ADDRESS = 2  # the level that a page of an unknown shape looks like


class Finding(NamedTuple):
    """A picture that went or came back: names of album and picture, image, level, address."""

    album: str
    picture: str
    image: str
    level: int
    url: str


@dataclass(frozen=True, slots=True)
class AuditReport(Report):
    """What an audit found. Images are counted, each once however many places it has.

    `checked` were asked about: they are `there` or `gone`, `by_level` of the gone says how.
    `newly_gone`, listed in `findings`, were there before, and `back`, listed in `returned`, were
    gone. `skipped` were checked a short time ago, `left` were not reached. Of the `seconds` it
    `waited` because the site asked for it.
    """

    change: int
    checked: int
    there: int
    gone: int
    by_level: Mapping[int, int]
    newly_gone: int
    back: int
    skipped: int
    left: int
    requests: int
    waited: float
    seconds: float
    stopped: bool
    findings: tuple[Finding, ...]
    returned: tuple[Finding, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Whose pictures are looked for; `force` asks again about those checked a short time ago."""

    user: UserKey
    force: bool = False


def audit(
    archive: Archive,
    source: Source,
    settings: AuditSettings,
    *,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> AuditReport:
    """Asks a site which of a user's pictures are still there, and notes what changed and when.

    Raises UsageError for a source that is no site, and for a user that is not in the archive or
    was never read to the end; SourceError for the site's own trouble, ArchiveError when the disk
    refuses: what was committed stays, and the next audit goes on there. A site's trouble is a
    BrokenOff, with a report.
    """
    began = time.monotonic()
    if not isinstance(source, Site):
        raise UsageError(
            "local folders are not audited: only a site is asked whether its pictures are there"
        )
    archive.refresh()
    user = _finished(archive, source, settings.user)
    before = source.asked
    with archive.change("audit", by=by, what=user.name) as change:
        pace = Pace(tell, "auditing")
        run = _Run(archive, source, settings, change, pace=pace, stop=stop)
        trouble: SourceError | None = None
        try:
            run.run()
        except SourceError as error:
            trouble = error
    report = _report(source, run, change.number, source.asked - before, began)
    if trouble is not None:
        raise BrokenOff(str(trouble), report) from trouble
    return report


def _report(source: Site, run: _Run, change: int, requests: int, began: float) -> AuditReport:
    tally = run.tally
    problems = [f"{each.where}: {each.reason}" for each in getattr(source, "problems", ())]
    return AuditReport(
        change=change,
        checked=tally.checked,
        there=tally.checked - sum(tally.by_level.values()),
        gone=sum(tally.by_level.values()),
        by_level=tally.by_level,
        newly_gone=len(tally.went),
        back=len(tally.came),
        skipped=tally.skipped,
        left=tally.left,
        requests=requests,
        waited=round(run.waited, 3),
        seconds=round(time.monotonic() - began, 3),
        stopped=run.stopped,
        findings=tuple(tally.went),
        returned=tuple(tally.came),
        warnings=(*tally.unknown, *problems),
    )


def seen(check: Check, sighting: Sighting) -> Check:
    """A check after one more look: its history grows only where the level changed.

    Times in a history never go back, whatever the clock does.
    """
    history = check.history
    if sighting.level != check.level:
        earliest = history[-1].time if history else 0
        history += (sighting._replace(time=max(sighting.time, earliest)),)
    return replace(check, checked=sighting.time, history=history)


def _finished(archive: Archive, source: Source, key: UserKey) -> User:
    user = archive.users.get(key)
    if user is None or key.source != source.name:
        raise UsageError(
            f"there is no user {key.user!r} of {source.name} in this archive; `print` lists them"
        )
    if not user.date_finished:
        raise UsageError(
            f"the user {user.name!r} was never read to the end, and only what was read is audited; "
            f"read it to the end first: favorites.py read --user {shlex.quote(user.name)}"
        )
    return user


@dataclass(slots=True)
class _Tally:
    """Counts of one audit."""

    checked: int = 0
    skipped: int = 0
    left: int = 0
    unknown: list[str] = field(default_factory=list)
    by_level: dict[int, int] = field(default_factory=lambda: {1: 0, 2: 0, 3: 0})
    went: list[Finding] = field(default_factory=list)
    came: list[Finding] = field(default_factory=list)


class _Run:
    """One run over the images of a user's pictures."""

    def __init__(
        self,
        archive: Archive,
        source: Site,
        settings: AuditSettings,
        change: Change,
        *,
        pace: Pace,
        stop: Stop,
    ) -> None:
        self.tally = _Tally()
        self.stopped = False
        self._archive = archive
        self._source = source
        self._user = settings.user
        self._fresh = FRESH_FORCED if settings.force else FRESH
        self._change = change
        self._pace = pace
        self._stop = stop
        self._found: list[tuple[Place, Sighting]] = []
        self._committed = time.monotonic()
        self._watch = Watch(source, pace, stop)

    @property
    def waited(self) -> float:
        """Seconds in which the site was only waited for."""
        return self._watch.waited

    def run(self) -> None:
        """Asks about all that is due, and commits what is certain even when it ends by an error."""
        images = _images(self._archive, self._user)
        due = [image for image in images if self._due(image)]
        self.tally.skipped = len(images) - len(due)
        self.tally.left = self._pace.total = len(due)
        is_certain = False
        try:
            self._ask_all(due)
            is_certain = True
        except Stopped:
            self.stopped = is_certain = True
        finally:
            self._commit(is_certain=is_certain)
        if not self.tally.left:
            self._finish(images)
        self._pace.say()

    def _ask_all(self, images: Iterable[str]) -> None:
        with Line(self._tick) as line:
            for image in images:
                if self._stop():
                    self.stopped = True
                    return
                place = self._due(image)  # once more: others may have checked or removed it
                if place is None:
                    self.tally.skipped += 1
                else:
                    self._check(line, place)
                self.tally.left -= 1
                self._pace.waiting = ""
                self._pace.step()
                if self._is_time_to_commit():
                    self._commit()

    def _check(self, line: Line, place: Place) -> None:
        try:
            level, url = line.call(partial(self._source.check, place))
        except BadPicture as error:  # the site has no good answer: nothing is known of it
            self.tally.unknown.append(f"{place.name or place.image}: not checked: {error}")
        else:
            self._found.append((place, Sighting(self._archive.time(), level, url)))

    def _tick(self) -> None:
        """While the site takes its time."""
        self._watch.tick()
        wait = self._source.waiting
        is_long = wait is not None and wait.until - time.monotonic() > LONG_WAIT
        if is_long or self._is_time_to_commit():
            self._commit()

    def _due(self, image: str) -> Place | None:
        """The place to ask about, if there is one that was not checked a short time ago."""
        places = _stored(self._archive, self._archive, self._user.source, image)
        checks = [self._archive.checks.get(place.key) for place in places]
        now = self._archive.time()
        if all(check and is_fresh(check.checked, now, self._fresh) for check in checks):
            return None
        return min(places, key=lambda place: (place.user != self._user.user, place.key))

    def _is_time_to_commit(self) -> bool:
        passed = time.monotonic() - self._committed
        return len(self._found) >= COMMIT_CHECKS or passed >= COMMIT_SECONDS

    def _commit(self, *, is_certain: bool = False) -> None:
        """Makes what was found durable.

        A site that changes its pages looks at first as if every address were missing. So these
        wait for a result of another kind, or for an end without an error.
        """
        count = len(self._found)
        while count and not is_certain and self._found[count - 1][1].level == _NO_ADDRESS:
            count -= 1
        if count:
            with self._change.transaction() as tx:
                for place, sighting in self._found[:count]:
                    self._record(tx, place, sighting)
            del self._found[:count]
        self._committed = time.monotonic()

    def _record(self, tx: Transaction, asked: Place, sighting: Sighting) -> None:
        """One result, for every place of its image."""
        before = 0
        for place in _stored(self._archive, tx, asked.source, asked.image):
            check = tx.checks.get(place.key) or Check(*place.key, checked=0)
            before = max(before, check.level)
            tx.put(seen(check, sighting))
            blob = tx.blobs.get(place.holds) if place.holds is not None else None
            if blob is not None and not sighting.level:
                tx.put(replace(blob, date=sighting.time))
        self.tally.checked += 1
        if sighting.level:
            self.tally.by_level[sighting.level] += 1
        if bool(before) != bool(sighting.level):
            album = tx.albums.get(AlbumKey(*asked.key[:3]))
            name = album.name if album else asked.album
            finding = Finding(name, asked.name, asked.image, sighting.level, sighting.url)
            (self.tally.went if sighting.level else self.tally.came).append(finding)

    def _finish(self, images: Iterable[str]) -> None:
        """Dates the audit, unless nothing was asked since the last one."""
        with self._change.transaction(last=True) as tx:
            user = tx.users.get(self._user)
            if user is None:
                return  # removed meanwhile
            if self.tally.checked or user.date_audit < self._latest(tx, images):
                tx.put(replace(user, date_audit=tx.now))

    def _latest(self, tx: Transaction, images: Iterable[str]) -> int:
        """When the last check of any of the images was; without images there is always one now."""
        places = (_stored(self._archive, tx, self._user.source, image) for image in images)
        checks = (tx.checks.get(place.key) for some in places for place in some)
        return max((check.checked for check in checks if check), default=tx.now)


def _stored(archive: Archive, views: Archive | Transaction, source: str, image: str) -> list[Place]:
    """The places of an image that hold a picture."""
    keys = archive.index("places", lookups.image_of_place)[SEPARATOR.join((source, image))]
    return [place for place in views.places.picked(keys) if place.state is PlaceState.STORED]


def _images(archive: Archive, user: UserKey) -> list[str]:
    """All images of the user's pictures at its source, each once.

    First those of the user's albums by name and position, then where else the pictures are.
    """
    places = [
        place
        for place in archive.places.records()
        if place.source == user.source and place.state is PlaceState.STORED
    ]
    pictures = {place.holds for place in places if place.user == user.user}
    wanted = [place for place in places if place.holds in pictures]
    names = browse.Names.of(archive.users.records(), archive.albums.records())
    wanted.sort(
        key=lambda place: (
            place.user != user.user,
            names.order(place.source, place.user, place.album),
            place.position,
            place.image,
        )
    )
    return list(dict.fromkeys(place.image for place in wanted))
