"""`trash`: what was removed, back into the archive or destroyed for good.

A picture comes back from the values that its change put by, so that it is what it was. Emptying
cannot be undone: of each picture there stays only what keeps it from coming in again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from fapfav.jobs import selection
from fapfav.jobs.base import Report
from fapfav.jobs.library import HASHES_SPACE, is_only_unread
from fapfav.jobs.removal import why_removed
from fapfav.jobs.review import shown_again
from fapfav.model import (
    EXTENSIONS,
    AlbumKey,
    Digest,
    Fresh,
    Place,
    PlaceState,
    Removed,
    Tagged,
    Trashed,
    UserKey,
)
from fapfav.store import lookups, undo
from fapfav.store.archive import Archive
from fapfav.store.blobs import Kind
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.transaction import Transaction

Found = tuple[str, Key, Row]
"""A row as it was: its table, its packed key, its columns."""


@dataclass(frozen=True, slots=True)
class TrashItem:
    """A picture in the trash: bytes, when and by which change it went, what it was called."""

    digest: Digest
    size: int
    ext: str
    at: int
    change: int
    verb: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrashListing(Report):
    """What is in the trash, the latest first."""

    items: tuple[TrashItem, ...]
    pictures: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RestoreReport(Report):
    """What came back; `failures` are (digest, reason) of what could not."""

    change: int
    pictures: int
    places: int
    bytes: int
    failures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EmptyReport(Report):
    """What was destroyed; `again` of the pictures may be read again: only their read was undone."""

    change: int
    pictures: int
    bytes: int
    again: int


def trash_list(archive: Archive) -> TrashListing:
    """What is in the trash."""
    archive.refresh()
    rows = sorted(archive.trash.records(), key=lambda row: (-row.at, -row.change, row.digest))
    served = archive.index("places", lookups.served_at_place)
    past = _Past(archive)

    def names(row: Trashed) -> tuple[str, ...]:
        # The log is asked only where no place stayed: reading it takes as long as it is.
        places = list(archive.places.picked(served[row.digest])) or past.places(row)
        return tuple(sorted({place.name for place in places}))

    items = tuple(
        TrashItem(
            digest=row.digest,
            size=row.size,
            ext=row.ext,
            at=row.at,
            change=row.change,
            verb=record.verb if (record := archive.changes.get(row.change)) else "",
            names=names(row),
        )
        for row in rows
    )
    return TrashListing(items, len(items), sum(item.size for item in items))


def trash_restore(
    archive: Archive, pictures: Iterable[str] | None = None, *, by: str = "cli"
) -> RestoreReport:
    """Brings pictures back, by the beginnings of their digests; None is everything.

    They come back with their places, tags and evidence, and count as never compared, since others
    came in meanwhile; what is shown for them among their duplicates is decided anew. What cannot
    come back is a failure and the rest does. Raises UsageError for one that is not in the trash.
    """
    with archive.change("trash restore", by=by) as change, change.transaction(last=True) as tx:
        rows = _chosen(archive, tx, pictures)
        done = _Restoration(archive, tx)
        done.pictures(rows)
        change.what = f"{len(done.restored)} pictures"
    return RestoreReport(
        change=change.number,
        pictures=len(done.restored),
        places=done.places,
        bytes=sum(row.size for row in done.restored),
        failures=tuple(done.failures),
    )


def _chosen(archive: Archive, tx: Transaction, pictures: Iterable[str] | None) -> list[Trashed]:
    if pictures is None:
        return sorted(tx.trash.records(), key=lambda row: row.digest)
    trash = archive.rows_of("trash")
    return [
        tx.trash[digest]
        for digest in dict.fromkeys(
            selection.beginning_with(trash, text, "in the trash; `trash list` shows what is")
            for text in pictures
        )
    ]


class _Past:
    """What changes put by; the log is read once, and only if it is asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._log: Mapping[tuple[int, int], bytes] | None = None
        self._rows: dict[int, Mapping[tuple[str, Key], Row | None]] = {}
        self._of: dict[int, dict[Key, list[Found]]] = {}

    def rows(self, change: int) -> Mapping[tuple[str, Key], Row | None]:
        """The rows a change replaced, as they were before it."""
        if self._log is None:
            self._log = self._archive.undo_log()
        if change not in self._rows:
            self._rows[change] = undo.before(self._log, change)
        return self._rows[change]

    def of(self, row: Trashed) -> list[Found]:
        """The rows about a picture that went with it: its places, tags and pairs."""
        if row.change not in self._of:
            found: dict[Key, list[Found]] = {}
            for (name, key), old in self.rows(row.change).items():
                for digest in _about(name, key, old):
                    assert old is not None
                    found.setdefault(digest, []).append((name, key, old))
            self._of[row.change] = found
        return self._of[row.change].get(row.digest, [])

    def places(self, row: Trashed) -> Iterator[Place]:
        """Where a picture was."""
        for name, key, old in self.of(row):
            if name == "places":
                yield TABLES[name].record_of(key, old)

    def last(self, name: str, key: Key, change: int) -> Row | None:
        """A row that is gone: as a change found it, or the next removal after it that did."""
        removals = [
            record.number
            for record in self._archive.changes.records()
            if record.number > change and record.verb.startswith("remove ")
        ]
        for number in (change, *sorted(removals)):
            row = self.rows(number).get((name, key))
            if row is not None:
                return row
        return None


