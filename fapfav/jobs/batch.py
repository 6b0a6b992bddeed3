"""What one commit of a read holds: pictures taken in, and the rows they become."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field, replace

import numpy as np
import PIL

from fapfav.images.examine import Preparation
from fapfav.images.vectors import quantize
from fapfav.jobs.library import HASHES_SPACE, Archive, is_only_unread
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.pipeline import Fetched, Taken
from fapfav.model import (
    HASHES,
    Album,
    AlbumKey,
    Blob,
    Config,
    Cursor,
    Digest,
    Failure,
    Fingerprint,
    Fresh,
    ImageRef,
    Place,
    PlaceKey,
    PlaceState,
    Print,
    Space,
    User,
    UserKey,
)
from fapfav.store import lookups
from fapfav.store.blobs import Kind
from fapfav.store.change import Change
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction


@dataclass(slots=True)
class Tally:
    """Counts of one read; `failures` as (album, name, reason)."""

    saved: int = 0
    known: int = 0
    existing: int = 0
    removed: int = 0
    left_alone: int = 0
    bytes: int = 0
    thumb_bytes: int = 0
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """For the log."""
        return f"{self.saved} saved, {self.existing} existing, {len(self.failures)} failed"


def hash_bytes(fingerprint: Fingerprint) -> bytes:
    """The four hashes as a print: 32 bytes."""
    return b"".join(int(getattr(fingerprint, m.value)).to_bytes(8, "big") for m in HASHES)


def hashes_space(preparation: str) -> Space:
    """The space of hashes that this program, with this Pillow, makes."""
    name = f"{HASHES_SPACE}{preparation}/{PIL.__version__}"
    return Space(name, "bits", 256, "u8", "", preparation, PIL.__version__, 1)


class Batch:
    """Collects pictures and commits them together, in the order they came."""

    def __init__(
        self,
        archive: Archive,
        change: Change,
        model: ModelInUse,
        preparation: Preparation,
        tally: Tally,
    ) -> None:
        self.users: dict[UserKey, User] = {}
        self.albums: dict[AlbumKey, Album] = {}
        self.cursors: dict[AlbumKey, Cursor] = {}
        self._archive = archive
        self._change = change
        self._model = model
        self._preparation = preparation
        self.tally = tally
        self._taken: list[Taken] = []
        self._finished: list[Album] = []
        self._positions: dict[AlbumKey, int] = {}
        self._begun = time.monotonic()

    def came_by_undo(self, digest: Digest) -> bool:
        """Whether a picture in the trash got there because a read was undone, not removed."""
        trashed = self._archive.trash.get(digest)
        return trashed is not None and is_only_unread(self._archive.changes, trashed)

    def add(self, taken: Taken) -> bool:
        """Takes a picture in; says whether it is a failure."""
        self._taken.append(taken)
        return bool(taken.problem)

    def finish(self, album: Album) -> None:
        """Notes that nothing of an album is missing any more."""
        self._finished.append(album)

    def finish_users(self) -> None:
        """Dates the users of whom nothing is missing any more."""
        with self._change.transaction() as tx:
            for key in self.users:
                if key in tx.users:
                    tx.put(replace(tx.users[key], date_finished=tx.now))

    def is_due(self, pictures: int, seconds: float) -> bool:
        """Whether it is time to commit."""
        return bool(self._taken) and (
            len(self._taken) >= pictures or time.monotonic() - self._begun >= seconds
        )

    def commit(self) -> None:
        """Publishes the files, then commits the rows; nothing to say writes nothing."""
        if not self._taken and not self._finished:
            return
        taken, self._taken = self._taken, []
        self._archive.files.publish(staged for one in taken for staged in one.staged)
        with self._change.transaction() as tx:
            added = _Added(self._model, hashes_space(self._preparation))
            for one in taken:
                self._take(tx, one, added)
            added.write(tx, self._preparation)
            for album in self._finished:
                self._finish(tx, album)
        self._finished.clear()
        self._begun = time.monotonic()

    def _take(self, tx: Transaction, taken: Taken, added: _Added) -> None:
        if taken.fetched is None or taken.problem:
            self._fail(tx, taken, taken.problem)
            return
        fetched = taken.fetched
        kept_out = self._is_kept_out(tx, fetched.digest)
        if not kept_out and fetched.digest not in tx.blobs:
            if taken.facts is None or not self._is_whole(taken):
                # Somebody took it away between our look and the commit: the next run gets it.
                self.tally.warnings.append(f"{fetched.picture.name}: taken away meanwhile")
                return
            tx.put(_blob(taken, fetched, tx.now))
            tx.delete("trash", fetched.digest)
            tx.put(Fresh(fetched.digest, tx.now))
            added.add(fetched.digest, taken.facts.fingerprint)
            self._count_saved(taken, fetched)
        elif kept_out:
            self.tally.removed += 1
        elif fetched.picture.place not in tx.places:
            self.tally.existing += 1
        else:
            self.tally.known += 1
        self._put_place(tx, taken, fetched, kept_out)

    def _count_saved(self, taken: Taken, fetched: Fetched) -> None:
        assert taken.facts is not None
        self.tally.saved += 1
        self.tally.bytes += fetched.size
        self.tally.thumb_bytes += len(taken.facts.thumb)
        if taken.facts.thumb_problem:
            self.tally.warnings.append(f"{fetched.picture.name}: {taken.facts.thumb_problem}")

    def _is_kept_out(self, tx: Transaction, digest: Digest) -> bool:
        return digest in tx.removed or (digest in tx.trash and not self.came_by_undo(digest))

    def _is_whole(self, taken: Taken) -> bool:
        """Whether the files are there now, under the lock: something may have moved them away."""
        assert taken.fetched is not None
        assert taken.facts is not None
        digest, facts = taken.fetched.digest, taken.facts
        files = self._archive.files
        return files.present(Kind.BLOB, digest, facts.ext, taken.fetched.size) and (
            not facts.thumb or files.present(Kind.THUMB, digest, facts.thumb_ext, len(facts.thumb))
        )

    def _put_place(self, tx: Transaction, taken: Taken, fetched: Fetched, kept_out: bool) -> None:
        picture = fetched.picture
        before = tx.places.get(picture.place)
        if before is not None and before.state is PlaceState.STORED and not kept_out:
            tx.put(replace(before, stamp=picture.stamp))
            return
        self._put_album(tx, AlbumKey(*picture.place[:3]))
        if not taken.ref.place.image:
            tx.delete("places", _place_of_failure(taken.ref))
        tx.put(
            Place(
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
        )

    def _fail(self, tx: Transaction, taken: Taken, reason: str) -> None:
        place = _place_of_failure(taken.ref)
        before = tx.places.get(place)
        if before is not None and before.state is PlaceState.STORED:
            return
        self._put_album(tx, AlbumKey(*place[:3]))
        tries = before.failure.tries if before and before.failure else 0
        album = self.albums[AlbumKey(*place[:3])]
        self.tally.failures.append((album.name, taken.ref.name, reason))
        tx.put(
            Place(
                *place,
                position=self._position(place, before),
                name=taken.ref.name,
                state=PlaceState.FAILED,
                added=before.added if before else tx.now,
                stamp=taken.ref.stamp,
                raw=taken.ref.raw,
                failure=Failure(tx.now, tries + 1, reason, taken.ref.address or None),
            )
        )

    def _position(self, place: PlaceKey, before: Place | None) -> int:
        """The next place's position: order of arrival, never changed afterwards."""
        if before is not None:
            return before.position
        album = AlbumKey(*place[:3])
        if album not in self._positions:
            keys = self._archive.index("places", lookups.album_of_place)[SEPARATOR.join(album)]
            known = [p.position for p in self._archive.places.picked(keys)]
            self._positions[album] = max(known, default=-1) + 1
        position = self._positions[album]
        self._positions[album] += 1
        return position

    def _put_album(self, tx: Transaction, key: AlbumKey) -> None:
        user = UserKey(key.source, key.user)
        if user not in tx.users:
            tx.put(replace(self.users[user], date_albums=tx.now))
        if key not in tx.albums:
            tx.put(self.albums[key])

    def _finish(self, tx: Transaction, album: Album) -> None:
        """Dates an album that got something new; one that did not stays as it was."""
        key = AlbumKey(album.source, album.user, album.album)
        row = tx.albums.get(key)
        if row is None:
            return
        if row.date_blobs and key not in self._positions and key not in self.cursors:
            return
        cursor = self.cursors.get(key)
        if cursor is not None:
            row = replace(row, cursor=cursor.value, pages=cursor.pages)
        tx.put(replace(row, date_blobs=tx.now))


