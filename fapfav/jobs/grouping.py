"""The duplicates of an archive as they are now, kept between looks.

Sets are computed, never stored. A verdict changes what hangs together with two pictures and nothing
else, nor does a picture that goes, comes back or was compared now, so only that part is computed
anew; another limit is reason to begin afresh. What a running read brings in is in no set until a
search has compared it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Protocol

from fapfav.duplicates.equals import Equals, Hashed
from fapfav.duplicates.find import Bucket, Prints
from fapfav.duplicates.groups import groups
from fapfav.duplicates.limits import Rule
from fapfav.jobs.reach import reach
from fapfav.model import Chosen, Decision, Digest, Group, Pair, PairKey
from fapfav.store import lookups
from fapfav.store.rows import Index, KeyOf, View
from fapfav.store.tables import TABLES, Key, Row

_ANIMATED = [column.name for column in TABLES["blobs"].columns].index("animated")
_SETTINGS = {
    *("limits_regular", "limits_animated", "agree", "preparation", "vector_space"),
    *("searched", "closer_look"),
}


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

    @property
    def hashes_space(self) -> bytes:
        """What the names of the spaces of hashes in use begin with."""

    def prints_now(self, *, compared: bool = False) -> Prints:
        """The hashes."""


class Moving(Collection[Digest]):
    """The pictures that move, asked of the rows one by one: a set of them costs a walk."""

    def __init__(self, rows: Mapping[Key, Row]) -> None:
        self._rows = rows

    def __contains__(self, digest: object) -> bool:
        row = self._rows.get(digest)  # type: ignore[call-overload]
        return row is not None and bool(row[_ANIMATED])

    def __iter__(self) -> Iterator[Digest]:
        return (
            Digest(key)
            for key, row in self._rows.items()
            if isinstance(key, bytes) and row[_ANIMATED]
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Grouping:
    """The sets of one archive, and by picture the set it is in."""

    def __init__(self, archive: Known) -> None:
        self._archive = archive
        self._stamp = -1
        self._rule: Rule | None = None
        self._equals: Equals | None = None
        self._spaces: list[bytes] = []
        self._by_member: dict[Digest, Group] = {}
        self._sorted: tuple[Group, ...] = ()

    def now(self) -> tuple[Group, ...]:
        """All sets, sorted by their smallest member."""
        archive = self._archive
        if self._stamp == archive.stamp:
            return self._sorted
        changed = archive.changed_since(self._stamp)
        self._stamp = -1  # whatever goes wrong half way, nobody goes on from there
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
        looked: set[Digest] = set()
        for table, key in changed:
            if table == "configs" and key in _SETTINGS:
                return None
            if table in ("pairs", "decisions", "choices"):
                assert isinstance(key, bytes)
                touched.update(Digest(key[at : at + 32]) for at in range(0, len(key), 32))
            elif table in ("blobs", "prints", "fresh"):
                assert isinstance(key, bytes)
                if table == "prints":
                    self._know(key[32:])
                elif table == "blobs":
                    touched.add(Digest(key))
                looked.add(Digest(key[:32]))
        if self._equals is None:
            return None
        for one in looked:
            if near := self._equals.put(one, self._hashed(one)):
                touched.update(near, (one,))
        return touched

    def _know(self, space: bytes) -> None:
        """Looks for hashes in this space as well; of several the one that comes last counts."""
        if space.startswith(self._archive.hashes_space) and space not in self._spaces:
            self._spaces = sorted((space, *self._spaces), reverse=True)

    def _hashed(self, one: Digest) -> Hashed | None:
        """The hashes of a picture that a search has compared."""
        blob, fresh = (self._archive.rows_of(name).get(one) for name in ("blobs", "fresh"))
        if blob is None or (fresh is not None and fresh[0]):
            return None
        rows = self._archive.rows_of("prints")
        found = (rows.get(one + space) for space in self._spaces)
        row = next((row for row in found if row is not None), None)
        if row is None:
            return None
        values = (int.from_bytes(row[0][at : at + 8]) for at in range(0, 32, 8))
        return Hashed(tuple(values), bool(blob[_ANIMATED]))

    def _begin(self) -> None:
        archive = self._archive
        self._rule = rule = archive.rule()
        prints = archive.prints_now(compared=True)
        self._equals = Equals(prints, rule.regular, rule.animated)
        self._spaces = []
        for space in {key[32:] for key in archive.rows_of("prints") if isinstance(key, bytes)}:
            self._know(space)
        for table in ("pairs", "decisions"):  # as a verdict needs them
            archive.index(table, lookups.blobs_of_pair)
        self._by_member = {}
        found = self._grouped(
            archive.pairs.records(),
            self._equals.all,
            archive.decisions.records(),
            archive.choices.records(),
        )
        self._keep(found)

    def _renew(self, touched: set[Digest]) -> None:
        """Computes anew what hangs together with these pictures, by whatever tie."""
        archive = self._archive
        assert self._equals is not None
        part = reach(archive, touched, self._equals.of)
        reached = part.digests
        found = self._grouped(
            archive.pairs.picked(part.pairs),
            [part.buckets[number] for number in sorted(part.buckets)],
            archive.decisions.picked(part.decisions),
            archive.choices.picked(reached),
        )
        before = [self._by_member.pop(one) for one in reached if one in self._by_member]
        if found or before:
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
