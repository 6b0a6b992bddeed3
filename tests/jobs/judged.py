"""Archives in which the score and the verdict of every pair are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive
from fapfav.jobs.review import set_limits
from fapfav.model import Blob, Config, Decision, Digest, Label, Method, Print, Space, pair_of
from tests.jobs.alike import SPACE, digest, hashes
from tests.support import new_archive

VECTORS = "vectors/test"
WIDTH = 64


@dataclass(frozen=True, slots=True)
class Pairs:
    """So many pairs with nothing in common, all so many bits apart by each hash.

    With `between` each has a third picture so many bits from the first, that nothing is said of.
    """

    count: int
    bits: Sequence[int]
    label: Label | None
    moving: bool = False
    cosine: float | None = None
    between: Sequence[int] = ()


def apart(count: int, percept: int, label: Label | None, **more: Any) -> Pairs:
    """Pairs that only percept can find."""
    return Pairs(count, (percept, 20, 20, 20), label, **more)


USUAL = (
    apart(60, 2, Label.SAME),
    apart(30, 5, Label.SAME),
    apart(11, 6, Label.SAME),
    apart(5, 6, None),
    apart(3, 9, None),
    Pairs(4, (20, 20, 2, 20), Label.SAME),
    apart(3, 1, Label.SAME, moving=True),
    apart(1, 2, Label.RELATED, moving=True),
)
"""For percept 6 speaks as much as it takes, for percept 9 nothing. Eight were not judged."""


def made(path: Path, pairs: Iterable[Pairs] = USUAL, *, sealed: bool = True) -> Archive:
    """An archive of such pairs: found when percept was 6, judged, and set back to 4 since.

    Of prints alone, so there is nothing to look at closely.
    """
    archive = new_archive(path, sealed=sealed)
    kind = 0
    with archive.write("read") as tx:
        tx.put(Config("preparation", "scaled"))
        tx.put(Space(SPACE, "bits", 256, "u8", "", "scaled", "1", 1))
        for some in pairs:
            for _ in range(some.count):
                kind += 1
                _put(tx, kind, some)
    if any(some.cosine is not None for some in pairs):
        _embed(archive, pairs)
    set_limits(archive, {Method.PERCEPT: 6}, {Method.PERCEPT: 3}, closer=False)
    find_duplicates(archive, again=True)
    set_limits(archive, {Method.PERCEPT: 4}, {Method.PERCEPT: 3})
    return archive


def two(kind: int) -> tuple[Digest, Digest]:
    """The two pictures of a pair."""
    return digest(2 * kind), digest(2 * kind + 1)


def _put(tx: Any, kind: int, some: Pairs) -> None:
    pictures = [*zip(two(kind), ((), some.bits), strict=True)]
    pictures += [(digest(-kind), some.between)] if some.between else []
    for one, bits in pictures:
        facts = (1000, "jpg", 600, 400, some.moving, 1 + some.moving, 0, 1, 90)
        tx.put(Blob(one, *facts, one[:16], 0, "", 7, 8), Print(SPACE, one, hashes(kind, bits)))
    if some.label is not None:
        tx.put(Decision(*pair_of(*two(kind)), some.label, tx.now, tx.number))


def _embed(archive: Archive, pairs: Iterable[Pairs]) -> None:
    """Gives the pairs that have a cosine embeddings with it, and sets a limit for these."""
    rng = np.random.default_rng(3)
    digests: list[Digest] = []
    rows: list[Any] = []
    kind = 0
    for some in pairs:
        for _ in range(some.count):
            kind += 1
            if some.cosine is None:
                continue
            first, other = np.linalg.qr(rng.normal(size=(WIDTH, 2)))[0].T
            second = some.cosine * first + np.sqrt(1 - some.cosine**2) * other
            digests += two(kind)
            rows += [first, second]
    values = np.round(np.array(rows) * 127 / np.abs(rows).max(1, keepdims=True)).astype(np.int8)
    with archive.write("read") as tx:
        tx.put(Space(VECTORS, "vector", WIDTH, "i8", "test", "scaled", "1", 1))
        tx.put(Config("vector_space", VECTORS))
        tx.put(Config("limits_regular", {"cnn": {VECTORS: 0.95}}))
        tx.put(Config("limits_animated", {"cnn": {VECTORS: 0.97}}))
        tx.add_vectors(VECTORS, digests, np.ones(len(rows), np.float32), values)
