"""The fingerprint of one picture, for programs that only want that."""

from __future__ import annotations

from functools import cache
from typing import Any

from fapfav.images.cnn import ModelUnavailable, load_embedder
from fapfav.images.examine import Preparation, examine
from fapfav.jobs.model_in_use import DEFAULT, cache_folder
from fapfav.model import Fingerprint


def fingerprint(data: bytes, preparation: Preparation = "scaled") -> Fingerprint:
    """Four unsigned 64-bit hashes and the embedding of a picture's bytes.

    `cnn` is float32 of length 1 in the L2 norm, or None where the default model cannot be had.
    Hashes of the two preparations are not comparable. Raises BadPicture with the reason.
    """
    return examine(data, preparation, _default_embedder(), thumbnail=False).fingerprint


@cache
def _default_embedder() -> Any:
    try:
        return load_embedder(DEFAULT, cache_folder())
    except ModelUnavailable:
        return None