def _place_of_failure(ref: ImageRef) -> PlaceKey:
    """Where a failure is noted: one whose id follows from the bytes has none yet."""
    if ref.place.image:
        return ref.place
    name = hashlib.sha256(ref.raw or ref.name.encode()).hexdigest()
    return ref.place._replace(image=f"failed-{name[:32]}")


def _blob(taken: Taken, fetched: Fetched, now: int) -> Blob:
    facts = taken.facts
    assert facts is not None
    return Blob(
        digest=fetched.digest,
        size=fetched.size,
        ext=facts.ext,
        width=facts.width,
        height=facts.height,
        animated=facts.animated,
        frames=facts.frames,
        duration=facts.duration,
        orientation=facts.orientation,
        quality=facts.quality,
        md5=fetched.md5,
        thumb_size=len(facts.thumb),
        thumb_ext=facts.thumb_ext if facts.thumb else "",
        added=now,
        date=now,
    )


class _Added:
    """The prints of a batch's new pictures."""

    def __init__(self, model: ModelInUse, space: Space) -> None:
        self._model = model
        self._space = space
        self._prints: list[Print] = []
        self._digests: list[Digest] = []
        self._vectors: list[np.ndarray] = []

    def add(self, digest: Digest, fingerprint: Fingerprint) -> None:
        """One new picture's."""
        self._prints.append(Print(self._space.name, digest, hash_bytes(fingerprint)))
        if fingerprint.cnn is not None:
            self._digests.append(digest)
            self._vectors.append(fingerprint.cnn)

    def write(self, tx: Transaction, preparation: str) -> None:
        """Puts them, with the settings that a first read fixes."""
        if not self._prints:
            return
        tx.put(*self._prints, self._space)
        if "preparation" not in tx.configs:
            tx.put(Config("preparation", preparation))
        if self._vectors:
            self._model.settle(tx)
            scales, rows = quantize(np.stack(self._vectors))
            tx.add_vectors(self._model.space, self._digests, scales, rows)
