"""What each method makes of the labelled pictures: pairs that it accepts, at each of its limits.

Our four hashes and the embedding one by one, the default limits of all together as `duplicates
find` applies them, the second stage where there is one, and the hashes of other libraries.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.dataset import Dataset
from benchmarks.quality.score import PairsOf
from benchmarks.quality.stage import Stage, look_at
from fapfav.duplicates.candidates import (
    FRAMED,
    TURNED,
    WIDE,
    points,
    worth_a_look,
    worth_unframed,
)
from fapfav.duplicates.find import Prints, equal_buckets, find_pairs
from fapfav.duplicates.limits import with_cnn
from fapfav.duplicates.parallel import products_alone
from fapfav.duplicates.stars import passed_over, stars
from fapfav.images import hashes
from fapfav.images.cnn import load_embedder
from fapfav.images.embedder import Embedder
from fapfav.images.examine import examine
from fapfav.images.vectors import quantize
from fapfav.model import HASHES, Digest, Label
from fapfav.relation.inner import shown

Bits = NDArray[np.uint64]
Vectors = NDArray[np.float32]

HASH_LIMITS: Final = (0, 1, 2, 4, 6, 8, 10, 12)
COSINES: Final = (0.99, 0.97, 0.95, 0.93, 0.9, 0.85, 0.8)
PARITY: Final = Path(".venv-parity/bin/python")
_BLOCK: Final = 1024
_TRAITS: Final = 3
"""Raised when traits hold something else: kept ones are then made anew."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What our methods compare: uint64 (n, 4), float32 (n, width) and, (n,) each, more."""

    hashes: Bits
    turned: Bits  # the first hash of the seven other orientations, (n, 7)
    inner: Bits  # the first hash of what is inside of a border or frame, (n,)
    vectors: Vectors
    animated: NDArray[np.bool_]
    pixels: NDArray[np.int64]
    limits: tuple[float, float]  # the model's cosines for stills and for animations


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a method at one setting accepts; with processor `seconds` and how many were `tested`
    where pairs were looked at."""

    method: str
    setting: str
    pairs: PairsOf
    related: PairsOf | None = None
    seconds: float = 0.0
    tested: int = 0


def traits_of(dataset: Dataset, models: Path, say: Callable[[str], None]) -> Traits:
    """The prints of every picture, made once and kept beside the pictures."""
    embed = load_embedder("lite0", models, threads=1)
    index = (dataset.folder / "index.json").read_bytes()
    told = hashlib.sha256(f"{_TRAITS} {embed.space} ".encode() + index)
    kept = dataset.folder / f"traits-{told.hexdigest()[:12]}.npz"
    limits = embed.info.limit_regular, embed.info.limit_animated
    if not kept.exists():
        say(f"fingerprinting {len(dataset.entries):,} pictures")
        rows = [_examined(dataset.path(number), embed) for number in range(len(dataset.entries))]
        half = kept.with_suffix(".part.npz")
        np.savez(
            half,
            hashes=np.array([row.hashes for row in rows], np.uint64),
            turned=np.array([row.turned for row in rows], np.uint64),
            inner=np.array([row.inner for row in rows], np.uint64),
            vectors=np.stack([row.vector for row in rows]),
            animated=np.array([row.animated for row in rows]),
            pixels=np.array([row.pixels for row in rows], np.int64),
        )
        half.replace(kept)
    with np.load(kept) as found:
        return Traits(
            hashes=found["hashes"],
            turned=found["turned"],
            inner=found["inner"],
            vectors=found["vectors"],
            animated=found["animated"],
            pixels=found["pixels"],
            limits=limits,
        )


class _Row(NamedTuple):
    hashes: list[int]
    turned: tuple[int, ...]
    inner: int
    vector: Vectors
    animated: bool
    pixels: int


def _examined(path: Path, embed: Embedder) -> _Row:
    data = path.read_bytes()
    found = examine(data, embed=embed)
    prints = found.fingerprint
    assert prints.cnn is not None
    values = [getattr(prints, method.value) for method in HASHES]
    inner = hashes.percept(shown(look_at(found, data).traits.luma))
    pixels = found.width * found.height
    return _Row(values, found.turned, inner, prints.cnn, found.animated, pixels)


def near_hashes(values: Bits, limit: int, usable: NDArray[np.bool_] | None = None) -> PairsOf:
    """Pairs i < j of 64-bit values (n,) that differ in at most so many bits."""
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        near = np.bitwise_count(block[:, None] ^ values[None, start:]) <= limit
        found.append(_upper(near, start))
    pairs = np.concatenate(found)
    return pairs if usable is None else pairs[usable[pairs].all(axis=1)]


def near_vectors(vectors: Vectors, least: float) -> PairsOf:
    """Pairs i < j of unit vectors (n, width) with at least such a cosine."""
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK] @ vectors[start:].T
        found.append(_upper(np.round(cosines, 4) >= least, start))
    return np.concatenate(found)


def _upper(near: NDArray[np.bool_], start: int) -> PairsOf:
    """Places above the diagonal of a block of rows, whose columns begin at its first row."""
    i, j = np.nonzero(np.triu(near, 1))
    return np.stack([i + start, j + start], axis=1).astype(np.int64)


def single(traits: Traits) -> Iterator[Accepted]:
    """Each hash and the embedding, at each of its limits."""
    for column, method in enumerate(HASHES):
        for limit in HASH_LIMITS:
            pairs = near_hashes(traits.hashes[:, column], limit)
            yield Accepted(f"our {method.value}", f"<= {limit}", pairs)
    for least in COSINES:
        yield Accepted("our embedding", f">= {least}", near_vectors(traits.vectors, least))


def default(traits: Traits) -> Accepted:
    """What the product's own search ties with its default limits, any one method sufficing."""
    count = len(traits.animated)
    digests = [Digest(number.to_bytes(32, "big")) for number in range(count)]
    scales, rows = quantize(traits.vectors)
    has: NDArray[np.bool_] = np.abs(traits.vectors).max(axis=1) > 0
    prints = Prints(digests, traits.hashes, traits.animated, rows, scales, has)
    limits = with_cnn(*traits.limits)
    found = find_pairs(prints, *limits, np.ones(count, np.bool_))
    pairs = [(_number(pair.first), _number(pair.second)) for pair in found]
    for bucket in equal_buckets(prints, *limits):
        pairs += [(_number(bucket.members[0]), _number(one)) for one in bucket.members[1:]]
    return Accepted("our default limits", "any method", _array(pairs))


