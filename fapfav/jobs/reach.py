"""The walk from some pictures to all that hang together with them, by whatever may tie."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from fapfav.duplicates.find import Bucket
from fapfav.model import Digest
from fapfav.store import lookups
from fapfav.store.rows import Index, KeyOf
from fapfav.store.tables import Key

N = TypeVar("N", bound=Hashable)


class Indexed(Protocol):
    """What this needs of an archive."""

    def index(self, table: str, key_of: KeyOf) -> Index:
        """Rows by a derived key."""


@dataclass(slots=True)
class Reached(Generic[N]):
    """Pictures, the keys of the pairs and decisions about them, the equal hashes by their names."""

    digests: set[Digest]
    pairs: set[Key] = field(default_factory=set)
    decisions: set[Key] = field(default_factory=set)
    buckets: dict[N, Bucket] = field(default_factory=dict)


def reach(
    archive: Indexed,
    seeds: Iterable[Digest],
    buckets_of: Callable[[Digest], Iterable[tuple[N, Bucket]]],
) -> Reached[N]:
    """Everything that hangs together with any of the seeds; `buckets_of` names those of one."""
    pairs = archive.index("pairs", lookups.blobs_of_pair)
    decisions = archive.index("decisions", lookups.blobs_of_pair)
    found: Reached[N] = Reached(set(seeds))
    waiting = list(found.digests)
    while waiting:
        one = waiting.pop()
        near: set[Digest] = set()
        found.pairs |= pairs[one]
        found.decisions |= decisions[one]
        for key in (*pairs[one], *decisions[one]):
            assert isinstance(key, bytes)
            near.update((Digest(key[:32]), Digest(key[32:])))
        for name, bucket in buckets_of(one):
            if name not in found.buckets:
                found.buckets[name] = bucket
                near.update(bucket.members)
        waiting += near - found.digests
        found.digests |= near
    return found
