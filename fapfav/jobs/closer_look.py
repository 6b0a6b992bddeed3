"""The second half of a search: pairs that may be the same are looked at closely, and judged.

Every picture is tested against the keepers of the sets that its candidates are in, so as few pairs
as possible are looked at. What was found is written down with the pair, batch by batch; a search
that is broken off goes on from there. Since `duplicates.groups` makes its sets of the same rows, by
the same rule in the same order, it finds every pair judged that it asks for.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, combinations, starmap
from typing import Final

import numpy as np

from fapfav.duplicates import find, groups, keepers
from fapfav.duplicates.alike import FEW
from fapfav.duplicates.components import components
from fapfav.duplicates.crowds import crowds as crowds_of
from fapfav.duplicates.crowds import of_one_colour
from fapfav.duplicates.find import Bucket, Prints
from fapfav.duplicates.limits import Rule
from fapfav.duplicates.parallel import cores, products_alone
from fapfav.jobs.base import Pace, Stop, Tell
from fapfav.jobs.hanging_together import Part, hanging_together
from fapfav.jobs.library import Archive
from fapfav.jobs.look_process import WORTH, LookProcesses
from fapfav.jobs.looks import Looks, materials
from fapfav.jobs.two_looks import VERSION as _VERSION
from fapfav.jobs.two_looks import judged
from fapfav.model import Digest, Judged, Label, Pair, PairKey, pair_of
from fapfav.store.change import Change
from fapfav.store.tables import TABLES

VERSION: Final = _VERSION
"""Of the rules that judge: with others every pair is looked at anew."""

_BATCH: Final = 500  # pairs
_SECONDS: Final = 2.0  # from one commit to the next
_TICK: Final = 0.2  # seconds between looks at whether to stop
_GRACE: Final = 5.0  # seconds for pairs in hand, before the processes that judge them are ended
_THUMB_SIZE: Final = [column.name for column in TABLES["blobs"].columns].index("thumb_size")


_ROUNDS: Final = 3  # of asking what sets make worth asking; two that are the same make other sets

_PIECE: Final = 64  # pictures of a task, unless more hang together


class _Stopped(Exception):
    """Asked to stop in the middle of making sets."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Pictures that hang together with none but each other: sets are made of each piece alone."""

    near: Mapping[Digest, Sequence[Digest]]
    crowds: list[Sequence[Digest]]
    said: dict[PairKey, Label]


def look_closer(
    archive: Archive,
    change: Change,
    prints: Prints,
    new: Iterable[Digest] | None,
    *,
    tell: Tell,
    stop: Stop,
) -> bool:
    """Judges what sets rest on that hang together with new pictures, or all; whether to the end.

    Pieces are worked on by as many threads as there are cores. Where there is enough to do each has
    a process judge for it; which thread came first makes no difference to what is found.
    """
    rule = archive.rule()
    part = hanging_together(archive, prints, rule, new)
    here = archive.rows_of("blobs").__contains__
    rows, said = _known(part, here)
    small, crowds = _crowds(part.buckets, prints, rule, here)
    looker = _Looker(archive, prints, rows, said)
    rows |= looker.by_equal_hashes(small)
    ties = groups.evidence(rows, rule)
    # Kept as they are now: others may remove pictures while threads look.
    keys = {one: archive.order()(one) for one in {*chain(*rows, *crowds, *said)}}
    order = keys.__getitem__
    near = keepers.candidates(rows, order, lambda pair: keepers.strength_of(ties.get(pair)))
    journal = _Journal(change, looker.found)
    pace = Pace(tell, "looking closer", total=len(near))

    def work(piece: _Piece) -> int:
        with suppress(_Stopped):
            looker.look_at(piece, order)
        return len(piece.near)

    def tick(done: int) -> None:
        pace.step(done)
        journal.write()
        looker.stopped = looker.stopped or stop()

    many = cores()
    processes = looker.processes() if many > 1 and len(near) >= WORTH else nullcontext()
    try:
        # Processes end before the threads that started them.
        with products_alone(), ThreadPoolExecutor(many) as pool, processes:
            _share_out(pool, work, _pieces(near, crowds, said), looker, tick)
    finally:
        journal.write(at_once=True)
    return not looker.broken_off


