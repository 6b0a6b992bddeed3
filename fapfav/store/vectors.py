"""Embeddings on disk: int8 rows with one float32 scale each, many to a frame.

They lie in frames of their own, so that opening an archive, tagging and browsing never read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fapfav.errors import DamagedArchive
from fapfav.model import Digest
from fapfav.store import values

_ROWS = 4096
_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Vectors:
    """The embeddings of one space: row i is scales[i] * rows[i], shapes (n,) and (n, width)."""

    digests: tuple[Digest, ...]
    scales: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int8]


def encode_vectors(
    space: str,
    digests: Sequence[Digest],
    scales: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int8],
) -> Iterator[bytes]:
    """The payloads of their frames."""
    step = max(1, min(_ROWS, _BYTES // max(1, rows.shape[1])))
    for at in range(0, len(digests), step):
        part = slice(at, at + step)
        yield values.encode(
            {
                "space": space,
                "width": int(rows.shape[1]),
                "digests": b"".join(digests[part]),
                "scales": scales[part].astype("<f4").tobytes(),
                "rows": np.ascontiguousarray(rows[part], np.int8).tobytes(),
            }
        )


@dataclass(frozen=True, slots=True)
class Block:
    """One frame's embeddings."""

    space: str
    digests: tuple[Digest, ...]
    scales: npt.NDArray[np.float32]
    rows: npt.NDArray[np.int8]


def decode_block(payload: bytes) -> Block:
    """The embeddings in a payload, checked. Raises DamagedArchive."""
    block = values.decode(payload)
    try:
        space, width = _typed(block["space"], str), _typed(block["width"], int)
        raw = [_typed(block[name], bytes) for name in ("digests", "scales", "rows")]
        count = len(raw[0]) // 32
        if len(block) != 5 or not 0 < width <= 65_536:
            raise ValueError
        if (len(raw[0]), len(raw[1]), len(raw[2])) != (32 * count, 4 * count, width * count):
            raise ValueError
    except (TypeError, KeyError, ValueError):
        raise DamagedArchive("the database holds embeddings that are not well formed") from None
    digests = tuple(Digest(raw[0][at : at + 32]) for at in range(0, len(raw[0]), 32))
    scales = np.frombuffer(raw[1], "<f4").astype(np.float32)
    if not np.isfinite(scales).all():
        raise DamagedArchive("the database holds embeddings that are not finite")
    return Block(space, digests, scales, np.frombuffer(raw[2], np.int8).reshape(count, width))


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise ValueError
    return value


def alive(block: Block, is_alive: npt.NDArray[np.bool_]) -> Iterator[bytes]:
    """Payloads of the rows that are alive, for a compaction that drops the others."""
    kept = [digest for digest, keep in zip(block.digests, is_alive, strict=True) if keep]
    if kept:
        yield from encode_vectors(block.space, kept, block.scales[is_alive], block.rows[is_alive])


def gather(
    space: str,
    width: int,
    blocks: Iterable[tuple[int, Block]],
    is_alive: Callable[[Digest], bool],
) -> Vectors:
    """The live rows of one space out of (sequence, block) in order; a later replaces an earlier."""
    wanted = [block for _, block in blocks if block.space == space]
    if any(block.rows.shape[1] != width for block in wanted):  # before there is room made for it
        raise DamagedArchive(f"the database holds embeddings of two widths in {space}")
    total = sum(len(block.digests) for block in wanted)
    rows, scales = np.empty((total, width), np.int8), np.empty(total, np.float32)
    at: dict[Digest, int] = {}
    for block in wanted:
        kept = [i for i, digest in enumerate(block.digests) if is_alive(digest)]
        where = [at.setdefault(block.digests[i], len(at)) for i in kept]
        rows[where], scales[where] = block.rows[kept], block.scales[kept]
    return Vectors(tuple(at), scales[: len(at)], rows[: len(at)])
