"""The words and keys every part speaks with: digests, methods, labels, verdicts, places, pairs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple, NewType

from fapfav.errors import UsageError

Digest = NewType("Digest", bytes)
"""SHA-256 of a picture's bytes: what a blob is known by."""

EXTENSIONS = ("jpg", "png", "gif", "bmp", "tif", "webp", "avif", "mpo")
"""True types a blob can have; the only text besides a digest that becomes part of a file name."""


def digest_of(text: str | bytes) -> Digest:
    """A digest from its 32 bytes or its 64 hex digits.

    Raises UsageError for anything else, so that a mistyped digest is named.
    """
    if isinstance(text, bytes):
        if len(text) == 32:
            return Digest(text)
    elif re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return Digest(bytes.fromhex(text))
    raise UsageError(f"{text!r} is no digest: it takes 64 hex digits")


class Method(StrEnum):
    """A way to find two pictures alike."""

    PERCEPT = "percept"
    AVERAGE = "average"
    DIFF = "diff"
    WAVELET = "wavelet"
    CNN = "cnn"


HASHES = (Method.PERCEPT, Method.AVERAGE, Method.DIFF, Method.WAVELET)
"""The four 64-bit hashes, in the order they are stored in."""


class Label(StrEnum):
    """What the user said of a pair."""

    SAME = "same"
    RELATED = "related"
    DIFFERENT = "different"


class Judged(NamedTuple):
    """What a closer look found the second picture of a pair to be to the first.

    `probability` is of `label`, `reason` in words, `transform` what is not as it was, by name:
    orientation, zoom, shift, gain. `version` is of the rules that judged.
    """

    label: Label
    probability: float
    reason: str
    transform: Mapping[str, Any]
    version: int


class Choice(StrEnum):
    """What the user said of a blob within its duplicates."""

    KEEP = "keep"
    SKIP = "skip"


class Verdict(StrEnum):
    """What is shown for a group's member; for a place of an exact copy all but FALSE."""

    NEW = "new"
    FALSE = "false"
    KEEP = "keep"
    SKIP = "skip"


class PlaceState(StrEnum):
    """Where the picture of a place is on its way into the archive."""

    WANTED = "wanted"
    STORED = "stored"
    FAILED = "failed"
    REMOVED = "removed"


class UserKey(NamedTuple):
    """A source's account."""

    source: str
    user: str


class AlbumKey(NamedTuple):
    """One album of a user."""

    source: str
    user: str
    album: str


class PlaceKey(NamedTuple):
    """One place a picture was seen at."""

    source: str
    user: str
    album: str
    image: str


class PairKey(NamedTuple):
    """Two blobs; `first < second`, so that a pair has one spelling."""

    first: Digest
    second: Digest


def pair_of(one: Digest, other: Digest) -> PairKey:
    """The one spelling of a pair."""
    return PairKey(one, other) if one < other else PairKey(other, one)
