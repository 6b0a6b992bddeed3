"""Pictures that came in and look like one that was removed: kept, and said.

Only the very same bytes, or the same image of a site, are kept out. What merely looks alike may be
the better copy that somebody went looking for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from fapfav.duplicates.find import Prints, equal_buckets, find_pairs
from fapfav.jobs.kept_prints import KeptPrints
from fapfav.jobs.library import Archive
from fapfav.model import Digest
from fapfav.store import lookups

_LISTED = 20
_HASHES = 32  # bytes of the four


def like_removed(archive: Archive, came: Collection[Digest]) -> set[Digest]:
    """Those of `came` whose hashes are within the limits of a removed picture's."""
    gone = dict(_removed(archive))
    if not gone:
        return set()
    prints = archive.prints_now()
    places = {digest: prints.place_of(digest) for digest in came if digest not in gone}
    known = {digest: prints.hashes[at] for digest, at in places.items() if at is not None}
    came = known.keys()
    if not came:
        return set()
    digests = sorted(came | gone.keys())
    hashes = np.array(
        [known[d] if d in came else np.frombuffer(gone[d], ">u8") for d in digests], np.uint64
    )
    moving = archive.animations()
    animated = np.array([digest in moving for digest in digests], np.bool_)
    is_gone = np.array([digest not in came for digest in digests], np.bool_)
    regular, moved = archive.limits()
    both = Prints(digests, hashes, animated)
    ties: list[tuple[Digest, ...]]
    ties = [(pair.first, pair.second) for pair in find_pairs(both, regular, moved, is_gone)]
    ties += [
        b.members
        for b in equal_buckets(both, regular, moved)
        if not gone.keys().isdisjoint(b.members)
    ]
    return {one for tie in ties for one in tie} & came


def _removed(archive: Archive) -> Iterator[tuple[Digest, bytes]]:
    """The hashes of what was removed: in the trash still, or destroyed."""
    for each in archive.removed.records():
        if len(each.hashes) == _HASHES:
            yield each.digest, each.hashes
    trash, rows = archive.rows_of("trash"), archive.rows_of("prints")
    for space in archive.kept(KeptPrints).spaces() if trash else ():
        for key in trash:
            assert isinstance(key, bytes)
            if (row := rows.get(key + space)) is not None:
                yield Digest(key), row[0]


def in_words(archive: Archive, came: Collection[Digest]) -> list[str]:
    """A line for each such picture, by its name; of very many only the first."""
    found = sorted(like_removed(archive, came))
    held = archive.index("places", lookups.blob_of_place)
    lines = []
    for digest in found[:_LISTED]:
        name = next((place.name for place in archive.places.picked(held[digest])), digest.hex())
        lines.append(
            f"{name}: it looks like a picture that was removed before and was kept; "
            f"`remove picture {digest.hex()[:16]}` takes it out"
        )
    if len(found) > _LISTED:
        lines.append(f"{len(found) - _LISTED} more look like pictures that were removed before")
    return lines
