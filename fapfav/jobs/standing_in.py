"""One picture in the place of its duplicates: what it takes over of them, and the rows of that.

Tags that the user gave the copies go to the keeper, and the places of the copies come to hold it;
what their source served there stays noted, so audits and repairs go on comparing with that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fapfav import tags
from fapfav.jobs.judging import record_set
from fapfav.jobs.library import Archive
from fapfav.jobs.removal import to_trash
from fapfav.jobs.set_views import SetView
from fapfav.jobs.tagging import USER
from fapfav.model import AlbumKey, Digest, Place, PlaceState, Tagged, Verdict
from fapfav.store import lookups
from fapfav.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a keeper takes over: numbers of tags, and places. `stay` are places that do not move."""

    tags: tuple[int, ...]
    places: tuple[Place, ...]
    stay: tuple[Place, ...]


def takeover(archive: Archive, view: SetView, keep: Digest, copies: Sequence[Digest]) -> Takeover:
    """What a member of a set takes over of others, as the archive is now."""
    kept = view.member(keep)
    assert kept is not None
    of_copies = [
        spot.place
        for copy in copies
        if (member := view.member(copy)) is not None
        for spot in member.spots
    ]
    places, stay = divided((spot.place for spot in kept.spots), of_copies)
    carried = (_by_user(archive, copy) for copy in copies)
    own = _by_user(archive, keep)
    # What was rejected of the keeper was looked at: a duplicate knows no better.
    known = {*own.tags, *own.rejected}
    found = dict.fromkeys(number for row in carried for number in row.tags if number not in known)
    return Takeover(tuple(found), tuple(places), tuple(stay))


def divided(kept: Iterable[Place], copies: Iterable[Place]) -> tuple[list[Place], list[Place]]:
    """The copies' places that come to hold the keeper, and those that stay as they are.

    An album that has the keeper shows it already. A second place of it there would be one more
    exact copy for its user to decide about, and would say that the site shows it twice; so that
    place stays with the copy, which is skipped.
    """
    have = {AlbumKey(*place.key[:3]) for place in kept}
    move: list[Place] = []
    stay: list[Place] = []
    for place in copies:
        album = AlbumKey(*place.key[:3])
        (stay if album in have else move).append(place)
        have.add(album)
    return move, stay


def put_in_place(
    archive: Archive,
    tx: Transaction,
    view: SetView,
    keep: Digest,
    copies: Sequence[Digest],
    *,
    reclaim: bool,
) -> Takeover:
    """Writes a set's resolution within a transaction that wrote nothing of the set before.

    The verdicts are those that a person would give: `keep` on the keeper, `skip` on the copies.
    With `reclaim` the copies go into the trash. Raises UsageError when a rule of verdicts forbids
    them, and then nothing was written.
    """
    taken = takeover(archive, view, keep, copies)
    verdicts = {keep: Verdict.KEEP} | dict.fromkeys(copies, Verdict.SKIP)
    record_set(archive, tx, view, verdicts, {})
    if taken.tags:
        before = tx.tagged.get((keep, USER))
        tx.put(tags.apply(before, keep, taken.tags, tx.now))
    _move(archive, tx, keep, taken.places)
    if reclaim:
        for place in taken.stay:
            tx.put(replace(place, state=PlaceState.REMOVED, holds=None))
        to_trash(archive, tx, set(copies))
    return taken


def _move(archive: Archive, tx: Transaction, keep: Digest, places: Iterable[Place]) -> None:
    """Places that come to hold the keeper, as they were before the copies were skipped."""
    keys = archive.index("places", lookups.blob_of_place)[keep]
    own = [place for place in tx.places.picked(keys) if place.state is PlaceState.STORED]
    # Its own places may wait for a verdict, as exact copies; the new ones then wait with them.
    # Otherwise this decision is theirs as well, and no set of copies comes of it to be asked about.
    waits = len(own) > 1 and any(place.verdict is Verdict.NEW for place in own)
    moved = list(places)
    if moved and not waits:
        fresh = (place for place in own if place.verdict is Verdict.NEW)
        tx.put(*(replace(place, verdict=Verdict.KEEP) for place in fresh))
    for place in moved:
        verdict = Verdict.NEW if waits else Verdict.KEEP
        if place.verdict is Verdict.SKIP:
            verdict = Verdict.SKIP  # its user hid what is there
        tx.put(replace(place, holds=keep, verdict=verdict))


def _by_user(archive: Archive, digest: Digest) -> Tagged:
    """What the user tagged a picture with."""
    return archive.tagged.get((digest, USER)) or Tagged(digest, USER, ())
