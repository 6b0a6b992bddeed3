"""What one commit of a read holds: pictures taken in, and the rows they become."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import PIL

from fapfav.images.examine import Examined, Preparation
from fapfav.images.hashes import percept
from fapfav.images.preparation import LUMA
from fapfav.images.vectors import quantize
from fapfav.jobs.kept_prints import TURNED_SPACE
from fapfav.jobs.library import HASHES_SPACE, Archive, is_only_unread
from fapfav.jobs.model_in_use import ModelInUse
from fapfav.jobs.pipeline import Fetched, Taken
from fapfav.jobs.placing import Placing, album_of
from fapfav.jobs.tally import Counts, Tally
from fapfav.model import (
    HASHES,
    AlbumKey,
    Blob,
    Config,
    Digest,
    Fingerprint,
    Fresh,
    Place,
    PlaceState,
    Print,
    Space,
)
from fapfav.relation.inner import inner_box, shown
from fapfav.store.blobs import Kind
from fapfav.store.change import Change
from fapfav.store.transaction import Transaction


def hash_bytes(fingerprint: Fingerprint) -> bytes:
    """The four hashes as a print: 32 bytes."""
    return b"".join(int(getattr(fingerprint, m.value)).to_bytes(8, "big") for m in HASHES)


def hashes_space(preparation: str) -> Space:
    """The space of hashes that this program, with this Pillow, makes."""
    name = f"{HASHES_SPACE}{preparation}/{PIL.__version__}"
    return Space(name, "bits", 256, "u8", "", preparation, PIL.__version__, 1)


def turned_space(preparation: str) -> Space:
    """The space of the first hash mirrored and turned, of what is inside a frame, of colours."""
    name = f"{TURNED_SPACE}{preparation}/{PIL.__version__}"
    return Space(name, "bytes", 67, "u8", "", preparation, PIL.__version__, 1)


def prints_of(digest: Digest, facts: Examined, preparation: str) -> tuple[Space | Print, ...]:
    """The rows of a picture's hashes, with those of their spaces."""
    hashes, turned = hashes_space(preparation), turned_space(preparation)
    ways = b"".join(value.to_bytes(8, "big") for value in (*facts.turned, _inner(facts)))
    ways += bytes(facts.colour)
    return (
        hashes,
        turned,
        Print(hashes.name, digest, hash_bytes(facts.fingerprint)),
        Print(turned.name, digest, ways),
    )


def _inner(facts: Examined) -> int:
    """The first hash of what is inside a border or frame; that of the whole where there is none."""
    luma = np.frombuffer(facts.luma, np.uint8).reshape(LUMA, LUMA)
    if inner_box(luma) is None:
        return facts.fingerprint.percept
    return percept(shown(luma))


