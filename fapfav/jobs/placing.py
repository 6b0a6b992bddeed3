"""The rows of a read's places and albums: what a transaction gets to see of each picture.

What becomes of an image at its source is true of all places that wait for it: they are written
together, so that an image in several albums is asked for once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from fapfav.jobs.library import Archive
from fapfav.jobs.pipeline import Fetched, Taken
from fapfav.jobs.tally import Tally
from fapfav.model import (
    Album,
    AlbumKey,
    Cursor,
    Failure,
    ImageRef,
    Place,
    PlaceKey,
    PlaceState,
    User,
    UserKey,
)
from fapfav.store import lookups
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction

_WAITING = (PlaceState.WANTED, PlaceState.FAILED)


class Placing:
    """Writes places, and the albums and users they need."""

    def __init__(self, archive: Archive, tally: Tally) -> None:
        self.users: dict[UserKey, User] = {}
        self.albums: dict[AlbumKey, Album] = {}
        self._archive = archive
        self._tally = tally
        self._positions: dict[AlbumKey, int] = {}
        self._kept_out: frozenset[tuple[str, str]] | None = None

    def store(self, tx: Transaction, taken: Taken, fetched: Fetched, kept_out: bool) -> None:
        """The place of a picture that is here, or is to stay away, and its twins."""
        picture = fetched.picture
        before = tx.places.get(picture.place)
        # What is kept out may be the duplicate of a picture that its place holds instead.
        stays = not kept_out or (before is not None and before.holds != fetched.digest)
        if before is not None and before.state is PlaceState.STORED and stays:
            tx.put(replace(before, stamp=picture.stamp))
            return
        self.put_album(tx, album_of(picture.place))
        if not taken.ref.place.image:
            tx.delete("places", _place_of_failure(taken.ref))
        stored = Place(
            *picture.place,
            position=self._position(picture.place, before),
            name=picture.name,
            state=PlaceState.REMOVED if kept_out else PlaceState.STORED,
            holds=None if kept_out else fetched.digest,
            served=fetched.digest,
            served_size=fetched.size,
            added=before.added if before else tx.now,
            posted=picture.posted,
            stamp=picture.stamp,
            raw=taken.ref.raw,
        )
        tx.put(stored)
        for twin in self._twins(tx, picture.place):
            tx.put(_like(stored, twin))
            counts = self._tally.of(album_of(twin.key))
            if kept_out:
                counts.removed += 1
            else:
                counts.existing += 1

    def fail(self, tx: Transaction, taken: Taken) -> None:
        """The place of a picture that is not to be had, and its twins."""
        key = _place_of_failure(taken.ref)
        before = tx.places.get(key)
        if before is not None and before.state is PlaceState.STORED:
            return
        self.put_album(tx, album_of(key))
        name = taken.name or taken.ref.name
        failed = Place(
            *key,
            position=self._position(key, before),
            name=name,
            state=PlaceState.FAILED,
            added=before.added if before else tx.now,
            stamp=taken.ref.stamp,
            raw=taken.ref.raw,
            failure=_failure(tx.now, before, taken),
        )
        self._failed(tx, failed, taken)
        for twin in self._twins(tx, key):
            failure = _failure(tx.now, twin, taken)
            lost = replace(twin, name=name, state=PlaceState.FAILED, failure=failure)
            self._failed(tx, lost, taken)

    def want(self, tx: Transaction, refs: list[ImageRef]) -> None:
        """Places for what a site lists: what is here already is stored, the rest is wanted."""
        for ref in refs:
            counts = self._tally.of(album_of(ref.place))
            if ref.place in tx.places:
                continue
            self.put_album(tx, album_of(ref.place))
            place = Place(
                *ref.place,
                position=self._position(ref.place, None),
                name=ref.name,
                state=PlaceState.WANTED,
                added=tx.now,
            )
            twin = self._known_twin(tx, ref.place)
            if self._is_kept_out(ref.place):
                place = replace(place, state=PlaceState.REMOVED)
            elif twin is not None:
                place = _like(twin, place)
            counts.removed += place.state is PlaceState.REMOVED
            counts.existing += place.state is PlaceState.STORED
            tx.put(place)

    def put_album(self, tx: Transaction, key: AlbumKey) -> None:
        """The rows an album's places need, unless they are there."""
        user = UserKey(key.source, key.user)
        if user not in tx.users:
            tx.put(self.users[user])
        if key not in tx.albums:
            tx.put(self.albums[key])

    def date_user(
        self, tx: Transaction, key: UserKey, *, albums: bool = False, finished: bool = False
    ) -> None:
        """Notes that a user's albums were listed just now, or that nothing of them is missing."""
        row = tx.users.get(key) or self.users[key]
        row = replace(row, name=self.users[key].name)  # the site lets its users change theirs
        row = replace(row, date_albums=tx.now) if albums else row
        tx.put(replace(row, date_finished=tx.now) if finished else row)

    def finish(self, tx: Transaction, key: AlbumKey, *, always: bool) -> None:
        """Dates an album; unless `always`, one that got nothing new stays as it was.

        One that still wants a picture, which was taken away before it was committed, is not.
        """
        row = tx.albums.get(key)
        if row is None or (row.date_blobs and not always and key not in self._positions):
            return
        if not self.is_wanting(tx, key):
            tx.put(replace(row, date_blobs=tx.now))

    def is_wanting(self, views: Archive | Transaction, key: AlbumKey) -> bool:
        """Whether an album has pictures that were listed and neither came nor failed."""
        keys = self._archive.index("places", lookups.album_of_place)[SEPARATOR.join(key)]
        return any(place.state is PlaceState.WANTED for place in views.places.picked(keys))

    def walked(self, tx: Transaction, cursor: Cursor) -> None:
        """Notes how far an album was listed."""
        row = tx.albums[cursor.album]
        tx.put(replace(row, cursor=cursor.value, pages=cursor.pages))

    def _failed(self, tx: Transaction, place: Place, taken: Taken) -> None:
        tx.put(place)
        album = tx.albums[album_of(place.key)]
        shown = place.name or place.image
        self._tally.failures.append((album.name, shown, taken.problem))
        self._tally.of(album_of(place.key)).failed += 1

    def _same_image(self, tx: Transaction, key: PlaceKey) -> Iterator[Place]:
        index = self._archive.index("places", lookups.image_of_place)
        for place in tx.places.picked(index[key.source + SEPARATOR + key.image]):
            if place.key != key:
                yield place

    def _twins(self, tx: Transaction, key: PlaceKey) -> list[Place]:
        """The other places that wait for the image."""
        return [place for place in self._same_image(tx, key) if place.state in _WAITING]

    def _known_twin(self, tx: Transaction, key: PlaceKey) -> Place | None:
        """Another place whose picture is here, or was removed by the user."""
        for place in self._same_image(tx, key):
            stored = place.holds is not None and place.holds in tx.blobs
            if stored or place.state is PlaceState.REMOVED:
                return place
        return None

    def _is_kept_out(self, key: PlaceKey) -> bool:
        """Whether the image is of a picture that the user destroyed."""
        if self._kept_out is None:
            removed = self._archive.removed.records()
            self._kept_out = frozenset(image for each in removed for image in each.images)
        return (key.source, key.image) in self._kept_out

    def _position(self, place: PlaceKey, before: Place | None) -> int:
        """The next place's position: order of arrival, never changed afterwards."""
        if before is not None:
            return before.position
        album = album_of(place)
        if album not in self._positions:
            keys = self._archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
            known = [p.position for p in self._archive.places.picked(keys)]
            self._positions[album] = max(known, default=-1) + 1
        position = self._positions[album]
        self._positions[album] += 1
        return position


def album_of(place: PlaceKey) -> AlbumKey:
    """The album a place is in."""
    return AlbumKey(*place[:3])


def _like(stored: Place, other: Place) -> Place:
    """Another place of the same image, with what is known of it."""
    return replace(
        stored,
        user=other.user,
        album=other.album,
        position=other.position,
        added=other.added,
        verdict=other.verdict,
        raw=other.raw,
    )


def _failure(now: int, before: Place | None, taken: Taken) -> Failure:
    tries = before.failure.tries if before and before.failure else 0
    return Failure(now, tries + 1, taken.problem, taken.url)


def _place_of_failure(ref: ImageRef) -> PlaceKey:
    """Where a failure is noted: one whose id follows from the bytes has none yet."""
    if ref.place.image:
        return ref.place
    name = hashlib.sha256(ref.raw or ref.name.encode()).hexdigest()
    return ref.place._replace(image=f"failed-{name[:32]}")
