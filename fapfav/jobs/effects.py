"""What a change of the duplicates would come to, before it is made. Nothing here writes.

What only a search could find is counted where it is given: `limit_effects` searches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fapfav.duplicates.find import Prints, equal_buckets
from fapfav.duplicates.groups import groups
from fapfav.duplicates.keepers import Order
from fapfav.duplicates.limits import OFF, Rule
from fapfav.jobs.find import searched
from fapfav.jobs.library import SEARCHED, Archive
from fapfav.model import Digest, Group, Limits, Method, Pair, PairKey, Verdict


@dataclass(frozen=True, slots=True)
class Effect:
    """Sets and the pictures in them, now and then."""

    sets: int
    pictures: int
    sets_then: int
    pictures_then: int


@dataclass(frozen=True, slots=True)
class Search:
    """What a search would compare: pictures that are new, with all; `everything` all anew."""

    pictures: int
    of: int
    everything: bool


def search_effect(archive: Archive, *, again: bool = False) -> Search:
    """What the next search has to do."""
    count = len(archive.rows_of("blobs"))
    everything = again or _is_outdated(archive)
    return Search(count if everything else len(archive.rows_of("fresh")), count, everything)


def _is_outdated(archive: Archive) -> bool:
    """Whether the last search was with other limits or another model."""
    last: Mapping[str, Any] | None = archive.config(SEARCHED, None)
    if last is None:
        return False
    return dict(last) != searched(archive)


def forget_effect(archive: Archive, *, everything: bool = False) -> Effect:
    """What is left once undecided pictures are taken out of their sets, or all evidence."""
    now = archive.groups
    gone = {
        digest
        for group in now
        for digest, verdict in group.verdicts.items()
        if everything or verdict is Verdict.NEW
    }
    then = _groups(archive, archive.rule(), gone, no_pairs=everything)
    return _effect(now, then)


def limits_effect(
    archive: Archive,
    regular: Limits,
    animated: Limits,
    found: Iterable[Pair] = (),
    *,
    closer: bool | None = None,
) -> Effect:
    """What other limits make of what is known, and of what a search with them has found.

    With `closer` as if searches looked closely from then on, or did not. Where they do, what was
    found counts for nothing: it is in no set before it was looked at.
    """
    order = order_then(archive, closer)
    rule = replace(archive.rule(), regular=regular, animated=animated, order=order)
    then = _groups(archive, rule, frozenset(), found=found if order is None else ())
    return _effect(archive.groups, then)


def order_then(archive: Archive, closer: bool | None = None) -> Order | None:
    """The order of sets with keepers, if these are made once `closer` is set so; None if not."""
    looks = archive.looks_closer if closer is None else closer
    return archive.order() if looks and has_looked(archive) else None


def has_looked(archive: Archive) -> bool:
    """Whether the last search looked at pairs closely."""
    last: Mapping[str, Any] | None = archive.config(SEARCHED, None)
    return isinstance(last, Mapping) and bool(last.get("look"))


def is_looser(now: tuple[Limits, Limits], then: tuple[Limits, Limits]) -> bool:
    """Whether limits let anything through that the others do not: then a search may find more."""
    return any(
        _is_looser(method, one.of(method), other.of(method))
        for one, other in zip(now, then, strict=True)
        for method in Method
    )


def _is_looser(method: Method, now: float, then: float) -> bool:
    if OFF in (now, then):
        return then != OFF
    return then < now if method is Method.CNN else then > now


def _groups(
    archive: Archive,
    rule: Rule,
    gone: Collection[Digest],
    *,
    no_pairs: bool = False,
    found: Iterable[Pair] = (),
) -> tuple[Group, ...]:
    blobs = archive.rows_of("blobs")
    prints = without(archive.prints_now(compared=True), frozenset(gone))
    known = [] if no_pairs else archive.pairs.records()
    pairs = {(p.first, p.second): p for p in known if _stays(p.first, p.second, gone)}
    for pair in found:  # written over what was known of the same two, as a search does
        before = pairs.get((pair.first, pair.second))
        pairs[pair.first, pair.second] = replace(
            pair, judged=None if before is None else before.judged
        )
    said: Mapping[PairKey, Any] = {key: row.label for key, row in archive.decisions.items()}
    return groups(
        pairs.values(),
        equal_buckets(prints, rule.regular, rule.animated),
        said,
        {key: chosen.choice for key, chosen in archive.choices.items()},
        rule,
        present=blobs.__contains__,
    )


def _stays(first: Digest, second: Digest, gone: Collection[Digest]) -> bool:
    return first not in gone and second not in gone


def without(prints: Prints, gone: Collection[Digest]) -> Prints:
    """The prints of the other pictures; hashes only."""
    stay = np.array([digest not in gone for digest in prints.digests], np.bool_)
    kept = [digest for digest in prints.digests if digest not in gone]
    return Prints(kept, prints.hashes[stay], prints.animated[stay])


def _effect(now: Collection[Group], then: Collection[Group]) -> Effect:
    return Effect(len(now), _pictures(now), len(then), _pictures(then))


def _pictures(found: Collection[Group]) -> int:
    return sum(len(group.members) for group in found)
