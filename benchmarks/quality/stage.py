"""The second stage as the benchmark plugs it in: a file to traits, two traits to a label.

Everything of `fapfav.relation` is imported when it is asked for, so the other methods are measured
without it too.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from fapfav.images.decode import Decoded, decode
from fapfav.images.preparation import as_rgb, with_alpha
from fapfav.model import Label


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """The product's traits of a picture, and where its file lies for the closest look."""

    path: Path
    traits: Any


def second_stage() -> Stage | None:
    """The product's own, or None where there is none."""
    if find_spec("fapfav.relation") is None or find_spec("fapfav.relation.closer") is None:
        return None
    from fapfav.relation.closer import closer
    from fapfav.relation.judge import relation

    def told(one: _Seen, other: _Seen) -> Told:
        found = relation(one.traits, other.traits)
        if found.doubtful:
            found = closer(_close(one.path), _close(other.path), found)
        return Told(found.kind, found.probability, found.reason)

    return Stage(lambda path: _Seen(path, _traits(path.read_bytes())), told)


def _close(path: Path) -> Any:
    """The larger luma of a file; a picture that decodes too small at scale is decoded whole."""
    from fapfav.relation.picture import CLOSE_SIDE, close_luma

    data = path.read_bytes()
    with decode(data, "scaled") as decoded:
        stored = min(decoded.facts.width, decoded.facts.height)
        if min(decoded.image.size) >= min(CLOSE_SIDE, stored):
            return close_luma(_upright(decoded))
    with decode(data, "exact") as decoded:
        return close_luma(_upright(decoded))


def _upright(decoded: Decoded) -> Image.Image:
    image = with_alpha(decoded.image) or as_rgb(decoded.image)
    image.getexif()[0x0112] = decoded.turn
    return ImageOps.exif_transpose(image)


def _traits(data: bytes) -> Any:
    """The traits of a file's first frame, and of twelve frames where it is animated."""
    from fapfav.relation.picture import frame_times, traits_of

    with decode(data, "scaled") as decoded:
        facts = decoded.facts
        image = _upright(decoded)
        turned = facts.orientation > 4
        size = (facts.height, facts.width) if turned else (facts.width, facts.height)
        if not facts.animated:
            return traits_of(image, size)
        frames = _frames(data, [decoded.first + at for at in frame_times(facts.durations)])
        return traits_of(image, size, frames, facts.duration)


def _frames(data: bytes, numbers: list[int]) -> list[Image.Image]:
    found: dict[int, Image.Image] = {}
    with Image.open(io.BytesIO(data)) as image:
        for number in sorted(set(numbers)):
            image.seek(number)
            found[number] = image.convert("RGBA")
    return [found[number] for number in numbers]
