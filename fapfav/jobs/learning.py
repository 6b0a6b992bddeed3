"""What the user's verdicts say of the limits, and what limits that follow from them would change.

Reads only. The scores are computed from prints, so pairs count that no limit in use finds.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.components import components
from fapfav.duplicates.find import Prints, equal_entries, scores_of
from fapfav.duplicates.learning import WANTED, Judged, Learned, learn, ties
from fapfav.duplicates.learning_words import NOTES, reason
from fapfav.duplicates.limits import Rule
from fapfav.jobs.base import Report, Stop, Tell, never_stop, plain, tell_nobody
from fapfav.jobs.library import Archive
from fapfav.jobs.limit_effects import LimitsEffect, limits_effect
from fapfav.model import HASHES, Label, Limits, Method


@dataclass(frozen=True, slots=True)
class LearnedReport(Report):
    """What verdicts say of each method, the suggested limits and their effect.

    Of `decisions`, `judged` are of two pictures that are still there and have hashes. `now` and
    `then` are the limits in use and the suggested ones, for still pictures and for animated ones.
    Where searches look `closer`, all of it is of the limits and not of sets.
    """

    decisions: int
    judged: int
    learned: Learned
    now: tuple[Limits, Limits]
    then: tuple[Limits, Limits]
    effect: LimitsEffect | None
    closer: bool = True

    @property
    def is_change(self) -> bool:
        """Whether anything else is suggested than what is set."""
        return self.now != self.then

    @property
    def reasons(self) -> tuple[str, ...]:
        """A sentence for each method, in the order of `learned.methods`."""
        return tuple(reason(each, self.learned.wanted) for each in self.learned.methods)

    def changes(self) -> tuple[dict[Method, float], dict[Method, float]]:
        """The limits that would be others, as `set_limits` takes them."""
        regular, animated = (
            {m: after.of(m) for m in Method if after.of(m) != before.of(m)}
            for before, after in zip(self.now, self.then, strict=True)
        )
        return regular, animated

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        kinds = ("regular", "animated")
        methods = [
            {**plain(asdict(says)), "reason": words}
            for says, words in zip(self.learned.methods, self.reasons, strict=True)
        ]
        return {
            "decisions": self.decisions,
            "judged": self.judged,
            "wanted": self.learned.wanted,
            "methods": methods,
            "together": dict(zip(kinds, map(plain, self.learned.together), strict=True)),
            "now": dict(zip(kinds, map(plain, self.now), strict=True)),
            "suggested": dict(zip(kinds, map(plain, self.then), strict=True)),
            "effect": plain(self.effect),
            "closer": self.closer,
            "notes": list(NOTES),
        }


def learned(
    archive: Archive,
    *,
    wanted: float = WANTED,
    effect: bool = True,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
) -> LearnedReport:
    """What the verdicts say. With `effect` a search counts what laxer limits would add.

    Stopped, the effect is what was found by then. Raises UsageError for a `wanted` precision that
    no limit could be held against.
    """
    archive.refresh()
    pairs = _judged(archive)
    methods = tuple(Method) if archive.vector_space else HASHES
    found = learn(pairs, archive.rule(), methods, wanted)
    then = (found.regular, found.animated)
    return LearnedReport(
        decisions=len(archive.decisions),
        judged=int(pairs.first.size),
        learned=found,
        now=archive.limits(),
        then=then,
        effect=limits_effect(archive, then, tell=tell, stop=stop) if effect else None,
        closer=archive.looks_closer,
    )


def _judged(archive: Archive) -> Judged:
    """Every labelled pair whose two pictures have hashes, with what each method gives for it.

    Recorded pairs are looked at as well: by those that pass, pictures hang together.
    """
    prints = archive.prints_now()
    known = {digest: number for number, digest in enumerate(prints.digests)}
    rows = [
        (known[each.first], known[each.second], each.label is Label.SAME)
        for each in archive.decisions.records()
        if each.first in known and each.second in known
    ]
    count = len(rows)
    rows += [(known[a], known[b], False) for a, b in archive.pairs if a in known and b in known]
    table = np.array(rows, np.int64).reshape(-1, 3)
    first, second = table[:, 0], table[:, 1]
    chosen, which = np.unique(table[:, :2], return_inverse=True)
    here = which.reshape(-1, 2).astype(np.int64)
    some = _picked(prints, chosen)
    if archive.vector_space and some.digests:
        some = archive.with_vectors(some)  # of these alone: all are a hundred megabytes
    scores = np.full((len(rows), len(Method)), np.nan)
    for at, method in enumerate(Method):
        score, valid = scores_of(some, method, here[:, 0], here[:, 1])
        scores[valid, at] = score[valid]
    moving = prints.animated[first] | prints.animated[second]
    homes = _homes(prints, archive.rule(), (first, second, moving, scores))
    linked = homes[first] == homes[second]
    all_rows = Judged(first, second, table[:, 2] == 1, moving, linked, scores)
    return all_rows.picked(np.arange(count))


def _homes(
    prints: Prints, rule: Rule, pairs: tuple[Indices, Indices, Flags, NDArray[np.float64]]
) -> Indices:
    """For each picture the smallest that it hangs together with by the limits in use."""
    first, second, moving, scores = pairs
    tied = np.where(
        moving,
        ties(scores, rule.animated, rule.agree),
        ties(scores, rule.regular, rule.agree),
    )
    one, other = [first[tied]], [second[tied]]
    if rule.agree == 1:  # pictures with equal hashes are tied by no recorded pair
        for bucket in equal_entries(prints, rule.regular, rule.animated):
            one.append(np.full(bucket.size - 1, bucket[0]))
            other.append(bucket[1:])
    return components(np.concatenate(one), np.concatenate(other), len(prints.digests))


def _picked(prints: Prints, entries: Indices) -> Prints:
    digests = [prints.digests[at] for at in entries.tolist()]
    return Prints(digests, prints.hashes[entries], prints.animated[entries])