def _number(digest: Digest) -> int:
    return int.from_bytes(digest, "big")


def wide(traits: Traits) -> PairsOf:
    """Pairs within the wide limits of any method; once each, i < j."""
    found = [near_vectors(traits.vectors, WIDE.cnn)]
    for column, method in enumerate(HASHES):
        found.append(near_hashes(traits.hashes[:, column], int(WIDE.of(method))))
    return _once(found, len(traits.animated))


def candidates(traits: Traits) -> PairsOf:
    """Pairs that the second stage may be asked about; once each, i < j.

    Of those within the wide limits the likely ones, and all that are alike turned or without what
    is around them.
    """
    pairs = wide(traits)
    apart = points(*_measured(traits, pairs))
    found = [pairs[worth_a_look(pairs[:, 0], pairs[:, 1], apart)]]
    whole = traits.hashes[:, 0]
    for column in range(traits.turned.shape[1]):
        found.append(_near_between(whole, traits.turned[:, column], TURNED))
    found.append(_framed(traits))
    return _once(found, len(traits.animated))


def _framed(traits: Traits) -> PairsOf:
    """Pairs that are alike without what is around one of them or both."""
    whole, inner = traits.hashes[:, 0], traits.inner
    near = [near_hashes(inner, FRAMED), _near_between(whole, inner, FRAMED)]
    pairs = _once(near, len(traits.animated))
    one, other = pairs[:, 0], pairs[:, 1]
    framed = (inner[one] != whole[one]) | (inner[other] != whole[other])
    ways = ((inner[one], whole[other]), (whole[one], inner[other]), (inner[one], inner[other]))
    bits = np.min([np.bitwise_count(a ^ b) for a, b in ways], axis=0)
    cosines = np.asarray(_cosines(traits, pairs), np.float64)
    kept = pairs[framed]
    worth = worth_unframed(kept[:, 0], kept[:, 1], bits[framed], cosines[framed])
    found: PairsOf = kept[worth]
    return found


def _measured(traits: Traits, pairs: PairsOf) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """What `points` asks of pairs: distances and cosines."""
    one, other = pairs[:, 0], pairs[:, 1]
    distances = np.bitwise_count(traits.hashes[one] ^ traits.hashes[other]).astype(np.uint8)
    return distances, np.asarray(np.round(_cosines(traits, pairs), 4), np.float64)


def _cosines(traits: Traits, pairs: PairsOf) -> Vectors:
    vectors = traits.vectors
    spans = [pairs[start : start + _BLOCK] for start in range(0, max(len(pairs), 1), _BLOCK)]
    return np.concatenate(
        [np.einsum("ij,ij->i", vectors[few[:, 0]], vectors[few[:, 1]]) for few in spans]
    )


