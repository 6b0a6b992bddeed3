"""The duplicates of an archive as they are now, kept between looks.

Sets are computed, never stored. A verdict changes what hangs together with two pictures and nothing
else, nor does the removal of a picture, so only that part is computed anew; that a search compared
more, or another limit, is reason to begin afresh. What a running read brings in is in no set until
a search has compared it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol

from fapfav.duplicates.find import Bucket, Prints, equal_buckets
from fapfav.duplicates.groups import groups
from fapfav.duplicates.limits import Rule
from fapfav.model import Chosen, Decision, Digest, Group, Pair, PairKey
from fapfav.store import lookups
from fapfav.store.rows import Index, KeyOf, View
from fapfav.store.tables import TABLES, Key, Row

_SETTINGS = {"limits_regular", "limits_animated", "agree", "preparation", "vector_space"}


class Known(Protocol):
    """What this needs of an archive."""

    @property
    def stamp(self) -> int:
        """A number that is another one after every change."""

    @property
    def pairs(self) -> View[PairKey, Pair]:
        """Evidence."""

    @property
    def decisions(self) -> View[PairKey, Decision]:
        """What the user said of pairs."""

    @property
    def choices(self) -> View[Digest, Chosen]:
        """What the user said of pictures."""

    def changed_since(self, stamp: int) -> set[tuple[str, Key]] | None:
        """The rows that changed after a stamp."""

    def rows_of(self, table: str) -> Mapping[Key, Row]:
        """A table as it lies in memory."""

    def index(self, table: str, key_of: KeyOf) -> Index:
        """Rows by a derived key."""

    def rule(self) -> Rule:
        """What makes a tie."""

    def prints_now(self, *, compared: bool = False) -> Prints:
        """The hashes."""


class Moving(Collection[Digest]):
    """The pictures that move, asked of the rows one by one: a set of them costs a walk."""

    def __init__(self, rows: Mapping[Key, Row]) -> None:
        columns = [column.name for column in TABLES["blobs"].columns]
        self._rows, self._at = rows, columns.index("animated")

    def __contains__(self, digest: object) -> bool:
        row = self._rows.get(digest)  # type: ignore[call-overload]
        return row is not None and bool(row[self._at])

    def __iter__(self) -> Iterator[Digest]:
        return (
            Digest(key)
            for key, row in self._rows.items()
            if isinstance(key, bytes) and row[self._at]
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Grouping:
    """The sets of one archive, and by picture the set it is in."""

    def __init__(self, archive: Known) -> None:
        self._archive = archive
        self._stamp = -1
        self._rule: Rule | None = None
        self._buckets: list[Bucket] = []
        self._bucket_of: dict[Digest, list[int]] = {}
        self._by_member: dict[Digest, Group] = {}
        self._sorted: tuple[Group, ...] = ()

    def now(self) -> tuple[Group, ...]:
        """All sets, sorted by their smallest member."""
        archive = self._archive
        if self._stamp == archive.stamp:
            return self._sorted
        changed = archive.changed_since(self._stamp)
        touched = None if changed is None else self._touched(changed)
        if touched is None:
            self._begin()
        elif touched:
            self._renew(touched)
        self._stamp = archive.stamp
        return self._sorted

    def of(self, digest: Digest) -> Group | None:
        """The set a picture is in."""
        self.now()
        return self._by_member.get(digest)

    def _touched(self, changed: Iterable[tuple[str, Key]]) -> set[Digest] | None:
        """The pictures that something was said of; None when more than that has changed."""
        touched: set[Digest] = set()
        fresh, present = self._archive.rows_of("fresh"), self._archive.rows_of("blobs")
        for table, key in changed:
            if table == "configs" and key in _SETTINGS:
                return None
            if table in ("pairs", "decisions", "choices"):
                assert isinstance(key, bytes)
                touched.update(Digest(key[at : at + 32]) for at in range(0, len(key), 32))
            elif table in ("blobs", "prints", "fresh"):
                assert isinstance(key, bytes)
                one = Digest(key[:32])
                row = fresh.get(one)
                # What went is passed over in its buckets; what no search has compared is in none.
                is_known = row is None or not row[0] or one in self._bucket_of
                if is_known and one in present:
                    return None
                touched.add(one)
        return touched

    def _begin(self) -> None:
        archive = self._archive
        self._rule = rule = archive.rule()
        self._buckets = equal_buckets(
            archive.prints_now(compared=True), rule.regular, rule.animated
        )
        self._bucket_of = {}
        for number, bucket in enumerate(self._buckets):
            for member in bucket.members:
                self._bucket_of.setdefault(member, []).append(number)
        self._by_member = {}
        found = self._grouped(
            archive.pairs.records(),
            self._buckets,
            archive.decisions.records(),
            archive.choices.records(),
        )
        self._keep(found)

    def _renew(self, touched: set[Digest]) -> None:
        """Computes anew what hangs together with these pictures, by whatever tie."""
        archive = self._archive
        pairs = archive.index("pairs", lookups.blobs_of_pair)
        decisions = archive.index("decisions", lookups.blobs_of_pair)
        reached, waiting = set(touched), list(touched)
        pair_keys: set[Key] = set()
        decision_keys: set[Key] = set()
        buckets: set[int] = set()
        while waiting:
            one = waiting.pop()
            near: set[Digest] = set()
            pair_keys |= pairs[one]
            decision_keys |= decisions[one]
            for key in (*pairs[one], *decisions[one]):
                assert isinstance(key, bytes)
                near.update((Digest(key[:32]), Digest(key[32:])))
            for number in self._bucket_of.get(one, ()):
                if number not in buckets:
                    buckets.add(number)
                    near.update(self._buckets[number].members)
            waiting += near - reached
            reached |= near
        found = self._grouped(
            archive.pairs.picked(pair_keys),
            [self._buckets[number] for number in sorted(buckets)],
            archive.decisions.picked(decision_keys),
            archive.choices.picked(reached),
        )
        for one in reached:
            self._by_member.pop(one, None)
        self._keep(found)

    def _grouped(
        self,
        pairs: Iterable[Pair],
        buckets: Iterable[Bucket],
        decisions: Iterable[Decision],
        choices: Iterable[Chosen],
    ) -> tuple[Group, ...]:
        present: Callable[[Digest], bool] = self._archive.rows_of("blobs").__contains__
        assert self._rule is not None
        return groups(
            pairs,
            buckets,
            {PairKey(each.first, each.second): each.label for each in decisions},
            {each.digest: each.choice for each in choices},
            self._rule,
            present=present,
        )

    def _keep(self, found: Iterable[Group]) -> None:
        for group in found:
            for member in group.members:
                self._by_member[member] = group
        standing = {id(group): group for group in self._by_member.values()}
        self._sorted = tuple(sorted(standing.values(), key=lambda group: group.members[0]))
