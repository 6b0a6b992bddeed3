"""Sets of pairs that were looked at closely: each has a keeper that every member is the same as.

`stars` does the clustering; here are the candidates it takes, in which order, and what a pair
counts as: what the user said of it before what a closer look found, and what its prints say where a
picture could not be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from fapfav.duplicates.stars import passed_over, stars
from fapfav.model import Digest, Label, Method, Pair, PairKey, pair_of

BLIND = 0
"""The version of a judgement that nobody could make: its pair counts by its prints."""

Order = Callable[[Digest], Any]
"""What pictures are sorted by, the best first; no two alike."""

Strength = Callable[[PairKey], tuple[Any, ...]]
"""How strong the evidence for a pair is, the strongest highest."""


def strength_of(scores: Mapping[Any, float] | None) -> tuple[int, float]:
    """How many methods pass a pair, then how few bits of its hashes differ on average."""
    if not scores:
        return 0, 0.0
    bits = [score for method, score in scores.items() if method != Method.CNN]
    return len(scores), -sum(bits) / len(bits) if bits else 0.0


def candidates(
    pairs: Iterable[PairKey], order: Order, strength: Strength
) -> dict[Digest, list[Digest]]:
    """By picture, those that it is a candidate with: strongest evidence first, then the best."""
    near: dict[Digest, list[Digest]] = {}
    strong: dict[PairKey, tuple[Any, ...]] = {}
    for pair in pairs:
        strong[pair] = strength(pair)
        near.setdefault(pair.first, []).append(pair.second)
        near.setdefault(pair.second, []).append(pair.first)
    found: dict[Digest, list[Digest]] = {one: [] for one in near}
    for other in sorted(near, key=order):
        for one in near[other]:
            found[one].append(other)
    for one, others in found.items():
        strengths = {other: strong[pair_of(one, other)] for other in others}
        others.sort(key=strengths.__getitem__, reverse=True)
    return found


def keepers(
    near: Mapping[Digest, Sequence[Digest]],
    crowds: Collection[Sequence[Digest]],
    said: Mapping[PairKey, Label],
    order: Order,
    is_same: Callable[[Digest, Digest], bool],
) -> dict[Digest, Digest]:
    """By picture of a set its keeper; the keepers too. `said` is what the user said of pairs."""
    told = [pair for pair, label in said.items() if label is Label.SAME]
    ordered = sorted(set(near).union(*crowds, *told), key=order)

    def apart(one: Digest, other: Digest) -> bool:
        return said.get(pair_of(one, other), Label.SAME) is not Label.SAME

    return stars(ordered, near, is_same, crowds=crowds, told=told, apart=apart)


def more_to_ask(
    near: Mapping[Digest, Sequence[Digest]], order: Order, keeper: Mapping[Digest, Digest]
) -> list[PairKey]:
    """Pairs of which sets say that they may have to do with each other, and that nobody asked
    about; one picture of each is in no set."""
    found = passed_over(sorted(near, key=order), near, keeper)
    return [pair_of(one, other) for one, other in found]


def with_more(
    near: Mapping[Digest, Sequence[Digest]], pairs: Iterable[PairKey]
) -> dict[Digest, Sequence[Digest]]:
    """Candidates with these besides, the last of each."""
    found = dict(near)
    for one, other in pairs:
        found[one], found[other] = [*found[one], other], [*found[other], one]
    return found


def judgement(
    rows: Mapping[PairKey, Pair],
    said: Mapping[PairKey, Label],
    passes: Callable[[PairKey], bool],
) -> Callable[[Digest, Digest], bool]:
    """Whether two candidates are the same, by what is known of them."""

    def is_same(one: Digest, other: Digest) -> bool:
        pair = pair_of(one, other)
        label = said.get(pair)
        if label is not None:
            return label is Label.SAME
        row = rows.get(pair)
        if row is None or row.judged is None:
            return False
        return passes(pair) if row.judged.version == BLIND else row.judged.label is Label.SAME

    return is_same
