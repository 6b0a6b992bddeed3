"""Reading a source that lists quickly and gives ids only with the bytes: the local disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from fapfav.jobs.engine import AlbumEnd, Item, Run
from fapfav.jobs.pipeline import Worker
from fapfav.model import Album, AlbumKey, ImageRef, PlaceState, UserKey
from fapfav.sources.base import Source
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction

_AHEAD = 128  # pictures under way or waiting: the workers go on while a batch is committed


class FolderReader:
    """One run over a source whose listing costs nothing: what is unchanged is known by its mark."""

    def __init__(self, source: Source, run: Run) -> None:
        self._source = source
        self._run = run
        self.stopped = False

    def read(self, worker: Worker, executor: Callable[[int], Executor]) -> None:
        """Reads all albums, several pictures at once."""
        run = self._run
        with executor(run.threads) as pool:
            whole = run.consume(
                self._items(),
                lambda ref: pool.submit(run.gate, worker, ref),
                max(_AHEAD, 2 * run.threads),
                run.pace.tick,
            )
        self.stopped = self.stopped or not whole
        if run.batch.has_written and not self.stopped:
            self._finish_users()

    def _items(self) -> Iterator[Item]:
        placing = self._run.batch.placing
        for user in self._source.users():
            key = UserKey(user.source, user.user)
            placing.users[key] = user
            for album in self._source.albums(key):
                placing.albums[AlbumKey(*key, album.album)] = album
                for ref in self._new_images(album):
                    yield ref
                    if self._run.stop():
                        self.stopped = True
                        return
                yield AlbumEnd(AlbumKey(*key, album.album))

    def _new_images(self, album: Album) -> list[ImageRef]:
        key = AlbumKey(album.source, album.user, album.album)
        seen = self._seen(key)
        counts = self._run.batch.tally.of(key)
        new = []
        for ref in self._source.images(key, ""):
            assert isinstance(ref, ImageRef)  # such a source has no cursors to go on from
            state = seen.get(_mark(ref.name, ref.raw, ref.stamp))
            if state is None:
                new.append(ref)
            elif state is PlaceState.FAILED:
                counts.left_alone += 1
            elif state is PlaceState.REMOVED:
                counts.removed += 1
            else:
                counts.known += 1
        self._run.pace.total += len(new)
        return new

    def _seen(self, album: AlbumKey) -> dict[str, PlaceState]:
        """What of an album needs no second look, by name and stamp."""
        keys = self._run.archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
        places = self._run.archive.places.picked(keys)
        return {
            _mark(place.name, place.raw, place.stamp): place.state
            for place in places
            if not (self._run.force and place.state is PlaceState.FAILED)
        }

    def _finish_users(self) -> None:
        placing = self._run.batch.placing

        def put(tx: Transaction) -> None:
            for key in placing.users.keys() & set(tx.users):
                placing.date_user(tx, key, albums=True, finished=True)

        self._run.batch.write(put)


def _mark(name: str, raw: bytes, stamp: str) -> str:
    return SEPARATOR.join((name, raw.hex(), stamp))
