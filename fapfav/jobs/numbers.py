"""`stats` and `print`: the archive in numbers and lists, as people read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from fapfav import browse, tags
from fapfav.jobs.base import Report
from fapfav.jobs.following import Following
from fapfav.jobs.gone import gone_places
from fapfav.jobs.holdings import EVERYONE, Holdings
from fapfav.jobs.library import Archive
from fapfav.jobs.shapes import Shapes
from fapfav.jobs.standing import FOLDERS, Standing
from fapfav.jobs.tagging import TagListing, carriers, listing
from fapfav.model import Blob, Check, Digest, Group, Place, User, UserKey
from fapfav.store.database import NAME


@dataclass(frozen=True, slots=True)
class UserLines:
    """A user with all albums in numbers, by name."""

    user: User
    albums: tuple[browse.AlbumNumbers, ...]


@dataclass(frozen=True, slots=True)
class BlobLine:
    """A picture with its places in order and its tags as `A/B/C (number)`.

    `checks` are those of its places that were audited, in the same order; it `is_only_copy` when it
    has vanished from every site.
    """

    blob: Blob
    places: tuple[Place, ...]
    tags: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    is_only_copy: bool = False


@dataclass(frozen=True, slots=True)
class Overview(Report):
    """All that `print` shows; `blobs` only when asked for, in the order of their places."""

    users: tuple[UserLines, ...]
    tags: TagListing
    statistics: browse.Statistics
    blobs: tuple[BlobLine, ...]


def statistics(archive: Archive, groups: Iterable[Group]) -> browse.Statistics:
    """The archive in numbers; `groups` are its duplicates."""
    archive.refresh()
    contents = browse.Contents(
        users=archive.users.records(),
        albums=archive.albums.records(),
        places=archive.places.records(),
        blobs=archive.blobs.records(),
        groups=groups,
        gone=gone_places(archive),
        folders=FOLDERS,
    )
    return browse.statistics(contents, str(archive.path / NAME), archive.database_size)


def statistics_now(archive: Archive, groups: Collection[Group]) -> browse.Statistics:
    """The same, for who asks again and again: kept, and only what changed is counted."""
    following = archive.kept(Following)
    shapes, standing = following.the(Shapes, Shapes), following.the(Standing, Standing)
    holdings = following.the(Holdings, Holdings)
    shapes.settle()
    every = holdings.of(EVERYONE)
    albums = [album.date_blobs for album in archive.albums.records()]
    finished = [date for date in albums if date]
    fewest, most = shapes.ends
    sizes, thumbnails = shapes.sizes.spread(), shapes.thumbnails.spread()
    return browse.Statistics(
        database=str(archive.path / NAME),
        database_size=archive.database_size,
        database_share=browse.share(archive.database_size, sizes.total),
        sizes=sizes,
        animated=shapes.animated,
        animated_share=browse.share(shapes.animated, sizes.count),
        pixels=shapes.pixels.spread(),
        fewest_pixels=fewest,
        most_pixels=most,
        thumbnails=thumbnails,
        thumbnails_share=browse.share(thumbnails.total, sizes.total),
        users=len(archive.users),
        albums=len(albums),
        albums_pending=len(albums) - len(finished),
        oldest=min(finished, default=0),
        newest=max(finished, default=0),
        unique_images=sizes.count,
        locations=every.images,
        exact_duplicates=every.images - len(every.copies),
        exact_sets=len(standing.several),
        unique_failed=len(holdings.failed),
        disappeared=len(standing.vanished),
        only_copies=len(standing.lost),
        perceptual_images=sum(len(group.members) for group in groups),
        perceptual_sets=len(groups),
    )


def overview(archive: Archive, groups: Iterable[Group], *, blobs: bool = False) -> Overview:
    """Users and albums, the tag tree, the statistics, and every picture if asked for."""
    numbers = statistics(archive, groups)
    return Overview(
        users=_users(archive),
        tags=listing(archive),
        statistics=numbers,
        blobs=_blobs(archive) if blobs else (),
    )


def _users(archive: Archive) -> tuple[UserLines, ...]:
    users = {UserKey(user.source, user.user): user for user in archive.users.records()}
    albums: dict[UserKey, list[browse.AlbumNumbers]] = {key: [] for key in users}
    for each in browse.per_album(
        archive.albums.records(),
        archive.places.records(),
        dict(archive.blobs.items()),
        users.values(),
        gone_places(archive),
    ):
        owner = UserKey(each.album.source, each.album.user)
        # An album without its user's row is shown all the same: `verify` is what finds those.
        users.setdefault(owner, User(owner.source, owner.user, owner.user))
        albums.setdefault(owner, []).append(each)
    order = sorted(users, key=lambda key: (tags.key_of(users[key].name), key))
    return tuple(UserLines(users[key], tuple(albums[key])) for key in order)


def _blobs(archive: Archive) -> tuple[BlobLine, ...]:
    places: dict[Digest, list[Place]] = {}
    for place in archive.places.records():
        if place.holds is not None:
            places.setdefault(place.holds, []).append(place)
    lost = browse.only_copies(archive.places.records(), gone_places(archive), FOLDERS)
    names = browse.Names.of(archive.users.records(), archive.albums.records())
    tree = dict(archive.tags.items())
    carried: dict[Digest, list[str]] = {}
    carrying = carriers(archive)
    for number in (tag.number for _, tag in tags.walk(tree)):
        for digest in carrying.get(number, ()):
            carried.setdefault(digest, []).append(tags.lineage_text(tree, number))

    def line(digest: Digest) -> BlobLine:
        its = tuple(sorted(places.get(digest, ()), key=lambda place: place.key))
        checks = (archive.checks.get(place.key) for place in its)
        return BlobLine(
            archive.blobs[digest],
            its,
            tuple(carried.get(digest, ())),
            tuple(check for check in checks if check is not None),
            digest in lost,
        )

    return tuple(line(digest) for digest, _ in browse.in_order(archive.blobs, places, names))
