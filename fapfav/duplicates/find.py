"""From prints to pairs: what every method says of two pictures, and which hashes are equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import FEW, Flags, Indices, by_key
from fapfav.duplicates.cosine import Rows, Watch, cosines
from fapfav.duplicates.limits import OFF, check_limits
from fapfav.duplicates.search import Scope, similar_hashes, similar_vectors
from fapfav.errors import UsageError
from fapfav.model import HASHES, Digest, Limits, Method, Pair

DECIMALS = 4
"""What a recorded cosine is rounded to; the rounded one is what a limit is compared with."""

_HASH_SHARE = 0.1  # of the work, when there are vectors too


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of n pictures, sorted by digest.

    `hashes` is uint64 (n, 4) in the order of HASHES, `animated` bool (n,). `rows` is int8 (n, w)
    with float32 `scales` (n,), all of one model; only where `has_vector` (n,) do they mean
    anything. Without any vector all three may be None.
    """

    digests: Sequence[Digest]
    hashes: NDArray[np.uint64]
    animated: Flags
    rows: Rows | None = None
    scales: NDArray[np.float32] | None = None
    has_vector: Flags | None = None

    def __post_init__(self) -> None:
        """Raises UsageError when the parts do not fit each other or the digests are not sorted."""
        count = len(self.digests)
        fits = self.hashes.shape == (count, len(HASHES)) and self.animated.shape == (count,)
        if self.rows is not None:
            fits = fits and self.rows.ndim == 2 and len(self.rows) == count
            parts = (self.scales, self.has_vector)
            fits = fits and all(part is not None and part.shape == (count,) for part in parts)
        if not fits:
            raise UsageError(f"prints of {count} pictures need arrays with {count} rows each")
        if any(one >= other for one, other in pairwise(self.digests)):
            raise UsageError("prints must be sorted by digest, each digest once")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Two or more blobs, sorted, that have one and the same hash."""

    method: Method
    members: tuple[Digest, ...]


def equal_buckets(prints: Prints, regular: Limits, animated: Limits) -> list[Bucket]:
    """Every set of equal hashes, by method in the order of HASHES, then by smallest member.

    A method that is off for animations leaves them out; one that is off altogether has none.
    """
    check_limits(regular, animated)
    return [
        Bucket(method, tuple(prints.digests[entry] for entry in entries))
        for method, entries in _equal(prints, regular, animated)
    ]


def equal_entries(prints: Prints, regular: Limits, animated: Limits) -> Iterator[Indices]:
    """The same as the numbers of entries: (k,) each, rising, k at least 2."""
    return (entries for _, entries in _equal(prints, regular, animated))


def find_pairs(
    prints: Prints, regular: Limits, animated: Limits, new: Flags, watch: Watch | None = None
) -> list[Pair]:
    """The pairs with a new picture, sorted, each with the scores of all methods it passes.

    Scores are differing bits, or the cosine to four decimals. A pair is given when its hashes of
    one method are near but unequal or its vectors near or equal; then equal hashes of another
    method are recorded too, as 0. Where more than `alike.FEW` pictures share a hash, only the first
    few are paired with each other: the bucket ties the rest. Raises UsageError for bad limits.
    Stopped by `watch`, it gives what it has found; the caller then keeps its pictures marked new.
    """
    check_limits(regular, animated)
    count = len(prints.digests)
    crowds = _crowds(prints, regular, animated)
    codes = [np.zeros(0, dtype=np.int64)]
    for i, j in _near(prints, regular, new, crowds, watch):
        kept = (crowds[i] != crowds[j]) | (crowds[i] == 0)
        codes.append(i[kept] * count + j[kept])
    i, j = np.divmod(np.unique(np.concatenate(codes)), max(count, 1))
    return _scored(prints, (regular, animated), i, j)


def scores_of(
    prints: Prints, method: Method, i: Indices, j: Indices
) -> tuple[NDArray[np.float64], Flags]:
    """What a method gives for k pairs of entries, and where it gives anything: both (k,)."""
    if method is not Method.CNN:
        column = prints.hashes[:, HASHES.index(method)]
        distance = np.bitwise_count(column[i] ^ column[j])
        return distance.astype(np.float64), np.ones(i.size, dtype=np.bool_)
    if prints.rows is None or prints.scales is None or prints.has_vector is None:
        return np.zeros(i.size), np.zeros(i.size, dtype=np.bool_)
    usable = prints.has_vector & np.isfinite(prints.scales) & (prints.scales > 0)
    valid = usable[i] & usable[j]
    return np.round(cosines(prints.rows, i, j), DECIMALS), valid


def _equal(prints: Prints, regular: Limits, animated: Limits) -> Iterator[tuple[Method, Indices]]:
    """The entries, rising, that share a hash of a method that is on for them."""
    for column, method in enumerate(HASHES):
        if regular.of(method) == OFF:
            continue
        on = np.ones(len(prints.digests), dtype=np.bool_)
        if animated.of(method) == OFF:
            on = ~prints.animated
        entries = np.flatnonzero(on)
        keys = by_key(prints.hashes[entries, column])
        many = np.flatnonzero(keys.sizes > 1)
        for key in many[np.argsort(keys.firsts[many])]:
            start = keys.starts[key]
            yield method, entries[keys.order[start : start + keys.sizes[key]]]


def _crowds(prints: Prints, regular: Limits, animated: Limits) -> Indices:
    """For each picture the number, from 1, of a large bucket that already ties it, else 0.

    The first members stay out of the crowd and speak for it. Without this, thousands of flat
    pictures, one fact by their hashes, would be millions of pairs by their vectors.
    """
    crowds = np.zeros(len(prints.digests), dtype=np.int64)
    for number, (_, entries) in enumerate(_equal(prints, regular, animated), start=1):
        rest = entries[FEW:]
        crowds[rest[crowds[rest] == 0]] = number
    return crowds


def _near(
    prints: Prints, regular: Limits, new: Flags, crowds: Indices, watch: Watch | None
) -> Iterator[tuple[Indices, Indices]]:
    """Entries near each other by one method or another, under the regular limits."""
    scope = Scope(kinds=prints.animated.astype(np.int64))
    whole = 1.0 if prints.rows is None else _HASH_SHARE
    for column, method in enumerate(HASHES):
        if watch is not None and watch(whole * column / len(HASHES)):
            return
        i, j, _ = similar_hashes(prints.hashes[:, column], int(regular.of(method)), new, scope)
        yield i, j
    if prints.rows is None or regular.cnn == OFF:
        return
    assert prints.scales is not None
    assert prints.has_vector is not None
    entries = np.flatnonzero(prints.has_vector)

    def watch_rows(share: float) -> bool:
        return watch is not None and watch(_HASH_SHARE + (1 - _HASH_SHARE) * share)

    kinds = prints.animated[entries].astype(np.int64)
    rest = replace(scope, kinds=kinds, crowds=crowds[entries], watch=watch_rows)
    least = regular.cnn - 0.5 * 10.0**-DECIMALS - 1e-9  # what rounding may lift to the limit
    rows, scales = prints.rows, prints.scales
    if len(entries) < len(rows):
        rows, scales = rows[entries], scales[entries]
    i, j, _ = similar_vectors(rows, scales, least, new[entries], rest)
    yield entries[i], entries[j]


def _scored(prints: Prints, limits: tuple[Limits, Limits], i: Indices, j: Indices) -> list[Pair]:
    """The pairs with what each method that they pass gives; those that only share hashes are not
    pairs, whatever brought them here: the bucket says it."""
    moving = prints.animated[i] | prints.animated[j]
    scores: list[dict[str, float]] = [{} for _ in range(i.size)]
    for method in Method:
        regular, animated = (each.of(method) for each in limits)
        score, valid = scores_of(prints, method, i, j)
        limit = np.where(moving, animated, regular)
        valid &= limit != OFF
        valid &= score >= limit if method is Method.CNN else score <= limit
        for place in np.flatnonzero(valid):
            value = float(score[place])
            scores[place][method.value] = value if method is Method.CNN else int(value)
    return [
        Pair(prints.digests[one], prints.digests[other], given)
        for one, other, given in zip(i.tolist(), j.tolist(), scores, strict=True)
        if Method.CNN in given or any(given.values())
    ]
