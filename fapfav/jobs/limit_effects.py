"""What other limits would come to: pairs added and dropped, sets and pictures then.

What is dropped follows from the record. What is added is for a search to say, so one is made here
whose findings nobody writes down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fapfav.duplicates.find import find_pairs
from fapfav.duplicates.limits import OFF, Rule, passes
from fapfav.jobs import effects
from fapfav.jobs.base import Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.model import HASHES, Limits, Method, Pair, PairKey, Progress

_NONE = Limits(OFF, OFF, OFF, OFF, OFF)


@dataclass(frozen=True, slots=True)
class LimitsEffect:
    """Pairs that come and go, sets and the pictures in them; `is_whole` if all was compared.

    Where it was not, more pairs may be added than so many. Pictures that no search has compared
    yet are left out: they come with the next one, whatever the limits. Where searches look closely,
    `to_look_at` of the added pairs were never looked at, and are in no set before that.
    """

    added: int
    dropped: int
    is_whole: bool
    sets: int
    pictures: int
    sets_then: int
    pictures_then: int
    to_look_at: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pictures are compared at most, by hashes and by embeddings; None for all."""

    hashes: int | None = None
    vectors: int | None = None


def limits_effect(
    archive: Archive,
    then: tuple[Limits, Limits],
    *,
    closer: bool | None = None,
    bounds: Bounds = Bounds(),
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> LimitsEffect:
    """What limits, for still pictures and for animated ones, would change; or `closer`, as set so.

    Stopped, or past the bounds, it says what is known by then.
    """
    now = archive.rule()
    rule = replace(now, regular=then[0], animated=then[1])
    found, is_whole = _search(archive, now, rule, bounds, _Watch(tell, stop))
    blobs = archive.rows_of("blobs")
    recorded = {
        PairKey(pair.first, pair.second): pair.scores
        for pair in archive.pairs.records()
        if pair.first in blobs and pair.second in blobs
    }
    before = {key for key, scores in recorded.items() if _ties(key, scores, now)}
    after = {key for key, scores in recorded.items() if _ties(key, scores, rule)}
    fresh = {
        PairKey(pair.first, pair.second)
        for pair in found
        if _ties(PairKey(pair.first, pair.second), pair.scores, rule) and not _is_tied(pair, now)
    }
    added = (after | fresh) - before
    counted = effects.limits_effect(archive, *then, found=found, closer=closer)
    looks = archive.looks_closer if closer is None else closer
    return LimitsEffect(
        added=len(added),
        dropped=len(before - after - fresh),
        is_whole=is_whole,
        sets=counted.sets,
        pictures=counted.pictures,
        sets_then=counted.sets_then,
        pictures_then=counted.pictures_then,
        to_look_at=sum(_is_unseen(archive, key) for key in added) if looks else 0,
    )


def _is_unseen(archive: Archive, key: PairKey) -> bool:
    """Whether nobody has judged a pair yet, neither its user nor a closer look."""
    pair = archive.pairs.get(key)
    return key not in archive.decisions and (pair is None or pair.judged is None)


@dataclass(slots=True)
class _Watch:
    """Tells how far a search is, and remembers whether it was stopped."""

    tell: Tell
    stop: Stop
    stopped: bool = False

    def __call__(self, done: float) -> bool:
        self.tell(Progress("comparing", int(100 * done), 100))
        self.stopped = self.stopped or self.stop()
        return self.stopped


def _search(
    archive: Archive, now: Rule, then: Rule, bounds: Bounds, watch: _Watch
) -> tuple[list[Pair], bool]:
    """What a search finds among compared pictures; and whether that is all there is."""
    if not effects.is_looser((now.regular, now.animated), (then.regular, then.animated)):
        return [], True
    count = len(archive.rows_of("blobs"))
    if bounds.hashes is not None and count > bounds.hashes:
        return [], False
    # One method is enough where one has to agree; then embeddings are needed for their own sake.
    wanted = bool(archive.vector_space) and (then.agree > 1 or _is_cnn_looser(now, then))
    fits = bounds.vectors is None or count <= bounds.vectors
    prints = archive.prints_now(vectors=wanted and fits, compared=True)
    every = np.ones(len(prints.digests), np.bool_)
    found = find_pairs(prints, then.regular, then.animated, every, watch)
    if not watch.stopped:
        watch.tell(Progress("comparing", 100, 100))
    return found, not watch.stopped and (fits or not wanted)


def _is_cnn_looser(now: Rule, then: Rule) -> bool:
    one, other = (
        (replace(_NONE, cnn=rule.regular.cnn), replace(_NONE, cnn=rule.animated.cnn))
        for rule in (now, then)
    )
    return effects.is_looser(one, other)


def _ties(key: PairKey, scores: Mapping[str, float], rule: Rule) -> bool:
    """Whether enough methods pass a pair."""
    limits = rule.limits_for(*key)
    given = (method for method in Method if method in scores)
    return sum(passes(method, scores[method], limits) for method in given) >= rule.agree


def _is_tied(pair: Pair, rule: Rule) -> bool:
    """Whether equal hashes tie the two anyway."""
    limits = rule.limits_for(pair.first, pair.second)
    equal = [method for method in HASHES if pair.scores.get(method) == 0]
    return sum(limits.of(method) != OFF for method in equal) >= rule.agree
