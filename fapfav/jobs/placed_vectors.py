"""Where the embeddings of a frame belong among pictures that are sorted by digest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fapfav.duplicates.alike import Indices
from fapfav.duplicates.cosine import Rows
from fapfav.duplicates.find import Prints
from fapfav.store.vectors import decode_block


@dataclass(frozen=True, slots=True)
class Placed:
    """Embeddings of one space with the numbers of their pictures: all are (k,) or (k, width)."""

    space: str
    places: Indices
    rows: Rows
    scales: NDArray[np.float32]


class Placer:
    """Looks up the digests of whole frames at once; several threads may ask it."""

    def __init__(self, prints: Prints) -> None:
        self._prints = prints
        self._parts = _numbers(b"".join(prints.digests))
        self._heads = np.ascontiguousarray(self._parts[:, 0])

    def placed(self, payload: bytes) -> Placed:
        """The embeddings in a frame's payload, of these pictures. Raises DamagedArchive."""
        block = decode_block(payload)
        theirs = _numbers(b"".join(block.digests))
        where = np.searchsorted(self._heads, theirs[:, 0])
        where[where == len(self._heads)] = 0
        known = np.zeros(where.size, np.bool_)
        if len(self._heads):
            known = (self._parts[where] == theirs).all(axis=1)
        for at in np.flatnonzero(~known).tolist():  # it begins as another does, or is not there
            place = self._prints.place_of(block.digests[at])
            if place is not None:
                where[at], known[at] = place, True
        if known.all():
            return Placed(block.space, where, block.rows, block.scales)
        return Placed(block.space, where[known], block.rows[known], block.scales[known])


def _numbers(raw: bytes) -> NDArray[np.uint64]:
    """Digests as four numbers each (n, 4), that sort as they do."""
    return np.frombuffer(raw, ">u8").reshape(-1, 4).astype(np.uint64)