def _about(name: str, key: Key, row: Row | None) -> Iterable[Key]:
    """The pictures a row that was put by is about."""
    if row is None:
        return ()
    if name == "places":
        return lookups.blob_of_place(key, row)
    if name == "pairs":
        return lookups.blobs_of_pair(key, row)
    return (key[:32],) if name == "tagged" else ()


class _Restoration:
    """What one transaction brings back."""

    def __init__(self, archive: Archive, tx: Transaction) -> None:
        self.restored: list[Trashed] = []
        self.places = 0
        self.failures: list[tuple[str, str]] = []
        self._archive = archive
        self._tx = tx
        self._past = _Past(archive)
        self._held: dict[Digest, list[Place]] = {}

    def pictures(self, rows: Iterable[Trashed]) -> None:
        """Pictures with all that hung on them."""
        for row in rows:
            problem = self._blob(row)
            if problem:
                self.failures.append((row.digest.hex(), problem))
                continue
            self.restored.append(row)
            self._return_places(row)
            for name, key, old in self._past.of(row):
                if name == "places":
                    place = TABLES[name].record_of(key, old)
                    self._put_place(place, row.digest, row.change)
                elif name == "tagged":
                    self._put_tags(TABLES[name].record_of(key, old))
        for places in self._held.values():
            self._tx.put(*shown_again(places))
        for row in self.restored:
            for name, key, old in self._past.of(row):
                if name == "pairs" and self._both_are_here(key):
                    self._tx.put_packed(name, key, old)

    def _blob(self, row: Trashed) -> str:
        """The picture itself; what is in its way in words, or nothing."""
        old = self._past.rows(row.change).get(("blobs", row.digest))
        if old is None:
            return "the log no longer knows what it was"
        if not self._archive.files.present(Kind.BLOB, row.digest, row.ext, row.size):
            return "it has no whole file any more"
        self._tx.put_packed("blobs", row.digest, old)
        self._tx.put(Fresh(row.digest, self._tx.now))
        self._tx.delete("trash", row.digest)
        return ""

    def _return_places(self, row: Trashed) -> None:
        """Places that stayed, or that a read found meanwhile, hold the picture again."""
        keys = self._archive.index("places", lookups.served_at_place)[row.digest]
        for place in self._tx.places.picked(keys):
            if place.state is PlaceState.REMOVED:
                self._put(replace(place, state=PlaceState.STORED, holds=row.digest), row.digest)

    def _put(self, place: Place, digest: Digest) -> None:
        self._tx.put(place)
        self._held.setdefault(digest, []).append(place)
        self.places += 1

    def _put_place(self, place: Place, digest: Digest, change: int) -> None:
        """A place that went too, unless another picture has it now."""
        if place.key in self._tx.places:
            return
        album, user = AlbumKey(*place.key[:3]), UserKey(*place.key[:2])
        if self._put_again("albums", album, change) and self._put_again("users", user, change):
            self._put(place, digest)
            key = TABLES["checks"].pack_key(place.key)
            check = self._past.rows(change).get(("checks", key))
            if check is not None:
                self._tx.put_packed("checks", key, check)

    def _put_again(self, name: str, key: tuple[str, ...], change: int) -> bool:
        """An album or user that the place needs; says whether it is there."""
        packed = TABLES[name].pack_key(key)
        if key in (self._tx.albums if name == "albums" else self._tx.users):
            return True
        row = self._past.last(name, packed, change)
        if row is None:
            return False
        self._tx.put_packed(name, packed, row)
        return True

    def _put_tags(self, tagged: Tagged) -> None:
        """The tags that are still there."""
        known = self._tx.tags
        confidence = tagged.confidence
        if confidence is not None:
            pairs = zip(tagged.tags, confidence, strict=True)
            confidence = tuple(sure for number, sure in pairs if number in known)
        tags = tuple(number for number in tagged.tags if number in known)
        rejected = tuple(number for number in tagged.rejected if number in known)
        if tags or rejected:
            self._tx.put(replace(tagged, tags=tags, rejected=rejected, confidence=confidence))

    def _both_are_here(self, key: Key) -> bool:
        return isinstance(key, bytes) and all(
            Digest(part) in self._tx.blobs for part in (key[:32], key[32:])
        )


