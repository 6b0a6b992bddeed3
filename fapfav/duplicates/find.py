"""From prints to pairs: what every method says of two pictures, and which hashes are equal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates import candidates, few_rows
from fapfav.duplicates.alike import FEW, Flags, Indices, by_key
from fapfav.duplicates.cosine import Rows, Watch, cosines
from fapfav.duplicates.hamming import near_values
from fapfav.duplicates.limits import OFF, check_limits
from fapfav.duplicates.parallel import in_order
from fapfav.duplicates.search import Near, Scope, similar_hashes, similar_vectors
from fapfav.duplicates.turned import TURNS, framed_pairs, turned_pairs
from fapfav.errors import UsageError
from fapfav.model import HASHES, Digest, Limits, Method, Pair

DECIMALS = 4
"""What a recorded cosine is rounded to; the rounded one is what a limit is compared with."""

MOST_CANDIDATES = 64
"""Of pairs that are only worth a look, so many of a picture at the most: its nearest."""

_BLOCK = 1 << 16  # pairs at once
_MANY = 20  # times fewer digests are looked up one by one
_HASH_SHARE = 0.1  # of the work, when there are vectors too


class SortedDigests(list[Digest]):
    """Digests that are sorted, each once: who makes one has seen to it, so nobody looks again."""


@dataclass(frozen=True, slots=True)
class Prints:
    """The prints of n pictures, sorted by digest.

    `hashes` is uint64 (n, 4) in the order of HASHES, `animated` bool (n,). `rows` is int8 (n, w)
    with float32 `scales` (n,), all of one model; only where `has_vector` (n,) do they mean
    anything. Without any vector all three may be None. `turned` is uint64 (n, 7), the first hash
    of the picture mirrored and turned; where that is not known, the hash as it is. `inner`
    uint64 (n,) is that of what is inside a border or frame, the hash as it is where there is none,
    `colours` uint8 (n, 3) the mean Y, Cb and Cr.
    """

    digests: Sequence[Digest]
    hashes: NDArray[np.uint64]
    animated: Flags
    rows: Rows | None = None
    scales: NDArray[np.float32] | None = None
    has_vector: Flags | None = None
    turned: NDArray[np.uint64] | None = None
    inner: NDArray[np.uint64] | None = None
    colours: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        """Raises UsageError when the parts do not fit each other or the digests are not sorted."""
        count = len(self.digests)
        fits = self.hashes.shape == (count, len(HASHES)) and self.animated.shape == (count,)
        if self.rows is not None:
            fits = fits and self.rows.ndim == 2 and len(self.rows) == count
            parts = (self.scales, self.has_vector)
            fits = fits and all(part is not None and part.shape == (count,) for part in parts)
        if self.turned is not None:
            fits = fits and self.turned.shape == (count, TURNS)
        if self.inner is not None:
            fits = fits and self.inner.shape == (count,)
        if self.colours is not None:
            fits = fits and self.colours.shape == (count, 3)
        if not fits:
            raise UsageError(f"prints of {count} pictures need arrays with {count} rows each")
        if isinstance(self.digests, SortedDigests):
            return
        if any(one >= other for one, other in pairwise(self.digests)):
            raise UsageError("prints must be sorted by digest, each digest once")

    def place_of(self, digest: Digest) -> int | None:
        """The number of a picture, None if it is not among them."""
        at = bisect_left(self.digests, digest)
        return at if at < len(self.digests) and self.digests[at] == digest else None

    def among(self, digests: Collection[Digest]) -> Flags:
        """Which of them are among these pictures, (n,)."""
        if len(digests) > len(self.digests) // _MANY:
            chosen = frozenset(digests)
            return np.array([digest in chosen for digest in self.digests], np.bool_)
        found = np.zeros(len(self.digests), np.bool_)
        found[[at for at in map(self.place_of, digests) if at is not None]] = True
        return found


@dataclass(frozen=True, slots=True)
class How:
    """How a search goes: `wide` finds what is worth a closer look too, `near` compares hashes."""

    wide: bool = False
    near: Near = near_values


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
    prints: Prints,
    regular: Limits,
    animated: Limits,
    new: Flags,
    watch: Watch | None = None,
    *,
    how: How = How(),
) -> list[Pair]:
    """The pairs with a new picture, sorted, each with the scores of all methods it passes.

    Scores are differing bits, or the cosine to four decimals. A pair is given when its hashes of
    one method are near but unequal or its vectors near or equal; then equal hashes of another
    method are recorded too, as 0. Where more than `alike.FEW` pictures share a hash, only the first
    few are paired with each other: the bucket ties the rest. With `how.wide` there are also those
    worth a closer look (`candidates`), which may pass no limit. Raises UsageError for bad limits.
    Stopped by `watch`, it gives what it has found; the caller then keeps its pictures marked new.
    """
    check_limits(regular, animated)
    count = len(prints.digests)
    crowds = _alike(prints, regular) if how.wide else _crowds(prints, regular, animated)
    codes = [np.zeros(0, dtype=np.int64)]
    scope = Scope(kinds=prints.animated.astype(np.int64), watch=watch, near=how.near)
    searched = _widened(regular) if how.wide else regular
    for i, j in _near(prints, searched, new, crowds, scope):
        kept = (crowds[i] != crowds[j]) | (crowds[i] == 0)
        codes.append(i[kept] * count + j[kept])
    lying = _lying_otherwise(prints, new) if how.wide and regular.percept != OFF else codes[0]
    every = np.unique(np.concatenate([*codes, lying]))
    i, j = np.divmod(every, max(count, 1))
    looked_at = np.zeros(i.size, dtype=np.bool_)
    if how.wide:
        apart = _points(prints, i, j)
        looked_at = np.isin(every, lying) | candidates.worth_a_look(i, j, apart)
        places = np.flatnonzero(looked_at)
        looked_at[places] = candidates.strongest(
            i[places], j[places], apart[places], MOST_CANDIDATES
        )
    return scored(prints, (regular, animated), i, j, looked_at)


def _lying_otherwise(prints: Prints, new: Flags) -> Indices:
    """Pairs of entries i < j, as i * n + j, of which one is the other turned or in a frame."""
    count, upright = len(prints.digests), prints.hashes[:, 0]
    codes = [np.zeros(0, dtype=np.int64)]
    if prints.turned is not None:
        for i, j in turned_pairs(upright, prints.turned, new, candidates.TURNED):
            codes.append(i * count + j)
    if prints.inner is not None:
        codes.append(_framed(prints, prints.inner, new))
    return np.concatenate(codes)


def _framed(prints: Prints, inner: NDArray[np.uint64], new: Flags) -> Indices:
    """Pairs of entries i < j, as i * n + j, of which one is in a frame, or each in another."""
    count, upright = len(prints.digests), prints.hashes[:, 0]
    codes = [np.zeros(0, dtype=np.int64)]
    for i, j in framed_pairs(upright, inner, new, candidates.FRAMED):
        codes.append(i * count + j)
    found = np.unique(np.concatenate(codes))
    i, j = np.divmod(found, max(count, 1))
    ways = ((inner[i], upright[j]), (upright[i], inner[j]), (inner[i], inner[j]))
    bits = np.min([np.bitwise_count(one ^ other) for one, other in ways], axis=0)
    cosine, known = scores_of(prints, Method.CNN, i, j)
    cosine[~known] = np.nan
    return found[candidates.worth_unframed(i, j, bits, cosine)]


def likely(prints: Prints, i: Indices, j: Indices) -> Flags:
    """Which of k pairs of entries are worth a closer look, by all their prints together: (k,)."""
    found = np.zeros(i.size, dtype=np.bool_)
    for low in range(0, i.size, _BLOCK):
        part = slice(low, low + _BLOCK)
        found[part] = candidates.likely(*_apart(prints, i[part], j[part]))
    return found


def _points(prints: Prints, i: Indices, j: Indices) -> NDArray[np.float64]:
    """How far k pairs are apart by all their prints together, (k,)."""
    found = np.zeros(i.size)
    for low in range(0, i.size, _BLOCK):
        part = slice(low, low + _BLOCK)
        found[part] = candidates.points(*_apart(prints, i[part], j[part]))
    return found


def _apart(prints: Prints, i: Indices, j: Indices) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Bits by hash (k, 4) and cosine (k,), which is not a number where it is not known."""
    cosine, known = scores_of(prints, Method.CNN, i, j)
    cosine[~known] = np.nan
    return np.bitwise_count(prints.hashes[i] ^ prints.hashes[j]), cosine


