"""What the tests of this folder share: digests, prints and ways to say what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.find import Bucket, Prints
from fapfav.duplicates.groups import groups
from fapfav.duplicates.limits import ANIMATED, REGULAR, Rule
from fapfav.model import (
    Choice,
    Digest,
    Group,
    Label,
    Limits,
    Method,
    Pair,
    PairKey,
    digest_of,
    pair_of,
)

RULE = Rule(REGULAR, ANIMATED)
ALL_OFF = Limits(-1, -1, -1, -1, -1)


def name(number: int) -> Digest:
    """The digest of a number; digests of rising numbers rise."""
    return digest_of(number.to_bytes(4) + sha256(number.to_bytes(4)).digest()[4:])


def pair(one: int, other: int, **scores: float) -> Pair:
    """A recorded pair, by default near by one method."""
    return Pair(*pair_of(name(one), name(other)), scores=scores or {"percept": 1})


def bucket(*numbers: int, method: str = "average") -> Bucket:
    """Blobs with equal hashes."""
    return Bucket(Method(method), tuple(name(number) for number in sorted(numbers)))


def said(**labels: Iterable[tuple[int, int]]) -> dict[PairKey, Label]:
    """Decisions, by label: said(same=[(1, 2)], different=[(1, 3)])."""
    return {
        pair_of(name(one), name(other)): Label(label)
        for label, pairs in labels.items()
        for one, other in pairs
    }


def chosen(**choices: Iterable[int]) -> dict[Digest, Choice]:
    """Choices: chosen(keep=[1], skip=[2])."""
    return {name(one): Choice(choice) for choice, some in choices.items() for one in some}


def sets(
    pairs: Iterable[Pair] = (),
    buckets: Iterable[Bucket] = (),
    decisions: Mapping[PairKey, Label] | None = None,
    choices: Mapping[Digest, Choice] | None = None,
) -> tuple[Group, ...]:
    """The sets under the default limits."""
    return groups(pairs, buckets, decisions or {}, choices or {}, RULE)


def numbers(members: Iterable[Digest]) -> list[int]:
    """Back from digests to numbers."""
    return [int.from_bytes(member[:4]) for member in members]


def prints(
    hashes: NDArray[np.uint64],
    animated: Iterable[bool] | None = None,
    rows: NDArray[np.int8] | None = None,
) -> Prints:
    """Prints of pictures 0, 1, 2 and so on."""
    count = len(hashes)
    moving = np.zeros(count, np.bool_) if animated is None else np.array(list(animated), np.bool_)
    digests = tuple(name(number) for number in range(count))
    if rows is None:
        return Prints(digests, hashes, moving)
    ones = np.ones(count)
    return Prints(digests, hashes, moving, rows, ones.astype(np.float32), ones.astype(np.bool_))
