"""Reading a site: politely, one question at a time, and never one whose answer is here.

First all albums are listed: what they hold becomes places that are wanted, committed page by page
together with how far the listing went. Then what is wanted is fetched. So nothing is asked twice
when a run is broken off, how much there is to do is known early, and pictures that move while a
long run goes on are not missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from fapfav.errors import Stopped, UsageError
from fapfav.jobs import visits
from fapfav.jobs.accounts import find_folder
from fapfav.jobs.engine import AlbumEnd, Item, Run
from fapfav.jobs.line import Line
from fapfav.jobs.pipeline import Relay, Worker
from fapfav.jobs.placing import album_of
from fapfav.jobs.watch import Watch
from fapfav.model import Album, AlbumKey, Cursor, ImageRef, Place, PlaceState, User, UserKey
from fapfav.sources.base import Site
from fapfav.sources.sites import GalleriesFolder, NoSuchFolder
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction

_AHEAD = 32  # pictures under way or waiting: the workers go on while a batch is committed


class SiteReader:
    """One run over accounts of a site."""

    def __init__(
        self, source: Site, run: Run, accounts: Sequence[User], folder: str | Album
    ) -> None:
        self._source = source
        self._run = run
        self._accounts = accounts
        self._folder = folder
        self._watch = Watch(source, run.pace, run.stop)
        self._asked: set[str] = set()
        self.stopped = False
        run.batch.dated = True

    @property
    def waited(self) -> float:
        """Seconds in which the site was only waited for."""
        return self._watch.waited

    def read(self, worker: Worker, executor: Callable[[int], Executor]) -> None:
        """Lists, then fetches; what was committed stays whatever happens."""
        try:
            with Line(self._tick) as line:
                albums = self._list_all(line)
                if not self.stopped:
                    self._fetch_all(line, worker, executor, albums)
        except Stopped:
            self.stopped = True

    def retry(self, worker: Worker, executor: Callable[[int], Executor]) -> None:
        """Fetches what failed before, and nothing else."""
        users = {UserKey(user.source, user.user) for user in self._accounts}
        places = [
            place
            for place in self._run.archive.places.records()
            if place.state is PlaceState.FAILED and place.key[:2] in users
        ]
        placing = self._run.batch.placing
        placing.users.update({_key(user): user for user in self._accounts})
        placing.albums.update(self._run.archive.albums)
        try:
            with Line(self._tick) as line:
                self._fetch(line, worker, executor, self._images(sorted(places, key=_order)))
        except Stopped:
            self.stopped = True

    def _tick(self) -> None:
        self._run.commit_if_due()
        self._watch.tick()

    def _list_all(self, line: Line) -> list[AlbumKey]:
        """The albums that are not read to their end, all of them listed."""
        found: list[AlbumKey] = []
        self._run.pace.begin("listing")
        for user in self._accounts:
            self._run.batch.placing.users[_key(user)] = user
            for album in self._albums(line, user):
                if self._run.stop():
                    self.stopped = True
                    return []
                if self._list(line, album):
                    found.append(_album_key(album))
        self._run.pace.say()
        return found

    def _albums(self, line: Line, user: User) -> list[Album]:
        """What to read of a user, by name: as the archive knows it, or the site says."""
        key, archive = _key(user), self._run.archive
        index = archive.index("albums", lookups.user_of_album)[SEPARATOR.join(key)]
        known = list(archive.albums.picked(index))
        if isinstance(self._folder, Album):
            return [self._folder]
        if self._folder:
            return [find_folder(archive, self._source, user, self._folder, line=line)]
        row = archive.users.get(key)
        now = self._run.now()
        if row and visits.is_fresh(row.date_albums, now, visits.FRESH) and not self._run.force:
            return sorted(known, key=_by_name)
        listed = self._listed(line, key)
        self._run.batch.write(lambda tx: self._put_albums(tx, key, listed))
        ids = {album.album for album in listed}
        # A folder that the site no longer has may still have pictures that we want.
        left = [album for album in known if album.album not in ids and self._due(album)]
        return sorted((*listed, *left), key=_by_name)

    def _listed(self, line: Line, user: UserKey) -> list[Album]:
        return line.call(lambda: list(self._source.albums(user)))

    def _put_albums(self, tx: Transaction, key: UserKey, albums: Sequence[Album]) -> None:
        placing = self._run.batch.placing
        placing.date_user(tx, key, albums=True)
        for album in albums:
            row = tx.albums.get(_album_key(album))
            tx.put(album if row is None else replace(row, name=album.name))

    def _list(self, line: Line, album: Album) -> bool:
        """Lists an album; whether there is anything to do in it."""
        key, run = _album_key(album), self._run
        run.batch.placing.albums.setdefault(key, album)
        row = run.archive.albums.get(key) or album
        # What a forced listing found before it was broken off is not left for another day.
        is_read = visits.is_read(row, run.now()) and not run.force
        if is_read and not run.batch.placing.is_wanting(run.archive, key):
            run.batch.tally.skipped += 1
            return False
        counts = run.batch.tally.of(key)
        counts.known += self._count(key, PlaceState.STORED)
        counts.removed += self._count(key, PlaceState.REMOVED)
        if visits.is_listed(row, run.now()) and not run.force:
            return True
        run.pace.note = album.name
        try:
            self._walk(line, key, visits.start(row, force=run.force))
        except GalleriesFolder:
            if self._folder:
                raise
            if not any(self._places(key)):  # it never was a folder of pictures
                run.batch.write(lambda tx: tx.delete("albums", key))
            return bool(self._due(row))
        except (NoSuchFolder, UsageError) as error:  # gone, or its name fell below the floor
            if self._folder:
                raise
            run.batch.tally.warnings.append(f"{album.name}: {error}")
            return isinstance(error, NoSuchFolder) and bool(self._due(row))
        return True

    def _walk(self, line: Line, album: AlbumKey, cursor: str) -> None:
        run = self._run
        items = self._source.images(album, cursor)
        while True:
            refs, reached = line.call(lambda: _page(items))
            self._watch.tick()  # a wait for the page is over
            run.batch.write(partial(self._put_page, album, refs, reached))
            run.pace.step(len(refs))
            if reached is None:
                return
            run.batch.tally.pages += 1
            run.pace.pages += 1
            run.pace.tick()
            if run.stop():
                raise Stopped("asked to stop while listing")

    def _put_page(
        self, album: AlbumKey, refs: list[ImageRef], reached: Cursor | None, tx: Transaction
    ) -> None:
        """A page of the listing; without a cursor it was the end."""
        placing = self._run.batch.placing
        placing.put_album(tx, album)
        placing.want(tx, refs)
        if reached is not None:
            placing.walked(tx, reached)
        else:
            tx.put(replace(tx.albums[album], date_listed=tx.now))

    def _count(self, album: AlbumKey, state: PlaceState) -> int:
        return sum(place.state is state for place in self._places(album))

    def _places(self, album: AlbumKey) -> Iterator[Place]:
        archive = self._run.archive
        keys = archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
        return archive.places.picked(keys)

    def _due(self, album: Album) -> list[Place]:
        """The pictures of an album to fetch, in its order."""
        found = self._places(_album_key(album))
        force = self._run.force
        return sorted((p for p in found if visits.is_due(p, force=force)), key=_order)

    def _fetch_all(
        self,
        line: Line,
        worker: Worker,
        executor: Callable[[int], Executor],
        albums: Sequence[AlbumKey],
    ) -> None:
        run = self._run
        run.pace.note = ""
        run.pace.begin("reading")
        due = {key: self._due(run.archive.albums[key]) for key in albums}
        run.pace.total = len({place.image for places in due.values() for place in places})
        run.pace.say()
        self._fetch(line, worker, executor, self._album_items(due))
        unfinished = any(not user.date_finished for user in self._accounts)
        if (albums or unfinished) and not self.stopped and not self._folder:
            run.batch.write(self._finish_users)

    def _fetch(
        self,
        line: Line,
        worker: Worker,
        executor: Callable[[int], Executor],
        items: Iterator[Item],
    ) -> None:
        with executor(self._run.threads) as pool:
            relay = Relay(worker, line, pool, gate=self._run.gate, begun=self._begun)
            whole = self._run.consume(items, relay.submit, _AHEAD, self._tick)
        self.stopped = self.stopped or not whole

    def _begun(self, ref: ImageRef) -> None:
        """The album in hand; called on the line."""
        album = self._run.batch.placing.albums.get(album_of(ref.place))
        self._run.pace.note = album.name if album else ""

    def _album_items(self, due: dict[AlbumKey, list[Place]]) -> Iterator[Item]:
        for key, places in due.items():
            self._count_left_alone(key)
            yield from self._images(places)
            if self.stopped:
                return
            yield AlbumEnd(key)

    def _count_left_alone(self, key: AlbumKey) -> None:
        """Failures that are not tried again on this visit."""
        force = self._run.force
        self._run.batch.tally.of(key).left_alone += sum(
            place.state is PlaceState.FAILED and not visits.is_due(place, force=force)
            for place in self._places(key)
        )

    def _images(self, places: Sequence[Place]) -> Iterator[ImageRef]:
        """Each image once: what becomes of it is written to all its places."""
        for place in places:
            if self._run.stop():
                self.stopped = True
                return
            if place.image in self._asked or self._is_stored(place):
                continue
            self._asked.add(place.image)
            yield ImageRef(place.key, place.name)

    def _is_stored(self, place: Place) -> bool:
        """Whether another run of this archive was quicker."""
        now = self._run.archive.places.get(place.key)
        return now is None or now.state not in (PlaceState.WANTED, PlaceState.FAILED)

    def _finish_users(self, tx: Transaction) -> None:
        for user in self._accounts:
            self._run.batch.placing.date_user(tx, _key(user), finished=True)


def _page(items: Iterator[ImageRef | Cursor]) -> tuple[list[ImageRef], Cursor | None]:
    """What comes up to the next cursor; None at the end."""
    refs: list[ImageRef] = []
    for item in items:
        if isinstance(item, Cursor):
            return refs, item
        refs.append(item)
    return refs, None


def _key(user: User) -> UserKey:
    return UserKey(user.source, user.user)


def _album_key(album: Album) -> AlbumKey:
    return AlbumKey(album.source, album.user, album.album)


def _by_name(album: Album) -> tuple[str, str]:
    return album.name.casefold(), album.album


def _order(place: Place) -> tuple[str, str, str, int]:
    return place.source, place.user, place.album, place.position