def _widened(regular: Limits) -> Limits:
    """The laxer of each limit and of that of candidates; what is off stays so."""
    values: dict[str, Any] = {}
    for method in Method:
        own, wide = regular.of(method), candidates.WIDE.of(method)
        laxer = min(own, wide) if method is Method.CNN else int(max(own, wide))
        values[method.value] = OFF if own == OFF else laxer
    return Limits(**values)


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
    valid = np.ones(i.size, dtype=np.bool_)
    for one in (i, j):
        scales = prints.scales[one]
        valid &= prints.has_vector[one] & np.isfinite(scales) & (scales > 0)
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


def _alike(prints: Prints, regular: Limits) -> Indices:
    """The same by all hashes that are on at once: by one of them alone pictures need not be alike.

    Where a closer look comes after, an equal hash ties nothing by itself.
    """
    on = [at for at, method in enumerate(HASHES) if regular.of(method) != OFF]
    crowds = np.zeros(len(prints.digests), dtype=np.int64)
    if not on:
        return crowds
    values = np.sort(prints.hashes[:, on[0]])
    often = values[FEW:][values[FEW:] == values[:-FEW]]  # most hashes nobody shares
    if often.size:
        entries = np.flatnonzero(np.isin(prints.hashes[:, on[0]], often))
        keys = by_key(prints.animated[entries], *(prints.hashes[entries, at] for at in on))
        rank = np.arange(entries.size) - np.repeat(keys.starts, keys.sizes)
        number = np.repeat(np.arange(1, keys.starts.size + 1), keys.sizes)
        crowds[entries[keys.order]] = np.where(rank < FEW, 0, number)
    return crowds