def _share_out(
    pool: ThreadPoolExecutor,
    work: Callable[[_Piece], int],
    pieces: Iterable[_Piece],
    looker: _Looker,
    tick: Callable[[int], None],
) -> None:
    """Has threads work on pieces; meanwhile tells, again and again, how many pictures are done."""
    waiting: set[Future[int]] = set()
    try:
        for piece in pieces:
            waiting.add(pool.submit(work, piece))
        while waiting:
            done, waiting = wait(waiting, _TICK, FIRST_COMPLETED)
            tick(sum(each.result() for each in done))
    finally:
        looker.stopped = True  # whatever ended it: no thread goes on by itself
        for each in waiting:
            each.cancel()
        wait(waiting, _GRACE)


def _known(
    part: Part, here: Callable[[Digest], bool]
) -> tuple[dict[PairKey, Pair], dict[PairKey, Label]]:
    """What was recorded and what was said, of pictures that are there."""
    rows = {PairKey(p.first, p.second): p for p in part.pairs if here(p.first) and here(p.second)}
    said = {
        PairKey(each.first, each.second): each.label
        for each in part.decisions
        if here(each.first) and here(each.second)
    }
    return rows, said


def _crowds(
    buckets: Iterable[Bucket],
    prints: Prints,
    rule: Rule,
    present: Callable[[Digest], bool],
) -> tuple[list[PairKey], list[tuple[Digest, ...]]]:
    """Pictures that are candidates of each other since their hashes are equal: a few as pairs,
    which are tested as others are, many as crowds."""
    pairs: dict[PairKey, None] = {}
    crowds: list[tuple[Digest, ...]] = []
    for members in crowds_of(buckets, rule, present):
        if len(members) <= FEW:
            pairs.update(dict.fromkeys(starmap(pair_of, combinations(members, 2))))
        elif prints.colours is None:
            crowds.append(members)
        else:
            places = [bisect_left(prints.digests, one) for one in members]
            crowds.extend(of_one_colour(members, prints.colours[places]))
    return list(pairs), crowds


def _pieces(
    near: Mapping[Digest, Sequence[Digest]],
    crowds: Iterable[Sequence[Digest]],
    said: Mapping[PairKey, Label],
) -> Iterator[_Piece]:
    """What hangs together, in pieces of at least so many pictures."""
    crowds = list(crowds)
    numbers = {one: at for at, one in enumerate(sorted({*near, *chain(*crowds, *said)}))}
    ties = chain(
        ((one, other) for one, others in near.items() for other in others),
        ((crowd[0], other) for crowd in crowds for other in crowd),
        said,
    )
    both = np.array([(numbers[a], numbers[b]) for a, b in ties], np.int64).reshape(-1, 2)
    home = components(both[:, 0], both[:, 1], len(numbers))
    sizes = np.bincount(home, minlength=1)
    piece_of = np.cumsum(sizes) // _PIECE  # components stay whole, small ones go together
    found: dict[int, _Piece] = {}

    def piece(one: Digest) -> _Piece:
        number = int(piece_of[home[numbers[one]]])
        return found.setdefault(number, _Piece({}, [], {}))

    for one, others in near.items():
        piece(one).near[one] = others  # type: ignore[index]
    for crowd in crowds:
        piece(crowd[0]).crowds.append(crowd)
    for pair, label in said.items():
        piece(pair.first).said[pair] = label
    yield from found.values()


