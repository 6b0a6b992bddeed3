"""`remove`: users, albums and pictures out of the archive, their files into the trash.

A picture goes when the last place that holds it does. What was said of its pairs is kept for good;
evidence, tags and choices of it go with it and come back when the removal is undone. Nothing is
destroyed here: that is `trash empty`, and nothing empties the trash by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from fapfav.duplicates.verdicts import after_removal, alone
from fapfav.errors import UsageError
from fapfav.jobs import selection
from fapfav.jobs.base import Report
from fapfav.jobs.inheriting import inherited
from fapfav.model import (
    AlbumKey,
    Blob,
    Choice,
    Digest,
    Label,
    PairKey,
    Place,
    PlaceState,
    Trashed,
    UserKey,
    Verdict,
)
from fapfav.store import lookups
from fapfav.store.archive import Archive
from fapfav.store.tables import SEPARATOR
from fapfav.store.transaction import Transaction
from fapfav.store.trash import trashed

RESOLVE_VERB = "duplicates apply"
"""What the log calls a change that put one picture in the place of its duplicates."""


@dataclass(frozen=True, slots=True)
class RemoveReport(Report):
    """What a removal took out. `pictures` of `bytes` went into the trash.

    `kept` pictures lost a place and have others; `reopened` pictures, duplicates of what went,
    have to be decided anew.
    """

    change: int
    users: int
    albums: int
    places: int
    pictures: int
    bytes: int
    kept: int
    reopened: int


def remove_user(archive: Archive, user: str | UserKey, *, by: str = "cli") -> RemoveReport:
    """Takes out a user with all albums, read to their end or not.

    Raises UsageError when there is none such, or it or an album of it is protected.
    """
    with archive.change("remove user", by=by) as change, change.transaction(last=True) as tx:
        key = selection.user(archive, user)
        record = tx.users[key]
        if record.protected:
            raise UsageError(f"the user {record.name!r} is protected and stays")
        packed = archive.index("albums", lookups.user_of_album)[SEPARATOR.join(key)]
        albums = [AlbumKey(a.source, a.user, a.album) for a in tx.albums.picked(packed)]
        done = _Removal(archive, tx)
        done.albums(albums)
        tx.delete("users", key)
        change.what = record.name
    return done.report(change.number, users=1, albums=len(albums))


def remove_album(archive: Archive, album: str | AlbumKey, *, by: str = "cli") -> RemoveReport:
    """Takes out an album, read to its end or not. Raises UsageError as `remove_user`."""
    with archive.change("remove album", by=by) as change, change.transaction(last=True) as tx:
        key = selection.album(archive, album)
        change.what = tx.albums[key].name
        done = _Removal(archive, tx)
        done.albums([key])
    return done.report(change.number, albums=1)


def remove_picture(archive: Archive, *pictures: str, by: str = "cli") -> RemoveReport:
    """Takes out pictures by the beginnings of their digests.

    Their places stay, holding nothing: the id of a place keeps the picture out when its album is
    read again. Raises UsageError when one is not there, or lies in a protected album.
    """
    with archive.change("remove picture", by=by) as change, change.transaction(last=True) as tx:
        digests = list(dict.fromkeys(selection.picture(archive, text) for text in pictures))
        change.what = ", ".join(digest.hex()[: 2 * selection.SHORTEST] for digest in digests)
        done = _Removal(archive, tx)
        done.pictures(digests)
    return done.report(change.number)


class _Removal:
    """What one transaction takes out."""

    def __init__(self, archive: Archive, tx: Transaction) -> None:
        self._archive = archive
        self._tx = tx
        self._places = 0
        self._pictures: list[Blob] = []
        self._kept = 0
        self._reopened = 0

    def report(self, change: int, *, users: int = 0, albums: int = 0) -> RemoveReport:
        """What it came to."""
        return RemoveReport(
            change=change,
            users=users,
            albums=albums,
            places=self._places,
            pictures=len(self._pictures),
            bytes=sum(blob.size for blob in self._pictures),
            kept=self._kept,
            reopened=self._reopened,
        )

    def albums(self, keys: Iterable[AlbumKey]) -> None:
        """Albums with their places, and the pictures that are nowhere else."""
        held: set[Digest] = set()
        index = self._archive.index("places", lookups.album_of_place)
        for key in keys:
            self._refuse_protected(key)
            for place in list(self._tx.places.picked(index[SEPARATOR.join(key)])):
                self._tx.delete("places", place.key)
                self._tx.delete("checks", place.key)
                self._places += 1
                # One that holds a better copy of what it was served is where both are at home.
                both = (one for one in (place.holds, place.served) if one is not None)
                held.update(one for one in both if one in self._tx.blobs)
            self._tx.delete("albums", key)
        homeless = set()
        for digest in held:
            others = self._holding(digest)
            if others:
                self._kept += 1
                self._show_again(digest, others)
            elif self._is_stood_for(digest):
                self._kept += 1
            else:
                homeless.add(digest)
        self._discard(homeless)

    def pictures(self, digests: Iterable[Digest]) -> None:
        """Pictures, with their places kept empty."""
        gone = set(digests)
        for digest in gone:
            for place in self._holding(digest):
                self._refuse_protected(AlbumKey(*place.key[:3]))
                served = place.served
                if served is not None and served not in gone and served in self._tx.blobs:
                    # It held this one instead of what it was served, which is still here.
                    self._tx.put(replace(place, holds=served, verdict=Verdict.NEW))
                else:
                    self._tx.put(replace(place, state=PlaceState.REMOVED, holds=None))
                self._places += 1
        self._discard(gone)

    def _refuse_protected(self, key: AlbumKey) -> None:
        album = self._tx.albums.get(key)
        if album is not None and album.protected:
            raise UsageError(f"the album {album.name!r} is protected and keeps what it has")
        user = self._tx.users.get(UserKey(key.source, key.user))
        if user is not None and user.protected:
            raise UsageError(f"the user {user.name!r} is protected and keeps what it has")

    def _holding(self, digest: Digest) -> list[Place]:
        """The places that hold a picture now."""
        keys = self._archive.index("places", lookups.blob_of_place)[digest]
        return [place for place in self._tx.places.picked(keys) if place.holds == digest]

    def _is_stood_for(self, digest: Digest) -> bool:
        """Whether a place that is left was served a picture, and holds another in its stead."""
        keys = self._archive.index("places", lookups.served_at_place)[digest]
        return any(place.state is PlaceState.STORED for place in self._tx.places.picked(keys))

    def _show_again(self, digest: Digest, places: list[Place]) -> None:
        """A picture must not be hidden because the place that was kept for it went."""
        verdicts = {place.key: place.verdict for place in places}
        fresh = dict(alone(verdicts))
        chosen = self._tx.choices.get(digest)
        is_skipped = chosen is not None and chosen.choice is Choice.SKIP
        if not is_skipped and all(verdict is Verdict.SKIP for verdict in verdicts.values()):
            fresh = dict.fromkeys(verdicts, Verdict.NEW)
        for place in places:
            if place.key in fresh:
                self._tx.put(replace(place, verdict=fresh[place.key]))

    def _discard(self, gone: set[Digest]) -> None:
        """Pictures into the trash, with all that hangs on them."""
        self._reopen(gone)
        self._pictures += to_trash(self._archive, self._tx, gone)

    def _reopen(self, gone: set[Digest]) -> None:
        """Clears the choices that stood because of what goes."""
        choices = {digest: chosen.choice for digest, chosen in self._tx.choices.items()}
        cleared: set[Digest] = set()
        for digest, labels in _labels_of(self._tx, gone & choices.keys()):
            cleared.update(after_removal(digest, choices, labels))
        self._reopened = len(cleared - gone)
        self._tx.delete("choices", *cleared)
        for digest in cleared - gone:
            self._show_again(digest, self._holding(digest))


def to_trash(archive: Archive, tx: Transaction, gone: Collection[Digest]) -> list[Blob]:
    """Moves pictures into the trash, with all rows that hang on them but their places."""
    moved: list[Blob] = []
    pairs = archive.index("pairs", lookups.blobs_of_pair)
    tagged = archive.index("tagged", lookups.blob_of_tagged)
    for digest in sorted(gone):
        blob = tx.blobs.get(digest)
        if blob is None:
            continue  # a place that holds what is not there: `verify` finds those
        moved.append(blob)
        tx.put(*inherited(archive, tx, digest, gone))
        tx.put(trashed(blob, tx.now, tx.number))
        tx.delete("blobs", digest)
        tx.delete("choices", digest)
        tx.delete("fresh", digest)
        for name, index in (("pairs", pairs), ("tagged", tagged)):
            for key in index[digest]:
                tx.delete_packed(name, key)
    return moved


def why_removed(archive: Archive, tx: Transaction, row: Trashed) -> tuple[str, Digest | None]:
    """Why a picture is in the trash: `duplicate` with the one kept instead, if any, or `user`."""
    record = tx.changes.get(row.change)
    if record is None or record.verb != RESOLVE_VERB:
        return "user", None
    said = tx.decisions.picked(archive.index("decisions", lookups.blobs_of_pair)[row.digest])
    same = [each for each in said if each.label is Label.SAME]
    others = {one for each in same for one in (each.first, each.second)} - {row.digest}
    kept = [one for one in others if one in tx.blobs and _is_kept(tx, one)]
    return "duplicate", min(kept, default=None)


def _is_kept(tx: Transaction, digest: Digest) -> bool:
    chosen = tx.choices.get(digest)
    return chosen is not None and chosen.choice is Choice.KEEP


def _labels_of(
    tx: Transaction, digests: set[Digest]
) -> Iterator[tuple[Digest, dict[PairKey, Label]]]:
    """What was said of the pairs of each; one walk over all decisions, however many are asked."""
    if not digests:
        return
    found: dict[Digest, dict[PairKey, Label]] = {digest: {} for digest in digests}
    for decision in tx.decisions.records():
        for digest in (decision.first, decision.second):
            if digest in found:
                found[digest][PairKey(decision.first, decision.second)] = decision.label
    yield from found.items()