def trash_empty(
    archive: Archive, only: Container[Digest] | None = None, *, by: str = "cli"
) -> EmptyReport:
    """Destroys what is in the trash. Cannot be undone; nor can the changes that filled it.

    With `only`, no more than these: what somebody was shown, and not what came in meanwhile.

    What the user removed is kept out for good by digest and by the ids of its places. What is
    there only because a read was undone may be read again.
    """
    with archive.change("trash empty", by=by) as change, change.transaction(last=True) as tx:
        rows = [row for row in tx.trash.records() if only is None or row.digest in only]
        again = [row for row in rows if is_only_unread(tx.changes, row)]
        _forget(archive, tx, rows, {row.digest for row in again})
        change.what = f"{len(rows)} pictures"
    _purge(archive, rows)
    if rows:
        archive.compact()
    return EmptyReport(change.number, len(rows), sum(row.size for row in rows), len(again))


def _forget(archive: Archive, tx: Transaction, rows: Iterable[Trashed], again: set[Digest]) -> None:
    """The rows of what is destroyed: out, but for what keeps it from coming in again."""
    served = archive.index("places", lookups.served_at_place)
    hashes = _delete_prints(archive, tx, {row.digest for row in rows})
    _delete_words(archive, tx, {row.digest for row in rows})
    for row in rows:
        tx.delete("trash", row.digest)
        record = tx.changes.get(row.change)
        if record is not None and record.state in ("open", "done"):
            tx.put(replace(record, state="final"))
        if row.digest in again:
            continue
        empty = [
            place
            for place in tx.places.picked(served[row.digest])
            if place.state is PlaceState.REMOVED
        ]
        why, successor = why_removed(archive, tx, row)
        tx.delete("checks", *(place.key for place in empty))
        tx.put(
            Removed(
                digest=row.digest,
                at=tx.now,
                change=tx.number,
                why=why,
                images=tuple(sorted({(place.source, place.image) for place in empty})),
                hashes=hashes.get(row.digest, b""),
                successor=successor,
            )
        )


def _delete_words(archive: Archive, tx: Transaction, gone: set[Digest]) -> None:
    """Deletes what an undo gave to pictures that were in the trash by then."""
    tx.delete("choices", *gone)
    for name in ("tagged", "pairs"):
        for key in archive.rows_of(name):
            assert isinstance(key, bytes)
            if key[:32] in gone or (name == "pairs" and key[32:] in gone):
                tx.delete_packed(name, key)


def _delete_prints(archive: Archive, tx: Transaction, gone: set[Digest]) -> dict[Digest, bytes]:
    """Deletes the prints of pictures; returns their four hashes, 32 bytes each."""
    prefix = f"{HASHES_SPACE}{archive.config('preparation', '')}/".encode()
    found: dict[Digest, bytes] = {}
    for key, row in archive.rows_of("prints").items():
        assert isinstance(key, bytes)
        digest = Digest(key[:32])
        if digest in gone:
            tx.delete_packed("prints", key)
            if key[32:].startswith(prefix):
                found[digest] = row[0]
    return found


def _purge(archive: Archive, rows: Iterable[Trashed]) -> None:
    """Deletes the files of what no row names, the rest of a killed emptying too.

    Under a lock of its own: somebody may have read a picture in again since the rows went.
    """
    files = archive.files
    with archive.writing("trash empty") as now:
        named = (now.tables["blobs"], now.tables["trash"])
        for row in rows:
            if not any(row.digest in table for table in named):
                files.purge(row.digest, row.ext, row.thumb_ext)
        left = set(files.trashed_names())
        for key in now.tables["removed"] if left else ():
            digest = Digest(bytes(key))  # type: ignore[arg-type]
            if any(digest in table for table in named):
                continue
            for ext in EXTENSIONS:
                if files.name(Kind.BLOB, digest, ext) in left:
                    for thumb_ext in EXTENSIONS:
                        files.purge(digest, ext, thumb_ext)
        files.sync_folders()
