"""From pairs, buckets and what the user said to sets: computed anew each time, never stored.

There are two rules. Where pairs were looked at closely, sets have a keeper that each member was
found the same as (`keepers`). Else they are connected components over ties: a pair that enough
methods still pass, or a place in one bucket. By both a pair the user called the same holds whatever
else is, and one called different or related is cut: it ties nothing, though others may join its
two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fapfav.duplicates import keepers
from fapfav.duplicates.crowds import Held, held_by
from fapfav.duplicates.find import Bucket
from fapfav.duplicates.limits import Rule, closeness, passes
from fapfav.model import (
    Choice,
    Digest,
    Group,
    Label,
    Limits,
    Method,
    Pair,
    PairKey,
    Verdict,
    pair_of,
)

Scores = dict[Method, float]
Said = dict[Digest, dict[Digest, Label]]

_Equal = Callable[[Digest, Digest], frozenset[Method]]

_CUT = (Label.DIFFERENT, Label.RELATED)


def groups(
    pairs: Iterable[Pair],
    buckets: Iterable[Bucket],
    decisions: Mapping[PairKey, Label],
    choices: Mapping[Digest, Choice],
    rule: Rule,
    *,
    present: Callable[[Digest], bool] | None = None,
) -> tuple[Group, ...]:
    """The sets, sorted by their smallest member; no digest is in two of them.

    Each pair is given once. `present` tells which blobs still exist: what speaks of others is
    passed over. With an order in the rule sets have keepers. `sources` of a set
    holds the passing scores of its recorded pairs; of a bucket only a star of zeros, from its
    smallest member to all others, because all pairs of a large one would fill the memory (where
    decisions cut it, a tree that avoids them). A blob whose every tie was called different is
    listed in the set of its strongest one, as `false`.
    """
    exists = present or _always
    said = _both_ways(decisions, exists)
    web = _Web(said)
    rows = {pair_of(p.first, p.second): p for p in pairs if exists(p.first) and exists(p.second)}
    ties = evidence(rows, rule)
    held = held_by(buckets, rule, exists)
    order = rule.order
    if order is None:
        web.tie_pairs(ties)
        web.tie_decided()
        web.tie_buckets(held)
    else:
        web.tie_keepers(rows, ties, held, order)
    listed = web.list_strays(held, rule)
    open_links = web.open_links(held if order is None else web.by_set(held), choices)
    return tuple(
        Group(
            members=members,
            sources=sources,
            verdicts=(shown := _shown(members, listed, said, choices)),
            needs_action=Verdict.NEW in shown.values() or not open_links.isdisjoint(members),
        )
        for members, sources in web.sets()
    )


def evidence(rows: Mapping[PairKey, Pair], rule: Rule) -> dict[PairKey, Scores]:
    """The scores that pass now, of pairs that enough methods pass."""
    found: dict[PairKey, Scores] = {}
    for key, pair in rows.items():
        limits = rule.limits_for(*key)
        scores = {
            method: pair.scores[method]
            for method in Method
            if method in pair.scores and passes(method, pair.scores[method], limits)
        }
        if len(scores) >= rule.agree:
            found[key] = scores
    return found


def _always(_: Digest) -> bool:
    return True


def _both_ways(decisions: Mapping[PairKey, Label], exists: Callable[[Digest], bool]) -> Said:
    said: Said = {}
    for (first, second), label in decisions.items():
        if exists(first) and exists(second):
            said.setdefault(first, {})[second] = label
            said.setdefault(second, {})[first] = label
    return said


def _spanning(members: Sequence[Digest], said: Said) -> Iterator[PairKey]:
    """Links that connect the members as far as their uncut pairs do.

    A search through the pairs that are not cut, which never lists these: each step takes away
    from those not yet reached. The cost is linear in the members and their decisions.
    """
    unreached = set(members)
    for root in members:
        if root not in unreached:
            continue
        unreached.discard(root)
        reached = [root]
        for one in reached:
            if not unreached:
                return
            cut = {other for other, label in said.get(one, {}).items() if label in _CUT}
            linked = sorted(unreached - cut)
            if linked:
                # A new set: one that others were taken out of is walked as if they were in it.
                unreached = unreached.difference(linked)
            reached.extend(linked)
            yield from (pair_of(one, other) for other in linked)


@dataclass(frozen=True, slots=True)
class _Tie:
    """A pair called different, by which methods its hashes are equal, and how strong it is."""

    pair: PairKey
    equal: frozenset[Method]
    strength: tuple[bool, int, float]


@dataclass(slots=True)
class _Web:
    """Ties as they gather: blobs joined into sets, and the scores that are shown for them."""

    said: Said
    scores: dict[PairKey, Scores] = field(default_factory=dict)
    parents: dict[Digest, Digest] = field(default_factory=dict)

    def root(self, one: Digest) -> Digest:
        """The blob that stands for the set of this one."""
        parents = self.parents
        parents.setdefault(one, one)
        while (above := parents[one]) != one:
            parents[one] = one = parents[above]
        return one

    def join(self, pair: PairKey) -> None:
        """Puts the two in one set."""
        first, second = self.root(pair.first), self.root(pair.second)
        if first != second:
            self.parents[max(first, second)] = min(first, second)

    def _is_one_set(self, pair: PairKey) -> bool:
        return self.root(pair.first) == self.root(pair.second)

    def label(self, pair: PairKey) -> Label | None:
        """What the user said of it."""
        return self.said.get(pair.first, {}).get(pair.second)

    def show(self, pair: PairKey, methods: Iterable[Method]) -> None:
        """Notes that the hashes of these methods are equal; none of them leaves no trace."""
        for method in methods:
            self.scores.setdefault(pair, {})[method] = 0.0

    def tie_pairs(self, ties: dict[PairKey, Scores]) -> None:
        """Takes in the recorded pairs that pass."""
        self.scores = ties
        for pair in ties:
            if self.label(pair) not in _CUT:
                self.join(pair)

    def tie_decided(self) -> None:
        """Takes in what the user called the same."""
        for one, labels in self.said.items():
            for other, label in labels.items():
                if label is Label.SAME and one < other:
                    self.join(PairKey(one, other))

    def tie_keepers(
        self,
        rows: Mapping[PairKey, Pair],
        ties: dict[PairKey, Scores],
        held: Sequence[Held],
        order: keepers.Order,
    ) -> None:
        """Takes in each picture's keeper, and what was found of the pairs that may be in sets."""
        said = {
            PairKey(one, other): label
            for one, labels in self.said.items()
            for other, label in labels.items()
            if one < other
        }
        is_same = keepers.judgement(rows, said, ties.__contains__)
        near = keepers.candidates(rows, order, lambda pair: keepers.strength_of(ties.get(pair)))
        # Who was looked at because of equal hashes has a row by now, and is among those near.
        found = keepers.keepers(near, (), said, order, is_same)
        self.scores = {pair: s for pair, s in ties.items() if _may_tie(rows[pair])}
        for one, keeper in found.items():
            if one != keeper:
                self.join(pair_of(one, keeper))
        for each in held:
            here = set(each.members)
            for one in each.members:
                if found.get(one, one) != one and found[one] in here:
                    self.show(pair_of(one, found[one]), each.methods)

    def tie_buckets(self, held: Iterable[Held]) -> None:
        """Takes in equal hashes."""
        for each in held:
            for pair in _spanning(each.members, self.said):
                self.join(pair)
                self.show(pair, each.methods)

    def by_set(self, held: Iterable[Held]) -> list[Held]:
        """Equal hashes within sets only."""
        found: dict[tuple[int, Digest], list[Digest]] = {}
        known = dict(enumerate(held))
        for number, each in known.items():
            for one in each.members:
                if one in self.parents:
                    found.setdefault((number, self.root(one)), []).append(one)
        return [
            Held(known[number].methods, tuple(members))
            for (number, _), members in found.items()
            if len(members) > 1
        ]

    def list_strays(self, held: Iterable[Held], rule: Rule) -> set[Digest]:
        """Lists each blob left with no tie but cut ones where its strongest `different` one is.

        Such a tie leads to a set or to another stray. Strength looks the same from both ends, so
        strays that lead to each other are two, and no set is joined to another through them.
        """
        strays = {
            one
            for one, labels in self.said.items()
            if one not in self.parents and Label.DIFFERENT in labels.values()
        }
        equal = _equal_methods(held, strays)
        strongest = [self._strongest(one, equal, rule) for one in strays]
        for tie in strongest:
            if tie is not None:
                self.join(tie.pair)
                self.show(tie.pair, tie.equal)
        return strays

    def _strongest(self, one: Digest, equal: _Equal, rule: Rule) -> _Tie | None:
        """The blob's best tie of those called different.

        One that leads into a set comes before one to another stray, then more methods before
        fewer, then the nearer; among equals the smallest digest.
        """
        best: _Tie | None = None
        for other in sorted(self.said[one]):
            pair = pair_of(one, other)
            if self.label(pair) is not Label.DIFFERENT:
                continue
            methods = equal(one, other)
            scores = self.scores.get(pair, {}) | dict.fromkeys(methods, 0.0)
            settled = other in self.parents
            strength = (settled, *_strength(scores, rule.limits_for(one, other)))
            if scores and (best is None or strength > best.strength):
                best = _Tie(pair, methods, strength)
        return best

    def open_links(self, held: Iterable[Held], choices: Mapping[Digest, Choice]) -> set[Digest]:
        """Kept blobs with a tie to another kept one that was never decided."""
        kept = {one for one, choice in choices.items() if choice is Choice.KEEP}
        found: set[Digest] = set()
        for pair in self.scores:
            both_kept = pair.first in kept and pair.second in kept
            if both_kept and self.label(pair) is None and self._is_one_set(pair):
                found.update(pair)
        for each in held:
            here = kept.intersection(each.members)
            for one in here:
                decided = here.intersection(self.said.get(one, ()))
                if len(decided) < len(here) - 1:
                    found.add(one)
        return found

    def sets(
        self,
    ) -> Iterator[tuple[tuple[Digest, ...], Mapping[Method, Mapping[PairKey, float]]]]:
        """Each set's members, sorted, and the scores among them by method."""
        members: dict[Digest, list[Digest]] = {}
        for one in sorted(self.parents):
            members.setdefault(self.root(one), []).append(one)
        inside: dict[Digest, dict[Method, dict[PairKey, float]]] = {}
        for pair in sorted(self.scores):
            if pair.first in self.parents and pair.second in self.parents:
                root = self.root(pair.first)
                if root == self.root(pair.second):
                    for method, score in self.scores[pair].items():
                        inside.setdefault(root, {}).setdefault(method, {})[pair] = score
        for root, all_of_it in members.items():
            given = inside.get(root, {})
            yield tuple(all_of_it), {method: given[method] for method in Method if method in given}