def _once(found: Sequence[PairsOf], count: int) -> PairsOf:
    codes = np.unique(np.concatenate([pairs[:, 0] * count + pairs[:, 1] for pairs in found]))
    return np.stack(np.divmod(codes, count), axis=1)


def _near_between(values: Bits, turned: Bits, limit: int) -> PairsOf:
    """Pairs i < j of which one as it is and the other turned differ in at most so many bits."""
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        i, j = np.nonzero(np.bitwise_count(block[:, None] ^ turned[None]) <= limit)
        pairs = np.stack([i + start, j], axis=1)
        found.append(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1))
    return np.concatenate(found)


def ours(dataset: Dataset, traits: Traits, pairs: PairsOf, stage: Stage) -> Accepted:
    """What the second stage says when every picture is tested against the keepers of sets.

    Pictures come from the largest on, candidates from the most alike on.
    """
    known = [stage.traits(dataset.path(number)) for number in range(len(dataset.entries))]
    said: dict[Label, list[tuple[int, int]]] = {label: [] for label in Label}

    def is_same(keeper: int, one: int) -> bool:
        label = stage.relation(known[keeper], known[one]).label
        said[label].append((keeper, one))
        return label is Label.SAME

    started = time.process_time()
    order, near = np.argsort(-traits.pixels, kind="stable").tolist(), _partners(traits, pairs)
    with products_alone():  # as a search does
        for pair in passed_over(order, near, stars(order, near, is_same)):
            is_same(*pair)
    seconds = time.process_time() - started
    tested = sum(len(each) for each in said.values())
    same, related = _array(said[Label.SAME]), _array(said[Label.RELATED])
    return Accepted("ours", "second stage", same, related, seconds, tested)


def _array(pairs: list[tuple[int, int]]) -> PairsOf:
    return np.array(pairs, np.int64).reshape(-1, 2)


def _partners(traits: Traits, pairs: PairsOf) -> dict[int, list[int]]:
    """By picture, the others it is a candidate with, nearest by the embedding first."""
    one, other = pairs[:, 0], pairs[:, 1]
    cosines = _cosines(traits, pairs)
    found: dict[int, list[int]] = {}
    for place in np.argsort(-cosines, kind="stable").tolist():
        i, j = int(one[place]), int(other[place])
        found.setdefault(i, []).append(j)
        found.setdefault(j, []).append(i)
    return found


@dataclass(frozen=True, slots=True)
class Peers:
    """What other libraries accept, and in words what is missing."""

    accepted: Iterable[Accepted]
    missing: Sequence[str]


def peers(dataset: Dataset, say: Callable[[str], None]) -> Peers:
    """The hashes of imagededup and imagehash at each limit, made in an environment of their own."""
    unmeasured = ["imagededup's network: its weights are downloaded when it is first used"]
    if not PARITY.exists():
        return Peers((), ["imagededup, imagehash: `make .venv-parity` was not run", *unmeasured])
    answer = _answer(dataset, say)
    missing = [f"{name}: {why}" for name, why in answer["missing"].items()]
    for name, texts in answer["hashes"].items():
        if untaken := texts.count(None):
            missing.append(f"{name}: {untaken:,} pictures not taken")
    return Peers(_of_peers(answer["hashes"]), missing + unmeasured)


def _of_peers(found: dict[str, list[str | None]]) -> Iterator[Accepted]:
    """Every hash at every limit; what a library does not take is in no pair."""
    for name, texts in found.items():
        usable = np.array([text is not None for text in texts])
        values = np.array([int(text or "0", 16) for text in texts], np.uint64)
        for limit in HASH_LIMITS:
            yield Accepted(name, f"<= {limit}", near_hashes(values, limit, usable))


def _answer(dataset: Dataset, say: Callable[[str], None]) -> dict[str, Any]:
    """What `peer` says, kept beside the pictures."""
    told = hashlib.sha256((dataset.folder / "index.json").read_bytes()).hexdigest()[:12]
    kept = dataset.folder / f"peers-{told}.json"
    if not kept.exists():
        say("asking imagededup and imagehash")
        paths = [str(dataset.path(number).resolve()) for number in range(len(dataset.entries))]
        done = subprocess.run(
            [str(PARITY), "-m", "benchmarks.quality.peer"],
            input=json.dumps(paths),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return {"hashes": {}, "missing": {"peers": done.stderr.strip()[-300:]}}
        kept.write_text(done.stdout)
    answer: dict[str, Any] = json.loads(kept.read_text())
    return answer
