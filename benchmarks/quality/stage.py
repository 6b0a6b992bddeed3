"""The second stage as the benchmark plugs it in: a file to a look, two looks to a label.

A look is made of the thumbnail that the product stores, as the product does it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.images.examine import Examined, examine
from fapfav.jobs.looks import Look, look_of
from fapfav.model import Blob, Digest, Label
from fapfav.relation.closer import closer
from fapfav.relation.judge import relation


@dataclass(frozen=True, slots=True)
class Told:
    """What the stage says of a pair; `reason` in words."""

    label: Label
    probability: float
    reason: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is kept of a picture, made of its file; what two of them are to each other."""

    traits: Callable[[Path], Any]
    relation: Callable[[Any, Any], Told]


def second_stage() -> Stage:
    """The product's own."""
    return Stage(lambda path: look_at(examine(data := path.read_bytes()), data), told)


def look_at(found: Examined, data: bytes) -> Look:
    """The look of a picture: of its thumbnail, or of its file where it has none."""
    return look_of(found.thumb or data, _blob(found, data))


def told(one: Look, other: Look) -> Told:
    """What `other` is to `one`, by its traits and where these leave a doubt by a closer look."""
    found = relation(one.traits, other.traits)
    if found.doubtful:
        found = closer(one.close(), other.close(), found)
    return Told(found.kind, found.probability, found.reason)


def _blob(found: Examined, data: bytes) -> Blob:
    """The facts that a look needs; of the others nothing is known."""
    return Blob(
        digest=Digest(bytes(32)),
        size=len(data),
        ext=found.ext,
        width=found.width,
        height=found.height,
        animated=found.animated,
        frames=found.frames,
        duration=found.duration,
        orientation=found.orientation,
        quality=found.quality,
        md5=bytes(16),
        thumb_size=len(found.thumb),
        thumb_ext=found.thumb_ext,
        added=0,
        date=0,
    )
