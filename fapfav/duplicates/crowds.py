"""Pictures that equal hashes hold together, under the limits as they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import FEW, by_key
from fapfav.duplicates.find import Bucket
from fapfav.duplicates.limits import OFF, Rule
from fapfav.model import Digest, Method

STEP = 8
"""Levels of 255 between two means from which pictures are of two colours."""

_GRIDS = 4


@dataclass(frozen=True, slots=True)
class Held:
    """Blobs, sorted, that have equal hashes by all of these methods."""

    methods: tuple[Method, ...]
    members: tuple[Digest, ...]


def _held(buckets: Iterable[Bucket], rule: Rule, exists: Callable[[Digest], bool]) -> list[Held]:
    return _agreeing([_current(bucket, rule, exists) for bucket in buckets], rule.agree)


def held_by(buckets: Iterable[Bucket], rule: Rule, exists: Callable[[Digest], bool]) -> list[Held]:
    """What enough methods hold together, of the blobs that exist."""
    return _agreeing([_current(bucket, rule, exists) for bucket in buckets], rule.agree)


def crowds(
    buckets: Iterable[Bucket], rule: Rule, present: Callable[[Digest], bool]
) -> list[tuple[Digest, ...]]:
    """The pictures that are candidates of each other because enough of their hashes are equal."""
    return [each.members for each in held_by(buckets, rule, present)]


def _current(bucket: Bucket, rule: Rule, exists: Callable[[Digest], bool]) -> Bucket:
    """The bucket with only the blobs that exist and that its method is on for."""
    if rule.regular.of(bucket.method) == OFF:
        return Bucket(bucket.method, ())
    still = rule.animated.of(bucket.method) == OFF
    return Bucket(
        bucket.method,
        tuple(
            sorted(
                one for one in bucket.members if exists(one) and not (still and one in rule.moving)
            )
        ),
    )


def _agreeing(buckets: Sequence[Bucket], agree: int) -> list[Held]:
    """What lies in a common bucket by `agree` methods at once, for each choice of so many."""
    if agree == 1:
        return [Held((each.method,), each.members) for each in buckets if len(each.members) > 1]
    home: dict[Method, dict[Digest, int]] = {}
    for number, bucket in enumerate(buckets):
        home.setdefault(bucket.method, {}).update(dict.fromkeys(bucket.members, number))
    held: list[Held] = []
    for methods in combinations([method for method in Method if method in home], agree):
        shared: dict[tuple[int, ...], list[Digest]] = {}
        for one in sorted(home[methods[0]]):
            if all(one in home[method] for method in methods):
                shared.setdefault(tuple(home[method][one] for method in methods), []).append(one)
        held.extend(Held(methods, tuple(few)) for few in shared.values() if len(few) > 1)
    return held


def of_one_colour(
    members: Sequence[Digest], colours: NDArray[np.uint8]
) -> Iterator[tuple[Digest, ...]]:
    """A large crowd in parts of about one colour, given as (k, 3); a small one as it is.

    Pictures of one hash that show anything are found by other methods too, as far as these are on;
    what is left in a crowd is flat, and the same only in the same colour. Colours less than STEP
    apart in each of the three are together in a part: each of them is cut by one at most of four
    grids that are shifted by STEP.
    """
    if len(members) <= FEW:
        yield tuple(members)
        return
    wide = colours.astype(np.int64)
    for grid in range(_GRIDS):
        cells = (wide + grid * STEP) // (_GRIDS * STEP)
        keys = by_key(*cells.T)
        for start, size in zip(keys.starts.tolist(), keys.sizes.tolist(), strict=True):
            if size > 1:
                yield tuple(members[at] for at in sorted(keys.order[start : start + size].tolist()))
