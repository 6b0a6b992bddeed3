"""A search over hashes handed to an executor: the new ones in parts, each against all it has to be.

Arrays of numbers leave and places in them come back; who works on them learns of no picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor

import numpy as np

from fapfav.duplicates.alike import Flags, Indices
from fapfav.duplicates.hamming import Distances, Values, near_values
from fapfav.jobs.pipeline import in_order

_Job = tuple[int, Values, Values]
_Found = tuple[Indices, Indices, Distances]


def near_values_by(
    executor: Executor, values: Values, limit: int, fresh: Flags, parts: int = 4
) -> _Found:
    """As `duplicates.hamming.near_values`, exactly, with the work cut into so many parts.

    Part k of the fresh values is compared with itself, the parts after it and what is not fresh, so
    each pair is found once. Each part takes up to 8 bytes a value to whoever works on it.
    """
    news, olds = np.flatnonzero(fresh), np.flatnonzero(~fresh)
    pieces = [piece for piece in np.array_split(news, max(parts, 1)) if piece.size]
    rests = [np.concatenate([*pieces[at + 1 :], olds]) for at in range(len(pieces))]

    def jobs() -> Iterator[_Job]:
        for piece, rest in zip(pieces, rests, strict=True):
            yield limit, values[piece], values[rest]

    found: list[_Found] = [
        (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)),
    ]
    answers = in_order(executor, near_part, jobs(), ahead=max(parts, 1))
    for piece, rest, (a, b, distance) in zip(pieces, rests, answers, strict=True):
        places = np.concatenate([piece, rest])
        found.append((places[a], places[b], distance))
    a, b, distance = (np.concatenate(column) for column in zip(*found, strict=True))
    return a, b, distance


def near_part(job: _Job) -> _Found:
    """The pairs with one of the first array: places in both arrays, one after the other."""
    limit, part, rest = job
    both = np.concatenate([part, rest])
    return near_values(both, limit, np.arange(both.size) < part.size)