def _may_tie(pair: Pair) -> bool:
    """Whether no closer look turned it down."""
    judged = pair.judged
    return judged is None or judged.version == keepers.BLIND or judged.label is Label.SAME


def _equal_methods(held: Iterable[Held], strays: set[Digest]) -> _Equal:
    """Answers by which methods the hashes of a stray and another blob are equal."""
    places: dict[Digest, list[tuple[Held, frozenset[Digest]]]] = {}
    for each in held:
        here = strays.intersection(each.members)
        if here:
            all_of_it = frozenset(each.members)
            for one in here:
                places.setdefault(one, []).append((each, all_of_it))

    def equal(one: Digest, other: Digest) -> frozenset[Method]:
        return frozenset(
            method
            for each, members in places.get(one, ())
            if other in members
            for method in each.methods
        )

    return equal


def _strength(scores: Scores, limits: Limits) -> tuple[int, float]:
    """How many methods speak for a tie, then how near its best one is."""
    return len(scores), max(
        (closeness(method, score, limits) for method, score in scores.items()), default=0.0
    )


def _shown(
    members: tuple[Digest, ...],
    listed: set[Digest],
    said: Said,
    choices: Mapping[Digest, Choice],
) -> dict[Digest, Verdict]:
    """The choice if there is one; `false` if different from all others, or listed; else `new`."""
    everyone = set(members)
    shown: dict[Digest, Verdict] = {}
    for one in members:
        labels = said.get(one, {})
        different = sum(
            1 for other in everyone.intersection(labels) if labels[other] is Label.DIFFERENT
        )
        if one in choices:
            shown[one] = Verdict(choices[one].value)
        elif one in listed or different == len(members) - 1:
            shown[one] = Verdict.FALSE
        else:
            shown[one] = Verdict.NEW
    return shown