class _Looker:
    """Answers whether two pictures are the same; `found` gathers what it had to look at."""

    def __init__(
        self,
        archive: Archive,
        prints: Prints,
        rows: dict[PairKey, Pair],
        said: Mapping[PairKey, Label],
    ) -> None:
        self.found: deque[Pair] = deque()
        self.stopped = self.broken_off = False
        self._blobs = archive.rows_of("blobs")
        self._prints = prints
        self._rule = archive.rule()
        self._rows = rows
        self._said = said
        self._materials = partial(materials, archive)
        self._looks = Looks(self._materials)
        self._judge = self._here

    def processes(self) -> LookProcesses:
        """Those that judge from now on, for every thread one."""
        processes = LookProcesses(self._materials, self._here)
        self._judge = processes.judge
        return processes

    def _here(self, pair: PairKey) -> Judged:
        return judge(self._looks, pair)

    def look_at(self, piece: _Piece, order: keepers.Order) -> None:
        """Asks all that sets of these pictures rest on, and then what sets make worth asking."""
        near = piece.near
        for _ in range(_ROUNDS):
            found = keepers.keepers(near, piece.crowds, piece.said, order, self.is_same)
            asked = keepers.more_to_ask(near, order, found)
            same = [pair for pair in asked if self.is_same(*pair, by_sets=True)]
            if not same:
                return
            near = keepers.with_more(near, same)

    def is_same(self, one: Digest, other: Digest, *, by_sets: bool = False) -> bool:
        """By what the user said, by an earlier look, or by a look now.

        What the prints alone do not make likely is looked at only if sets do.
        """
        if self.stopped:
            self.broken_off = True
            raise _Stopped
        pair = pair_of(one, other)
        label = self._said.get(pair)
        if label is not None:
            return label is Label.SAME
        row = self._rows.get(pair)
        before = None if row is None else row.judged
        if before is not None and before.version == VERSION:
            return before.label is Label.SAME
        if row is None:
            found = self._of_prints([pair])
            if not found or not (by_sets or found[0][1]):
                return False
            row = found[0][0]
        judged = self._judge(pair)
        self._rows[pair] = row = replace(row, judged=judged)
        if judged != before:
            self.found.append(row)
        if judged.version == keepers.BLIND:
            return pair in groups.evidence({pair: row}, self._rule)
        return judged.label is Label.SAME

    def by_equal_hashes(self, pairs: Iterable[PairKey]) -> dict[PairKey, Pair]:
        """Those of pairs with equal hashes that are worth a look, and have no row yet.

        Others that pass the limits get a row, so that they can be seen.
        """
        kept: dict[PairKey, Pair] = {}
        for row, is_likely in self._of_prints([pair for pair in pairs if pair not in self._rows]):
            pair = PairKey(row.first, row.second)
            if is_likely:
                kept[pair] = row
            elif groups.evidence({pair: row}, self._rule):
                self.found.append(row)
        return kept

    def _of_prints(self, pairs: Sequence[PairKey]) -> list[tuple[Pair, bool]]:
        """What the prints say of pairs that have some, and whether a look is worth it."""
        digests, blobs = self._prints.digests, self._blobs
        places = [[bisect_left(digests, one) for one in pair] for pair in pairs]
        known = [
            both
            for both, pair in zip(places, pairs, strict=True)
            if all(
                at < len(digests) and digests[at] == one and one in blobs
                for at, one in zip(both, pair, strict=True)
            )
        ]
        i, j = np.array(known, np.int64).reshape(-1, 2).T
        limits = self._rule.regular, self._rule.animated
        rows = find.scored(self._prints, limits, i, j, np.ones(i.size, np.bool_))
        likely = find.likely(self._prints, i, j).tolist()
        return [
            (row, is_likely or not (self._seen(row.first) and self._seen(row.second)))
            for row, is_likely in zip(rows, likely, strict=True)
        ]

    def _seen(self, one: Digest) -> bool:
        """Whether it has a thumbnail."""
        row = self._blobs.get(one)
        return row is not None and bool(row[_THUMB_SIZE])


class _Journal:
    """Writes down what was found, a batch at a time."""

    def __init__(self, change: Change, found: deque[Pair]) -> None:
        self._change = change
        self._found = found
        self._written = time.monotonic()

    def write(self, *, at_once: bool = False) -> None:
        """Commits, if it is time to, the pairs of pictures that are still there."""
        late = time.monotonic() - self._written >= _SECONDS
        if not self._found or not (at_once or late or len(self._found) >= _BATCH):
            return
        rows = [self._found.popleft() for _ in range(len(self._found))]
        with self._change.transaction() as tx:
            tx.put(*(p for p in rows if p.first in tx.blobs and p.second in tx.blobs))
        self._written = time.monotonic()


def judge(looks: Looks, pair: PairKey) -> Judged:
    """What the second of a pair is to the first, in this process."""
    first, second = (looks.of(one) for one in pair)
    return judged(first, second)