def _near(
    prints: Prints, regular: Limits, new: Flags, crowds: Indices, scope: Scope
) -> Iterator[tuple[Indices, Indices]]:
    """Entries near each other by one method or another, under the regular limits."""
    watch = scope.watch
    whole = 1.0 if prints.rows is None else _HASH_SHARE

    def similar(column: int) -> tuple[Indices, Indices]:
        limit = int(regular.of(HASHES[column]))
        i, j, _ = similar_hashes(prints.hashes[:, column], limit, new, scope)
        return i, j

    # One search of many new ones is for all threads, and takes memory.
    few = scope.near is near_values and np.count_nonzero(new) <= few_rows.MOST
    columns = range(len(HASHES))
    with closing(in_order(similar, columns, 0 if few else 1)) as results:
        for column in columns:
            if watch is not None and watch(whole * column / len(HASHES)):
                return
            yield next(results)
    if prints.rows is None or regular.cnn == OFF:
        return
    assert prints.scales is not None
    assert prints.has_vector is not None

    def watch_rows(share: float) -> bool:
        return watch is not None and watch(_HASH_SHARE + (1 - _HASH_SHARE) * share)

    least = regular.cnn - 0.5 * 10.0**-DECIMALS - 1e-9  # what rounding may lift to the limit
    rows, scales = prints.rows, prints.scales
    if np.count_nonzero(new) <= few_rows.MOST:
        entries = np.flatnonzero(prints.has_vector & np.isfinite(scales) & (scales > 0))
        yield few_rows.near_few(rows, entries, least, new, prints.animated, watch=watch_rows)
        return
    entries = np.flatnonzero(prints.has_vector)
    kinds = prints.animated[entries].astype(np.int64)
    rest = replace(scope, kinds=kinds, crowds=crowds[entries], watch=watch_rows)
    if len(entries) < len(rows):
        rows, scales = rows[entries], scales[entries]
    i, j, _ = similar_vectors(rows, scales, least, new[entries], rest)
    yield entries[i], entries[j]


def scored(
    prints: Prints, limits: tuple[Limits, Limits], i: Indices, j: Indices, wanted: Flags
) -> list[Pair]:
    """k pairs of entries with the scores of the methods that they pass, regular and animated.

    Of those not `wanted` (k,) whatever they pass, such as only share hashes are left out: the
    bucket says that.
    """
    found: dict[Method, tuple[NDArray[np.float64], Flags]] = {}
    telling = wanted.copy()
    moving = prints.animated[i] | prints.animated[j]
    for method in Method:
        regular, animated = (each.of(method) for each in limits)
        score, valid = scores_of(prints, method, i, j)
        limit = np.where(moving, animated, regular)
        valid &= limit != OFF
        valid &= score >= limit if method is Method.CNN else score <= limit
        telling |= valid if method is Method.CNN else valid & (score > 0)
        found[method] = score, valid
    places = np.flatnonzero(telling)
    scores: list[dict[str, float]] = [{} for _ in range(places.size)]
    for method, (score, valid) in found.items():
        for at in np.flatnonzero(valid[places]).tolist():
            value = float(score[places[at]])
            scores[at][method.value] = value if method is Method.CNN else int(value)
    one, other = i[places].tolist(), j[places].tolist()
    return [
        Pair(prints.digests[a], prints.digests[b], given)
        for a, b, given in zip(one, other, scores, strict=True)
    ]
