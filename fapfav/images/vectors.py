"""Embeddings as they are kept: int8 rows with one float32 scale each.

A row stands for `scale * row`. Rounding to 127 steps of the largest value leaves a cosine of at
least .9999 for our models; the scale itself cancels out of every cosine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fapfav.errors import DamagedFile

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]

_STEPS = 127
_SCALE = np.dtype("<f4")


def quantize(vectors: Floats) -> tuple[Floats, Bytes]:
    """Scales (n,) and int8 rows (n, width) of vectors (n, width).

    Raises ValueError for values that are not finite. A row of zeros has scale 0.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("an embedding holds values that are not finite")
    # In double precision: the step of a tiny row would be no float32 that divides.
    largest = np.abs(vectors).max(axis=1, initial=0).astype(np.float64)
    steps = np.where(largest > 0, largest, 1.0) / _STEPS
    rows = np.rint(vectors / steps[:, None]).astype(np.int8)
    return (largest / _STEPS).astype(np.float32), rows


def restore(scales: Floats, rows: Bytes) -> Floats:
    """The vectors (n, width) that scales (n,) and int8 rows (n, width) stand for."""
    return rows.astype(np.float32) * scales[:, None].astype(np.float32)


def pack_vector(vector: Floats) -> bytes:
    """One vector (width,) as its little-endian float32 scale and width signed bytes."""
    scales, rows = quantize(vector[None])
    return scales.astype(_SCALE).tobytes() + rows.tobytes()


def unpack_vector(packed: bytes, width: int) -> Floats:
    """The vector (width,) that `pack_vector` wrote. Raises DamagedFile for any other bytes."""
    if len(packed) != _SCALE.itemsize + width:
        raise DamagedFile(f"an embedding of {len(packed)} bytes is not one of {width} values")
    scale = np.frombuffer(packed, _SCALE, 1)
    if not np.isfinite(scale).all() or scale[0] < 0:
        raise DamagedFile("an embedding's scale is not a number above 0")
    row = np.frombuffer(packed, np.int8, offset=_SCALE.itemsize)
    return row.astype(np.float32) * scale