class Batch:
    """Collects what a read finds and commits it together, in the order it came."""

    def __init__(
        self,
        archive: Archive,
        change: Change,
        model: ModelInUse,
        preparation: Preparation,
        *,
        tally: Tally,
        what: str = "",
    ) -> None:
        self.tally = tally
        self._what = what
        self.dated = False
        """Whether albums note that they were visited although nothing was new."""
        self.placing = Placing(archive, tally)
        self._archive = archive
        self._change = change
        self._model = model
        self._preparation = preparation
        self._taken: list[Taken] = []
        self._finished: list[AlbumKey] = []
        self._begun = time.monotonic()

    @property
    def has_written(self) -> bool:
        """Whether anything was committed so far."""
        return bool(self._change.number)

    def came_by_undo(self, digest: Digest) -> bool:
        """Whether a picture in the trash got there because a read was undone, not removed."""
        trashed = self._archive.trash.get(digest)
        return trashed is not None and is_only_unread(self._archive.changes, trashed)

    def add(self, taken: Taken) -> bool:
        """Takes a picture in; says whether it is a failure."""
        if not self._taken:
            self._begun = time.monotonic()
        self._taken.append(taken)
        return bool(taken.problem)

    def finish(self, album: AlbumKey) -> None:
        """Notes that nothing of an album is missing any more."""
        self._finished.append(album)

    def is_due(self, pictures: int, seconds: float) -> bool:
        """Whether it is time to commit."""
        return bool(self._taken) and (
            len(self._taken) >= pictures or time.monotonic() - self._begun >= seconds
        )

    def commit(self) -> None:
        """Publishes the files, then commits the rows; nothing to say writes nothing."""
        if not self._taken and not self._finished:
            return
        # Both are let go of, albums first: after an error here none is dated without its pictures.
        finished, self._finished = self._finished, []
        taken, self._taken = self._taken, []
        self._archive.files.publish(staged for one in taken for staged in one.staged)
        with self._change.transaction() as tx:
            added = _Added(self._model, self._preparation)
            for one in taken:
                self._take(tx, one, added)
            added.write(tx)
            for album in finished:
                self.placing.finish(tx, album, always=self.dated)
            self._say()

    def write(self, put: Callable[[Transaction], None]) -> None:
        """Commits rows that are no pictures': listings and dates."""
        with self._change.transaction() as tx:
            put(tx)

    def _say(self) -> None:
        """Tells the log what came of it so far: a run may be broken off after any commit."""
        if self.tally.total.saved:
            self._change.what = ": ".join(filter(None, (self._what, self.tally.in_words())))

    def _take(self, tx: Transaction, taken: Taken, added: _Added) -> None:
        if taken.fetched is None or taken.problem:
            self.placing.fail(tx, taken)
            return
        fetched = taken.fetched
        counts = self.tally.of(album_of(fetched.picture.place))
        kept_out = self._is_kept_out(tx, fetched.digest)
        if not kept_out and fetched.digest not in tx.blobs:
            if taken.facts is None or not self._is_whole(taken):
                # Somebody took it away between our look and the commit: the next run gets it.
                self.tally.warnings.append(f"{fetched.picture.name}: taken away meanwhile")
                return
            tx.put(blob_of(fetched, taken.facts, tx.now))
            tx.delete("trash", fetched.digest)
            tx.put(Fresh(fetched.digest, tx.now))
            added.add(fetched.digest, taken.facts)
            self._count_saved(counts, taken, fetched)
        elif kept_out:
            counts.removed += 1
        elif _is_stored(tx.places.get(fetched.picture.place)):
            counts.known += 1
        else:
            counts.existing += 1
        self.placing.store(tx, taken, fetched, kept_out)

    def _count_saved(self, counts: Counts, taken: Taken, fetched: Fetched) -> None:
        assert taken.facts is not None
        counts.saved += 1
        counts.bytes += fetched.size
        counts.thumb_bytes += len(taken.facts.thumb)
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


def _is_stored(place: Place | None) -> bool:
    return place is not None and place.state is PlaceState.STORED


def blob_of(fetched: Fetched, facts: Examined, now: int) -> Blob:
    """The row of a picture that came in just now."""
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

    def __init__(self, model: ModelInUse, preparation: str) -> None:
        self._model = model
        self._preparation = preparation
        self._rows: dict[Space | Print, None] = {}
        self._digests: list[Digest] = []
        self._vectors: list[np.ndarray] = []

    def add(self, digest: Digest, facts: Examined) -> None:
        """One new picture's."""
        self._rows.update(dict.fromkeys(prints_of(digest, facts, self._preparation)))
        if facts.fingerprint.cnn is not None:
            self._digests.append(digest)
            self._vectors.append(facts.fingerprint.cnn)

    def write(self, tx: Transaction) -> None:
        """Puts them, with the settings that a first read fixes."""
        if not self._rows:
            return
        tx.put(*self._rows)
        if "preparation" not in tx.configs:
            tx.put(Config("preparation", self._preparation))
        if self._vectors:
            self._model.settle(tx)
            scales, rows = quantize(np.stack(self._vectors))
            tx.add_vectors(self._model.space, self._digests, scales, rows)
