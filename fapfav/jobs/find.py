"""`duplicates find`: compares what is new with everything, and records which pairs are alike.

What is new is a table of its own, so that a search broken off, or never begun, is made up for by
the next. Changed limits or another model make everything new.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from fapfav.duplicates.find import How, Prints, find_pairs
from fapfav.duplicates.hamming import near_values
from fapfav.duplicates.verdicts import alone
from fapfav.jobs.base import Report, Stop, Tell, never_stop, tell_nobody
from fapfav.jobs.closer_look import VERSION, look_closer
from fapfav.jobs.handed_search import near_values_by
from fapfav.jobs.library import SEARCHED, Archive
from fapfav.model import Config, Digest, Pair, PlaceKey, PlaceState, Progress, Verdict
from fapfav.store import lookups
from fapfav.store.change import Change
from fapfav.store.tables import TABLES, Key, Row
from fapfav.store.transaction import Transaction

_PAIRS = 10_000  # a transaction
_HOLDS, _VERDICT = (
    [column.name for column in TABLES["places"].columns].index(name)
    for name in ("holds", "verdict")
)


@dataclass(frozen=True, slots=True)
class FindReport(Report):
    """What a search found; `groups` and `pictures_in_groups` count what there is now."""

    change: int
    new_pairs: int
    groups: int
    pictures_in_groups: int
    seconds: float


def find_duplicates(
    archive: Archive,
    *,
    again: bool = False,
    by: str = "cli",
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
    executor: Executor | None = None,
) -> FindReport:
    """Looks for duplicates of what is new, or with `again` among all pictures anew.

    Hashes are compared by the executor where there is one, and by the threads of this process else.
    """
    began = time.monotonic()
    archive.refresh()
    with archive.change("duplicates find", by=by) as change:
        pairs = find_into(archive, change, again=again, tell=tell, stop=stop, executor=executor)
        change.what = f"{pairs} new pairs"
    groups = archive.groups
    return FindReport(
        change=change.number,
        new_pairs=pairs,
        groups=len(groups),
        pictures_in_groups=sum(len(group.members) for group in groups),
        seconds=round(time.monotonic() - began, 3),
    )


def find_into(
    archive: Archive,
    change: Change,
    *,
    again: bool = False,
    tell: Tell = tell_nobody,
    stop: Stop = never_stop,
    executor: Executor | None = None,
) -> int:
    """Searches as part of a change; returns how many pairs are new."""
    now = searched(archive)  # what others set meanwhile is for the next search
    fresh, last = set(archive.fresh), archive.config(SEARCHED, None)
    # What a search depended on goes when it is undone; that somebody looked is known by the pairs.
    lost = last is None and any(pair.judged is not None for pair in archive.pairs.records())
    with_all = again or lost or last not in (None, now)
    if last is None and not with_all and len(fresh) < len(archive.blobs):
        now["look"] = 0  # nobody looked at the others, so their sets are as they were until then
    if not fresh and not with_all:
        return 0
    prints = archive.prints_now(vectors=True)
    new = np.ones(len(prints.digests), np.bool_) if with_all else prints.among(fresh)
    wide = bool(now["look"])
    if wide:
        prints = archive.with_turned(prints, new)
    regular, animated = archive.limits()
    stopped = False

    def watch(share: float) -> bool:
        nonlocal stopped
        tell(Progress("comparing", int(share * 100), 100))
        stopped = stopped or stop()
        return stopped

    near = near_values if executor is None else partial(near_values_by, executor)
    found = find_pairs(prints, regular, animated, new, watch, how=How(wide, near))
    if not stopped:
        tell(Progress("comparing", 100, 100))
    count = sum(_record(change, found[at : at + _PAIRS]) for at in range(0, len(found), _PAIRS))
    if wide and not stopped:
        seeds = None if with_all else fresh
        stopped = not look_closer(archive, change, prints, seeds, tell=tell, stop=stop)
    with change.transaction() as tx:
        if not stopped:
            tx.delete("fresh", *fresh)
            if archive.config(SEARCHED, None) != now:
                tx.put(Config(SEARCHED, now))
        _reset_single_places(archive, tx, prints)
    return count


def searched(archive: Archive) -> dict[str, Any]:
    """What a search depends on besides the pictures; `look` is 0 where it does not look closer."""
    regular, animated = archive.limits()
    return {
        "regular": asdict(regular),
        "animated": asdict(animated),
        "hashes": archive.preparation,
        "vectors": archive.vector_space,
        "look": VERSION if archive.looks_closer else 0,
    }


def _record(change: Change, pairs: Sequence[Pair]) -> int:
    """Writes pairs over older evidence of the same two; returns how many pass that had none."""
    count = 0
    with change.transaction() as tx:
        for pair in pairs:
            before = tx.pairs.get((pair.first, pair.second))  # type: ignore[call-overload]
            count += bool(pair.scores) and (before is None or not before.scores)
            judged = None if before is None else before.judged
            tx.put(replace(pair, judged=judged))
    return count


def _reset_single_places(archive: Archive, tx: Transaction, prints: Prints) -> None:
    """A picture with a single place has no copy to choose from."""
    marked = [Digest(key) for key in archive.index("places", marked_picture)]  # type: ignore[arg-type]
    if not marked:
        return
    index = archive.index("places", lookups.blob_of_place)
    for digest in marked:
        if prints.place_of(digest) is None:
            continue
        places = {p.key: p for p in tx.places.picked(index[digest])}
        shown: Mapping[PlaceKey, Verdict] = {
            key: place.verdict for key, place in places.items() if place.state is PlaceState.STORED
        }
        for key, verdict in alone(shown).items():
            tx.put(replace(places[key], verdict=verdict))


def marked_picture(_key: Key, row: Row) -> Iterable[Key]:
    """The picture of a place where a verdict stands, for an index of those."""
    return () if row[_VERDICT] is Verdict.NEW or row[_HOLDS] is None else (row[_HOLDS],)
