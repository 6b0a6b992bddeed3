"""`print --json`: the whole archive in the classic schema, as one JSON object.

Eight tables under the names, and with the fields, that programs for that schema know. What JSON
cannot say is said otherwise: ids are strings and come by source first, digests are 64 hex digits,
hashes 16, sets and tuples are lists, and what was keyed by a tuple is a list of objects. Embeddings
are left out: they are as large as all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fapfav import tags
from fapfav.jobs.gone import gone_places
from fapfav.jobs.library import HASHES_SPACE, Archive
from fapfav.jobs.tagging import carriers
from fapfav.model import HASHES, Digest, Group, Limits, Method, Place, PlaceState, Tag

Json = dict[str, Any]


def as_classic(archive: Archive, groups: Sequence[Group]) -> Json:
    """The eight tables; `groups` are the archive's duplicates."""
    archive.refresh()
    places = sorted(archive.places.records(), key=lambda place: (place.position, place.key))
    regular, animated = archive.limits()
    return {
        "configs": {
            "duplicates_sensitivity_regular": _limits(regular),
            "duplicates_sensitivity_animated": _limits(animated),
        },
        "users": _users(archive),
        "favorites": _favorites(archive, places),
        "tags": _tags(archive),
        "blobs": _blobs(archive, places),
        "image_ids_index": {
            f"{place.source}/{place.image}": place.holds.hex()
            for place in places
            if place.holds is not None
        },
        "duplicates_registry": registry(groups),
        "duplicates_key_index": {
            digest.hex(): [member.hex() for member in group.members]
            for group in groups
            for digest in group.members
        },
    }


def registry(groups: Iterable[Group]) -> list[Json]:
    """The duplicates, as `duplicates list --json` prints them too."""
    return [
        {
            "members": [digest.hex() for digest in group.members],
            "sources": {
                method.value: [
                    [pair.first.hex(), pair.second.hex(), score] for pair, score in scores.items()
                ]
                for method, scores in group.sources.items()
            },
            "verdicts": {digest.hex(): verdict.value for digest, verdict in group.verdicts.items()},
        }
        for group in groups
    ]


def _limits(limits: Limits) -> Json:
    return {method.value: getattr(limits, method.value) for method in Method}


def _users(archive: Archive) -> Json:
    users: Json = {}
    for user in archive.users.records():
        users.setdefault(user.source, {})[user.user] = {
            "name": user.name,
            "date_albums": user.date_albums,
            "date_finished": user.date_finished,
            "date_audit": user.date_audit,
        }
    return users


def _favorites(archive: Archive, places: Iterable[Place]) -> Json:
    """By source, user and album; `images` in the order they came."""
    favorites: Json = {}
    for album in archive.albums.records():
        favorites.setdefault(album.source, {}).setdefault(album.user, {})[album.album] = {
            "name": album.name,
            "pages": album.pages,
            "date_blobs": album.date_blobs,
            "images": [],
            "failed_images": [],
        }
    for place in places:
        album_of = favorites.get(place.source, {}).get(place.user, {}).get(place.album)
        if album_of is None:
            continue  # a place without its album: `verify` is what finds those
        if place.state is PlaceState.STORED:
            album_of["images"].append(place.image)
        elif place.failure is not None:
            failed = place.failure
            album_of["failed_images"].append(
                [place.image, failed.time, place.name or None, failed.url]
            )
    return favorites


def _tags(archive: Archive) -> Json:
    """The tree as nested objects, siblings by name."""
    nested: dict[int, Json] = {tags.ROOT: {}}
    tree: Mapping[int, Tag] = dict(archive.tags.items())
    for _, tag in tags.walk(tree):
        below = nested[tag.number] = {}
        nested[tag.parent][str(tag.number)] = {"name": tag.name, "tags": below}
    return nested[tags.ROOT]


def _blobs(archive: Archive, places: Iterable[Place]) -> Json:
    held: dict[Digest, list[list[str]]] = {}
    gone: dict[Digest, Json] = {}
    last = gone_places(archive)
    for place in sorted(places, key=lambda each: each.key):
        if place.holds is None:
            continue
        held.setdefault(place.holds, []).append([*place.key, place.name, place.verdict.value])
        if (found := last.get(place.key)) is not None:
            at = gone.setdefault(place.holds, {})
            # At several places the image is as gone, and what noticed it first says since when.
            at[place.image] = min(list(found), at.get(place.image, list(found)))
    carried: dict[Digest, list[str]] = {}
    for number, digests in sorted(carriers(archive).items()):
        for digest in digests:
            carried.setdefault(digest, []).append(str(number))
    hashes = _hashes(archive)
    none = dict.fromkeys((method.value for method in HASHES), None)
    return {
        digest.hex(): {
            "loc": held.get(digest, []),
            "tags": carried.get(digest, []),
            "sz": blob.size,
            "sz_thumb": blob.thumb_size,
            "ext": blob.ext,
            **hashes.get(digest, none),
            "width": blob.width,
            "height": blob.height,
            "animated": blob.animated,
            "date": blob.date,
            "gone": gone.get(digest, {}),
        }
        for digest, blob in sorted(archive.blobs.items())
    }


def _hashes(archive: Archive) -> dict[Digest, dict[str, str | None]]:
    """The four hashes of every picture that has them, in hex."""
    prefix = f"{HASHES_SPACE}{archive.preparation}/"
    return {
        row.digest: {
            method.value: row.value[8 * at : 8 * at + 8].hex() for at, method in enumerate(HASHES)
        }
        for row in archive.prints.records()
        if row.space.startswith(prefix)
    }
