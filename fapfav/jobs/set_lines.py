"""All sets as lines of a list, kept between looks.

A line rests on few rows: after a verdict, or while a read goes on, only the lines of pictures that
something was written of are made anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fapfav.duplicates import comparison, evidence
from fapfav.duplicates.queue import Kind, SetLine
from fapfav.jobs.library import Archive
from fapfav.jobs.set_facts import Gathering
from fapfav.jobs.set_views import compared, saves
from fapfav.jobs.to_keeper import to_keeper
from fapfav.model import Blob, Digest, Group, Place, Verdict
from fapfav.store import lookups
from fapfav.store.tables import TABLES, Key, Row


def set_lines(archive: Archive) -> tuple[SetLine, ...]:
    """Every set, perceptual and exact, in no order that means anything.

    A picture with copies at several places has a line of its own unless it is in a perceptual set:
    then its places are judged on the page of that.
    """
    return archive.kept(SetLines).now()


def some_set_lines(archive: Archive, most: int) -> bool:
    """Makes so many of them ahead, at most; says whether some are left to make."""
    return archive.kept(SetLines).go_on(most)


def _at(table: str, name: str) -> int:
    return [column.name for column in TABLES[table].columns].index(name)


_ALL = 10**9
_NOTHING = evidence.Known()
_HOLDS = _at("places", "holds")
_NAMES = {table: _at(table, "name") for table in ("users", "albums")}


@dataclass(frozen=True, slots=True)
class _Made:
    """A line with the set it was made of: a set that changed is another object."""

    group: Group
    line: SetLine


class SetLines:
    """The lines of one archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._stamp = -1
        self._is_whole = False
        self._alike: dict[Digest, _Made] = {}
        self._group_of: dict[Digest, Digest] = {}
        self._copies: dict[Digest, SetLine | None] = {}
        self._names: dict[tuple[str, Key], str] = {}
        self._held: dict[Key, Digest] = {}
        self._lines: tuple[SetLine, ...] = ()

    def now(self) -> tuple[SetLine, ...]:
        """As they are."""
        while self.go_on(_ALL):
            pass
        return self._lines

    def go_on(self, most: int) -> bool:
        """Makes so many lines at most of those that have to be made; says whether some are left."""
        stamp = self._archive.stamp
        if self._stamp != stamp:
            changed = self._archive.changed_since(self._stamp)
            self._stamp = -1
            touched = None if changed is None else self._touched(changed)
            if touched is None:
                self._begin()
            else:
                self._forget(touched)
            self._stamp, self._is_whole = stamp, False
        if not self._is_whole:
            self._is_whole = self._make(most)
        return not self._is_whole

    def _touched(self, changed: Iterable[tuple[str, Key]]) -> set[Digest] | None:
        """The pictures whose line may be another one; None where that may be all."""
        touched: set[Digest] = set()
        for table, key in changed:
            row = self._archive.rows_of(table).get(key)
            if table == "configs" and key == "preparation":
                return None
            if table in _NAMES and row is not None:
                name = row[_NAMES[table]]
                if self._names.setdefault((table, key), name) != name:
                    return None
            if table == "places":
                touched.update(_holders(self._held.get(key), row))
            elif table in ("blobs", "prints", "pairs"):
                assert isinstance(key, bytes)
                touched.add(Digest(key[:32]))
                if table == "pairs":
                    touched.add(Digest(key[32:]))
        return touched

    def _begin(self) -> None:
        archive = self._archive
        self._alike, self._group_of, self._held = {}, {}, {}
        self._names = {
            (table, key): row[at]
            for table, at in _NAMES.items()
            for key, row in archive.rows_of(table).items()
        }
        index = archive.index("places", lookups.blob_of_place)
        self._copies = {
            Digest(one): None for one in index if isinstance(one, bytes) and len(index[one]) > 1
        }

    def _forget(self, touched: Iterable[Digest]) -> None:
        index = self._archive.index("places", lookups.blob_of_place)
        for one in touched:
            self._copies.pop(one, None)
            if len(index[one]) > 1:
                self._copies[one] = None
            group = self._group_of.pop(one, None)
            if group is not None:
                self._alike.pop(group, None)

    def _make(self, most: int) -> bool:
        """Makes what lines there are not; whether that was all of them."""
        gathering = Gathering(self._archive)
        alike: dict[Digest, _Made] = {}
        for group in self._archive.groups:
            key = group.members[0]
            made = self._alike.get(key)
            if made is None or made.group is not group:
                if not most:
                    return False
                most -= 1
                made = self._alike[key] = _Made(group, self._of_group(gathering, group))
                self._group_of.update(dict.fromkeys(group.members, key))
            alike[key] = made
        grouped = {one: key for key, made in alike.items() for one in made.group.members}
        self._alike, self._group_of = alike, grouped
        for one, line in self._copies.items():
            if line is None and one not in grouped:
                if not most:
                    return False
                most -= 1
                self._copies[one] = self._of_copies(gathering, one)
        self._lines = (
            *(made.line for made in alike.values()),
            *(
                line
                for one, line in self._copies.items()
                if line is not None and line.members > 1 and one not in grouped
            ),
        )
        return True

    def _of_group(self, gathering: Gathering, group: Group) -> SetLine:
        blobs = [self._archive.blobs[one] for one in group.members]
        places = [place for one in group.members for place in gathering.places(one)]
        return SetLine(
            key=group.members[0],
            kind=Kind.PERCEPTUAL,
            members=len(group.members),
            letters=Counter(group.verdicts.values()),
            needs_action=group.needs_action,
            certainty=_certainty(gathering, blobs, group),
            saves=saves(blobs, group.verdicts),
            album=self._first(gathering, places),
            newest=max(blob.added for blob in blobs),
            bytes=sum(blob.size for blob in blobs),
        )

    def _of_copies(self, gathering: Gathering, digest: Digest) -> SetLine | None:
        blob = self._archive.blobs.get(digest)
        if blob is None:
            return None
        places = gathering.places(digest)
        letters = Counter(place.verdict for place in places)
        return SetLine(
            key=digest,
            kind=Kind.EXACT,
            members=len(places),
            letters=letters,
            needs_action=letters[Verdict.NEW] > 0,
            certainty=1.0,
            saves=0,
            album=self._first(gathering, places),
            newest=max((place.added for place in places), default=0),
            bytes=blob.size,
        )

    def _first(self, gathering: Gathering, places: Iterable[Place]) -> tuple[str, ...]:
        """What the first of the places sorts by; and notes that a line rests on them."""
        found = []
        for place in places:
            assert place.holds is not None
            self._held[TABLES["places"].pack_key(place.key)] = place.holds
            order = gathering.album_order(place)
            found.append((*order, f"{place.position:010d}", place.image))
        return min(found, default=())


def _holders(before: Digest | None, row: Row | None) -> Iterable[Digest]:
    """The pictures that a place held and holds."""
    if before is not None:
        yield before
    if row is not None and row[_HOLDS] is not None:
        yield row[_HOLDS]


def _certainty(gathering: Gathering, blobs: Iterable[Blob], group: Group) -> float:
    """As the set's own page says, without all that this shows besides."""
    verdicts = group.verdicts
    probability = to_keeper(gathering.archive, group).probability
    if probability is not None:
        return probability
    by_size = sorted(blobs, key=comparison.size_order)
    looks = [gathering.looks(blob) for blob in by_size]
    alike = [verdicts[blob.digest] is not Verdict.FALSE for blob in by_size]
    if sum(alike) < 2:  # it keeps its place among the sets though nothing in it is alike
        alike = [True] * len(alike)
    least = 1.0
    for one, other in compared(by_size, verdicts):
        if alike[one] and alike[other]:
            known = _NOTHING
            if not (looks[one].hashes and looks[other].hashes):
                known = gathering.known(by_size[one].digest, by_size[other].digest)
            least = min(least, evidence.closeness(looks[one], looks[other], known))
    return least
